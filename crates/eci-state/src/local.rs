//! The state in a directory:
//!
//! | file | content |
//! |---|---|
//! | `state.json` | the snapshot |
//! | `journal.jsonl` | the records since |
//! | `flushed` | up to where the journal was flushed |
//! | `backups/` | this snapshot once more and those before, the last [`BACKUPS`] |
//! | `damaged/` | what was found damaged, kept when the state was rebuilt |
//! | `history.jsonl` | who wrote which snapshot |
//! | `lock` | the lock holder |
//! | `migrated` | the address that the state was migrated to |
//!
//! A snapshot is replaced in three steps, and a crash between any two of them loses nothing: the
//! new one is written into the backups, it takes the place of the old one with the next serial,
//! and a new journal takes the place of the old one. A journal that names an older serial than
//! the snapshot is one whose records are in the snapshot already.
//!
//! Before a run records anything, the snapshot is replaced by itself with the id of the journal that
//! it records in: unless the run ends, that journal and what `flushed` says of it must be there.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::durability::Durability;
use crate::error::StateError;
use crate::failpoint;
use crate::history::{self, Provenance};
use crate::holder::Holder;
use crate::record::{IntentId, Record};
use crate::snapshot::{OpenJournal, Snapshot};
use crate::state_view::StateView;
use crate::store::{Guard, Store, unstorable};

mod authors;
mod backups;
mod directory_lock;
mod discard;
mod file_id;
pub(crate) mod files;
mod hold;
mod journal;
mod lock;
mod mark;
mod migration;
pub(crate) mod operations;
mod places;
mod repair;
mod snapshot_file;
mod version;
mod waiting;

use files::{Draft, unreadable};
use hold::Hold;
use journal::Journal;
use lock::Lock;
use places::StatePaths;
use snapshot_file::snapshot_at;
use version::Version;
use waiting::wait;

pub use backups::BACKUPS;
pub use directory_lock::{DirectoryLock, HeldLock};
pub use repair::{Corruption, RepairBase, RepairReport};

/// A state in a directory, locked until this is dropped.
#[derive(Debug)]
pub struct LocalStore {
    places: StatePaths,
    ledger: StateView,
    /// The journal, once there is a record: before that, a run has written nothing.
    journal: Option<Journal>,
    /// Whether the snapshot of the ledger's serial is on disk.
    written: bool,
    /// Whether that snapshot says that a run records in a journal.
    is_open: bool,
    hold: Hold,
    lock: DirectoryLock,
    /// The run, if its versions are to be attributed.
    author: Option<Author>,
}

/// A run that writes versions of a state.
#[derive(Clone, Debug)]
struct Author {
    holder: Holder,
    provenance: Provenance,
}

impl LocalStore {
    /// Locks the state and reads it.
    ///
    /// What a run that died left in the journal goes into the snapshot. A directory without a state
    /// gets one when the first record is written.
    ///
    /// # Errors
    /// If another run holds the lock, or the state cannot be read or is damaged.
    pub fn open(directory: &Path, holder: Holder) -> Result<LocalStore, StateError> {
        LocalStore::open_locked(DirectoryLock::take(directory, &holder)?)
    }

    /// Opens a state like [`LocalStore::open`] in a directory that this run has locked.
    ///
    /// # Errors
    /// If the state cannot be read or is damaged.
    pub fn open_locked(lock: DirectoryLock) -> Result<LocalStore, StateError> {
        let places = StatePaths::new(lock.directory());
        let Some(loaded) = places.load()? else {
            let hold = Hold::new(&places, lock.id()?, None);
            return Ok(LocalStore {
                places,
                ledger: StateView::new(Snapshot::new_random()?),
                journal: None,
                written: false,
                is_open: false,
                hold,
                lock,
                author: None,
            });
        };
        let hold = Hold::new(&places, lock.id()?, Some(loaded.version));
        let mut store = LocalStore {
            places,
            ledger: loaded.ledger,
            journal: None,
            written: true,
            is_open: !loaded.open.is_none(),
            hold,
            lock,
            author: None,
        };
        if loaded.has_content {
            store.compact()?;
        }
        Ok(store)
    }

    /// Opens a state like [`LocalStore::open`], but waits up to a timeout for a run that holds the
    /// lock.
    ///
    /// Once it has to wait, `waiting` is called with the holder.
    ///
    /// # Errors
    /// As [`LocalStore::open`], once the timeout is over.
    pub fn open_waiting(
        directory: &Path,
        holder: Holder,
        timeout: Duration,
        waiting: impl FnOnce(Option<&Holder>),
    ) -> Result<LocalStore, StateError> {
        let lock = DirectoryLock::take_waiting(directory, &holder, timeout, waiting)?;
        LocalStore::open_locked(lock)
    }

    /// Rebuilds a state like [`LocalStore::rebuild`], and waits as [`LocalStore::open_waiting`]
    /// does.
    ///
    /// # Errors
    /// As [`LocalStore::rebuild`].
    pub fn rebuild_waiting(
        directory: &Path,
        holder: Holder,
        timeout: Duration,
        waiting: impl FnOnce(Option<&Holder>),
    ) -> Result<(LocalStore, RepairReport), StateError> {
        wait(timeout, waiting, || {
            LocalStore::rebuild(directory, holder.clone())
        })
    }

