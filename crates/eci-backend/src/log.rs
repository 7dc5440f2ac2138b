//! The log of a state on a device: what is read from it, and how an entry is added.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use eci_core::{DigestKey, Lineage, Serial};
use eci_state::{
    DeviceError, Holder, ObjectDamage, Record, RemoteError, Snapshot, StateError, StateView,
    Version,
};
use eci_text::{Text, text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::device::{Creation, DeviceFuture, LogDevice, ObjectId, Series, StoredObject};
use crate::entry::{Content, Entry, EntryHash, Hold};
use crate::keyring::{KeyRing, RING_FORMAT, ReaderKey};
use crate::keys::Keys;
use crate::seal::SecretKey;
use crate::seal_error::SealError;

/// The number of objects that are read at once.
const READS_AT_ONCE: usize = 16;

/// The first pause before an operation is repeated; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause before an operation is repeated.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The number of times that a state is read again because objects disappeared meanwhile.
const READ_AGAIN: usize = 5;

/// A state on a device.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) device: Arc<dyn LogDevice>,
    pub(crate) readers: Arc<[ReaderKey]>,
    /// The time for which a failed operation is repeated.
    pub(crate) patience: Duration,
    /// The keys that were unwrapped last: to derive one from a passphrase takes 0.3 s.
    pub(crate) unlocked: Arc<Mutex<Option<Keys>>>,
}

/// A state as it was read.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) keys: Keys,
    pub(crate) view: StateView,
    pub(crate) head: Head,
    /// The number of the snapshot that was read; `None` if the state is new.
    pub(crate) snapshot: Option<u64>,
    /// The lock that was taken last, unless it was released.
    pub(crate) held: Option<Held>,
    /// The time since the last entry of a run that did not release the lock, if its calls may still take
    /// effect.
    pub(crate) unreleased: Option<Unreleased>,
    /// The address to which the state was moved.
    pub(crate) moved: Option<String>,
}

/// The end of a log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    /// The number of the last entry; 0 before the first one.
    pub(crate) number: u64,
    /// Its hash.
    pub(crate) hash: EntryHash,
    /// The number of holds so far.
    pub(crate) epoch: u64,
}

/// A lock that was not released.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) hold: Hold,
    /// The time of the last entry of the run by the clock of the store.
    pub(crate) last: Timestamp,
}

/// A run that lost the lock without releasing it.
#[derive(Clone, Debug)]
pub(crate) struct Unreleased {
    /// The run.
    pub(crate) holder: Holder,
    /// The time of its last entry by the clock of the store.
    pub(crate) last: Timestamp,
    /// The time after that entry in which its calls may take effect, without the margin.
    pub(crate) reach: Duration,
}

/// The content of a snapshot object.
#[derive(Serialize, Deserialize)]
struct SnapshotContent<'a> {
    /// The hash of the last entry that is included.
    head: EntryHash,
    /// The number of holds until then.
    epoch: u64,
    /// The lock, if it was held when the snapshot was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<Hold>,
    /// The snapshot, as in a file.
    #[serde(borrow)]
    document: &'a RawValue,
}

impl Log {
    pub(crate) fn location(&self) -> String {
        self.device.location()
    }

    pub(crate) fn failed(&self, cause: DeviceError) -> StateError {
        let location = self.location();
        RemoteError::Device { location, cause }.into()
    }

    pub(crate) fn damaged(&self, object: ObjectId, damage: ObjectDamage) -> StateError {
        let (location, object) = (self.location(), object.to_string());
        RemoteError::Damaged {
            location,
            object,
            damage,
        }
        .into()
    }

    pub(crate) fn missing(&self, object: ObjectId) -> StateError {
        let (location, object) = (self.location(), object.to_string());
        RemoteError::Missing { location, object }.into()
    }

    /// Returns the error for an operation that this machine refuses.
    pub(crate) fn refused(&self, error: &std::io::Error) -> StateError {
        let cause = Text::of(error);
        self.failed(DeviceError::Refused { cause })
    }

