//! The outcome of a run.

use eci_api::CallError;
use eci_core::Address;
use eci_executor::{ApplyOutcome, StopMode};
use eci_planner::Action;
use eci_text::{Lang, Text, say, text};

use super::actions::action_words;
use super::error::help_line;
use super::error_chain::text_of;
use super::nouns::OUTPUT;
use super::style::{Style, TextRole, visible};

/// Returns the statement that eci could not check whether the cloud created anything twice.
pub fn unverified(error: &CallError) -> Text {
    text!(
        en: "eci could not check whether the cloud created anything twice: {error}",
        zh: "无法检查云端是否重复创建了资源：{error}",
        error = text_of(error),
    )
}

/// The remedy for an unverified outcome.
const UNVERIFIED_HELP: Text = Text::fixed(
    "run `eci orphans` to look for resources that the state does not record",
    "执行 `eci orphans` 查找状态中没有的资源",
);

/// Returns the same statement as a warning.
pub fn unverified_warning(error: &CallError, style: Style) -> String {
    let help = help_line(UNVERIFIED_HELP.get(style.lang()), style);
    format!("{}  {help}", warning(&unverified(error), style))
}

fn warning(message: &Text, style: Style) -> String {
    let lang = style.lang();
    let head = style.paint(TextRole::Warning, lang.pick("warning:", "警告:"));
    format!("{head} {}\n", visible(message.get(lang)))
}

/// Returns the statement that the old object of a replacement is deleted and the new one not created yet.
pub fn not_created_again(address: &Address) -> Text {
    text!(
        en: "{address} was deleted and is not re-created yet",
        zh: "{address} 已删除，但尚未重新创建",
        address = address.to_string(),
    )
}

/// Returns the same statement about several resources, as warnings.
pub fn not_created_again_warnings(addresses: &[Address], style: Style) -> String {
    let named = addresses.iter().take(MOST_NAMED);
    let lines = named.map(|address| warning(&not_created_again(address), style));
    let mut text: String = lines.collect();
    let more = addresses.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        let message = text!(
            en: "{n} more were deleted and are not re-created yet",
            zh: "另有 {n} 个资源已删除，但尚未重新创建",
            n = more,
        );
        text.push_str(&warning(&message, style));
    }
    if !text.is_empty() {
        let help = help_line(NOT_CREATED_AGAIN_HELP.get(style.lang()), style);
        text.push_str(&format!("  {help}"));
    }
    text
}

/// The remedy for resources that are not re-created yet.
const NOT_CREATED_AGAIN_HELP: Text =
    Text::fixed("run `eci apply` to continue", "执行 `eci apply` 继续");

/// The maximum number of resources that are named one by one.
const MOST_NAMED: usize = 20;