    /// Reads the present state without locking it and without writing anything.
    ///
    /// During a run it returns what was done so far. Without a state it returns an empty
    /// one, of a new lineage each time.
    ///
    /// Records that are not part of the written snapshot yet count as the next serial: the
    /// one that the state has once it is opened or the run has ended.
    ///
    /// # Errors
    /// If the state cannot be read or is damaged, or the system has no randomness for a new one.
    pub fn read(directory: &Path) -> Result<Snapshot, StateError> {
        match StatePaths::new(directory).load()? {
            Some(mut loaded) => {
                loaded.ledger.bump_serial();
                Ok(loaded.ledger.into_snapshot())
            }
            None => Snapshot::new_random(),
        }
    }

    /// Returns the backups of a state, the oldest first; unreadable ones are left out.
    ///
    /// # Errors
    /// If the directory of backups cannot be read.
    pub fn backups(directory: &Path) -> Result<Vec<Snapshot>, StateError> {
        let backups = StatePaths::new(directory).backups;
        let mut kept = match backups::list(&backups) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
            listed => listed.map_err(|cause| unreadable(&backups, cause))?,
        };
        kept.sort();
        let read = |path: PathBuf| Some(snapshot_at(&path).ok()??.0);
        Ok(kept.into_iter().filter_map(read).collect())
    }

    /// Returns the versions that are kept, the oldest first, with their authors as far as they are
    /// recorded; unreadable ones are left out.
    ///
    /// # Errors
    /// If the directory of backups cannot be read.
    pub fn history(directory: &Path) -> Result<Vec<history::Version>, StateError> {
        authors::versions(directory)
    }

    /// Puts a version of another store in the place of the state, with its author.
    ///
    /// # Errors
    /// As [`LocalStore::replace`].
    pub fn import(
        &mut self,
        snapshot: Snapshot,
        version: &history::Version,
    ) -> Result<(), StateError> {
        let author = self.author.take();
        let replaced = self.replace(snapshot);
        self.author = author;
        replaced?;
        authors::note(&self.places.directory, version);
        Ok(())
    }

    /// Records a run as the author of the versions that are written from now on.
    pub fn attribute(&mut self, holder: Holder, provenance: Provenance) {
        self.author = Some(Author { holder, provenance });
    }

    /// Notes who wrote the present version.
    fn note_author(&self) {
        if let Some(Author { holder, provenance }) = &self.author {
            let version = history::Version::of(self.ledger.snapshot(), holder, provenance.clone());
            authors::note(&self.places.directory, &version);
        }
    }

    /// Returns the present holder of the state of a directory, if there is one.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn holder(directory: &Path) -> Result<Option<Holder>, StateError> {
        Lock::holder(&lock::path_in(directory))
    }

    /// Returns the last holder of the state of a directory, if that run ended without releasing it:
    /// it was killed, or its machine stopped.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn stale_holder(directory: &Path) -> Result<Option<Holder>, StateError> {
        Lock::stale_holder(&lock::path_in(directory))
    }

    /// Takes the name of a run that has ended off the lock.
    ///
    /// A run that still holds the lock is an error.
    ///
    /// # Errors
    /// If the state is held, or the lock cannot be written.
    pub fn break_lock(directory: &Path, holder: &Holder) -> Result<(), StateError> {
        Lock::take(&lock::path_in(directory), holder).map(drop)
    }

    /// Returns the previous holder of the state, if it ended without releasing it.
    pub fn previous_holder(&self) -> Option<&Holder> {
        self.lock.previous_holder()
    }

    /// Returns whether there was no state when it was opened, and there is none yet.
    pub fn is_new(&self) -> bool {
        !self.written
    }

    /// Replaces the state by another snapshot; the state is kept as a backup.
    ///
    /// The snapshot gets the next serial unless it has a later one, or is of another lineage, so
    /// that readers of the earlier state notice the change.
    ///
    /// The snapshot must agree with itself, see [`Snapshot::check`].
    ///
    /// # Errors
    /// If the snapshot is inconsistent, or cannot be written.
    pub fn replace(&mut self, mut snapshot: Snapshot) -> Result<(), StateError> {
        snapshot.check()?;
        // It may be a copy of a state with a run in progress.
        snapshot.journal = OpenJournal::default();
        if self.written {
            // What the journal holds belongs to the backup.
            self.compact()?;
            let current = self.ledger.snapshot();
            if snapshot.lineage == current.lineage {
                snapshot.serial = snapshot.serial.max(current.serial.next());
            }
        }
        // A journal next to a snapshot that it does not extend would be an error. Without one,
        // a crash from here on leaves the old state or the new one.
        self.hold.check()?;
        self.journal = None;
        self.hold.has_journal(None);
        self.places.remove_journal()?;
        let path = &self.places.snapshot;
        backups::keep(path, &self.places.backups)?;
        if self.written {
            backups::copy(&snapshot, &self.places.backups)?;
        }
        self.put_snapshot(&snapshot)?;
        files::flush_directory(&self.places.directory)?;
        if !self.written {
            backups::copy(&snapshot, &self.places.backups)?;
        }
        self.ledger = StateView::new(snapshot);
        self.written = true;
        self.note_author();
        self.remove_migration_note()?;
        self.compact()
    }

    /// Puts a snapshot in the place of the one that this run has read or written last.
    fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), StateError> {
        let path = &self.places.snapshot;
        let file = files::replace_if(
            Draft {
                path,
                draft: &path.with_extension("new"),
            },
            || self.hold.check(),
            |file| snapshot_file::write(snapshot, file, path),
        )?;
        let about = file.metadata().map_err(|cause| unreadable(path, cause))?;
        self.hold
            .wrote_snapshot(Some(Version::of(snapshot, &about)));
        Ok(())
    }

    /// Writes the snapshot, with the next serial if it changed since it was written.
    fn write_snapshot(&mut self) -> Result<(), StateError> {
        self.hold.check()?;
        if !self.is_open {
            self.keep_snapshot()?;
        }
        failpoint::hit("snapshot-kept");
        let is_another = self.ledger.changed();
        let is_first = !self.written;
        let before = self.ledger.bump_serial();
        let snapshot = self.ledger.snapshot();
        // Backups without a snapshot are those of a deleted state: the first one, which is empty,
        // is copied when the second one is written.
        if self.written
            && is_another
            && let Err(error) = backups::copy(snapshot, &self.places.backups)
        {
            self.ledger.restore_serial(before);
            return Err(error);
        }
        if let Err(error) = self.put_snapshot(snapshot) {
            self.ledger.restore_serial(before);
            return Err(error);
        }
        failpoint::hit("snapshot-replaced");
        // From here on the journal that is open is one of the past, and what is written to it
        // would be lost, even if the flush fails.
        self.journal = None;
        self.hold.has_journal(None);
        self.written = true;
        self.is_open = false;
        self.ledger.written();
        files::flush_directory(&self.places.directory)?;
        if is_another || is_first {
            self.note_author();
        }
        Ok(())
    }

    fn keep_snapshot(&self) -> Result<(), StateError> {
        backups::keep(&self.places.snapshot, &self.places.backups)
    }

    /// Returns the journal, after beginning one unless there is one.
    fn journal(&mut self) -> Result<&mut Journal, StateError> {
        if !self.written {
            self.write_snapshot()?;
        }
        let journal = match self.journal.take() {
            Some(journal) => journal,
            None => self.begin_journal()?,
        };
        if !self.is_open {
            self.name_journal(journal.announced()?)?;
        }
        Ok(self.journal.insert(journal))
    }

    /// Writes into the snapshot that a run is about to record in a journal: should this run die, the
    /// journal and how far it was flushed have to be there.
    fn name_journal(&mut self, id: String) -> Result<(), StateError> {
        // Among the backups are those at rest, which need no journal.
        self.keep_snapshot()?;
        self.ledger.name_journal(OpenJournal(Some(id)));
        let named = self.put_snapshot(self.ledger.snapshot());
        self.ledger.name_journal(OpenJournal::default());
        named?;
        self.is_open = true;
        Ok(())
    }

    /// Begins a journal that extends the snapshot, in place of the existing one.
    fn begin_journal(&self) -> Result<Journal, StateError> {
        self.hold.check()?;
        let journal = Journal::begin(&self.places.journal, self.ledger.snapshot())?;
        self.hold.has_journal(Some(journal.id()?));
        Ok(journal)
    }
}

