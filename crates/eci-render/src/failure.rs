//! The messages about failed resources and outputs.

use eci_core::Address;
use eci_executor::{FailedOutput, Failure, ReadinessFailure, TaskError};
use eci_planner::TaskKind;
use eci_text::{Lang, Text, say, text};

use super::error::help_line;
use super::error_chain::text_of;
use super::style::{Style, TextRole, visible};

/// The parts of the message about a failed resource or output.
#[derive(Clone, Debug)]
pub struct FailureMessage<'a> {
    /// The predicate of the sentence about it, for example [`NOT_READY_AFTER_RESTART`].
    pub what: Text,
    /// The cause.
    pub problem: &'a TaskError,
    /// The remedy.
    pub help: Option<Text>,
}

/// The predicate about a container group that was restarted and did not become ready.
pub const NOT_READY_AFTER_RESTART: Text =
    Text::fixed("did not become ready after its restart", "重启后未就绪");

/// Returns what failed and why, what the cloud reports about it, and what to do.
pub fn failure(failure: &Failure, style: Style) -> String {
    let Failure {
        address,
        action,
        problem,
    } = failure;
    let found = FailureMessage {
        what: what_failed(*action, problem),
        problem,
        help: problem.help(),
    };
    failure_message(address, &found, style)
}

/// Returns the predicate of the sentence about a resource after a failure.
pub(super) fn what_failed(kind: TaskKind, problem: &TaskError) -> Text {
    match (problem, kind) {
        (TaskError::NotReady(_), _) => text!(en: "did not become ready", zh: "未就绪"),
        (TaskError::WaitInterrupted, _) => {
            text!(en: "was not confirmed as ready", zh: "未能确认就绪")
        }
        (TaskError::DeleteTimedOut { .. }, _) => {
            text!(en: "is not deleted yet", zh: "尚未删除")
        }
        (
            TaskError::Unknown { .. } | TaskError::UnexpectedId { .. } | TaskError::Interrupted,
            _,
        ) => text!(en: "has an unknown outcome", zh: "的操作结果未知"),
        (TaskError::CreatedMeanwhile { .. }, _) => {
            text!(en: "was not created as planned", zh: "未按计划创建")
        }
        (TaskError::Duplicated { .. }, _) => {
            text!(en: "was created more than once", zh: "重复创建")
        }
        (TaskError::ReadFailed(_), _) => text!(
            en: "was created, but its status could not be read",
            zh: "已创建，但无法读取其状态",
        ),
        (_, TaskKind::Create | TaskKind::Resume) => text!(en: "was not created", zh: "未创建"),
        (_, TaskKind::Update) => text!(en: "was not updated", zh: "未更新"),
        (_, TaskKind::Detach) => text!(
            en: "still has an EIP or a disk that other resources require",
            zh: "仍占用其他资源所需的弹性 IP 或云硬盘",
        ),
        (_, TaskKind::Unbind) => text!(en: "was not unbound from its EIP", zh: "未解绑弹性 IP"),
        (_, TaskKind::Bind) => text!(en: "was not bound to its EIP", zh: "未绑定弹性 IP"),
        (_, TaskKind::Delete) => text!(en: "was not deleted", zh: "未删除"),
        (_, TaskKind::Import) => text!(en: "was not imported", zh: "未导入"),
        (_, TaskKind::Forget) => {
            text!(en: "was not removed from the state", zh: "未从状态中移除")
        }
        (_, TaskKind::NoOp) => text!(en: "could not be used", zh: "无法使用"),
        (_, TaskKind::Wait) => text!(en: "was not confirmed as ready", zh: "未能确认就绪"),
    }
}

/// Returns why an output has no new value.
pub fn failed_output(failed: &FailedOutput, style: Style) -> String {
    let FailedOutput { name, problem } = failed;
    let found = FailureMessage {
        what: KEEPS_VALUE,
        problem,
        help: problem.help(),
    };
    error_text(&format!("output.{name}"), &found, style)
}

/// The predicate about an output that cannot be evaluated.
pub(super) const KEEPS_VALUE: Text = Text::fixed("keeps its old value", "保留原值");

/// Returns what is wrong with a resource, why, and what to do.
pub fn failure_message(
    address: &Address,
    failure_message: &FailureMessage<'_>,
    style: Style,
) -> String {
    error_text(&address.to_string(), failure_message, style)
}

fn error_text(name: &str, failure_message: &FailureMessage<'_>, style: Style) -> String {
    let lang = style.lang();
    let FailureMessage {
        what,
        problem,
        help,
    } = failure_message;
    let mut text = say!(
        lang,
        en: "{head} {name} {what}",
        zh: "{head} {name} {what}",
        // A user who stops a run at once expects this.
        head = match problem {
            TaskError::Interrupted | TaskError::WaitInterrupted => style.paint(TextRole::Warning, lang.pick("warning:", "警告:")),
            _ => style.paint(TextRole::Error, lang.pick("error:", "错误:")),
        },
        name = style.paint(TextRole::Strong, name),
        what = what,
    );
    let colon = lang.pick(": ", "：");
    match problem {
        TaskError::Evaluation(diagnostics) => {
            text.push_str(colon.trim_end());
            text.push_str("\n\n");
            text.push_str(&super::diagnostics(diagnostics, style));
        }
        TaskError::NotReady(not_ready) => {
            text.push_str(&format!("{colon}{}\n", said(problem, lang)));
            text.push_str(&explanation(not_ready, style));
        }
        _ => text.push_str(&format!("{colon}{}\n", said(problem, lang))),
    }
    if let Some(help) = help {
        text.push_str("  ");
        text.push_str(&help_line(help.get(lang), style));
    }
    text
}

fn said(problem: &TaskError, lang: Lang) -> String {
    let text = text_of(problem);
    let lines: Vec<String> = text.get(lang).lines().map(visible).collect();
    lines.join("\n  ")
}

/// Returns the events of a container group, and the last lines of the log of the container that
/// failed.
pub(super) fn explanation(not_ready: &ReadinessFailure, style: Style) -> String {
    let lang = style.lang();
    let details = &not_ready.explanation;
    let mut text = String::new();
    let bar = style.paint(TextRole::Faint, "|");
    let mut block = |title: &str, lines: &[String]| {
        text.push_str(&format!("  {title}\n"));
        for line in lines {
            text.push_str(&format!("    {bar} {}\n", visible(line)));
        }
    };
    if !details.events.is_empty() {
        block(lang.pick("last events:", "最近的事件："), &details.events);
    }
    if let Some(container) = &details.container {
        let exit = match details.exit_code {
            Some(code) => say!(
                lang,
                en: "container `{name}` exited with code {code}",
                zh: "容器 `{name}` 已退出，退出码为 {code}",
                name = visible(container),
                code = code,
            ),
            None => say!(
                lang,
                en: "container `{name}` did not start",
                zh: "容器 `{name}` 未启动",
                name = visible(container),
            ),
        };
        let title = if details.log.is_empty() {
            say!(lang, en: "{exit}; its log is empty", zh: "{exit}；日志为空", exit = exit)
        } else {
            say!(lang, en: "{exit}; last lines of its log:", zh: "{exit}；日志末尾：", exit = exit)
        };
        block(&title, &details.log);
    }
    text
}
