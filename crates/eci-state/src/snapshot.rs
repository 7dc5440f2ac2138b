//! The state as one document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eci_core::address::is_label;
use eci_core::kinds::existing_id;
use eci_core::{Address, DigestKey, Kind, Lineage, Map, OperationTag, Path, Serial, Value};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::cloud::CloudIdentity;
use crate::error::StateError;
use crate::record::{Deed, IntentId, Record, Settlement};

/// The format of snapshots that this version writes, and the newest that it reads. Whatever a
/// version adds to the format, an older version would drop when it writes the state: so each
/// addition has a format of its own.
pub const FORMAT: u32 = 3;

/// The oldest format that this version reads. What later formats added is absent in it.
pub const OLDEST_FORMAT: u32 = 1;

/// How many records have changed a snapshot since it was read.
///
/// All of them are equal: snapshots are compared by what they say, whatever led there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Revision(u64);

impl PartialEq for Revision {
    fn eq(&self, _: &Revision) -> bool {
        true
    }
}

impl Revision {
    /// Whether nothing was recorded between the two.
    pub fn is(self, other: Revision) -> bool {
        self.0 == other.0
    }

    fn next(self) -> Revision {
        Revision(self.0.wrapping_add(1))
    }
}

/// The state of a configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The format it was read in. The document in which a snapshot is stored says it ahead of
    /// everything else, see [`Snapshot::from_document`].
    #[serde(skip, default = "known_format")]
    pub format: u32,
    /// How many records have changed it since it was read: it may be another one at the same serial.
    #[serde(skip)]
    pub revision: Revision,
    /// Which state this is.
    pub lineage: Lineage,
    /// Which version of it.
    pub serial: Serial,
    /// The key of its digests: see [`DigestKey::redact`].
    pub digest_key: DigestKey,
    /// The cloud that its resources are in; none if no run recorded it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<CloudIdentity>,
    /// Every resource that the state knows.
    pub resources: BTreeMap<Address, ResourceState>,
    /// The outputs of the last run that reached them.
    pub outputs: BTreeMap<String, OutputState>,
    /// The calls of which nobody knows whether they did what they were to do, in the order in
    /// which they were begun.
    pub open: Vec<OpenIntent>,
    /// What was deliberately removed from the state and left in the cloud, by the cloud's id: it
    /// may have another owner since, and is never taken for an orphan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub removed: BTreeMap<String, RemovedResource>,
    /// What was deleted to be created again, until it is: the names that its successor gets where its
    /// manifest gives it none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<Address, Names>,
    /// Records were lost when this state was rebuilt: there may be resources in the cloud that it
    /// created and does not know, until it was looked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostRecords>,
    /// What was sensitive in resources that no longer exist, by their addresses: what is created
    /// there again remembers it, see [`ResourceState::sensitive`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub formerly_sensitive: BTreeMap<Address, BTreeSet<Path>>,
}

/// What a resource that was deleted leaves to its successor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of its managed disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<String>,
    /// The id that it had, if it had one: an `[[import]]` of it has been carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<String>,
}

/// Records that were lost with a damaged file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostRecords {
    /// When the run began whose records were lost, in RFC 3339; none if that was lost, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The resources that they were about, as far as that can be told.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub about: BTreeSet<Address>,
}

/// What was deliberately removed from a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedResource {
    /// The address that it had; it tells the kind.
    pub address: Address,
    /// When it was removed, in RFC 3339, if the record tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

fn known_format() -> u32 {
    FORMAT
}

