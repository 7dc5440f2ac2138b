//! What takes the place of a group that was to be deleted.

use eci_core::{Address, Kind};
use eci_planner::Deed;
use eci_provider::{Cloud, Provider, ThingId, Wait};
use eci_state::{Record, ResourceState, Store};
use tokio::time::Instant;

use super::RecoverError;
use crate::event::{Event, Reporter};
use crate::problem::Problem;
use crate::run::Failure;
use crate::settings::{Effects, Settings};
use crate::work::{Finish, Work, reported};

/// Waits for the new one, unless a run has seen that it is ready: the old one serves until
/// another one does. What came of it is on record. Gives why, if it does not become ready.
pub(super) async fn unready<A: Cloud>(
    provider: &Provider<A>,
    (store, reporter): (&mut dyn Store, &dyn Reporter),
    address: &Address,
    (settings, effects): (&Settings, &Effects),
) -> Result<Option<Failure>, RecoverError> {
    let Some(successor) = store.snapshot().resources.get(address).cloned() else {
        return Ok(None);
    };
    let id = successor.id.as_deref();
    let (Some(deadline), Some(Ok(id))) = (
        &successor.ready_by,
        id.map(|id| ThingId::new(Kind::ContainerGroup, id)),
    ) else {
        return Ok(None);
    };
    let (started, deed) = (Instant::now(), Deed::Wait);
    reporter.report(&Event::Started {
        address: address.clone(),
        deed,
    });
    let (work, heard) = Work::alone(provider, settings, effects.until(deadline));
    let working = work.ready(&id, Wait::of(&successor.applied));
    let (tainted, failure) = match reported(working, heard, (address, reporter)).await {
        Finish::Ready(look) => {
            reporter.report(&Event::Done {
                address: address.clone(),
                deed,
                id: Some(look.id),
                took: started.elapsed(),
            });
            (false, None)
        }
        Finish::NotReady(mut not_ready, Some(_)) => {
            not_ready.tainted = true;
            let address = address.clone();
            let problem = Problem::NotReady(not_ready);
            reporter.report(&Event::Failed {
                address: address.clone(),
                deed,
                problem: problem.clone(),
            });
            let failure = Failure {
                address,
                deed,
                problem,
            };
            (true, Some(failure))
        }
        Finish::Unseen(problem) => {
            return Err(RecoverError::Unsettled {
                address: address.to_string(),
                problem: Box::new(problem),
            });
        }
        // One that is gone is made anew, whatever becomes of the old one.
        _ => return Ok(None),
    };
    store.append(&[Record::Recorded {
        address: address.clone(),
        state: Box::new(ResourceState {
            tainted,
            ready_by: None,
            ..successor
        }),
    }])?;
    store.flush()?;
    Ok(failure)
}
