//! What came of a run.

use eci_api::CallError;
use eci_core::Address;
use eci_executor::{FailedOutput, Failure, NotReady, Outcome, TaskError, Urgency};
use eci_planner::TaskKind;

use super::error::way_out;
use super::style::{Part, Style, visible};

/// What failed and why, what the cloud tells about it, and what to do.
pub fn failure(failure: &Failure, style: Style) -> String {
    let Failure {
        address,
        deed,
        problem,
    } = failure;
    let not = what_failed(*deed, problem);
    trouble(address, not, (problem, problem.help()), style)
}

/// What is wrong with a resource after a failure, as the end of a sentence.
pub(super) fn what_failed(deed: TaskKind, problem: &TaskError) -> &'static str {
    match (problem, deed) {
        (TaskError::NotReady(_), _) => "is not ready",
        (TaskError::DeleteTimedOut { .. }, _) => "is not deleted yet",
        (TaskError::Unknown { .. } | TaskError::UnexpectedId { .. }, _) => "has an unknown outcome",
        (TaskError::CreatedMeanwhile { .. }, _) => "was not created as planned",
        (TaskError::Duplicated { .. }, _) => "was created more than once",
        (TaskError::ReadFailed(_), _) => "was created, but its status could not be read",
        (TaskError::Interrupted, _) => "was left in progress",
        (_, TaskKind::Create | TaskKind::Resume) => "was not created",
        (_, TaskKind::Update) => "was not updated",
        (_, TaskKind::Detach) => "could not be detached from what other resources need",
        (_, TaskKind::Unbind) => "could not release its EIP",
        (_, TaskKind::Bind) => "could not be bound to its EIP",
        (_, TaskKind::Delete) => "was not deleted",
        (_, TaskKind::Import) => "was not imported",
        (_, TaskKind::Forget) => "was not removed from the state",
        (_, TaskKind::NoOp) => "could not be used",
        (_, TaskKind::Wait) => "was not confirmed as ready",
    }
}

/// Why an output has no new value.
pub fn failed_output(failed: &FailedOutput, style: Style) -> String {
    let FailedOutput { name, problem } = failed;
    let name = format!("output.{name}");
    let told = (problem, problem.help());
    error_text(&name, "keeps its old value", told, style)
}

/// What is wrong with a resource, as the end of a sentence, why, and what to do.
pub fn trouble(
    address: &Address,
    what: &str,
    told: (&TaskError, Option<String>),
    style: Style,
) -> String {
    error_text(&address.to_string(), what, told, style)
}

fn error_text(
    name: &str,
    what: &str,
    (problem, help): (&TaskError, Option<String>),
    style: Style,
) -> String {
    let head = style.paint(Part::Error, "error:");
    let name = style.paint(Part::Strong, name);
    let mut text = format!("{head} {name} {what}");
    match problem {
        TaskError::Evaluation(diagnostics) => {
            text.push_str(":\n\n");
            text.push_str(&super::diagnostics(diagnostics, style));
        }
        TaskError::NotReady(not_ready) => {
            text.push_str(&format!(": {}\n", said(problem)));
            text.push_str(&explanation(not_ready, style));
        }
        _ => text.push_str(&format!(": {}\n", said(problem))),
    }
    if let Some(help) = help {
        text.push_str("  ");
        text.push_str(&way_out(&help, style));
    }
    text
}

fn said(problem: &TaskError) -> String {
    let text = problem.to_string();
    let lines: Vec<String> = text.lines().map(visible).collect();
    lines.join("\n  ")
}

/// The group's events and the last lines of the log of the container that failed.
pub(super) fn explanation(not_ready: &NotReady, style: Style) -> String {
    let told = &not_ready.explanation;
    let mut text = String::new();
    let bar = style.paint(Part::Faint, "|");
    let mut block = |title: String, lines: &[String]| {
        text.push_str(&format!("  {title}\n"));
        for line in lines {
            text.push_str(&format!("    {bar} {}\n", visible(line)));
        }
    };
    if !told.events.is_empty() {
        block("last events:".to_owned(), &told.events);
    }
    if let Some(container) = &told.container {
        let ending = match &told.ending {
            Some(ending) => format!(" ended with {}", visible(ending)),
            None => " did not start".to_owned(),
        };
        match told.log.is_empty() {
            true => block(
                format!("container {}{ending}; its log is empty", visible(container)),
                &[],
            ),
            false => block(
                format!(
                    "container {}{ending}; last lines of its log:",
                    visible(container)
                ),
                &told.log,
            ),
        }
    }
    text
}

/// Says that the cloud did not say whether it has something twice.
pub fn unverified(error: &CallError) -> String {
    format!("eci could not check whether the cloud created anything twice: {error}")
}

/// What to do about that.
const UNVERIFIED_HELP: &str =
    "run `eci orphans` to look for resources that the state does not record";

