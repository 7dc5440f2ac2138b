//! An encrypted state in a directory of this machine.
//!
//! It is the same log that shared stores have, in the folder `encrypted` of the directory, under the lock of
//! the operating system that states in directories have: that lock ends with the process of a run, so that
//! the next run continues at once, without waiting for a lease.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use eci_state::{BACKUPS, DirectoryLock, Holder, LocalStore, RemoteError, StateError};

use crate::devices::DirectoryDevice;
use crate::files::is_absent;
use crate::keyring::ReaderKey;
use crate::locked_directory::LockedDirectory;
use crate::log_backend::LogBackend;
use crate::open_options::{LockWait, OpenOptions};
use crate::salvage::Salvage;
use crate::store::LogStore;
use crate::timing::LockTiming;

/// The folder of the log.
const FOLDER: &str = "encrypted";

/// The note in the folder that the state was migrated.
const MIGRATED: &str = "migrated";

/// The longest time for which an outcome may stay unwritten: a file is written fast.
const DELAY: Duration = Duration::from_millis(100);

/// The time after which an idle run writes an entry.
///
/// No other run waits for it.
const RENEWAL: Duration = Duration::from_secs(24 * 60 * 60);

/// An encrypted state in a directory.
#[derive(Clone, Debug)]
pub struct EncryptedDirectory {
    directory: PathBuf,
    pub(crate) log: LogBackend,
}

impl EncryptedDirectory {
    /// Creates a backend in a directory.
    ///
    /// The state is encrypted for all readers, and decrypted by any of them.
    pub fn new(directory: impl Into<PathBuf>, readers: Vec<ReaderKey>) -> EncryptedDirectory {
        let directory = directory.into();
        EncryptedDirectory {
            log: log_in(&directory.join(FOLDER), readers.into()),
            directory,
        }
    }

    /// Returns whether a directory has an encrypted state that was not migrated.
    pub fn is_in(directory: &Path) -> bool {
        let folder = directory.join(FOLDER);
        folder.is_dir() && !folder.join(MIGRATED).exists()
    }

    /// Returns whether the last state of a directory is an encrypted one, which may have been migrated away.
    pub fn is_last_in(directory: &Path) -> bool {
        directory.join(FOLDER).is_dir() && !LocalStore::is_in(directory)
    }

    /// Returns the directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the encrypted state of a workspace, which is in another directory.
    pub(crate) fn at(&self, directory: PathBuf) -> EncryptedDirectory {
        let readers = Arc::clone(&self.log.log.readers);
        EncryptedDirectory {
            log: log_in(&directory.join(FOLDER), readers),
            directory,
        }
    }

    /// Returns the folder of the log.
    pub(crate) fn folder(&self) -> PathBuf {
        self.directory.join(FOLDER)
    }

    /// Returns a log with the same keys in a folder that is still to become the folder of the log.
    pub(crate) fn draft(&self, folder: &Path) -> LogBackend {
        log_in(folder, Arc::clone(&self.log.log.readers))
    }

    /// Checks that the directory does not have a state that is not encrypted.
    ///
    /// # Errors
    /// If it has one.
    pub(crate) fn check_form(&self) -> Result<(), StateError> {
        if LocalStore::is_in(&self.directory) {
            let directory = self.directory.clone();
            return Err(StateError::NotEncrypted { directory });
        }
        Ok(())
    }

    /// Returns the address that the state was migrated to.
    ///
    /// # Errors
    /// If the note about it cannot be read.
    pub fn migrated_to(&self) -> Result<Option<String>, StateError> {
        if self.folder().is_dir() {
            return EncryptedDirectory::migrated_from(&self.directory);
        }
        // One that was not encrypted.
        LocalStore::migrated_to(&self.directory)
    }

    /// Returns the address that the encrypted state of a directory was migrated to.
    pub(crate) fn migrated_from(directory: &Path) -> Result<Option<String>, StateError> {
        let note = directory.join(FOLDER).join(MIGRATED);
        match fs::read_to_string(&note) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(cause) if is_absent(&cause) => Ok(None),
            Err(cause) => Err(StateError::Unreadable { path: note, cause }),
        }
    }

    fn check(&self, accept_migrated: bool) -> Result<(), StateError> {
        self.check_form()?;
        match self.migrated_to()? {
            Some(to) if !accept_migrated => {
                let location = self.directory.display().to_string();
                Err(RemoteError::Migrated { location, to }.into())
            }
            _ => Ok(()),
        }
    }

    /// Locks the state and reads it.
    ///
    /// A state that does not exist is created.
    ///
    /// Blocks while another run holds the lock, for `options.timeout` at most.
    ///
    /// # Errors
    /// If another run holds the lock for longer, the directory has a state that is not encrypted, no key
    /// decrypts the state, or it is damaged.
    pub fn open(
        &self,
        options: OpenOptions,
        waiting: impl FnMut(LockWait<'_>) + Send,
    ) -> Result<LogStore, StateError> {
        self.check(options.accept_migrated)?;
        let lock = self.lock(&options, waiting)?;
        // It may have been migrated or decrypted while this run waited.
        self.check(options.accept_migrated)?;
        self.open_locked(options, lock)
    }

    /// Locks the directory.
    pub(crate) fn lock(
        &self,
        options: &OpenOptions,
        mut waiting: impl FnMut(LockWait<'_>),
    ) -> Result<DirectoryLock, StateError> {
        let OpenOptions {
            holder, timeout, ..
        } = options;
        DirectoryLock::take_waiting(&self.directory, holder, *timeout, |other| {
            waiting(LockWait::Held(other));
        })
    }

    /// Reads the state in a directory that this run has locked.
    pub(crate) fn open_locked(
        &self,
        options: OpenOptions,
        lock: DirectoryLock,
    ) -> Result<LogStore, StateError> {
        let log = self.log.clone().locked(lock.held()?);
        Ok(self.holding(log.open(options, |_| {})?, lock))
    }

    /// Rebuilds a damaged state like [`LogBackend::rebuild`].
    ///
    /// # Errors
    /// As there, and as [`EncryptedDirectory::open`].
    pub fn rebuild(
        &self,
        options: OpenOptions,
        waiting: impl FnMut(LockWait<'_>) + Send,
    ) -> Result<(LogStore, Salvage), StateError> {
        self.check(options.accept_migrated)?;
        let lock = self.lock(&options, waiting)?;
        self.check(options.accept_migrated)?;
        let log = self.log.clone().locked(lock.held()?);
        let (store, salvage) = log.rebuild(options, |_| {})?;
        Ok((self.holding(store, lock), salvage))
    }

    fn holding(&self, mut store: LogStore, lock: DirectoryLock) -> LogStore {
        // The log says it also to runs after the one that succeeded that holder.
        store.previous_holder = lock.previous_holder().cloned();
        let note = self.folder().join(MIGRATED);
        store.directory = Some(LockedDirectory { lock, note });
        store
    }

    /// Returns the run that holds the lock.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn holder(&self) -> Result<Option<Holder>, StateError> {
        LocalStore::holder(&self.directory)
    }
}

fn log_in(folder: &Path, readers: Arc<[ReaderKey]>) -> LogBackend {
    let device = Arc::new(DirectoryDevice::new(folder));
    let timing = LockTiming {
        renewal: RENEWAL,
        delay: DELAY,
        ..LockTiming::default()
    };
    LogBackend::new(device, readers.to_vec())
        .with_timing(timing)
        .with_versions(BACKUPS)
}
