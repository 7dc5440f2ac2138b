//! A group is restarted.

use std::time::Duration;

use eci_api::types::ContainerGroupId;
use eci_core::Address;
use eci_provider::{Cloud, Provider, Redactor, Wait};

use crate::error::TaskError;
use crate::event::{Event, Reporter};
use crate::settings::ApplyOptions;
use crate::task::{TaskOutcome, TaskRunner, report_progress};

/// Restarts a group and waits as long as `limit` until it is as far as `wait` says; the phases
/// on the way are reported, without its secrets. Nothing is recorded: what the group is does not change by it.
///
/// # Errors
/// Why it was not restarted, or is not ready after it.
pub async fn restart<A: Cloud + 'static>(
    provider: &Provider<A>,
    (address, id): (&Address, &ContainerGroupId),
    (wait, limit): (Wait, Duration),
    settings: &ApplyOptions,
    (reporter, redactor): (&dyn Reporter, &Redactor),
) -> Result<(), TaskError> {
    let (work, heard) = TaskRunner::standalone(provider, settings, limit);
    let working = work.restart(id, wait);
    match report_progress(working, heard, (address, &Redacting { reporter, redactor })).await {
        TaskOutcome::Ready(_) => Ok(()),
        TaskOutcome::NotReady(not_ready, _) => {
            Err(TaskError::NotReady(not_ready.redacted(redactor)))
        }
        TaskOutcome::NotApplied(problem)
        | TaskOutcome::Unverified(problem)
        | TaskOutcome::Unknown(problem) => Err(problem),
        TaskOutcome::Refused(refused) => Err(refused.problem),
        // A restart takes nothing away.
        TaskOutcome::Gone
        | TaskOutcome::Unbound
        | TaskOutcome::Detached(_)
        | TaskOutcome::Watched(_)
        | TaskOutcome::Awaited(_)
        | TaskOutcome::Listed(_) => Ok(()),
    }
}

/// Reports phases without secrets.
struct Redacting<'a> {
    reporter: &'a dyn Reporter,
    redactor: &'a Redactor,
}

impl Reporter for Redacting<'_> {
    fn report(&self, event: &Event) {
        match event {
            Event::Progress { address, phase } => self.reporter.report(&Event::Progress {
                address: address.clone(),
                phase: self.redactor.cover(phase),
            }),
            other => self.reporter.report(other),
        }
    }
}
