//! The directory of an open state.

use std::fs;
use std::path::{Path, PathBuf};

use eci_state::atomic_file::sync_directory;
use eci_state::{DirectoryLock, StateError};

use crate::files::{is_absent, not_writable, replace_private};

/// The directory of an open state, locked until this is dropped.
#[derive(Debug)]
pub(crate) struct LockedDirectory {
    pub(crate) lock: DirectoryLock,
    /// The path of the note that the state was migrated.
    pub(crate) note: PathBuf,
}

impl LockedDirectory {
    /// Leaves a note that the state was migrated to another address.
    pub(crate) fn note_migration(&self, to: &str) -> Result<(), StateError> {
        let written = replace_private(&self.note, format!("{to}\n").as_bytes());
        written.map_err(|cause| not_writable(&self.note, cause))
    }

    /// Removes the note, if there is one: the state was migrated back.
    pub(crate) fn remove_migration_note(&self) -> Result<(), StateError> {
        match fs::remove_file(&self.note) {
            Err(cause) if is_absent(&cause) => Ok(()),
            removed => {
                let folder = self.note.parent().unwrap_or(Path::new("."));
                let flushed = removed.and_then(|()| sync_directory(folder));
                flushed.map_err(|cause| not_writable(&self.note, cause))
            }
        }
    }
}
