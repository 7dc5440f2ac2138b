//! The question before a plan is carried out.

use eci_planner::Mode;

use crate::answer::say;
use crate::arguments::{Format, Run};
use crate::context::Context;
use crate::failure::Failure;
use crate::signals::Signals;
use crate::terminal::{self, Echo};

/// What the user says to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Do it.
    Yes,
    /// Leave it.
    No,
}

/// Whether the user can be asked, or need not be.
pub(super) fn possible(context: &Context, asked: &Run) -> Result<(), Failure> {
    let why = match (asked.auto_approve, asked.format, context.may_ask()) {
        (true, _, _) | (false, Format::Text, true) => return Ok(()),
        (false, Format::Json, _) => "with --format json, eci does not ask for approval",
        (false, Format::Text, false) if terminal::is_there() => {
            "with --input=false, eci does not ask for approval"
        }
        (false, Format::Text, false) => "no terminal is available to ask for approval",
    };
    Err(Failure::new(
        format!("the plan is not approved: {why}"),
        "review the plan, then add --auto-approve",
    ))
}

/// Asks whether a plan is to be carried out.
pub(super) async fn ask(signals: &mut Signals, mode: Mode) -> Result<Verdict, Failure> {
    let question = match mode {
        Mode::Destroy => {
            "\nDo you really want to destroy these resources? This cannot be undone. Only `yes` is accepted."
        }
        Mode::Apply => "\nDo you want to apply this plan? Only `yes` is accepted.",
        Mode::RefreshOnly => {
            "\nDo you want to update the state? Nothing changes in the cloud. Only `yes` is accepted."
        }
    };
    ask_whether(signals, question).await
}

/// Asks a question on the terminal.
pub(super) async fn ask_whether(signals: &mut Signals, question: &str) -> Result<Verdict, Failure> {
    say(question);
    let line = terminal::line(signals, Echo::Shown).await?;
    Ok(verdict(&line.unwrap_or_default()))
}

fn verdict(line: &str) -> Verdict {
    match line.trim() {
        "yes" => Verdict::Yes,
        _ => Verdict::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_taken_for_yes() {
        assert_eq!(verdict("yes\r\n"), Verdict::Yes);
        for other in ["", "y\n", "YES\n", "yes please\n", "no\n"] {
            assert_eq!(verdict(other), Verdict::No, "{other}");
        }
    }
}