/// Returns the last line of a run: `Apply incomplete: 3 created, 1 failed, 2 skipped.`
pub fn outcome(outcome: &ApplyOutcome, style: Style) -> String {
    let lang = style.lang();
    let done = DONE.iter().filter_map(|action| {
        let count = outcome.changed.get(action.name()).copied()?;
        (count > 0).then(|| done(*action, count, lang))
    });
    let mut parts: Vec<String> = done.collect();
    let mut left = |count: usize, part: TextRole, text: String| {
        if count > 0 {
            parts.push(style.paint(part, &text));
        }
    };
    let (interrupted, unconfirmed) = (outcome.interrupted(), outcome.unconfirmed());
    let failed = outcome.failed.len() - interrupted - unconfirmed;
    let text = say!(lang, en: "{n} failed", zh: "失败 {n} 个", n = failed);
    left(failed, TextRole::Error, text);
    let text = say!(
        lang,
        en: "{n} with an unknown outcome",
        zh: "结果未知 {n} 个",
        n = interrupted,
    );
    left(interrupted, TextRole::Warning, text);
    let text = say!(
        lang,
        en: "{n} not confirmed as ready",
        zh: "未确认就绪 {n} 个",
        n = unconfirmed,
    );
    left(unconfirmed, TextRole::Warning, text);
    let outputs = outcome.failed_outputs.len();
    let text = say!(
        lang,
        en: "{outputs} failed",
        zh: "{outputs}失败",
        outputs = OUTPUT.count(outputs),
    );
    left(outputs, TextRole::Error, text);
    let skipped = outcome.skipped.len();
    let text = say!(lang, en: "{n} skipped", zh: "跳过 {n} 个", n = skipped);
    left(skipped, TextRole::Warning, text);
    let partially_done = outcome.partially_done;
    let text = say!(
        lang,
        en: "{n} partially completed",
        zh: "部分完成 {n} 个",
        n = partially_done,
    );
    left(partially_done, TextRole::Warning, text);
    let not_started = outcome.not_started;
    let text = say!(lang, en: "{n} not started", zh: "未开始 {n} 个", n = not_started);
    left(not_started, TextRole::Warning, text);
    if parts.is_empty() {
        parts.push(lang.pick("no changes", "无变更").to_owned());
    }
    let head = if outcome.has_done_all() {
        style.paint(TextRole::Create, lang.pick("Apply complete:", "应用完成："))
    } else {
        style.paint(
            TextRole::Strong,
            lang.pick("Apply incomplete:", "应用未完成："),
        )
    };
    let mut text = say!(
        lang,
        en: "{head} {parts}.\n",
        zh: "{head}{parts}。\n",
        head = head,
        parts = parts.join(lang.pick(", ", "，")),
    );
    text.push_str(match outcome.stopped {
        StopMode::Run => "",
        StopMode::Graceful if outcome.has_done_all() => lang.pick(
            "Interrupted after everything was completed.\n",
            "中断时所有操作均已完成。\n",
        ),
        StopMode::Graceful => lang.pick(
            "Interrupted. The operations in progress were completed and recorded.\n",
            "已中断。进行中的操作已完成并记录。\n",
        ),
        StopMode::Immediate => lang.pick(
            "Interrupted. The operations in progress are recorded; the next run recovers them.\n",
            "已中断。进行中的操作已记录，下次运行时将恢复。\n",
        ),
    });
    text
}

fn done(action: Action, count: usize, lang: Lang) -> String {
    let words = action_words(action);
    match action {
        Action::Forget => say!(
            lang,
            en: "{n} removed from the state",
            zh: "从状态中移除 {n} 个",
            n = count,
        ),
        _ => {
            let word = lang.pick(&words.done, &words.noun).get(lang);
            say!(lang, en: "{n} {word}", zh: "{word} {n} 个", n = count, word = word)
        }
    }
}

