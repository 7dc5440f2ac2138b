//! Groups that take their time to become ready, and runs that end before they are.
#![allow(clippy::unwrap_used)]

mod model;
mod scene;
mod services;

use std::sync::Arc;
use std::time::Duration;

use eci_executor::{ApplyError, Effects, Outcome, Problem, Stop, Stopped};
use eci_planner::{Deed, Mode, Options};
use eci_state::{ResourceState, Store as _};

use model::{Fate, effects};
use scene::Scene;

/// Two groups: b needs a.
const TWO: &str = r#"
[container_group.a]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{ name = "main", image = "app:1" }]

[container_group.b]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{ name = "main", image = "app:1", env = { A = '${container_group.a.intranet_ip}' } }]
"#;

fn changed() -> String {
    TWO.replacen("app:1", "app:2", 1)
}

fn a(scene: &Scene) -> ResourceState {
    scene.disk.snapshot().resources[&"container_group.a".parse().unwrap()].clone()
}

/// The run is stopped at once while it waits for a.
async fn cut_off(scene: &mut Scene, manifest: &str) {
    let (stop, stopped) = Stop::new();
    let twice = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        stop.press();
        tokio::time::sleep(Duration::from_millis(1)).await;
        stop.press()
    };
    let run = scene.run(manifest, Options::default(), stopped);
    let (outcome, _) = tokio::join!(run, twice);
    outcome.unwrap();
}

fn not_ready(outcome: &Outcome) -> &Problem {
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    assert!(
        matches!(failure.problem, Problem::NotReady(_)),
        "{outcome:?}"
    );
    &failure.problem
}

#[tokio::test(start_paused = true)]
async fn the_next_run_goes_on_waiting_before_it_makes_what_needs_the_group() {
    let mut scene = Scene::new();
    scene.cloud.fate("a", Fate::NeverReady);
    cut_off(&mut scene, TWO).await;
    assert!(a(&scene).ready_by.is_some());
    scene.recover().await;
    let cloud = scene.cloud.clone();
    let ready = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(cloud.log(), ["create a"]);
        cloud.pull();
    });
    let outcome = scene.apply(TWO).await;
    ready.await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.log(), ["create a", "create b"]);
    assert_eq!((a(&scene).ready_by, a(&scene).tainted), (None, false));
    assert!(!outcome.done.contains_key("no-op"));
    assert!(scene.apply(TWO).await.done.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_no_run_ever_sees_ready_is_tainted_and_replaced() {
    let mut scene = Scene::new();
    scene.cloud.fate("a", Fate::NeverReady);
    cut_off(&mut scene, TWO).await;
    scene.recover().await;
    let outcome = scene.apply(TWO).await;
    not_ready(&outcome);
    assert_eq!(outcome.failed[0].deed, Deed::Wait);
    assert_eq!((outcome.skipped.len(), outcome.not_begun), (1, 0));
    assert_eq!((a(&scene).ready_by, a(&scene).tainted), (None, true));
    assert_eq!(scene.cloud.log(), ["create a"]);
    let outcome = scene.apply(TWO).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let log = ["create a", "delete eci-1", "create a", "create b"];
    assert_eq!(scene.cloud.log(), log);
}

#[tokio::test(start_paused = true)]
async fn the_time_to_become_ready_does_not_begin_anew_with_each_run() {
    let mut scene = Scene::new();
    scene.cloud.fate("a", Fate::NeverReady);
    cut_off(&mut scene, TWO).await;
    let tomorrow = Effects {
        now: Arc::new(|| "2026-01-02T00:00:00Z".to_owned()),
        ..effects()
    };
    let began = tokio::time::Instant::now();
    let options = Options::default();
    let run = scene.run_at(&tomorrow, (TWO, options), Stopped::never());
    not_ready(&run.await.unwrap());
    assert!(began.elapsed() < Duration::from_secs(60));
    assert!(a(&scene).tainted);
}

#[tokio::test(start_paused = true)]
async fn a_destroy_and_a_refresh_wait_for_nothing() {
    for mode in [Mode::RefreshOnly, Mode::Destroy] {
        let mut scene = Scene::new();
        scene.cloud.fate("a", Fate::NeverReady);
        cut_off(&mut scene, TWO).await;
        let options = Options {
            mode,
            ..Options::default()
        };
        let began = tokio::time::Instant::now();
        let outcome: Result<Outcome, ApplyError> = scene.run(TWO, options, Stopped::never()).await;
        assert!(outcome.unwrap().is_complete());
        assert!(began.elapsed() < Duration::from_secs(60), "{mode:?}");
    }
}

/// The image of a change is misspelt, and then corrected.
#[tokio::test(start_paused = true)]
async fn a_change_that_does_not_become_ready_stays_a_change() {
    for fate in [Fate::NeverReady, Fate::Restarts] {
        let mut scene = Scene::new();
        assert!(scene.apply(TWO).await.is_complete());
        scene.cloud.fate("eci-1", fate);
        let outcome = scene.apply(&changed()).await;
        not_ready(&outcome);
        assert!(!a(&scene).tainted);
        // It is waited for until it is ready, without another call.
        let outcome = scene.apply(&changed()).await;
        not_ready(&outcome);
        assert_eq!(outcome.failed[0].deed, Deed::Wait);
        assert!(!a(&scene).tainted);
        let calls = ["create a", "create b", "update eci-1"];
        assert_eq!(scene.cloud.log(), calls);
        let outcome = scene.apply(&TWO.replacen("app:1", "app:3", 1)).await;
        assert_eq!(outcome.done["update"], 1, "{outcome:?}");
        assert!(outcome.is_complete());
        assert_eq!(scene.cloud.log()[3..], ["update eci-1"]);
        assert_eq!(a(&scene).id.as_deref(), Some("eci-1"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_cut_off_is_waited_for_too() {
    let mut scene = Scene::new();
    assert!(scene.apply(TWO).await.is_complete());
    scene.cloud.fate("eci-1", Fate::NeverReady);
    cut_off(&mut scene, &changed()).await;
    scene.recover().await;
    assert!(a(&scene).ready_by.is_some());
    scene.cloud.fate("eci-1", Fate::NeverReady);
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
    scene.cloud.fate("a", Fate::NeverReady);
    cut_off(&mut scene, TWO).await;
    scene.recover().await;
    scene.cloud.fate("eci-1", Fate::NeverReady);
    not_ready(&scene.apply(&changed()).await);
    assert!(a(&scene).tainted);
}
