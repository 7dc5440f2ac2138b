//! The state as one document.

mod integrity;
mod parts;
mod records;

use std::collections::{BTreeMap, BTreeSet};

use eci_core::{Address, DigestKey, Lineage, Path, Serial};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cloud::CloudIdentity;
use crate::error::StateError;
use crate::record::{IntentId, IntentKind};
use crate::resource::{Names, OutputState, ResourceState};

/// The format of snapshots that this version writes, and the newest that it reads.
///
/// An older version would drop an addition to the format when it writes the state: so each addition
/// has a new format.
pub const FORMAT: u32 = 5;

/// The oldest format that this version reads.
///
/// What later formats added is absent in it.
pub const OLDEST_FORMAT: u32 = 1;

/// The number of records that have changed a snapshot since it was read.
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
    /// Returns whether nothing was recorded between the two.
    pub fn is(self, other: Revision) -> bool {
        self.0 == other.0
    }

    fn next(self) -> Revision {
        Revision(self.0.wrapping_add(1))
    }
}

/// The journal of the run that is in progress, by the id in its heading; none at rest.
///
/// All of them are equal: snapshots are compared by what they say, and this is about the files next to
/// them. An earlier version that drops it loses nothing but a means to notice that a file is missing,
/// so that it has no separate format.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpenJournal(pub(crate) Option<String>);

impl PartialEq for OpenJournal {
    fn eq(&self, _: &OpenJournal) -> bool {
        true
    }
}

impl OpenJournal {
    /// Returns whether it is the journal with this ID.
    pub(crate) fn is(&self, id: &str) -> bool {
        self.0.as_deref() == Some(id)
    }

    /// Returns whether no run is in progress.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

/// The state of a configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The format it was read in.
    ///
    /// The document in which a snapshot is stored says it ahead of everything else, see
    /// [`Snapshot::from_document`].
    #[serde(skip, default = "known_format")]
    pub format: u32,
    /// The number of records that have changed it since it was read: its content may differ at the
    /// same serial.
    #[serde(skip)]
    pub revision: Revision,
    /// The ID that all snapshots of the state share.
    pub lineage: Lineage,
    /// The version number of the snapshot.
    pub serial: Serial,
    /// The journal in which a run has begun to record what it does.
    #[serde(default, skip_serializing_if = "OpenJournal::is_none")]
    pub journal: OpenJournal,
    /// The key of its digests: see [`DigestKey::redact`].
    pub digest_key: DigestKey,
    /// The cloud that its resources are in; none if no run recorded it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<CloudIdentity>,
    /// Every resource that the state knows.
    pub resources: BTreeMap<Address, ResourceState>,
    /// The outputs of the last run that reached them.
    pub outputs: BTreeMap<String, OutputState>,
    /// The calls of unknown outcome, in the order in
    /// which they were begun.
    #[serde(alias = "open")]
    pub open_intents: Vec<OpenIntent>,
    /// The resources that were deliberately removed from the state and left in the cloud, by the
    /// cloud's ID: they may have another owner since, and never count as orphaned.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub removed: BTreeMap<String, RemovedResource>,
    /// The names of resources that were deleted and will be created again: the successor gets them
    /// where its manifest gives none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<Address, Names>,
    /// Records were lost when this state was rebuilt: there may be resources in the cloud that it
    /// created and does not know, until it was looked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostRecords>,
    /// The sensitive paths of resources that no longer exist, by their addresses: a resource
    /// created there again inherits them, see [`ResourceState::sensitive`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub formerly_sensitive: BTreeMap<Address, BTreeSet<Path>>,
    /// The address of the place that the state is still in: this is a copy of an unfinished migration, and no run
    /// uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migrating_from: Option<String>,
}

/// Records that were lost with a damaged file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostRecords {
    /// The start of the run whose records were lost, in RFC 3339; `None` if that was lost, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The resources that they were about, as far as that is known.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub about: BTreeSet<Address>,
}

/// A resource that was deliberately removed from a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RemovedResource {
    /// The address that it had; it determines the kind.
    pub address: Address,
    /// The time of its removal, in RFC 3339, if it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

fn known_format() -> u32 {
    FORMAT
}

/// An intent whose end is not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenIntent {
    /// Its number.
    pub intent: IntentId,
    /// The resource.
    pub address: Address,
    /// The purpose of the call.
    #[serde(alias = "deed")]
    pub kind: IntentKind,
    /// The cloud's id of what the call was about; `None` for a create.
    pub id: Option<String>,
    /// The start of the call, in RFC 3339.
    #[serde(alias = "at")]
    pub started_at: String,
    /// The client token of the call, where it has one and is not a create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The order that the call placed, as far as that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The resources whose replacement is pending once the call is done, see
    /// [`Record::Triggers`](crate::Record::Triggers).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Address>,
}

impl Snapshot {
    /// Creates an empty state of this lineage.
    pub fn new(lineage: Lineage, digest_key: DigestKey) -> Snapshot {
        Snapshot {
            format: FORMAT,
            revision: Revision::default(),
            lineage,
            serial: Serial::default(),
            journal: OpenJournal::default(),
            digest_key,
            cloud: None,
            resources: BTreeMap::new(),
            outputs: BTreeMap::new(),
            open_intents: Vec::new(),
            removed: BTreeMap::new(),
            names: BTreeMap::new(),
            lost: None,
            formerly_sensitive: BTreeMap::new(),
            migrating_from: None,
        }
    }

    /// Returns the snapshot without the mark of an unfinished migration.
    #[must_use]
    pub fn unmarked(self) -> Snapshot {
        Snapshot {
            migrating_from: None,
            ..self
        }
    }

    /// Creates an empty state with a random lineage and digest key.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn new_random() -> Result<Snapshot, StateError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|cause| StateError::NoRandomness { cause })?;
        let lineage = Lineage::new(Uuid::new_v4().to_string());
        Ok(Snapshot::new(lineage, DigestKey::new(key)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
