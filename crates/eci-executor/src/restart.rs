//! Restarting a container group.

use std::time::Duration;

use eci_api::types::ContainerGroupId;
use eci_core::{Address, Redactor};
use eci_provider::{Cloud, ResourceProvider, Wait};

use crate::error::TaskError;
use crate::event::{Event, Reporter};
use crate::options::ApplyOptions;
use crate::task::{TaskOutcome, TaskRunner, report_progress};

/// A restart of a container group.
#[derive(Clone, Copy, Debug)]
pub struct Restart<'a> {
    /// The address of the group.
    pub address: &'a Address,
    /// Its ID.
    pub id: &'a ContainerGroupId,
    /// The readiness that is waited for.
    pub wait: Wait,
    /// The time in which the group has to be that far.
    pub limit: Duration,
    /// Covers the secrets of the group in what is reported.
    pub redactor: &'a Redactor,
}

/// Restarts a group and waits as long as requested; the phases until then are reported, without its
/// secrets. Nothing is recorded: a restart does not change the attributes of a group.
///
/// Cancel safe: once the call is sent, dropping the future ends only the waiting.
///
/// # Errors
/// If it was not restarted, or is not ready before the timeout.
pub async fn restart<A: Cloud + 'static>(
    provider: &ResourceProvider<A>,
    restart: Restart<'_>,
    options: &ApplyOptions,
    reporter: &dyn Reporter,
) -> Result<(), TaskError> {
    let Restart {
        address,
        id,
        wait,
        limit,
        redactor,
    } = restart;
    let (work, heard) = TaskRunner::standalone(provider, options, limit);
    let working = work.restart(id, wait);
    let reporter = RedactingReporter { reporter, redactor };
    match report_progress(working, heard, address, &reporter).await {
        TaskOutcome::Ready(_) => Ok(()),
        TaskOutcome::NotReady(not_ready, _) => {
            Err(TaskError::NotReady(not_ready.redacted(redactor)))
        }
        TaskOutcome::NotApplied(problem)
        | TaskOutcome::Unverified(problem)
        | TaskOutcome::Unknown(problem) => Err(problem),
        TaskOutcome::Refused(refused) => Err(refused.problem),
        // A restart takes nothing away.
        TaskOutcome::Deleted
        | TaskOutcome::Unbound
        | TaskOutcome::Detached(_)
        | TaskOutcome::Watched(_)
        | TaskOutcome::Awaited(_)
        | TaskOutcome::Listed(_) => Ok(()),
    }
}

/// A reporter of phases without secrets.
struct RedactingReporter<'a> {
    reporter: &'a dyn Reporter,
    redactor: &'a Redactor,
}

impl Reporter for RedactingReporter<'_> {
    fn report(&self, event: &Event) {
        match event {
            Event::Progress { address, phase } => self.reporter.report(&Event::Progress {
                address: address.clone(),
                phase: self.redactor.cover_message(phase.clone()),
            }),
            other => self.reporter.report(other),
        }
    }
}
