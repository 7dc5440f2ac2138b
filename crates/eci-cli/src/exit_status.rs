//! Exit status of the program.

use std::process::ExitCode;

use eci_executor::{ApplyOutcome, StopMode};

/// The outcome of a program, reported by its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Everything is done.
    Done,
    /// Nothing, or not all, could be done.
    Failed,
    /// `plan --detailed-exitcode`: there are changes.
    Changes,
    /// Some resources failed; the rest is done and recorded.
    Partly,
    /// The run was interrupted.
    Interrupted,
}

impl ExitStatus {
    /// Returns the exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            ExitStatus::Done => 0,
            ExitStatus::Failed => 1,
            ExitStatus::Changes => 2,
            ExitStatus::Partly => 3,
            ExitStatus::Interrupted => 130,
        }
    }

    /// Returns the exit status of a run with this outcome.
    pub(crate) fn of(outcome: &ApplyOutcome) -> ExitStatus {
        match (outcome.is_complete(), outcome.stopped) {
            (true, StopMode::Run) => ExitStatus::Done,
            (false, StopMode::Run) => ExitStatus::Partly,
            // Even if everything was done by then: a user who stops a script wants none of what follows.
            (_, StopMode::Graceful | StopMode::Immediate) => ExitStatus::Interrupted,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(exit: ExitStatus) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use eci_core::{Address, Kind};
    use eci_executor::SkippedResource;

    use super::*;

    #[test]
    fn codes_are_the_documented_ones() {
        let all = [
            ExitStatus::Done,
            ExitStatus::Failed,
            ExitStatus::Changes,
            ExitStatus::Partly,
            ExitStatus::Interrupted,
        ];
        assert_eq!(all.map(ExitStatus::code), [0, 1, 2, 3, 130]);
    }

    #[test]
    fn an_incomplete_run_reports_whether_it_was_interrupted() {
        let web = Address::new(Kind::ContainerGroup, "web");
        let conf = Address::new(Kind::Volume, "conf");
        let skipped = |stopped| ApplyOutcome {
            skipped: vec![SkippedResource {
                address: web.clone(),
                cause: conf.clone(),
            }],
            stopped,
            ..ApplyOutcome::default()
        };
        assert_eq!(ExitStatus::of(&skipped(StopMode::Run)), ExitStatus::Partly);
        assert_eq!(
            ExitStatus::of(&skipped(StopMode::Graceful)),
            ExitStatus::Interrupted
        );
        let complete = ApplyOutcome {
            stopped: StopMode::Graceful,
            ..ApplyOutcome::default()
        };
        assert_eq!(ExitStatus::of(&complete), ExitStatus::Interrupted);
        assert_eq!(ExitStatus::of(&ApplyOutcome::default()), ExitStatus::Done);
    }
}
