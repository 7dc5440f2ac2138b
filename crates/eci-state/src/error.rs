//! Errors of a state.
//!
//! Nothing that is on disk is removed because of an error.

mod help;
mod messages;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use eci_core::{Address, Lineage, Serial};
use eci_text::Text;
use thiserror::Error;

use crate::holder::Holder;
use crate::integrity_error::IntegrityError;
use crate::remote_error::RemoteError;

pub use crate::corruption::{CorruptionKind, ParseError};

pub(crate) use crate::corruption::LINE;
pub(crate) use messages::affected;

/// An error of reading, locking or writing a state.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// A file of the state cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// A file of the state cannot be written.
    ///
    /// What was written before is whole.
    NotWritable {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// The snapshot is damaged.
    Damaged {
        /// The snapshot.
        path: PathBuf,
        /// The kind of the damage.
        damage: CorruptionKind,
        /// The directory of earlier snapshots.
        backups: PathBuf,
    },
    /// The state was written by a newer version.
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known format.
        known: u32,
    },
    /// A file of what this machine knows about states is damaged.
    KnownFileDamaged {
        /// The file.
        path: PathBuf,
        /// The kind of the damage.
        damage: CorruptionKind,
    },
    /// A line of the journal is damaged, and it is not merely the last one, torn
    /// by a crash.
    JournalDamaged {
        /// The journal.
        path: PathBuf,
        /// The line, the first being 1.
        line: usize,
        /// The kind of the damage.
        damage: CorruptionKind,
        /// The resources that it names, as far as that can be read.
        about: Vec<Address>,
    },
    /// The journal that a run had flushed is missing, or its beginning is.
    JournalMissing {
        /// The journal.
        path: PathBuf,
        /// The least number of lines that were written; 0 where it is unknown.
        lines: u64,
    },
    /// The journal is not the one in which a run that did not end has recorded.
    JournalReplaced {
        /// The journal.
        path: PathBuf,
    },
    /// The journal extends the snapshot of another state.
    JournalOfAnotherState {
        /// The journal.
        path: PathBuf,
        /// The lineage that it names.
        found: Lineage,
        /// The snapshot's lineage.
        expected: Lineage,
    },
    /// The journal extends a later snapshot than the one next to it.
    JournalAhead {
        /// The journal.
        path: PathBuf,
        /// The serial that it extends.
        found: Serial,
        /// The snapshot's serial.
        expected: Serial,
    },
    /// There is a journal and no snapshot that it could extend.
    JournalWithoutSnapshot {
        /// The journal.
        path: PathBuf,
        /// The path at which the snapshot should be.
        snapshot: PathBuf,
        /// The directory of earlier snapshots.
        backups: PathBuf,
    },
    /// There are earlier snapshots, and neither the last one nor a journal: an empty state would
    /// create every object a second time.
    SnapshotMissing {
        /// The path at which the snapshot should be.
        snapshot: PathBuf,
        /// The directory of earlier snapshots.
        backups: PathBuf,
    },
    /// Nothing is left of a state that it could be rebuilt from.
    NothingLeft {
        /// The directory of the state.
        directory: PathBuf,
    },
    /// Another run holds the lock.
    LockHeld {
        /// The lock.
        path: PathBuf,
        /// The holder of the lock, if it could be read.
        holder: Option<Box<Holder>>,
    },
    /// The lock or a file of the state is not the one any more that this run has locked, read or
    /// written: somebody removed or moved it, and another run may have got in.
    TakenOver {
        /// The file.
        path: PathBuf,
    },
    /// The file system does not lock.
    Unlockable {
        /// The lock.
        path: PathBuf,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// A value cannot be stored: most of all one that is sensitive or unknown.
    NotSerializable {
        /// The subject of the sentence, for example the state snapshot.
        what: Text,
        /// The cause.
        cause: serde_json::Error,
    },
    /// Records contradict the state that they were to be added to; none of them was.
    InvalidRecord(#[from] IntegrityError),
    /// Another run holds the lock of a state in a shared store.
    RemoteLockHeld {
        /// The address of the state.
        location: String,
        /// The run.
        holder: Box<Holder>,
        /// The time after which the lock expires, unless the run renews it; `None` if the run or a person must
        /// release it.
        expires_in: Option<Duration>,
    },
    /// The state in a directory is encrypted, and no key is configured.
    Encrypted {
        /// The directory.
        directory: PathBuf,
    },
    /// The state in a directory is not encrypted, although keys are configured.
    NotEncrypted {
        /// The directory.
        directory: PathBuf,
    },
    /// A state in a shared store could not be read, locked or written.
    Remote(#[from] RemoteError),
    /// The operating system has no random numbers for a lineage and a digest key.
    NoRandomness {
        /// Its reason.
        cause: getrandom::Error,
    },
}

impl StateError {
    /// Returns whether the state exists and is damaged, so that it can be rebuilt.
    pub fn is_damage(&self) -> bool {
        if let StateError::Remote(error) = self {
            return error.is_damage();
        }
        matches!(
            self,
            StateError::Damaged { .. }
                | StateError::JournalDamaged { .. }
                | StateError::JournalMissing { .. }
                | StateError::JournalReplaced { .. }
                | StateError::JournalOfAnotherState { .. }
                | StateError::JournalAhead { .. }
                | StateError::JournalWithoutSnapshot { .. }
                | StateError::SnapshotMissing { .. }
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
