//! Opening of a state in a shared store, and its lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use eci_core::Serial;
use eci_state::{
    Holder, Provenance, RemoteError, Snapshot, StateError, StateView, Version, WorkspaceName,
};
use tokio::sync::mpsc::unbounded_channel;

use crate::blocking::{on_thread, runtime};
use crate::device::{Creation, LogDevice, ObjectId, Series};
use crate::entry::{Content, Entry, EntryHash, Hold};
use crate::keyring::ReaderKey;
use crate::lease::{Lease, LeaseTerms, boot_time};
use crate::log::{Head, Held, Loaded, Log, snapshot_content, to_bytes};
use crate::salvage::{Salvage, Salvaged};
use crate::store::LogStore;
use crate::timing::LockTiming;
use crate::write_loop::WriteLoop as _;
use crate::writer::Writer;

/// The pause between two attempts to get a lock that another run holds.
const LOCK_RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// A state in a shared store.
#[derive(Clone, Debug)]
pub struct LogBackend {
    pub(crate) log: Log,
    timing: LockTiming,
    /// The result of the last read besides the state, so that nothing is read twice for it.
    last_read: Arc<Mutex<Option<LastRead>>>,
}

/// The result of a read of a state, besides the state.
#[derive(Clone, Debug)]
struct LastRead {
    holder: Option<Holder>,
}

/// Options of a run that opens a state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenOptions {
    /// The run.
    pub holder: Holder,
    /// The time for which it waits for another run.
    pub timeout: Duration,
    /// Whether the run is unattended: another one may take the lock over once the lease has expired.
    pub unattended: bool,
    /// On whose behalf it changes the state.
    pub provenance: Provenance,
    /// Whether a state that was moved to another backend is opened, to be replaced.
    pub accept_moved: bool,
}

impl OpenOptions {
    /// Creates options of a run that a person attends to and that does not wait.
    pub fn new(holder: Holder) -> OpenOptions {
        OpenOptions {
            holder,
            timeout: Duration::ZERO,
            unattended: false,
            provenance: Provenance::default(),
            accept_moved: false,
        }
    }
}

/// The reason why a run waits for its lock.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum LockWait<'a> {
    /// Another run holds the lock.
    Held(Option<&'a Holder>),
    /// The calls of a run that lost the lock may still take effect for this time.
    Quiet(Duration),
}

/// A lock that a run has just got, and the state.
struct Acquired {
    loaded: Loaded,
    hold: Hold,
    lease: Lease,
    is_new: bool,
}

impl LogBackend {
    /// Creates a backend on a device. The state is encrypted for all readers, and decrypted by any of
    /// them.
    pub fn new(device: Arc<dyn LogDevice>, readers: Vec<ReaderKey>) -> LogBackend {
        LogBackend {
            log: Log {
                device,
                readers: readers.into(),
                patience: Duration::from_secs(30),
                unlocked: Arc::default(),
            },
            timing: LockTiming::default(),
            last_read: Arc::default(),
        }
    }

    /// Sets the times of locks.
    #[must_use]
    pub fn with_timing(mut self, timing: LockTiming) -> LogBackend {
        self.timing = timing;
        self
    }

