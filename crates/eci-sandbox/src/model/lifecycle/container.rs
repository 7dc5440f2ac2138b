//! The life of one container from the time at which it is requested.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SHORT_RUN;
use crate::model::clock::{SimTime, TimeScale};
use crate::model::request::{objects, text, texts, whole};

/// The pause after the first end, which doubles with every end (as the kubelet does).
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Ends after which the pause grows no more: 10 s × 2⁵ is above the longest.
const ENDS_TO_LONGEST: u32 = 5;
/// At instant scale, a container that cannot live has ended so often before anyone looks.
const INSTANT_ENDS: u32 = 3;

/// The events of a container, determined in advance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ContainerTimeline {
    /// The image.
    pub(crate) image: String,
    /// The time at which it is pulled; `None` if it was there already or its turn never comes.
    pub(crate) pulls: Option<SimTime>,
    /// Until when that takes; the end of the attempt where the image does not exist.
    pub(crate) pulled: Option<SimTime>,
    /// The time of its first run; `None`: never.
    pub(crate) starts: Option<SimTime>,
    /// The number of earlier restarts.
    pub(crate) restarts: u32,
    /// The run before this course, if it was stopped.
    pub(crate) past: Option<FinishedRun>,
    /// The image of that run; empty if there was none.
    #[serde(default)]
    pub(crate) past_image: String,
    nature: ContainerBehavior,
    /// Seconds from the start until it is ready.
    ready_after: u64,
}

/// The behavior of a container, determined by its image and command.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum ContainerBehavior {
    Lasts,
    Ends(i32),
    CannotBePulled,
}

/// A run that is over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FinishedRun {
    pub(crate) start: SimTime,
    pub(crate) finish: SimTime,
    pub(crate) code: i32,
}

/// A condition on the exit code of a container: whether it is run again.
pub(crate) type RestartCondition = fn(i32) -> bool;

/// The state of a container at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ContainerState {
    /// Not running, and why.
    Waiting(Wait),
    /// Running since.
    Running(SimTime),
    /// Ended for good.
    Ended(FinishedRun),
}

/// A reason why a container is not running yet, or not again yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Scheduling,
    InitContainers,
    Pulling,
    NoImage,
    NoImagePause,
    Pause,
}

/// A container at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct View {
    pub(crate) standing: ContainerState,
    pub(crate) previous: Option<FinishedRun>,
    /// The image of the previous run, which an update may have changed since.
    pub(crate) previous_image: String,
    pub(crate) restarts: u32,
    pub(crate) ready: bool,
}

impl ContainerTimeline {
    /// Creates the course of a container, without times.
    pub(crate) fn of(
        container: &Map<String, Value>,
        init: bool,
        scale: TimeScale,
    ) -> ContainerTimeline {
        let image = text(container, "image");
        let delay = container
            .get("readinessProbe")
            .and_then(Value::as_object)
            .and_then(|probe| whole(probe, "initialDelaySeconds"))
            .and_then(|delay| u64::try_from(delay).ok())
            .unwrap_or(0);
        ContainerTimeline {
            image: image.to_owned(),
            pulls: None,
            pulled: None,
            starts: None,
            restarts: 0,
            past: None,
            past_image: String::new(),
            nature: nature(image, container, init),
            ready_after: scale.takes(Duration::from_secs(delay)).as_secs(),
        }
    }

    pub(crate) fn can_be_pulled(&self) -> bool {
        self.nature != ContainerBehavior::CannotBePulled
    }

    /// Returns the code with which each of its runs ends, if they end by themselves.
    pub(crate) fn ends_with(&self) -> Option<i32> {
        match self.nature {
            ContainerBehavior::Ends(code) => Some(code),
            ContainerBehavior::Lasts | ContainerBehavior::CannotBePulled => None,
        }
    }