    /// Returns the error for an object that could not be encrypted.
    pub(crate) fn not_sealed(&self, error: &SealError) -> StateError {
        let cause = Text::of(error);
        self.failed(DeviceError::Refused { cause })
    }

    /// Repeats an operation while the store is unavailable.
    pub(crate) async fn retried<'a, T>(
        &'a self,
        patience: Duration,
        operation: impl Fn() -> DeviceFuture<'a, T>,
    ) -> Result<T, DeviceError> {
        let began = tokio::time::Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            match operation().await {
                Err(error) if error.is_transient() && began.elapsed() + pause < patience => {
                    tracing::debug!(%error, ?pause, "the store is unavailable");
                    tokio::time::sleep(pause).await;
                    pause = (2 * pause).min(LONGEST_PAUSE);
                }
                done => return done,
            }
        }
    }

    /// Creates an object, or finds out that it exists.
    ///
    /// The answer to a create may be lost, and a proxy may repeat one: an object of this content is the
    /// one that is to be created.
    ///
    /// # Errors
    /// If the store does not answer for `patience`, or refuses the operation.
    pub(crate) async fn create(
        &self,
        object: ObjectId,
        bytes: &Bytes,
        patience: Duration,
    ) -> Result<Creation, DeviceError> {
        self.retried(patience, || {
            Box::pin(async move {
                if self.device.create(object, bytes.clone()).await? == Creation::Created {
                    return Ok(Creation::Created);
                }
                match self.device.get(object).await? {
                    Some(found) if found.bytes == *bytes => Ok(Creation::Created),
                    Some(_) => Ok(Creation::Exists),
                    // A store that was busy with another create reports a conflict, too.
                    None => Err(DeviceError::Unavailable {
                        cause: text!(
                            en: "`{object}` exists, but cannot be read",
                            zh: "`{object}` 已存在，但无法读取",
                            object = object.to_string(),
                        ),
                    }),
                }
            })
        })
        .await
    }

    /// Prepares the store for a state.
    pub(crate) async fn prepare(&self) -> Result<(), StateError> {
        let prepared = self.retried(self.patience, || self.device.prepare());
        prepared.await.map_err(|cause| self.failed(cause))
    }

    /// Checks that the store refuses to create an object twice. A store that accepts it has no lock: a
    /// bucket with versions of Ceph does that, silently.
    ///
    /// # Errors
    /// If it does not refuse that, or does not answer.
    pub(crate) async fn probe(&self) -> Result<(), StateError> {
        let (number, _) = Uuid::new_v4().as_u64_pair();
        // Stores in databases have signed numbers.
        let object = ObjectId::new(Series::Probe, number >> 1);
        let mut last = Creation::Created;
        for content in ["first", "second"] {
            let bytes = Bytes::from(format!("{content} {}", Uuid::new_v4()));
            let created = self.create(object, &bytes, self.patience).await;
            last = created.map_err(|cause| self.failed(cause))?;
        }
        // What remains of it harms no state.
        let _ = self.device.delete(object).await;
        match last {
            Creation::Exists => Ok(()),
            Creation::Created => {
                let location = self.location();
                Err(RemoteError::Overwrites { location }.into())
            }
        }
    }

    /// Returns the time since a time, both by the clock of the store.
    pub(crate) async fn since(&self, time: Timestamp) -> Result<Duration, StateError> {
        let now = self.retried(self.patience, || self.device.now()).await;
        let passed = now
            .map_err(|cause| self.failed(cause))?
            .duration_since(time);
        Ok(Duration::try_from(passed).unwrap_or_default())
    }

    pub(crate) async fn get(&self, object: ObjectId) -> Result<Option<StoredObject>, StateError> {
        let got = self.retried(self.patience, || self.device.get(object));
        got.await.map_err(|cause| self.failed(cause))
    }

    pub(crate) async fn list(&self, series: Series, from: u64) -> Result<Vec<u64>, StateError> {
        let listed = self.retried(self.patience, || self.device.list(series, from));
        listed.await.map_err(|cause| self.failed(cause))
    }

    /// Reads the keys of the state; `None` if the state does not exist.
    pub(crate) async fn keys(&self) -> Result<Option<Keys>, StateError> {
        let Some(number) = self.last_keys().await? else {
            return Ok(None);
        };
        let object = ObjectId::new(Series::Keys, number);
        let stored = self.get(object).await?;
        let stored = stored.ok_or_else(|| self.missing(object))?;
        let ring: KeyRing = serde_json::from_slice(&stored.bytes)
            .map_err(|error| self.damaged(object, ObjectDamage::Syntax(error.into())))?;
        if ring.format != RING_FORMAT {
            return Err(self.damaged(object, ObjectDamage::NewerFormat(ring.format)));
        }
        self.unlock(ring).map(Some)
    }

    /// Returns the number of the newest keys; `None` if the state does not exist.
    async fn last_keys(&self) -> Result<Option<u64>, StateError> {
        if let Some(number) = self.list(Series::Keys, 0).await?.pop() {
            return Ok(Some(number));
        }
        let mut is_empty = true;
        for series in [Series::Snapshot, Series::Log] {
            is_empty &= self.list(series, 0).await?.is_empty();
        }
        if is_empty {
            return Ok(None);
        }
        // Another run may have created the state since the first look: keys come first.
        let number = self.list(Series::Keys, 0).await?.pop();
        let number = number.ok_or_else(|| self.missing(ObjectId::new(Series::Keys, 1)));
        number.map(Some)
    }

    fn unlock(&self, ring: KeyRing) -> Result<Keys, StateError> {
        let mut unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = unlocked.as_ref().filter(|keys| keys.ring == ring) {
            return Ok(keys.clone());
        }
        let keys = Keys::unlock(ring, &self.readers).ok_or_else(|| RemoteError::NoKey {
            location: self.location(),
            has_readers: !self.readers.is_empty(),
        })?;
        *unlocked = Some(keys.clone());
        Ok(keys)
    }

    /// Writes keys in place of those with a lower number. Those are removed: what a former reader could
    /// unwrap is not stored any more.
    pub(crate) async fn replace_keys(&self, keys: &Keys) -> Result<(), StateError> {
        let numbers = self.list(Series::Keys, 0).await?;
        let next = numbers.last().map_or(1, |last| last + 1);
        let object = ObjectId::new(Series::Keys, next);
        let bytes = to_bytes(&keys.ring)?;
        match self.create(object, &bytes, self.patience).await {
            Ok(Creation::Created) => {}
            Ok(Creation::Exists) => {
                let location = self.location();
                return Err(RemoteError::Superseded { location, by: None }.into());
            }
            Err(cause) => return Err(self.failed(cause)),
        }
        for number in numbers {
            let object = ObjectId::new(Series::Keys, number);
            let removed = self.retried(self.patience, || self.device.delete(object));
            removed.await.map_err(|cause| self.failed(cause))?;
        }
        let mut unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        *unlocked = Some(keys.clone());
        Ok(())
    }

    /// Removes all objects of an empty state except its keys: the entries from the last to the first, so that
    /// what remains at any instant is a state.
    pub(crate) async fn remove_all(&self) -> Result<(), StateError> {
        for series in [Series::Plan, Series::Log, Series::History, Series::Snapshot] {
            let mut numbers = self.list(series, 0).await?;
            if series == Series::Log {
                numbers.reverse();
            }
            for number in numbers {
                let object = ObjectId::new(series, number);
                let removed = self.retried(self.patience, || self.device.delete(object));
                removed.await.map_err(|cause| self.failed(cause))?;
            }
        }
        Ok(())
    }

    /// Creates the keys of a new state, or reads those that another run has created meanwhile.
    pub(crate) async fn create_keys(&self) -> Result<Keys, StateError> {
        if self.readers.is_empty() {
            return Err(RemoteError::NoKey {
                location: self.location(),
                has_readers: false,
            }
            .into());
        }
        let lineage = Lineage::new(Uuid::new_v4().to_string());
        let keys = Keys::create(&lineage, &self.readers);
        let ring = keys.map_err(|error| self.not_sealed(&error))?.ring;
        let bytes = to_bytes(&ring)?;
        let object = ObjectId::new(Series::Keys, 1);
        match self.create(object, &bytes, self.patience).await {
            Ok(Creation::Created) => self.unlock(ring),
            Ok(Creation::Exists) => {
                let keys = self.keys().await?;
                keys.ok_or_else(|| self.missing(object))
            }
            Err(cause) => Err(self.failed(cause)),
        }
    }

    /// Reads the state; `None` if it does not exist.
    ///
    /// # Errors
    /// If the store cannot be read, no key decrypts the state, or it is damaged.
    pub(crate) async fn load(&self) -> Result<Option<Loaded>, StateError> {
        for _ in 0..READ_AGAIN {
            let Some(keys) = self.keys().await? else {
                return Ok(None);
            };
            match self.load_with(keys).await? {
                Reading::Complete(loaded) => return Ok(Some(*loaded)),
                // A run has written a snapshot and removed what it includes.
                Reading::Outdated(object) => tracing::debug!(%object, "the state is read again"),
            }
        }
        let keys = self.keys().await?;
        let Some(keys) = keys else { return Ok(None) };
        match self.load_with(keys).await? {
            Reading::Complete(loaded) => Ok(Some(*loaded)),
            Reading::Outdated(object) => Err(self.missing(object)),
        }
    }

    async fn load_with(&self, keys: Keys) -> Result<Reading, StateError> {
        let snapshot = self.list(Series::Snapshot, 0).await?.pop();
        let mut loaded = match snapshot {
            None => {
                let digest_key = SecretKey::random().map_err(|error| self.not_sealed(&error))?;
                let digest_key = DigestKey::new(*digest_key.expose());
                let snapshot = Snapshot::new(keys.lineage().clone(), digest_key);
                Loaded::of(keys, StateView::new(snapshot), Head::default())
            }
            Some(number) => match self.loaded_at(keys, number).await? {
                Some(loaded) => loaded,
                None => {
                    let object = ObjectId::new(Series::Snapshot, number);
                    return Ok(Reading::Outdated(object));
                }
            },
        };
        match self.replay(&mut loaded).await? {
            Some(object) => Ok(Reading::Outdated(object)),
            None => Ok(Reading::Complete(Box::new(loaded))),
        }
    }

    /// Reads the state as of the snapshot with this number; `None` if it does not exist.
    pub(crate) async fn loaded_at(
        &self,
        mut keys: Keys,
        number: u64,
    ) -> Result<Option<Loaded>, StateError> {
        let object = ObjectId::new(Series::Snapshot, number);
        let Some(stored) = self.get(object).await? else {
            return Ok(None);
        };
        let opened = keys.open(&self.readers, object, &stored.bytes);
        let opened = opened.map_err(|damage| self.damaged(object, damage))?;
        let content: SnapshotContent<'_> = serde_json::from_slice(&opened)
            .map_err(|error| self.damaged(object, ObjectDamage::Syntax(error.into())))?;
        let head = Head {
            number,
            hash: content.head,
            epoch: content.epoch,
        };
        let last = stored.created;
        let held = content.held.map(|hold| Held { hold, last });
        let place = format!("{}/{object}", self.location());
        let document = content.document.get().as_bytes();
        let state = Snapshot::from_document(document, Path::new(&place))?;
        Ok(Some(Loaded {
            snapshot: Some(number),
            held,
            ..Loaded::of(keys, StateView::new(state), head)
        }))
    }

    /// Returns earlier snapshots, the oldest first; unreadable ones are left out.
    pub(crate) async fn snapshots(&self) -> Result<Vec<Snapshot>, StateError> {
        let Some(mut keys) = self.keys().await? else {
            return Ok(Vec::new());
        };
        let mut snapshots = Vec::new();
        for number in self.list(Series::Snapshot, 0).await? {
            match self.snapshot_at(&mut keys, number).await {
                Ok(snapshot) => snapshots.extend(snapshot),
                Err(StateError::Remote(error @ RemoteError::Device { .. })) => {
                    return Err(error.into());
                }
                Err(error) => tracing::debug!(%error, number, "an earlier version is left out"),
            }
        }
        Ok(snapshots)
    }

    /// Returns the snapshot with this number; `None` if it does not exist.
    async fn snapshot_at(
        &self,
        keys: &mut Keys,
        number: u64,
    ) -> Result<Option<Snapshot>, StateError> {
        let object = ObjectId::new(Series::Snapshot, number);
        let Some(stored) = self.get(object).await? else {
            return Ok(None);
        };
        let opened = keys.open(&self.readers, object, &stored.bytes);
        let opened = opened.map_err(|damage| self.damaged(object, damage))?;
        let content: SnapshotContent<'_> = serde_json::from_slice(&opened)
            .map_err(|error| self.damaged(object, ObjectDamage::Syntax(error.into())))?;
        let place = format!("{}/{object}", self.location());
        let document = content.document.get().as_bytes();
        Snapshot::from_document(document, Path::new(&place)).map(Some)
    }

    /// Returns the newest snapshot with this serial; `None` if none is kept.
    pub(crate) async fn version(&self, serial: Serial) -> Result<Option<Snapshot>, StateError> {
        let Some(mut keys) = self.keys().await? else {
            return Ok(None);
        };
        let authored = self.authored(&mut keys).await?;
        let newest = authored.iter().rev();
        let mut numbers = newest.filter(|(_, version)| version.serial == serial);
        match numbers.next() {
            Some((number, _)) => self.snapshot_at(&mut keys, *number).await,
            None => Ok(None),
        }
    }

    /// Returns who wrote which version, the oldest first.
    pub(crate) async fn history(&self) -> Result<Vec<Version>, StateError> {
        match self.keys().await? {
            Some(mut keys) => Ok(self.authored(&mut keys).await?.into_values().collect()),
            None => Ok(Vec::new()),
        }
    }

    /// Returns who wrote which version, by the numbers of the snapshots that are kept.
    async fn authored(&self, keys: &mut Keys) -> Result<BTreeMap<u64, Version>, StateError> {
        let numbers = self.list(Series::Snapshot, 0).await?;
        let mut authored = BTreeMap::new();
        for chunk in numbers.chunks(READS_AT_ONCE) {
            for (object, stored) in self.get_all(Series::History, chunk).await? {
                let Some(stored) = stored else { continue };
                let opened = keys.open(&self.readers, object, &stored.bytes);
                let opened = opened.map_err(|damage| self.damaged(object, damage))?;
                let version = serde_json::from_slice(&opened)
                    .map_err(|error| self.damaged(object, ObjectDamage::Syntax(error.into())))?;
                authored.insert(object.number, version);
            }
        }
        Ok(authored)
    }

    /// Reads the entries after the head and applies them; returns one that disappeared meanwhile.
    pub(crate) async fn replay(&self, loaded: &mut Loaded) -> Result<Option<ObjectId>, StateError> {
        let first = loaded.head.number + 1;
        let numbers = self.list(Series::Log, first).await?;
        if let Some((expected, _)) = (first..).zip(&numbers).find(|(at, found)| at != *found) {
            // Nothing but damage leaves a gap, unless a new snapshot includes what is before it.
            let object = ObjectId::new(Series::Log, expected);
            let newest = self.list(Series::Snapshot, first).await?.pop();
            return match newest {
                Some(_) => Ok(Some(object)),
                None => Err(self.missing(object)),
            };
        }
        for chunk in numbers.chunks(READS_AT_ONCE) {
            for (object, stored) in self.get_all(Series::Log, chunk).await? {
                let Some(stored) = stored else {
                    return Ok(Some(object));
                };
                self.apply(loaded, object, &stored)?;
            }
        }
        Ok(None)
    }

    /// Returns objects of a series in the order of their numbers.
    async fn get_all(
        &self,
        series: Series,
        numbers: &[u64],
    ) -> Result<BTreeMap<ObjectId, Option<StoredObject>>, StateError> {
        let mut reading = JoinSet::new();
        for number in numbers {
            let log = self.clone();
            let object = ObjectId::new(series, *number);
            reading.spawn(async move { (object, log.get(object).await) });
        }
        let mut read = BTreeMap::new();
        while let Some(joined) = reading.join_next().await {
            let (object, stored) = joined.map_err(|error| {
                let cause = Text::of_error(&error);
                self.failed(DeviceError::Refused { cause })
            })?;
            read.insert(object, stored?);
        }
        Ok(read)
    }

    fn apply(
        &self,
        loaded: &mut Loaded,
        object: ObjectId,
        stored: &StoredObject,
    ) -> Result<(), StateError> {
        let damaged = |damage| self.damaged(object, damage);
        let opened = loaded.keys.open(&self.readers, object, &stored.bytes);
        let opened = opened.map_err(damaged)?;
        let entry: Entry = serde_json::from_slice(&opened)
            .map_err(|error| damaged(ObjectDamage::Syntax(error.into())))?;
        if entry.previous != loaded.head.hash {
            return Err(damaged(ObjectDamage::OutOfPlace));
        }
        if let Content::Records(records) = &entry.content {
            let records: Vec<Record> = serde_json::from_str(records.get())
                .map_err(|error| damaged(ObjectDamage::Syntax(error.into())))?;
            let valid = loaded.view.validate(&records);
            valid.map_err(|error| damaged(ObjectDamage::Content(error.into())))?;
            loaded.view.apply_validated(&records);
        }
        loaded.head = Head {
            number: object.number,
            hash: EntryHash::of(&stored.bytes),
            epoch: entry.epoch,
        };
        loaded.follow(entry.content, stored.created);
        Ok(())
    }
}