/// What is known of one resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourceState {
    /// The cloud's id; `None` for what lives only inside its groups.
    pub id: Option<String>,
    /// What we last asked for: in normal form, redacted.
    pub applied: Arc<Map>,
    /// What the cloud last said, read-only attributes included: redacted.
    pub observed: Arc<Map>,
    /// The resources that it refers to; it is deleted before them.
    pub dependencies: Vec<Address>,
    /// The tag of the create that made it; `None` if we did not.
    pub operation: Option<OperationTag>,
    /// It was made and never became ready, or its user wants another one: the next plan replaces
    /// it.
    pub tainted: bool,
    /// Nobody has seen yet that it is ready since it was made or changed: it is waited for until
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
    /// The attributes that a change of unknown outcome was to change. Where the cloud has something
    /// else of them since, nobody else has done that.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unconfirmed: BTreeSet<String>,
    /// It was imported and does not carry the operation tag of this state yet: the next apply sets
    /// it, where its kind can carry one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tag_pending: bool,
    /// The operation tag or label of another state under which it was imported with a take-over: as
    /// long as it carries this one, and not a later one of that state, it belongs to this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over: Option<String>,
    /// Whether the last `prevent_destroy` that was applied is `true`. A manifest that does not say
    /// changes nothing about it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prevent_destroy: bool,
    /// A resource that its `replace_triggered_by` names and that was updated or replaced: the next
    /// plan replaces this one, unless a run has done so since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_pending: Option<Address>,
    /// Attributes that were sensitive in what was asked for before, also of the resources that this
    /// one replaced, or would be after a change whose outcome is unknown. The cloud may report them
    /// in clear at any time: after a lost answer, from a read that is out of date, or because
    /// somebody set them again.
    ///
    /// **Invariant:** nothing is taken from this set, see [`Snapshot::sensitive_at`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sensitive: BTreeSet<Path>,
}

impl ResourceState {
    /// Whether it was ready at some time after its create.
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

/// An intent whose end is not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenIntent {
    /// Its number.
    pub intent: IntentId,
    /// The resource.
    pub address: Address,
    /// What the call was to do.
    pub deed: Deed,
    /// The cloud's id of what the call was about; `None` for a create.
    pub id: Option<String>,
    /// When it was begun, in RFC 3339.
    pub at: String,
    /// The client token of the call, where it has one and is no create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The order that the call placed, as far as that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The resources whose replacement is pending once the call is done, see
    /// [`Record::Triggers`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Address>,
}

/// A record does not fit the snapshot, or the snapshot contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IntegrityError {
    /// The record is of a run on another state.
    #[error("a run of the state {found} cannot go on in the state {expected}")]
    AnotherLineage {
        /// The lineage that the record names.
        found: Lineage,
        /// The snapshot's.
        expected: Lineage,
    },
    /// The record is of a run on another version of the state.
    #[error("a run that began with serial {found} cannot go on in serial {expected}")]
    AnotherSerial {
        /// The serial that the record names.
        found: Serial,
        /// The snapshot's.
        expected: Serial,
    },
    /// Two intents have one number.
    #[error("{address}: intent {intent} is open already")]
    IntentTwice {
        /// The number.
        intent: IntentId,
        /// The resource of the second one.
        address: Address,
    },
    /// The end of an intent that is not open.
    #[error("{address}: intent {intent} cannot end, for it is not open")]
    NoSuchIntent {
        /// The number.
        intent: IntentId,
        /// The resource.
        address: Address,
    },
    /// The end of an intent names another resource than its beginning.
    #[error("intent {intent} is about {expected}, its end is about {found}")]
    IntentOfAnother {
        /// The number.
        intent: IntentId,
        /// The resource that the end names.
        found: Address,
        /// The resource that the intent names.
        expected: Address,
    },
    /// A resource would move to an address that another resource, or a pending operation, has.
    #[error("{from} cannot move to {to}, which is taken")]
    Occupied {
        /// Its old address.
        from: Address,
        /// Its new one.
        to: Address,
    },
    /// The address could be written and not be read again.
    #[error("`{address}` has a part that is no name")]
    NotAnAddress {
        /// The address.
        address: Address,
    },
    /// Two resources claim one thing in the cloud.
    #[error("{first} and {second} both have the id {id}")]
    IdTwice {
        /// The id.
        id: String,
        /// One of them.
        first: Address,
        /// The other.
        second: Address,
    },
    /// A resource depends on itself.
    #[error("{address} depends on itself")]
    DependsOnItself {
        /// The resource.
        address: Address,
    },
    /// A value is in the snapshot that may not be stored.
    #[error("`{place}` holds a value that is sensitive or not known yet, and was not redacted")]
    NotRedacted {
        /// The resource and attribute, or the output.
        place: String,
    },
}

