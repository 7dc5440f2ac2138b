//! Progress as plain lines, for logs and pipes.

use std::io::Write;
use std::time::Duration;

use eci_executor::{Event, RecoveryOutcome, Reporter};
use eci_planner::TaskKind;
use eci_render::Style;
use eci_render::style::{Part, visible};

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

/// The line of an event, if it is worth one.
pub(crate) fn line(event: &Event, style: Style) -> Option<String> {
    let (address, text, part) = match event {
        Event::RunStarted { .. } => return None,
        Event::StopRequested => {
            let text = "Stopping after the operations in progress. Press Ctrl-C again to stop \
                        immediately.";
            return Some(style.paint(Part::Warning, text));
        }
        Event::TaskStarted {
            address,
            action: deed,
        } => (address, doing(*deed).to_owned(), Part::Faint),
        Event::Progress { address, phase } => (address, visible(phase), Part::Faint),
        Event::ResourceCreated { address, id } => {
            (address, format!("creating as {id}"), Part::Faint)
        }
        Event::TaskFinished {
            address,
            action: deed,
            id,
            elapsed: took,
        } => {
            let id = id.as_deref().map(|id| format!(" {id}")).unwrap_or_default();
            // What lives only inside of groups is done at once.
            let time = match took.is_zero() {
                true => String::new(),
                false => format!(" in {}", seconds(*took)),
            };
            let text = format!("{}{id}{time}", did(*deed));
            (address, text, Part::Create)
        }
        Event::TaskFailed {
            address,
            action: deed,
            error: problem,
        } => {
            let text = format!("{} failed: {problem}", noun(*deed));
            (address, visible(&text.replace('\n', " ")), Part::Error)
        }
        Event::TaskSkipped {
            address,
            cause: because,
        } => {
            let text = format!("skipped, because {because} failed");
            (address, text, Part::Warning)
        }
        Event::Recovered { address, recovery } => (address, recovered(recovery), Part::Warning),
        _ => return None,
    };
    Some(format!("{address}: {}", style.paint(part, &text)))
}

fn recovered(recovery: &RecoveryOutcome) -> String {
    match recovery {
        RecoveryOutcome::Adopted { id } => {
            format!("an interrupted run had created {id}; it is now recorded in the state")
        }
        RecoveryOutcome::Recorded { id, address } => {
            format!("an interrupted run had created {id}; it is recorded in the state as {address}")
        }
        RecoveryOutcome::NotCreated => {
            "an earlier run was interrupted before it was created".to_owned()
        }
        RecoveryOutcome::Deleted => {
            "an earlier run was interrupted after it was deleted".to_owned()
        }
        RecoveryOutcome::LeftToOther { id } => {
            format!(
                "{id} was to be deleted; another state has taken it over, and it is left to that"
            )
        }
        RecoveryOutcome::Replanned => {
            "an earlier run was interrupted; it is planned again".to_owned()
        }
        other => other.to_string(),
    }
}

/// `creating`
pub(crate) fn doing(deed: TaskKind) -> &'static str {
    match deed {
        TaskKind::NoOp => "keeping",
        TaskKind::Wait => "waiting until it is ready",
        TaskKind::Create => "creating",
        TaskKind::Resume => "resuming the order of an earlier run",
        TaskKind::Update => "updating",
        TaskKind::Detach => "detaching what other resources need",
        TaskKind::Unbind => "unbinding the EIP from the old container group",
        TaskKind::Bind => "binding the EIP",
        TaskKind::Delete => "deleting",
        TaskKind::Import => "importing",
        TaskKind::Forget => "removing from the state",
    }
}

fn did(deed: TaskKind) -> &'static str {
    match deed {
        // What is kept and told about has another address.
        TaskKind::NoOp => "moved",
        TaskKind::Wait => "is ready:",
        TaskKind::Create | TaskKind::Resume => "created",
        TaskKind::Update => "updated",
        TaskKind::Detach => "detached what other resources need",
        TaskKind::Unbind => "unbound the EIP from the old container group",
        TaskKind::Bind => "bound the EIP",
        TaskKind::Delete => "deleted",
        TaskKind::Import => "imported",
        TaskKind::Forget => "removed from the state",
    }
}

fn noun(deed: TaskKind) -> &'static str {
    match deed {
        TaskKind::NoOp => "use",
        TaskKind::Wait => "waiting",
        TaskKind::Create | TaskKind::Resume => "create",
        TaskKind::Update => "update",
        TaskKind::Detach => "detaching what other resources need",
        TaskKind::Unbind => "unbinding the EIP from the old container group",
        TaskKind::Bind => "binding the EIP",
        TaskKind::Delete => "delete",
        TaskKind::Import => "import",
        TaskKind::Forget => "removing from the state",
    }
}

/// `12.3 s`, `4 min 05 s`
pub(crate) fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    match whole {
        0..=99 => format!("{:.1} s", took.as_secs_f64()),
        _ => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use eci_core::{Address, Kind};

    use super::*;

    #[test]
    fn a_create_is_told_from_its_beginning_to_its_end() {
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
                phase: "Pending: pulling nginx:1.28".into(),
            },
            Event::TaskFinished {
                address,
                action: TaskKind::Create,
                id: Some("eci-1".into()),
                elapsed: Duration::from_millis(12_345),
            },
        ];
        let told: Vec<String> = events
            .iter()
            .filter_map(|event| line(event, Style::plain()))
            .collect();
        assert_eq!(
            told,
            [
                "container_group.web: creating",
                "container_group.web: creating as eci-1",
                "container_group.web: Pending: pulling nginx:1.28",
                "container_group.web: created eci-1 in 12.3 s",
            ]
        );
    }

    #[test]
    fn long_times_are_in_minutes() {
        assert_eq!(seconds(Duration::from_secs(245)), "4 min 05 s");
    }
}
