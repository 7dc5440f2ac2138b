//! The question before a plan is carried out.

use eci_planner::Mode;
use eci_text::Lang;

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

/// Asks whether to apply a plan.
pub(super) async fn ask(
    signals: &mut Signals,
    mode: Mode,
    lang: Lang,
) -> Result<Approval, CommandError> {
    let question = match mode {
        Mode::Destroy => lang.pick(
            "\nDo you really want to destroy these resources? This cannot be undone. Only `yes` is accepted.",
            "\n确定要销毁这些资源吗？此操作无法撤销。仅接受输入 `yes`。",
        ),
        Mode::Apply => lang.pick(
            "\nDo you want to apply this plan? Only `yes` is accepted.",
            "\n是否应用此计划？仅接受输入 `yes`。",
        ),
        Mode::RefreshOnly => lang.pick(
            "\nDo you want to update the state? Nothing changes in the cloud. Only `yes` is accepted.",
            "\n是否更新状态？云端不会变更。仅接受输入 `yes`。",
        ),
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
