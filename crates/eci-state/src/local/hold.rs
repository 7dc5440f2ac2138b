//! Check that a state still belongs to this run.
//!
//! A lock is a name of a file: a process that removes or moves that name, or the directory around it, lets
//! another run in. So before each write, and before each call that changes the cloud, the names are
//! looked up again: they must lead to the files that this run has locked, read or written.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::file_id::{FileId, about};
use super::lock;
use super::places::StatePaths;
use super::snapshot_file::snapshot_at;
use super::version::Version;
use crate::error::StateError;

/// The files that a run holds of a state.
///
/// Cheap to clone: all clones refer to the same.
#[derive(Clone, Debug)]
pub(crate) struct Hold(Arc<HeldFiles>);

#[derive(Debug)]
struct HeldFiles {
    lock: PathBuf,
    snapshot: PathBuf,
    journal: PathBuf,
    locked: FileId,
    files: Mutex<KnownFiles>,
}

/// The files as this run has read or written them last.
#[derive(Debug)]
struct KnownFiles {
    /// None: there is none.
    snapshot: Option<Version>,
    /// None: it is not open.
    journal: Option<FileId>,
}

impl Hold {
    pub(super) fn new(places: &StatePaths, locked: FileId, snapshot: Option<Version>) -> Hold {
        Hold(Arc::new(HeldFiles {
            lock: lock::path_in(&places.directory),
            snapshot: places.snapshot.clone(),
            journal: places.journal.clone(),
            locked,
            files: Mutex::new(KnownFiles {
                snapshot,
                journal: None,
            }),
        }))
    }

    fn files(&self) -> MutexGuard<'_, KnownFiles> {
        self.0.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that this run has written the snapshot, or has removed it.
    pub(crate) fn wrote_snapshot(&self, version: Option<Version>) {
        self.files().snapshot = version;
    }

    /// Records that this run has begun a journal, or writes to none.
    pub(crate) fn has_journal(&self, journal: Option<FileId>) {
        self.files().journal = journal;
    }

    /// Checks whether the lock, the snapshot and the journal are those of this run.
    ///
    /// # Errors
    /// If they are not, or that cannot be determined.
    pub(crate) fn check(&self) -> Result<(), StateError> {
        let held = &*self.0;
        if FileId::at(&held.lock)? != Some(held.locked) {
            return Err(taken_over(&held.lock));
        }
        let mut files = self.files();
        if let Some(journal) = files.journal
            && FileId::at(&held.journal)? != Some(journal)
        {
            return Err(taken_over(&held.journal));
        }
        let is_ours = match (&mut files.snapshot, about(&held.snapshot)?) {
            (None, None) => true,
            (Some(version), Some(about)) => {
                version.is(&about) || is_written_again(version, &held.snapshot)
            }
            (None, Some(_)) | (Some(_), None) => false,
        };
        if is_ours {
            Ok(())
        } else {
            Err(taken_over(&held.snapshot))
        }
    }
}

/// Returns whether a file that was written since is the same version of the same state.
fn is_written_again(version: &mut Version, path: &Path) -> bool {
    let Ok(Some((snapshot, about))) = snapshot_at(path) else {
        return false;
    };
    let same = snapshot.lineage == version.lineage && snapshot.serial == version.serial;
    if same {
        *version = Version::of(&snapshot, &about);
    }
    same
}

fn taken_over(path: &Path) -> StateError {
    StateError::TakenOver {
        path: path.to_owned(),
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
#[path = "hold/tests.rs"]
mod tests;
