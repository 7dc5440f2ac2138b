//! Answers to creates that name what others have: none of it is recorded as ours.
#![allow(clippy::unwrap_used)]

mod model;
mod scene;
mod services;

use eci_executor::orphans::{found, remove};
use eci_executor::{Outcome, Problem};
use eci_provider::{Pace, Provider};
use eci_state::{Snapshot, Store as _};

use model::{Fate, settings};
use scene::{Scene, group};

const EIP: &str = "[eip.front]\nbandwidth = 5\n";
const DISK: &str = "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                    disk = { size = 40, kind = \"SATA\" }\n";

/// The ids in the state.
fn known(scene: &Scene) -> Vec<String> {
    let resources = scene.disk.snapshot().resources.values();
    resources.filter_map(|state| state.id.clone()).collect()
}

/// Whether the run reports that an answer named this.
#[track_caller]
fn reports(outcome: &Outcome, foreign: &str) {
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    let Problem::NotRecognized { id } = &failure.problem else {
        panic!("{:?}", failure.problem);
    };
    assert_eq!(id, foreign);
}

#[tokio::test(start_paused = true)]
async fn a_container_group_without_a_tag_is_not_taken_for_the_one_that_was_created() {
    let mut other = Scene::new();
    other.apply(&group("theirs")).await;
    other.cloud.unmark("eci-1");
    let mut scene = Scene::on(other.cloud.clone());
    scene.cloud.fate("ours", Fate::Named("eci-1"));
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
        let before = scene.cloud.things();
        scene.cloud.name_in_orders(Some(foreign));
        reports(&scene.apply(manifest).await, foreign);
        assert_eq!(known(&scene), [""; 0], "{foreign}");

        // The order still names it: what was made is found by its label or its name.
        scene.recover().await;
        let [ours] = &known(&scene)[..] else {
            panic!("{foreign}: {:?}", known(&scene));
        };
        assert_ne!(ours, foreign);
        assert!(scene.apply(manifest).await.done.is_empty());
        assert_eq!(scene.cloud.things().len(), before.len() + 1);

        // What is deleted is ours.
        scene.cloud.name_in_orders(None);
        let provider =
            "[provider]\nregion_id = \"r\"\n[[removed]]\nfrom = \"volume.data\"\ndestroy = true\n";
        let without = if manifest == DISK { provider } else { "" };
        scene.apply(without).await;
        assert_eq!(scene.cloud.things(), before, "{foreign}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_eip_of_the_same_name_that_was_created_shortly_before_is_not_recorded() {
    let mut scene = Scene::new();
    // The clock stands still.
    let (id, before) = ("eip-theirs00001", "2025-12-31T23:59:50Z");
    scene.cloud.add_namesake(id, "front", before);
    scene.cloud.name_in_orders(Some(id));
    reports(&scene.apply(EIP).await, id);
    assert_eq!(known(&scene), [""; 0]);
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
    let provider = Provider::new(scene.cloud.clone(), Pace::default());
    let orphans = found(&state, &[], &provider).await.unwrap();
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