impl Snapshot {
    /// An empty state of this lineage.
    pub fn new(lineage: Lineage, digest_key: DigestKey) -> Snapshot {
        Snapshot {
            format: FORMAT,
            revision: Revision::default(),
            lineage,
            serial: Serial::default(),
            digest_key,
            cloud: None,
            resources: BTreeMap::new(),
            outputs: BTreeMap::new(),
            open: Vec::new(),
            removed: BTreeMap::new(),
            names: BTreeMap::new(),
            lost: None,
            formerly_sensitive: BTreeMap::new(),
        }
    }

    /// An empty state with a lineage and a digest key of its own, drawn at random.
    pub fn fresh() -> Result<Snapshot, StateError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|cause| StateError::NoRandomness { cause })?;
        let lineage = Lineage::new(Uuid::new_v4().to_string());
        Ok(Snapshot::new(lineage, DigestKey::new(key)))
    }

    /// Applies one record: the same while it happens and when the journal is replayed. A
    /// record that does not fit changes nothing.
    pub fn apply(&mut self, record: &Record) -> Result<(), IntegrityError> {
        self.admit(std::slice::from_ref(record))?;
        self.change(record);
        Ok(())
    }

    /// Whether the records fit the snapshot, one after the other.
    pub(crate) fn admit(&self, records: &[Record]) -> Result<(), IntegrityError> {
        let mut open: Vec<(IntentId, &Address)> = self
            .open
            .iter()
            .map(|open| (open.intent, &open.address))
            .collect();
        for record in records {
            record.addresses().try_for_each(readable)?;
            self.admit_one(&mut open, record)?;
        }
        Ok(())
    }

    fn admit_one<'a>(
        &self,
        open: &mut Vec<(IntentId, &'a Address)>,
        record: &'a Record,
    ) -> Result<(), IntegrityError> {
        let position = |open: &[(IntentId, &Address)], intent: &IntentId| {
            open.iter().position(|(other, _)| other == intent)
        };
        match record {
            Record::Begin { lineage, .. } if *lineage != self.lineage => {
                Err(IntegrityError::AnotherLineage {
                    found: lineage.clone(),
                    expected: self.lineage.clone(),
                })
            }
            Record::Begin { serial, .. } if *serial != self.serial => {
                Err(IntegrityError::AnotherSerial {
                    found: *serial,
                    expected: self.serial,
                })
            }
            Record::Intent {
                intent, address, ..
            } => match position(open, intent) {
                Some(_) => Err(IntegrityError::IntentTwice {
                    intent: *intent,
                    address: address.clone(),
                }),
                None => {
                    open.push((*intent, address));
                    Ok(())
                }
            },
            Record::Ordered {
                intent, address, ..
            }
            | Record::Triggers {
                intent, address, ..
            } => {
                let found = position(open, intent).map(|at| open[at].1);
                match found {
                    None => Err(IntegrityError::NoSuchIntent {
                        intent: *intent,
                        address: address.clone(),
                    }),
                    Some(expected) if expected != address => Err(IntegrityError::IntentOfAnother {
                        intent: *intent,
                        found: address.clone(),
                        expected: expected.clone(),
                    }),
                    Some(_) => Ok(()),
                }
            }
            Record::Settled {
                intent, address, ..
            } => {
                let at = position(open, intent).ok_or_else(|| IntegrityError::NoSuchIntent {
                    intent: *intent,
                    address: address.clone(),
                })?;
                let (_, expected) = open.swap_remove(at);
                match expected == address {
                    true => Ok(()),
                    false => Err(IntegrityError::IntentOfAnother {
                        intent: *intent,
                        found: address.clone(),
                        expected: expected.clone(),
                    }),
                }
            }
            Record::Moved { to } => {
                self.admit_moves(to)?;
                for (_, address) in open {
                    *address = to.get(*address).unwrap_or(*address);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Makes the change of a record that was admitted; tells whether resources or outputs
    /// changed by it.
    pub(crate) fn change(&mut self, record: &Record) -> bool {
        match record {
            // These say nothing about resources.
            Record::Begin { .. }
            | Record::End { .. }
            | Record::Cloud { .. }
            | Record::Accounted { .. } => {}
            _ => self.revision = self.revision.next(),
        }
        match record {
            Record::Begin { .. } | Record::End { .. } => false,
            Record::Intent {
                intent,
                address,
                deed,
                at,
                token,
            } => {
                self.open.push(OpenIntent {
                    intent: *intent,
                    address: address.clone(),
                    id: self.subject(address, deed),
                    deed: deed.clone(),
                    at: at.clone(),
                    token: token.clone(),
                    order: None,
                    triggers: Vec::new(),
                });
                self.expect_secrets(address, deed)
            }
            Record::Ordered { intent, order, .. } => {
                let mut open = self.open.iter_mut();
                if let Some(open) = open.find(|open| open.intent == *intent) {
                    open.order = Some(order.clone());
                }
                // It must not get lost when the journal begins anew.
                true
            }
            Record::Triggers {
                intent, dependents, ..
            } => {
                let mut open = self.open.iter_mut();
                if let Some(open) = open.find(|open| open.intent == *intent) {
                    open.triggers.clone_from(dependents);
                }
                true
            }
            Record::Settled {
                intent,
                address,
                outcome,
            } => self.settle(*intent, address, outcome),
            Record::Recorded { address, state } => self.put(address, state),
            Record::Moved { to } => self.follow_moves(to),
            Record::Cloud { cloud } => {
                let changed = self.cloud.as_ref() != Some(cloud);
                self.cloud = Some(cloud.clone());
                changed
            }
            Record::Accounted { .. } => self.lost.take().is_some(),
            // Records of earlier versions do not say whether it still exists.
            Record::Forgotten { address } => self.remove(address, None),
            Record::Removed { address, at } => self.remove(address, Some(at)),
            Record::Gone { address } => self.bury(address),
            Record::Names { address, names } => {
                let held = match *names == Names::default() {
                    true => self.names.remove(address),
                    false => self.names.insert(address.clone(), names.clone()),
                };
                held.unwrap_or_default() != *names
            }
            Record::Outputs { outputs } => {
                let changed = self.outputs != *outputs;
                self.outputs.clone_from(outputs);
                changed
            }
        }
    }

    /// The cloud's id of what a deed is about.
    fn subject(&self, address: &Address, deed: &Deed) -> Option<String> {
        match deed {
            Deed::Create { .. } => None,
            Deed::Update { .. } => self.resources.get(address)?.id.clone(),
            Deed::Delete { id } => Some(id.clone()),
        }
    }

    fn settle(&mut self, intent: IntentId, address: &Address, outcome: &Settlement) -> bool {
        let at = self.open.iter().position(|open| open.intent == intent);
        let ended = at.map(|at| self.open.remove(at));
        if let (Settlement::Done { .. }, Some(ended)) = (outcome, &ended) {
            self.trigger(address, &ended.triggers);
        }
        match outcome {
            Settlement::Failed { .. } => false,
            Settlement::Done { state: Some(state) } => self.put(address, state),
            Settlement::Done { state: None } => {
                let held = self
                    .resources
                    .get(address)
                    .and_then(|held| held.id.as_ref());
                let another = match ended.map(|ended| ended.deed) {
                    // What took its place may have no id: an automatic or existing EIP.
                    Some(Deed::Delete { id }) => held != Some(&id),
                    _ => false,
                };
                !another && self.bury(address)
            }
        }
    }

    /// Remembers that a change of one resource is to replace others.
    fn trigger(&mut self, by: &Address, dependents: &[Address]) {
        for dependent in dependents.iter().filter(|dependent| *dependent != by) {
            if let Some(state) = self.resources.get_mut(dependent) {
                state.replacement_pending = Some(by.clone());
            }
        }
    }

    /// Removes a resource, and remembers the id of what stays in the cloud.
    fn remove(&mut self, address: &Address, at: Option<&String>) -> bool {
        let Some(removed) = self.resources.remove(address) else {
            return false;
        };
        // An existing EIP or disk may have been managed before.
        let existing = || existing_id(address.kind(), &removed.applied).map(str::to_owned);
        if let Some(id) = removed.id.clone().or_else(existing) {
            let removed = RemovedResource {
                address: address.clone(),
                at: at.cloned(),
            };
            self.removed.insert(id, removed);
        }
        true
    }

    fn put(&mut self, address: &Address, state: &ResourceState) -> bool {
        self.names.remove(address);
        // What comes back is no longer removed.
        if let Some(id) = state.id.as_ref().filter(|_| !self.removed.is_empty()) {
            self.removed.remove(id);
        }
        // What is only used from now on stays in the cloud, whatever becomes of its record.
        if let Some(id) = existing_id(address.kind(), &state.applied)
            && let Some(before) = self.resources.get(address)
            && before.id.as_deref() == Some(id)
        {
            let removed = RemovedResource {
                address: address.clone(),
                at: None,
            };
            self.removed.insert(id.to_owned(), removed);
        }
        self.record(address, state)
    }

    /// Whether the snapshot agrees with itself: no id, intent or dependency that cannot be,
    /// and nothing in it that may not be stored.
    pub fn check(&self) -> Result<(), IntegrityError> {
        let mut ids: BTreeMap<(Kind, &str), &Address> = BTreeMap::new();
        for (address, resource) in &self.resources {
            if let Some(id) = &resource.id
                && let Some(first) = ids.insert((address.kind(), id), address)
            {
                return Err(IntegrityError::IdTwice {
                    id: id.clone(),
                    first: first.clone(),
                    second: address.clone(),
                });
            }
            if resource.dependencies.contains(address) {
                let address = address.clone();
                return Err(IntegrityError::DependsOnItself { address });
            }
            let attributes = resource.applied.iter().chain(resource.observed.iter());
            for (name, value) in attributes {
                redacted(value, || format!("{address}.{name}"))?;
            }
        }
        for (name, output) in &self.outputs {
            redacted(&output.value, || format!("output.{name}"))?;
        }
        for (at, open) in self.open.iter().enumerate() {
            if self.open[..at]
                .iter()
                .any(|other| other.intent == open.intent)
            {
                return Err(IntegrityError::IntentTwice {
                    intent: open.intent,
                    address: open.address.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Whether the address can be read as it is written.
fn readable(address: &Address) -> Result<(), IntegrityError> {
    let mut names = address.modules().iter().map(|module| &module.name);
    match is_label(address.label()) && names.all(|name| is_label(name)) {
        true => Ok(()),
        false => Err(IntegrityError::NotAnAddress {
            address: address.clone(),
        }),
    }
}

fn redacted(value: &Value, place: impl Fn() -> String + Copy) -> Result<(), IntegrityError> {
    match value {
        Value::Sensitive(_) | Value::Unknown => Err(IntegrityError::NotRedacted { place: place() }),
        Value::List(items) => items.iter().try_for_each(|item| redacted(item, place)),
        Value::Map(entries) => entries.values().try_for_each(|item| redacted(item, place)),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