/// The actions that are counted, in their order.
const DONE: [Action; 7] = [
    Action::Create,
    Action::Update,
    Action::Replace,
    Action::Delete,
    Action::Import,
    Action::Move,
    Action::Forget,
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use eci_core::Kind;
    use eci_executor::{Failure, ReadinessFailure, SkippedResource, TaskError};
    use eci_planner::{Mode, TaskKind};
    use eci_provider::FailureDetails;

    use super::*;
    use crate::failure::failure;
    use crate::messages;
    use crate::typography;

    fn group(label: &str) -> Address {
        Address::new(Kind::ContainerGroup, label)
    }

    fn not_ready() -> Failure {
        let explanation = FailureDetails {
            events: vec![
                "Normal Pulled: pulled nginx:1.28".into(),
                "Warning BackOff (×3): 重启 failed container nginx".into(),
            ],
            container: Some("nginx".into()),
            exit_code: Some(1),
            restarts: None,
            log: vec!["nginx: \x1b[31m[emerg] unknown directive".into()],
        };
        Failure {
            address: group("web"),
            action: TaskKind::Create,
            problem: TaskError::NotReady(Box::new(ReadinessFailure {
                noun: "group",
                id: "eci-1".into(),
                status: Some("Failed".into()),
                ended: true,
                waited: Duration::from_secs(12),
                tainted: Some(group("web")),
                explanation,
            })),
        }
    }

    #[test]
    fn a_group_that_did_not_become_ready_is_explained() {
        insta::assert_snapshot!(failure(&not_ready(), Style::plain()));
        let chinese = failure(&not_ready(), Style::plain().with_lang(Lang::Zh));
        insta::assert_snapshot!("not_ready_zh", chinese);
    }

    #[test]
    fn the_last_line_counts_what_was_done_and_what_was_not() {
        let mut result = ApplyOutcome::default();
        assert_eq!(
            outcome(&result, Style::plain()),
            "Apply complete: no changes.\n"
        );
        result.changed.extend([("create", 3), ("delete", 1)]);
        result.failed.push(not_ready());
        result
            .skipped
            .extend(["a", "b"].map(|name| SkippedResource {
                address: group(name),
                cause: group("web"),
            }));
        assert_eq!(
            outcome(&result, Style::plain()),
            "Apply incomplete: 3 created, 1 deleted, 1 failed, 2 skipped.\n"
        );
        let chinese = outcome(&result, Style::plain().with_lang(Lang::Zh));
        typography::check(&chinese);
        assert_eq!(
            chinese,
            "应用未完成：创建 3 个，删除 1 个，失败 1 个，跳过 2 个。\n"
        );
        let messages = messages::ending(&result, Mode::Apply);
        let lines = messages
            .into_iter()
            .map(|it| it.line(jiff::Timestamp::UNIX_EPOCH));
        let lines: Vec<serde_json::Value> = lines
            .map(|line| serde_json::from_str(&line).unwrap())
            .collect();
        let failed = &lines[0]["diagnostic"];
        assert_eq!(failed["address"], "container_group.web");
        let detail = failed["detail"].as_str().unwrap();
        assert!(
            detail.contains("Normal Pulled: pulled nginx:1.28"),
            "{detail}"
        );
        assert!(detail.contains("exited with code 1"), "{detail}");
        let last = lines.last().unwrap();
        assert_eq!(
            last["@message"],
            "Apply incomplete! Resources: 3 added, 0 changed, 1 destroyed."
        );
        assert_eq!(last["changes"]["operation"], "apply");
    }

    #[test]
    fn what_was_in_progress_when_a_run_was_stopped_at_once_has_not_failed() {
        let interrupted = Failure {
            address: group("web"),
            action: TaskKind::Create,
            problem: TaskError::Interrupted,
        };
        let style = Style::plain();
        let chinese = style.with_lang(Lang::Zh);
        assert_eq!(
            failure(&interrupted, style),
            "warning: container_group.web has an unknown outcome: interrupted\n  help: run the command \
             again\n"
        );
        assert_eq!(
            failure(&interrupted, chinese),
            "警告: container_group.web 的操作结果未知：已中断\n  帮助: 再次执行该命令\n"
        );
        let stopped = ApplyOutcome {
            failed: vec![interrupted],
            stopped: StopMode::Immediate,
            not_started: 2,
            ..ApplyOutcome::default()
        };
        let text = outcome(&stopped, style);
        assert!(
            text.starts_with("Apply incomplete: 1 with an unknown outcome, 2 not started.\n"),
            "{text}"
        );
        assert!(!text.contains("failed"), "{text}");
        let text = outcome(&stopped, chinese);
        typography::check(&text);
        assert!(
            text.starts_with("应用未完成：结果未知 1 个，未开始 2 个。\n"),
            "{text}"
        );
    }

    #[test]
    fn what_a_stopped_run_was_waiting_for_has_no_unknown_outcome() {
        let waited = Failure {
            address: group("web"),
            action: TaskKind::Wait,
            problem: TaskError::WaitInterrupted,
        };
        let style = Style::plain();
        let chinese = style.with_lang(Lang::Zh);
        assert_eq!(
            failure(&waited, style),
            "warning: container_group.web was not confirmed as ready: interrupted\n  help: run the command \
             again to continue waiting\n"
        );
        let stopped = ApplyOutcome {
            failed: vec![waited],
            stopped: StopMode::Immediate,
            partially_done: 1,
            ..ApplyOutcome::default()
        };
        let text = outcome(&stopped, style);
        let counts =
            "Apply incomplete: 1 not confirmed as ready, 1 partially completed.\nInterrupted. ";
        assert!(text.starts_with(counts), "{text}");
        let text = outcome(&stopped, chinese);
        typography::check(&text);
        assert!(
            text.starts_with("应用未完成：未确认就绪 1 个，部分完成 1 个。\n"),
            "{text}"
        );
        assert!(!stopped.is_complete());
    }

    #[test]
    fn an_interrupted_run_says_what_was_not_started() {
        let result = ApplyOutcome {
            stopped: StopMode::Graceful,
            not_started: 4,
            ..ApplyOutcome::default()
        };
        let text = outcome(&result, Style::plain());
        assert!(
            text.starts_with("Apply incomplete: 4 not started.\nInterrupted. "),
            "{text}"
        );
    }
}
