//! Opening of a state on a server, and its lock.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use bytes::Bytes;
use eci_core::{Lineage, Serial};
use eci_state::{
    DeviceError, Holder, ObjectDamage, RemoteError, Snapshot, StateError, StateView, Version,
};
use eci_text::Text;
use tokio::sync::mpsc::unbounded_channel;
use uuid::Uuid;

use super::client::{HttpClient, HttpSettings, LockAnswer};
use super::document::{DocumentContent, DocumentProblem, StateDocument, StoredState, object};
use super::lock_info::LockInfo;
use super::store::HttpStore;
use super::writer::{DocumentCommand, DocumentWriter};
use crate::blocking::{self, on_thread};
use crate::keyring::{KeyRing, RING_FORMAT, ReaderKey};
use crate::keys::Keys;
use crate::lease::{Lease, LeaseTerms, boot_time};
use crate::lock_request::withdrawn;
use crate::lock_waiting::LockWaiting;
use crate::open_options::{LockWait, OpenOptions};
use crate::outage::OutageListener;
use crate::timing::LockTiming;
use crate::unfinished_migration::check_complete;
use crate::write_loop::WriteLoop as _;

/// The size of a document in bytes from which on no operation begins: each writes the whole document.
pub const LARGEST_DOCUMENT: usize = 8 << 20;

/// A state on a server that speaks the protocol of Terraform's `http` backend.
#[derive(Clone, Debug)]
pub struct HttpBackend {
    client: HttpClient,
    readers: Arc<[ReaderKey]>,
    timing: LockTiming,
    largest: usize,
    /// The keys that were unwrapped last: to derive one from a passphrase takes 0.3 s.
    unlocked: Arc<Mutex<Option<Keys>>>,
}

/// A state as it was read.
struct LoadedDocument {
    keys: Keys,
    snapshot: Snapshot,
    stored: StoredState,
    migrated_to: Option<String>,
}

impl HttpBackend {
    /// Creates a backend.
    ///
    /// `http` must have a timeout. The state is encrypted for all readers, and decrypted by any of
    /// them.
    pub fn new(
        settings: HttpSettings,
        http: reqwest::Client,
        readers: Vec<ReaderKey>,
    ) -> HttpBackend {
        HttpBackend {
            client: HttpClient::new(settings, http),
            readers: readers.into(),
            timing: LockTiming::default(),
            largest: LARGEST_DOCUMENT,
            unlocked: Arc::default(),
        }
    }

    /// Sets the times of locks.
    #[must_use]
    pub fn with_timing(mut self, timing: LockTiming) -> HttpBackend {
        self.timing = timing;
        self
    }

    /// Sets the listener for outages of the server.
    #[must_use]
    pub fn with_outage_listener(mut self, listener: OutageListener) -> HttpBackend {
        self.client = self.client.with_outage_listener(listener);
        self
    }

    /// Sets the size of a document in bytes from which on no operation begins.
    #[must_use]
    pub fn with_largest(mut self, largest: usize) -> HttpBackend {
        self.largest = largest;
        self
    }

    /// Returns the address of the state.
    pub fn location(&self) -> String {
        self.client.location()
    }

    fn failed(&self, cause: DeviceError) -> StateError {
        let location = self.location();
        RemoteError::Device { location, cause }.into()
    }

    fn refused(&self, cause: Text) -> StateError {
        self.failed(DeviceError::Refused { cause })
    }

    fn damaged(&self, object: impl ToString, damage: ObjectDamage) -> StateError {
        RemoteError::Damaged {
            location: self.location(),
            object: object.to_string(),
            damage,
        }
        .into()
    }

    fn runtime(&self) -> Result<tokio::runtime::Runtime, StateError> {
        blocking::runtime().map_err(|error| self.refused(Text::of(&error)))
    }

