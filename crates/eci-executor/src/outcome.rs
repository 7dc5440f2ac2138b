//! What came of a run.

use std::collections::BTreeMap;
use std::fmt;

use eci_api::CallError;
use eci_core::Address;
use eci_planner::TaskKind;

use crate::apply_error::ApplyError;
use crate::error::TaskError;
use crate::stop::Urgency;

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many resources were changed, by what was done.
    pub changed: BTreeMap<&'static str, usize>,
    /// What failed.
    pub failed: Vec<Failure>,
    /// What was left alone because something that it needs failed, with what failed.
    pub skipped: Vec<(Address, Address)>,
    /// The outputs that failed once their values were known: they keep their old values.
    pub failed_outputs: Vec<FailedOutput>,
    /// How the run was asked to end before its time, also if all was done by then.
    pub stopped: Urgency,
    /// Why it is not known whether a create was performed twice, if that could not be looked up.
    pub unverified: Option<CallError>,
    /// Why the run could not go on, if it could not: it was refused, or the state cannot be written.
    pub error: Option<ApplyError>,
    /// How many changes were not started, because the run was asked to end.
    pub not_started: usize,
}

impl Outcome {
    /// Whether everything that was planned is done.
    pub fn is_complete(&self) -> bool {
        self.error.is_none()
            && self.failed.is_empty()
            && self.skipped.is_empty()
            && self.failed_outputs.is_empty()
            && self.not_started == 0
    }

    /// Returns the outcome of a run that went on to its end.
    ///
    /// # Errors
    /// Why the run could not go on.
    pub fn into_result(mut self) -> Result<Outcome, ApplyError> {
        match self.error.take() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// Whether everything that was planned is done, although the run may have been asked to end.
    pub fn has_done_all(&self) -> bool {
        self.is_complete() && self.stopped != Urgency::AtOnce
    }
}

/// Writes the counts of a run in one line, for a log.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (action, count) in &self.changed {
            write!(f, "{action}: {count}, ")?;
        }
        let failed = self.failed.len() + self.failed_outputs.len();
        let (skipped, not_started) = (self.skipped.len(), self.not_started);
        write!(
            f,
            "failed: {failed}, skipped: {skipped}, not started: {not_started}"
        )?;
        match &self.error {
            Some(error) => write!(f, "; {error}"),
            None => Ok(()),
        }
    }
}

/// Something that failed.
#[derive(Debug)]
pub struct Failure {
    /// The resource.
    pub address: Address,
    /// What was to be done.
    pub deed: TaskKind,
    /// Why it was not.
    pub problem: TaskError,
}

/// An output that failed once its values were known.
#[derive(Debug)]
pub struct FailedOutput {
    /// Its name.
    pub name: String,
    /// Why.
    pub problem: TaskError,
}
