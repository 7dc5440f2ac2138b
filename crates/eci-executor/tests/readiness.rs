//! Groups that take their time to become ready, and runs that end before they are.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use eci_executor::{ApplyError, ApplyOutcome, Effects, StopHandle, TaskError};
use eci_planner::{Mode, PlannerOptions, TaskKind};
use eci_state::{ResourceState, Store as _};

use harness::{Scene, group, group_with_env};
use model::{CreateOutcome, effects};

/// Two groups: b depends on a.
static TWO: LazyLock<String> =
    LazyLock::new(|| group("a") + &group_with_env("b", "A = '${container_group.a.intranet_ip}'"));

fn changed() -> String {
    TWO.replacen("app:1", "app:2", 1)
}

fn a(scene: &Scene) -> ResourceState {
    scene.disk.snapshot().resources[&"container_group.a".parse().unwrap()].clone()
}

/// The run is stopped at once while it waits for a.
async fn interrupt(scene: &mut Scene, manifest: &str) -> ApplyOutcome {
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let twice = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        stop.request_stop();
        tokio::time::sleep(Duration::from_millis(1)).await;
        stop.request_stop()
    };
    let run = scene.run(manifest, PlannerOptions::default(), stopped);
    let (outcome, _) = tokio::join!(run, twice);
    outcome.unwrap()
}

fn not_ready(outcome: &ApplyOutcome) -> &TaskError {
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    assert!(
        matches!(failure.problem, TaskError::NotReady(_)),
        "{outcome:?}"
    );
    &failure.problem
}

#[tokio::test(start_paused = true)]
async fn the_next_run_continues_waiting_before_it_creates_dependents_of_the_group() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NeverReady);
    interrupt(&mut scene, &TWO).await;
    assert!(a(&scene).ready_by.is_some());
    scene.recover().await;
    let cloud = scene.cloud.clone();
    let ready = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(cloud.log(), ["create a"]);
        cloud.pull();
    });
    let outcome = scene.apply(&TWO).await;
    ready.await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.log(), ["create a", "create b"]);
    assert_eq!((a(&scene).ready_by, a(&scene).tainted), (None, false));
    assert!(!outcome.changed.contains_key("no-op"));
    assert!(scene.apply(&TWO).await.changed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_stopped_at_once_has_no_unknown_outcome() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NeverReady);
    // First the wait after a create, then that of the next run.
    for action in [TaskKind::Create, TaskKind::Wait] {
        let outcome = interrupt(&mut scene, &TWO).await;
        assert!(scene.disk.snapshot().open_intents.is_empty());
        assert_eq!(outcome.failed[0].action, action);
        assert_eq!((outcome.interrupted(), outcome.unconfirmed()), (0, 1));
        assert_eq!((outcome.failed.len(), outcome.not_started), (1, 1));
        scene.recover().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_at_once_during_the_wait_for_an_address_leaves_the_dependent_not_started() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NoAddress);
    let outcome = interrupt(&mut scene, &not_waited_for()).await;
    assert_eq!((outcome.failed.len(), outcome.not_started), (0, 1));
    assert!(scene.disk.snapshot().open_intents.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_no_run_ever_sees_ready_is_tainted_and_replaced() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NeverReady);
    interrupt(&mut scene, &TWO).await;
    scene.recover().await;
    let outcome = scene.apply(&TWO).await;
    not_ready(&outcome);
    assert_eq!(outcome.failed[0].action, TaskKind::Wait);
    assert_eq!((outcome.skipped.len(), outcome.not_started), (1, 0));
    assert_eq!((a(&scene).ready_by, a(&scene).tainted), (None, true));
    assert_eq!(scene.cloud.log(), ["create a"]);
    let outcome = scene.apply(&TWO).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let log = ["create a", "delete eci-1", "create a", "create b"];
    assert_eq!(scene.cloud.log(), log);
}

#[tokio::test(start_paused = true)]
async fn the_time_to_become_ready_does_not_begin_again_with_each_run() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NeverReady);
    interrupt(&mut scene, &TWO).await;
    let tomorrow = Effects {
        clock: Arc::new(|| "2026-01-02T00:00:00Z".parse().unwrap_or_default()),
        ..effects()
    };
    let began = tokio::time::Instant::now();
    let options = PlannerOptions::default();
    let run = scene.run_at(&tomorrow, &TWO, options, StopHandle::new());
    not_ready(&run.await.unwrap());
    assert!(began.elapsed() < Duration::from_secs(60));
    assert!(a(&scene).tainted);
}

