//! The history of a state: who wrote which version.

use eci_core::{Lineage, Serial};
use eci_text::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::holder::Holder;
use crate::snapshot::Snapshot;

/// A version of a state: who wrote it, when, and with which command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Version {
    /// The serial of the state.
    pub serial: Serial,
    /// The lineage, where it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
    /// The time in RFC 3339; empty if it is not known.
    pub time: String,
    /// The command line; `None` if only the snapshot is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The user and the commit.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// The number of resources.
    pub resources: usize,
    /// The reason why nothing but the snapshot is known: the record of its author is damaged.
    #[serde(skip)]
    pub damage: Option<Text>,
}

impl Version {
    /// Returns the version of a snapshot that a run writes now.
    pub fn of(snapshot: &Snapshot, holder: &Holder, provenance: Provenance) -> Version {
        Version {
            command: Some(holder.command.clone()),
            host: Some(holder.host.clone()),
            provenance,
            ..Version::unattributed(snapshot, format!("{:.0}", Timestamp::now()))
        }
    }

    /// Returns the version of a snapshot whose author is not recorded.
    pub fn unattributed(snapshot: &Snapshot, time: String) -> Version {
        Version {
            serial: snapshot.serial,
            lineage: Some(snapshot.lineage.clone()),
            time,
            command: None,
            host: None,
            provenance: Provenance::default(),
            resources: snapshot.resources.len(),
            damage: None,
        }
    }

    /// Returns the version of a snapshot whose author and time are lost with a damaged record.
    pub fn damaged(snapshot: &Snapshot, damage: Text) -> Version {
        Version {
            damage: Some(damage),
            ..Version::unattributed(snapshot, String::new())
        }
    }
}

/// On whose behalf a run changes a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Provenance {
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The commit of the manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The address of the pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
}
