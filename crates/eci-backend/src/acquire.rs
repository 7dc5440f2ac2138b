//! The lock of a state in a shared store.

use std::time::Duration;

use bytes::Bytes;
use eci_core::Serial;
use eci_state::{Holder, RemoteError, Snapshot, StateError, StateView, Version};

use crate::blocking::on_thread;
use crate::device::{Creation, ObjectId, Series};
use crate::entry::{EntryContent, EntryHash, Hold, LogEntry, LogHead, LogId};
use crate::keys::Keys;
use crate::lease::{Lease, LeaseTerms, boot_time};
use crate::load::{LoadedState, UnreleasedLock};
use crate::lock_request::{LockRequest, withdrawn};
use crate::log::to_bytes;
use crate::log_backend::LogBackend;
use crate::open_options::OpenOptions;
use crate::rollback::KnownEntry;
use crate::snapshot_object::snapshot_content;
use crate::unfinished_migration::check_complete;

/// The first snapshot of a state, before all entries.
const FIRST: ObjectId = ObjectId::new(Series::Snapshot, 0);

/// A lock that a run has just got, and the state.
pub(crate) struct AcquiredLock {
    pub(crate) loaded: LoadedState,
    pub(crate) hold: Hold,
    pub(crate) lease: Lease,
    pub(crate) is_new: bool,
}

impl LogBackend {
    /// Tries once to get the lock of a state as it was read; returns `None` if another run was faster.
    pub(crate) async fn try_acquire(
        &self,
        loaded: Option<LoadedState>,
        options: &OpenOptions,
        known: Option<&KnownEntry>,
    ) -> Result<Option<AcquiredLock>, StateError> {
        if let Some(error) = self.log.rolled_back(loaded.as_ref(), known) {
            return Err(error.into());
        }
        let mut loaded = match loaded {
            Some(loaded) if loaded.snapshot.is_some() => loaded,
            Some(loaded) => return self.create_state(loaded, options).await,
            None => {
                let keys = self.log.create_keys().await?;
                return self.create_state(self.log.empty(keys)?, options).await;
            }
        };
        if let Some(to) = loaded
            .migrated_to
            .take()
            .filter(|_| !options.accept_migrated)
        {
            let location = self.log.location();
            return Err(RemoteError::Migrated { location, to }.into());
        }
        if !options.accept_migrated {
            check_complete(loaded.view.snapshot(), || self.log.location())?;
        }
        self.lock(loaded, options).await
    }

    /// Locks an existing state; returns `None` if another run was faster.
    pub(crate) async fn lock(
        &self,
        mut loaded: LoadedState,
        options: &OpenOptions,
    ) -> Result<Option<AcquiredLock>, StateError> {
        if let Some(held) = &loaded.held {
            let expires_in = self.expires_in(held).await?;
            if expires_in.is_none_or(|left| !left.is_zero()) {
                return Err(self.held_by(&held.hold.holder, expires_in));
            }
        }
        let hold = self.hold_of(options);
        let since = boot_time();
        let Some(head) = self.take(&loaded, &hold, &options.request).await? else {
            return Ok(None);
        };
        loaded.left();
        loaded.head = head;
        Ok(Some(AcquiredLock {
            loaded,
            hold,
            lease: self.lease(since),
            is_new: false,
        }))
    }

    fn held_by(&self, holder: &Holder, expires_in: Option<Duration>) -> StateError {
        StateError::RemoteLockHeld {
            location: self.log.location(),
            holder: Box::new(holder.clone()),
            expires_in,
        }
    }

    /// Creates an empty state, or what is missing of one that another run was creating, and locks it; returns
    /// `None` if another run was faster.
    async fn create_state(
        &self,
        loaded: LoadedState,
        options: &OpenOptions,
    ) -> Result<Option<AcquiredLock>, StateError> {
        let hold = self.hold_of(options);
        let snapshot = Snapshot {
            lineage: loaded.keys.lineage().clone(),
            ..Snapshot::new_random()?
        };
        let since = boot_time();
        // The lock has the number after the last entry: if that is not the first one, the run that wrote it
        // died, or is creating the snapshot now.
        let taking = async {
            match loaded.head.number {
                0 => self.take(&loaded, &hold, &options.request).await,
                _ => Ok(None),
            }
        };
        let creating = self.create_first(&loaded.keys, snapshot, options);
        let (created, head) = tokio::join!(creating, taking);
        let Some(head) = head? else {
            created?;
            return Ok(None);
        };
        let mut loaded = LoadedState { head, ..loaded };
        let first = match created {
            Ok(first) => first,
            Err(error) => {
                // The lock of a run that cannot begin is of no use.
                let epoch = loaded.head.epoch;
                let release = EntryContent::Release;
                let released = self.write_after(&loaded, epoch, &hold.holder, release);
                match released.await {
                    Ok(_) => options.request.end(),
                    Err(error) => {
                        tracing::debug!(%error, "the lock of the state was not released");
                    }
                }
                return Err(error);
            }
        };
        loaded.view = first.view;
        loaded.head.log = first.head.log;
        loaded.snapshot = Some(FIRST.number);
        Ok(Some(AcquiredLock {
            loaded,
            hold,
            lease: self.lease(since),
            is_new: true,
        }))
    }

