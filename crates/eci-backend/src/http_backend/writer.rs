//! The thread that writes the documents of a run.
//!
//! A run continues while a document is being written. What it records meanwhile is written with the next
//! one, so that one round of a run writes one document at most.

use std::sync::{Arc, mpsc};

use bytes::Bytes;
use eci_state::{DeviceError, Holder, Provenance, Record, Snapshot, StateView, Version};
use eci_text::{Localize, Text};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::client::{HttpClient, WriteAnswer};
use super::document::{
    DOCUMENT_FORMAT, DocumentContent, StateDocument, StoredState, StoredVersion, VERSIONS, object,
    raw,
};
use super::lock_info::LockInfo;
use crate::keyring::ReaderKey;
use crate::keys::Keys;
use crate::lease::Lease;
use crate::log::to_bytes;
use crate::timing::LockTiming;
use crate::write_error::WriteError;
use crate::write_loop::WriteLoop;

/// A request of a run to its writer.
pub(super) enum DocumentCommand {
    /// Applies records, which are written a while later at the latest.
    Append(Vec<Record>),
    /// Writes all records so far, and reports once they are stored.
    Flush(oneshot::Sender<Result<(), WriteError>>),
    /// Writes all records so far.
    Hasten,
    /// Reports the size of the last document in bytes.
    Size(mpsc::Sender<usize>),
    /// Writes a snapshot as a version.
    Write {
        snapshot: Box<Snapshot>,
        done: mpsc::Sender<Result<(), WriteError>>,
    },
    /// Encrypts the documents from now on with a new data key.
    Rekey(mpsc::Sender<Result<(), WriteError>>),
    /// Writes that the run is in progress.
    Announce(mpsc::Sender<Result<(), WriteError>>),
    /// Releases the lock and ends.
    ///
    /// With an address, the state has been migrated there.
    End {
        migrated_to: Option<String>,
        done: mpsc::Sender<Result<(), WriteError>>,
    },
}

/// Writes the documents of one run.
pub(super) struct DocumentWriter {
    pub(super) client: HttpClient,
    pub(super) timing: LockTiming,
    pub(super) keys: Keys,
    pub(super) readers: Arc<[ReaderKey]>,
    pub(super) holder: Holder,
    pub(super) provenance: Provenance,
    pub(super) lease: Lease,
    pub(super) stored: StoredState,
    pub(super) view: StateView,
    /// Whether there are records that are to be written.
    pub(super) is_due: bool,
    /// The callers that wait for them.
    pub(super) waiting: Vec<oneshot::Sender<Result<(), WriteError>>>,
    /// The first failure: nothing is written after it.
    pub(super) failed: Option<WriteError>,
}

impl WriteLoop for DocumentWriter {
    type Command = DocumentCommand;

    fn timing(&self) -> LockTiming {
        self.timing
    }

    async fn perform(&mut self, command: DocumentCommand) -> bool {
        match command {
            DocumentCommand::Append(records) => {
                self.view.apply_validated(&records);
                self.is_due = true;
            }
            DocumentCommand::Flush(done) => self.waiting.push(done),
            DocumentCommand::Hasten => self.write_records().await,
            // A caller that no longer waits ignores the answer: here and below.
            DocumentCommand::Size(done) => {
                let _ = done.send(self.stored.size);
            }
            DocumentCommand::Write { snapshot, done } => {
                let _ = done.send(self.write_version(*snapshot).await);
            }
            DocumentCommand::Rekey(done) => {
                // Earlier documents have their own keys.
                let keys = Keys::create(self.keys.lineage(), &self.readers);
                let rotated = keys.map(|keys| self.keys = keys);
                let _ = done.send(rotated.map_err(WriteError::from));
            }
            DocumentCommand::Announce(done) => {
                let held = Some(self.holder.clone());
                let _ = done.send(self.write(held, None).await);
            }
            DocumentCommand::End { migrated_to, done } => {
                let _ = done.send(self.end(migrated_to).await);
                return true;
            }
        }
        false
    }

    fn is_due(&self) -> bool {
        self.is_due
    }

