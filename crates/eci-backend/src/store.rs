//! A state in a shared store that is open for one run.

use std::fmt;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use eci_state::{
    Durability, Guard, Holder, IntentId, Provenance, Record, RemoteError, Snapshot, StateError,
    StateView, Store, Version,
};
use serde_json::value::RawValue;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use crate::blocking::on_thread;
use crate::device::{ObjectId, Series};
use crate::entry::{EntryContent, Hold};
use crate::keys::Keys;
use crate::lease::Lease;
use crate::locked_directory::LockedDirectory;
use crate::log::{Log, to_bytes};
use crate::salvage::Salvage;
use crate::snapshot_object::snapshot_content;
use crate::write_error::WriteError;
use crate::write_loop::{EndingThread, durability};
use crate::writer::{Command, VersionObjects};

/// The longest time for which the end of a run waits until its lock is released.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(20);

/// The longest time for which it waits, in addition, until a version is stored.
const VERSION_TIMEOUT: Duration = Duration::from_secs(120);

/// A state in a shared store, locked until this is dropped.
pub struct LogStore {
    pub(crate) log: Log,
    pub(crate) keys: Keys,
    pub(crate) view: StateView,
    pub(crate) lease: Lease,
    pub(crate) hold: Box<Hold>,
    pub(crate) provenance: Provenance,
    pub(crate) commands: UnboundedSender<Command>,
    pub(crate) thread: Option<JoinHandle<()>>,
    pub(crate) previous_holder: Option<Holder>,
    pub(crate) is_new: bool,
    /// Whether a version of this run is being stored, or was.
    pub(crate) has_version: bool,
    /// The directory of the state, where it is in one: it is locked until the log is closed.
    pub(crate) directory: Option<LockedDirectory>,
}

impl fmt::Debug for LogStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogStore")
            .field("location", &self.log.location())
            .field("hold", &self.hold)
            .finish_non_exhaustive()
    }
}

impl LogStore {
    fn failed(&self, error: WriteError) -> StateError {
        error.at(self.log.location())
    }

    fn ended(&self) -> StateError {
        let location = self.log.location();
        RemoteError::Ended { location }.into()
    }

    fn send(&self, command: Command) -> Result<(), StateError> {
        self.commands.send(command).map_err(|_| self.ended())
    }

    /// Sends a command and waits for its answer.
    fn call<T>(
        &self,
        command: impl FnOnce(mpsc::Sender<Result<T, WriteError>>) -> Command,
    ) -> Result<T, StateError> {
        let (done, answer) = mpsc::channel();
        self.send(command(done))?;
        let answer = answer.recv().map_err(|_| self.ended())?;
        answer.map_err(|error| self.failed(error))
    }

    /// Begins to write the state as a version of this run, once all records so far are stored.
    ///
    /// The end of the run reports whether it was stored. Until then, nothing is missing: the version is what
    /// the entries before it say.
    fn begin_version(&mut self) -> Result<(), StateError> {
        let snapshot = self.view.snapshot();
        let version = Version::of(snapshot, &self.hold.holder, self.provenance.clone());
        self.begin_version_of(&version)
    }

    /// Begins to write the state as a version, with what is to be known of it in the history.
    fn begin_version_of(&mut self, version: &Version) -> Result<(), StateError> {
        let head = self.call(Command::Head)?;
        let snapshot = self.view.snapshot();
        let seal = |series: Series, clear: &[u8]| {
            let object = ObjectId::new(series, head.number);
            let bytes = self.keys.seal(object, snapshot.serial, clear);
            bytes.map_err(|error| self.log.not_sealed(&error))
        };
        let objects = VersionObjects {
            number: head.number,
            serial: snapshot.serial,
            history: seal(Series::History, &to_bytes(version)?)?,
            snapshot: seal(
                Series::Snapshot,
                &snapshot_content(&head, Some(&self.hold), snapshot)?,
            )?,
        };
        self.send(Command::Create(Box::new(objects)))?;
        self.has_version = true;
        Ok(())
    }

    /// Writes the state as a version that no entries say.
    fn write_version(&mut self) -> Result<(), StateError> {
        self.begin_version()?;
        self.call(Command::Finish)
    }

