//! Whole groups on their way.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::*;
use crate::model::clock::{SimTime, TimeScale};

const START: SimTime = SimTime::from_millis(1_700_000_000_000);

fn spec(policy: &str, containers: Value, init: Value) -> Map<String, Value> {
    let group = json!({
        "containerGroupName": "g",
        "restartPolicy": policy,
        "containers": containers,
        "initContainers": init,
    });
    group.as_object().unwrap().clone()
}

fn after(seconds: u64) -> SimTime {
    START.plus(Duration::from_secs(seconds))
}

/// Returns the statuses at each of these seconds.
fn statuses(
    courses: &GroupTimeline,
    spec: &Map<String, Value>,
    seconds: &[u64],
) -> Vec<&'static str> {
    seconds
        .iter()
        .map(|second| phase(courses, spec, after(*second), TimeScale::Natural).status)
        .collect()
}

fn created(spec: &Map<String, Value>) -> GroupTimeline {
    GroupTimeline::create(spec, START, TimeScale::Natural)
}

fn reasons(courses: &GroupTimeline, spec: &Map<String, Value>, second: u64) -> Vec<(String, u32)> {
    events(courses, spec, after(second), TimeScale::Natural)
        .into_iter()
        .map(|event| (event.reason, event.count))
        .collect()
}

#[test]
fn a_group_is_scheduled_pulls_its_images_in_turn_and_runs() {
    let spec = spec(
        "Always",
        json!([{"name": "a", "image": "one"}, {"name": "b", "image": "two"}]),
        json!([]),
    );
    assert_eq!(
        statuses(&created(&spec), &spec, &[0, 1, 3, 4, 5, 1000]),
        [
            "Scheduling",
            "Pending",
            "Pending",
            "Pending",
            "Running",
            "Running"
        ]
    );
    let at_four = phase(&created(&spec), &spec, after(4), TimeScale::Natural);
    assert!(matches!(
        at_four.main[0].standing,
        ContainerState::Running(_)
    ));
    assert_eq!(
        at_four.main[1].standing,
        ContainerState::Waiting(Wait::Pulling)
    );
}

#[test]
fn an_image_that_is_there_is_not_pulled_again() {
    let spec = spec(
        "Always",
        json!([{"name": "a", "image": "one"}, {"name": "b", "image": "one"}]),
        json!([]),
    );
    assert_eq!(
        statuses(&created(&spec), &spec, &[2, 3]),
        ["Pending", "Running"]
    );
}

