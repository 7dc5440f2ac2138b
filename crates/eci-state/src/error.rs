//! What can go wrong with a state. Nothing that is on disk is removed because of an error.

use std::io;
use std::path::{Path, PathBuf};

use eci_core::{Address, Lineage, Serial, truncate};
use thiserror::Error;

use crate::holder::{Holder, HolderStatus};
use crate::integrity_error::IntegrityError;

/// Why a state could not be read, locked or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// A file of the state cannot be read.
    #[error("cannot read {path}: {cause}; make it readable, or name another place with --state",
        path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// A file of the state cannot be written. What was written before is whole.
    #[error("cannot write {path}: {cause}; make it writable or make room on its disk, or name \
        another place with --state", path = path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// The snapshot is not what was written.
    #[error("the snapshot {path} is damaged: {damage}; `eci state recover` rebuilds it from the \
        newest of {backups}, the journal and the cloud", path = path.display(),
        backups = backups.display())]
    Damaged {
        /// The snapshot.
        path: PathBuf,
        /// What is wrong with it.
        damage: CorruptionKind,
        /// Where earlier snapshots are.
        backups: PathBuf,
    },
    /// The state was written by a newer version.
    #[error("{path} has format {found}, and this version reads formats up to {known}; use the \
        version of eci that wrote it, or a newer one", path = path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known format.
        known: u32,
    },
    /// A line of the journal is not what was written, and it is not merely the last one, torn
    /// by a crash.
    #[error("line {line} of the journal {path} is damaged{}: {damage}; `eci state recover` rebuilds the \
        state from the other lines and the cloud", names(about), path = path.display())]
    JournalDamaged {
        /// The journal.
        path: PathBuf,
        /// The line, the first being 1.
        line: usize,
        /// What is wrong with it.
        damage: CorruptionKind,
        /// The resources that it names, as far as that can be read.
        about: Vec<Address>,
    },
    /// The journal that a run had flushed is gone, or its beginning is.
    #[error("the journal {path} is damaged: {}, and not even its heading is left; `eci state recover` \
        rebuilds the state from what is there and the cloud", written(*lines), path = path.display())]
    JournalGone {
        /// The journal.
        path: PathBuf,
        /// How many lines there were at least; 0 where nothing tells.
        lines: u64,
    },
    /// The journal is not the one in which a run that did not end has recorded.
    #[error("the journal {path} is not the one in which the last run recorded; put that one back, or \
        let `eci state recover` rebuild the state from what is there and the cloud",
        path = path.display())]
    JournalReplaced {
        /// The journal.
        path: PathBuf,
    },
    /// The journal extends the snapshot of another state.
    #[error("the journal {path} belongs to the state {found}, the snapshot beside it is of the \
        state {expected}; put back the snapshot that belongs to it, or let `eci state recover` \
        keep the journal aside", path = path.display(), found = truncate(found),
        expected = truncate(expected))]
    JournalOfAnotherState {
        /// The journal.
        path: PathBuf,
        /// The lineage that it names.
        found: Lineage,
        /// The snapshot's lineage.
        expected: Lineage,
    },
    /// The journal extends a later snapshot than the one beside it.
    #[error("the journal {path} extends serial {found}, the snapshot beside it has serial \
        {expected}: it was put back to an earlier one; put back the later one, or let `eci state \
        recover` rebuild the state from what is there", path = path.display())]
    JournalAhead {
        /// The journal.
        path: PathBuf,
        /// The serial that it extends.
        found: Serial,
        /// The snapshot's serial.
        expected: Serial,
    },
    /// There is a journal and no snapshot that it could extend.
    #[error("there is a journal {path} and no snapshot {snapshot}; put back the snapshot, or \
        let `eci state recover` rebuild it from {backups}, the journal and the cloud", path = path.display(), snapshot = snapshot.display(),
        backups = backups.display())]
    JournalWithoutSnapshot {
        /// The journal.
        path: PathBuf,
        /// Where the snapshot should be.
        snapshot: PathBuf,
        /// Where earlier snapshots are.
        backups: PathBuf,
    },
    /// There are earlier snapshots, and neither the last one nor a journal: to begin anew would be
    /// to make everything a second time.
    #[error("there are earlier snapshots in {backups} and no {snapshot}; put back the snapshot, or \
        let `eci state recover` rebuild it from the last of them and the cloud",
        backups = backups.display(), snapshot = snapshot.display())]
    SnapshotGone {
        /// Where the snapshot should be.
        snapshot: PathBuf,
        /// Where earlier snapshots are.
        backups: PathBuf,
    },
    /// Nothing is left of a state that it could be rebuilt from.
    #[error("nothing in {directory} can be read of which the state could be rebuilt; put back a \
        copy of its state.json, or create a new state elsewhere with --state and import the \
        existing resources with `eci import`", directory = directory.display())]
    NothingLeft {
        /// The directory of the state.
        directory: PathBuf,
    },
    /// Another run holds the state.
    #[error("the state is locked by {}; wait for that run to finish, or add \
        --lock-timeout 10m ({path})", held_by(holder.as_deref()), path = path.display())]
    LockHeld {
        /// The lock.
        path: PathBuf,
        /// Who holds it, if that could be read.
        holder: Option<Box<Holder>>,
    },
    /// The lock or a file of the state is not the one any more that this run has locked, read or
    /// written: somebody removed or moved it, and another run may have got in.
    #[error("{path} was removed, moved or replaced while this run held the state: another run may \
        work on it, and nothing was written over; {}", way_on(path), path = path.display())]
    TakenOver {
        /// The file.
        path: PathBuf,
    },
    /// The file system does not lock.
    #[error("cannot lock {path}: {cause}; keep the state on a file system that has locks, named \
        with --state", path = path.display())]
    Unlockable {
        /// The lock.
        path: PathBuf,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// Something cannot be stored: most of all a value that is sensitive or unknown.
    #[error("{what} cannot be stored: {cause}; this is a defect of eci, please report it")]
    NotSerializable {
        /// What it was.
        what: String,
        /// Why not.
        cause: serde_json::Error,
    },
    /// Records contradict the state that they were to be added to; none of them was.
    #[error(
        "the state does not admit this: {}; this is a defect of eci, please report it",
        truncate(_0)
    )]
    InvalidRecord(#[from] IntegrityError),
    /// The operating system has no random numbers for a lineage and a digest key.
    #[error(
        "cannot make a new state, as the operating system gives no random numbers: {cause}; \
        make /dev/urandom or getrandom(2) available"
    )]
    NoRandomness {
        /// Its reason.
        cause: getrandom::Error,
    },
}

