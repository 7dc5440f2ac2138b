//! The history of a state.

use eci_core::Serial;
use eci_state::{Holder, Snapshot};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A version of a state: who wrote it, when, and with which command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Version {
    /// The serial of the state.
    pub serial: Serial,
    /// The time in RFC 3339.
    pub time: String,
    /// The command line.
    pub command: String,
    /// The machine.
    pub host: String,
    /// The user and the commit.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// The number of resources.
    pub resources: usize,
}

impl Version {
    /// Returns the version of a snapshot that a run writes now.
    pub(crate) fn of(snapshot: &Snapshot, holder: &Holder, provenance: Provenance) -> Version {
        Version {
            serial: snapshot.serial,
            time: Timestamp::now().to_string(),
            command: holder.command.clone(),
            host: holder.host.clone(),
            provenance,
            resources: snapshot.resources.len(),
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
