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
    let mut observed = Observed::nothing();
    let nothing = ResourceState::default();
    let (mut asked, mut ids) = (Vec::new(), Vec::new());
    for import in imports {
        let state = snapshot.resources.get(&import.to);
        if state.is_some_and(|state| state.id.is_some()) {
            continue;
        }
        match ThingId::new(import.to.kind(), &import.id) {
            // Alone it tells more than among many, and now all of it counts.
            Ok(id @ ThingId::Disk(_)) => {
                let look = provider.look(&id).await?;
                observed.insert(import.to.clone(), newly_seen(look, id.kind()));
            }
            Ok(id) => {
                asked.push((&import.to, &nothing));
                ids.push(id);
            }
            Err(_) => {}
        }
    }
    let new = asked.len();
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
    for (at, ((address, state), id)) in asked.into_iter().zip(&ids).enumerate() {
        if at < new {
            let look = seen.remove(id);
            observed.insert(Address::clone(address), newly_seen(look, address.kind()));
            continue;
        }
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

/// What is seen of something that is to be taken over.
fn newly_seen(look: Option<Look>, kind: Kind) -> Observation {
    match look {
        Some(look) if !(look.is_leaving() && kind == Kind::ContainerGroup) => {
            Observation::Seen(look.with_terms())
        }
        _ => Observation::Gone,
    }
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
