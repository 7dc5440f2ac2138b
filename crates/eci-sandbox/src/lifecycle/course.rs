//! The life of one container from the moment that it is wanted.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SHORT_RUN;
use crate::clock::{Moment, Pace};
use crate::request::{objects, text, texts, whole};

/// The pause after the first end, which doubles with every end (as the kubelet does).
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Ends after which the pause grows no more: 10 s × 2⁵ is above the longest.
const ENDS_TO_LONGEST: u32 = 5;
/// At instant pace, a container that cannot live has ended so often before anyone looks.
const INSTANT_ENDS: u32 = 3;

/// What happens to a container, laid out in advance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Course {
    /// The image.
    pub(crate) image: String,
    /// When it is pulled; `None` if it was there already or its turn never comes.
    pub(crate) pulls: Option<Moment>,
    /// Until when that takes; the end of the attempt where there is no such image.
    pub(crate) pulled: Option<Moment>,
    /// When it first runs; `None`: never.
    pub(crate) starts: Option<Moment>,
    /// How often it was restarted before.
    pub(crate) restarts: u32,
    /// The run before this course, if something stopped it.
    pub(crate) past: Option<Past>,
    nature: Nature,
    /// Seconds from the start until it is ready.
    ready_after: u64,
}

/// How a container runs, told by its image and command.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Nature {
    Lasts,
    Ends(i32),
    CannotBePulled,
}

/// A run that is over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Past {
    pub(crate) start: Moment,
    pub(crate) finish: Moment,
    pub(crate) code: i32,
}

/// Whether a container that ended is run again.
pub(crate) type RunsAgain = fn(i32) -> bool;

/// How a container stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Standing {
    /// Not running, and why.
    Waiting(Wait),
    /// Running since.
    Running(Moment),
    /// Ended for good.
    Ended(Past),
}

/// Why a container is not running yet, or not again yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Scheduling,
    InitContainers,
    Pulling,
    NoImage,
    NoImagePause,
    Pause,
}

/// A container at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct View {
    pub(crate) standing: Standing,
    pub(crate) previous: Option<Past>,
    pub(crate) restarts: u32,
    pub(crate) ready: bool,
}

impl Course {
    /// The course of a container that is not yet given its times.
    pub(crate) fn of(container: &Map<String, Value>, init: bool, pace: Pace) -> Course {
        let image = text(container, "image");
        let delay = container
            .get("readinessProbe")
            .and_then(Value::as_object)
            .and_then(|probe| whole(probe, "initialDelaySeconds"))
            .and_then(|delay| u64::try_from(delay).ok())
            .unwrap_or(0);
        Course {
            image: image.to_owned(),
            pulls: None,
            pulled: None,
            starts: None,
            restarts: 0,
            past: None,
            nature: nature(image, container, init),
            ready_after: pace.takes(Duration::from_secs(delay)).as_secs(),
        }
    }

    pub(crate) fn can_be_pulled(&self) -> bool {
        self.nature != Nature::CannotBePulled
    }

    /// The code with which each of its runs ends, if they end by themselves.
    pub(crate) fn ends_with(&self) -> Option<i32> {
        match self.nature {
            Nature::Ends(code) => Some(code),
            Nature::Lasts | Nature::CannotBePulled => None,
        }
    }

    /// How the container stands at `now`. `again` tells whether an end is followed by
    /// another run.
    pub(crate) fn view(&self, now: Moment, again: RunsAgain, pace: Pace) -> View {
        let Some(starts) = self.starts.filter(|starts| *starts <= now) else {
            return View {
                standing: Standing::Waiting(self.waits(now)),
                previous: self.past,
                restarts: self.restarts,
                ready: false,
            };
        };
        let Some(code) = self.ends_with() else {
            return View {
                standing: Standing::Running(starts),
                previous: self.past,
                restarts: self.restarts,
                ready: now.since(starts) >= Duration::from_secs(self.ready_after),
            };
        };
        let run = pace.takes(SHORT_RUN);
        let past = |start: Moment| Past {
            start,
            finish: start.plus(run),
            code,
        };
        if !again(code) {
            let over = past(starts);
            return View {
                standing: if now < over.finish {
                    Standing::Running(starts)
                } else {
                    Standing::Ended(over)
                },
                previous: self.past,
                restarts: self.restarts,
                ready: false,
            };
        }
        let turn = turn(starts, run, now, pace);
        // A container that ends at once is never ready: it would be gone before use.
        View {
            standing: match turn.pausing {
                true => Standing::Waiting(Wait::Pause),
                false => Standing::Running(turn.start),
            },
            previous: match (turn.pausing, turn.before) {
                (true, _) => Some(past(turn.start)),
                (false, Some(before)) => Some(past(before)),
                (false, None) => self.past,
            },
            restarts: self.restarts.saturating_add(turn.number),
            ready: false,
        }
    }

