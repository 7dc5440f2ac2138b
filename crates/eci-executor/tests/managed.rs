//! Managed EIPs and disks: created, changed, replaced, released, and recognized.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::sync::Arc;

use eci_core::{Address, Value};
use eci_executor::{Effects, StopHandle};
use eci_planner::{Action, Mode, PlannerOptions};
use eci_state::{Record, Snapshot, Store as _};

use harness::{Scene, group};
use model::{CreateOutcome, effects};

fn manifest(image: &str, eip: &str, disk: &str) -> String {
    format!(
        r#"
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
eip = "front"
[[container_group.web.containers]]
name = "main"
image = "{image}"
env = {{ ADDRESS = '${{eip.front.address}}' }}
volume_mounts = [{{ volume = "data", mount_path = "/data" }}]

[eip.front]
{eip}

[volume.data]
type = "DiskVolume"
fs_type = "ext4"
{disk}

[output.address]
value = '${{eip.front.address}}'
"#
    )
}

const EIP: &str = "bandwidth = 5";
const DISK: &str = r#"disk = { size = 40, kind = "SATA" }"#;

fn plain() -> String {
    manifest("app:1", EIP, DISK)
}

fn only_eip() -> &'static str {
    "[eip.front]\nbandwidth = 5\n"
}

fn id(scene: &Scene, address: &str) -> String {
    let resources = &scene.disk.snapshot().resources;
    resources[&address.parse().unwrap()].id.clone().unwrap()
}

fn open(snapshot: &Snapshot) -> usize {
    snapshot.open_intents.len()
}