#[tokio::test(start_paused = true)]
async fn a_destroy_and_a_refresh_wait_for_nothing() {
    for mode in [Mode::RefreshOnly, Mode::Destroy] {
        let mut scene = Scene::new();
        scene.cloud.set_outcome("a", CreateOutcome::NeverReady);
        interrupt(&mut scene, &TWO).await;
        let options = PlannerOptions::default().with_mode(mode);
        let began = tokio::time::Instant::now();
        let outcome: Result<ApplyOutcome, ApplyError> =
            scene.run(&TWO, options, StopHandle::new()).await;
        assert!(outcome.unwrap().is_complete());
        assert!(began.elapsed() < Duration::from_secs(60), "{mode:?}");
    }
}

/// The image of a change is misspelled, and then corrected.
#[tokio::test(start_paused = true)]
async fn a_change_that_does_not_become_ready_stays_a_change() {
    for create_outcome in [CreateOutcome::NeverReady, CreateOutcome::Restarts] {
        let mut scene = Scene::new();
        assert!(scene.apply(&TWO).await.is_complete());
        scene.cloud.set_outcome("eci-1", create_outcome);
        let outcome = scene.apply(&changed()).await;
        not_ready(&outcome);
        assert!(!a(&scene).tainted);
        // It is waited for until it is ready, without another call.
        let outcome = scene.apply(&changed()).await;
        not_ready(&outcome);
        assert_eq!(outcome.failed[0].action, TaskKind::Wait);
        assert!(!a(&scene).tainted);
        let calls = ["create a", "create b", "update eci-1"];
        assert_eq!(scene.cloud.log(), calls);
        let outcome = scene.apply(&TWO.replacen("app:1", "app:3", 1)).await;
        assert_eq!(outcome.changed["update"], 1, "{outcome:?}");
        assert!(outcome.is_complete());
        assert_eq!(scene.cloud.log()[3..], ["update eci-1"]);
        assert_eq!(a(&scene).id.as_deref(), Some("eci-1"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_interrupted_is_waited_for_too() {
    let mut scene = Scene::new();
    assert!(scene.apply(&TWO).await.is_complete());
    scene.cloud.set_outcome("eci-1", CreateOutcome::NeverReady);
    interrupt(&mut scene, &changed()).await;
    scene.recover().await;
    assert!(a(&scene).ready_by.is_some());
    scene.cloud.set_outcome("eci-1", CreateOutcome::NeverReady);
    not_ready(&scene.apply(&changed()).await);
    assert!(!a(&scene).tainted);
    scene.cloud.pull();
    assert!(scene.apply(&changed()).await.is_complete());
    assert_eq!(a(&scene).id.as_deref(), Some("eci-1"));
}

/// A group that was created, never became ready, and was then changed.
#[tokio::test(start_paused = true)]
async fn a_change_does_not_make_a_create_that_never_became_ready_good() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NeverReady);
    interrupt(&mut scene, &TWO).await;
    scene.recover().await;
    scene.cloud.set_outcome("eci-1", CreateOutcome::NeverReady);
    not_ready(&scene.apply(&changed()).await);
    assert!(a(&scene).tainted);
}

/// Two outputs read the address of a.
fn with_outputs() -> String {
    TWO.to_owned()
        + r#"
[output.address]
value = '${container_group.a.intranet_ip}'

[output.url]
value = 'http://${container_group.a.intranet_ip}:80'
"#
}

/// The address of a that b and the outputs have.
fn addresses(scene: &Scene) -> [String; 3] {
    let snapshot = scene.disk.snapshot();
    let b = &snapshot.resources[&"container_group.b".parse().unwrap()];
    let env = b.applied[&"containers".into()].as_list().unwrap()[0].get("env");
    let of_b = env.and_then(|env| env.get("A")?.as_str().map(str::to_owned));
    let output = |name: &str| snapshot.outputs[name].value.as_str().map(str::to_owned);
    [of_b, output("address"), output("url")].map(Option::unwrap_or_default)
}

fn pulled_after(scene: &Scene, after: Duration) -> tokio::task::JoinHandle<()> {
    let cloud = scene.cloud.clone();
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        cloud.pull();
    })
}

/// The run ends while a exists and has no address.
#[tokio::test(start_paused = true)]
async fn an_unassigned_address_is_unknown_and_never_null() {
    for recovers in [true, false] {
        let mut scene = Scene::new();
        scene.cloud.set_outcome("a", CreateOutcome::NoAddress);
        interrupt(&mut scene, &with_outputs()).await;
        assert_eq!(scene.cloud.log(), ["create a"]);
        if recovers {
            scene.recover().await;
        }
        let pulled = pulled_after(&scene, Duration::from_secs(60));
        let outcome = scene.apply(&with_outputs()).await;
        pulled.await.unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        assert_eq!(
            addresses(&scene),
            ["10.0.0.1", "10.0.0.1", "http://10.0.0.1:80"]
        );
        assert!(scene.apply(&with_outputs()).await.changed.is_empty());
    }
}