impl LocalStore {
    fn flush_now(&mut self) -> Result<(), StateError> {
        self.hold.check()?;
        match &mut self.journal {
            Some(journal) => journal.flush()?,
            None => return Ok(()),
        }
        failpoint::hit("records-flushed");
        Ok(())
    }
}

impl Store for LocalStore {
    fn snapshot(&self) -> &Snapshot {
        self.ledger.snapshot()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        if records.is_empty() {
            return Ok(());
        }
        self.ledger.validate(records)?;
        let line = serde_json::to_vec(records).map_err(|cause| unstorable(records, cause))?;
        self.hold.check()?;
        let journal = self.journal()?;
        failpoint::hit("record-due");
        journal.append(&line)?;
        failpoint::hit("record-written");
        self.ledger.apply_validated(records);
        Ok(())
    }

    /// Writes the records durably before it returns: a disk is fast.
    fn flush(&mut self) -> Durability {
        Durability::done(self.flush_now())
    }

    fn guard(&self) -> Guard {
        let hold = self.hold.clone();
        Arc::new(move || hold.check())
    }

    fn compact(&mut self) -> Result<(), StateError> {
        if !self.written || self.is_open || self.ledger.changed() {
            self.write_snapshot()?;
        }
        self.journal = None;
        self.journal = Some(self.begin_journal()?);
        Ok(())
    }

    fn next_intent(&mut self) -> IntentId {
        self.ledger.next_intent()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
