//! The events of a group so far.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SHORT_RUN;
use super::container::{ContainerTimeline, RestartCondition};
use super::status::policies;
use super::timeline::GroupTimeline;
use crate::model::clock::{SimTime, TimeScale, Timing};
use crate::model::request::{objects, text};

/// An event of a group, possibly repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) warning: bool,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) first: SimTime,
    pub(crate) last: SimTime,
    pub(crate) count: u32,
}

impl Event {
    pub(crate) fn normal(at: SimTime, reason: &str, message: impl Into<String>) -> Event {
        Event {
            warning: false,
            reason: reason.to_owned(),
            message: message.into(),
            first: at,
            last: at,
            count: 1,
        }
    }

    pub(crate) fn warning(at: SimTime, reason: &str, message: impl Into<String>) -> Event {
        Event {
            warning: true,
            ..Event::normal(at, reason, message)
        }
    }

    fn repeated(mut self, count: u32, last: SimTime) -> Event {
        self.count = count;
        self.last = last;
        self
    }
}

/// Returns all events up to `now`, in the order of time.
pub(crate) fn events(
    courses: &GroupTimeline,
    spec: &Map<String, Value>,
    now: SimTime,
    scale: TimeScale,
) -> Vec<Event> {
    let mut events = Vec::new();
    if !courses.restarted {
        let name = text(spec, "containerGroupName");
        events.push(Event::normal(
            courses.placed,
            "Scheduled",
            format!("Successfully assigned {name} to a node"),
        ));
    }
    let [init_again, again] = policies(spec);
    for (list, courses, again) in [
        ("initContainers", &courses.init, init_again),
        ("containers", &courses.main, again),
    ] {
        for (container, course) in objects(spec, list).zip(courses) {
            let name = text(container, "name");
            pull(&mut events, course, now);
            events.extend(run(name, course, again, Timing { now, scale }));
        }
    }
    events.retain(|event| event.first <= now);
    events.sort_by_key(|event| event.first);
    events
}

fn pull(events: &mut Vec<Event>, course: &ContainerTimeline, now: SimTime) {
    let image = &course.image;
    let (Some(from), Some(until)) = (course.pulls, course.pulled) else {
        return;
    };
    events.push(Event::normal(
        from,
        "Pulling",
        format!("Pulling image \"{image}\""),
    ));
    if course.can_be_pulled() {
        let took = until.since(from).as_secs_f64();
        events.push(Event::normal(
            until,
            "Pulled",
            format!("Successfully pulled image \"{image}\" in {took}s"),
        ));
        return;
    }
    // The pull is retried at least every five minutes.
    let tries = 1 + u32::try_from(now.since(until).as_secs() / 300).unwrap_or(u32::MAX - 1);
    let last = if tries > 1 { now } else { until };
    for (reason, message) in [
        (
            "Failed",
            format!("Failed to pull image \"{image}\": manifest for {image} not found"),
        ),
        ("ErrImagePull", format!("Error: ErrImagePull \"{image}\"")),
        ("BackOff", format!("Back-off pulling image \"{image}\"")),
    ] {
        events.push(Event::warning(until, reason, message).repeated(tries, last));
    }
}

fn run(name: &str, course: &ContainerTimeline, again: RestartCondition, at: Timing) -> Vec<Event> {
    let Some(starts) = course.starts else {
        return Vec::new();
    };
    let loops = course.ends_with().is_some_and(again);
    let ends = if loops {
        course.ends_until(at.now, at.scale)
    } else {
        None
    };
    let (count, last) = ends.unwrap_or((1, starts));
    let mut events = vec![
        Event::normal(starts, "Created", format!("Created container {name}")).repeated(count, last),
        Event::normal(starts, "Started", format!("Started container {name}")).repeated(count, last),
    ];
    if let Some((count, last)) = ends {
        events.push(
            Event::warning(
                starts.plus(at.scale.takes(SHORT_RUN)),
                "BackOff",
                format!("Back-off restarting failed container {name}"),
            )
            .repeated(count, last),
        );
    }
    events
}
