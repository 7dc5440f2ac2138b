//! What takes the place of a group that was to be deleted.

use eci_api::CallError;
use eci_core::{Address, Kind};
use eci_provider::{Cloud, Provider, Readiness, ThingId, Wait};
use eci_state::{ResourceState, Snapshot};
use tokio::time::Instant;

use crate::settings::{Settings, longer};

/// The new one, tainted, if it does not become ready in the time of a create: the old one serves
/// until another one does. The run that made it may have ended before it was.
pub(super) async fn unready<A: Cloud>(
    provider: &Provider<A>,
    snapshot: &Snapshot,
    address: &Address,
    settings: &Settings,
) -> Result<Option<Box<ResourceState>>, CallError> {
    let Some(successor) = snapshot.resources.get(address) else {
        return Ok(None);
    };
    let id = successor.id.as_deref();
    let Some(Ok(id)) = id.map(|id| ThingId::new(Kind::ContainerGroup, id)) else {
        return Ok(None);
    };
    let (start, wait) = (Instant::now(), Wait::of(&successor.applied));
    let mut pause = settings.poll.0;
    loop {
        // One that is gone is made anew, whatever becomes of the old one.
        let Some(look) = provider.look(&id).await? else {
            return Ok(None);
        };
        match look.readiness(wait) {
            Readiness::Ready => return Ok(None),
            Readiness::Waiting { .. } if start.elapsed() < settings.create_timeout => {}
            Readiness::Waiting { .. } | Readiness::Ended => {
                return Ok(Some(Box::new(ResourceState {
                    tainted: true,
                    ..successor.clone()
                })));
            }
        }
        tokio::time::sleep(pause).await;
        pause = longer(pause, settings.poll);
    }
}
