//! What the cloud has, for the planner.

use std::collections::HashMap;
use std::time::Duration;

use eci_api::types::ContainerGroupId;
use eci_api::{Api, CallError, Status};
use eci_config::Import;
use eci_core::{Address, Kind};
use eci_planner::{Observation, Observed};
use eci_provider::{Provider, Seen, group_id};
use eci_state::{ResourceState, Snapshot};
use tokio::time::Instant;

use crate::settings::Settings;

/// The pause before groups are looked for again that were made and never seen.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks the cloud about every resource of the state that it made, and about those that are
/// to be imported, many at a time.
///
/// # Errors
/// The first call that fails.
pub async fn observe<A: Api + 'static>(
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
            group_id(&import.id),
        ) {
            asked.push((&import.to, &nothing));
            ids.push(id);
        }
    }
    for (address, state) in &snapshot.resources {
        let id = state.id.as_deref().map(group_id);
        if let (Kind::ContainerGroup, Some(Ok(id))) = (address.kind(), id) {
            asked.push((address, state));
            ids.push(id);
        }
    }
    let mut seen = provider.seen_many(&ids).await?;
    let never_seen = asked.iter().zip(&ids).filter(|((_, state), _)| {
        // This is all that the answer to a create tells.
        let told = |name: &str| matches!(name, "id" | "order_id");
        state.id.is_some() && state.observed.keys().all(|name| told(name))
    });
    let never_seen = never_seen.map(|(_, id)| id.clone()).collect();
    appear(provider, never_seen, &mut seen).await?;
    let mut observed = Observed::nothing();
    for ((address, state), id) in asked.into_iter().zip(&ids) {
        let observation = match seen.remove(id.as_str()) {
            // One that is being deleted by someone else is as good as gone.
            Some(seen) if seen.status != Status::Terminating => {
                Observation::Seen(seen.attributes_after(&state.observed))
            }
            _ => Observation::Gone,
        };
        observed.insert(Address::clone(address), observation);
    }
    Ok(observed)
}

/// Waits until groups appear that were made and never seen since, or it is certain that they
/// are gone: a group that was just made may not be visible everywhere yet, and whoever took
/// it for gone would make it again.
async fn appear<A: Api + 'static>(
    provider: &Provider<A>,
    mut missing: Vec<ContainerGroupId>,
    seen: &mut HashMap<String, Seen>,
) -> Result<(), CallError> {
    let until = Instant::now() + Settings::default().settle_window;
    loop {
        missing.retain(|id| !seen.contains_key(id.as_str()));
        if missing.is_empty() || Instant::now() >= until {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
        seen.extend(provider.seen_many(&missing).await?);
    }
}
