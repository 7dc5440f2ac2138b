//! The reading of a state: its newest snapshot, and the entries after it.
//!
//! What can be read at once is: a store may be far away. First the names of all objects, then their contents.

use std::time::Duration;

use eci_core::DigestKey;
use eci_state::{Holder, ObjectDamage, Record, Snapshot, StateError, StateView};
use jiff::Timestamp;

use crate::device::{ObjectId, Series, StoredObject};
use crate::entry::{EntryContent, EntryHash, Hold, LogEntry, LogHead};
use crate::keys::Keys;
use crate::log::{FoundObject, Log};
use crate::prune::ObsoleteObjects;
use crate::seal::SecretKey;
use crate::snapshot_object::SnapshotObject;

/// The number of times that a state is read because objects disappeared meanwhile.
const ATTEMPTS: usize = 6;

/// A state as it was read.
#[derive(Debug)]
pub(crate) struct LoadedState {
    pub(crate) keys: Keys,
    pub(crate) view: StateView,
    pub(crate) head: LogHead,
    /// The number of the snapshot that was read; `None` if the state is new.
    pub(crate) snapshot: Option<u64>,
    /// The lock that was taken last, unless it was released.
    pub(crate) held: Option<UnreleasedLock>,
    /// The time since the last entry of a run that did not release the lock, if its calls may still take
    /// effect.
    pub(crate) unreleased: Option<LostLock>,
    /// The address to which the state was migrated.
    pub(crate) migrated_to: Option<String>,
    /// The objects that newer snapshots make obsolete.
    pub(crate) obsolete: ObsoleteObjects,
}

/// A lock that was not released.
#[derive(Clone, Debug)]
pub(crate) struct UnreleasedLock {
    pub(crate) hold: Hold,
    /// The time of the last entry of the run by the clock of the store.
    pub(crate) last: Timestamp,
}

/// A run that lost the lock without releasing it.
#[derive(Clone, Debug)]
pub(crate) struct LostLock {
    /// The run.
    pub(crate) holder: Holder,
    /// The time of its last entry by the clock of the store.
    pub(crate) last: Timestamp,
    /// The time after that entry in which its calls may take effect, without the margin.
    pub(crate) reach: Duration,
}

/// The numbers of the objects of a state, in ascending order.
pub(crate) struct ObjectNumbers {
    keys: Vec<u64>,
    snapshots: Vec<u64>,
    entries: Vec<u64>,
}

impl ObjectNumbers {
    /// Returns the number of the newest keys; `None` if the state does not exist.
    pub(crate) fn last_keys(&self) -> Option<u64> {
        self.keys.last().copied()
    }
}

/// The result of reading a state.
enum LoadResult {
    Complete(Box<LoadedState>),
    /// An object disappeared while the state was read.
    Outdated(ObjectId),
}

impl Log {
    /// Lists the objects of the state.
    ///
    /// # Errors
    /// If the store cannot be read, or the keys of a state are missing.
    pub(crate) async fn listing(&self) -> Result<ObjectNumbers, StateError> {
        let (keys, snapshots, entries) = tokio::try_join!(
            self.list(Series::Keys, 0),
            self.list(Series::Snapshot, 0),
            self.list(Series::Log, 0),
        )?;
        let mut listing = ObjectNumbers {
            keys,
            snapshots,
            entries,
        };
        let is_empty = listing.snapshots.is_empty() && listing.entries.is_empty();
        if listing.keys.is_empty() && !is_empty {
            // Another run may have created the state meanwhile: keys come first.
            listing.keys = self.list(Series::Keys, 0).await?;
            if listing.keys.is_empty() {
                return Err(self.missing(ObjectId::new(Series::Keys, 1)));
            }
        }
        Ok(listing)
    }

