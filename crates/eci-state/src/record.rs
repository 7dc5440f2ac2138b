//! Records of the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use eci_core::{Address, Lineage, OperationTag, Path, Serial};
use serde::{Deserialize, Serialize};

use crate::cloud::CloudIdentity;
use crate::resource::{Names, OutputState, ResourceState};

/// The number of an intent.
///
/// Unique among the intents of a journal and those still open.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct IntentId(pub(crate) u64);

impl IntentId {
    /// Creates the identifier of an intent.
    ///
    /// A run gets its numbers from [`Store::next_intent`](crate::Store::next_intent).
    pub fn new(number: u64) -> IntentId {
        IntentId(number)
    }
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The purpose of a call.
///
/// Exhaustive, so that a new kind is an error wherever the end of an unknown call is found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentKind {
    /// Create the resource.
    Create {
        /// The tag that the created object will carry.
        operation: OperationTag,
        /// The state that the resource will have; its id and the cloud's words on it are
        /// still missing. It is recorded with this once the created object is found.
        #[serde(alias = "asked")]
        planned: Box<ResourceState>,
        /// For an EIP: the ids of those that the cloud listed before it was ordered and that look
        /// like it. They existed, so none of them is what the order creates.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        listed: Vec<String>,
    },
    /// Change it in place.
    Update {
        /// The attributes that change.
        attributes: Vec<String>,
        /// Until when it is waited for to be ready after that, in RFC 3339; none where it is not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ready_by: Option<String>,
        /// The sensitive ones among the sent attributes.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        sensitive: BTreeSet<Path>,
        /// Those of the attributes of which the cloud does not report all that changes, in the form
        /// of [`ResourceState::uncertain`]. Records of earlier versions do not say: then it is none
        /// or any of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unreported: Option<BTreeSet<String>>,
    },
    /// Remove what has this id.
    ///
    /// It need not be what the address holds: the predecessor of a resource that was replaced is
    /// removed after its successor was recorded. Append the end of that create and this intent
    /// together, and the predecessor is never lost.
    Delete {
        /// The cloud's id of what goes.
        id: String,
    },
}