    /// Returns the status of the container at `now`.
    ///
    /// `again`: whether an end is followed by another run.
    pub(crate) fn view(&self, now: SimTime, again: RestartCondition, scale: TimeScale) -> View {
        let Some(starts) = self.starts.filter(|starts| *starts <= now) else {
            return View {
                standing: ContainerState::Waiting(self.waits(now)),
                previous: self.past,
                previous_image: self.past_image.clone(),
                restarts: self.restarts,
                ready: false,
            };
        };
        let Some(code) = self.ends_with() else {
            return View {
                standing: ContainerState::Running(starts),
                previous: self.past,
                previous_image: self.past_image.clone(),
                restarts: self.restarts,
                ready: now.since(starts) >= Duration::from_secs(self.ready_after),
            };
        };
        let run = scale.takes(SHORT_RUN);
        let past = |start: SimTime| FinishedRun {
            start,
            finish: start.plus(run),
            code,
        };
        if !again(code) {
            let over = past(starts);
            return View {
                standing: if now < over.finish {
                    ContainerState::Running(starts)
                } else {
                    ContainerState::Ended(over)
                },
                previous: self.past,
                previous_image: self.past_image.clone(),
                restarts: self.restarts,
                ready: false,
            };
        }
        let turn = turn(starts, run, now, scale);
        // A container that ends at once is never ready: it would end before use.
        View {
            standing: if turn.pausing {
                ContainerState::Waiting(Wait::Pause)
            } else {
                ContainerState::Running(turn.start)
            },
            previous: match (turn.pausing, turn.before) {
                (true, _) => Some(past(turn.start)),
                (false, Some(before)) => Some(past(before)),
                (false, None) => self.past,
            },
            previous_image: match (turn.pausing, turn.before) {
                (false, None) => self.past_image.clone(),
                _ => self.image.clone(),
            },
            restarts: self.restarts.saturating_add(turn.number),
            ready: false,
        }
    }

    /// Returns the number of ends until `now`, and the time of the last one, where it is run again
    /// and again.
    pub(crate) fn ends_until(&self, now: SimTime, scale: TimeScale) -> Option<(u32, SimTime)> {
        let starts = self.starts.filter(|starts| *starts <= now)?;
        let run = scale.takes(SHORT_RUN);
        let turn = turn(starts, run, now, scale);
        match (turn.pausing, turn.before) {
            (true, _) => Some((turn.number + 1, turn.start.plus(run))),
            (false, Some(before)) => Some((turn.number, before.plus(run))),
            (false, None) => None,
        }
    }

    fn waits(&self, now: SimTime) -> Wait {
        match (self.pulls, self.pulled) {
            (Some(pulls), Some(pulled)) if pulls <= now => {
                if now < pulled || self.can_be_pulled() {
                    Wait::Pulling
                } else if now.since(pulled) < FIRST_PAUSE {
                    Wait::NoImage
                } else {
                    Wait::NoImagePause
                }
            }
            _ => Wait::InitContainers,
        }
    }
}

/// The current one of many runs.
struct RunCycle {
    number: u32,
    start: SimTime,
    before: Option<SimTime>,
    /// The run is over and the next has not started.
    pausing: bool,
}

fn turn(first: SimTime, run: Duration, now: SimTime, scale: TimeScale) -> RunCycle {
    let mut turn = RunCycle {
        number: 0,
        start: first,
        before: None,
        pausing: false,
    };
    loop {
        let end = turn.start.plus(run);
        let next = end.plus(pause_after(turn.number, scale));
        if now < next {
            turn.pausing = now >= end;
            return turn;
        }
        if turn.number >= ENDS_TO_LONGEST {
            // All further turns are equally long: go there at once.
            let period = run + LONGEST_PAUSE;
            let skipped = now.since(turn.start).as_millis() / period.as_millis();
            let skipped = u32::try_from(skipped).unwrap_or(u32::MAX);
            let last = turn.start.plus(period.saturating_mul(skipped));
            let pausing = now >= last.plus(run);
            return RunCycle {
                number: turn.number.saturating_add(skipped),
                start: last,
                before: Some(
                    turn.start
                        .plus(period.saturating_mul(skipped.saturating_sub(1))),
                ),
                pausing,
            };
        }
        turn = RunCycle {
            number: turn.number + 1,
            start: next,
            before: Some(turn.start),
            pausing: false,
        };
    }
}

fn pause_after(ends_before: u32, scale: TimeScale) -> Duration {
    if scale == TimeScale::Instant && ends_before < INSTANT_ENDS {
        return Duration::ZERO;
    }
    let doubled = FIRST_PAUSE.saturating_mul(1 << ends_before.min(ENDS_TO_LONGEST));
    doubled.min(LONGEST_PAUSE)
}

/// Returns the behavior of a container.
///
/// `:missing` never pulls, `:crash` ends with 1, `["exit", "N"]` ends with N. Init containers
/// always end, with 0 unless they say otherwise.
fn nature(image: &str, container: &Map<String, Value>, init: bool) -> ContainerBehavior {
    if image.ends_with(":missing") {
        return ContainerBehavior::CannotBePulled;
    }
    if image.ends_with(":crash") {
        return ContainerBehavior::Ends(1);
    }
    let words: Vec<&str> = texts(container, "command")
        .chain(texts(container, "args"))
        .collect();
    let code = match words[..] {
        ["exit", code] => code.parse().ok(),
        _ => None,
    };
    match code {
        Some(code) => ContainerBehavior::Ends(code),
        None if init => ContainerBehavior::Ends(0),
        None => ContainerBehavior::Lasts,
    }
}

