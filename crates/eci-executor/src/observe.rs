//! What the cloud has, for the planner.

use std::collections::HashMap;
use std::time::Duration;

use eci_api::CallError;
use eci_config::Import;
use eci_core::{Address, Kind};
use eci_planner::{Observation, Observed};
use eci_provider::{Cloud, Look, Provider, ThingId};
use eci_state::{ResourceState, Snapshot};
use tokio::time::Instant;

use crate::settings::Settings;

/// The pause before something is looked for again that was made and never seen.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks the cloud about every resource of the state that it made, and about those that are
/// to be imported, many at a time.
///
/// # Errors
/// The first call that fails.
pub async fn observe<A: Cloud + 'static>(
    snapshot: &Snapshot,
    imports: &[Import],
    provider: &Provider<A>,
) -> Result<Observed, CallError> {
    let mut asked = Vec::new();
    let mut ids = Vec::new();
    let nothing = ResourceState::default();
    for import in imports {
        if let (false, Ok(id)) = (
            snapshot.resources.contains_key(&import.to),
            ThingId::new(import.to.kind(), &import.id),
        ) {
            asked.push((&import.to, &nothing));
            ids.push(id);
        }
    }
    for (address, state) in &snapshot.resources {
        // What only travels inside groups has no id.
        let id = state
            .id
            .as_deref()
            .map(|id| ThingId::new(address.kind(), id));
        if let Some(Ok(id)) = id {
            asked.push((address, state));
            ids.push(id);
        }
    }
    let mut seen = provider.looks(&ids).await?;
    let never_seen = asked.iter().zip(&ids).filter(|((_, state), _)| {
        // This is all that the answer to a create tells.
        let told = |name: &str| matches!(name, "id" | "order_id");
        state.id.is_some() && state.observed.keys().all(|name| told(name))
    });
    let never_seen = never_seen.map(|(_, id)| id.clone()).collect();
    appear(provider, never_seen, &mut seen).await?;
    leave(provider, &mut seen).await?;
    let mut observed = Observed::nothing();
    for ((address, state), id) in asked.into_iter().zip(&ids) {
        let observation = match seen.remove(id) {
            // A group that is being deleted by someone else is as good as gone.
            Some(look) if !(look.is_leaving() && address.kind() == Kind::ContainerGroup) => {
                Observation::Seen(look.attributes_after(&state.applied, &state.observed))
            }
            _ => Observation::Gone,
        };
        observed.insert(Address::clone(address), observation);
    }
    Ok(observed)
}

/// Waits until what was made and never seen since appears, or it is certain that it is gone:
/// what was just made may not be visible everywhere yet, and whoever took it for gone would
/// make it again.
async fn appear<A: Cloud + 'static>(
    provider: &Provider<A>,
    mut missing: Vec<ThingId>,
    seen: &mut HashMap<ThingId, Look>,
) -> Result<(), CallError> {
    let until = Instant::now() + Settings::default().settle_window;
    loop {
        missing.retain(|id| !seen.contains_key(id));
        if missing.is_empty() || Instant::now() >= until {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
        seen.extend(provider.looks(&missing).await?);
    }
}

/// Waits a while until EIPs and disks that are being deleted are gone: as long as they are not,
/// their end may still fail, and another one of the name may be refused.
async fn leave<A: Cloud + 'static>(
    provider: &Provider<A>,
    seen: &mut HashMap<ThingId, Look>,
) -> Result<(), CallError> {
    let until = Instant::now() + Settings::default().settle_window;
    loop {
        let leaving = seen
            .iter()
            .filter(|(id, look)| look.is_leaving() && !matches!(id, ThingId::Group(_)));
        let leaving: Vec<ThingId> = leaving.map(|(id, _)| id.clone()).collect();
        if leaving.is_empty() || Instant::now() >= until {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
        seen.retain(|id, _| !leaving.contains(id));
        seen.extend(provider.looks(&leaving).await?);
    }
}
