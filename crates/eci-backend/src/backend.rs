//! A state, wherever it is: what commands and runs use.

use std::path::{Path, PathBuf};

use eci_core::Serial;
use eci_state::{
    Durability, Guard, Holder, IntentId, LocalStore, Record, Snapshot, StateError, Store, Version,
};

use crate::open::{LockWait, LogBackend, OpenOptions};
use crate::store::LogStore;

/// The place of a state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Backend {
    /// A directory of this machine.
    Local(PathBuf),
    /// A shared store.
    Shared(LogBackend),
}

impl From<&Path> for Backend {
    fn from(directory: &Path) -> Backend {
        Backend::Local(directory.to_owned())
    }
}

impl From<&PathBuf> for Backend {
    fn from(directory: &PathBuf) -> Backend {
        Backend::Local(directory.clone())
    }
}

impl From<&Backend> for Backend {
    fn from(backend: &Backend) -> Backend {
        backend.clone()
    }
}

impl Backend {
    /// Returns the address, for messages: a path, or a URL without credentials.
    pub fn location(&self) -> String {
        match self {
            Backend::Local(directory) => directory.display().to_string(),
            Backend::Shared(backend) => backend.location(),
        }
    }

    /// Returns the directory, where the state is in one.
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Backend::Local(directory) => Some(directory),
            Backend::Shared(_) => None,
        }
    }

    /// Locks the state and reads it. A state that does not exist is created.
    ///
    /// Blocks while another run holds the lock, for `options.timeout` at most.
    ///
    /// # Errors
    /// If another run holds the lock for longer, or the state cannot be read.
    pub fn open(
        &self,
        options: OpenOptions,
        mut waiting: impl FnMut(LockWait<'_>) + Send,
    ) -> Result<OpenState, StateError> {
        match self {
            Backend::Local(directory) => {
                let OpenOptions {
                    holder,
                    timeout,
                    provenance,
                    ..
                } = options;
                let author = holder.clone();
                let store = LocalStore::open_waiting(directory, holder, timeout, |other| {
                    waiting(LockWait::Held(other));
                });
                let mut store = store?;
                store.attribute(author, provenance);
                Ok(OpenState::Local(store))
            }
            Backend::Shared(backend) => backend.open(options, waiting).map(OpenState::Shared),
        }
    }

    /// Reads the state without locking it. Where there is none it returns an empty one, of a new lineage
    /// each time.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn read(&self) -> Result<Snapshot, StateError> {
        match self.existing()? {
            Some(snapshot) => Ok(snapshot),
            None => Snapshot::new_random(),
        }
    }

    /// Reads the state without locking it; `None` if it does not exist.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn existing(&self) -> Result<Option<Snapshot>, StateError> {
        match self {
            Backend::Local(directory) => {
                // Where that is unknown, the error of reading explains it.
                let may_be = |name: &str| directory.join(name).try_exists().unwrap_or(true);
                if may_be("state.json") || may_be("journal.jsonl") || may_be("backups") {
                    return LocalStore::read(directory).map(Some);
                }
                Ok(None)
            }
            Backend::Shared(backend) => backend.read(),
        }
    }

    /// Returns the run that holds the lock.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn holder(&self) -> Result<Option<Holder>, StateError> {
        match self {
            Backend::Local(directory) => LocalStore::holder(directory),
            Backend::Shared(backend) => backend.holder(),
        }
    }

    /// Returns the last holder of the lock, if that run ended without releasing it.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn stale_holder(&self) -> Result<Option<Holder>, StateError> {
        match self {
            Backend::Local(directory) => LocalStore::stale_holder(directory),
            Backend::Shared(_) => Ok(None),
        }
    }

    /// Releases the lock with this ID on behalf of another run. In a directory, that run must have ended;
    /// in a shared store, its next entry is refused and it stops.
    ///
    /// # Errors
    /// If the lock is another one, or cannot be written.
    pub fn break_lock(&self, id: &str, by: &Holder) -> Result<(), StateError> {
        match self {
            Backend::Local(directory) => LocalStore::break_lock(directory, by),
            Backend::Shared(backend) => backend.break_lock(id, by),
        }
    }

    /// Returns who wrote which version of the state, the oldest first: those that are kept.
    ///
    /// # Errors
    /// If they cannot be listed, or one in a shared store cannot be read.
    pub fn history(&self) -> Result<Vec<Version>, StateError> {
        match self {
            Backend::Local(directory) => LocalStore::history(directory),
            Backend::Shared(backend) => backend.history(),
        }
    }

    /// Returns the newest version of the state with this serial; `None` if none is kept.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn version(&self, serial: Serial) -> Result<Option<Snapshot>, StateError> {
        if let Backend::Shared(backend) = self
            && let Some(found) = backend.version(serial)?
        {
            return Ok(Some(found));
        }
        let is_it = |snapshot: &Snapshot| snapshot.serial == serial;
        if let Some(current) = self.existing()?.filter(is_it) {
            return Ok(Some(current));
        }
        match self {
            Backend::Local(directory) => {
                let backups = LocalStore::backups(directory)?;
                Ok(backups.into_iter().rev().find(is_it))
            }
            Backend::Shared(_) => Ok(None),
        }
    }

    /// Returns earlier versions of the state, the oldest first; unreadable ones are left out.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn backups(&self) -> Result<Vec<Snapshot>, StateError> {
        match self {
            Backend::Local(directory) => LocalStore::backups(directory),
            Backend::Shared(backend) => backend.snapshots(),
        }
    }
}

