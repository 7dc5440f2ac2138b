//! Answers to creates that name what others have: none of it is recorded as ours.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::sync::Arc;

use eci_executor::orphans::{find, remove};
use eci_executor::{ApplyOutcome, Effects, StopHandle, TaskError};
use eci_planner::PlannerOptions;
use eci_provider::{ResourceProvider, Throttle};
use eci_state::{Snapshot, Store as _};

use harness::{Scene, group};
use model::{CreateOutcome, effects, settings};

const EIP: &str = "[eip.front]\nbandwidth = 5\n";
const DISK: &str = "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                    disk = { size = 40, kind = \"SATA\" }\n";

/// The ids in the state.
fn known(scene: &Scene) -> Vec<String> {
    let resources = scene.disk.snapshot().resources.values();
    resources.filter_map(|state| state.id.clone()).collect()
}

/// Checks that the run reports that an answer named this.
#[track_caller]
fn reports(outcome: &ApplyOutcome, foreign: &str) {
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    let TaskError::UnexpectedId { id } = &failure.problem else {
        panic!("{:?}", failure.problem);
    };
    assert_eq!(id, foreign);
}

#[tokio::test(start_paused = true)]
async fn a_container_group_without_a_tag_is_not_recognized_as_the_created_one() {
    let mut other = Scene::new();
    other.apply(&group("theirs")).await;
    other.cloud.unmark("eci-1");
    let mut scene = Scene::on(other.cloud.clone());
    scene
        .cloud
        .set_outcome("ours", CreateOutcome::Named("eci-1"));
    let outcome = scene.apply(&group("ours")).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(known(&scene), ["eci-2"], "found by its tag");
}

#[tokio::test(start_paused = true)]
async fn an_eip_or_a_disk_of_others_is_not_recorded_whatever_an_order_names() {
    // Another EIP; and for a disk an EIP's id, and a disk of another name.
    let cases = [
        (EIP, "eip-theirs00001"),
        (DISK, "eip-theirs00001"),
        (DISK, "disk-theirs"),
    ];
    for (manifest, foreign) in cases {
        let mut scene = Scene::new();
        scene.cloud.add_eip("eip-theirs00001");
        scene.cloud.add_disk("disk-theirs");
        let before = scene.cloud.objects();
        scene.cloud.name_in_orders(Some(foreign));
        reports(&scene.apply(manifest).await, foreign);
        assert_eq!(known(&scene), [""; 0], "{foreign}");

        // The order still names it: its result is found by its label or its name.
        scene.recover().await;
        let [ours] = &known(&scene)[..] else {
            panic!("{foreign}: {:?}", known(&scene));
        };
        assert_ne!(ours, foreign);
        assert!(scene.apply(manifest).await.changed.is_empty());
        assert_eq!(scene.cloud.objects().len(), before.len() + 1);

        // What is deleted is ours.
        scene.cloud.name_in_orders(None);
        let provider =
            "[provider]\nregion_id = \"r\"\n[[removed]]\nfrom = \"volume.data\"\ndestroy = true\n";
        let without = if manifest == DISK { provider } else { "" };
        scene.apply(without).await;
        assert_eq!(scene.cloud.objects(), before, "{foreign}");
    }
}

/// Whatever the clocks say: just before the order, at its time, and after it.
const TIMES: [&str; 3] = [
    "2025-12-31T23:59:58Z",
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:30:00Z",
];

#[tokio::test(start_paused = true)]
async fn an_eip_that_was_listed_before_the_order_is_not_recorded() {
    for created in TIMES {
        let mut scene = Scene::new();
        let id = "eip-theirs00001";
        scene.cloud.add_namesake(id, "front", created);
        scene.cloud.name_in_orders(Some(id));
        reports(&scene.apply(EIP).await, id);
        assert_eq!(known(&scene), [""; 0]);

        // The order still names it; by its name, only what was created since is found.
        scene.recover().await;
        let [ours] = &known(&scene)[..] else {
            panic!("{created}: {:?}", known(&scene));
        };
        assert_ne!(ours, id, "{created}");
        assert!(scene.apply(EIP).await.changed.is_empty());
        assert_eq!(scene.cloud.objects().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_eip_that_was_listed_before_a_run_ended_is_not_recorded_by_the_next_one() {
    for (created, at) in TIMES.into_iter().flat_map(|time| [(time, 2), (time, 3)]) {
        let mut scene = Scene::new();
        let id = "eip-theirs00001";
        scene.cloud.add_namesake(id, "front", created);
        // The process ends before the call, or after it.
        scene.disk.fill_after(at);
        let run = scene.run(EIP, PlannerOptions::default(), StopHandle::new());
        assert!(run.await.is_err());
        scene.disk.full_from = None;
        scene.recover().await;
        assert!(scene.apply(EIP).await.is_complete());
        let [ours] = &known(&scene)[..] else {
            panic!("{created} {at}: {:?}", known(&scene));
        };
        assert_ne!(ours, id, "{created} {at}");
        assert_eq!(scene.cloud.objects().len(), 2);
    }
}

/// A proxy dates the answers by its own clock, and the cloud still accepts that time.
#[tokio::test(start_paused = true)]
async fn an_eip_is_recognized_although_the_date_of_answers_is_ahead() {
    let ahead = Effects {
        clock: Arc::new(|| "2026-01-01T00:14:00Z".parse().unwrap_or_default()),
        ..effects()
    };
    // The process ends before the call, after it, or not at all.
    for at in [2, 3, 9] {
        let mut scene = Scene::new();
        scene.disk.fill_after(at);
        let run = scene.run_at(&ahead, EIP, PlannerOptions::default(), StopHandle::new());
        let outcome = run.await;
        assert_eq!(outcome.is_ok_and(|it| it.is_complete()), at == 9, "{at}");
        scene.disk.full_from = None;
        scene.recover().await;
        assert!(scene.apply(EIP).await.is_complete(), "{at}");
        assert_eq!(known(&scene).len(), 1);
        assert_eq!(scene.cloud.objects().len(), 1);
    }
}

/// Another state takes an orphan over between the list and the delete.
#[tokio::test(start_paused = true)]
async fn an_orphan_that_another_state_has_taken_over_is_not_deleted() {
    let mut scene = Scene::new();
    scene
        .apply(&(group("first") + &group("second") + &group("third")))
        .await;
    let lost = scene.disk.snapshot().clone();
    let state = Snapshot::new(lost.lineage.clone(), lost.digest_key.clone());
    let provider = ResourceProvider::new(scene.cloud.clone(), Throttle::default());
    let orphans = find(&state, &[], &provider).await.unwrap();
    assert_eq!(orphans.len(), 3);
    scene.cloud.take_over("eci-1", "another.op1");
    scene.cloud.unmark("eci-2");
    let left = remove(&provider, &orphans, &settings()).await.unwrap();
    let left: Vec<String> = left
        .iter()
        .map(|(id, why)| format!("{id} {why:?}"))
        .collect();
    assert_eq!(left, ["eci-1 TakenOver", "eci-2 TakenOver"]);
    assert_eq!(scene.cloud.names().len(), 2);
}
