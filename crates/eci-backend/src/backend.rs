//! A state, wherever it is: what commands and runs use.

use std::path::{Path, PathBuf};

use eci_core::Serial;
use eci_state::{
    Holder, LocalStore, RemoteError, Snapshot, StateError, Store as _, Version, WorkspaceName,
    Workspaces,
};

use crate::encrypted_directory::EncryptedDirectory;
use crate::http_backend::backend::HttpBackend;
use crate::known_heads::KnownHeads;
use crate::location::{normal_location, normal_path};
use crate::log_backend::LogBackend;
use crate::open_options::{LockWait, OpenOptions};
use crate::open_state::OpenState;
use crate::outage::OutageListener;
use crate::unfinished_migration::check_complete;

/// The place of a state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Backend {
    /// A directory of this machine.
    Local(PathBuf),
    /// A directory of this machine, encrypted.
    Encrypted(EncryptedDirectory),
    /// A shared store.
    Shared(LogBackend),
    /// A server of documents.
    Http(HttpBackend),
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
    /// Sets the listener for outages of a shared store.
    #[must_use]
    pub fn with_outage_listener(self, listener: OutageListener) -> Backend {
        match self {
            local @ (Backend::Local(_) | Backend::Encrypted(_)) => local,
            Backend::Shared(backend) => Backend::Shared(backend.with_outage_listener(listener)),
            Backend::Http(backend) => Backend::Http(backend.with_outage_listener(listener)),
        }
    }

    /// Returns the address, for messages: a path, or a URL without credentials.
    pub fn location(&self) -> String {
        match self {
            Backend::Local(directory) => directory.display().to_string(),
            Backend::Encrypted(place) => place.directory().display().to_string(),
            Backend::Shared(backend) => backend.location(),
            Backend::Http(backend) => backend.location(),
        }
    }

    /// Returns the directory, where the state is in one.
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Backend::Local(directory) => Some(directory),
            Backend::Encrypted(place) => Some(place.directory()),
            Backend::Shared(_) | Backend::Http(_) => None,
        }
    }

    /// Lets runs recognize a shared store that was rolled back, see [`LogBackend::with_known_heads`].
    #[must_use]
    pub fn with_known_heads(self, known: KnownHeads) -> Backend {
        match self {
            Backend::Shared(backend) => Backend::Shared(backend.with_known_heads(known)),
            other => other,
        }
    }

    /// Locks the state and reads it.
    ///
    /// A state that does not exist is created.
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
                    accept_migrated,
                    ..
                } = options;
                self.check_form()?;
                if !accept_migrated {
                    self.check_not_migrated()?;
                }
                let author = holder.clone();
                let store = LocalStore::open_waiting(directory, holder, timeout, |other| {
                    waiting(LockWait::Held(other));
                });
                let mut store = store?;
                // It may have been encrypted or migrated while this run waited.
                self.check_form()?;
                if !accept_migrated {
                    self.check_not_migrated()?;
                }
                if !accept_migrated {
                    check_complete(store.snapshot(), || self.location())?;
                }
                store.attribute(author, provenance);
                Ok(OpenState::Local(store))
            }
            Backend::Encrypted(place) => place.open(options, waiting).map(OpenState::Shared),
            Backend::Shared(backend) => backend.open(options, waiting).map(OpenState::Shared),
            Backend::Http(backend) => backend.open(options, waiting).map(OpenState::Http),
        }
    }

    /// Returns the backend of a workspace; `None` if the store has only one state.
    pub fn workspace(&self, name: &WorkspaceName) -> Option<Backend> {
        if name.is_default() {
            return Some(self.clone());
        }
        match self {
            Backend::Local(directory) => {
                let directory = Workspaces::new(directory.as_path()).directory(name);
                Some(Backend::Local(directory))
            }
            Backend::Encrypted(place) => {
                let directory = Workspaces::new(place.directory()).directory(name);
                Some(Backend::Encrypted(place.at(directory)))
            }
            Backend::Shared(backend) => backend.workspace(name).map(Backend::Shared),
            Backend::Http(_) => None,
        }
    }

    /// Returns the workspaces that have a state, the default one first.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn workspaces(&self) -> Result<Vec<WorkspaceName>, StateError> {
        let mut names = vec![WorkspaceName::default_one()];
        match self {
            Backend::Local(directory) => return Workspaces::new(directory.as_path()).list(),
            Backend::Encrypted(place) => return Workspaces::new(place.directory()).list(),
            Backend::Shared(backend) => names.extend(backend.workspaces()?),
            Backend::Http(_) => {}
        }
        Ok(names)
    }

    /// Returns whether there is a state, without reading it where that is possible.
    ///
    /// # Errors
    /// If the store does not answer.
    pub fn exists(&self) -> Result<bool, StateError> {
        match self {
            Backend::Shared(backend) => backend.exists(),
            Backend::Encrypted(place) => Ok(EncryptedDirectory::is_in(place.directory())),
            _ => Ok(self.existing()?.is_some()),
        }
    }

    /// Returns the address for a note in another backend: a path is absolute.
    pub fn permanent_location(&self) -> String {
        match self.directory() {
            Some(directory) => {
                let absolute = std::path::absolute(directory);
                let absolute = absolute.unwrap_or_else(|_| directory.to_owned());
                normal_path(&absolute).display().to_string()
            }
            None => self.location(),
        }
    }

    /// Returns the address that the state was migrated to.
    ///
    /// # Errors
    /// If that cannot be read.
    pub fn migrated_to(&self) -> Result<Option<String>, StateError> {
        let to = match self {
            Backend::Local(directory) if EncryptedDirectory::is_last_in(directory) => {
                EncryptedDirectory::migrated_from(directory)
            }
            Backend::Local(directory) => LocalStore::migrated_to(directory),
            Backend::Encrypted(place) => place.migrated_to(),
            Backend::Shared(backend) => backend.migrated_to(),
            Backend::Http(backend) => backend.migrated_to(),
        };
        Ok(to?.as_deref().map(normal_location))
    }

    /// Reads what is left of a state that was migrated away; `None` if nothing is.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn left_behind(&self) -> Result<Option<Snapshot>, StateError> {
        match self {
            Backend::Local(directory) if !EncryptedDirectory::is_last_in(directory) => {
                LocalStore::read(directory).map(Some)
            }
            // No key is configured for it.
            Backend::Local(_) => Ok(None),
            Backend::Encrypted(place) if place.folder().is_dir() => place.log.read(),
            Backend::Encrypted(place) => LocalStore::read(place.directory()).map(Some),
            Backend::Shared(backend) => backend.left_behind(),
            Backend::Http(backend) => backend.left_behind(),
        }
    }

    /// Checks that the state in a directory is encrypted if, and only if, keys are configured.
    ///
    /// # Errors
    /// If it has the other form: an empty state next to it would create every resource a second time.
    pub fn check_form(&self) -> Result<(), StateError> {
        match self {
            Backend::Local(directory) if EncryptedDirectory::is_in(directory) => {
                let directory = directory.clone();
                Err(StateError::Encrypted { directory })
            }
            Backend::Encrypted(place) => place.check_form(),
            _ => Ok(()),
        }
    }

    fn check_not_migrated(&self) -> Result<(), StateError> {
        match self.migrated_to()? {
            None => Ok(()),
            Some(to) => {
                let location = self.location();
                Err(RemoteError::Migrated { location, to }.into())
            }
        }
    }

    /// Reads the state without locking it, to plan with it.
    ///
    /// Where there is none it returns an empty one, of a new lineage each time.
    ///
    /// # Errors
    /// If the state cannot be read, or its store was rolled back.
    pub fn read(&self) -> Result<Snapshot, StateError> {
        let found = match self {
            Backend::Shared(backend) => backend.read_to_plan()?,
            _ => self.existing()?,
        };
        match found {
            Some(snapshot) => Ok(snapshot),
            None => Snapshot::new_random(),
        }
    }

    /// Reads the state without locking it; `None` if it does not exist.
    ///
    /// # Errors
    /// If the state cannot be read, or is the copy of an unfinished migration.
    pub fn existing(&self) -> Result<Option<Snapshot>, StateError> {
        let found = self.existing_or_copy()?;
        if let Some(snapshot) = &found {
            check_complete(snapshot, || self.location())?;
        }
        Ok(found)
    }

    /// Reads the state like [`Backend::existing`], also if it is the copy of an unfinished migration.
    pub(crate) fn existing_or_copy(&self) -> Result<Option<Snapshot>, StateError> {
        self.check_form()?;
        let found = self.find()?;
        // A change of the form while the state was read leaves none in this form.
        self.check_form()?;
        Ok(found)
    }

    fn find(&self) -> Result<Option<Snapshot>, StateError> {
        match self {
            Backend::Encrypted(place) => {
                self.check_not_migrated()?;
                place.log.read()
            }
            Backend::Local(directory) => {
                self.check_not_migrated()?;
                // Where that is unknown, the error of reading explains it.
                let may_be = |name: &str| directory.join(name).try_exists().unwrap_or(true);
                if may_be("state.json") || may_be("journal.jsonl") || may_be("backups") {
                    return LocalStore::read(directory).map(Some);
                }
                Ok(None)
            }
            Backend::Shared(backend) => backend.read(),
            Backend::Http(backend) => backend.read(),
        }
    }

    /// Returns the run that holds the lock.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn holder(&self) -> Result<Option<Holder>, StateError> {
        match self {
            Backend::Local(directory) => LocalStore::holder(directory),
            Backend::Encrypted(place) => place.holder(),
            Backend::Shared(backend) => backend.holder(),
            Backend::Http(backend) => backend.holder(),
        }
    }

    /// Returns the run that holds the lock, or held it when the state was read: a large state is not read
    /// from a store again for that.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn holder_as_read(&self) -> Result<Option<Holder>, StateError> {
        match self {
            Backend::Shared(backend) => backend.holder_at_last_read(),
            _ => self.holder(),
        }
    }

    /// Returns the run that holds the lock, also where `by` has to request the lock to find that out.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn lock_holder(&self, by: &Holder) -> Result<Option<Holder>, StateError> {
        match self {
            Backend::Http(backend) => backend.lock_holder(by),
            _ => self.holder(),
        }
    }

    /// Returns the last holder of the lock, if that run ended without releasing it.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn stale_holder(&self) -> Result<Option<Holder>, StateError> {
        match self {
            Backend::Local(directory) => LocalStore::stale_holder(directory),
            Backend::Encrypted(place) => LocalStore::stale_holder(place.directory()),
            Backend::Shared(_) | Backend::Http(_) => Ok(None),
        }
    }

    /// Releases the lock of another run on its behalf.
    ///
    /// In a directory, that run must have ended; in a shared store, its next entry is refused and it
    /// stops.
    ///
    /// # Errors
    /// If the lock is another one, or cannot be written.
    pub fn break_lock(&self, holder: &Holder, by: &Holder) -> Result<(), StateError> {
        match self {
            Backend::Local(directory) => LocalStore::break_lock(directory, by),
            Backend::Encrypted(place) => LocalStore::break_lock(place.directory(), by),
            Backend::Shared(backend) => backend.break_lock(&holder.id, by),
            Backend::Http(backend) => backend.break_lock(holder),
        }
    }

    /// Returns who wrote which version of the state, the oldest first: those that are kept.
    ///
    /// # Errors
    /// If they cannot be listed, or one in a shared store cannot be read.
    pub fn history(&self) -> Result<Vec<Version>, StateError> {
        self.check_form()?;
        match self {
            Backend::Local(directory) => LocalStore::history(directory),
            Backend::Encrypted(place) => place.log.history(),
            Backend::Shared(backend) => backend.history(),
            Backend::Http(backend) => backend.history(),
        }
    }

    /// Returns the newest version of the state with this serial; `None` if none is kept.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn version(&self, serial: Serial) -> Result<Option<Snapshot>, StateError> {
        // The version that a migration copied has its mark, also after it is complete.
        Ok(self.marked_version(serial)?.map(Snapshot::unmarked))
    }

    fn marked_version(&self, serial: Serial) -> Result<Option<Snapshot>, StateError> {
        self.check_form()?;
        let kept = match self {
            Backend::Local(_) => None,
            Backend::Encrypted(place) => place.log.version(serial)?,
            Backend::Shared(backend) => backend.version(serial)?,
            Backend::Http(backend) => return backend.version(serial),
        };
        if kept.is_some() {
            return Ok(kept);
        }
        let is_it = |snapshot: &Snapshot| snapshot.serial == serial;
        if let Some(current) = self.existing_or_copy()?.filter(is_it) {
            return Ok(Some(current));
        }
        match self {
            Backend::Local(directory) => {
                let backups = LocalStore::backups(directory)?;
                Ok(backups.into_iter().rev().find(is_it))
            }
            _ => Ok(None),
        }
    }

    /// Returns earlier versions of the state, the oldest first; unreadable ones are left out.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn backups(&self) -> Result<Vec<Snapshot>, StateError> {
        match self {
            Backend::Local(directory) => LocalStore::backups(directory),
            Backend::Encrypted(place) => place.log.snapshots(),
            Backend::Shared(backend) => backend.snapshots(),
            // Servers keep one document, and GitLab's earlier ones are read one by one.
            Backend::Http(_) => Ok(Vec::new()),
        }
    }
}
