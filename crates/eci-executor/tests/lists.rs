//! Wrong lists: no object counts as missing because of them.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::sync::LazyLock;

use eci_provider::{ResourceProvider, Throttle};

use harness::{EIP_AND_DISK, Scene, group};
use model::Cloud;
use services::Lie;

static ALL: LazyLock<String> =
    LazyLock::new(|| [EIP_AND_DISK, &group("a"), &group("b"), &group("c")].concat());

const LIES: [Lie; 4] = [Lie::Dropped, Lie::Empty, Lie::Capped, Lie::Twice];

#[tokio::test(start_paused = true)]
async fn objects_that_a_list_omits_are_read_before_they_count_as_missing() {
    let cloud = Cloud::default();
    let mut ids = cloud.fill(60);
    let provider = ResourceProvider::new(cloud.clone(), Throttle::default());
    for lie in LIES {
        cloud.lie(Some(lie));
        assert_eq!(
            provider.describe_many(&ids).await.unwrap().len(),
            180,
            "{lie:?}"
        );
        // An ID that is requested twice is read once.
        ids.push(ids[0].clone());
    }
    for missing in ["eci-007", "eip-007", "disk-007"] {
        cloud.remove(missing);
    }
    for lie in LIES {
        cloud.lie(Some(lie));
        let remotes = provider.describe_many(&ids).await.unwrap();
        let missing = ids.iter().filter(|id| !remotes.contains_key(id));
        let missing: Vec<&str> = missing.map(|id| id.as_str()).collect();
        assert_eq!(missing, ["eci-007", "eip-007", "disk-007"], "{lie:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lies_changes_no_plan() {
    let mut scene = Scene::new();
    let outcome = scene.apply(&ALL).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let before = scene.cloud.log();
    for lie in LIES {
        scene.cloud.lie(Some(lie));
        let outcome = scene.apply(&ALL).await;
        assert!(
            outcome.is_complete() && outcome.changed.is_empty(),
            "{lie:?} {outcome:?}"
        );
    }
    assert_eq!(scene.cloud.log(), before);
}

#[tokio::test(start_paused = true)]
async fn a_lookup_by_tag_that_counts_more_than_it_lists_is_inconclusive() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", model::CreateOutcome::CutAfter);
    let stop = eci_executor::StopHandle::new();
    let stopped = stop.clone();
    let twice = async {
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        stop.request_stop();
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        stop.request_stop()
    };
    scene.cloud.lie(Some(Lie::Empty));
    let run = scene.run(&ALL, Default::default(), stopped);
    let _ = tokio::join!(run, twice);
    assert!(scene.try_recover().await.is_err());
    scene.cloud.lie(None);
    scene.recover().await;
    let outcome = scene.apply(&ALL).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let creates = scene.cloud.log().into_iter();
    assert_eq!(creates.filter(|call| call == "create a").count(), 1);
}
