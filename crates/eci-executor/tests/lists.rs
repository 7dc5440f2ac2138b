//! Lists that are not what they should be: nothing is taken for gone because of them.
#![allow(clippy::unwrap_used)]

mod model;
mod scene;
mod services;

use eci_provider::{Pace, Provider};

use model::Cloud;
use scene::Scene;
use services::Lie;

const ALL: &str = r#"
[eip.front]
name = "front"
bandwidth = 5

[volume.data]
type = "DiskVolume"
fs_type = "ext4"
disk = { name = "data", size = 40, kind = "SATA" }

[container_group.a]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{ name = "main", image = "app:1" }]

[container_group.b]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{ name = "main", image = "app:1" }]

[container_group.c]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{ name = "main", image = "app:1" }]
"#;

const LIES: [Lie; 4] = [Lie::Dropped, Lie::Empty, Lie::Capped, Lie::Twice];

#[tokio::test(start_paused = true)]
async fn what_a_list_leaves_out_is_described_before_it_is_taken_for_gone() {
    let cloud = Cloud::default();
    let mut ids = cloud.fill(60);
    let provider = Provider::new(cloud.clone(), Pace::default());
    for lie in LIES {
        cloud.lie(Some(lie));
        assert_eq!(provider.looks(&ids).await.unwrap().len(), 180, "{lie:?}");
        // Asked for twice is asked for once.
        ids.push(ids[0].clone());
    }
    for gone in ["eci-007", "eip-007", "disk-007"] {
        cloud.remove(gone);
    }
    for lie in LIES {
        cloud.lie(Some(lie));
        let looks = provider.looks(&ids).await.unwrap();
        let gone = ids.iter().filter(|id| !looks.contains_key(id));
        let gone: Vec<&str> = gone.map(|id| id.as_str()).collect();
        assert_eq!(gone, ["eci-007", "eip-007", "disk-007"], "{lie:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lies_changes_no_plan() {
    let mut scene = Scene::new();
    let outcome = scene.apply(ALL).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let made = scene.cloud.log();
    for lie in LIES {
        scene.cloud.lie(Some(lie));
        let outcome = scene.apply(ALL).await;
        assert!(
            outcome.is_complete() && outcome.done.is_empty(),
            "{lie:?} {outcome:?}"
        );
    }
    assert_eq!(scene.cloud.log(), made);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_by_tag_that_counts_more_than_it_lists_tells_nothing() {
    let mut scene = Scene::new();
    scene.cloud.fate("a", model::Fate::CutAfter);
    let (stop, stopped) = eci_executor::Stop::new();
    let twice = async {
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        stop.press();
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        stop.press()
    };
    scene.cloud.lie(Some(Lie::Empty));
    let run = scene.run(ALL, Default::default(), stopped);
    let _ = tokio::join!(run, twice);
    assert!(scene.try_recover().await.is_err());
    scene.cloud.lie(None);
    scene.recover().await;
    let outcome = scene.apply(ALL).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let creates = scene.cloud.log().into_iter();
    assert_eq!(creates.filter(|call| call == "create a").count(), 1);
}
