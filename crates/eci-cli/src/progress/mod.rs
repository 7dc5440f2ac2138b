//! Progress reports of a run: three subscribers of one stream of events.
//!
//! * [`ProgressKind::Bars`]: on a terminal, one bar for the whole and a line for each resource in progress;
//! * [`ProgressKind::Lines`]: one plain line an event, for logs and pipes;
//! * [`ProgressKind::Json`]: one object a line on standard output, for programs.
//!
//! A reporter never fails: a run continues when its output is closed.

mod bars;
mod events;
mod lines;

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use eci_core::Address;
use eci_executor::{Event, Reporter};
use eci_render::Style;
use eci_text::Text;

/// The form of progress reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressKind {
    /// Bars on standard error.
    Bars,
    /// Lines on standard error.
    Lines,
    /// JSON lines on standard output.
    Json,
    /// Not at all.
    Silent,
}

impl ProgressKind {
    /// Bars if standard error is a terminal that can draw them, and lines otherwise.
    pub fn for_people() -> ProgressKind {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if std::io::stderr().is_terminal() && !dumb {
            ProgressKind::Bars
        } else {
            ProgressKind::Lines
        }
    }
}

/// Creates a reporter of that kind; `style` is that of the stream it writes to.
pub fn reporter(kind: ProgressKind, style: Style) -> Box<dyn Reporter> {
    match kind {
        ProgressKind::Bars => Box::new(bars::Bars::new(style)),
        ProgressKind::Lines => Box::new(lines::Lines::new(std::io::stderr(), style)),
        ProgressKind::Json => Box::new(events::Events::new(std::io::stdout())),
        ProgressKind::Silent => Box::new(eci_executor::NullReporter),
    }
}

/// The last phase of each resource in progress: the run reports it at every read, and a log shows
/// it once.
#[derive(Default)]
struct Phases(Mutex<HashMap<Address, Text>>);

impl Phases {
    /// Returns whether the event differs from the last report.
    fn is_news(&self, event: &Event) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Progress { address, phase } => {
                let before = last.insert(address.clone(), phase.clone());
                before.as_ref() != Some(phase)
            }
            Event::TaskFinished { address, .. } | Event::TaskFailed { address, .. } => {
                last.remove(address);
                true
            }
            _ => true,
        }
    }
}

/// A stream that takes whole lines; one that is closed takes them too.
struct Out<W>(Mutex<W>);

impl<W: Write> Out<W> {
    fn new(stream: W) -> Out<W> {
        Out(Mutex::new(stream))
    }

    #[cfg(test)]
    fn into_inner(self) -> W {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, line: &str) {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = format!("{line}\n");
        // A closed stream cannot be reported anywhere.
        let _ = stream
            .write_all(whole.as_bytes())
            .and_then(|()| stream.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_that_lasts_is_reported_once() {
        let phases = Phases::default();
        let progress = |label: &str, phase: &str| Event::Progress {
            address: Address::new(eci_core::Kind::ContainerGroup, label),
            phase: Text::verbatim(phase.to_owned()),
        };
        assert!(phases.is_news(&progress("a", "Pending")));
        assert!(!phases.is_news(&progress("a", "Pending")));
        assert!(phases.is_news(&progress("b", "Pending")));
        assert!(phases.is_news(&progress("a", "Running")));
        assert!(phases.is_news(&progress("a", "Pending")));
    }
}
