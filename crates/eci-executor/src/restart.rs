//! A group is restarted.

use std::time::Duration;

use eci_api::types::ContainerGroupId;
use eci_core::Address;
use eci_provider::{Cloud, Provider, Redactor, Wait};

use crate::event::{Event, Reporter};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::work::{Finish, Work, reported};

/// Restarts a group and waits as long as `limit` until it is as far as `wait` says; the phases
/// on the way are reported, without its secrets. Nothing is recorded: what the group is does not change by it.
///
/// # Errors
/// Why it was not restarted, or is not ready after it.
pub async fn restart<A: Cloud + 'static>(
    provider: &Provider<A>,
    (address, id): (&Address, &ContainerGroupId),
    (wait, limit): (Wait, Duration),
    settings: &Settings,
    (reporter, redactor): (&dyn Reporter, &Redactor),
) -> Result<(), Problem> {
    let (work, heard) = Work::alone(provider, settings, limit);
    let working = work.restart(id, wait);
    match reported(working, heard, (address, &Redacting { reporter, redactor })).await {
        Finish::Ready(_) => Ok(()),
        Finish::NotReady(not_ready, _) => Err(Problem::NotReady(not_ready.redacted(redactor))),
        Finish::NotDone(problem) | Finish::Unseen(problem) | Finish::Unknown(problem) => {
            Err(problem)
        }
        Finish::Refused(refused) => Err(refused.problem),
        // A restart takes nothing away.
        Finish::Gone
        | Finish::Unbound
        | Finish::Detached(_)
        | Finish::Watched(_)
        | Finish::Awaited(_)
        | Finish::Listed(_) => Ok(()),
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