/// The same as a warning.
pub fn unverified_warning(error: &CallError, style: Style) -> String {
    let head = style.paint(Part::Warning, "warning:");
    let help = way_out(UNVERIFIED_HELP, style);
    format!("{head} {}\n  {help}", visible(&unverified(error)))
}

/// Says that the old resource of a replacement is deleted while there is no new one.
pub fn not_created_again(address: &Address) -> String {
    format!("{address} was deleted and is not created again yet: run `eci apply`")
}

/// The same of several resources, as warnings.
pub fn gone(addresses: &[Address], style: Style) -> String {
    let head = style.paint(Part::Warning, "warning:");
    let named = addresses.iter().take(MOST_NAMED);
    let lines = named.map(|address| format!("{head} {}\n", not_created_again(address)));
    let mut text: String = lines.collect();
    let more = addresses.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        text.push_str(&format!(
            "{head} {more} more were deleted and are not created again yet\n"
        ));
    }
    text
}

/// The most resources that are named one by one.
const MOST_NAMED: usize = 20;

/// The last line of a run: `Apply incomplete: 3 created, 1 failed, 2 skipped.`
pub fn outcome(outcome: &Outcome, style: Style) -> String {
    let mut parts: Vec<String> = DONE
        .iter()
        .filter_map(|(action, word)| {
            let count = outcome.changed.get(action).filter(|count| **count > 0)?;
            Some(format!("{count} {word}"))
        })
        .collect();
    let of_outputs = match outcome.failed_outputs.len() {
        1 => "output failed",
        _ => "outputs failed",
    };
    let left = [
        (outcome.failed.len(), "failed"),
        (outcome.failed_outputs.len(), of_outputs),
        (outcome.skipped.len(), "skipped"),
        (outcome.not_started, "not started"),
    ];
    for (count, word) in left.into_iter().filter(|(count, _)| *count > 0) {
        let part = match word {
            "not started" | "skipped" => Part::Warning,
            _ => Part::Error,
        };
        parts.push(style.paint(part, &format!("{count} {word}")));
    }
    if parts.is_empty() {
        parts.push("no changes".to_owned());
    }
    let (part, head) = match outcome.has_done_all() {
        true => (Part::Create, "Apply complete:"),
        false => (Part::Strong, "Apply incomplete:"),
    };
    let head = style.paint(part, head);
    let mut text = format!("{head} {}.\n", parts.join(", "));
    match outcome.stopped {
        Urgency::None => {}
        Urgency::Soon => {
            text.push_str("Interrupted. The operations in progress were completed and recorded.\n")
        }
        Urgency::AtOnce => text.push_str(
            "Interrupted. The operations in progress are recorded; the next run recovers them.\n",
        ),
    }
    text
}

const DONE: [(&str, &str); 7] = [
    ("create", "created"),
    ("update", "updated"),
    ("replace", "replaced"),
    ("delete", "deleted"),
    ("import", "imported"),
    ("move", "moved"),
    ("forget", "forgotten"),
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use eci_core::Kind;
    use eci_planner::Mode;
    use eci_provider::FailureDetails;

    use super::*;
    use crate::messages;

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
            ending: Some("exit code 1".into()),
            log: vec!["nginx: \x1b[31m[emerg] unknown directive".into()],
        };
        Failure {
            address: group("web"),
            deed: TaskKind::Create,
            problem: TaskError::NotReady(Box::new(NotReady {
                noun: "group",
                id: "eci-1".into(),
                status: "Failed".into(),
                ended: true,
                waited: Duration::from_secs(12),
                tainted: true,
                explanation,
            })),
        }
    }

    #[test]
    fn a_group_that_did_not_become_ready_is_explained() {
        insta::assert_snapshot!(failure(&not_ready(), Style::plain()));
    }

    #[test]
    fn the_last_line_counts_what_was_done_and_what_was_not() {
        let mut told = Outcome::default();
        assert_eq!(
            outcome(&told, Style::plain()),
            "Apply complete: no changes.\n"
        );
        told.changed.extend([("create", 3), ("delete", 1)]);
        told.failed.push(not_ready());
        told.skipped
            .extend([(group("a"), group("web")), (group("b"), group("web"))]);
        assert_eq!(
            outcome(&told, Style::plain()),
            "Apply incomplete: 3 created, 1 deleted, 1 failed, 2 skipped.\n"
        );
        let messages = messages::ending(&told, Mode::Apply);
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
        assert!(detail.contains("exit code 1"), "{detail}");
        let last = lines.last().unwrap();
        assert_eq!(
            last["@message"],
            "Apply incomplete! Resources: 3 added, 0 changed, 1 destroyed."
        );
        assert_eq!(last["changes"]["operation"], "apply");
    }

    #[test]
    fn an_interrupted_run_says_what_was_not_begun() {
        let told = Outcome {
            stopped: Urgency::Soon,
            not_started: 4,
            ..Outcome::default()
        };
        let text = outcome(&told, Style::plain());
        assert!(
            text.starts_with("Apply incomplete: 4 not started.\nInterrupted. "),
            "{text}"
        );
    }
}
