//! Progress as plain lines, for logs and pipes.

use std::io::Write;
use std::time::Duration;

use eci_core::Address;
use eci_executor::{Event, RecoveryOutcome, Reporter, TaskError};
use eci_render::Style;
use eci_render::actions::task_words;
use eci_render::style::{TextRole, visible};
use eci_text::{Lang, List, Text, say, text};

use super::output::{LineOutput, Phases};

/// Writes one line an event.
pub(crate) struct LineReporter<W> {
    out: LineOutput<W>,
    phases: Phases,
    style: Style,
}

impl<W: Write> LineReporter<W> {
    pub(crate) fn new(stream: W, style: Style) -> LineReporter<W> {
        LineReporter {
            out: LineOutput::new(stream),
            phases: Phases::default(),
            style,
        }
    }
}

impl<W: Write + Send> Reporter for LineReporter<W> {
    fn report(&self, event: &Event) {
        if self.phases.is_news(event)
            && let Some(line) = line(event, self.style)
        {
            self.out.line(&self.style.folded(&eci_text::painted(&line)));
        }
    }
}

/// Returns the line of an event, if it has one.
///
/// It starts with the resource address, so that lines can be filtered.
pub(crate) fn line(event: &Event, style: Style) -> Option<String> {
    let lang = style.lang();
    let (address, text, part) = match event {
        Event::RunStarted { .. } => return None,
        Event::StopRequested { in_progress } => {
            let text = stopping(in_progress);
            return Some(style.paint(TextRole::Warning, text.get(lang)));
        }
        Event::TaskStarted { address, action } => {
            let doing = task_words(*action).doing.get(lang);
            (address, doing.to_owned(), TextRole::Faint)
        }
        Event::Progress { address, phase } => (address, visible(phase.get(lang)), TextRole::Faint),
        Event::ResourceCreated { address, id } => {
            let text = say!(
                lang,
                en: "created as {id}, waiting until ready",
                zh: "已创建为 {id}，正在等待就绪",
                id = id,
            );
            (address, text, TextRole::Faint)
        }
        Event::TaskFinished {
            address,
            action,
            id,
            elapsed,
        } => {
            let done = task_words(*action).done.get(lang);
            let text = finished(done, id.as_deref(), *elapsed, lang);
            (address, text, TextRole::Create)
        }
        Event::TaskFailed {
            address,
            error: error @ TaskError::Interrupted,
            ..
        } => {
            let text = say!(
                lang,
                en: "outcome unknown: {error}",
                zh: "结果未知：{error}",
                error = eci_render::text_of(error),
            );
            (address, text, TextRole::Warning)
        }
        Event::TaskFailed {
            address,
            error: error @ TaskError::WaitInterrupted,
            ..
        } => {
            let text = say!(
                lang,
                en: "not confirmed as ready: {error}",
                zh: "未确认就绪：{error}",
                error = eci_render::text_of(error),
            );
            (address, text, TextRole::Warning)
        }
        Event::TaskFailed {
            address,
            action,
            error,
        } => {
            let text = say!(
                lang,
                en: "{failed}: {error}",
                zh: "{failed}：{error}",
                failed = task_words(*action).failed,
                error = eci_render::text_of(error),
            );
            (address, visible(&text.replace('\n', " ")), TextRole::Error)
        }
        Event::TaskSkipped { address, cause } => {
            let text = say!(
                lang,
                en: "skipped because its dependency {cause} failed",
                zh: "已跳过，其依赖 {cause} 失败",
                cause = cause.to_string(),
            );
            (address, text, TextRole::Warning)
        }
        Event::Recovered { address, recovery } => {
            (address, recovered(recovery, lang), TextRole::Warning)
        }
        _ => return None,
    };
    let colon = lang.pick(": ", "：");
    Some(format!("{address}{colon}{}", style.paint(part, &text)))
}

/// The maximum number of resources that the line about a stop names.
const MOST_NAMED: usize = 3;

/// Returns the line about a stop: what the run still waits for, which may take long.
fn stopping(in_progress: &[Address]) -> Text {
    let again = text!(
        en: "Press Ctrl-C again to stop immediately.",
        zh: "再次按 Ctrl-C 立即停止。",
    );
    if in_progress.is_empty() {
        return text!(
            en: "Stopping: no operation is in progress. {again}",
            zh: "正在停止，没有进行中的操作。{again}",
            again = again,
        );
    }
    let named = in_progress.iter().take(MOST_NAMED);
    let mut named: Vec<Text> = named
        .map(|address| Text::verbatim(address.to_string()))
        .collect();
    let more = in_progress.len() - named.len();
    if more > 0 {
        named.push(text!(en: "{n} more", zh: "另外 {n} 个资源", n = more));
    }
    text!(
        en: "Stopping after the operations in progress: {named}. {again}",
        zh: "将在以下资源的操作完成后停止：{named}。{again}",
        named = List::and(named),
        again = again,
    )
}

fn finished(done: &str, id: Option<&str>, elapsed: Duration, lang: Lang) -> String {
    // What exists only inside of container groups takes no time.
    let took = if elapsed.is_zero() {
        done.to_owned()
    } else {
        say!(
            lang,
            en: "{done} in {elapsed}",
            zh: "{done}，用时 {elapsed}",
            done = done,
            elapsed = seconds(elapsed),
        )
    };
    match id {
        Some(id) => say!(lang, en: "{took} ({id})", zh: "{took}（{id}）", took = took, id = id),
        None => took,
    }
}

