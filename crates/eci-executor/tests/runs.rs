//! Whole runs against a model of the cloud, in virtual time.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use eci_executor::{ApplyError, Effects, StopHandle, StopMode, TaskError};
use eci_planner::{Mode, PlannerOptions};
use eci_state::{Record, Store as _};
use tokio::time::Instant;

use harness::{Scene, group, group_with_env};
use model::{CreateOutcome, effects, settings};

/// Three groups: b depends on a, c is independent.
static THREE: LazyLock<String> = LazyLock::new(|| {
    let b = group_with_env("b", "A = '${container_group.a.intranet_ip}'");
    let output = "[output.a]\nvalue = '${container_group.a.id}'\n";
    [group("a"), b, group("c"), output.to_owned()].concat()
});

#[tokio::test(start_paused = true)]
async fn everything_is_created_in_order_and_recorded() {
    let mut scene = Scene::new();
    let outcome = scene.apply(&THREE).await;
    assert!(outcome.is_complete());
    assert_eq!(outcome.changed["create"], 3);
    assert_eq!(scene.cloud.log(), ["create a", "create c", "create b"]);
    let snapshot = scene.disk.snapshot();
    assert!(snapshot.open_intents.is_empty());
    let b = &snapshot.resources[&"container_group.b".parse().unwrap()];
    let env = b.applied[&"containers".into()].as_list().unwrap()[0]
        .get("env")
        .unwrap()
        .clone();
    assert_eq!(env.get("A").unwrap().as_str(), Some("10.0.0.1"));
    assert_eq!(snapshot.outputs["a"].value.as_str(), Some("eci-1"));
    let again = scene.apply(&THREE).await;
    assert!(again.changed.is_empty());
    assert_eq!(scene.cloud.log().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn every_intent_is_on_disk_before_its_call() {
    let mut scene = Scene::new();
    scene.apply(&THREE).await;
    scene.apply(&THREE.replacen("app:1", "app:2", 1)).await;
    let destroy = PlannerOptions::default().with_mode(Mode::Destroy);
    scene.run(&THREE, destroy, StopHandle::new()).await.unwrap();
    assert_eq!(scene.cloud.log().len(), 7);
    assert_eq!(scene.cloud.early(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_only_dependents() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::Refused);
    let outcome = scene.apply(&THREE).await;
    assert_eq!(outcome.failed.len(), 1);
    assert!(matches!(
        outcome.failed[0].problem,
        TaskError::ValueRefused(_)
    ));
    assert_eq!(
        scene.heard("skipped"),
        ["skipped container_group.b container_group.a"]
    );
    assert_eq!(scene.cloud.names(), ["c"]);
    assert_eq!(scene.state(), ["container_group.c"]);
    assert!(scene.disk.snapshot().open_intents.is_empty());
    let healed = scene.apply(&THREE).await;
    assert_eq!(healed.changed["create"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_interrupted_after_it_was_done_is_adopted_at_once() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::CutAfter);
    let outcome = scene.apply(&THREE).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.log(), ["create a", "create c", "create b"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_there_already_is_adopted_only_if_it_carries_the_tag_of_the_create() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::SentTwice);
    scene.cloud.set_outcome("c", CreateOutcome::Taken);
    let outcome = scene.apply(&THREE).await;
    assert_eq!(scene.cloud.log(), ["create a", "create c", "create b"]);
    assert_eq!(outcome.failed.len(), 1);
    let problem = outcome.failed[0].problem.to_string();
    assert!(problem.contains("AlreadyExists"), "{problem}");
    assert_eq!(scene.state(), ["container_group.a", "container_group.b"]);
    // What an earlier run may have created is looked for before the same is created.
    scene.recover().await;
    assert_eq!(scene.heard("recovered"), [""; 0]);
    assert!(scene.apply(&THREE).await.is_complete());
    assert!(scene.disk.snapshot().open_intents.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_interrupted_and_not_found_stays_open_and_is_not_sent_again() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("c", CreateOutcome::CutBefore);
    let outcome = scene.apply(&THREE).await;
    assert!(matches!(
        outcome.failed[0].problem,
        TaskError::Unknown { .. }
    ));
    assert_eq!(
        scene
            .cloud
            .log()
            .iter()
            .filter(|call| *call == "create c")
            .count(),
        1
    );
    assert_eq!(scene.disk.snapshot().open_intents.len(), 1);
    scene.recover().await;
    assert_eq!(scene.heard("recovered"), [""; 0]);
    assert!(scene.apply(&THREE).await.is_complete());
    assert_eq!(scene.cloud.names().len(), 3);
    assert!(scene.disk.snapshot().open_intents.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_result_of_a_killed_run_is_adopted_with_the_requested_attributes() {
    let mut scene = Scene::new();
    // The disk is full once the first create was answered: as if the process ended there.
    scene.disk.full_from = Some(3);
    let run = scene.run(&THREE, PlannerOptions::default(), StopHandle::new());
    assert!(matches!(run.await, Err(ApplyError::State(_))));
    scene.disk.full_from = None;
    assert_eq!(scene.state(), [""; 0]);
    let open = scene.disk.snapshot().open_intents.len();
    assert_eq!(open, scene.cloud.log().len());
    scene.recover().await;
    assert_eq!(scene.heard("recovered").len(), open);
    assert!(scene.apply(&THREE).await.is_complete());
    let mut names = scene.cloud.names();
    names.sort();
    assert_eq!(names, ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_may_be_younger_than_its_intent_by_any_time() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::Late);
    // The process ends with the answer to the other create.
    scene.disk.full_from = Some(3);
    let run = scene.run(&THREE, PlannerOptions::default(), StopHandle::new());
    assert!(matches!(run.await, Err(ApplyError::State(_))));
    scene.disk.full_from = None;
    assert_eq!(scene.cloud.names(), ["c"]);
    // The first call had to wait for an hour.
    let later = Effects {
        clock: Arc::new(|| "2026-01-01T01:00:00Z".parse().unwrap_or_default()),
        ..effects()
    };
    scene.recover_with(&later).await;
    assert_eq!(scene.cloud.names(), ["c"]);
    assert!(scene.apply(&THREE).await.is_complete());
    assert_eq!(scene.cloud.log(), ["create a", "create c", "create b"]);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_not_ready_before_the_timeout_is_tainted_and_replaced_next_time() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("c", CreateOutcome::NeverReady);
    let outcome = scene.apply(&THREE).await;
    let TaskError::NotReady(not_ready) = &outcome.failed[0].problem else {
        panic!("{outcome:?}");
    };
    assert!(!not_ready.ended);
    let c = "container_group.c".parse().unwrap();
    assert!(scene.disk.snapshot().resources[&c].tainted);
    let healed = scene.apply(&THREE).await;
    assert_eq!(healed.changed["replace"], 1);
    assert!(!scene.disk.snapshot().resources[&c].tainted);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_failed_is_not_waited_for() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("c", CreateOutcome::Fails);
    let outcome = scene.apply(&THREE).await;
    let TaskError::NotReady(not_ready) = &outcome.failed[0].problem else {
        panic!("{outcome:?}");
    };
    assert!(not_ready.ended);
    assert!(not_ready.waited < settings().create_timeout);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_finishes_what_is_in_progress() {
    let mut scene = Scene::new();
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let stopping = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        stop.request_stop()
    };
    let run = scene.run(&THREE, PlannerOptions::default(), stopped);
    let (outcome, urgency) = tokio::join!(run, stopping);
    let outcome = outcome.unwrap();
    assert_eq!(
        (urgency, outcome.stopped),
        (StopMode::Graceful, StopMode::Graceful)
    );
    assert_eq!((outcome.changed["create"], outcome.not_started), (2, 1));
    assert_eq!(scene.state(), ["container_group.a", "container_group.c"]);
}

/// The first of two groups is created at once, and the second one takes its time.
#[tokio::test(start_paused = true)]
async fn a_stopped_run_records_each_outcome_when_it_arrives() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("c", CreateOutcome::NeverReady);
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let (began, cloud) = (Instant::now(), scene.cloud.clone());
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stop.request_stop();
        tokio::time::sleep(Duration::from_secs(200)).await;
        cloud.pull();
    };
    let run = scene.run(&THREE, PlannerOptions::default(), stopped);
    let (outcome, ()) = tokio::join!(run, stopping);
    assert_eq!(outcome.unwrap().changed["create"], 2);
    let mut recorded = HashMap::new();
    for (at, record) in &scene.disk.records {
        if let Record::IntentFinished { address, .. } = record {
            recorded.insert(address.to_string(), *at - began);
        }
    }
    let (a, c) = (recorded["container_group.a"], recorded["container_group.c"]);
    assert!(
        a < Duration::from_secs(5) && c < Duration::from_secs(5),
        "{recorded:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_provider_is_of_use_after_a_run_that_was_stopped() {
    let mut scene = Scene::new();
    for presses in [1, 2] {
        let stop = StopHandle::new();
        let stopped = stop.clone();
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            for _ in 0..presses {
                stop.request_stop();
            }
        };
        let run = scene.run(&THREE, PlannerOptions::default(), stopped);
        let (outcome, ()) = tokio::join!(run, stopping);
        outcome.unwrap();
        scene.recover().await;
    }
    // It is retried only if nothing is in a hurry any more.
    scene.cloud.set_outcome("b", CreateOutcome::Busy);
    let outcome = scene.apply(&THREE).await;
    assert!(outcome.is_complete(), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn an_outcome_says_that_the_run_was_stopped_whenever_that_was() {
    let mut scene = Scene::new();
    // Before it began.
    let stop = StopHandle::new();
    let stopped = stop.clone();
    stop.request_stop();
    let outcome = scene
        .run(&THREE, PlannerOptions::default(), stopped)
        .await
        .unwrap();
    assert_eq!(
        (outcome.stopped, outcome.not_started),
        (StopMode::Graceful, 3)
    );
    // Where there were no changes.
    assert!(scene.apply(&THREE).await.is_complete());
    let stop = StopHandle::new();
    let stopped = stop.clone();
    stop.request_stop();
    let outcome = scene
        .run(&THREE, PlannerOptions::default(), stopped)
        .await
        .unwrap();
    assert_eq!(outcome.stopped, StopMode::Graceful);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_at_once_loses_nothing() {
    let mut scene = Scene::new();
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let twice = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        stop.request_stop();
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        stop.request_stop()
    };
    let run = scene.run(&THREE, PlannerOptions::default(), stopped);
    let (outcome, _) = tokio::join!(run, twice);
    let outcome = outcome.unwrap();
    assert_eq!(outcome.stopped, StopMode::Immediate);
    assert_eq!((outcome.interrupted(), outcome.unconfirmed()), (2, 0));
    assert_eq!(scene.disk.snapshot().open_intents.len(), 2);
    scene.recover().await;
    assert!(scene.apply(&THREE).await.is_complete());
    assert_eq!(scene.cloud.names().len(), 3);
}

/// Two plans of one state: the run of the first one is dropped in the middle.
#[tokio::test(start_paused = true)]
async fn a_plan_is_refused_after_a_run_that_was_dropped() {
    let mut scene = Scene::new();
    let (first, second) = (scene.plan(&THREE).await, scene.plan(&THREE).await);
    let serial = scene.disk.snapshot().serial;
    let run = scene.apply_plan(first);
    let dropped = tokio::time::timeout(Duration::from_millis(1500), run).await;
    assert!(dropped.is_err());
    assert_eq!(scene.disk.snapshot().serial, serial);
    let refused = scene.apply_plan(second).await;
    assert!(
        matches!(refused, Err(ApplyError::Pending { .. })),
        "{refused:?}"
    );
    // A later run continues what it began.
    assert!(scene.apply(&THREE).await.is_complete());
    let mut names = scene.cloud.names();
    names.sort();
    assert_eq!(names, ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_refused_where_the_journal_is_newer_at_the_same_serial() {
    let mut scene = Scene::new();
    scene.apply(&THREE).await;
    let changed = THREE.replacen("app:1", "app:2", 1);
    let (first, second) = (scene.plan(&changed).await, scene.plan(&changed).await);
    // No operation of it is open when it is dropped.
    let a = "container_group.a".parse().unwrap();
    let state = Box::new(scene.disk.snapshot().resources[&a].clone());
    let record = Record::ResourceUpdated { address: a, state };
    scene.disk.append(&[record]).unwrap();
    for plan in [first, second] {
        let refused = scene.apply_plan(plan).await;
        assert!(matches!(refused, Err(ApplyError::Outdated)), "{refused:?}");
    }
    assert_eq!(scene.cloud.log().len(), 3);
    assert!(scene.apply(&changed).await.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_change_sends_only_what_changed_and_a_destroy_leaves_nothing() {
    let mut scene = Scene::new();
    scene.apply(&THREE).await;
    let changed = scene.apply(&THREE.replacen("app:1", "app:2", 1)).await;
    assert_eq!(changed.changed["update"], 1);
    assert_eq!(scene.cloud.log()[3..], ["update eci-1"]);
    let options = PlannerOptions::default().with_mode(Mode::Destroy);
    let destroyed = scene.run(&THREE, options, StopHandle::new()).await.unwrap();
    assert_eq!(destroyed.changed["delete"], 3);
    assert_eq!(scene.cloud.names(), [""; 0]);
    assert!(scene.disk.snapshot().resources.is_empty());
    assert!(scene.disk.snapshot().outputs.is_empty());
    // b depends on a, so b is deleted first.
    let log = scene.cloud.log();
    let at = |call: &str| log.iter().position(|other| other == call).unwrap();
    assert!(at("delete eci-3") < at("delete eci-1"), "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_names_another_object_is_not_believed() {
    // Nothing has the one id, and another resource the other.
    for id in ["eci-nowhere", "eci-1"] {
        let mut scene = Scene::new();
        scene.cloud.set_outcome("b", CreateOutcome::Named(id));
        let outcome = scene.apply(&THREE).await;
        assert!(outcome.is_complete(), "{outcome:?}");
        assert_eq!(scene.cloud.log(), ["create a", "create c", "create b"]);
        let b = &scene.disk.snapshot().resources[&"container_group.b".parse().unwrap()];
        assert_eq!(b.id.as_deref(), Some("eci-3"));
        assert!(scene.apply(&THREE).await.changed.is_empty());
    }
}
