//! The status of a group at one time.

use serde_json::{Map, Value};

use super::container::{ContainerState, RestartCondition, View, Wait};
use super::timeline::GroupTimeline;
use crate::model::clock::{SimTime, TimeScale};
use crate::model::request::text;

/// A group at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Phase {
    /// The status as the cloud spells it.
    pub(crate) status: &'static str,
    pub(crate) init: Vec<View>,
    pub(crate) main: Vec<View>,
    pub(crate) succeeded: Option<SimTime>,
    pub(crate) failed: Option<SimTime>,
}

/// Returns the phase of the group at `now`.
pub(crate) fn phase(
    courses: &GroupTimeline,
    spec: &Map<String, Value>,
    now: SimTime,
    scale: TimeScale,
) -> Phase {
    let (init, main) = views(courses, spec, now, scale);
    let mut phase = Phase {
        status: "Pending",
        init,
        main,
        succeeded: None,
        failed: None,
    };
    let updating = courses
        .updating
        .is_some_and(|(from, until)| from <= now && now < until);
    if now < courses.placed {
        phase.status = if courses.restarted {
            "Restarting"
        } else {
            "Scheduling"
        };
    } else if updating {
        phase.status = "Updating";
    } else if let Some((code, finish)) = end_of_all(&phase) {
        if code == 0 {
            phase.status = "Succeeded";
            phase.succeeded = Some(finish);
        } else {
            phase.status = "Failed";
            phase.failed = Some(finish);
        }
    } else if phase.main.iter().all(has_started) {
        phase.status = "Running";
    }
    phase
}

/// Returns the containers at `now`: init containers, then the others.
pub(super) fn views(
    courses: &GroupTimeline,
    spec: &Map<String, Value>,
    now: SimTime,
    scale: TimeScale,
) -> (Vec<View>, Vec<View>) {
    let [init_again, again] = policies(spec);
    let view =
        |list: &[super::container::ContainerTimeline], again: RestartCondition| -> Vec<View> {
            list.iter()
                .map(|course| {
                    let mut view = course.view(now, again, scale);
                    if now < courses.placed && matches!(view.standing, ContainerState::Waiting(_)) {
                        view.standing = ContainerState::Waiting(Wait::Scheduling);
                    }
                    view
                })
                .collect()
        };
    (view(&courses.init, init_again), view(&courses.main, again))
}

/// Returns which ends are followed by another run: of init containers, and of the others.
pub(super) fn policies(spec: &Map<String, Value>) -> [RestartCondition; 2] {
    match text(spec, "restartPolicy") {
        "Never" => [|_| false, |_| false],
        "OnFailure" => [|code| code != 0, |code| code != 0],
        _ => [|code| code != 0, |_| true],
    }
}

/// Returns the first code that is not 0, and the time of the last end, if nothing will run any
/// more.
fn end_of_all(phase: &Phase) -> Option<(i32, SimTime)> {
    let failed_init = phase.init.iter().find_map(|view| match view.standing {
        ContainerState::Ended(past) if past.code != 0 => Some((past.code, past.finish)),
        _ => None,
    });
    if failed_init.is_some() {
        return failed_init;
    }
    let mut code = 0;
    let mut finish = None;
    for view in &phase.main {
        let ContainerState::Ended(past) = view.standing else {
            return None;
        };
        code = if code == 0 { past.code } else { code };
        finish = finish.max(Some(past.finish));
    }
    finish.map(|finish| (code, finish))
}

fn has_started(view: &View) -> bool {
    match view.standing {
        ContainerState::Running(_) | ContainerState::Ended(_) => true,
        ContainerState::Waiting(wait) => wait == Wait::Pause,
    }
}