/// Returns the courses of the containers of one list, without times.
pub(super) fn all(
    spec: &Map<String, Value>,
    list: &str,
    scale: TimeScale,
) -> Vec<ContainerTimeline> {
    objects(spec, list)
        .map(|container| ContainerTimeline::of(container, list == "initContainers", scale))
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    const START: SimTime = SimTime::from_millis(1_000_000);

    fn course(container: Value) -> ContainerTimeline {
        let mut course =
            ContainerTimeline::of(container.as_object().unwrap(), false, TimeScale::Natural);
        course.starts = Some(START);
        course
    }

    fn at(course: &ContainerTimeline, seconds: u64, again: RestartCondition) -> View {
        course.view(
            START.plus(Duration::from_secs(seconds)),
            again,
            TimeScale::Natural,
        )
    }

    #[test]
    fn a_container_is_ready_after_its_probes_delay() {
        let web = course(json!({"image": "nginx", "readinessProbe": {"initialDelaySeconds": 10}}));
        assert!(!at(&web, 9, |_| true).ready);
        assert!(at(&web, 10, |_| true).ready);
    }

    #[test]
    fn a_crashing_container_pauses_longer_each_time() {
        let crash = course(json!({"image": "app:crash"}));
        let paused = ContainerState::Waiting(Wait::Pause);
        // Runs at 0, 12-10+... : 1 s of running, then 10, 20, 40, 80, 160, 300, 300 s of pause.
        let mut start = 0;
        for (number, pause) in [10, 20, 40, 80, 160, 300, 300, 300].into_iter().enumerate() {
            let number = u32::try_from(number).unwrap();
            let running = at(&crash, start, |_| true);
            assert!(
                matches!(running.standing, ContainerState::Running(_)),
                "{number}"
            );
            assert_eq!(running.restarts, number);
            assert_eq!(running.previous.is_some(), number > 0);
            let waiting = at(&crash, start + pause, |_| true);
            assert_eq!((waiting.standing, waiting.restarts), (paused, number));
            start += 1 + pause;
        }
    }

    #[test]
    fn after_years_of_crashes_the_count_is_found_at_once() {
        let crash = course(json!({"image": "app:crash"}));
        let early = 1 + 10 + 1 + 20 + 1 + 40 + 1 + 80 + 1 + 160;
        let late = at(&crash, early + 1_000_000 * 301, |_| true);
        assert_eq!(late.restarts, 5 + 1_000_000);
        assert_eq!(
            late.previous.unwrap().start,
            START.plus(Duration::from_secs(early + 999_999 * 301))
        );
    }

    #[test]
    fn a_container_that_is_not_run_again_keeps_its_code() {
        let job = course(json!({"image": "job", "command": ["exit", "3"]}));
        assert!(matches!(
            at(&job, 0, |_| false).standing,
            ContainerState::Running(_)
        ));
        let ContainerState::Ended(past) = at(&job, 1, |_| false).standing else {
            panic!("it runs on");
        };
        assert_eq!(past.code, 3);
        assert_eq!(past.finish.since(past.start), Duration::from_secs(1));
    }

    #[test]
    fn only_exit_with_a_number_ends() {
        for (container, ends) in [
            (
                json!({"image": "a", "command": ["exit"], "args": ["7"]}),
                Some(7),
            ),
            (json!({"image": "a", "command": ["exit", "x"]}), None),
            (
                json!({"image": "a", "command": ["sh", "-c", "exit 1"]}),
                None,
            ),
            (json!({"image": "batch"}), None),
            (json!({"image": "a:crash"}), Some(1)),
        ] {
            assert_eq!(course(container.clone()).ends_with(), ends, "{container}");
        }
    }

    #[test]
    fn without_delays_a_crash_has_happened_before_anyone_looks() {
        let container = json!({"image": "a:crash"});
        let mut crash =
            ContainerTimeline::of(container.as_object().unwrap(), false, TimeScale::Instant);
        crash.starts = Some(START);
        let view = crash.view(START, |_| true, TimeScale::Instant);
        assert_eq!(view.standing, ContainerState::Waiting(Wait::Pause));
        assert_eq!(view.restarts, 3);
        let later = START.plus(Duration::from_secs(80));
        assert_eq!(crash.view(later, |_| true, TimeScale::Instant).restarts, 4);
    }
}
