//! Attributes that `ignore_changes` keeps as others have set them.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use eci_state::Store as _;
use serde_json::{Value, json};

use harness::{Scene, group_with_env};

fn manifest(ignored: &str, env: &str) -> String {
    group_with_env("web", env) + &format!("lifecycle = {{ ignore_changes = [{ignored}] }}\n")
}

/// Applies a group, lets somebody edit its container, and returns the report of it after another
/// change, planned before the edit or after it.
async fn edited(ignored: &str, edit: fn(&mut Value), next: &str, planned_before: bool) -> Value {
    let mut scene = Scene::new();
    assert!(scene.apply(&manifest(ignored, "")).await.is_complete());
    let edit = |scene: &Scene| {
        scene
            .cloud
            .edit("web", |group| edit(&mut group["containers"][0]))
    };
    if !planned_before {
        edit(&scene);
    }
    let plan = scene.plan(next).await;
    if planned_before {
        edit(&scene);
    }
    let outcome = scene.apply_plan(plan).await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    let address = "container_group.web".parse().unwrap();
    let state = &scene.disk.snapshot().resources[&address];
    let report = scene.cloud.report(state.id.as_deref().unwrap());
    let plan = scene.plan(next).await;
    let changes = plan.steps().iter().any(|step| step.action.is_change());
    assert!(!changes, "{:?}", plan.steps());
    report["containers"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn an_update_sends_what_is_ignored_as_the_group_has_it_then() {
    let ignored = r#""containers[*].image""#;
    let edit = |container: &mut Value| container["image"] = json!("app:ci");
    let next = manifest(ignored, "LEVEL = \"debug\"");
    for planned_before in [false, true] {
        let container = edited(ignored, edit, &next, planned_before).await;
        assert_eq!(container["image"], "app:ci", "{planned_before}");
        assert_eq!(container["environmentVar"][0]["value"], "debug");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_may_choose_is_kept_where_it_is_ignored() {
    let ignored = r#""containers[*].working_dir""#;
    let edit = |container: &mut Value| container["workingDir"] = json!("/srv");
    let updated = manifest(ignored, "LEVEL = \"debug\"");
    let replaced = manifest(ignored, "").replace("subnet-1", "subnet-2");
    for next in [updated, replaced] {
        let container = edited(ignored, edit, &next, false).await;
        assert_eq!(container["workingDir"], "/srv", "{next}");
    }
}
