//! The entries of a log.

use std::fmt;

use eci_state::Holder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// One entry.
///
/// It is encrypted as a whole.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LogEntry {
    /// The hold that it was written under: each hold counts one up.
    pub(crate) epoch: u64,
    /// The ID of the holder.
    pub(crate) writer: String,
    /// The time by the clock of the writer, in RFC 3339.
    pub(crate) time: String,
    /// The hash of the previous entry, as it is stored; empty in the first one.
    pub(crate) previous: EntryHash,
    /// The content.
    pub(crate) content: EntryContent,
}

impl LogEntry {
    /// Creates the entry that a run writes now, after the one with this hash.
    pub(crate) fn new(
        previous: &EntryHash,
        epoch: u64,
        writer: &Holder,
        content: EntryContent,
    ) -> LogEntry {
        LogEntry {
            epoch,
            writer: writer.id.clone(),
            time: Timestamp::now().to_string(),
            previous: previous.clone(),
            content,
        }
    }
}

/// The content of an entry.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EntryContent {
    /// A run has taken the lock.
    Hold(Hold),
    /// The run is alive.
    Renew,
    /// The run has released the lock.
    Release,
    /// A person has taken the lock from a run that does not answer, and released it.
    Broken,
    /// The state has been migrated to another backend, which is named here: nothing is written after this.
    Migrated { to: String },
    /// Records of a run: a JSON array.
    Records(Box<RawValue>),
}

/// A lock, as its holder has taken it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hold {
    /// The run.
    pub holder: Holder,
    /// The time after each entry in which the run may act, in seconds.
    pub lease_seconds: u64,
    /// The longest time that one of its calls may take, in seconds.
    pub call_seconds: u64,
    /// Whether the run is unattended, so that another one may take the lock over once its lease has
    /// expired.
    pub unattended: bool,
}

/// The ID of a log.
///
/// A state that was deleted and is created again under its keys has another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LogId(String);

impl LogId {
    /// Draws a random ID.
    pub(crate) fn random() -> LogId {
        LogId(Uuid::new_v4().to_string())
    }
}

/// The end of a log.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogHead {
    /// The ID of the log, which its snapshots have; `None` if they were written by an earlier version.
    pub(crate) log: Option<LogId>,
    /// The number of the last entry; 0 before the first one.
    pub(crate) number: u64,
    /// Its hash.
    pub(crate) hash: EntryHash,
    /// The number of holds so far.
    pub(crate) epoch: u64,
}

/// The SHA-256 of an entry as it is stored, in hexadecimal; empty before the first one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct EntryHash(String);

impl EntryHash {
    /// Returns the hash of an entry as it is stored.
    pub(crate) fn of(bytes: &[u8]) -> EntryHash {
        EntryHash(base16ct::lower::encode_string(&Sha256::digest(bytes)))
    }
}

impl fmt::Display for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
