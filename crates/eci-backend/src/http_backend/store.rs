//! A state on a server that is open for one run.

use std::fmt;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use eci_state::{
    Durability, Guard, Holder, IntentId, Record, RemoteError, Snapshot, StateError, StateView,
    Store,
};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::writer::DocumentCommand;
use crate::lease::Lease;
use crate::write_error::WriteError;
use crate::write_loop::{EndingThread, durability};

/// The longest time for which the end of a run waits until its lock is released.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(60);

/// A state on a server, locked until this is dropped.
pub struct HttpStore {
    pub(super) location: String,
    pub(super) largest: usize,
    pub(super) view: StateView,
    pub(super) lease: Lease,
    pub(super) commands: UnboundedSender<DocumentCommand>,
    pub(super) thread: Option<JoinHandle<()>>,
    pub(super) previous_holder: Option<Holder>,
    /// Whether the server does not have a document yet.
    pub(super) is_new: bool,
}

impl fmt::Debug for HttpStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpStore")
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

impl HttpStore {
    fn ended(&self) -> StateError {
        let location = self.location.clone();
        RemoteError::Ended { location }.into()
    }

    fn send(&self, command: DocumentCommand) -> Result<(), StateError> {
        self.commands.send(command).map_err(|_| self.ended())
    }

    /// Sends a command and waits for its answer.
    pub(super) fn call(
        &self,
        command: impl FnOnce(mpsc::Sender<Result<(), WriteError>>) -> DocumentCommand,
    ) -> Result<(), StateError> {
        let (done, answer) = mpsc::channel();
        self.send(command(done))?;
        let answer = answer.recv().map_err(|_| self.ended())?;
        answer.map_err(|error| error.at(self.location.clone()))
    }

    /// Writes the present state as a version.
    fn write_version(&mut self) -> Result<(), StateError> {
        let snapshot = Box::new(self.view.snapshot().clone());
        self.call(|done| DocumentCommand::Write { snapshot, done })?;
        self.view.written();
        self.is_new = false;
        Ok(())
    }

    /// Refuses further operations on a state that is too large for its server.
    fn check_size(&self, records: &[Record]) -> Result<(), StateError> {
        let begins = |record: &Record| matches!(record, Record::Intent { .. });
        if !records.iter().any(begins) {
            return Ok(());
        }
        let (done, answer) = mpsc::channel();
        self.send(DocumentCommand::Size(done))?;
        let size = answer.recv().map_err(|_| self.ended())?;
        if size <= self.largest {
            return Ok(());
        }
        Err(RemoteError::TooLarge {
            location: self.location.clone(),
            size,
            largest: self.largest,
        }
        .into())
    }

    fn end(&mut self, migrated_to: Option<String>) -> Result<(), StateError> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        let (done, answer) = mpsc::channel();
        self.send(DocumentCommand::End { migrated_to, done })?;
        let ending = EndingThread {
            thread,
            answer,
            timeout: RELEASE_TIMEOUT,
            location: self.location.clone(),
        };
        ending.wait()
    }

    /// Ends the run and releases the lock.
    ///
    /// # Errors
    /// If the server could not be reached: the lock is then released by `eci force-unlock`.
    pub fn close(mut self) -> Result<(), StateError> {
        self.end(None)
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
    /// If the state cannot be written.
    pub fn re_encrypt(&mut self) -> Result<(), StateError> {
        self.compact()?;
        self.call(DocumentCommand::Rekey)?;
        self.view.bump_serial_always();
        self.write_version()
    }

    /// Records that the state has been migrated to another address: no run writes here any more.
    ///
    /// # Errors
    /// If the document cannot be written.
    pub fn mark_migrated(mut self, to: String) -> Result<(), StateError> {
        self.end(Some(to))
    }

    /// Returns the previous holder of the state, if it ended without releasing it.
    pub fn previous_holder(&self) -> Option<&Holder> {
        self.previous_holder.as_ref()
    }

    /// Returns whether the state was missing when it was opened, and is not written yet.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Puts another snapshot in the place of the state.
    ///
    /// It gets the next serial unless it has a later one.
    ///
    /// # Errors
    /// If the snapshot contradicts itself, or cannot be written.
    pub fn replace(&mut self, mut snapshot: Snapshot) -> Result<(), StateError> {
        snapshot.check()?;
        if !self.is_new {
            self.compact()?;
            let current = self.view.snapshot();
            if snapshot.lineage == current.lineage {
                snapshot.serial = snapshot.serial.max(current.serial.next());
            }
        }
        self.view = StateView::new(snapshot);
        self.write_version()
    }
}

impl Store for HttpStore {
    fn snapshot(&self) -> &Snapshot {
        self.view.snapshot()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        self.view.validate(records)?;
        self.check_size(records)?;
        self.send(DocumentCommand::Append(records.to_vec()))?;
        self.view.apply_validated(records);
        Ok(())
    }

    fn flush(&mut self) -> Durability {
        let (done, answer) = oneshot::channel();
        if let Err(error) = self.send(DocumentCommand::Flush(done)) {
            return Durability::done(Err(error));
        }
        durability(self.location.clone(), answer)
    }

    fn hasten(&mut self) {
        // A failure is reported by the next flush.
        let _ = self.send(DocumentCommand::Hasten);
    }

    fn compact(&mut self) -> Result<(), StateError> {
        if !self.view.changed() && !self.is_new {
            return self.flush().wait();
        }
        let before = self.view.bump_serial();
        if let Err(error) = self.write_version() {
            self.view.restore_serial(before);
            return Err(error);
        }
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
impl Drop for HttpStore {
    fn drop(&mut self) {
        if let Err(error) = self.end(None) {
            tracing::debug!(%error, "the lock of the state was not released");
        }
    }
}
