//! Parts that reporters share: the phases that were reported, and the stream.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use eci_core::Address;
use eci_executor::Event;
use eci_text::Text;

/// The last phase of each resource in progress: the run reports it at every read, and a log shows
/// it once.
#[derive(Default)]
pub(super) struct Phases(Mutex<HashMap<Address, Text>>);

impl Phases {
    /// Returns whether the event differs from the last report.
    pub(super) fn is_news(&self, event: &Event) -> bool {
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
pub(super) struct LineOutput<W>(Mutex<W>);

impl<W: Write> LineOutput<W> {
    pub(super) fn new(stream: W) -> LineOutput<W> {
        LineOutput(Mutex::new(stream))
    }

    #[cfg(test)]
    pub(super) fn into_inner(self) -> W {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn line(&self, line: &str) {
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
