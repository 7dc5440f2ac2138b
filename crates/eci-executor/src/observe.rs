//! What the cloud has, for the planner.

use eci_api::{Api, CallError, Status};
use eci_config::Import;
use eci_core::{Address, Kind};
use eci_planner::{Observation, Observed};
use eci_provider::{Provider, group_id};
use eci_state::{ResourceState, Snapshot};

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