fn recovered(recovery: &RecoveryOutcome, lang: Lang) -> String {
    match recovery {
        RecoveryOutcome::Adopted { id } => say!(
            lang,
            en: "an interrupted run had created {id}; it is now recorded in the state",
            zh: "先前中断的运行已创建 {id}，现已记录到状态中",
            id = id,
        ),
        RecoveryOutcome::Recorded { id, address } => say!(
            lang,
            en: "an interrupted run had created {id}; it is recorded in the state as {address}",
            zh: "先前中断的运行已创建 {id}，状态中记录为 {address}",
            id = id,
            address = address.to_string(),
        ),
        RecoveryOutcome::NotCreated => say!(
            lang,
            en: "an earlier run was interrupted before it was created",
            zh: "先前的运行在创建前中断",
        ),
        RecoveryOutcome::Deleted => say!(
            lang,
            en: "an earlier run was interrupted after it was deleted",
            zh: "先前的运行在删除后中断",
        ),
        RecoveryOutcome::Deleting => say!(
            lang,
            en: "an earlier run was interrupted while it was deleted; waiting until it no longer exists",
            zh: "先前的运行在删除期间中断，正在等待删除完成",
        ),
        RecoveryOutcome::LeftToOther { id } => say!(
            lang,
            en: "{id} was to be deleted; another state has taken it over, so it is kept",
            zh: "{id} 原定删除，但另一个状态已接管该资源，因此保留",
            id = id,
        ),
        RecoveryOutcome::Replanned => say!(
            lang,
            en: "an earlier run was interrupted; the change is planned again",
            zh: "先前的运行已中断，将重新生成计划",
        ),
        other => other.to_string(),
    }
}

/// Returns a duration in the compact form: `12.3s`, `4m05s`.
pub(crate) fn seconds(elapsed: Duration) -> String {
    let whole = elapsed.as_secs();
    if whole < 100 {
        format!("{:.1}s", elapsed.as_secs_f64())
    } else {
        format!("{}m{:02}s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use eci_core::Kind;
    use eci_planner::TaskKind;

    use super::*;

    #[test]
    fn a_create_is_reported_from_its_beginning_to_its_end() {
        let address = Address::new(Kind::ContainerGroup, "web");
        let events = [
            Event::RunStarted { changes: 1 },
            Event::TaskStarted {
                address: address.clone(),
                action: TaskKind::Create,
            },
            Event::ResourceCreated {
                address: address.clone(),
                id: "eci-1".into(),
            },
            Event::Progress {
                address: address.clone(),
                phase: Text::verbatim("Pending: pulling nginx:1.28"),
            },
            Event::TaskFinished {
                address,
                action: TaskKind::Create,
                id: Some("eci-1".into()),
                elapsed: Duration::from_millis(12_345),
            },
        ];
        let lines: Vec<String> = events
            .iter()
            .filter_map(|event| line(event, Style::plain()))
            .collect();
        assert_eq!(
            lines,
            [
                "container_group.web: creating",
                "container_group.web: created as eci-1, waiting until ready",
                "container_group.web: Pending: pulling nginx:1.28",
                "container_group.web: created in 12.3s (eci-1)",
            ]
        );
        let chinese = Style::plain().with_lang(Lang::Zh);
        let lines: Vec<String> = events
            .iter()
            .filter_map(|event| line(event, chinese))
            .collect();
        assert_eq!(
            lines,
            [
                "container_group.web：正在创建",
                "container_group.web：已创建为 eci-1，正在等待就绪",
                "container_group.web：Pending: pulling nginx:1.28",
                "container_group.web：已创建，用时 12.3s（eci-1）",
            ]
        );
    }

    #[test]
    fn a_stop_names_what_it_waits_for() {
        let lines = |labels: &[&str]| {
            let labels = labels.iter();
            let in_progress = labels.map(|label| Address::new(Kind::ContainerGroup, *label));
            let event = Event::StopRequested {
                in_progress: in_progress.collect(),
            };
            Lang::ALL.map(|lang| line(&event, Style::plain().with_lang(lang)).unwrap_or_default())
        };
        assert_eq!(
            lines(&["a", "b", "c", "d", "e"]),
            [
                "Stopping after the operations in progress: container_group.a, container_group.b, \
                 container_group.c, and 2 more. Press Ctrl-C again to stop immediately.",
                "将在以下资源的操作完成后停止：container_group.a、container_group.b、container_group.c \
                 和另外 2 个资源。再次按 Ctrl-C 立即停止。",
            ]
        );
        assert_eq!(
            lines(&["a"])[0],
            "Stopping after the operations in progress: container_group.a. Press Ctrl-C again to stop \
             immediately."
        );
        assert_eq!(
            lines(&[])[1],
            "正在停止，没有进行中的操作。再次按 Ctrl-C 立即停止。"
        );
    }

    #[test]
    fn long_times_are_in_minutes() {
        assert_eq!(seconds(Duration::from_secs(245)), "4m05s");
    }
}
