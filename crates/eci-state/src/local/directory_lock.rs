//! The lock of a directory, for states that are written in other forms than [`LocalStore`]'s.
//!
//! [`LocalStore`]: super::LocalStore

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::file_id::FileId;
use super::lock::{self, Lock};
use super::{files, wait};
use crate::error::StateError;
use crate::holder::Holder;

/// The lock of a directory, held until the last clone of this is dropped.
///
/// It is the operating system's: it ends with the process, however that ends.
#[derive(Clone, Debug)]
pub struct DirectoryLock {
    directory: PathBuf,
    lock: Arc<Lock>,
}

impl DirectoryLock {
    /// Locks a directory, which is created if it does not exist.
    ///
    /// # Errors
    /// If another run holds the lock, or the lock cannot be written.
    pub fn take(directory: &Path, holder: &Holder) -> Result<DirectoryLock, StateError> {
        files::make_directory(directory)?;
        Ok(DirectoryLock {
            directory: directory.to_owned(),
            lock: Arc::new(Lock::take(&lock::path_in(directory), holder)?),
        })
    }

    /// Locks a directory, and waits up to a timeout for a run that holds it.
    ///
    /// Once it has to wait, `waiting` is called with the holder.
    ///
    /// # Errors
    /// As [`DirectoryLock::take`], once the timeout is over.
    pub fn take_waiting(
        directory: &Path,
        holder: &Holder,
        timeout: Duration,
        waiting: impl FnOnce(Option<&Holder>),
    ) -> Result<DirectoryLock, StateError> {
        wait(timeout, waiting, || DirectoryLock::take(directory, holder))
    }

    /// Returns the directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the previous holder, if it ended without releasing the lock.
    pub fn previous_holder(&self) -> Option<&Holder> {
        self.lock.previous_holder()
    }

    /// Returns the identifier of the file of the lock.
    pub(crate) fn id(&self) -> Result<FileId, StateError> {
        self.lock.id()
    }

    /// Returns a check whether this run still has the lock, which does not hold it.
    ///
    /// # Errors
    /// If the lock cannot be examined.
    pub fn held(&self) -> Result<HeldLock, StateError> {
        Ok(HeldLock {
            path: lock::path_in(&self.directory),
            id: self.id()?,
        })
    }
}

/// A check whether a lock is still the one that this run has.
///
/// A lock is a name of a file: a process that removes or moves that name, or the directory around it, lets
/// another run in.
#[derive(Clone, Debug)]
pub struct HeldLock {
    path: PathBuf,
    id: FileId,
}

impl HeldLock {
    /// Checks whether the lock is that of this run.
    ///
    /// # Errors
    /// If it is not, or that cannot be determined.
    pub fn check(&self) -> Result<(), StateError> {
        if FileId::at(&self.path)? == Some(self.id) {
            return Ok(());
        }
        Err(StateError::TakenOver {
            path: self.path.clone(),
        })
    }
}