/// The run ends while a has another status than the one that it comes to.
#[tokio::test(start_paused = true)]
async fn a_status_that_changes_still_is_unknown() {
    let manifest = TWO.replace("container_group.a.intranet_ip", "container_group.a.status")
        + "[output.status]\nvalue = '${container_group.a.status}'\n";
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NeverReady);
    interrupt(&mut scene, &manifest).await;
    scene.recover().await;
    let a = "[container_group.a]\n";
    let tagged = manifest.replacen(a, &format!("{a}tags = {{ team = \"a\" }}\n"), 1);
    for manifest in [&manifest, &tagged] {
        let plan = scene.plan(manifest).await;
        assert_eq!(plan.outputs()[0].after, eci_core::Value::Unknown);
    }
    let pulled = pulled_after(&scene, Duration::from_secs(20));
    let outcome = scene.apply(&manifest).await;
    pulled.await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    let snapshot = scene.disk.snapshot();
    let b = &snapshot.resources[&"container_group.b".parse().unwrap()];
    let env = b.applied[&"containers".into()].as_list().unwrap()[0].get("env");
    let status = env.and_then(|env| env.get("A")?.as_str());
    assert_eq!(status, Some("Running"));
    assert_eq!(snapshot.outputs["status"].value.as_str(), Some("Running"));
    assert!(scene.plan(&manifest).await.is_idle());
}

fn not_waited_for() -> String {
    let a = "[container_group.a]\n";
    with_outputs().replacen(a, &format!("{a}wait = \"none\"\n"), 1)
}

#[tokio::test(start_paused = true)]
async fn a_dependent_waits_for_the_address_of_a_group_that_is_not_awaited() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NoAddress);
    let pulled = pulled_after(&scene, Duration::from_secs(100));
    let outcome = scene.apply(&not_waited_for()).await;
    pulled.await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.log(), ["create a", "create b"]);
    assert_eq!(
        addresses(&scene),
        ["10.0.0.1", "10.0.0.1", "http://10.0.0.1:80"]
    );
    let started = scene.heard("started container_group.b");
    assert_eq!(started.len(), 1, "{started:?}");
    assert!(scene.apply(&not_waited_for()).await.changed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_output_alone_waits_for_the_address_too() {
    let manifest = not_waited_for();
    let (b, outputs) = (
        manifest.find("[container_group.b]").unwrap(),
        manifest.find("[output").unwrap(),
    );
    let manifest = manifest[..b].to_owned() + &manifest[outputs..];
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NoAddress);
    let pulled = pulled_after(&scene, Duration::from_secs(100));
    assert!(scene.apply(&manifest).await.is_complete());
    pulled.await.unwrap();
    let address = &scene.disk.snapshot().outputs["address"].value;
    assert_eq!(address.as_str(), Some("10.0.0.1"));
    assert!(scene.apply(&manifest).await.changed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_address_that_never_comes_fails_its_readers_and_not_the_group() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NoAddress);
    let outcome = scene.apply(&not_waited_for()).await;
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    assert_eq!(failure.address.to_string(), "container_group.b");
    let problem = failure.problem.to_string();
    assert!(
        problem.contains("container_group.a") && problem.contains("intranet_ip"),
        "{problem}"
    );
    assert_eq!(outcome.failed_outputs.len(), 2, "{outcome:?}");
    assert!(!a(&scene).tainted);
    assert!(scene.disk.snapshot().outputs.is_empty());
    let pulled = pulled_after(&scene, Duration::ZERO);
    assert!(scene.apply(&not_waited_for()).await.is_complete());
    pulled.await.unwrap();
    assert_eq!(scene.cloud.log(), ["create a", "create b"]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_the_wait_for_an_address() {
    let mut scene = Scene::new();
    scene.cloud.set_outcome("a", CreateOutcome::NoAddress);
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        stop.request_stop()
    };
    let began = tokio::time::Instant::now();
    let manifest = not_waited_for();
    let run = scene.run(&manifest, PlannerOptions::default(), stopped);
    let (outcome, _) = tokio::join!(run, stopping);
    let outcome = outcome.unwrap();
    assert!(began.elapsed() < Duration::from_secs(60));
    assert_eq!((outcome.failed.len(), outcome.not_started), (0, 1));
}
