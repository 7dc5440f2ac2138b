//! The progress that a run reports.

use std::fmt;
use std::time::Duration;

use eci_core::Address;
use eci_planner::TaskKind;
use eci_text::Text;

use crate::error::TaskError;

/// An event of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The run begins.
    RunStarted {
        /// The number of changes that it will make.
        changes: usize,
    },
    /// Work on a resource begins.
    TaskStarted {
        /// The resource.
        address: Address,
        /// The task.
        action: TaskKind,
    },
    /// An action in progress reached another phase.
    Progress {
        /// The resource.
        address: Address,
        /// The phase, for example `Pending: pulling nginx:1.28`.
        phase: Text,
    },
    /// The cloud created a resource; it may not be ready yet.
    ResourceCreated {
        /// The resource.
        address: Address,
        /// The cloud's id.
        id: String,
    },
    /// Work on a resource is done.
    TaskFinished {
        /// The resource.
        address: Address,
        /// The task.
        action: TaskKind,
        /// The cloud's id, where it has one.
        id: Option<String>,
        /// The time that it took.
        elapsed: Duration,
    },
    /// Work on a resource failed.
    TaskFailed {
        /// The resource.
        address: Address,
        /// The task.
        action: TaskKind,
        /// The reason.
        error: TaskError,
    },
    /// A resource was skipped, because one of its dependencies failed.
    TaskSkipped {
        /// The resource.
        address: Address,
        /// The one that failed.
        cause: Address,
    },
    /// An operation that an earlier run left open was recovered.
    Recovered {
        /// The resource.
        address: Address,
        /// Its outcome.
        recovery: RecoveryOutcome,
    },
    /// A stop was requested: no task is started any more, and started ones are finished.
    StopRequested {
        /// The resources whose operations are in progress, each once, in the order of the plan.
        in_progress: Vec<Address>,
    },
}

/// The outcome of a call whose end an earlier run did not see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoveryOutcome {
    /// The create took effect: its result is adopted.
    Adopted {
        /// The cloud's id.
        id: String,
    },
    /// The create took effect: its result is in the state at another address.
    Recorded {
        /// The cloud's id.
        id: String,
        /// The address that it has now.
        address: Address,
    },
    /// The create was not done.
    NotCreated,
    /// The delete was done.
    Deleted,
    /// The delete has begun; its end is waited for.
    Deleting,
    /// The resource that was to be deleted carries the operation tag of another state by now, and is left
    /// to that.
    LeftToOther {
        /// The cloud's id.
        id: String,
    },
    /// The change or delete will be planned again.
    Replanned,
}

/// Writes the outcome in one line, for a log.
impl fmt::Display for RecoveryOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecoveryOutcome::Adopted { id } => write!(f, "adopted {id}"),
            RecoveryOutcome::Recorded { id, address } => {
                write!(f, "{id} is recorded as {address}")
            }
            RecoveryOutcome::NotCreated => f.write_str("not created"),
            RecoveryOutcome::Deleted => f.write_str("deleted"),
            RecoveryOutcome::Deleting => f.write_str("being deleted"),
            RecoveryOutcome::LeftToOther { id } => write!(f, "{id} is left to another state"),
            RecoveryOutcome::Replanned => f.write_str("planned again"),
        }
    }
}

/// A listener to a run.
///
/// It is called from the one loop that owns the run: it must not block.
pub trait Reporter: Send + Sync {
    /// Reports an event.
    fn report(&self, event: &Event);
}

impl<R: Reporter + ?Sized> Reporter for Box<R> {
    fn report(&self, event: &Event) {
        (**self).report(event);
    }
}

impl<R: Reporter + ?Sized> Reporter for std::sync::Arc<R> {
    fn report(&self, event: &Event) {
        (**self).report(event);
    }
}

/// A listener that ignores all events.
#[derive(Clone, Copy, Debug, Default)]
pub struct NullReporter;

impl Reporter for NullReporter {
    fn report(&self, _: &Event) {}
}
