//! How a program ends.

use std::process::ExitCode;

use eci_executor::{Outcome, Urgency};

/// How a program ends, as its exit code tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything is done.
    Done,
    /// Nothing, or not all, could be done.
    Failed,
    /// `plan --detailed-exitcode`: there are changes.
    Changes,
    /// Some resources failed; the rest is done and recorded.
    Partly,
    /// It was asked to end before its time.
    Interrupted,
}

impl Exit {
    /// The code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Changes => 2,
            Exit::Partly => 3,
            Exit::Interrupted => 130,
        }
    }

    /// How a run ends that came to this.
    pub(crate) fn of(outcome: &Outcome) -> Exit {
        match (outcome.is_complete(), outcome.stopped) {
            (true, Urgency::None) => Exit::Done,
            (false, Urgency::None) => Exit::Partly,
            // Even if all was done by then: whoever stops a script wants none of what follows.
            (_, Urgency::Soon | Urgency::AtOnce) => Exit::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use eci_core::{Address, Kind};

    use super::*;

    #[test]
    fn codes_are_the_documented_ones() {
        let all = [
            Exit::Done,
            Exit::Failed,
            Exit::Changes,
            Exit::Partly,
            Exit::Interrupted,
        ];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 130]);
    }

    #[test]
    fn a_run_that_left_something_out_says_whether_it_was_interrupted() {
        let web = Address::new(Kind::ContainerGroup, "web");
        let conf = Address::new(Kind::Volume, "conf");
        let skipped = |stopped| Outcome {
            skipped: vec![(web.clone(), conf.clone())],
            stopped,
            ..Outcome::default()
        };
        assert_eq!(Exit::of(&skipped(Urgency::None)), Exit::Partly);
        assert_eq!(Exit::of(&skipped(Urgency::Soon)), Exit::Interrupted);
        let complete = Outcome {
            stopped: Urgency::Soon,
            ..Outcome::default()
        };
        assert_eq!(Exit::of(&complete), Exit::Interrupted);
        assert_eq!(Exit::of(&Outcome::default()), Exit::Done);
    }
}
