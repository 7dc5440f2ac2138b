//! Creates of runs that ended, which may still take effect: what the next run does meanwhile and
//! after that.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::time::Duration;

use eci_executor::{StopHandle, StopMode, TaskError};
use eci_planner::{PlannerOptions, Reason};
use eci_state::Store as _;

use harness::Scene;
use model::CreateOutcome;

const WEB: &str = r#"
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{ name = "main", image = "app:1" }]
"#;

fn other() -> String {
    WEB.replace(".web", ".other")
}

fn changed() -> String {
    WEB.replace("app:1", "app:2")
}

/// A run is stopped at once after it sent its create, whose result is not visible yet.
async fn stopped_early(create_outcome: CreateOutcome) -> Scene {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("web", create_outcome);
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let timer = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        stop.request_stop();
        stop.request_stop();
        stop
    });
    let outcome = scene
        .run(WEB, PlannerOptions::default(), stopped)
        .await
        .unwrap();
    timer.await.unwrap();
    assert_eq!(outcome.stopped, StopMode::Immediate);
    assert_eq!(scene.cloud.names(), [""; 0]);
    scene.recover().await;
    assert_eq!(scene.disk.snapshot().open_intents.len(), 1);
    scene
}

fn creates(scene: &Scene, name: &str) -> usize {
    let create = format!("create {name}");
    let log = scene.cloud.log();
    log.iter().filter(|call| **call == create).count()
}

/// Nothing is left to do, and there is one resource of each of these names.
async fn assert_no_changes(scene: &Scene, manifest: &str, names: &[&str]) {
    let mut found = scene.cloud.names();
    found.sort();
    assert_eq!(found, names);
    assert!(scene.disk.snapshot().open_intents.is_empty());
    let plan = scene.plan(manifest).await;
    assert!(plan.is_idle(), "{plan:#?}");
}

#[tokio::test(start_paused = true)]
async fn other_work_continues_while_a_create_may_still_take_effect() {
    let mut scene = stopped_early(CreateOutcome::Late).await;
    let both = format!("{WEB}{}", other());
    let outcome = scene.apply(&both).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let done = scene.heard("done");
    let place = |name: &str| done.iter().position(|line| line.contains(name)).unwrap();
    assert!(place("other") < place("web"), "{done:?}");
    assert_eq!(creates(&scene, "web"), 1);
    assert_no_changes(&scene, &both, &["other", "web"]).await;
}

#[tokio::test(start_paused = true)]
async fn what_never_took_effect_is_created_under_the_same_tag() {
    let mut scene = stopped_early(CreateOutcome::CutBefore).await;
    let plan = scene.plan(WEB).await;
    assert_eq!(plan.steps()[0].reason, Some(Reason::Awaited));
    let outcome = scene.apply_plan(plan).await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(creates(&scene, "web"), 2);
    assert_no_changes(&scene, WEB, &["web"]).await;
}

#[tokio::test(start_paused = true)]
async fn another_object_is_created_once_the_earlier_create_can_no_longer_take_effect() {
    let mut scene = stopped_early(CreateOutcome::CutBefore).await;
    let outcome = scene.apply(&changed()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_no_changes(&scene, &changed(), &["web"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_late_create_where_another_object_is_planned_is_recorded_and_updated_next() {
    let mut scene = stopped_early(CreateOutcome::Late).await;
    let outcome = scene.apply(&changed()).await;
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    assert!(matches!(
        &failure.problem,
        TaskError::CreatedMeanwhile { .. }
    ));
    assert_eq!(scene.state(), ["container_group.web"]);
    let outcome = scene.apply(&changed()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(creates(&scene, "web"), 1);
    assert_no_changes(&scene, &changed(), &["web"]).await;
}

#[tokio::test(start_paused = true)]
async fn what_takes_effect_after_it_was_removed_is_recorded_and_deleted_next() {
    let mut scene = stopped_early(CreateOutcome::Late).await;
    let outcome = scene.apply(&other()).await;
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    assert!(matches!(
        &failure.problem,
        TaskError::CreatedMeanwhile { .. }
    ));
    assert_eq!(scene.state().len(), 2);
    let outcome = scene.apply(&other()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_no_changes(&scene, &other(), &["other"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_removed_create_without_effect_leaves_the_state_by_a_run_that_changes_nothing() {
    let mut scene = stopped_early(CreateOutcome::CutBefore).await;
    let plan = scene.plan("").await;
    assert!(plan.is_empty() && !plan.is_idle());
    assert!(scene.apply_plan(plan).await.unwrap().is_complete());
    assert_no_changes(&scene, "", &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_while_it_looks_leaves_the_create_open() {
    let mut scene = stopped_early(CreateOutcome::Late).await;
    let stop = StopHandle::new();
    let stopped = stop.clone();
    stop.request_stop();
    let run = scene.run("", PlannerOptions::default(), stopped);
    assert_eq!(run.await.unwrap().stopped, StopMode::Graceful);
    assert_eq!(scene.disk.snapshot().open_intents.len(), 1);
}

/// An order that no read shows: the next one at its address comes after it.
#[tokio::test(start_paused = true)]
async fn what_an_order_created_late_is_recorded_where_another_one_is_planned() {
    let disk = |size: u32| {
        format!(
            "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
             lifecycle = {{ prevent_destroy = false }}\n\
             disk = {{ size = {size}, kind = \"SATA\" }}\n"
        )
    };
    for is_removed in [false, true] {
        let mut scene = Scene::new();
        for _ in 0..40 {
            scene.cloud.set_outcome("data", CreateOutcome::CutBefore);
        }
        let stop = StopHandle::new();
        let stopped = stop.clone();
        let timer = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            stop.request_stop();
            stop.request_stop();
            stop
        });
        let first = disk(40);
        let run = scene.run(&first, PlannerOptions::default(), stopped);
        let _ = run.await.unwrap();
        timer.await.unwrap();
        scene.cloud.heal("data");
        scene.recover().await;
        assert_eq!(scene.disk.snapshot().open_intents.len(), 1);
        let next = if is_removed { String::new() } else { disk(60) };
        let outcome = scene.apply(&next).await;
        assert!(outcome.is_complete(), "{outcome:?}");
        assert!(scene.disk.snapshot().open_intents.is_empty());
        assert!(scene.plan(&next).await.is_idle());
    }
}