impl StateError {
    /// Whether the state is there and is not what was written, so that it can be rebuilt.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            StateError::Damaged { .. }
                | StateError::JournalDamaged { .. }
                | StateError::JournalGone { .. }
                | StateError::JournalReplaced { .. }
                | StateError::JournalOfAnotherState { .. }
                | StateError::JournalAhead { .. }
                | StateError::JournalWithoutSnapshot { .. }
                | StateError::SnapshotGone { .. }
        )
    }
}

/// What to do once a file of the state is not this run's any more.
fn way_on(path: &Path) -> &'static str {
    // Of snapshot and journal, what is missing is lost unless another run has read it before.
    if path.ends_with("lock") {
        "let that run end, then run `eci apply` again, which recovers what this one left"
    } else {
        "let that run end, and put the file back if you have it, or else let `eci state recover` rebuild \
         the state from what is there and the cloud; then run `eci apply` again"
    }
}

/// What a journal that is gone is known to have had.
pub(crate) fn written(lines: u64) -> String {
    match lines {
        0 => "a run that did not end recorded in it".to_owned(),
        lines => format!("{lines} lines of it were flushed"),
    }
}

/// Of which resources something says that it is about them.
pub(crate) fn names(about: &[Address]) -> String {
    if about.is_empty() {
        return String::new();
    }
    let names: Vec<String> = about.iter().map(ToString::to_string).collect();
    format!(" (it names {})", truncate(names.join(", ")))
}

/// The holder, and what is known of its process.
fn held_by(holder: Option<&Holder>) -> String {
    match holder.map(|holder| (holder, holder.status())) {
        None => "another run".to_owned(),
        Some((holder, HolderStatus::Ended)) => format!(
            "{holder}; that process has ended, and one that it started, or one on another machine, \
             still holds the lock"
        ),
        Some((holder, _)) => holder.to_string(),
    }
}

/// What is wrong with a snapshot or a line of the journal.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CorruptionKind {
    /// Its checksum differs.
    #[error(
        "its content has the checksum {actual}, and it says {}",
        truncate(stated)
    )]
    Checksum {
        /// What the file says.
        stated: String,
        /// What its content amounts to.
        actual: String,
    },
    /// It states a format that no version has written.
    #[error("there never was a format {0}")]
    NoSuchFormat(u32),
    /// It cannot be read as what it should be.
    #[error("{0}")]
    Syntax(ParseError),
    /// It is large and does not have the form in which a snapshot is written.
    #[error("it does not have the form of a state: format, state and checksum, in this order")]
    OtherForm,
    /// It does not have the form of a line.
    #[error("it has no checksum in front")]
    NoChecksum,
    /// It has more bytes than any line is written with.
    #[error("it is longer than {} MiB", _0 >> 20)]
    TooLong(u64),
    /// The line before it is not the one that it was written behind.
    #[error("it does not follow the line before it: one is missing or out of place")]
    OutOfPlace,
    /// Lines that were flushed are missing at the end.
    #[error("{flushed} lines were flushed, and {found} are left")]
    CutOff {
        /// How many lines there were at least.
        flushed: u64,
        /// How many there are.
        found: u64,
    },
    /// Nothing tells how many lines there were.
    #[error(
        "the file `flushed` beside it, which says how many lines there have to be, is missing, \
        empty, or of another journal"
    )]
    EndUnknown,
    /// It contradicts what stands before it.
    #[error("{}", truncate(_0))]
    Integrity(#[from] IntegrityError),
}

impl From<serde_json::Error> for CorruptionKind {
    fn from(error: serde_json::Error) -> CorruptionKind {
        CorruptionKind::Syntax(ParseError::from(error))
    }
}

/// Why a text cannot be read as what it should be. A parser quotes what it finds in the place of
/// something else, however long that is: of this, an excerpt is kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ParseError(String);

impl From<serde_json::Error> for ParseError {
    fn from(error: serde_json::Error) -> ParseError {
        ParseError(truncate(error))
    }
}