    /// Writes the last entry of the run and ends the connection.
    fn end(&mut self, last: EntryContent) -> Result<(), StateError> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        let (done, answer) = mpsc::channel();
        let snapshot = self.view.snapshot();
        let has_resources = !snapshot.resources.is_empty() || !snapshot.open_intents.is_empty();
        self.send(Command::End {
            last,
            has_resources,
            done,
        })?;
        let timeout = if self.has_version {
            RELEASE_TIMEOUT + VERSION_TIMEOUT
        } else {
            RELEASE_TIMEOUT
        };
        let ending = EndingThread {
            thread,
            answer,
            timeout,
            location: self.log.location(),
        };
        ending.wait()
    }

    /// Ends the run and releases the lock.
    ///
    /// # Errors
    /// If the store could not be reached: the lock then expires with its lease, or is released by
    /// `eci force-unlock`.
    pub fn close(mut self) -> Result<(), StateError> {
        self.end(EntryContent::Release)
    }

    /// Ends the run as the death of its machine would: the lock remains.
    ///
    /// For drills.
    pub fn abandon(mut self) {
        self.thread = None;
    }

    /// Encrypts the state with a new data key, which is wrapped for the present readers and for no others.
    ///
    /// # Errors
    /// If the keys or the state cannot be written.
    pub fn re_encrypt(&mut self) -> Result<(), StateError> {
        let keys = self.keys.rotated(&self.log.readers);
        let keys = keys.map_err(|error| self.log.not_sealed(&error))?;
        // A run that does not have the lock any more removes no keys.
        self.call(Command::Advance)?;
        // Nothing is written with the new key before it is stored.
        on_runtime(&self.log, self.log.replace_keys(&keys))?;
        self.call(|done| Command::Rekey {
            keys: keys.clone(),
            done,
        })?;
        self.keys = keys;
        self.call(Command::Advance)?;
        self.view.bump_serial_always();
        self.write_version()?;
        self.view.written();
        Ok(())
    }

    /// Writes a state that was rebuilt after damage.
    pub(crate) fn write_rebuilt(&mut self, report: &Salvage) -> Result<(), StateError> {
        let mut snapshot = self.view.snapshot().clone();
        // What followed the end of the migration may be damaged, and the old place may no longer exist.
        snapshot.migrating_from = None;
        let mut lost = snapshot.lost.take().unwrap_or_default();
        lost.since = report.since.clone();
        snapshot.lost = Some(lost);
        snapshot.serial = snapshot.serial.next();
        snapshot.check()?;
        self.view = StateView::new(snapshot);
        self.write_version()
    }

    /// Deletes the state with all its versions.
    ///
    /// # Errors
    /// If an object cannot be removed. What remains then is an empty state.
    pub fn delete(mut self) -> Result<(), StateError> {
        let empty = Snapshot {
            lineage: self.view.snapshot().lineage.clone(),
            ..Snapshot::new_random()?
        };
        self.replace(empty)?;
        // Its writer ends without another entry.
        let (unused, _) = tokio::sync::mpsc::unbounded_channel();
        drop(std::mem::replace(&mut self.commands, unused));
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported.
            let _ = thread.join();
        }
        self.log.forget();
        on_runtime(&self.log, self.log.remove_all())
    }

    /// Records that the state has been migrated to another address: no run writes here any more.
    ///
    /// # Errors
    /// If the entry cannot be written.
    pub fn mark_migrated(mut self, to: String) -> Result<(), StateError> {
        if let Some(directory) = &self.directory {
            directory.note_migration(&to)?;
            return self.end(EntryContent::Release);
        }
        self.end(EntryContent::Migrated { to })
    }

    /// Returns the previous holder of the state, if it ended without releasing it.
    pub fn previous_holder(&self) -> Option<&Holder> {
        self.previous_holder.as_ref()
    }

    /// Returns whether there was no state when it was opened.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Puts another snapshot in the place of the state, which remains in the history.
    ///
    /// It gets the next serial unless it has a later one.
    ///
    /// # Errors
    /// If the snapshot contradicts itself, or cannot be written.
    pub fn replace(&mut self, snapshot: Snapshot) -> Result<(), StateError> {
        self.put(snapshot)?;
        self.write_version()?;
        match &self.directory {
            Some(directory) => directory.remove_migration_note(),
            None => Ok(()),
        }
    }

    /// Puts a version of another store in the place of the state, with its author.
    ///
    /// # Errors
    /// As [`LogStore::replace`].
    pub(crate) fn import(
        &mut self,
        snapshot: Snapshot,
        version: &Version,
    ) -> Result<(), StateError> {
        self.put(snapshot)?;
        self.begin_version_of(version)?;
        self.call(Command::Finish)
    }

    /// Puts a snapshot in the place of the present one, which is to be written.
    fn put(&mut self, mut snapshot: Snapshot) -> Result<(), StateError> {
        snapshot.check()?;
        self.compact()?;
        let current = self.view.snapshot();
        if snapshot.lineage == current.lineage {
            snapshot.serial = snapshot.serial.max(current.serial.next());
        }
        // No two snapshots have one number.
        self.call(Command::Advance)?;
        self.view = StateView::new(snapshot);
        Ok(())
    }
}

impl Store for LogStore {
    fn snapshot(&self) -> &Snapshot {
        self.view.snapshot()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        self.view.validate(records)?;
        let mut texts = Vec::with_capacity(records.len());
        for record in records {
            texts.push(to_raw(record)?);
        }
        for text in texts {
            self.send(Command::Append(text))?;
        }
        self.view.apply_validated(records);
        Ok(())
    }

    fn flush(&mut self) -> Durability {
        let (done, answer) = oneshot::channel();
        if let Err(error) = self.send(Command::Flush(done)) {
            return Durability::done(Err(error));
        }
        durability(self.log.location(), answer)
    }

    fn hasten(&mut self) {
        // A failure is reported by the next flush.
        let _ = self.send(Command::Hasten);
    }

    fn compact(&mut self) -> Result<(), StateError> {
        if !self.view.changed() {
            self.call(Command::Head)?;
            return Ok(());
        }
        let before = self.view.bump_serial();
        if let Err(error) = self.begin_version() {
            self.view.restore_serial(before);
            return Err(error);
        }
        self.view.written();
        Ok(())
    }

    fn next_intent(&mut self) -> IntentId {
        self.view.next_intent()
    }

    fn guard(&self) -> Guard {
        let lease = self.lease.clone();
        Arc::new(move || lease.check())
    }
}

/// A run that is dropped without having been closed releases its lock: nothing of it is in progress any
/// more.
impl Drop for LogStore {
    fn drop(&mut self) {
        if let Err(error) = self.end(EntryContent::Release) {
            tracing::debug!(%error, "the lock of the state was not released");
        }
    }
}

/// Performs an operation on the store, and blocks meanwhile.
fn on_runtime<T: Send>(
    log: &Log,
    operation: impl Future<Output = Result<T, StateError>> + Send,
) -> Result<T, StateError> {
    on_thread(|| log.runtime()?.block_on(operation))
}

fn to_raw(record: &Record) -> Result<Box<RawValue>, StateError> {
    serde_json::value::to_raw_value(record).map_err(|cause| StateError::NotSerializable {
        what: eci_text::text!(en: "a record of the run", zh: "本次运行的记录"),
        cause,
    })
}