    /// Locks the state and reads it.
    ///
    /// A state that does not exist is created with the first record.
    ///
    /// Blocks until then.
    ///
    /// # Errors
    /// If another run holds the lock for longer than the timeout, the server does not answer, no key
    /// decrypts the state, or it is damaged; and if it was migrated, or is an unfinished copy.
    pub fn open(
        &self,
        options: OpenOptions,
        waiting: impl FnMut(LockWait<'_>) + Send,
    ) -> Result<HttpStore, StateError> {
        on_thread(|| self.open_here(options, waiting))
    }

    fn open_here(
        &self,
        options: OpenOptions,
        mut waiting: impl FnMut(LockWait<'_>),
    ) -> Result<HttpStore, StateError> {
        let runtime = self.runtime()?;
        let info = LockInfo::of(&options.holder);
        let request = options.request.clone();
        self.lock(&runtime, &options, &mut waiting)?;
        // Counted from before the state is read: no other run has written since.
        let since = boot_time();
        let loaded = runtime.block_on(self.load_or_create(&options));
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) => {
                // The lock is of no use to a run that cannot read the state.
                match runtime.block_on(self.client.unlock(&info)) {
                    Ok(()) => request.end(),
                    Err(error) => {
                        tracing::debug!(%error, "the lock of the state was not released");
                    }
                }
                return Err(error);
            }
        };
        let LoadedDocument {
            keys,
            snapshot,
            stored,
            ..
        } = loaded;
        let terms = LeaseTerms {
            length: self.timing.lease,
            call: self.timing.call,
            clock: boot_time,
            lock: None,
        };
        let lease = Lease::new(self.location(), terms, since);
        let previous_holder = stored.held.clone();
        let is_new = stored.number == 0;
        let is_pending = !snapshot.open_intents.is_empty();
        let (commands, received) = unbounded_channel();
        let writer = DocumentWriter {
            client: self.client.clone(),
            timing: self.timing,
            keys,
            readers: Arc::clone(&self.readers),
            holder: options.holder,
            provenance: options.provenance,
            lease: lease.clone(),
            stored,
            view: StateView::new(snapshot.clone()),
            is_due: false,
            waiting: Vec::new(),
            failed: None,
        };
        let thread = thread::Builder::new()
            .name("eci-state".to_owned())
            .spawn(move || runtime.block_on(writer.run(received)))
            .map_err(|error| self.refused(Text::of(&error)))?;
        let store = HttpStore {
            location: self.location(),
            largest: self.largest,
            view: StateView::new(snapshot),
            lease,
            commands,
            thread: Some(thread),
            previous_holder,
            is_new,
        };
        if store.previous_holder.is_some() && is_pending {
            // From now on that run notices that it has lost the lock. The lease is renewed meanwhile.
            store.call(DocumentCommand::Announce)?;
            let time = self.timing.until_quiet();
            let left = store.previous_holder();
            waiting(LockWait::Quiet { time, left });
            request.sleep(time);
        }
        if request.is_withdrawn() {
            store.close()?;
            request.end();
            return Err(withdrawn(self.location()));
        }
        Ok(store)
    }