/// The result of reading a state.
enum Reading {
    Complete(Box<Loaded>),
    /// An object disappeared while the state was read.
    Outdated(ObjectId),
}

impl Loaded {
    /// Returns a state without a lock holder.
    pub(crate) fn of(keys: Keys, view: StateView, head: Head) -> Loaded {
        Loaded {
            keys,
            view,
            head,
            snapshot: None,
            held: None,
            unreleased: None,
            moved: None,
        }
    }

    /// Follows the lock through an entry.
    pub(crate) fn follow(&mut self, content: Content, time: Timestamp) {
        match content {
            Content::Hold(hold) => {
                self.left();
                self.held = Some(Held { hold, last: time });
            }
            Content::Renew | Content::Records(_) => {
                if let Some(held) = &mut self.held {
                    held.last = time;
                }
            }
            Content::Release => {
                self.held = None;
            }
            Content::Broken => {
                self.left();
                self.held = None;
            }
            Content::Moved { to } => {
                self.held = None;
                self.moved = Some(to);
            }
        }
    }

    /// Notes that the run that had the lock did not release it.
    pub(crate) fn left(&mut self) {
        if let Some(Held { hold, last }) = self.held.take() {
            let reach = Duration::from_secs(hold.lease_seconds + hold.call_seconds);
            let holder = hold.holder;
            self.unreleased = Some(Unreleased {
                holder,
                last,
                reach,
            });
        }
    }

    /// Returns the run that has the lock.
    pub(crate) fn holder(&self) -> Option<&Holder> {
        self.held.as_ref().map(|held| &held.hold.holder)
    }
}

/// Returns the content of a snapshot object that is written under a lock.
pub(crate) fn snapshot_content(
    head: &Head,
    held: Option<&Hold>,
    snapshot: &Snapshot,
) -> Result<Vec<u8>, StateError> {
    let document = snapshot.to_document()?;
    let document: &RawValue = serde_json::from_str(document.trim_end()).map_err(internal)?;
    let content = SnapshotContent {
        head: head.hash.clone(),
        epoch: head.epoch,
        held: held.cloned(),
        document,
    };
    Ok(to_bytes(&content)?.to_vec())
}

/// Serializes what always can be.
pub(crate) fn to_bytes(value: &impl Serialize) -> Result<Bytes, StateError> {
    serde_json::to_vec(value).map(Bytes::from).map_err(internal)
}

fn internal(cause: serde_json::Error) -> StateError {
    StateError::NotSerializable {
        what: eci_text::text!(en: "an entry of the state", zh: "状态的条目"),
        cause,
    }
}