#[tokio::test(start_paused = true)]
async fn both_are_created_once_and_attached_to_their_group() {
    let mut scene = Scene::new();
    let outcome = scene.apply(&plain()).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failed);
    assert_eq!(scene.cloud.objects(), ["eip front 5", "disk data 40"]);
    assert_eq!(
        scene.cloud.log(),
        ["ebs/new-ebs data", "eip/create front", "create web"]
    );
    assert_eq!(scene.cloud.early(), [""; 0]);
    // An EIP carries no tag by which it could be found again.
    let hastened = &scene.disk.hastened;
    assert!(hastened.iter().any(|it| it == "eip.front"), "{hastened:?}");
    let address = &scene.disk.snapshot().outputs["address"].value;
    assert!(matches!(address, Value::String(_)), "{address:?}");
    // What is applied again is empty.
    assert_eq!(scene.apply(&plain()).await.changed.len(), 0);
    assert_eq!(open(scene.disk.snapshot()), 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_creates_nothing_a_second_time() {
    let mut scene = Scene::new();
    for create_outcome in [
        CreateOutcome::CutAfter,
        CreateOutcome::CutBefore,
        CreateOutcome::CutAfter,
    ] {
        scene.cloud.set_outcome("front", create_outcome);
    }
    scene.cloud.set_outcome("data", CreateOutcome::CutAfter);
    assert!(scene.apply(&plain()).await.is_complete());
    assert_eq!(scene.cloud.objects(), ["eip front 5", "disk data 40"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_order_is_reported_and_leaves_nothing_open() {
    let mut scene = Scene::new();
    scene.cloud.fail_order("front");
    let outcome = scene.apply(&plain()).await;
    assert!(!outcome.is_complete());
    let lines = scene.heard("failed eip.front");
    assert!(lines[0].contains("failed: "), "{lines:?}");
    assert_eq!(scene.state(), ["volume.data"]);
    assert_eq!(open(scene.disk.snapshot()), 0);
    assert!(scene.apply(&plain()).await.is_complete());
    assert_eq!(scene.cloud.objects(), ["eip front 5", "disk data 40"]);
}

#[tokio::test(start_paused = true)]
async fn they_are_updated_in_place_and_a_mounted_disk_is_expanded_with_its_group() {
    let mut scene = Scene::new();
    scene.apply(&plain()).await;
    let (eip, disk) = (id(&scene, "eip.front"), id(&scene, "volume.data"));
    let group = id(&scene, "container_group.web");
    let now = manifest(
        "app:1",
        "bandwidth = 8\nname = \"other\"",
        r#"disk = { size = 60, kind = "SATA", name = "more" }"#,
    );
    let outcome = scene.apply(&now).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failed);
    assert_eq!(scene.cloud.objects(), ["eip other 8", "disk more 60"]);
    assert_eq!(
        scene.cloud.log()[3..],
        [
            format!("eip/change-name {eip}"),
            format!("ebs/update-attr-ebs {disk}"),
            format!("eip/modify-spec {eip}"),
            format!("grow {disk} by {group}"),
        ]
    );
    assert_eq!(scene.apply(&now).await.changed.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_group_is_replaced_and_address_and_data_stay() {
    let mut scene = Scene::new();
    scene.apply(&plain()).await;
    let before = (id(&scene, "eip.front"), id(&scene, "volume.data"));
    let other = plain().replace("vpc-1", "vpc-2");
    assert!(scene.apply(&other).await.is_complete());
    assert_eq!((id(&scene, "eip.front"), id(&scene, "volume.data")), before);
    assert_eq!(scene.cloud.names(), ["web"]);
}

#[tokio::test(start_paused = true)]
async fn a_new_eip_takes_the_place_of_the_old_one_without_a_gap() {
    let mut scene = Scene::new();
    scene.apply(&plain()).await;
    let old = id(&scene, "eip.front");
    let now = manifest("app:1", "bandwidth = 5\nline_type = \"bgp\"", DISK);
    let outcome = scene.apply(&now).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failed);
    assert_eq!(
        scene.cloud.log()[3..],
        [
            "eip/create front".to_owned(),
            format!("update {}", id(&scene, "container_group.web")),
            format!("eip/delete {old}"),
        ]
    );
    assert_eq!(scene.cloud.objects(), ["eip front 5", "disk data 40"]);
}

/// Nothing is called for an EIP that is only named, so that the next task begins at once.
#[tokio::test(start_paused = true)]
async fn an_eip_that_is_replaced_by_an_existing_one_is_released_in_the_same_run() {
    for was_used in [false, true] {
        let eip_is = |eip: &str| {
            if was_used {
                // The address of an existing EIP is reported by the group that reads it.
                manifest("app:1", eip, DISK).replace("ADDRESS = '${eip.front.address}'", "")
            } else {
                format!("[eip.front]\n{eip}\n")
            }
        };
        let mut scene = Scene::new();
        scene.apply(&eip_is("bandwidth = 5")).await;
        let old = id(&scene, "eip.front");
        let existing = eip_is("id = \"eip-there\"");
        let outcome = scene.apply(&existing).await;
        assert!(outcome.is_complete(), "{:?}", outcome.failed);
        let deleted = format!("eip/delete {old}");
        assert!(scene.cloud.log().contains(&deleted), "{was_used}");
        assert_eq!(open(scene.disk.snapshot()), 0);
        assert!(scene.plan(&existing).await.is_idle(), "{was_used}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_outlives_its_group_is_deleted_after_it() {
    let mut scene = Scene::new();
    let unmanaged = plain().replace(
        "fs_type",
        "lifecycle = { prevent_destroy = false }\nfs_type",
    );
    scene.apply(&unmanaged).await;
    let options = PlannerOptions::default().with_mode(Mode::Destroy);
    let outcome = scene
        .run(&unmanaged, options, StopHandle::new())
        .await
        .unwrap();
    assert!(outcome.is_complete(), "{:?}", outcome.failed);
    assert_eq!(scene.cloud.objects(), [""; 0]);
    assert_eq!(scene.state(), [""; 0]);
}

/// A run that dies after its order was placed.
async fn interrupt(scene: &mut Scene, manifest: &str, after: u64) {
    let stop = eci_executor::StopHandle::new();
    let stopped = stop.clone();
    let timer = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(after)).await;
        stop.request_stop();
        stop.request_stop();
        stop
    });
    let _ = scene
        .run(manifest, PlannerOptions::default(), stopped)
        .await;
    timer.abort();
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_order_is_continued() {
    for after in [1, 3, 5, 8] {
        let mut scene = Scene::new();
        interrupt(&mut scene, only_eip(), after).await;
        scene.recover().await;
        assert!(scene.apply(only_eip()).await.is_complete());
        assert_eq!(scene.state(), ["eip.front"], "after {after} s");
        assert_eq!(open(scene.disk.snapshot()), 0, "after {after} s");
        assert!(scene.apply(only_eip()).await.changed.is_empty());
        assert_eq!(scene.cloud.objects(), ["eip front 5"], "after {after} s");
        assert_eq!(scene.cloud.log(), ["eip/create front"], "after {after} s");
    }
}

/// The manifest changes before the order of unknown outcome is continued.
#[tokio::test(start_paused = true)]
async fn an_order_of_unknown_outcome_is_continued_and_changed_in_one_run() {
    let other_bandwidth = only_eip().replace("bandwidth = 5", "bandwidth = 7");
    let other_line = only_eip().replace("bandwidth = 5", "bandwidth = 5\nline_type = \"bgp\"");
    let cases = [
        (only_eip().to_owned(), "eip front 5", Action::Create),
        (other_bandwidth, "eip front 7", Action::Update),
        (other_line, "eip front 5", Action::Replace),
        (String::new(), "", Action::Delete),
    ];
    for (manifest, left, action) in cases {
        // Before that, the list of EIPs is read.
        for after in [3, 5] {
            let mut scene = Scene::new();
            interrupt(&mut scene, only_eip(), after).await;
            scene.recover().await;
            assert_eq!(open(scene.disk.snapshot()), 1);
            let plan = scene.plan(&manifest).await;
            let [step] = plan.steps() else {
                panic!("{:?}", plan.steps());
            };
            assert_eq!((step.action, step.pending.is_some()), (action, true));
            let outcome = scene.apply(&manifest).await;
            assert!(
                outcome.is_complete(),
                "{action:?} after {after} s: {outcome:?}"
            );
            let objects = scene.cloud.objects().join(", ");
            assert_eq!(objects, left, "{action:?} after {after} s");
            assert_eq!(open(scene.disk.snapshot()), 0, "{action:?} after {after} s");
            let plan = scene.plan(&manifest).await;
            assert!(plan.is_idle(), "{action:?} after {after} s: {plan:#?}");
        }
    }
}

fn days_later(unique: Effects) -> Effects {
    Effects {
        clock: Arc::new(|| "2026-01-03T00:00:00Z".parse().unwrap_or_default()),
        ..unique
    }
}

#[tokio::test(start_paused = true)]
async fn days_later_an_order_is_found_by_its_id_and_nothing_is_ordered() {
    let mut scene = Scene::new();
    interrupt(&mut scene, only_eip(), 5).await;
    assert!(scene.disk.snapshot().open_intents[0].order.is_some());
    scene.cloud.forget_tokens();
    scene.recover_with(&days_later(effects())).await;
    assert_eq!(scene.cloud.objects(), ["eip front 5"]);
    assert_eq!(scene.state(), ["eip.front"]);
}

#[tokio::test(start_paused = true)]
async fn days_later_what_no_order_is_known_of_is_found_by_its_name_and_label() {
    for (manifest, name, kind) in [
        (only_eip().to_owned(), "front", "eip.front"),
        (
            format!("[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n{DISK}\n"),
            "data",
            "volume.data",
        ),
    ] {
        let mut scene = Scene::new();
        // It is ordered, and no answer ever comes.
        scene.cloud.set_outcome(name, CreateOutcome::CutAfter);
        interrupt(&mut scene, &manifest, 2).await;
        assert_eq!(scene.disk.snapshot().open_intents[0].order, None, "{kind}");
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        scene.cloud.forget_tokens();
        scene.recover_with(&days_later(effects())).await;
        assert_eq!(scene.state(), [kind]);
        assert_eq!(scene.cloud.objects().len(), 1, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_eip_that_is_still_bound_is_deleted_when_its_group_has_the_new_one() {
    let now = manifest("app:1", "bandwidth = 5\nline_type = \"bgp\"", DISK);
    let mut still_bound = 0;
    for after in 2..20 {
        let mut scene = Scene::new();
        scene.apply(&plain()).await;
        interrupt(&mut scene, &now, after).await;
        scene.recover().await;
        still_bound += open(scene.disk.snapshot());
        assert!(scene.apply(&now).await.is_complete(), "after {after} s");
        assert_eq!(
            scene.cloud.objects(),
            ["eip front 5", "disk data 40"],
            "after {after} s"
        );
        assert_eq!(open(scene.disk.snapshot()), 0, "after {after} s");
    }
    assert!(still_bound > 0, "none was still bound");
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_released_is_retried_under_another_token() {
    let mut scene = Scene::new();
    scene.apply(&plain()).await;
    let old = id(&scene, "eip.front");
    let now = manifest("app:1", "bandwidth = 5\nline_type = \"bgp\"", DISK);
    scene.cloud.fail_order(&old);
    assert!(!scene.apply(&now).await.is_complete());
    assert_eq!(open(scene.disk.snapshot()), 1);
    // The token of the failed order would return the same failure for a day.
    scene.recover().await;
    assert_eq!(scene.cloud.objects().len(), 3);
    let outcome = scene.apply(&now).await;
    assert_eq!(outcome.changed.get("delete"), Some(&1), "{outcome:?}");
    assert_eq!(scene.cloud.objects(), ["eip front 5", "disk data 40"]);
    assert_eq!(open(scene.disk.snapshot()), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failed_release_stops_nothing_else() {
    let mut scene = Scene::new();
    scene.apply(&plain()).await;
    let old = id(&scene, "eip.front");
    let now = manifest("app:1", "bandwidth = 5\nline_type = \"bgp\"", DISK);
    for _ in 0..2 {
        scene.cloud.fail_order(&old);
    }
    scene.apply(&now).await;
    scene.recover().await;
    assert_eq!(open(scene.disk.snapshot()), 1);
    let now = now.replace("app:1", "app:2");
    let outcome = scene.apply(&now).await;
    let problem = outcome.failed[0].problem.to_string();
    assert!(problem.contains("failed: "), "{problem}");
    assert_eq!(outcome.failed.len(), 1);
    assert_eq!(outcome.changed.get("update"), Some(&1), "{outcome:?}");
    assert_eq!(open(scene.disk.snapshot()), 1);
    let outcome = scene.apply(&now).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failed);
    assert_eq!(scene.cloud.objects(), ["eip front 5", "disk data 40"]);
}

#[tokio::test(start_paused = true)]
async fn a_disk_grows_while_its_group_is_deleted() {
    let mut scene = Scene::new();
    let two = |holder: &str, size: u8| {
        let group = |label: &str| {
            let mounts = if label == holder {
                "volume_mounts = [{ volume = \"data\", mount_path = \"/data\" }]"
            } else {
                ""
            };
            format!(
                "[container_group.{label}]\nvpc_id = \"vpc-{holder}\"\nvswitch_id = \"s\"\n\
                 security_group_id = \"sg\"\naz_name = \"zone-1\"\n\
                 [[container_group.{label}.containers]]\nname = \"main\"\nimage = \"i\"\n{mounts}\n"
            )
        };
        let (one, other) = (group("one"), group("other"));
        let disk = format!("disk = {{ size = {size}, kind = \"SATA\" }}");
        format!("{one}{other}[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n{disk}\n")
    };
    scene.apply(&two("one", 40)).await;
    let outcome = scene.apply(&two("other", 60)).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failed);
    assert_eq!(scene.cloud.objects(), ["disk data 60"]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_lost_answer_does_not_say_that_nothing_was_ordered() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("front", CreateOutcome::CutAfter);
    for _ in 0..40 {
        scene.cloud.set_outcome("front", CreateOutcome::Busy);
    }
    assert!(!scene.apply(only_eip()).await.is_complete());
    assert_eq!(open(scene.disk.snapshot()), 1);
    assert_eq!(scene.cloud.objects(), ["eip front 5"]);
    scene.recover().await;
    assert!(scene.apply(only_eip()).await.is_complete());
    assert_eq!(scene.state(), ["eip.front"]);
    assert_eq!(scene.cloud.objects(), ["eip front 5"]);
}

#[tokio::test(start_paused = true)]
async fn an_eip_that_an_interrupted_change_gave_to_a_group_is_taken_from_it_again() {
    let group = |eip: &str| {
        format!(
            "[container_group.web]\nvpc_id = \"v\"\nvswitch_id = \"s\"\nsecurity_group_id = \"g\"\n\
             az_name = \"z\"\n{eip}\ncontainers = [{{ name = \"main\", image = \"i\" }}]\n"
        )
    };
    for after in 1..8 {
        let mut scene = Scene::new();
        let before = format!("{}{}", group(""), only_eip());
        scene.apply(&before).await;
        let with = format!("{}{}", group("eip = \"front\""), only_eip());
        interrupt(&mut scene, &with, after).await;
        scene.recover().await;
        // The change of the manifest is reverted.
        let outcome = scene.apply(&group("")).await;
        assert!(
            outcome.is_complete(),
            "after {after} s: {:?}",
            outcome.failed
        );
        assert_eq!(scene.cloud.objects(), [""; 0], "after {after} s");
    }
}

#[tokio::test(start_paused = true)]
async fn an_output_has_the_status_of_an_eip_at_the_end_of_the_run() {
    let mut scene = Scene::new();
    let manifest =
        plain() + "\n[output.status]\nvalue = '${eip.front.status} ${volume.data.status}'\n";
    let status = |scene: &Scene| scene.disk.snapshot().outputs["status"].value.clone();
    scene.apply(&manifest).await;
    assert_eq!(status(&scene), Value::from("ACTIVE in-use"));
    // Without its group, it is free.
    let group = manifest.find("[eip.front]").unwrap();
    scene.apply(&manifest[group..]).await;
    assert_eq!(status(&scene), Value::from("DOWN available"));
}

/// An EIP may have to be detached from an imported group before any other change.
#[tokio::test(start_paused = true)]
async fn the_eip_of_an_imported_group_is_detached_first_where_another_group_requires_it() {
    let with = |name: &str, eip: &str| group(name) + &format!("eip = \"{eip}\"\n");
    let eips = "[eip.front]\n[eip.back]\n".to_owned();
    let mut scene = Scene::new();
    let first = eips.clone() + &with("a", "front") + &with("b", "back");
    assert!(scene.apply(&first).await.is_complete());
    let address: Address = "container_group.a".parse().unwrap();
    let id = scene.disk.snapshot().resources[&address].id.clone();
    let time = "2026-01-01T00:00:00Z".to_owned();
    let removed = [Record::Removed { address, time }];
    scene.disk.append(&removed).unwrap();
    let import = format!(
        "[[import]]\nto = \"container_group.a\"\nid = \"{}\"\n",
        id.unwrap()
    );
    let swapped = eips + &with("a", "back") + &with("b", "front") + &import;
    let outcome = scene.apply(&swapped).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(scene.plan(&swapped).await.is_empty());
    assert!(scene.disk.snapshot().open_intents.is_empty());
}
