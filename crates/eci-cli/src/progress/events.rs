//! Progress for programs: one message a line, as Terraform's machine-readable output has them.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use eci_core::Address;
use eci_executor::{Event, RecoveryOutcome, Reporter};
use eci_planner::TaskKind;
use eci_render::messages::{JsonMessage, OperationProgress, log};
use jiff::Timestamp;

use super::output::{LineOutput, Phases};

/// Writes each event as one line of JSON.
pub(crate) struct Events<W> {
    out: LineOutput<W>,
    phases: Phases,
    /// The operations in progress, with their start times.
    in_progress: Mutex<HashMap<Address, (TaskKind, Instant)>>,
}

impl<W: Write> Events<W> {
    pub(crate) fn new(stream: W) -> Events<W> {
        Events {
            out: LineOutput::new(stream),
            phases: Phases::default(),
            in_progress: Mutex::default(),
        }
    }

    fn message(&self, event: &Event) -> Option<JsonMessage> {
        let mut in_progress = self
            .in_progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let work = |address, kind| OperationProgress {
            address,
            kind,
            id: None,
        };
        Some(match event {
            // The plan was reported.
            Event::RunStarted { .. } => return None,
            Event::TaskStarted { address, action } => {
                in_progress.insert(address.clone(), (*action, Instant::now()));
                work(address, *action).start()
            }
            Event::Progress { address, phase } => {
                let (kind, since) = in_progress.get(address)?;
                work(address, *kind).progress(since.elapsed(), phase.en())
            }
            Event::ResourceCreated { address, id } => log(format!("{address}: created {id}")),
            Event::TaskFinished {
                address,
                action,
                id,
                elapsed,
            } => {
                in_progress.remove(address);
                let id = id.as_deref();
                OperationProgress {
                    id,
                    ..work(address, *action)
                }
                .complete(*elapsed)
            }
            Event::TaskFailed {
                address, action, ..
            } => {
                let since = in_progress.remove(address);
                let elapsed = since.map_or(Duration::ZERO, |(_, since)| since.elapsed());
                work(address, *action).errored(elapsed)
            }
            Event::TaskSkipped { address, cause } => {
                log(format!("{address}: skipped, because {cause} failed"))
            }
            Event::Recovered { address, recovery } => {
                let outcome = match recovery {
                    RecoveryOutcome::Adopted { id } => format!("an earlier run created {id}"),
                    RecoveryOutcome::Recorded { id, address } => {
                        format!("an earlier run created {id}, which is recorded as {address}")
                    }
                    RecoveryOutcome::NotCreated => "an earlier run did not create it".to_owned(),
                    RecoveryOutcome::Deleted => "an earlier run deleted it".to_owned(),
                    RecoveryOutcome::Deleting => {
                        "an earlier run began to delete it; waiting for the end of that".to_owned()
                    }
                    RecoveryOutcome::LeftToOther { id } => format!("{id} belongs to another state"),
                    RecoveryOutcome::Replanned => {
                        "what an earlier run began is planned again".to_owned()
                    }
                    other => other.to_string(),
                };
                log(format!("{address}: recovered: {outcome}"))
            }
            Event::StopRequested { .. } => log("Stopping operation..."),
            _ => return None,
        })
    }
}

impl<W: Write + Send> Reporter for Events<W> {
    fn report(&self, event: &Event) {
        if !self.phases.is_news(event) {
            return;
        }
        if let Some(message) = self.message(event) {
            self.out
                .line(&eci_text::json(&message.line(Timestamp::now())));
        }
    }
}

#[cfg(test)]
mod tests {
    use eci_core::Kind;
    use eci_executor::TaskError;
    use eci_text::Text;
    use serde_json::Value as Json;

    use super::*;

    /// Returns the messages about events that follow each other.
    fn messages_of(events: &[Event]) -> Vec<Json> {
        let stream = Events::new(Vec::new());
        events.iter().for_each(|event| stream.report(event));
        let written = stream.out.into_inner();
        let text = String::from_utf8(written).unwrap_or_default();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_default());
        lines.collect()
    }

    #[test]
    fn an_operation_is_reported_from_its_start_to_its_end() {
        let address = || Address::new(Kind::Volume, "data").instance("a");
        let messages = messages_of(&[
            Event::RunStarted { changes: 1 },
            Event::TaskStarted {
                address: address(),
                action: TaskKind::Create,
            },
            Event::Progress {
                address: address(),
                phase: Text::verbatim("creating"),
            },
            Event::TaskFailed {
                address: address(),
                action: TaskKind::Create,
                error: TaskError::Interrupted,
            },
        ]);
        let types: Vec<&str> = messages
            .iter()
            .filter_map(|it| it["type"].as_str())
            .collect();
        assert_eq!(types, ["apply_start", "apply_progress", "apply_errored"]);
        for message in &messages {
            assert_eq!(message["hook"]["resource"]["addr"], "volume.data[\"a\"]");
            assert_eq!(message["hook"]["action"], "create");
            assert_eq!(message["@level"], "info");
        }
    }

    #[test]
    fn a_stream_that_is_closed_does_not_stop_a_run() {
        struct ClosedStream;
        impl Write for ClosedStream {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
        }
        Events::new(ClosedStream).report(&Event::StopRequested {
            in_progress: Vec::new(),
        });
    }
}
