//! The changes of a group, each of which lays out its timeline.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Map, Value};

use super::container::{self, ContainerState, ContainerTimeline, FinishedRun, View};
use super::timeline::GroupTimeline;
use super::{PULLING, RESTARTING, SCHEDULING, SHORT_RUN, UPDATING, status};
use crate::model::clock::{SimTime, TimeScale};
use crate::model::request::{objects, text};

/// The exit code of a stopped container (128 + SIGTERM).
const STOPPED: i32 = 143;

impl GroupTimeline {
    /// Creates the course of a group that is created now.
    pub(crate) fn create(
        spec: &Map<String, Value>,
        now: SimTime,
        scale: TimeScale,
    ) -> GroupTimeline {
        let mut courses = GroupTimeline {
            began: now,
            placed: now.plus(scale.takes(SCHEDULING)),
            restarted: false,
            prepared: None,
            updating: None,
            init: container::all(spec, "initContainers", scale),
            main: container::all(spec, "containers", scale),
        };
        courses.assign_times(&HashSet::new(), scale);
        courses
    }

    /// Restarts the group now: everything runs again, with the images it has.
    pub(crate) fn restart(
        &self,
        spec: &Map<String, Value>,
        now: SimTime,
        scale: TimeScale,
    ) -> GroupTimeline {
        let mut courses = GroupTimeline {
            began: now,
            placed: now.plus(scale.takes(RESTARTING)),
            restarted: true,
            prepared: None,
            updating: None,
            init: container::all(spec, "initContainers", scale),
            main: container::all(spec, "containers", scale),
        };
        let before = status::views(self, spec, now, scale);
        for (list, views) in [(&mut courses.init, before.0), (&mut courses.main, before.1)] {
            for (course, view) in list.iter_mut().zip(views) {
                course.restart_after(&view, &course.image.clone(), now);
            }
        }
        courses.assign_times(&self.present(now), scale);
        courses
    }

    /// Updates the group now from `old` to `new`: containers that changed run again.
    ///
    /// A new restart policy changes all of them (assumed).
    pub(crate) fn update(
        &self,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
        now: SimTime,
        scale: TimeScale,
    ) -> GroupTimeline {
        let (_, before) = status::views(self, old, now, scale);
        let all = text(old, "restartPolicy") != text(new, "restartPolicy");
        let mut present = self.present(now);
        let free = now.plus(scale.takes(UPDATING));
        let ready_for_them = self.prepared.map(|done| done.max(free));
        let mut until = free;
        let mut main = Vec::new();
        for container in objects(new, "containers") {
            let name = text(container, "name");
            let was = objects(old, "containers").position(|one| text(one, "name") == name);
            let unchanged =
                was.filter(|at| !all && objects(old, "containers").nth(*at) == Some(container));
            if let Some(course) = unchanged.and_then(|at| self.main.get(at)) {
                main.push(course.clone());
                continue;
            }
            let mut course = ContainerTimeline::of(container, false, scale);
            if let Some(at) = was
                && let (Some(view), Some(old)) = (before.get(at), self.main.get(at))
            {
                course.restart_after(view, &old.image, now);
            }
            let began = schedule(&mut course, ready_for_them, &mut present, scale);
            until = until.max(began.unwrap_or(until));
            main.push(course);
        }
        GroupTimeline {
            updating: Some((now, until)),
            main,
            ..self.clone()
        }
    }

    /// Assigns times: init containers one after the other, then the containers, whose images are
    /// pulled one after the other.
    fn assign_times(&mut self, present: &HashSet<String>, scale: TimeScale) {
        let mut present = present.clone();
        let mut free = Some(self.placed);
        for course in &mut self.init {
            free = schedule(course, free, &mut present, scale)
                .filter(|_| course.ends_with() == Some(0))
                .map(|starts| starts.plus(scale.takes(SHORT_RUN)));
        }
        self.prepared = free;
        for course in &mut self.main {
            let started = schedule(course, free, &mut present, scale);
            // An image that cannot be pulled does not hold up the next.
            free = started.or(course.pulled).or(free);
        }
    }

    /// Returns the images that are already pulled.
    fn present(&self, now: SimTime) -> HashSet<String> {
        self.init
            .iter()
            .chain(&self.main)
            .filter(|course| course.starts.is_some_and(|starts| starts <= now))
            .map(|course| course.image.clone())
            .collect()
    }
}

/// Gives a course its times from `free` on, and returns when it starts.
fn schedule(
    course: &mut ContainerTimeline,
    free: Option<SimTime>,
    present: &mut HashSet<String>,
    scale: TimeScale,
) -> Option<SimTime> {
    let free = free?;
    let is_pulled = !present.contains(&course.image);
    let pull = if is_pulled { PULLING } else { Duration::ZERO };
    let pulled = free.plus(scale.takes(pull));
    if is_pulled {
        course.pulls = Some(free);
        course.pulled = Some(pulled);
    }
    if !course.can_be_pulled() {
        return None;
    }
    present.insert(course.image.clone());
    course.starts = Some(pulled);
    Some(pulled)
}

impl ContainerTimeline {
    /// Continues the course of a container of this image, which is stopped now.
    fn restart_after(&mut self, view: &View, image: &str, now: SimTime) {
        self.restarts = view.restarts + 1;
        self.past = match view.standing {
            ContainerState::Running(start) => Some(FinishedRun {
                start,
                finish: now,
                code: STOPPED,
            }),
            ContainerState::Ended(past) => Some(past),
            ContainerState::Waiting(_) => view.previous,
        };
        self.past_image = match view.standing {
            ContainerState::Waiting(_) => view.previous_image.clone(),
            ContainerState::Running(_) | ContainerState::Ended(_) => image.to_owned(),
        };
    }
}