    /// Reads the state; `None` if it does not exist.
    ///
    /// # Errors
    /// If the store cannot be read, no key decrypts the state, or it is damaged.
    pub(crate) async fn load(&self) -> Result<Option<LoadedState>, StateError> {
        let mut attempts = 1;
        loop {
            let listing = self.listing().await?;
            let Some(keys) = listing.last_keys() else {
                return Ok(None);
            };
            let keys = ObjectId::new(Series::Keys, keys);
            match self.load_listed(keys, &listing).await {
                Ok(LoadResult::Complete(loaded)) => return Ok(Some(*loaded)),
                // A run has written a snapshot and removed what it includes.
                Ok(LoadResult::Outdated(object)) if attempts < ATTEMPTS => {
                    tracing::debug!(%object, "the state is read again");
                }
                Ok(LoadResult::Outdated(object)) => return Err(self.missing(object)),
                // What these keys do not decrypt may have been encrypted with newer ones.
                Err(error) if error.is_damage() && attempts < ATTEMPTS => {
                    if self.list(Series::Keys, keys.number + 1).await?.is_empty() {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
            attempts += 1;
        }
    }

    async fn load_listed(
        &self,
        keys_object: ObjectId,
        listing: &ObjectNumbers,
    ) -> Result<LoadResult, StateError> {
        let snapshot = listing.snapshots.last().copied();
        let snapshot_object = snapshot.map(|number| ObjectId::new(Series::Snapshot, number));
        let first = snapshot.map_or(1, |number| number + 1);
        let entries = listing.entries.partition_point(|number| *number < first);
        let entries = &listing.entries[entries..];
        if let Some(missing) = gap(first, entries) {
            let object = ObjectId::new(Series::Log, missing);
            // Nothing but damage leaves a gap, unless a new snapshot includes what is before it.
            let newer = self.list(Series::Snapshot, first).await?;
            return if newer.is_empty() {
                Err(self.missing(object))
            } else {
                Ok(LoadResult::Outdated(object))
            };
        }
        let unlocking = async {
            let Some(stored) = self.get(keys_object).await? else {
                return Ok(None);
            };
            // To derive a key from a passphrase takes as long as several calls.
            let log = self.clone();
            let unlocking =
                tokio::task::spawn_blocking(move || log.unlock_stored(keys_object, &stored));
            match unlocking.await {
                Ok(keys) => keys.map(Some),
                Err(error) => Err(self.refused(&error)),
            }
        };
        let reading = async {
            match snapshot_object {
                Some(object) => self.get(object).await,
                None => Ok(None),
            }
        };
        let (keys, stored, entries) =
            tokio::try_join!(unlocking, reading, self.get_all(Series::Log, entries))?;
        let Some(keys) = keys else {
            return Ok(LoadResult::Outdated(keys_object));
        };
        let mut loaded = match (snapshot_object, stored) {
            (Some(object), Some(stored)) => self.opened(keys, object, &stored)?,
            (Some(object), None) => return Ok(LoadResult::Outdated(object)),
            (None, _) => self.empty(keys)?,
        };
        let mut has_records = false;
        for FoundObject { object, stored } in entries {
            let Some(stored) = stored else {
                return Ok(LoadResult::Outdated(object));
            };
            has_records |= self.apply(&mut loaded, object, &stored)?;
        }
        if loaded.snapshot.is_none() && has_records {
            // A run records nothing before the first snapshot is there, which may be newer than the listing.
            let first = ObjectId::new(Series::Snapshot, 0);
            return if self.list(Series::Snapshot, 0).await?.is_empty() {
                Err(self.missing(first))
            } else {
                Ok(LoadResult::Outdated(first))
            };
        }
        loaded.obsolete = ObsoleteObjects::of(&listing.snapshots, &listing.entries, self.versions);
        Ok(LoadResult::Complete(Box::new(loaded)))
    }

    /// Returns the state before its first snapshot.
    pub(crate) fn empty(&self, keys: Keys) -> Result<LoadedState, StateError> {
        let digest_key = SecretKey::random().map_err(|error| self.not_sealed(&error))?;
        let digest_key = DigestKey::new(*digest_key.expose());
        let snapshot = Snapshot::new(keys.lineage().clone(), digest_key);
        Ok(LoadedState::of(
            keys,
            StateView::new(snapshot),
            LogHead::default(),
        ))
    }

    /// Reads the state as of the snapshot with this number; `None` if it does not exist.
    pub(crate) async fn loaded_at(
        &self,
        keys: Keys,
        number: u64,
    ) -> Result<Option<LoadedState>, StateError> {
        let object = ObjectId::new(Series::Snapshot, number);
        match self.get(object).await? {
            Some(stored) => self.opened(keys, object, &stored).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the state as of a snapshot.
    fn opened(
        &self,
        mut keys: Keys,
        object: ObjectId,
        stored: &StoredObject,
    ) -> Result<LoadedState, StateError> {
        let SnapshotObject {
            head,
            held,
            snapshot,
        } = self.open_snapshot(&mut keys, object, stored)?;
        let last = stored.created;
        Ok(LoadedState {
            snapshot: Some(object.number),
            held: held.map(|hold| UnreleasedLock { hold, last }),
            ..LoadedState::of(keys, StateView::new(snapshot), head)
        })
    }

    /// Decrypts and reads the next entry.
    pub(crate) fn open_entry(
        &self,
        loaded: &mut LoadedState,
        object: ObjectId,
        bytes: &[u8],
    ) -> Result<LogEntry, StateError> {
        let opened = self.open_object(&mut loaded.keys, object, bytes)?;
        loaded.view.written_as(opened.serial);
        self.parse(object, &opened.clear)
    }

    /// Applies an entry, and returns whether it has records.
    fn apply(
        &self,
        loaded: &mut LoadedState,
        object: ObjectId,
        stored: &StoredObject,
    ) -> Result<bool, StateError> {
        let damaged = |damage| self.damaged(object, damage);
        let entry = self.open_entry(loaded, object, &stored.bytes)?;
        if entry.previous != loaded.head.hash {
            return Err(damaged(ObjectDamage::OutOfPlace));
        }
        let has_records = matches!(entry.content, EntryContent::Records(_));
        if let EntryContent::Records(records) = &entry.content {
            let records: Vec<Record> = serde_json::from_str(records.get())
                .map_err(|error| damaged(ObjectDamage::Syntax(error.into())))?;
            let valid = loaded.view.validate(&records);
            valid.map_err(|error| damaged(ObjectDamage::Content(error.into())))?;
            loaded.view.apply_validated(&records);
        }
        loaded.head = LogHead {
            log: loaded.head.log.take(),
            number: object.number,
            hash: EntryHash::of(&stored.bytes),
            epoch: entry.epoch,
        };
        loaded.follow(entry.content, stored.created);
        Ok(has_records)
    }
}

/// Returns the first number that is missing from numbers that begin with `first`.
fn gap(first: u64, numbers: &[u64]) -> Option<u64> {
    let mut pairs = (first..).zip(numbers);
    pairs
        .find(|(expected, found)| expected != *found)
        .map(|(expected, _)| expected)
}

impl LoadedState {
    /// Returns a state without a lock holder.
    pub(crate) fn of(keys: Keys, view: StateView, head: LogHead) -> LoadedState {
        LoadedState {
            keys,
            view,
            head,
            snapshot: None,
            held: None,
            unreleased: None,
            migrated_to: None,
            obsolete: ObsoleteObjects::default(),
        }
    }

    /// Follows the lock through an entry.
    pub(crate) fn follow(&mut self, content: EntryContent, time: Timestamp) {
        match content {
            EntryContent::Hold(hold) => {
                self.left();
                self.held = Some(UnreleasedLock { hold, last: time });
            }
            EntryContent::Renew | EntryContent::Records(_) => {
                if let Some(held) = &mut self.held {
                    held.last = time;
                }
            }
            EntryContent::Release => {
                self.held = None;
            }
            EntryContent::Broken => {
                self.left();
                self.held = None;
            }
            EntryContent::Migrated { to } => {
                self.held = None;
                self.migrated_to = Some(to);
            }
        }
    }

    /// Notes that the run that had the lock did not release it.
    pub(crate) fn left(&mut self) {
        if let Some(UnreleasedLock { hold, last }) = self.held.take() {
            let reach = Duration::from_secs(hold.lease_seconds + hold.call_seconds);
            let holder = hold.holder;
            self.unreleased = Some(LostLock {
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
