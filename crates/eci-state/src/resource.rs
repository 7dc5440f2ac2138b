//! Resources and outputs in a state.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::{Address, Map, OperationTag, Path, Value};
use serde::{Deserialize, Serialize};

/// The recorded state of one resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourceState {
    /// The cloud's id; `None` for what lives only inside its groups.
    pub id: Option<String>,
    /// The attributes that were last applied: in normal form, redacted.
    pub applied: Arc<Map>,
    /// The attributes that the cloud last reported, read-only ones included: redacted.
    pub observed: Arc<Map>,
    /// The resources that it refers to; it is deleted before them.
    pub dependencies: Vec<Address>,
    /// The tag of the create that created it; `None` if eci did not.
    pub operation: Option<OperationTag>,
    /// Whether it was created and never became ready, or the user requests another one: the next
    /// plan replaces it.
    pub tainted: bool,
    /// Its readiness was not observed since it was created or changed: it is waited for until
    /// this time, in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_by: Option<String>,
    /// While `ready_by` says that it is waited for: whether it was ready before it was changed.
    /// Then it was the change that failed, and not the create: it is not replaced for that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_ready: bool,
    /// The paths of attributes that were changed with an unknown outcome, as far as the cloud does
    /// not report them: it may have the new values or the old ones. The next change sends them
    /// again. Each is what a call changes as a whole: an attribute, or a part of a disk.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub uncertain: BTreeSet<String>,
    /// The attributes that a change of unknown outcome was to change.
    ///
    /// If the cloud has another value of them since, the change did it, and no one else.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unconfirmed: BTreeSet<String>,
    /// Whether it was imported and does not carry the operation tag of this state yet: the next
    /// apply sets the tag, where its kind can carry one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tag_pending: bool,
    /// The EIP that a container group with an ignored EIP is to receive from the one that it
    /// replaces, as it was planned: the next update binds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eip_pending: Option<Value>,
    /// The operation tag or label of another state under which it was imported with a take-over: as
    /// long as it carries this one, and not a later one of that state, it belongs to this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over: Option<String>,
    /// The `prevent_destroy` that was applied last, where it makes a difference: `true`, and `false`
    /// for a managed disk, which is protected otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevent_destroy: Option<bool>,
    /// A resource that its `replace_triggered_by` names and that was updated or replaced: the next
    /// plan replaces this one, unless a run has done so since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_pending: Option<Address>,
    /// Attributes that were sensitive in earlier requests, also of the resources that this
    /// one replaced, or would be after a change whose outcome is unknown. The cloud may report them
    /// in clear at any time: after a lost answer, from a read that is out of date, or because
    /// somebody set them again.
    ///
    /// **Invariant:** nothing is taken from this set, see [`Snapshot::sensitive_at`](crate::Snapshot::sensitive_at).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sensitive: BTreeSet<Path>,
}

impl ResourceState {
    /// Returns whether it was ready at some time after its create.
    pub fn has_been_ready(&self) -> bool {
        self.was_ready || (self.ready_by.is_none() && !self.tainted)
    }
}

/// One output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputState {
    /// Its value, redacted.
    pub value: Value,
    /// Whether it is shown only on demand.
    pub sensitive: bool,
}

/// The names that a deleted resource passes on to its successor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of its managed disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<String>,
    /// The id that it had, if it had one: an `[[import]]` of it has been applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<String>,
}
