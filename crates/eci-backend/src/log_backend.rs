//! A state in a shared store, and what is read of it without its lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eci_core::Serial;
use eci_state::{
    HeldLock, Holder, RemoteError, Snapshot, StateError, StateView, Version, WorkspaceName,
};

use crate::blocking::on_thread;
use crate::device::{LogDevice, Series};
use crate::keyring::ReaderKey;
use crate::known_heads::KnownHeads;
use crate::load::LoadedState;
use crate::log::Log;
use crate::outage::{OutageListener, OutageWatch};
use crate::prune::VERSIONS;
use crate::timing::LockTiming;

/// A state in a shared store.
#[derive(Clone, Debug)]
pub struct LogBackend {
    pub(crate) log: Log,
    pub(crate) timing: LockTiming,
    /// The lock of the operating system, which this run has, where that decides which run has the state.
    pub(crate) system_lock: Option<HeldLock>,
    /// The result of the last read besides the state, so that nothing is read twice for it.
    last_read: Arc<Mutex<Option<LastRead>>>,
}

/// The result of a read of a state, besides the state.
#[derive(Clone, Debug)]
struct LastRead {
    holder: Option<Holder>,
}

impl LogBackend {
    /// Creates a backend on a device.
    ///
    /// The state is encrypted for all readers, and decrypted by any of them.
    pub fn new(device: Arc<dyn LogDevice>, readers: Vec<ReaderKey>) -> LogBackend {
        LogBackend {
            log: Log {
                device,
                readers: readers.into(),
                patience: Duration::from_secs(30),
                unlocked: Arc::default(),
                known: None,
                outages: OutageWatch::default(),
                versions: VERSIONS,
            },
            timing: LockTiming::default(),
            system_lock: None,
            last_read: Arc::default(),
        }
    }

    /// Sets the times of locks.
    #[must_use]
    pub fn with_timing(mut self, timing: LockTiming) -> LogBackend {
        self.timing = timing;
        self
    }

    /// Lets runs record the ends of the logs that they leave in a file on this machine, and recognize a store that
    /// was rolled back by it.
    #[must_use]
    pub fn with_known_heads(mut self, known: KnownHeads) -> LogBackend {
        self.log.known = Some(known);
        self
    }

    /// Sets the number of versions that are kept.
    #[must_use]
    pub(crate) fn with_versions(mut self, versions: usize) -> LogBackend {
        self.log.versions = versions;
        self
    }

    /// Lets a lock of the operating system, which this run has, decide which run has the state: a run that
    /// had it before has ended, whatever the log says of its lease.
    #[must_use]
    pub(crate) fn locked(mut self, lock: HeldLock) -> LogBackend {
        self.system_lock = Some(lock);
        self
    }

    /// Sets the listener for outages of the store.
    #[must_use]
    pub fn with_outage_listener(mut self, listener: OutageListener) -> LogBackend {
        self.log.outages = OutageWatch::new(listener);
        self
    }