    /// Waits for the lock.
    fn lock(
        &self,
        runtime: &tokio::runtime::Runtime,
        options: &OpenOptions,
        waiting: &mut impl FnMut(LockWait<'_>),
    ) -> Result<(), StateError> {
        let info = LockInfo::of(&options.holder);
        let mut lock_waiting = LockWaiting::new(options);
        loop {
            if !options.request.send() {
                return Err(withdrawn(self.location()));
            }
            let answer = runtime.block_on(self.client.lock(&info));
            let held = match answer.map_err(|cause| self.failed(cause))? {
                LockAnswer::Acquired => return Ok(()),
                LockAnswer::Held(held) => held.holder(),
            };
            options.request.end();
            let held = StateError::RemoteLockHeld {
                location: self.location(),
                holder: Box::new(held),
                expires_in: None,
            };
            lock_waiting.wait_out(held, waiting)?;
        }
    }

    async fn load_or_create(&self, options: &OpenOptions) -> Result<LoadedDocument, StateError> {
        if let Some(loaded) = self.load().await? {
            return if options.accept_migrated {
                Ok(loaded)
            } else {
                let loaded = self.unless_migrated(loaded)?;
                check_complete(&loaded.snapshot, || self.location())?;
                Ok(loaded)
            };
        }
        if self.readers.is_empty() {
            return Err(self.no_key());
        }
        let lineage = Lineage::new(Uuid::new_v4().to_string());
        let keys = Keys::create(&lineage, &self.readers);
        Ok(LoadedDocument {
            keys: keys.map_err(|error| error.at(self.location()))?,
            snapshot: Snapshot {
                lineage,
                ..Snapshot::new_random()?
            },
            stored: StoredState::default(),
            migrated_to: None,
        })
    }

    fn unless_migrated(&self, loaded: LoadedDocument) -> Result<LoadedDocument, StateError> {
        match loaded.migrated_to {
            None => Ok(loaded),
            Some(to) => {
                let location = self.location();
                Err(RemoteError::Migrated { location, to }.into())
            }
        }
    }

    /// Reads the state; `None` if it does not exist.
    async fn load(&self) -> Result<Option<LoadedDocument>, StateError> {
        let read = self.client.read().await;
        match read.map_err(|cause| self.failed(cause))? {
            Some(bytes) => self.opened(&bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Decrypts a document.
    fn opened(&self, bytes: &Bytes) -> Result<LoadedDocument, StateError> {
        let document = StateDocument::read(bytes).map_err(|problem| match problem {
            DocumentProblem::Foreign => {
                let location = self.location();
                RemoteError::Foreign { location }.into()
            }
            DocumentProblem::Damaged(damage) => self.damaged("document", damage),
        })?;
        let object = object(document.serial);
        if document.keys.format != RING_FORMAT {
            let damage = ObjectDamage::NewerFormat(document.keys.format);
            return Err(self.damaged(object, damage));
        }
        let mut keys = self.unlock(document.keys)?;
        let opened = keys.open(&self.readers, object, document.content.get().as_bytes());
        let opened = opened.map_err(|damage| self.damaged(object, damage))?;
        let content: DocumentContent<'_> = serde_json::from_slice(&opened.clear)
            .map_err(|error| self.damaged(object, ObjectDamage::Syntax(error.into())))?;
        let place = format!("{}#{}", self.location(), document.serial);
        let snapshot = content.document.get().as_bytes();
        Ok(LoadedDocument {
            keys,
            snapshot: Snapshot::from_document(snapshot, std::path::Path::new(&place))?,
            stored: StoredState {
                number: document.serial,
                size: bytes.len(),
                held: content.held,
                versions: content.versions,
            },
            migrated_to: content.migrated_to,
        })
    }

    fn no_key(&self) -> StateError {
        RemoteError::NoKey {
            location: self.location(),
            has_readers: !self.readers.is_empty(),
        }
        .into()
    }

    fn unlock(&self, ring: KeyRing) -> Result<Keys, StateError> {
        let mut unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = unlocked.as_ref().filter(|keys| keys.ring == ring) {
            return Ok(keys.clone());
        }
        let keys = Keys::unlock(ring, &self.readers).ok_or_else(|| self.no_key())?;
        *unlocked = Some(keys.clone());
        Ok(keys)
    }

    fn loaded(&self) -> Result<Option<LoadedDocument>, StateError> {
        on_thread(|| self.runtime()?.block_on(self.load()))
    }

    /// Reads the state without locking it; `None` if it does not exist.
    ///
    /// Blocks until then.
    ///
    /// # Errors
    /// As [`HttpBackend::open`], but a lock does not prevent it; and if the state was migrated.
    pub fn read(&self) -> Result<Option<Snapshot>, StateError> {
        let loaded = self.loaded()?;
        let loaded = loaded
            .map(|loaded| self.unless_migrated(loaded))
            .transpose()?;
        Ok(loaded.map(|loaded| loaded.snapshot))
    }

    /// Returns the address that the state was migrated to.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn migrated_to(&self) -> Result<Option<String>, StateError> {
        Ok(self.loaded()?.and_then(|loaded| loaded.migrated_to))
    }

    /// Reads what is left of a state that was migrated away.
    pub(crate) fn left_behind(&self) -> Result<Option<Snapshot>, StateError> {
        Ok(self.loaded()?.map(|loaded| loaded.snapshot))
    }

    /// Returns the run that has written the document, unless it has ended since.
    ///
    /// The protocol has no way to ask for the lock without requesting it, see [`HttpBackend::lock_holder`].
    ///
    /// # Errors
    /// As [`HttpBackend::read`].
    pub fn holder(&self) -> Result<Option<Holder>, StateError> {
        Ok(self.loaded()?.and_then(|loaded| loaded.stored.held))
    }

    /// Returns the run that holds the lock: it is requested, and released at once if it was free.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn lock_holder(&self, by: &Holder) -> Result<Option<Holder>, StateError> {
        on_thread(|| {
            let runtime = self.runtime()?;
            let info = LockInfo::of(by);
            let answer = runtime.block_on(self.client.lock(&info));
            match answer.map_err(|cause| self.failed(cause))? {
                LockAnswer::Held(held) => Ok(Some(held.holder())),
                LockAnswer::Acquired => {
                    let released = runtime.block_on(self.client.unlock(&info));
                    released.map_err(|cause| self.failed(cause))?;
                    Ok(None)
                }
            }
        })
    }

    /// Releases the lock of this run on its behalf.
    ///
    /// If that run continues, its next document is refused by a server that checks locks, and it stops.
    ///
    /// # Errors
    /// If the server does not answer, or refuses to.
    pub fn break_lock(&self, holder: &Holder) -> Result<(), StateError> {
        on_thread(|| {
            let info = LockInfo::of(holder);
            let released = self.runtime()?.block_on(self.client.unlock(&info));
            released.map_err(|cause| self.failed(cause))
        })
    }

    /// Returns who wrote which version, the oldest first.
    ///
    /// Only GitLab keeps more than the last one.
    ///
    /// # Errors
    /// As [`HttpBackend::read`].
    pub fn history(&self) -> Result<Vec<Version>, StateError> {
        let loaded = self.loaded()?;
        let versions = loaded.map(|loaded| loaded.stored.versions);
        let versions = versions.unwrap_or_default().into_iter();
        Ok(versions.map(|stored| stored.version).collect())
    }

    /// Returns the newest version with this serial; `None` if none is kept.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn version(&self, serial: Serial) -> Result<Option<Snapshot>, StateError> {
        let Some(loaded) = self.loaded()? else {
            return Ok(None);
        };
        if loaded.snapshot.serial == serial {
            return Ok(Some(loaded.snapshot));
        }
        let mut newest = loaded.stored.versions.iter().rev();
        let Some(found) = newest.find(|stored| stored.version.serial == serial) else {
            return Ok(None);
        };
        let read = on_thread(|| {
            let reading = self.client.read_version(found.number);
            let read = self.runtime()?.block_on(reading);
            read.map_err(|cause| self.failed(cause))
        })?;
        match read {
            Some(bytes) => Ok(Some(self.opened(&bytes)?.snapshot)),
            None => Err(RemoteError::VersionNotKept {
                location: self.location(),
                serial,
            }
            .into()),
        }
    }
}
