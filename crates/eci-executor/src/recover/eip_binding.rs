//! The EIP of a group after a change whose end was not observed.
//!
//! A group does not report it, except for its public IP address.

use std::sync::Arc;

use eci_core::kinds::GROUP_EIP;
use eci_core::{Address, Map, Value};
use eci_provider::RemoteObject;
use eci_state::{OpenIntent, ResourceState, Snapshot};

/// Returns the state of a group with the EIP that it has, where a change of that was interrupted
/// and the state has another one. Otherwise reverting the change would never take the EIP.
pub(super) fn corrected(
    snapshot: &Snapshot,
    intent: &OpenIntent,
    attributes: &[String],
    remote: &RemoteObject,
) -> Option<ResourceState> {
    let changes = attributes.iter().any(|name| name == GROUP_EIP);
    let state = snapshot.resources.get(&intent.address)?;
    let is_group = intent.address.kind().properties().holds_attachments;
    if !changes || !is_group || state.id != intent.id {
        return None;
    }
    let known = state.applied.get(GROUP_EIP);
    // An EIP that is created with its group is deleted with it.
    if known.is_some_and(|eip| eip.get("id").is_none()) {
        return None;
    }
    let public = remote.attributes.get("internet_ip");
    let has = match public.filter(|public| **public != Value::Null) {
        None => None,
        Some(public) => Some(eip_at(snapshot, public)?),
    };
    if known.and_then(|eip| eip.get("id")) == has {
        return None;
    }
    let mut state: ResourceState = state.clone();
    let applied = Arc::make_mut(&mut state.applied);
    match has {
        None => applied.remove(GROUP_EIP),
        Some(id) => {
            let eip = Value::map(Map::from_iter([("id".into(), id.clone())]));
            applied.insert(GROUP_EIP.into(), eip)
        }
    };
    Some(state)
}

/// Returns the id of the EIP of this address, if the state knows it.
fn eip_at<'a>(snapshot: &'a Snapshot, public: &Value) -> Option<&'a Value> {
    let is_eip =
        |(address, _): &(&Address, &ResourceState)| address.kind().properties().is_public_ip;
    let mut eips = snapshot.resources.iter().filter(is_eip);
    let (_, eip) = eips.find(|(_, eip)| eip.observed.get("address") == Some(public))?;
    eip.observed.get("id").or(eip.applied.get("id"))
}