    /// Sets the time for which an operation is repeated while the store is unavailable.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> LogBackend {
        self.log.patience = patience;
        self
    }

    /// Returns the backend of a workspace; `None` if the store has only one state.
    pub fn workspace(&self, name: &WorkspaceName) -> Option<LogBackend> {
        let device = self.log.device.workspace(name.as_str())?;
        Some(LogBackend {
            log: Log {
                device,
                unlocked: Arc::default(),
                ..self.log.clone()
            },
            timing: self.timing,
            system_lock: None,
            last_read: Arc::default(),
        })
    }

    /// Returns the workspaces that have a state, in the order of their names, without the default one.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn workspaces(&self) -> Result<Vec<WorkspaceName>, StateError> {
        let names = on_thread(|| {
            let listing = self
                .log
                .retried(self.log.patience, || self.log.device.workspaces());
            let listed = self.log.runtime()?.block_on(listing);
            listed.map_err(|cause| self.log.failed(cause))
        })?;
        let mut found = Vec::new();
        for name in names.iter().filter_map(|name| name.parse().ok()) {
            let is_there = self.workspace(&name).map(|it| it.exists()).transpose()?;
            if is_there == Some(true) {
                found.push(name);
            }
        }
        found.sort();
        Ok(found)
    }

    /// Returns whether there is a state, without reading it.
    ///
    /// # Errors
    /// If the store does not answer or refuses the call.
    pub fn exists(&self) -> Result<bool, StateError> {
        on_thread(|| {
            let listing = self.log.list(Series::Snapshot, 0);
            Ok(!self.log.runtime()?.block_on(listing)?.is_empty())
        })
    }

    /// Reads the state without locking it; `None` if it does not exist.
    ///
    /// Blocks until then.
    ///
    /// # Errors
    /// As [`LogBackend::open`], but a lock does not prevent it; and if the state was migrated.
    pub fn read(&self) -> Result<Option<Snapshot>, StateError> {
        self.as_read(self.load()?)
    }

    /// Reads the state like [`LogBackend::read`], to plan with it.
    ///
    /// # Errors
    /// As there, and if the store was rolled back, see [`LogBackend::with_known_heads`]: what was created since
    /// would be planned a second time.
    pub fn read_to_plan(&self) -> Result<Option<Snapshot>, StateError> {
        let loaded = on_thread(|| {
            self.log.runtime()?.block_on(async {
                let (known, loaded) = tokio::join!(self.log.known_entry(), self.log.load());
                let (known, loaded) = (known?, loaded?);
                match self.log.rolled_back(loaded.as_ref(), known.as_ref()) {
                    Some(error) => Err(StateError::from(error)),
                    None => Ok(loaded),
                }
            })
        })?;
        self.as_read(self.noted(loaded))
    }

    fn as_read(&self, loaded: Option<LoadedState>) -> Result<Option<Snapshot>, StateError> {
        let Some(loaded) = loaded else {
            return Ok(None);
        };
        if let Some(to) = loaded.migrated_to {
            let location = self.location();
            return Err(RemoteError::Migrated { location, to }.into());
        }
        let mut view: StateView = loaded.view;
        view.bump_serial();
        Ok(Some(view.into_snapshot()))
    }

    /// Returns the address that the state was migrated to.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn migrated_to(&self) -> Result<Option<String>, StateError> {
        Ok(self.load()?.and_then(|loaded| loaded.migrated_to))
    }

    /// Reads what is left of a state that was migrated away.
    pub(crate) fn left_behind(&self) -> Result<Option<Snapshot>, StateError> {
        Ok(self.load()?.map(|loaded| loaded.view.into_snapshot()))
    }

    fn load(&self) -> Result<Option<LoadedState>, StateError> {
        let loaded = on_thread(|| self.log.runtime()?.block_on(self.log.load()))?;
        Ok(self.noted(loaded))
    }

    /// Notes the run that held the lock when the state was read.
    fn noted(&self, loaded: Option<LoadedState>) -> Option<LoadedState> {
        let holder = loaded.as_ref().and_then(LoadedState::holder).cloned();
        *self.last_read() = Some(LastRead { holder });
        loaded
    }

    fn last_read(&self) -> MutexGuard<'_, Option<LastRead>> {
        self.last_read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the address of the state.
    pub fn location(&self) -> String {
        self.log.location()
    }

    /// Returns earlier versions of the state, the oldest first; unreadable ones are left out.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>, StateError> {
        on_thread(|| self.log.runtime()?.block_on(self.log.snapshots()))
    }

    /// Returns who wrote which version, the oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn history(&self) -> Result<Vec<Version>, StateError> {
        on_thread(|| self.log.runtime()?.block_on(self.log.history()))
    }

    /// Returns the newest version with this serial; `None` if none is kept.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn version(&self, serial: Serial) -> Result<Option<Snapshot>, StateError> {
        on_thread(|| self.log.runtime()?.block_on(self.log.version(serial)))
    }

    /// Returns the run that holds the lock.
    ///
    /// # Errors
    /// As [`LogBackend::read`].
    pub fn holder(&self) -> Result<Option<Holder>, StateError> {
        let loaded = match self.load() {
            Err(error) if error.is_damage() => on_thread(|| {
                let salvaged = self.log.runtime()?.block_on(self.log.salvage())?;
                Ok::<_, StateError>(salvaged.map(|salvaged| salvaged.loaded))
            })?,
            loaded => loaded?,
        };
        Ok(loaded.and_then(|loaded| loaded.holder().cloned()))
    }

    /// Returns the run that held the lock when the state was last read; where it was not, that is done now.
    ///
    /// # Errors
    /// As [`LogBackend::read`].
    pub fn holder_at_last_read(&self) -> Result<Option<Holder>, StateError> {
        let last = self.last_read().clone();
        match last {
            Some(last) => Ok(last.holder),
            None => self.holder(),
        }
    }
}