    /// How often it has ended until `now`, and when last, where it is run again and again.
    pub(crate) fn ends_until(&self, now: Moment, pace: Pace) -> Option<(u32, Moment)> {
        let starts = self.starts.filter(|starts| *starts <= now)?;
        let run = pace.takes(SHORT_RUN);
        let turn = turn(starts, run, now, pace);
        match (turn.pausing, turn.before) {
            (true, _) => Some((turn.number + 1, turn.start.plus(run))),
            (false, Some(before)) => Some((turn.number, before.plus(run))),
            (false, None) => None,
        }
    }

    fn waits(&self, now: Moment) -> Wait {
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

/// Which of many runs is the current one.
struct Turn {
    number: u32,
    start: Moment,
    before: Option<Moment>,
    /// The run is over and the next has not started.
    pausing: bool,
}

fn turn(first: Moment, run: Duration, now: Moment, pace: Pace) -> Turn {
    let mut turn = Turn {
        number: 0,
        start: first,
        before: None,
        pausing: false,
    };
    loop {
        let end = turn.start.plus(run);
        let next = end.plus(pause_after(turn.number, pace));
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
            return Turn {
                number: turn.number.saturating_add(skipped),
                start: last,
                before: Some(
                    turn.start
                        .plus(period.saturating_mul(skipped.saturating_sub(1))),
                ),
                pausing,
            };
        }
        turn = Turn {
            number: turn.number + 1,
            start: next,
            before: Some(turn.start),
            pausing: false,
        };
    }
}

fn pause_after(ends_before: u32, pace: Pace) -> Duration {
    if pace == Pace::Instant && ends_before < INSTANT_ENDS {
        return Duration::ZERO;
    }
    let doubled = FIRST_PAUSE.saturating_mul(1 << ends_before.min(ENDS_TO_LONGEST));
    doubled.min(LONGEST_PAUSE)
}

/// `:missing` never pulls, `:crash` ends with 1, `["exit", "N"]` ends with N. Init
/// containers always end, with 0 unless they say otherwise.
fn nature(image: &str, container: &Map<String, Value>, init: bool) -> Nature {
    if image.ends_with(":missing") {
        return Nature::CannotBePulled;
    }
    if image.ends_with(":crash") {
        return Nature::Ends(1);
    }
    let words: Vec<&str> = texts(container, "command")
        .chain(texts(container, "args"))
        .collect();
    let code = match words[..] {
        ["exit", code] => code.parse().ok(),
        _ => None,
    };
    match code {
        Some(code) => Nature::Ends(code),
        None if init => Nature::Ends(0),
        None => Nature::Lasts,
    }
}

/// The courses of the containers of one list, without times.
pub(super) fn all(spec: &Map<String, Value>, list: &str, pace: Pace) -> Vec<Course> {
    objects(spec, list)
        .map(|container| Course::of(container, list == "initContainers", pace))
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    const START: Moment = Moment::from_millis(1_000_000);

    fn course(container: Value) -> Course {
        let mut course = Course::of(container.as_object().unwrap(), false, Pace::Natural);
        course.starts = Some(START);
        course
    }

    fn at(course: &Course, seconds: u64, again: RunsAgain) -> View {
        course.view(
            START.plus(Duration::from_secs(seconds)),
            again,
            Pace::Natural,
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
        let paused = Standing::Waiting(Wait::Pause);
        // Runs at 0, 12-10+... : 1 s of running, then 10, 20, 40, 80, 160, 300, 300 s of pause.
        let mut start = 0;
        for (number, pause) in [10, 20, 40, 80, 160, 300, 300, 300].into_iter().enumerate() {
            let number = u32::try_from(number).unwrap();
            let running = at(&crash, start, |_| true);
            assert!(matches!(running.standing, Standing::Running(_)), "{number}");
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
            Standing::Running(_)
        ));
        let Standing::Ended(past) = at(&job, 1, |_| false).standing else {
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
    fn at_instant_pace_a_crash_has_happened_before_anyone_looks() {
        let container = json!({"image": "a:crash"});
        let mut crash = Course::of(container.as_object().unwrap(), false, Pace::Instant);
        crash.starts = Some(START);
        let view = crash.view(START, |_| true, Pace::Instant);
        assert_eq!(view.standing, Standing::Waiting(Wait::Pause));
        assert_eq!(view.restarts, 3);
        let later = START.plus(Duration::from_secs(80));
        assert_eq!(crash.view(later, |_| true, Pace::Instant).restarts, 4);
    }
}
