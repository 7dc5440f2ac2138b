//! Progress for programs: one JSON object a line.

use std::io::Write;

use eci_executor::{Event, Recovery, Reporter};
use serde_json::{Value as Json, json};

use super::{Out, Phases};
use crate::render::{deed_name, failure_json};

/// Writes each event as one line of JSON.
pub(crate) struct Events<W> {
    out: Out<W>,
    phases: Phases,
}

impl<W: Write> Events<W> {
    pub(crate) fn new(stream: W) -> Events<W> {
        Events {
            out: Out::new(stream),
            phases: Phases::default(),
        }
    }
}

impl<W: Write + Send> Reporter for Events<W> {
    fn report(&self, event: &Event) {
        if self.phases.is_news(event) {
            self.out.line(&document(event).to_string());
        }
    }
}

fn document(event: &Event) -> Json {
    match event {
        Event::Began { changes } => json!({ "type": "began", "changes": changes }),
        Event::Started { address, deed } => {
            json!({ "type": "started", "address": address.to_string(), "deed": deed_name(*deed) })
        }
        Event::Progress { address, phase } => {
            json!({ "type": "progress", "address": address.to_string(), "phase": phase })
        }
        Event::Made { address, id } => {
            json!({ "type": "made", "address": address.to_string(), "id": id })
        }
        Event::Done {
            address,
            deed,
            id,
            took,
        } => json!({
            "type": "done",
            "address": address.to_string(),
            "deed": deed_name(*deed),
            "id": id,
            "seconds": (took.as_secs_f64() * 1000.0).round() / 1000.0,
        }),
        Event::Failed {
            address,
            deed,
            problem,
        } => {
            let mut failed = failure_json(address, *deed, problem);
            failed["type"] = json!("failed");
            failed
        }
        Event::Skipped { address, because } => json!({
            "type": "skipped",
            "address": address.to_string(),
            "because": because.to_string(),
        }),
        Event::Recovered { address, recovery } => {
            let (result, id) = match recovery {
                Recovery::Adopted { id } => ("adopted", Some(id)),
                Recovery::NotMade => ("not_made", None),
                Recovery::Deleted => ("deleted", None),
                Recovery::LeftToOther { id } => ("left_to_other", Some(id)),
                Recovery::PlannedAgain => ("planned_again", None),
            };
            json!({
                "type": "recovered",
                "address": address.to_string(),
                "result": result,
                "id": id,
            })
        }
        Event::Stopping => json!({ "type": "stopping" }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use eci_core::{Address, Kind};
    use eci_executor::Problem;
    use eci_planner::Deed;

    use super::*;

    #[test]
    fn every_event_says_its_type_and_address() {
        let address = || Address::new(Kind::Volume, "data").instance("a");
        let done = Event::Done {
            address: address(),
            deed: Deed::Create,
            id: None,
            took: Duration::from_millis(1500),
        };
        assert_eq!(
            document(&done),
            json!({
                "type": "done",
                "address": "volume.data[\"a\"]",
                "deed": "create",
                "id": null,
                "seconds": 1.5,
            })
        );
        let failed = Event::Failed {
            address: address(),
            deed: Deed::Delete,
            problem: Problem::Interrupted,
        };
        assert_eq!(document(&failed)["type"], "failed");
        assert_eq!(document(&failed)["help"], "run the command again");
        let recovered = Event::Recovered {
            address: address(),
            recovery: Recovery::Adopted { id: "eci-1".into() },
        };
        assert_eq!(document(&recovered)["result"], "adopted");
        assert_eq!(document(&recovered)["id"], "eci-1");
    }

    #[test]
    fn a_stream_that_is_closed_does_not_stop_a_run() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
        }
        Events::new(Closed).report(&Event::Stopping);
    }
}
