//! The note that a state was migrated to another address.

use std::io;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use eci_core::regular::{self, LARGEST_TEXT};

use super::files::unreadable;
use super::{LocalStore, files, operations};
use crate::error::StateError;

/// The note that a state was migrated.
pub(super) const MIGRATED: &str = "migrated";

impl LocalStore {
    /// Returns the address that the state of a directory was migrated to.
    ///
    /// # Errors
    /// If the note about it cannot be read.
    pub fn migrated_to(directory: &Path) -> Result<Option<String>, StateError> {
        let note = note_in(directory);
        match regular::read_to_string(&note, LARGEST_TEXT) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(cause) if is_absent(&cause) => Ok(None),
            Err(cause) => Err(unreadable(&note, cause)),
        }
    }

    /// Leaves a note that the state has been migrated to another address.
    ///
    /// The files stay as they are.
    ///
    /// # Errors
    /// If the note cannot be written.
    pub fn mark_migrated(self, to: &str) -> Result<(), StateError> {
        self.hold.check()?;
        let note = note_in(&self.places.directory);
        files::replace(&note, |file| {
            writeln!(file, "{to}").map_err(|cause| files::not_writable(&note, cause))
        })?;
        files::flush_directory(&self.places.directory)
    }

    /// Removes the note of [`LocalStore::mark_migrated`], if there is one.
    pub(super) fn remove_migration_note(&self) -> Result<(), StateError> {
        let note = note_in(&self.places.directory);
        match operations::remove(&note) {
            Err(cause) if !is_absent(&cause) => Err(files::not_writable(&note, cause)),
            _ => files::flush_directory(&self.places.directory),
        }
    }

    /// Returns whether a directory has files of a state that was not migrated.
    pub fn is_in(directory: &Path) -> bool {
        // Where that is unknown, the error of reading explains it.
        let may_be = |name: &str| directory.join(name).try_exists().unwrap_or(true);
        let mut parts = ["state.json", "journal.jsonl", "flushed", "backups"].into_iter();
        parts.any(may_be) && !directory.join(MIGRATED).exists()
    }
}

/// Returns the path of the note that a state has been migrated.
fn note_in(directory: &Path) -> PathBuf {
    directory.join(MIGRATED)
}

fn is_absent(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
