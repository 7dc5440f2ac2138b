//! The question before a plan is carried out.

use eci_planner::Mode;

use crate::arguments::{Format, RunArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::signals::Signals;
use crate::stdio::print_stderr;
use crate::terminal::{self, EchoMode};

/// What the user says to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Approval {
    /// Do it.
    Yes,
    /// Leave it.
    No,
}

/// Whether the user can be asked, or need not be.
pub(super) fn possible(context: &Context, asked: &RunArgs) -> Result<(), CommandError> {
    let why = match (asked.auto_approve, asked.format, context.may_ask()) {
        (true, _, _) | (false, Format::Text, true) => return Ok(()),
        (false, Format::Json, _) => "with --format json, eci does not ask for approval",
        (false, Format::Text, false) if terminal::is_there() => {
            "with --input=false, eci does not ask for approval"
        }
        (false, Format::Text, false) => "no terminal is available to ask for approval",
    };
    Err(CommandError::new(
        format!("the plan is not approved: {why}"),
        "review the plan, then add --auto-approve",
    ))
}

/// Asks whether a plan is to be carried out.
pub(super) async fn ask(signals: &mut Signals, mode: Mode) -> Result<Approval, CommandError> {
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
pub(super) async fn ask_whether(
    signals: &mut Signals,
    question: &str,
) -> Result<Approval, CommandError> {
    print_stderr(question);
    let line = terminal::line(signals, EchoMode::Shown).await?;
    Ok(verdict(&line.unwrap_or_default()))
}

fn verdict(line: &str) -> Approval {
    match line.trim() {
        "yes" => Approval::Yes,
        _ => Approval::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_taken_for_yes() {
        assert_eq!(verdict("yes\r\n"), Approval::Yes);
        for other in ["", "y\n", "YES\n", "yes please\n", "no\n"] {
            assert_eq!(verdict(other), Approval::No, "{other}");
        }
    }
}
