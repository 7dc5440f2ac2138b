//! Observed objects of the cloud.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::schema::Availability;
use eci_core::{Address, Kind, Lineage, Map, OperationTag, Value};
use eci_state::{ResourceState, Snapshot};
use eci_text::{Text, text};
use serde::{Deserialize, Serialize};

use crate::attachable::Attachable;
use crate::diff::DiffScope;

/// Statuses in which a group has all attributes that it will get.
const AT_REST: [&str; 6] = [
    "Running",
    "Succeeded",
    "ScheduleFailed",
    "Failed",
    "Expired",
    "Terminating",
];

/// The observation of one resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// Its attributes in normal form, read-only ones included.
    ///
    /// Secrets are in clear: this is never stored as it is.
    Present(Arc<Map>),
    /// The resource no longer exists.
    Missing,
}

/// The tag or label that names the state which created or imported a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnerMark(String);

impl OwnerMark {
    /// Wraps the value of the tag or label.
    pub fn new(value: impl Into<String>) -> OwnerMark {
        OwnerMark(value.into())
    }

    /// Returns whether a state of that lineage wrote it.
    pub fn is_of(&self, lineage: &Lineage) -> bool {
        OperationTag::from_recorded(&*self.0).is_of(lineage)
            || OperationTag::is_short_of(&self.0, lineage)
    }

    /// Returns the lineage of the state that wrote it; `None` for the label of a disk, which has room
    /// for a digest of it only.
    pub fn lineage(&self) -> Option<&str> {
        let (lineage, _) = self.0.rsplit_once('.')?;
        Some(lineage)
    }

    /// Returns the state that wrote it, as messages name it.
    pub fn owner(&self) -> Text {
        match self.lineage() {
            Some(lineage) => text!(
                en: "the state with lineage {lineage}",
                zh: "谱系 ID 为 {lineage} 的状态",
                lineage = lineage
            ),
            None => text!(
                en: "another state (the label of the disk is {label})",
                zh: "另一个状态（云硬盘标签为 {label}）",
                label = self.0
            ),
        }
    }

    /// Returns the value of the tag or label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether the cloud has filled in all that it adds, by what it reports now: a group that
/// starts, or starts again on another host, may not have its IP address yet, whatever was observed
/// before.
pub(crate) fn is_filled_in(kind: Kind, current: &Map) -> bool {
    let status = current.get("status").and_then(Value::as_str);
    !kind.properties().is_filled_in_later || status.is_some_and(|status| AT_REST.contains(&status))
}

/// Returns whether the observation of a resource is at least as new as what was applied to it, and
/// complete: the answer to a create contains little but the ID.
pub(crate) fn is_up_to_date(kind: Kind, state: &ResourceState) -> bool {
    let scope = DiffScope::of_kind(kind);
    let mut fields = kind.schema().fields.iter();
    let is_whole = fields.all(|field| {
        let is_always_reported = match field.presence {
            Availability::Required => scope.reports(field),
            _ => field.name == "status",
        };
        !is_always_reported || state.observed.contains_key(field.name)
    });
    is_whole && state.id.is_some() && state.ready_by.is_none() && state.unconfirmed.is_empty()
}

/// The observations of the resources that were read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observations {
    resources: BTreeMap<Address, Observation>,
    /// The user of each EIP and disk, as these report it themselves.
    holders: BTreeMap<Attachable, Option<String>>,
    /// The addresses of existing EIPs, by ID, to which the groups that have them refer.
    eip_addresses: BTreeMap<String, String>,
    /// The bandwidths, in Mbps, of EIPs that are not managed, by ID.
    eip_bandwidths: BTreeMap<String, i64>,
    /// The marks of those that no state, or not yet this one, is known to own.
    marks: BTreeMap<Address, OwnerMark>,
}

impl Observations {
    /// Returns no observation: the plan goes by the state.
    pub fn empty() -> Observations {
        Observations::default()
    }

    /// Returns what the last run observed, for a plan that trusts the state.
    ///
    /// Where that run was still waiting, or did not observe the result of a change, the record may be older
    /// than what was applied.
    pub(crate) fn recorded(snapshot: &Snapshot) -> Observations {
        let mut observed = Observations::empty();
        for (address, state) in &snapshot.resources {
            if is_up_to_date(address.kind(), state) {
                let reported = Observation::Present(Arc::clone(&state.observed));
                observed.insert(address.clone(), reported);
            }
        }
        observed
    }

    /// Adds the cloud's words on a resource.
    pub fn insert(&mut self, address: Address, observation: Observation) {
        self.resources.insert(address, observation);
    }

    /// Adds what an EIP or a disk reports about its holder: the ID of the container group, the ID
    /// of another object, or none.
    pub fn hold(&mut self, object: Attachable, holder: Option<String>) {
        self.holders.insert(object, holder);
    }

    /// Returns the id of what has an EIP or a disk; the outer `None` if that is not known.
    pub fn holder(&self, object: &Attachable) -> Option<Option<&str>> {
        self.holders.get(object).map(Option::as_deref)
    }

    /// Returns all EIPs and disks of which it is known what has them.
    pub fn holders(&self) -> impl Iterator<Item = (&Attachable, Option<&str>)> {
        self.holders
            .iter()
            .map(|(object, holder)| (object, holder.as_deref()))
    }

    /// Adds the address of an existing EIP.
    pub fn insert_eip_address(&mut self, id: impl Into<String>, address: impl Into<String>) {
        self.eip_addresses.insert(id.into(), address.into());
    }

    /// Returns the address of an existing EIP, if it was read.
    pub fn eip_address(&self, id: &str) -> Option<&str> {
        self.eip_addresses.get(id).map(String::as_str)
    }

    /// Returns all addresses of existing EIPs, by id.
    pub fn eip_addresses(&self) -> &BTreeMap<String, String> {
        &self.eip_addresses
    }

    /// Adds the bandwidth, in Mbps, of an EIP that is not managed.
    pub fn insert_eip_bandwidth(&mut self, id: impl Into<String>, bandwidth: i64) {
        self.eip_bandwidths.insert(id.into(), bandwidth);
    }

    /// Returns the bandwidths, in Mbps, of EIPs that are not managed, by ID.
    pub fn eip_bandwidths(&self) -> &BTreeMap<String, i64> {
        &self.eip_bandwidths
    }

    /// Adds which state a resource says that it belongs to.
    pub fn insert_mark(&mut self, address: Address, mark: OwnerMark) {
        self.marks.insert(address, mark);
    }

    /// Returns the state to which a resource belongs by its own report, if that was read.
    pub fn mark(&self, address: &Address) -> Option<&OwnerMark> {
        self.marks.get(address)
    }

    /// Returns all marks, by address.
    pub fn marks(&self) -> impl Iterator<Item = (&Address, &OwnerMark)> {
        self.marks.iter()
    }

    /// Returns all that it says, by address.
    pub fn iter(&self) -> impl Iterator<Item = (&Address, &Observation)> {
        self.resources.iter()
    }

    /// Returns the observation of a resource; `None` if it was not read.
    pub fn get(&self, address: &Address) -> Option<&Observation> {
        self.resources.get(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_not_called_a_lineage() {
        let lineage = Lineage::new("other");
        let tag = OperationTag::new(&lineage, "op7");
        let owner = OwnerMark::new(tag.to_string()).owner();
        assert_eq!(owner.en(), "the state with lineage other");
        let label = tag.short();
        let owner = OwnerMark::new(&*label).owner();
        let expected = format!("another state (the label of the disk is {label})");
        assert_eq!(owner.en(), expected);
    }
}
