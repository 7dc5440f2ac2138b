//! Progress as plain lines, for logs and pipes.

use std::io::Write;
use std::time::Duration;

use eci_executor::{Event, Recovery, Reporter};
use eci_planner::Deed;

use super::{Out, Phases};
use crate::render::Style;
use crate::render::style::{Part, visible};

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
        Event::Began { .. } => return None,
        Event::Stopping => {
            let text = "Stopping after the operations in progress. Press Ctrl-C again to stop \
                        immediately.";
            return Some(style.paint(Part::Warning, text));
        }
        Event::Started { address, deed } => (address, doing(*deed).to_owned(), Part::Faint),
        Event::Progress { address, phase } => (address, visible(phase), Part::Faint),
        Event::Made { address, id } => (address, format!("creating as {id}"), Part::Faint),
        Event::Done {
            address,
            deed,
            id,
            took,
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
        Event::Failed {
            address,
            deed,
            problem,
        } => {
            let text = format!("{} failed: {problem}", noun(*deed));
            (address, visible(&text.replace('\n', " ")), Part::Error)
        }
        Event::Skipped { address, because } => {
            let text = format!("skipped, because {because} failed");
            (address, text, Part::Warning)
        }
        Event::Recovered { address, recovery } => (address, recovered(recovery), Part::Warning),
    };
    Some(format!("{address}: {}", style.paint(part, &text)))
}

fn recovered(recovery: &Recovery) -> String {
    match recovery {
        Recovery::Adopted { id } => {
            format!("an interrupted run had created {id}; it is now recorded in the state")
        }
        Recovery::Recorded { id, address } => {
            format!("an interrupted run had created {id}; it is recorded in the state as {address}")
        }
        Recovery::NotMade => "an earlier run was interrupted before it was created".to_owned(),
        Recovery::Deleted => "an earlier run was interrupted after it was deleted".to_owned(),
        Recovery::LeftToOther { id } => {
            format!(
                "{id} was to be deleted; another state has taken it over, and it is left to that"
            )
        }
        Recovery::PlannedAgain => "an earlier run was interrupted; it is planned again".to_owned(),
    }
}

/// `creating`
pub(crate) fn doing(deed: Deed) -> &'static str {
    match deed {
        Deed::Keep => "keeping",
        Deed::Wait => "waiting until it is ready",
        Deed::Create => "creating",
        Deed::Resume => "resuming the order of an earlier run",
        Deed::Update => "updating",
        Deed::Detach => "detaching what other resources need",
        Deed::Unbind => "unbinding the EIP from the old container group",
        Deed::Bind => "binding the EIP",
        Deed::Delete => "deleting",
        Deed::Import => "importing",
        Deed::Forget => "removing from the state",
    }
}

fn did(deed: Deed) -> &'static str {
    match deed {
        // What is kept and told about has another address.
        Deed::Keep => "moved",
        Deed::Wait => "is ready:",
        Deed::Create | Deed::Resume => "created",
        Deed::Update => "updated",
        Deed::Detach => "detached what other resources need",
        Deed::Unbind => "unbound the EIP from the old container group",
        Deed::Bind => "bound the EIP",
        Deed::Delete => "deleted",
        Deed::Import => "imported",
        Deed::Forget => "removed from the state",
    }
}

fn noun(deed: Deed) -> &'static str {
    match deed {
        Deed::Keep => "use",
        Deed::Wait => "waiting",
        Deed::Create | Deed::Resume => "create",
        Deed::Update => "update",
        Deed::Detach => "detaching what other resources need",
        Deed::Unbind => "unbinding the EIP from the old container group",
        Deed::Bind => "binding the EIP",
        Deed::Delete => "delete",
        Deed::Import => "import",
        Deed::Forget => "removing from the state",
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
            Event::Began { changes: 1 },
            Event::Started {
                address: address.clone(),
                deed: Deed::Create,
            },
            Event::Made {
                address: address.clone(),
                id: "eci-1".into(),
            },
            Event::Progress {
                address: address.clone(),
                phase: "Pending: pulling nginx:1.28".into(),
            },
            Event::Done {
                address,
                deed: Deed::Create,
                id: Some("eci-1".into()),
                took: Duration::from_millis(12_345),
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