    /// Sets the time for which an operation is repeated while the store is unavailable.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> LogBackend {
        self.log.patience = patience;
        self
    }

    /// Locks the state and reads it. A state that does not exist is created.
    ///
    /// Blocks until then.
    ///
    /// # Errors
    /// If another run holds the lock for longer than the timeout, the store does not answer, no key
    /// decrypts the state, or it is damaged.
    pub fn open(
        &self,
        options: OpenOptions,
        waiting: impl FnMut(LockWait<'_>) + Send,
    ) -> Result<LogStore, StateError> {
        on_thread(|| self.open_here(options, waiting))
    }

    fn open_here(
        &self,
        options: OpenOptions,
        mut waiting: impl FnMut(LockWait<'_>),
    ) -> Result<LogStore, StateError> {
        let runtime = runtime(&self.log)?;
        runtime.block_on(self.log.prepare())?;
        runtime.block_on(self.log.probe())?;
        let began = Instant::now();
        let mut is_notified = false;
        let acquired = loop {
            let left = options.timeout.saturating_sub(began.elapsed());
            match runtime.block_on(self.acquire(&options)) {
                Err(StateError::RemoteLockHeld { location, holder }) => {
                    if left.is_zero() {
                        return Err(StateError::RemoteLockHeld { location, holder });
                    }
                    if !is_notified {
                        waiting(LockWait::Held(Some(&holder)));
                        is_notified = true;
                    }
                    thread::sleep(left.min(LOCK_RETRY_INTERVAL));
                }
                acquired => break acquired?,
            }
        };
        let quiet = runtime.block_on(self.until_quiet(&acquired.loaded))?;
        let store = self.begin(runtime, acquired, options)?;
        // The lease is renewed meanwhile.
        if !quiet.is_zero() {
            waiting(LockWait::Quiet(quiet));
            thread::sleep(quiet);
        }
        Ok(store)
    }

    /// Starts the writer of a run that has the lock.
    fn begin(
        &self,
        runtime: tokio::runtime::Runtime,
        acquired: Acquired,
        options: OpenOptions,
    ) -> Result<LogStore, StateError> {
        let Acquired {
            loaded,
            hold,
            lease,
            is_new,
        } = acquired;
        let previous_holder = loaded.unreleased.as_ref().map(|it| it.holder.clone());
        let (commands, received) = unbounded_channel();
        let writer = Writer {
            log: self.log.clone(),
            keys: loaded.keys.clone(),
            head: loaded.head,
            hold: hold.clone(),
            lease: lease.clone(),
            timing: self.timing,
            serial: loaded.view.snapshot().serial,
            records: Vec::new(),
            waiting: Vec::new(),
            failed: None,
        };
        let thread = thread::Builder::new()
            .name("eci-state".to_owned())
            .spawn(move || runtime.block_on(writer.run(received)))
            .map_err(|error| self.log.refused(&error))?;
        Ok(LogStore {
            log: self.log.clone(),
            keys: loaded.keys,
            view: loaded.view,
            lease,
            hold,
            provenance: options.provenance,
            commands,
            thread: Some(thread),
            previous_holder,
            is_new,
        })
    }

    /// Rebuilds a damaged state from the newest readable snapshot and the readable entries after it, and
    /// locks it. An undamaged state is only locked. Damaged objects stay where they are, and are
    /// not read again.
    ///
    /// # Errors
    /// If another run holds the lock, the store does not answer, or no key decrypts the state.
    pub fn rebuild(&self, options: OpenOptions) -> Result<(LogStore, Salvage), StateError> {
        on_thread(|| {
            let runtime = runtime(&self.log)?;
            loop {
                let salvaged = runtime.block_on(self.log.salvage())?;
                let Some(Salvaged { mut loaded, report }) = salvaged else {
                    let location = self.log.location();
                    return Err(RemoteError::NothingLeft { location }.into());
                };
                if let Some(held) = &loaded.held
                    && !runtime.block_on(self.may_be_taken_over(held))?
                {
                    return Err(StateError::RemoteLockHeld {
                        location: self.log.location(),
                        holder: Box::new(held.hold.holder.clone()),
                    });
                }
                let hold = self.hold_of(&options);
                let since = boot_time();
                let Some(head) = runtime.block_on(self.take(&loaded, &hold))? else {
                    // Another run was faster.
                    continue;
                };
                loaded.left();
                loaded.head = head;
                let acquired = Acquired {
                    loaded,
                    hold,
                    lease: self.lease(since),
                    is_new: false,
                };
                let mut store = self.begin(runtime, acquired, options)?;
                if !report.is_sound() {
                    store.write_rebuilt(&report)?;
                }
                return Ok((store, report));
            }
        })
    }

    fn hold_of(&self, options: &OpenOptions) -> Hold {
        Hold {
            holder: options.holder.clone(),
            lease_seconds: self.timing.lease.as_secs(),
            call_seconds: self.timing.call.as_secs(),
            unattended: options.unattended,
        }
    }

    fn lease(&self, since: Duration) -> Lease {
        let terms = LeaseTerms {
            length: self.timing.lease,
            call: self.timing.call,
            clock: boot_time,
        };
        Lease::new(self.log.location(), terms, since)
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
            let listed = runtime(&self.log)?.block_on(listing);
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
            Ok(!runtime(&self.log)?.block_on(listing)?.is_empty())
        })
    }

    /// Returns the time for which calls of a run that lost the lock may still take effect.
    async fn until_quiet(&self, loaded: &Loaded) -> Result<Duration, StateError> {
        let is_pending = !loaded.view.snapshot().open_intents.is_empty();
        let Some(left) = loaded.unreleased.as_ref().filter(|_| is_pending) else {
            return Ok(Duration::ZERO);
        };
        let idle = self.log.since(left.last).await?;
        Ok((left.reach + self.timing.margin).saturating_sub(idle))
    }

    /// Tries once to get the lock.
    async fn acquire(&self, options: &OpenOptions) -> Result<Acquired, StateError> {
        loop {
            let (mut loaded, is_new) = match self.log.load().await? {
                Some(loaded) if loaded.snapshot.is_some() => (loaded, false),
                _ => {
                    self.create_state(options).await?;
                    let created = self.log.load().await?;
                    let Some(created) = created else { continue };
                    (created, true)
                }
            };
            if let Some(to) = loaded.moved.take().filter(|_| !options.accept_moved) {
                let location = self.log.location();
                return Err(RemoteError::Moved { location, to }.into());
            }
            if let Some(held) = &loaded.held
                && !self.may_be_taken_over(held).await?
            {
                return Err(StateError::RemoteLockHeld {
                    location: self.log.location(),
                    holder: Box::new(held.hold.holder.clone()),
                });
            }
            let hold = self.hold_of(options);
            let since = boot_time();
            if let Some(head) = self.take(&loaded, &hold).await? {
                let lease = self.lease(since);
                loaded.left();
                loaded.head = head;
                return Ok(Acquired {
                    loaded,
                    hold,
                    lease,
                    is_new,
                });
            }
            // Another run was faster.
        }
    }

    /// Returns whether a run that holds the lock is unattended and has not renewed its lease.
    async fn may_be_taken_over(&self, held: &Held) -> Result<bool, StateError> {
        if !held.hold.unattended {
            return Ok(false);
        }
        let lease = Duration::from_secs(held.hold.lease_seconds);
        Ok(self.log.since(held.last).await? > lease + self.timing.margin)
    }

    /// Writes the entry with which a run has the lock; returns `None` if another run was faster.
    async fn take(&self, loaded: &Loaded, hold: &Hold) -> Result<Option<Head>, StateError> {
        let epoch = loaded.head.epoch + 1;
        let content = Content::Hold(hold.clone());
        let written = self.write_after(loaded, epoch, &hold.holder, content);
        written.await
    }

    /// Writes an entry after the last one; returns `None` if another run was faster.
    async fn write_after(
        &self,
        loaded: &Loaded,
        epoch: u64,
        writer: &Holder,
        content: Content,
    ) -> Result<Option<Head>, StateError> {
        let entry = Entry::new(&loaded.head.hash, epoch, writer, content);
        let object = ObjectId::new(Series::Log, loaded.head.number + 1);
        let serial = loaded.view.snapshot().serial;
        let bytes = loaded.keys.seal(object, serial, &to_bytes(&entry)?);
        let bytes = bytes.map_err(|error| self.log.not_sealed(&error))?;
        let created = self.log.create(object, &bytes, self.log.patience).await;
        match created.map_err(|cause| self.log.failed(cause))? {
            Creation::Exists => Ok(None),
            Creation::Created => Ok(Some(Head {
                number: object.number,
                hash: EntryHash::of(&bytes),
                epoch,
            })),
        }
    }

    /// Creates an empty state, or what is missing of one that another run was creating.
    async fn create_state(&self, options: &OpenOptions) -> Result<(), StateError> {
        let keys = match self.log.keys().await? {
            Some(keys) => keys,
            None => self.log.create_keys().await?,
        };
        let snapshot = Snapshot {
            lineage: keys.lineage().clone(),
            ..Snapshot::new_random()?
        };
        let version = Version::of(&snapshot, &options.holder, options.provenance.clone());
        let content = snapshot_content(&Head::default(), None, &snapshot)?;
        for (series, clear) in [
            (Series::History, to_bytes(&version)?.to_vec()),
            (Series::Snapshot, content),
        ] {
            let object = ObjectId::new(series, 0);
            let bytes = keys.seal(object, Serial::default(), &clear);
            let bytes = bytes.map_err(|error| self.log.not_sealed(&error))?;
            // Another run may have been faster: then its state is used.
            let created = self.log.create(object, &bytes, self.log.patience).await;
            created.map_err(|cause| self.log.failed(cause))?;
        }
        Ok(())
    }

    /// Reads the state without locking it; `None` if it does not exist.
    ///
    /// Blocks until then.
    ///
    /// # Errors
    /// As [`LogBackend::open`], but a lock does not prevent it; and if the state was moved.
    pub fn read(&self) -> Result<Option<Snapshot>, StateError> {
        let Some(loaded) = self.load()? else {
            return Ok(None);
        };
        if let Some(to) = loaded.moved {
            let location = self.location();
            return Err(RemoteError::Moved { location, to }.into());
        }
        let mut view: StateView = loaded.view;
        view.bump_serial();
        Ok(Some(view.into_snapshot()))
    }

    /// Returns the address that the state was moved to.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn moved(&self) -> Result<Option<String>, StateError> {
        Ok(self.load()?.and_then(|loaded| loaded.moved))
    }

    fn load(&self) -> Result<Option<Loaded>, StateError> {
        let loaded = on_thread(|| runtime(&self.log)?.block_on(self.log.load()))?;
        let holder = loaded.as_ref().and_then(Loaded::holder).cloned();
        *self.last_read() = Some(LastRead { holder });
        Ok(loaded)
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
        on_thread(|| runtime(&self.log)?.block_on(self.log.snapshots()))
    }

    /// Returns who wrote which version, the oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn history(&self) -> Result<Vec<Version>, StateError> {
        on_thread(|| runtime(&self.log)?.block_on(self.log.history()))
    }

    /// Returns the newest version with this serial; `None` if none is kept.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn version(&self, serial: Serial) -> Result<Option<Snapshot>, StateError> {
        on_thread(|| runtime(&self.log)?.block_on(self.log.version(serial)))
    }

    /// Returns the run that holds the lock.
    ///
    /// # Errors
    /// As [`LogBackend::read`].
    pub fn holder(&self) -> Result<Option<Holder>, StateError> {
        let loaded = match self.load() {
            Err(error) if error.is_damage() => on_thread(|| {
                let salvaged = runtime(&self.log)?.block_on(self.log.salvage())?;
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

    /// Takes the lock from a run that does not answer, and releases it. If that run continues, its next
    /// entry is refused and it stops.
    ///
    /// # Errors
    /// As [`LogBackend::read`], and if the lock is not the one with this ID.
    pub fn break_lock(&self, id: &str, by: &Holder) -> Result<(), StateError> {
        on_thread(|| runtime(&self.log)?.block_on(self.break_now(id, by)))
    }

    async fn break_now(&self, id: &str, by: &Holder) -> Result<(), StateError> {
        loop {
            let loaded = match self.log.load().await {
                // The lock of a damaged state can be released, too: it is rebuilt under another one.
                Err(error) if error.is_damage() => {
                    let salvaged = self.log.salvage().await?;
                    salvaged.map(|salvaged| salvaged.loaded)
                }
                loaded => loaded?,
            };
            let Some(loaded) = loaded else {
                return Ok(());
            };
            match &loaded.held {
                None => return Ok(()),
                Some(held) if held.hold.holder.id != id => {
                    return Err(StateError::RemoteLockHeld {
                        location: self.log.location(),
                        holder: Box::new(held.hold.holder.clone()),
                    });
                }
                Some(_) => {}
            }
            let epoch = loaded.head.epoch + 1;
            let written = self.write_after(&loaded, epoch, by, Content::Broken);
            if written.await?.is_some() {
                return Ok(());
            }
        }
    }
}
