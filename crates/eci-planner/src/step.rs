//! The steps of a plan: what is to be done with one resource.

use std::sync::Arc;

use eci_config::Resource;
use eci_core::diagnostic::Span;
use eci_core::{Address, Map, Value};
use eci_state::{IntentId, ResourceState};
use serde::{Deserialize, Serialize};

use crate::action::{Action, Reason};
use crate::attachable::Attachable;
use crate::diff::AttributeChange;
use crate::observed::OwnerMark;

/// The action on one resource.
#[derive(Clone, Debug)]
pub struct Step {
    /// The resource.
    pub address: Address,
    /// The action.
    pub action: Action,
    /// The reason; none where nothing is done.
    pub reason: Option<Reason>,
    /// Its place in the manifests; none if it is in none.
    pub place: Option<Span>,
    /// The ID that the cloud assigned, if it was created.
    pub id: Option<String>,
    /// Its recorded state, secrets as digests.
    pub state: Option<Arc<ResourceState>>,
    /// The desired attributes in normal form, secrets marked, unknown parts unknown.
    pub desired: Option<Arc<Map>>,
    /// The desired attributes, and the read-only ones as far as known.
    pub planned: Option<Arc<Map>>,
    /// The changes.
    pub changes: Vec<AttributeChange>,
    /// The dependencies.
    pub dependencies: Vec<Address>,
    /// For a replacement: whether the new object is created before the old one is deleted.
    pub create_before_destroy: bool,
    /// Then, whether both require the same EIP, which changes hands in between.
    pub transfers_eip: bool,
    /// The EIPs and disks that are detached from it first, because a task that must precede its own
    /// requires them.
    pub detaches: Vec<Detachment>,
    /// The address that the state has it under, if it moves.
    pub moved_from: Option<Address>,
    /// The cloud's ID of the object to import, if there is one.
    pub import: Option<String>,
    /// The pending operation of an earlier run that it goes on with.
    pub pending: Option<IntentId>,
    /// Whether that is an order of which reads found nothing: its create sends it again under the
    /// same client token, which orders nothing twice.
    pub resends: bool,
    /// Its evaluated table, for what is known only once other steps are done.
    pub resource: Option<Arc<Resource>>,
}

/// An EIP or a disk that is detached from a container group before its own change: until that
/// change, the group is without it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Detachment {
    /// The EIP or the disk.
    pub object: Attachable,
    /// The resource that it is, if the plan knows one.
    pub resource: Option<Address>,
    /// The resource for which it has to be free.
    pub taker: Address,
    /// The names of other volumes that the group is without for that time: they have secrets that
    /// neither the cloud reports nor the manifest has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<String>,
}

impl Step {
    /// Returns whether it deletes a replaced object or removes it from the state, and another step
    /// of the same address is about its successor.
    pub fn is_of_predecessor(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Forget)
            && self.reason == Some(Reason::Replaced)
    }

    /// Returns the mark of the state from which an import takes the resource over, if it does.
    pub fn taken_over(&self) -> Option<OwnerMark> {
        let state = self.state.as_ref().filter(|_| self.import.is_some())?;
        state.taken_over.as_deref().map(OwnerMark::new)
    }

    /// Returns the public IP address of an existing EIP, where it was read.
    pub fn public_ip(&self) -> Option<Value> {
        let desired = self.desired.as_deref()?;
        let is_existing =
            self.address.kind().properties().is_public_ip && desired.contains_key("id");
        let public = self.planned.as_deref()?.get("address").cloned();
        public.filter(|_| is_existing)
    }
}
