//! The history of a state.

use eci_core::Serial;
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

impl Provenance {
    /// Creates a provenance of a user.
    pub fn of_user(user: impl Into<String>) -> Provenance {
        Provenance {
            user: Some(user.into()),
            ..Provenance::default()
        }
    }
}
