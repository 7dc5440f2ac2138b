//! Snapshots as objects of a log.
//!
//! The content is a line of JSON with the lengths of the parts of the snapshot, and these parts. A checksum is
//! not required: what was altered cannot be decrypted.

use eci_state::{FORMAT, OLDEST_FORMAT, ObjectDamage, Snapshot, StateError};
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::device::{ObjectId, StoredObject};
use crate::entry::{EntryHash, Hold, LogHead, LogId};
use crate::keys::Keys;
use crate::log::{Log, to_bytes};

/// The content of a snapshot object.
pub(crate) struct SnapshotObject {
    /// The last entry that is included.
    pub(crate) head: LogHead,
    /// The lock, if it was held when the snapshot was written.
    pub(crate) held: Option<Hold>,
    pub(crate) snapshot: Snapshot,
}

/// The first line of the content.
#[derive(Serialize, Deserialize)]
struct FirstLine {
    /// The format of the snapshot.
    format: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<LogId>,
    /// The hash of the last entry that is included.
    head: EntryHash,
    /// The number of holds until then.
    epoch: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<Hold>,
    /// The lengths of the parts in bytes.
    parts: Vec<usize>,
}

/// The member of the first line that every format has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Returns the content of the object of a snapshot.
pub(crate) fn snapshot_content(
    head: &LogHead,
    held: Option<&Hold>,
    snapshot: &Snapshot,
) -> Result<Vec<u8>, StateError> {
    let parts = snapshot.to_parts()?;
    let first = to_bytes(&FirstLine {
        format: FORMAT,
        log: head.log.clone(),
        head: head.hash.clone(),
        epoch: head.epoch,
        held: held.cloned(),
        parts: parts.iter().map(Vec::len).collect(),
    })?;
    let length: usize = parts.iter().map(Vec::len).sum();
    let mut content = Vec::with_capacity(first.len() + 1 + length);
    content.extend_from_slice(&first);
    content.push(b'\n');
    for part in parts {
        content.extend_from_slice(&part);
    }
    Ok(content)
}

/// Reads the content of the snapshot object with this number.
fn read(content: &[u8], number: u64) -> Result<SnapshotObject, ObjectDamage> {
    let syntax = |error: serde_json::Error| ObjectDamage::Syntax(error.into());
    let mut lines = content.splitn(2, |byte| *byte == b'\n');
    let (first, mut rest) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    );
    let Format { format } = serde_json::from_slice(first).map_err(syntax)?;
    if format > FORMAT {
        return Err(ObjectDamage::NewerFormat(format));
    }
    if format < OLDEST_FORMAT {
        return Err(syntax(serde_json::Error::custom("an unknown format")));
    }
    let first: FirstLine = serde_json::from_slice(first).map_err(syntax)?;
    let mut parts = Vec::with_capacity(first.parts.len());
    for length in first.parts {
        let Some((part, after)) = rest.split_at_checked(length) else {
            return Err(syntax(serde_json::Error::custom("a part is missing")));
        };
        parts.push(part);
        rest = after;
    }
    let mut snapshot = Snapshot::from_parts(&parts).map_err(syntax)?;
    snapshot.format = format;
    let head = LogHead {
        log: first.log,
        number,
        hash: first.head,
        epoch: first.epoch,
    };
    Ok(SnapshotObject {
        head,
        held: first.held,
        snapshot,
    })
}

impl Log {
    /// Decrypts and reads the object of a snapshot.
    pub(crate) fn open_snapshot(
        &self,
        keys: &mut Keys,
        object: ObjectId,
        stored: &StoredObject,
    ) -> Result<SnapshotObject, StateError> {
        let opened = keys.open(&self.readers, object, &stored.bytes);
        let read = opened.and_then(|opened| read(&opened.clear, object.number));
        read.map_err(|damage| self.damaged(object, damage))
    }
}
