//! The timeline of a group: every future time that matters to its containers.

use serde::{Deserialize, Serialize};

use super::container::ContainerTimeline;
use crate::model::clock::SimTime;

/// The timeline of a group: where its containers are on their way, at every time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GroupTimeline {
    /// The time at which the group was created or last restarted.
    pub(crate) began: SimTime,
    /// The time at which it was placed: from here on images are pulled.
    pub(crate) placed: SimTime,
    pub(crate) restarted: bool,
    /// The time at which the last init container is done; `None` if that never happens.
    pub(super) prepared: Option<SimTime>,
    /// The last update, and until when the group says so.
    pub(crate) updating: Option<(SimTime, SimTime)>,
    /// In the order of the group's lists.
    pub(crate) init: Vec<ContainerTimeline>,
    pub(crate) main: Vec<ContainerTimeline>,
}
