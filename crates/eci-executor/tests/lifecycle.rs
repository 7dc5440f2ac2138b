//! Records in the state of `prevent_destroy`, `replace_triggered_by`, default names and
//! dependencies.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::time::Duration;

use eci_core::Address;
use eci_executor::StopHandle;
use eci_planner::PlannerOptions;
use eci_state::{ResourceState, Store as _};

use harness::Scene;
use model::CreateOutcome;

fn group(name: &str, lifecycle: &str) -> String {
    format!(
        "[container_group.{name}]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
         security_group_id = \"sg-1\"\naz_name = \"zone-1\"\nlifecycle = {{ {lifecycle} }}\n\
         containers = [{{ name = \"main\", image = \"{name}:1\" }}]\n"
    )
}

fn triggered() -> String {
    let triggers = "replace_triggered_by = [\"container_group.db\"]";
    group("db", "") + &group("app", triggers)
}

fn recorded(scene: &Scene, name: &str) -> ResourceState {
    let address: Address = format!("container_group.{name}").parse().unwrap();
    scene.disk.snapshot().resources[&address].clone()
}

fn only(target: &str) -> PlannerOptions {
    PlannerOptions::default().with_targets(vec![target.parse().unwrap()])
}

#[tokio::test(start_paused = true)]
async fn a_trigger_that_alone_is_targeted_replaces_its_dependents_in_the_next_run() {
    for change in [("db:1", "db:2"), ("vpc-1", "vpc-2")] {
        let mut scene = Scene::new();
        scene.apply(&triggered()).await;
        let changed = triggered().replacen(change.0, change.1, 1);
        let run = scene.run(&changed, only("container_group.db"), StopHandle::new());
        assert!(run.await.unwrap().is_complete());
        let db: Address = "container_group.db".parse().unwrap();
        assert_eq!(recorded(&scene, "app").replacement_pending, Some(db));
        let outcome = scene.apply(&changed).await;
        assert_eq!(outcome.changed.get("replace"), Some(&1), "{outcome:?}");
        assert_eq!(recorded(&scene, "app").replacement_pending, None);
        assert!(scene.apply(&changed).await.changed.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_fails_stays_pending() {
    let mut scene = Scene::new();
    // The old one stays until there is a new one, so that the state still records it.
    let manifest = triggered().replace(
        "replace_triggered_by",
        "create_before_destroy = true, replace_triggered_by",
    );
    scene.apply(&manifest).await;
    let changed = manifest.replace("db:1", "db:2");
    scene.cloud.set_outcome("app", CreateOutcome::Refused);
    assert_eq!(scene.apply(&changed).await.failed.len(), 1);
    let before = recorded(&scene, "app").id;
    let outcome = scene.apply(&changed).await;
    assert_eq!(outcome.changed.get("replace"), Some(&1), "{outcome:?}");
    assert_ne!(recorded(&scene, "app").id, before);
    assert!(scene.apply(&changed).await.changed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_trigger_whose_change_fails_replaces_nothing() {
    let mut scene = Scene::new();
    scene.apply(&triggered()).await;
    let first = triggered().replacen("vpc-1", "vpc-2", 1).replacen(
        "lifecycle = {  }",
        "lifecycle = { create_before_destroy = true }",
        1,
    );
    scene.cloud.set_outcome("db", CreateOutcome::Refused);
    let run = scene.run(&first, only("container_group.db"), StopHandle::new());
    assert_eq!(run.await.unwrap().failed.len(), 1);
    assert_eq!(recorded(&scene, "app").replacement_pending, None);
    assert!(scene.apply(&triggered()).await.changed.is_empty());
}

/// The dependent is deleted first, and nothing is known of the change that is the reason for that.
#[tokio::test(start_paused = true)]
async fn a_dependent_is_deleted_only_once_its_trigger_is_changed() {
    // As often as it is sent again.
    for (create_outcome, times) in [(CreateOutcome::Refused, 1), (CreateOutcome::CutBefore, 100)] {
        let mut scene = Scene::new();
        scene.apply(&triggered()).await;
        let changed = triggered().replace("db:1", "db:2");
        (0..times).for_each(|_| scene.cloud.set_outcome("eci-1", create_outcome));
        assert!(!scene.apply(&changed).await.is_complete());
        scene.cloud.heal("eci-1");
        assert!(
            scene.cloud.names().contains(&"app".to_owned()),
            "{create_outcome:?}"
        );
        scene.recover().await;
        assert!(
            scene.apply(&changed).await.is_complete(),
            "{create_outcome:?}"
        );
        let log = scene.cloud.log();
        assert_eq!(log[log.len() - 2..], ["delete eci-2", "create app"]);
        assert!(
            scene.apply(&changed).await.changed.is_empty(),
            "{create_outcome:?}"
        );
    }
}

/// Wherever the run dies, the dependent is replaced once its trigger was.
#[tokio::test(start_paused = true)]
async fn a_run_that_dies_forgets_no_replacement() {
    let manifest = triggered().replace(
        "replace_triggered_by",
        "create_before_destroy = true, replace_triggered_by",
    );
    for full_from in 2..12 {
        let mut scene = Scene::new();
        scene.apply(&manifest).await;
        let [db, app] = ["db", "app"].map(|name| recorded(&scene, name).id);
        let changed = manifest.replacen("vpc-1", "vpc-2", 1);
        scene.disk.fill_after(full_from);
        let _ = scene
            .run(&changed, PlannerOptions::default(), StopHandle::new())
            .await;
        scene.disk.full_from = None;
        for _ in 0..3 {
            scene.recover().await;
            scene.apply(&changed).await;
        }
        assert_ne!(recorded(&scene, "db").id, db, "{full_from}");
        assert_ne!(recorded(&scene, "app").id, app, "{full_from}");
        assert!(
            scene.apply(&changed).await.changed.is_empty(),
            "{full_from}"
        );
    }
}

/// No run observes the end of the change of a trigger, which took effect.
#[tokio::test(start_paused = true)]
async fn a_trigger_whose_change_is_lost_replaces_its_dependents_in_the_next_run() {
    let triggers = |by: &str| group("app", &format!("replace_triggered_by = [\"{by}\"]"));
    let disk = "[volume.db]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 40, kind = \"SATA\", name = \"db\" }\n";
    let cases = [
        (
            group("db", "") + &triggers("container_group.db"),
            ("db:1", "db:2"),
        ),
        (
            "[eip.db]\nbandwidth = 5\n".to_owned() + &triggers("eip.db"),
            ("= 5", "= 6"),
        ),
        (
            disk.to_owned() + &triggers("volume.db"),
            ("size = 40", "size = 60"),
        ),
    ];
    for (manifest, (before, after)) in &cases {
        let changed = manifest.replace(before, after);
        // The process ends once the change is sent; what it was to change stays or is taken back.
        for next in [&changed, manifest] {
            let mut scene = Scene::new();
            scene.apply(manifest).await;
            let app = recorded(&scene, "app").id;
            scene.disk.fill_after(3);
            let run = scene.run(&changed, PlannerOptions::default(), StopHandle::new());
            assert!(run.await.is_err());
            scene.disk.full_from = None;
            assert_eq!(recorded(&scene, "app").id, app, "{next}");
            scene.recover().await;
            let outcome = scene.apply(next).await;
            if before.starts_with("size") && next == manifest {
                // A disk does not shrink.
                continue;
            }
            assert!(outcome.is_complete(), "{next}: {outcome:?}");
            assert_ne!(recorded(&scene, "app").id, app, "{next}");
            assert!(scene.plan(next).await.is_idle(), "{next}");
        }
        // It ends before the change is sent, which is taken back: nothing is triggered.
        let mut scene = Scene::new();
        scene.apply(manifest).await;
        let app = recorded(&scene, "app").id;
        scene.disk.fill_after(2);
        let run = scene.run(&changed, PlannerOptions::default(), StopHandle::new());
        assert!(run.await.is_err());
        scene.disk.full_from = None;
        scene.recover().await;
        assert!(scene.apply(manifest).await.is_complete());
        assert_eq!(recorded(&scene, "app").id, app, "{manifest}");
    }
}

/// The change of a trigger is interrupted, each time that it is sent.
async fn interrupt_change(scene: &mut Scene, manifest: &str) {
    (0..100).for_each(|_| scene.cloud.set_outcome("eci-1", CreateOutcome::CutBefore));
    assert!(!scene.apply(manifest).await.is_complete());
    scene.cloud.heal("eci-1");
}

#[tokio::test(start_paused = true)]
async fn a_trigger_that_changes_late_replaces_its_dependents() {
    let mut scene = Scene::new();
    scene.apply(&triggered()).await;
    let app = recorded(&scene, "app").id;
    let changed = triggered().replace("db:1", "db:2");
    interrupt_change(&mut scene, &changed).await;
    // It takes effect while the next run finds out.
    let cloud = scene.cloud.clone();
    let late = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(10)).await;
        cloud.edit("db", |db| db["containers"][0]["image"] = "db:2".into());
    });
    scene.recover().await;
    late.await.unwrap();
    assert!(scene.apply(&changed).await.is_complete());
    assert_ne!(recorded(&scene, "app").id, app);
}

#[tokio::test(start_paused = true)]
async fn a_trigger_whose_change_took_no_effect_replaces_nothing() {
    let mut scene = Scene::new();
    scene.apply(&triggered()).await;
    let app = recorded(&scene, "app").id;
    interrupt_change(&mut scene, &triggered().replace("db:1", "db:2")).await;
    scene.recover().await;
    assert!(scene.apply(&triggered()).await.is_complete());
    assert_eq!(recorded(&scene, "app").id, app);
}

/// A default name is kept while the replacement of what has it fails.
#[tokio::test(start_paused = true)]
async fn a_kept_name_outlives_a_replacement_that_fails() {
    for create_outcome in [CreateOutcome::Refused, CreateOutcome::CutBefore] {
        let mut scene = Scene::new();
        scene.apply(&group("db", "")).await;
        let moved = "[[moved]]\nfrom = \"container_group.db\"\nto = \"container_group.data\"\n";
        let data = moved.to_owned() + &group("data", "").replace("data:1", "db:1");
        assert!(!scene.apply(&data).await.changed.contains_key("create"));
        let changed = data.replace("vpc-1", "vpc-2");
        (0..100).for_each(|_| scene.cloud.set_outcome("db", create_outcome));
        assert!(!scene.apply(&changed).await.is_complete());
        scene.cloud.heal("db");
        scene.recover().await;
        assert!(
            scene.apply(&changed).await.is_complete(),
            "{create_outcome:?}"
        );
        assert_eq!(scene.cloud.names(), ["db"], "{create_outcome:?}");
        assert!(scene.disk.snapshot().names.is_empty());
    }
    // It follows a `[[moved]]`.
    let mut scene = Scene::new();
    scene.apply(&group("db", "")).await;
    let elsewhere = |name: &str| group(name, "").replace("vpc-1", "vpc-2");
    scene.cloud.set_outcome("db", CreateOutcome::Refused);
    assert!(!scene.apply(&elsewhere("db")).await.is_complete());
    let moved = "[[moved]]\nfrom = \"container_group.db\"\nto = \"container_group.data\"\n";
    let data = moved.to_owned() + &elsewhere("data");
    assert!(scene.apply(&data).await.is_complete());
    assert_eq!(scene.cloud.names(), ["db"]);
    assert!(scene.disk.snapshot().names.is_empty());
    // What is not to be created again has no name to keep.
    let mut scene = Scene::new();
    scene.apply(&(group("db", "") + &group("app", ""))).await;
    scene.cloud.set_outcome("db", CreateOutcome::Refused);
    let both = group("db", "").replace("vpc-1", "vpc-2") + &group("app", "");
    assert!(!scene.apply(&both).await.is_complete());
    assert_eq!(scene.disk.snapshot().names.len(), 1);
    let app = group("app", "").replace("app:1", "app:2");
    assert!(scene.apply(&app).await.is_complete());
    assert!(scene.disk.snapshot().names.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_protected_is_recorded_with_and_without_a_change() {
    let mut scene = Scene::new();
    scene.apply(&group("db", "prevent_destroy = true")).await;
    assert_eq!(recorded(&scene, "db").prevent_destroy, Some(true));
    let lifted = group("db", "prevent_destroy = false");
    assert!(scene.apply(&lifted).await.changed.is_empty());
    assert_eq!(recorded(&scene, "db").prevent_destroy, None);
    let changed = group("db", "prevent_destroy = true").replace("db:1", "db:2");
    assert!(scene.apply(&changed).await.is_complete());
    assert_eq!(recorded(&scene, "db").prevent_destroy, Some(true));
    assert_eq!(scene.cloud.log().len(), 2, "{:?}", scene.cloud.log());
}

/// The run is stopped at once after this many seconds.
async fn stopped_after(scene: &mut Scene, manifest: &str, seconds: u64) {
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let twice = async {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        stop.request_stop();
        stop.request_stop();
    };
    let run = scene.run(manifest, PlannerOptions::default(), stopped);
    let (outcome, ()) = tokio::join!(run, twice);
    outcome.unwrap();
}

#[tokio::test(start_paused = true)]
async fn new_dependencies_of_what_is_not_changed_are_recorded() {
    let db: [Address; 1] = ["container_group.db".parse().unwrap()];
    let before = group("db", "") + &group("app", "");
    let after = before.clone() + "depends_on = [\"container_group.db\"]\n";

    let mut scene = Scene::new();
    scene.apply(&before).await;
    assert!(scene.apply(&after).await.changed.is_empty());
    assert_eq!(recorded(&scene, "app").dependencies, db);
    assert!(scene.apply(&before).await.changed.is_empty());
    assert_eq!(recorded(&scene, "app").dependencies, []);

    // It is only waited for.
    let mut scene = Scene::new();
    scene.cloud.set_outcome("app", CreateOutcome::NeverReady);
    stopped_after(&mut scene, &before, 20).await;
    scene.recover().await;
    scene.cloud.pull();
    assert!(scene.apply(&after).await.is_complete());
    assert_eq!(recorded(&scene, "app").dependencies, db);

    // Its order is in progress.
    let order = group("db", "") + "[eip.front]\nbandwidth = 5\n";
    let after = order.clone() + "depends_on = [\"container_group.db\"]\n";
    for seconds in [4, 6, 8] {
        let mut scene = Scene::new();
        scene.apply(&group("db", "")).await;
        stopped_after(&mut scene, &order, seconds).await;
        assert_eq!(scene.disk.snapshot().open_intents.len(), 1, "{seconds}");
        scene.recover().await;
        assert!(scene.apply(&after).await.is_complete(), "{seconds}");
        let front = &scene.disk.snapshot().resources[&"eip.front".parse().unwrap()];
        assert_eq!(front.dependencies, db, "{seconds}");
    }
}
