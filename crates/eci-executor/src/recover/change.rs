//! A change of unknown outcome: what is known now of its resource and of those that it triggers.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_planner::{changed_since, redact_observed};
use eci_provider::RemoteObject;
use eci_state::{OpenIntent, Record, ResourceState, Snapshot};

use super::eip_binding;
use crate::records::resource_updated;

/// A change whose outcome is unknown.
pub(super) struct PendingChange<'a> {
    pub(super) intent: &'a OpenIntent,
    pub(super) attributes: &'a [String],
    pub(super) ready_by: &'a Option<String>,
    pub(super) unreported: Option<&'a BTreeSet<String>>,
}

/// Returns the records of what is known now of a resource whose change was interrupted.
pub(super) fn changed(
    snapshot: &Snapshot,
    change: &PendingChange<'_>,
    remote: &RemoteObject,
) -> Vec<Record> {
    let PendingChange {
        intent,
        attributes,
        ready_by,
        unreported,
    } = *change;
    let recorded = snapshot.resources.get(&intent.address);
    let Some(recorded) = recorded.filter(|state| state.id == intent.id) else {
        return Vec::new();
    };
    let corrected = eip_binding::corrected(snapshot, intent, attributes, remote);
    let attribute = |path: &String| path.split(['.', '[']).next().unwrap_or_default().to_owned();
    let sent: BTreeSet<String> = attributes.iter().map(attribute).collect();
    let (kind, key) = (intent.address.kind(), &snapshot.digest_key);
    let reported = remote.attributes_with_prior(&recorded.applied, &recorded.observed);
    let reported = redact_observed(kind, recorded, &Arc::new(reported), key);
    let took_effect =
        corrected.is_some() || !changed_since(kind, key, recorded, &reported).is_disjoint(&sent);
    let mut state = corrected.unwrap_or_else(|| recorded.clone());
    // The cloud may have the new values of what it does not report, or the old ones.
    match unreported {
        Some(unreported) => state.uncertain.extend(unreported.iter().cloned()),
        None => state.uncertain.extend(attributes.iter().cloned()),
    }
    if ready_by.is_some() {
        // It may have been changed, and no run has observed whether it is ready after that.
        state.was_ready = recorded.has_been_ready();
        state.ready_by.clone_from(ready_by);
    }
    state.unconfirmed.extend(sent);
    let mut records = Vec::new();
    if state != *recorded {
        records.push(resource_updated(&intent.address, state));
    }
    if took_effect {
        records.extend(triggered(snapshot, intent));
    }
    records
}

/// Returns the records by which the next plan replaces what a change triggers that took effect: no run
/// saw the end of that change.
fn triggered(snapshot: &Snapshot, intent: &OpenIntent) -> impl Iterator<Item = Record> {
    let dependents = intent.triggers.iter();
    let dependents = dependents.filter(|dependent| **dependent != intent.address);
    dependents.filter_map(|dependent| {
        let state = ResourceState {
            replacement_pending: Some(intent.address.clone()),
            ..snapshot.resources.get(dependent)?.clone()
        };
        Some(resource_updated(dependent, state))
    })
}
