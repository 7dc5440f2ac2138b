//! Outcome of a run.

use std::collections::BTreeMap;
use std::fmt;

use eci_api::CallError;
use eci_core::Address;
use eci_planner::TaskKind;

use crate::apply_error::ApplyError;
use crate::error::TaskError;
use crate::stop::StopMode;

/// The outcome of a run.
#[derive(Debug, Default)]
pub struct ApplyOutcome {
    /// The number of resources that were changed, by action.
    pub changed: BTreeMap<&'static str, usize>,
    /// The failures.
    pub failed: Vec<Failure>,
    /// The resources that were skipped because a dependency failed.
    pub skipped: Vec<SkippedResource>,
    /// The outputs that failed once their values were known: they keep their old values.
    pub failed_outputs: Vec<FailedOutput>,
    /// The urgency with which the run was stopped, also if all was done by then.
    pub stopped: StopMode,
    /// The error that kept the run from finding out whether a create was performed twice.
    pub unverified: Option<CallError>,
    /// The reason why the run could not go on: it was refused, or the state cannot be written.
    pub error: Option<ApplyError>,
    /// The number of changes that were not started, because the run was stopped.
    pub not_started: usize,
    /// The number of changes of which only a part was done, because the run was stopped: of a replacement,
    /// either the delete or the create.
    pub partially_done: usize,
}

impl ApplyOutcome {
    /// Returns whether everything that was planned is done.
    pub fn is_complete(&self) -> bool {
        self.error.is_none()
            && self.failed.is_empty()
            && self.skipped.is_empty()
            && self.failed_outputs.is_empty()
            && self.not_started == 0
            && self.partially_done == 0
    }

    /// Returns the number of tasks whose calls were in progress when the run was stopped at once.
    ///
    /// They are among the failures, but their outcome is unknown until the next run recovers them.
    pub fn interrupted(&self) -> usize {
        self.count_failed(|problem| matches!(problem, TaskError::Interrupted))
    }

    /// Returns the number of resources that the run was waiting for when it was stopped at once.
    ///
    /// They are among the failures, but they are recorded: the next run continues waiting.
    pub fn unconfirmed(&self) -> usize {
        self.count_failed(|problem| matches!(problem, TaskError::WaitInterrupted))
    }

    fn count_failed(&self, is_counted: impl Fn(&TaskError) -> bool) -> usize {
        let problems = self.failed.iter().map(|failure| &failure.problem);
        problems.filter(|problem| is_counted(problem)).count()
    }

    /// Returns the outcome of a run that went on to its end.
    ///
    /// # Errors
    /// Why the run could not go on.
    pub fn into_result(mut self) -> Result<ApplyOutcome, ApplyError> {
        match self.error.take() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// Returns whether everything that was planned is done, although the run may have been stopped.
    pub fn has_done_all(&self) -> bool {
        self.is_complete() && self.stopped != StopMode::Immediate
    }
}

/// Writes the counts of a run in one line, for a log.
impl fmt::Display for ApplyOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (action, count) in &self.changed {
            write!(f, "{action}: {count}, ")?;
        }
        let (interrupted, unconfirmed) = (self.interrupted(), self.unconfirmed());
        let failed = self.failed.len() - interrupted - unconfirmed + self.failed_outputs.len();
        write!(f, "failed: {failed}, unknown: {interrupted}")?;
        for (count, what) in [
            (unconfirmed, "not confirmed as ready"),
            (self.partially_done, "partially done"),
        ] {
            if count > 0 {
                write!(f, ", {what}: {count}")?;
            }
        }
        let (skipped, not_started) = (self.skipped.len(), self.not_started);
        write!(f, ", skipped: {skipped}, not started: {not_started}")?;
        match &self.error {
            Some(error) => write!(f, "; {error}"),
            None => Ok(()),
        }
    }
}

/// A resource that was skipped because a dependency failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedResource {
    /// The resource.
    pub address: Address,
    /// The dependency that failed.
    pub cause: Address,
}

/// A failure of a task.
#[derive(Debug)]
pub struct Failure {
    /// The resource.
    pub address: Address,
    /// The task.
    pub action: TaskKind,
    /// The reason.
    pub problem: TaskError,
}

/// An output that failed once its values were known.
#[derive(Debug)]
pub struct FailedOutput {
    /// Its name.
    pub name: String,
    /// The reason.
    pub problem: TaskError,
}