/// A state that is open for one run, and for no other, until this is dropped.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenState {
    /// In a directory.
    Local(LocalStore),
    /// In a shared store.
    Shared(LogStore),
}

impl OpenState {
    /// Returns the previous holder of the state, if it ended without releasing it.
    pub fn previous_holder(&self) -> Option<&Holder> {
        match self {
            OpenState::Local(store) => store.previous_holder(),
            OpenState::Shared(store) => store.previous_holder(),
        }
    }

    /// Returns whether there was no state when it was opened, and there is none yet.
    pub fn is_new(&self) -> bool {
        match self {
            OpenState::Local(store) => store.is_new(),
            OpenState::Shared(store) => store.is_new(),
        }
    }

    /// Puts another snapshot in the place of the state, which is kept as an earlier version. It gets the
    /// next serial unless it has a later one, or is of another lineage.
    ///
    /// # Errors
    /// If the snapshot contradicts itself, or cannot be written.
    pub fn replace(&mut self, snapshot: Snapshot) -> Result<(), StateError> {
        match self {
            OpenState::Local(store) => store.replace(snapshot),
            OpenState::Shared(store) => store.replace(snapshot),
        }
    }

    /// Ends the run and releases the lock.
    ///
    /// # Errors
    /// If a shared store could not be reached: the lock then expires with its lease, or is released by
    /// `eci force-unlock`.
    pub fn close(self) -> Result<(), StateError> {
        match self {
            OpenState::Local(_) => Ok(()),
            OpenState::Shared(store) => store.close(),
        }
    }

    fn store(&self) -> &dyn Store {
        match self {
            OpenState::Local(store) => store,
            OpenState::Shared(store) => store,
        }
    }

    fn store_mut(&mut self) -> &mut dyn Store {
        match self {
            OpenState::Local(store) => store,
            OpenState::Shared(store) => store,
        }
    }
}

impl Store for OpenState {
    fn snapshot(&self) -> &Snapshot {
        self.store().snapshot()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        self.store_mut().append(records)
    }

    fn flush(&mut self) -> Durability {
        self.store_mut().flush()
    }

    fn hasten(&mut self) {
        self.store_mut().hasten();
    }

    fn compact(&mut self) -> Result<(), StateError> {
        self.store_mut().compact()
    }

    fn next_intent(&mut self) -> IntentId {
        self.store_mut().next_intent()
    }

    fn guard(&self) -> Guard {
        self.store().guard()
    }
}
