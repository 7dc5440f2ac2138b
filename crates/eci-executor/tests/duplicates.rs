//! Creates that are done twice, and ones that are done late.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use eci_executor::{StopHandle, TaskError};
use eci_planner::{Action, PlannerOptions};
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

fn id(scene: &Scene) -> String {
    let resources = &scene.disk.snapshot().resources;
    let state = &resources[&"container_group.web".parse().unwrap()];
    state.id.clone().unwrap()
}

/// The next plan deletes this, and nothing else; then nothing is left to do.
async fn is_deleted_next(scene: &mut Scene, other: &str) {
    let ours = id(scene);
    scene.recover().await;
    let plan = scene.plan(WEB).await;
    let changes = plan.steps().iter().filter(|step| step.action.is_change());
    let changes: Vec<_> = changes
        .map(|step| (step.action, step.id.as_deref()))
        .collect();
    assert_eq!(changes, [(Action::Delete, Some(other))]);
    let outcome = scene.apply_plan(plan).await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(
        (id(scene), scene.cloud.names()),
        (ours, vec!["web".to_owned()])
    );
    assert!(scene.disk.snapshot().open_intents.is_empty());
    assert!(scene.plan(WEB).await.is_idle());
}

#[tokio::test(start_paused = true)]
async fn a_second_group_of_one_create_is_reported_and_the_next_plan_deletes_it() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("web", CreateOutcome::Doubled);
    let outcome = scene.apply(WEB).await;
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    let TaskError::Duplicated { ids } = &failure.problem else {
        panic!("{failure:?}");
    };
    assert_eq!(ids, &["eci-10"]);
    assert_eq!(id(&scene), "eci-1");
    is_deleted_next(&mut scene, "eci-10").await;
}

/// More than a few are looked up by one list of all groups.
#[tokio::test(start_paused = true)]
async fn a_second_group_is_found_among_many() {
    let others: Vec<String> = (0..30)
        .map(|at| format!("container_group.other{at}"))
        .collect();
    let all = others
        .iter()
        .map(|other| WEB.replace("container_group.web", other));
    // Only then is the id of its twin that of no other one.
    let last = format!("depends_on = {others:?}\n");
    let manifest = WEB.to_owned() + &last + &all.collect::<String>();
    let mut scene = Scene::new();
    scene.cloud.set_outcome("web", CreateOutcome::Doubled);
    let outcome = scene.apply(&manifest).await;
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    let TaskError::Duplicated { ids } = &failure.problem else {
        panic!("{failure:?}");
    };
    assert_eq!(ids.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_no_answer_names_one_of_two_the_younger_is_deleted() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("web", CreateOutcome::DoubledAndCut);
    assert_eq!(scene.apply(WEB).await.failed.len(), 1);
    assert_eq!(id(&scene), "eci-10");
    is_deleted_next(&mut scene, "eci-1").await;
}

#[tokio::test(start_paused = true)]
async fn the_younger_of_two_that_a_dead_run_left_is_deleted() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("web", CreateOutcome::Doubled);
    // The process ends before the answer is recorded.
    scene.disk.fill_after(3);
    let run = scene.run(WEB, PlannerOptions::default(), StopHandle::new());
    assert!(run.await.is_err());
    scene.disk.full_from = None;
    scene.recover().await;
    assert_eq!(id(&scene), "eci-10");
    is_deleted_next(&mut scene, "eci-1").await;
}

/// A call that the client has given up on after its own timeout.
#[tokio::test(start_paused = true)]
async fn a_create_that_arrives_after_a_minute_is_adopted() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("web", CreateOutcome::Late);
    let outcome = scene.apply(WEB).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.names(), ["web"]);
}