    fn is_awaited(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Writes all records so far as one document.
    async fn write_records(&mut self) {
        let mut written = self.failed.clone().map_or(Ok(()), Err);
        if self.is_due {
            written = self.write(Some(self.holder.clone()), None).await;
        }
        for waiting in self.waiting.drain(..) {
            let _ = waiting.send(written.clone());
        }
    }

    /// Renews the lease: no other run has written a document.
    async fn renew(&mut self) {
        if self.failed.is_some() {
            return;
        }
        let since = self.lease.now();
        let number = match self.client.read().await {
            Ok(None) => 0,
            Ok(Some(bytes)) => match StateDocument::read(&bytes) {
                Ok(document) => document.serial,
                Err(_) => return self.fail(WriteError::Superseded),
            },
            // The lease may expire.
            Err(error @ DeviceError::Unavailable { .. }) => {
                tracing::debug!(%error, "the lease was not renewed");
                return;
            }
            Err(error) => return self.fail(WriteError::Device(error)),
        };
        if number == self.stored.number {
            self.lease.renew(since);
        } else {
            self.fail(WriteError::Superseded);
        }
    }
}

impl DocumentWriter {
    /// Writes a snapshot as a version of the state, after which the run may end.
    async fn write_version(&mut self, snapshot: Snapshot) -> Result<(), WriteError> {
        let version = Version::of(&snapshot, &self.holder, self.provenance.clone());
        self.view = StateView::new(snapshot);
        let mut versions = self.stored.versions.clone();
        let surplus = (versions.len() + 1).saturating_sub(VERSIONS);
        versions.drain(..surplus);
        versions.push(StoredVersion {
            number: self.stored.number + 1,
            version,
        });
        let before = std::mem::replace(&mut self.stored.versions, versions);
        let written = self.write(None, None).await;
        if written.is_err() {
            self.stored.versions = before;
        }
        // Those who wait for earlier records have them, too.
        for waiting in self.waiting.drain(..) {
            let _ = waiting.send(written.clone());
        }
        written
    }

    /// Writes the last document unless the stored one is it, and releases the lock.
    async fn end(&mut self, migrated_to: Option<String>) -> Result<(), WriteError> {
        let is_open = self.stored.held.is_some() && self.stored.number > 0;
        let mut ended = self.failed.clone().map_or(Ok(()), Err);
        if ended.is_ok() && (self.is_due || is_open || migrated_to.is_some()) {
            ended = self.write(None, migrated_to).await;
        }
        // Nothing is written any more, whatever has failed: but a lock that another run has is not
        // this one's to release.
        if !matches!(ended, Err(WriteError::Superseded)) {
            let info = LockInfo::of(&self.holder);
            let released = self.client.unlock(&info).await;
            ended = ended.and(released.map_err(WriteError::Device));
        }
        ended
    }

    /// Writes one document.
    async fn write(
        &mut self,
        held: Option<Holder>,
        migrated_to: Option<String>,
    ) -> Result<(), WriteError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let written = self.write_next(held, migrated_to).await;
        if let Err(error) = &written {
            self.fail(error.clone());
        }
        written
    }

    fn fail(&mut self, error: WriteError) {
        if matches!(error, WriteError::Superseded) {
            self.lease.lose(None);
        }
        self.failed = Some(error);
    }

    async fn write_next(
        &mut self,
        held: Option<Holder>,
        migrated_to: Option<String>,
    ) -> Result<(), WriteError> {
        let number = self.stored.number + 1;
        let body = self.document(number, held.clone(), migrated_to)?;
        let since = self.lease.now();
        match self.client.write(&body, &self.holder.id).await {
            Ok(WriteAnswer::Written) => {
                self.lease.renew(since);
                self.is_due = false;
                self.stored.number = number;
                self.stored.size = body.len();
                self.stored.held = held;
                Ok(())
            }
            Ok(WriteAnswer::Conflict) => Err(WriteError::Superseded),
            Err(error) => Err(WriteError::Device(error)),
        }
    }

    /// Returns the document of the present state.
    fn document(
        &self,
        number: u64,
        held: Option<Holder>,
        migrated_to: Option<String>,
    ) -> Result<Bytes, WriteError> {
        let mut snapshot = self.view.snapshot().clone();
        if self.view.changed() {
            // Content that differs has another serial.
            snapshot.serial = snapshot.serial.next();
        }
        let document = raw(&snapshot).map_err(internal)?;
        let content = DocumentContent {
            held,
            versions: self.stored.versions.clone(),
            migrated_to,
            document: &document,
        };
        let clear = to_bytes(&content).map_err(internal)?;
        let sealed = self.keys.seal(object(number), snapshot.serial, &clear);
        let sealed = sealed?;
        let content: &RawValue = serde_json::from_slice(&sealed).map_err(internal)?;
        let document = StateDocument {
            eci_state: DOCUMENT_FORMAT,
            serial: number,
            lineage: self.keys.lineage().clone(),
            keys: self.keys.ring.clone(),
            content,
        };
        to_bytes(&document).map_err(internal)
    }
}

fn internal(error: impl Localize) -> WriteError {
    WriteError::Internal(Text::of(&error))
}
