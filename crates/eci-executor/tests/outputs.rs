//! Outputs of runs that do only a part, or of which a part fails.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::sync::LazyLock;
use std::time::Duration;

use eci_executor::StopHandle;
use eci_planner::{Mode, PlannerOptions};
use eci_state::{Record, Store as _};

use harness::{Scene, group};
use model::CreateOutcome;

/// Two groups, an output of each, one of both and one of neither.
static TWO: LazyLock<String> = LazyLock::new(|| {
    let outputs = r#"
[output.a]
value = '${container_group.a.id}'

[output.b]
value = '${container_group.b.id}'

[output.both]
value = '${container_group.a.id} ${container_group.b.id}'

[output.fixed]
value = "fixed"
"#;
    group("a") + &group("b") + outputs
});

fn outputs(scene: &Scene) -> Vec<(String, String)> {
    let outputs = scene.disk.snapshot().outputs.iter();
    let text = |value: &eci_core::Value| value.as_str().unwrap_or_default().to_owned();
    let outputs = outputs.map(|(name, output)| (name.clone(), text(&output.value)));
    outputs.collect()
}

fn all(a: &str, b: &str) -> Vec<(String, String)> {
    let both = format!("{a} {b}");
    let all = [("a", a), ("b", b), ("both", &both), ("fixed", "fixed")];
    all.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn only(target: &str, mode: Mode) -> PlannerOptions {
    PlannerOptions::default()
        .with_mode(mode)
        .with_targets(vec![target.parse().unwrap()])
}

#[tokio::test(start_paused = true)]
async fn outputs_that_a_partial_run_does_not_compute_keep_their_values() {
    let mut scene = Scene::new();
    scene.apply(&TWO).await;
    assert_eq!(outputs(&scene), all("eci-1", "eci-2"));
    let changed = TWO.replacen("app:1", "app:2", 1);
    let excluded =
        PlannerOptions::default().with_exclude(vec!["container_group.b".parse().unwrap()]);
    for options in [only("container_group.a", Mode::Apply), excluded] {
        let outcome = scene
            .run(&changed, options, StopHandle::new())
            .await
            .unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        assert_eq!(outputs(&scene), all("eci-1", "eci-2"));
    }
    // One that left the manifests is left to a run of everything.
    let fewer = &changed[..changed.find("[output.fixed]").unwrap()];
    let options = only("container_group.a", Mode::Apply);
    scene.run(fewer, options, StopHandle::new()).await.unwrap();
    assert_eq!(outputs(&scene), all("eci-1", "eci-2"));
    scene.apply(fewer).await;
    assert_eq!(outputs(&scene), all("eci-1", "eci-2")[..3]);
}

#[tokio::test(start_paused = true)]
async fn a_partial_destroy_removes_only_the_outputs_of_deleted_resources() {
    let mut scene = Scene::new();
    scene.apply(&TWO).await;
    let options = only("container_group.a", Mode::Destroy);
    let outcome = scene.run(&TWO, options, StopHandle::new()).await.unwrap();
    assert_eq!(outcome.changed["delete"], 1);
    let all = all("eci-1", "eci-2");
    assert_eq!(outputs(&scene), [all[1].clone(), all[3].clone()]);
}

#[tokio::test(start_paused = true)]
async fn an_output_that_fails_discards_nothing_else() {
    let mut scene = Scene::new();
    let failing = TWO.to_owned() + "[output.number]\nvalue = '${tonumber(container_group.a.id)}'\n";
    let outcome = scene.apply(&failing).await;
    assert!(!outcome.is_complete());
    assert!(outcome.failed.is_empty());
    let [failed] = &outcome.failed_outputs[..] else {
        panic!("{outcome:?}");
    };
    assert_eq!(failed.name, "number");
    assert_eq!(outcome.changed["create"], 2);
    assert_eq!(outputs(&scene), all("eci-1", "eci-2"));
    let last = scene.disk.records.last().map(|(_, record)| record);
    assert!(matches!(last, Some(Record::RunFinished { .. })), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn an_output_that_keeps_failing_holds_up_no_later_run() {
    let mut scene = Scene::new();
    let number = |value: &str| format!("{}[output.number]\nvalue = '${{{value}}}'\n", *TWO);
    let failing = number("tonumber(container_group.a.id)");
    scene.apply(&failing).await;
    // Whether there is anything to do or not, and whatever that is.
    for manifest in [failing.clone(), failing.replacen("app:1", "app:2", 1)] {
        let plan = scene.plan(&manifest).await;
        assert!(plan.warnings().to_string().contains("number"));
        let outcome = scene.apply(&manifest).await;
        assert!(!outcome.is_complete());
        assert!(outcome.failed.is_empty(), "{outcome:?}");
        let [failed] = &outcome.failed_outputs[..] else {
            panic!("{outcome:?}");
        };
        assert_eq!(failed.name, "number");
        assert_eq!(outputs(&scene), all("eci-1", "eci-2"));
    }
    let calls = ["create a", "create b", "update eci-1"];
    assert_eq!(scene.cloud.log(), calls);
    let fixed = number("length(container_group.a.id)");
    assert!(scene.apply(&fixed).await.is_complete());
    assert_eq!(outputs(&scene).len(), 5);
    // What it had stays as it is while it fails.
    assert!(!scene.apply(&failing).await.is_complete());
    assert_eq!(outputs(&scene).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn outputs_of_what_was_deleted_and_not_created_again_are_removed() {
    let mut scene = Scene::new();
    scene.apply(&TWO).await;
    scene.cloud.set_outcome("a", CreateOutcome::Refused);
    let elsewhere = TWO.replacen("vpc-1", "vpc-2", 1);
    let outcome = scene.apply(&elsewhere).await;
    assert_eq!(outcome.failed.len(), 1);
    let left = all("eci-1", "eci-2");
    assert_eq!(outputs(&scene), [left[1].clone(), left[3].clone()]);
    assert!(scene.apply(&elsewhere).await.is_complete());
    assert_eq!(outputs(&scene), all("eci-5", "eci-2"));
}

/// The run is stopped while the old group is being deleted.
#[tokio::test(start_paused = true)]
async fn a_replacement_of_which_a_stop_leaves_half_is_counted_as_such_and_has_no_output() {
    let mut scene = Scene::new();
    scene.apply(&TWO).await;
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let cloud = scene.cloud.clone();
    let stopping = async {
        while !cloud.log().contains(&"delete eci-1".to_owned()) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.request_stop()
    };
    let elsewhere = TWO.replacen("vpc-1", "vpc-2", 1);
    let run = scene.run(&elsewhere, PlannerOptions::default(), stopped);
    let (outcome, _) = tokio::join!(run, stopping);
    let outcome = outcome.unwrap();
    assert!(!outcome.is_complete());
    assert_eq!((outcome.partially_done, outcome.not_started), (1, 0));
    let left = all("eci-1", "eci-2");
    assert_eq!(outputs(&scene), [left[1].clone(), left[3].clone()]);
}
