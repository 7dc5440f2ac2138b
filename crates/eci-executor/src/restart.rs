//! A group is restarted.

use std::time::Duration;

use eci_api::types::ContainerGroupId;
use eci_core::Address;
use eci_provider::{Cloud, Provider, Wait};
use tokio::sync::mpsc;

use crate::event::{Event, Reporter};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::work::{Finish, Message, Work};

/// Restarts a group and waits as long as `limit` until it is as far as `wait` says; the phases
/// on the way are reported. Nothing is recorded: what the group is does not change by it.
///
/// # Errors
/// Why it was not restarted, or is not ready after it.
pub async fn restart<A: Cloud + 'static>(
    provider: &Provider<A>,
    (address, id): (&Address, &ContainerGroupId),
    (wait, limit): (Wait, Duration),
    settings: &Settings,
    reporter: &dyn Reporter,
) -> Result<(), Problem> {
    let (messages, mut heard) = mpsc::unbounded_channel();
    let work = Work {
        task: 0,
        provider: provider.clone(),
        messages,
        poll: settings.poll,
        limit,
    };
    let working = work.restart(id, wait);
    tokio::pin!(working);
    let tell = |message| {
        if let Message::Progress { phase, .. } = message {
            reporter.report(&Event::Progress {
                address: address.clone(),
                phase,
            });
        }
    };
    let finish = loop {
        tokio::select! {
            biased;
            Some(message) = heard.recv() => tell(message),
            finish = &mut working => break finish,
        }
    };
    match finish {
        Finish::Ready(_) => Ok(()),
        Finish::NotReady(not_ready, _) => Err(Problem::NotReady(not_ready)),
        Finish::NotDone(problem) | Finish::Unseen(problem) | Finish::Unknown(problem) => {
            Err(problem)
        }
        // A restart takes nothing away.
        Finish::Gone | Finish::Unbound => Ok(()),
    }
}
