//! Progress as plain lines, for logs and pipes.

use std::io::Write;
use std::time::Duration;

use eci_executor::{Event, RecoveryOutcome, Reporter, TaskError};
use eci_render::Style;
use eci_render::actions::task_words;
use eci_render::style::{Part, visible};
use eci_text::{Lang, say};

use super::{Out, Phases};

/// Writes one line an event.
pub(crate) struct Lines<W> {
    out: Out<W>,
    phases: Phases,
    style: Style,
}

impl<W: Write> Lines<W> {
    pub(crate) fn new(stream: W, style: Style) -> Lines<W> {
        Lines {
            out: Out::new(stream),
            phases: Phases::default(),
            style,
        }
    }
}

impl<W: Write + Send> Reporter for Lines<W> {
    fn report(&self, event: &Event) {
        if self.phases.is_news(event)
            && let Some(line) = line(event, self.style)
        {
            self.out.line(&self.style.folded(&eci_text::painted(&line)));
        }
    }
}

/// Returns the line of an event, if it has one. It starts with the resource address, so that lines can
/// be filtered.
pub(crate) fn line(event: &Event, style: Style) -> Option<String> {
    let lang = style.lang();
    let (address, text, part) = match event {
        Event::RunStarted { .. } => return None,
        Event::StopRequested => {
            let text = lang.pick(
                "Stopping after the operations in progress. Press Ctrl-C again to stop immediately.",
                "将在进行中的操作完成后停止。再次按 Ctrl-C 立即停止。",
            );
            return Some(style.paint(Part::Warning, text));
        }
        Event::TaskStarted { address, action } => {
            let doing = task_words(*action).doing.get(lang);
            (address, doing.to_owned(), Part::Faint)
        }
        Event::Progress { address, phase } => (address, visible(phase.get(lang)), Part::Faint),
        Event::ResourceCreated { address, id } => {
            let text = say!(
                lang,
                en: "created as {id}, waiting until ready",
                zh: "已创建为 {id}，正在等待就绪",
                id = id,
            );
            (address, text, Part::Faint)
        }
        Event::TaskFinished {
            address,
            action,
            id,
            elapsed,
        } => {
            let done = task_words(*action).done.get(lang);
            let text = finished(done, id.as_deref(), *elapsed, lang);
            (address, text, Part::Create)
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
            (address, text, Part::Warning)
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
            (address, visible(&text.replace('\n', " ")), Part::Error)
        }
        Event::TaskSkipped { address, cause } => {
            let text = say!(
                lang,
                en: "skipped because its dependency {cause} failed",
                zh: "已跳过，其依赖 {cause} 失败",
                cause = cause.to_string(),
            );
            (address, text, Part::Warning)
        }
        Event::Recovered { address, recovery } => {
            (address, recovered(recovery, lang), Part::Warning)
        }
        _ => return None,
    };
    let colon = lang.pick(": ", "：");
    Some(format!("{address}{colon}{}", style.paint(part, &text)))
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
        RecoveryOutcome::LeftToOther { id } => say!(
            lang,
            en: "{id} was to be deleted; another state has imported it, so it is kept",
            zh: "{id} 原定删除，但另一个状态已导入该资源，因此保留",
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
    use eci_core::{Address, Kind};
    use eci_planner::TaskKind;
    use eci_text::Text;

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
    fn long_times_are_in_minutes() {
        assert_eq!(seconds(Duration::from_secs(245)), "4m05s");
    }
}