/// One record of the journal.
///
/// None of them may hold a value that is unknown or sensitive: what goes into a record went
/// through [`DigestKey::redact`](eci_core::DigestKey::redact) first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Record {
    /// A run begins.
    #[serde(alias = "begin")]
    RunStarted {
        /// The command line.
        command: String,
        /// The time in RFC 3339.
        #[serde(alias = "at")]
        time: String,
        /// The serial of the snapshot that the run began with.
        serial: Serial,
        /// The lineage of that snapshot.
        lineage: Lineage,
    },
    /// A call is about to be sent; flushed before it is.
    Intent {
        /// The number under which its end is recorded.
        intent: IntentId,
        /// The resource.
        address: Address,
        /// The purpose of the call.
        #[serde(alias = "deed")]
        kind: IntentKind,
        /// The time in RFC 3339.
        #[serde(alias = "at")]
        time: String,
        /// The client token of the call, where it has one: sent with it again, the call does
        /// nothing more. That of a create follows from its operation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// The call of an intent was answered by an order, whose end is waited for.
    #[serde(alias = "ordered")]
    OrderPlaced {
        /// The number of the intent.
        intent: IntentId,
        /// The resource of the intent.
        address: Address,
        /// The cloud's id of the order.
        order: String,
    },
    /// Once the call of an intent is done, these resources are to be replaced, because their
    /// `replace_triggered_by` names its resource. They are remembered whichever run sees that end.
    Triggers {
        /// The number of the intent.
        intent: IntentId,
        /// The resource of the intent.
        address: Address,
        /// The resources to be replaced.
        dependents: Vec<Address>,
    },
    /// An intent came to this end.
    ///
    /// An unknown outcome has no record: the intent stays open.
    #[serde(alias = "settled")]
    IntentFinished {
        /// The number of the intent.
        intent: IntentId,
        /// The resource of the intent.
        address: Address,
        /// The outcome of the call.
        outcome: IntentOutcome,
    },
    /// The state of a resource changed without an intent: it was refreshed, became ready, was
    /// imported or moved here.
    #[serde(alias = "recorded")]
    ResourceUpdated {
        /// The resource.
        address: Address,
        /// Its state from now on.
        state: Box<ResourceState>,
    },
    /// Resources have other addresses from now on, all at once: whatever names them follows,
    /// dependencies and pending operations as well.
    Moved {
        /// The new addresses, by the old ones.
        to: BTreeMap<Address, Address>,
    },
    /// A resource was removed from the state, whether or not it was deleted.
    ///
    /// Only read: since format 2 it is written as [`Record::Moved`], [`Record::Removed`] or
    /// [`Record::Missing`].
    #[serde(alias = "forgotten")]
    ResourceRemoved {
        /// The resource.
        address: Address,
    },
    /// A resource was deliberately removed from the state, and the cloud keeps it: the state
    /// remembers its id, see [`Snapshot::removed`](crate::Snapshot::removed).
    Removed {
        /// The resource.
        address: Address,
        /// The time in RFC 3339.
        #[serde(alias = "at")]
        time: String,
    },
    /// A resource was removed from the state, because it no longer exists in the cloud.
    #[serde(alias = "gone")]
    Missing {
        /// The resource.
        address: Address,
    },
    /// A resource is about to be deleted for another one, which is to get the same names wherever
    /// its manifest gives it none. With no names, nothing is to take its place any more.
    Names {
        /// The address of both.
        address: Address,
        /// The names.
        names: Names,
    },
    /// The state belongs to this cloud from now on.
    Cloud {
        /// Its identity.
        cloud: CloudIdentity,
    },
    /// The cloud was looked through for what lost records may have been about, and nothing is left
    /// of which the state does not know: see [`Snapshot::lost`](crate::Snapshot::lost).
    Accounted {
        /// The time in RFC 3339.
        #[serde(alias = "at")]
        time: String,
    },
    /// The migration that copied the state here is complete: see
    /// [`Snapshot::migrating_from`](crate::Snapshot::migrating_from).
    MoveCompleted,
    /// The outputs, all of them.
    Outputs {
        /// By name.
        outputs: BTreeMap<String, OutputState>,
    },
    /// A run ends.
    #[serde(alias = "end")]
    RunFinished {
        /// The time in RFC 3339.
        #[serde(alias = "at")]
        time: String,
    },
}

impl Record {
    /// Returns the address of the resource that the record is about, if there is one.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Record::Intent { address, .. }
            | Record::OrderPlaced { address, .. }
            | Record::Triggers { address, .. }
            | Record::IntentFinished { address, .. }
            | Record::ResourceUpdated { address, .. }
            | Record::ResourceRemoved { address }
            | Record::Removed { address, .. }
            | Record::Names { address, .. }
            | Record::Missing { address } => Some(address),
            Record::RunStarted { .. }
            | Record::Moved { .. }
            | Record::Cloud { .. }
            | Record::Accounted { .. }
            | Record::MoveCompleted
            | Record::Outputs { .. }
            | Record::RunFinished { .. } => None,
        }
    }

    /// Returns all addresses in the record.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Address> {
        let state = match self {
            Record::ResourceUpdated { state, .. } => Some(state),
            Record::IntentFinished {
                outcome: IntentOutcome::Done { state },
                ..
            } => state.as_ref(),
            _ => None,
        };
        let dependencies = state.into_iter().flat_map(|state| &state.dependencies);
        let moves = match self {
            Record::Moved { to } => Some(to),
            _ => None,
        };
        let moved = moves.into_iter().flatten();
        let moved = moved.flat_map(|(from, to)| [from, to]);
        let dependents = match self {
            Record::Triggers { dependents, .. } => Some(dependents),
            _ => None,
        };
        let dependents = dependents.into_iter().flatten();
        let named = self.address().into_iter().chain(dependencies);
        named.chain(moved).chain(dependents)
    }
}

/// The outcome of an intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntentOutcome {
    /// The call did what it was to do.
    Done {
        /// The state of the resource from now on.
        ///
        /// `None`: it was deleted; the end of a [`IntentKind::Delete`] whose id is not the one the
        /// address holds leaves the address alone.
        state: Option<Box<ResourceState>>,
    },
    /// The call certainly changed nothing.
    Failed {
        /// The reason, in words that hold no secret.
        message: String,
    },
}