    /// Creates the first snapshot, and returns the state as of it; as of that of another run if it was faster.
    async fn create_first(
        &self,
        keys: &Keys,
        snapshot: Snapshot,
        options: &OpenOptions,
    ) -> Result<LoadedState, StateError> {
        let version = Version::of(&snapshot, &options.holder, options.provenance.clone());
        let head = LogHead {
            log: Some(LogId::random()),
            ..LogHead::default()
        };
        let content = snapshot_content(&head, None, &snapshot)?;
        let create = async |object: ObjectId, clear: &[u8]| {
            let bytes: Bytes = keys
                .seal(object, Serial::default(), clear)
                .map_err(|error| self.log.not_sealed(&error))?;
            let created = self.log.create(object, &bytes, self.log.patience).await;
            created.map_err(|cause| self.log.failed(cause))
        };
        let history = ObjectId::new(Series::History, FIRST.number);
        let version = to_bytes(&version)?;
        let (_, created) = tokio::try_join!(create(history, &version), create(FIRST, &content))?;
        match created {
            Creation::Created => Ok(LoadedState::of(
                keys.clone(),
                StateView::new(snapshot),
                head,
            )),
            Creation::Exists => {
                let found = self.log.loaded_at(keys.clone(), FIRST.number).await?;
                found.ok_or_else(|| self.log.missing(FIRST))
            }
        }
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
            lock: self.system_lock.clone(),
        };
        Lease::new(self.log.location(), terms, since)
    }

    /// Returns the time until a lock may be taken over: none is left if its holder has ended, or is unattended and
    /// has not renewed its lease; `None` if it must be released.
    async fn expires_in(&self, held: &UnreleasedLock) -> Result<Option<Duration>, StateError> {
        if self.system_lock.is_some() {
            return Ok(Some(Duration::ZERO));
        }
        if !held.hold.unattended {
            return Ok(None);
        }
        let lease = Duration::from_secs(held.hold.lease_seconds) + self.timing.margin;
        Ok(Some(lease.saturating_sub(self.log.since(held.last).await?)))
    }

    /// Writes the entry with which a run has the lock; returns `None` if another run was faster.
    async fn take(
        &self,
        loaded: &LoadedState,
        hold: &Hold,
        request: &LockRequest,
    ) -> Result<Option<LogHead>, StateError> {
        if !request.send() {
            return Err(withdrawn(self.log.location()));
        }
        let epoch = loaded.head.epoch + 1;
        let content = EntryContent::Hold(hold.clone());
        let writing = self.write_after(loaded, epoch, &hold.holder, content);
        // Should other runs work between the answers, the writer refuses the first entry after this one.
        let checking = self.log.is_end(loaded.head.number + 1);
        let (written, is_end) = tokio::join!(writing, checking);
        let (written, is_end) = (written?, is_end?);
        let taken = written.filter(|_| is_end);
        if taken.is_none() {
            request.end();
        }
        Ok(taken)
    }

    /// Writes an entry after the last one; returns `None` if another run was faster.
    async fn write_after(
        &self,
        loaded: &LoadedState,
        epoch: u64,
        writer: &Holder,
        content: EntryContent,
    ) -> Result<Option<LogHead>, StateError> {
        let entry = LogEntry::new(&loaded.head.hash, epoch, writer, content);
        let object = ObjectId::new(Series::Log, loaded.head.number + 1);
        let serial = loaded.view.snapshot().serial;
        let bytes = loaded.keys.seal(object, serial, &to_bytes(&entry)?);
        let bytes = bytes.map_err(|error| self.log.not_sealed(&error))?;
        let created = self.log.create(object, &bytes, self.log.patience).await;
        match created.map_err(|cause| self.log.failed(cause))? {
            Creation::Exists => Ok(None),
            Creation::Created => Ok(Some(LogHead {
                log: loaded.head.log.clone(),
                number: object.number,
                hash: EntryHash::of(&bytes),
                epoch,
            })),
        }
    }

    /// Takes the lock from a run that does not answer, and releases it.
    ///
    /// If that run continues, its next entry is refused and it stops.
    ///
    /// # Errors
    /// As [`LogBackend::read`], and if the lock is not the one with this ID.
    pub fn break_lock(&self, id: &str, by: &Holder) -> Result<(), StateError> {
        on_thread(|| self.log.runtime()?.block_on(self.break_now(id, by)))
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
                    return Err(self.held_by(&held.hold.holder, None));
                }
                Some(_) => {}
            }
            let epoch = loaded.head.epoch + 1;
            let written = self.write_after(&loaded, epoch, by, EntryContent::Broken);
            if written.await?.is_some() {
                return Ok(());
            }
        }
    }
}
