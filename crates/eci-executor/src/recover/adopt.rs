//! Adopting what a create of an earlier run turned out to have created.

use std::sync::Arc;

use eci_core::{Address, Kind, Map, Value};
use eci_planner::redact_observed;
use eci_provider::{Cloud, RemoteObject, ResourceProvider};
use eci_state::{IntentOutcome, ResourceState, Snapshot, Store};

use super::resolution::Resolution;
use crate::event::RecoveryOutcome;

/// A resource that turned out to have been created.
pub(crate) struct AdoptedResource<'a> {
    pub(crate) kind: Kind,
    /// The state that was requested.
    pub(crate) requested: &'a ResourceState,
    pub(crate) id: &'a str,
    /// The report of the cloud; none if it is not visible yet.
    pub(crate) remote: Option<&'a RemoteObject>,
}

/// Returns the end of a create that takes its resource into the state.
pub(crate) fn adopted<A: Cloud>(
    store: &dyn Store,
    provider: &ResourceProvider<A>,
    adopt: &AdoptedResource<'_>,
) -> Resolution {
    let AdoptedResource {
        kind,
        requested,
        id,
        remote,
    } = *adopt;
    let key = &store.snapshot().digest_key;
    let attributes = match remote {
        Some(remote) => {
            provider.attributes_with_prior(remote, &requested.applied, &requested.observed)
        }
        None => Map::from_iter([("id".into(), Value::from(id))]),
    };
    let attributes = Arc::new(attributes);
    let state = ResourceState {
        id: Some(id.to_owned()),
        observed: redact_observed(kind, requested, &attributes, key),
        ..requested.clone()
    };
    let outcome = IntentOutcome::Done {
        state: Some(Box::new(state)),
    };
    Resolution::new(outcome, RecoveryOutcome::Adopted { id: id.to_owned() })
}

/// Returns the ID of the resource that an adopted one replaces: the new one was to be created before
/// the old one is deleted.
pub(crate) fn replaced(
    snapshot: &Snapshot,
    address: &Address,
    outcome: &IntentOutcome,
) -> Option<String> {
    let IntentOutcome::Done { state: Some(state) } = outcome else {
        return None;
    };
    let held = snapshot.resources.get(address)?.id.clone();
    held.filter(|held| state.id.as_ref() != Some(held))
}
