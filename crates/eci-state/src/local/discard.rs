//! Removal of the files of a state that is kept in another form.

use std::fs;
use std::io;
use std::path::Path;

use super::files::{flush_directory, not_writable};
use super::migration::MIGRATED;
use super::{LocalStore, operations};
use crate::error::StateError;

/// The files in the order in which they are removed: at any instant, what remains is a state or none.
///
/// Those with the ending `new` were being written when a run died.
const FILES: [&str; 9] = [
    "flushed",
    "journal.new",
    "journal.jsonl",
    "history.jsonl.new",
    "history.jsonl",
    "flushed.new",
    "state.new",
    "state.json",
    MIGRATED,
];

/// The directories, which are removed before the last snapshot.
const DIRECTORIES: [&str; 2] = ["backups", "damaged"];

impl LocalStore {
    /// Removes the state with all its versions.
    ///
    /// The lock, the workspaces and the sandbox next to it stay.
    ///
    /// # Errors
    /// If a file cannot be removed. Then the rest is removed by another call, after the state was opened again.
    pub fn discard(mut self) -> Result<(), StateError> {
        self.compact_for_removal()?;
        let directory = self.places.directory.clone();
        let (before, last) = FILES.split_at(FILES.len() - 2);
        for name in before {
            remove(&directory.join(name))?;
        }
        for name in DIRECTORIES {
            let path = directory.join(name);
            present(fs::remove_dir_all(&path)).map_err(|cause| not_writable(&path, cause))?;
        }
        flush_directory(&directory)?;
        for name in last {
            remove(&directory.join(name))?;
        }
        flush_directory(&directory)
    }

    /// Makes the snapshot the whole state, so that no journal is required any more.
    fn compact_for_removal(&mut self) -> Result<(), StateError> {
        use crate::store::Store as _;
        self.hold.check()?;
        self.compact()?;
        self.journal = None;
        self.hold.has_journal(None);
        Ok(())
    }
}

fn remove(path: &Path) -> Result<(), StateError> {
    present(operations::remove(path)).map_err(|cause| not_writable(path, cause))
}

/// Accepts that a file is missing.
fn present(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
