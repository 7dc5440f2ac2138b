//! The directory of an open state.

use std::path::{Path, PathBuf};
use std::{fs, io};

use eci_state::{DirectoryLock, StateError};

use crate::files::{is_absent, not_writable, sync_directory};

/// The directory of an open state, locked until this is dropped.
#[derive(Debug)]
pub(crate) struct LockedDirectory {
    pub(crate) lock: DirectoryLock,
    /// The path of the note that the state was moved.
    pub(crate) note: PathBuf,
}

impl LockedDirectory {
    /// Leaves a note that the state was moved to another address.
    pub(crate) fn note_move(&self, to: &str) -> Result<(), StateError> {
        let draft = self.note.with_extension("new");
        let written = fs::write(&draft, format!("{to}\n"))
            .and_then(|()| fs::File::open(&draft)?.sync_all())
            .and_then(|()| fs::rename(&draft, &self.note));
        self.flushed(written)
    }

    /// Removes the note, if there is one: the state was moved back.
    pub(crate) fn remove_moved_note(&self) -> Result<(), StateError> {
        match fs::remove_file(&self.note) {
            Err(cause) if is_absent(&cause) => Ok(()),
            removed => self.flushed(removed),
        }
    }

    fn flushed(&self, changed: io::Result<()>) -> Result<(), StateError> {
        let folder = self.note.parent().unwrap_or(Path::new("."));
        let flushed = changed.and_then(|()| sync_directory(folder));
        flushed.map_err(|cause| not_writable(&self.note, cause))
    }
}
