//! The approval before a plan is applied.

use eci_planner::Mode;
use eci_text::{Text, text};

use crate::arguments::{Format, RunArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::print_stderr;
use crate::terminal::{self, EchoMode};

/// The user's answer to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Approval {
    /// Apply the plan.
    Yes,
    /// Decline.
    No,
    /// The prompt was interrupted.
    Interrupted,
}

impl Approval {
    /// Returns the exit status of a command that was not approved.
    pub(super) fn refusal(self) -> Option<ExitStatus> {
        match self {
            Approval::Yes => None,
            Approval::No => Some(ExitStatus::Failed),
            Approval::Interrupted => Some(ExitStatus::Interrupted),
        }
    }
}

/// Checks that the user can be prompted, or that approval is given already.
///
/// The help names the command that shows the plan.
pub(super) fn check_can_ask(
    context: &Context,
    args: &RunArgs,
    review: &str,
) -> Result<(), CommandError> {
    let message = match (args.auto_approve, args.format, context.may_ask()) {
        (true, _, _) | (false, Format::Text, true) => return Ok(()),
        (false, Format::Json, _) => text!(
            en: "cannot ask for approval with `--format json`",
            zh: "使用 `--format json` 时无法请求确认",
        ),
        (false, Format::Text, false) if terminal::is_there() => text!(
            en: "cannot ask for approval with `--input=false`",
            zh: "使用 `--input=false` 时无法请求确认",
        ),
        (false, Format::Text, false) => text!(
            en: "cannot ask for approval: no terminal available",
            zh: "无法请求确认：没有可用的终端",
        ),
    };
    let help = text!(
        en: "review the plan with `{review}`, then use `--auto-approve`",
        zh: "先用 `{review}` 查看计划，再使用 `--auto-approve`",
        review = review,
    );
    Err(CommandError::new(message, help))
}

/// Asks whether a plan is to be applied.
pub(super) async fn ask(
    context: &Context,
    signals: &mut Signals,
    mode: Mode,
) -> Result<Approval, CommandError> {
    let question = match mode {
        Mode::Destroy => text!(
            en: "Do you really want to destroy these resources? This cannot be undone. Only `yes` is accepted.",
            zh: "确定要销毁这些资源吗？此操作无法撤销。仅接受输入 `yes`。",
        ),
        Mode::Apply => text!(
            en: "Do you want to apply this plan? Only `yes` is accepted.",
            zh: "是否应用此计划？仅接受输入 `yes`。",
        ),
        Mode::RefreshOnly => text!(
            en: "Do you want to update the state? Nothing changes in the cloud. Only `yes` is accepted.",
            zh: "是否更新状态？云端不会变更。仅接受输入 `yes`。",
        ),
    };
    ask_whether(context, signals, &question).await
}

/// Asks a question on the terminal.
pub(super) async fn ask_whether(
    context: &Context,
    signals: &mut Signals,
    question: &Text,
) -> Result<Approval, CommandError> {
    print_stderr(&format!("\n{}", question.get(context.lang())));
    match terminal::line(signals, EchoMode::Shown).await {
        Ok(line) => Ok(approval(&line.unwrap_or_default())),
        Err(CommandError::Interrupted) => Ok(Approval::Interrupted),
        Err(failure) => Err(failure),
    }
}

/// Returns the message after a question that was not answered with `yes`.
pub(super) fn canceled() -> Text {
    text!(en: "Canceled. No changes were made.", zh: "已取消，未做任何变更。")
}

fn approval(line: &str) -> Approval {
    match line.trim() {
        "yes" => Approval::Yes,
        _ => Approval::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_accepted() {
        assert_eq!(approval("yes\r\n"), Approval::Yes);
        for other in ["", "y\n", "YES\n", "yes please\n", "no\n"] {
            assert_eq!(approval(other), Approval::No, "{other}");
        }
    }
}
