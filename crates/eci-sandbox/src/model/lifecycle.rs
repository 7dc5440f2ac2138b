//! The life of a group: a pure function of the times of its requests and the current time.
//!
//! Nothing runs in the background. A change of a group computes the [`GroupTimeline`] of its
//! containers, which holds every relevant future time; reading the group looks up the current time
//! on it.

mod container;
mod events;
mod group;
mod status;
mod timeline;

pub(crate) use container::{ContainerState, FinishedRun, View, Wait};
pub(crate) use events::{Event, events};
pub(crate) use status::{Phase, phase};
pub(crate) use timeline::GroupTimeline;

use std::time::Duration;

/// From the request until a place is found.
const SCHEDULING: Duration = Duration::from_secs(1);
/// From a restart until the containers start again (assumed).
const RESTARTING: Duration = Duration::from_secs(1);
/// From an update until changed containers start again, without their pull.
const UPDATING: Duration = Duration::from_secs(1);
/// The time to pull one image that is not present.
const PULLING: Duration = Duration::from_secs(2);
/// The running time of init containers, and of containers that end by themselves.
const SHORT_RUN: Duration = Duration::from_secs(1);
/// The time from a graceful delete until the group is deleted.
pub(crate) const TERMINATING: Duration = Duration::from_secs(2);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