#[test]
fn init_containers_run_in_order_before_the_others() {
    let spec = spec(
        "Always",
        json!([{"name": "web", "image": "web"}]),
        json!([{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]),
    );
    let courses = created(&spec);
    // Placed 1, a pulled 3, done 4, b pulled 6, done 7, web pulled 9.
    let at = |second| phase(&courses, &spec, after(second), TimeScale::Natural);
    assert!(matches!(at(3).init[0].standing, ContainerState::Running(_)));
    assert!(matches!(at(4).init[0].standing, ContainerState::Ended(_)));
    assert_eq!(
        at(4).init[1].standing,
        ContainerState::Waiting(Wait::Pulling)
    );
    assert_eq!(
        at(6).main[0].standing,
        ContainerState::Waiting(Wait::InitContainers)
    );
    assert_eq!(statuses(&courses, &spec, &[8, 9]), ["Pending", "Running"]);
}

#[test]
fn an_init_container_that_fails_holds_the_group_or_fails_it() {
    let containers = json!([{"name": "web", "image": "web"}]);
    let init = json!([{"name": "a", "image": "x", "command": ["exit", "2"]}]);
    let never = spec("Never", containers.clone(), init.clone());
    assert_eq!(
        statuses(&created(&never), &never, &[3, 4, 900]),
        ["Pending", "Failed", "Failed"]
    );
    let always = spec("Always", containers, init);
    assert_eq!(
        statuses(&created(&always), &always, &[4, 900]),
        ["Pending", "Pending"]
    );
    let later = phase(&created(&always), &always, after(20), TimeScale::Natural);
    assert_eq!(later.init[0].restarts, 1);
}

#[test]
fn a_missing_image_is_never_pulled_and_says_so() {
    let spec = spec(
        "Always",
        json!([{"name": "a", "image": "app:missing"}, {"name": "b", "image": "fine"}]),
        json!([]),
    );
    let courses = created(&spec);
    assert_eq!(
        statuses(&courses, &spec, &[5, 10_000]),
        ["Pending", "Pending"]
    );
    let at = |second| phase(&courses, &spec, after(second), TimeScale::Natural);
    assert_eq!(
        at(5).main[0].standing,
        ContainerState::Waiting(Wait::NoImage)
    );
    assert_eq!(
        at(13).main[0].standing,
        ContainerState::Waiting(Wait::NoImagePause)
    );
    assert!(matches!(at(5).main[1].standing, ContainerState::Running(_)));
    let reported = reasons(&courses, &spec, 1000);
    for reason in ["Failed", "ErrImagePull"] {
        assert!(reported.contains(&(reason.to_owned(), 4)), "{reported:?}");
    }
}

#[test]
fn ends_are_judged_by_the_restart_policy() {
    for (policy, code, status) in [
        ("Never", "0", "Succeeded"),
        ("Never", "3", "Failed"),
        ("OnFailure", "0", "Succeeded"),
        ("OnFailure", "3", "Running"),
        ("Always", "0", "Running"),
    ] {
        let spec = spec(
            policy,
            json!([{"name": "job", "image": "job", "command": ["exit", code]}]),
            json!([]),
        );
        let courses = created(&spec);
        assert_eq!(
            statuses(&courses, &spec, &[3, 4]),
            ["Running", status],
            "{policy} {code}"
        );
        let late = phase(&courses, &spec, after(500), TimeScale::Natural);
        assert_eq!(
            late.main[0].restarts > 0,
            status == "Running",
            "{policy} {code}"
        );
        assert_eq!(late.succeeded, (status == "Succeeded").then(|| after(4)));
        assert_eq!(late.failed, (status == "Failed").then(|| after(4)));
    }
}

#[test]
fn one_failure_among_successes_fails_the_group_once_all_ended() {
    let mut containers = json!([
        {"name": "a", "image": "x", "command": ["exit", "0"]},
        {"name": "b", "image": "y", "command": ["exit", "1"]},
    ]);
    let both = spec("Never", containers.clone(), json!([]));
    assert_eq!(
        statuses(&created(&both), &both, &[5, 6]),
        ["Running", "Failed"]
    );
    containers[0]["command"] = json!(["serve"]);
    let one = spec("Never", containers, json!([]));
    assert_eq!(statuses(&created(&one), &one, &[600]), ["Running"]);
}

#[test]
fn a_crashing_container_is_backed_off_without_end() {
    let spec = spec(
        "Always",
        json!([{"name": "a", "image": "app:crash"}]),
        json!([]),
    );
    let courses = created(&spec);
    let early = phase(&courses, &spec, after(20), TimeScale::Natural);
    let late = phase(&courses, &spec, after(20_000), TimeScale::Natural);
    assert_eq!(early.main[0].restarts, 1);
    assert!(late.main[0].restarts > 60);
    let reported = reasons(&courses, &spec, 20_000);
    let count = late.main[0].restarts + 1;
    assert!(
        reported.contains(&("BackOff".to_owned(), count)),
        "{reported:?}"
    );
}

#[test]
fn an_update_runs_changed_containers_again_and_leaves_the_others() {
    let old = spec(
        "Always",
        json!([{"name": "a", "image": "one"}, {"name": "b", "image": "two"}]),
        json!([]),
    );
    let new = spec(
        "Always",
        json!([{"name": "b", "image": "three"}, {"name": "a", "image": "one"}]),
        json!([]),
    );
    let updated = created(&old).update(&old, &new, after(100), TimeScale::Natural);
    assert_eq!(
        statuses(&updated, &new, &[100, 102, 103]),
        ["Updating", "Updating", "Running"]
    );
    let done = phase(&updated, &new, after(103), TimeScale::Natural);
    assert_eq!(done.main[0].restarts, 1);
    assert_eq!(done.main[0].previous.unwrap().finish, after(100));
    assert_eq!(done.main[1].restarts, 0);
    assert_eq!(done.main[1].standing, ContainerState::Running(after(3)));
}

#[test]
fn an_update_can_repair_a_missing_image() {
    let old = spec(
        "Always",
        json!([{"name": "a", "image": "a:missing"}]),
        json!([]),
    );
    let new = spec("Always", json!([{"name": "a", "image": "a:1"}]), json!([]));
    let repaired = created(&old).update(&old, &new, after(60), TimeScale::Natural);
    assert_eq!(
        statuses(&repaired, &new, &[62, 63]),
        ["Updating", "Running"]
    );
    let broken = repaired.update(&new, &old, after(100), TimeScale::Natural);
    assert_eq!(
        statuses(&broken, &old, &[100, 101, 500]),
        ["Updating", "Pending", "Pending"]
    );
}

#[test]
fn a_restart_runs_everything_again_without_pulling() {
    let spec = spec(
        "Always",
        json!([{"name": "a", "image": "one"}]),
        json!([{"name": "i", "image": "init"}]),
    );
    let restarted = created(&spec).restart(&spec, after(100), TimeScale::Natural);
    assert_eq!(
        statuses(&restarted, &spec, &[100, 101, 102]),
        ["Restarting", "Pending", "Running"]
    );
    let done = phase(&restarted, &spec, after(102), TimeScale::Natural);
    assert_eq!((done.main[0].restarts, done.init[0].restarts), (1, 1));
}

#[test]
fn without_delays_every_change_completes_at_once() {
    let web = spec(
        "Always",
        json!([{"name": "a", "image": "one", "readinessProbe": {"initialDelaySeconds": 30}}]),
        json!([{"name": "i", "image": "init"}]),
    );
    let courses = GroupTimeline::create(&web, START, TimeScale::Instant);
    let now = phase(&courses, &web, START, TimeScale::Instant);
    assert_eq!(now.status, "Running");
    assert!(now.main[0].ready);
    let job = spec(
        "Never",
        json!([{"name": "a", "image": "b", "command": ["exit", "0"]}]),
        json!([]),
    );
    let courses = GroupTimeline::create(&job, START, TimeScale::Instant);
    assert_eq!(
        phase(&courses, &job, START, TimeScale::Instant).status,
        "Succeeded"
    );
    let missing = spec(
        "Never",
        json!([{"name": "a", "image": "b:missing"}]),
        json!([]),
    );
    let courses = GroupTimeline::create(&missing, START, TimeScale::Instant);
    let reported = events(&courses, &missing, START, TimeScale::Instant);
    assert!(reported.iter().any(|event| event.reason == "ErrImagePull"));
}

#[test]
fn events_are_reported_when_they_happen_and_not_before() {
    let spec = spec("Always", json!([{"name": "a", "image": "one"}]), json!([]));
    let courses = created(&spec);
    let reported = |second| -> Vec<String> {
        reasons(&courses, &spec, second)
            .into_iter()
            .map(|(reason, _)| reason)
            .collect()
    };
    assert_eq!(reported(0), [""; 0]);
    assert_eq!(reported(2), ["Scheduled", "Pulling"]);
    assert_eq!(
        reported(3),
        ["Scheduled", "Pulling", "Pulled", "Created", "Started"]
    );
}
