//! The thread that writes the entries of a run.
//!
//! It has the connection to the store, so that the lease is renewed however busy the run is, and a run
//! continues while an entry is being written. What arrives meanwhile is written with the next entry.

use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use eci_core::Serial;
use eci_state::{StateError, failpoint};
use eci_text::Text;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::background::BackgroundWork;
use crate::device::{Creation, ObjectId, Series};
use crate::entry::{EntryContent, EntryHash, Hold, LogEntry, LogHead};
use crate::keys::Keys;
use crate::lease::Lease;
use crate::log::{Log, to_bytes};
use crate::timing::LockTiming;
use crate::write_error::WriteError;
use crate::write_loop::WriteLoop;

/// A request of a run to its writer.
pub(crate) enum Command {
    /// Writes a record, a while later at the latest.
    Append(Box<RawValue>),
    /// Writes all records so far, and reports once they are stored.
    Flush(oneshot::Sender<Result<(), WriteError>>),
    /// Writes all records so far.
    Hasten,
    /// Writes all records so far, and reports the end of the log.
    Head(mpsc::Sender<Result<LogHead, WriteError>>),
    /// Writes all records so far and one entry more, and reports the end of the log.
    Advance(mpsc::Sender<Result<LogHead, WriteError>>),
    /// Creates the objects of a version.
    ///
    /// The run continues meanwhile, under the serial of that version.
    Create(Box<VersionObjects>),
    /// Reports whether all versions so far are stored.
    Finish(mpsc::Sender<Result<(), WriteError>>),
    /// Encrypts what is written from now on with other keys.
    Rekey {
        keys: Keys,
        done: mpsc::Sender<Result<(), WriteError>>,
    },
    /// Writes an entry and ends once everything is stored.
    End {
        last: EntryContent,
        /// Whether the state has anything that a run on a store that was rolled back would create again.
        has_resources: bool,
        done: mpsc::Sender<Result<(), WriteError>>,
    },
}

/// The objects of a version of the state: it is the one after the entry with this number.
pub(crate) struct VersionObjects {
    pub(crate) number: u64,
    pub(crate) serial: Serial,
    /// The author.
    pub(crate) history: Bytes,
    pub(crate) snapshot: Bytes,
}

/// Writes the entries of one run.
pub(crate) struct LogWriter {
    pub(crate) log: Log,
    pub(crate) keys: Keys,
    pub(crate) head: LogHead,
    pub(crate) hold: Hold,
    pub(crate) lease: Lease,
    pub(crate) timing: LockTiming,
    /// The serial of the last version.
    ///
    /// A successor that reads the state before the snapshot of that version is stored takes the serial from
    /// the entries.
    pub(crate) serial: Serial,
    /// Work on other objects.
    pub(crate) background: BackgroundWork,
    /// Records that are to be written.
    pub(crate) records: Vec<Box<RawValue>>,
    /// The callers that wait for them.
    pub(crate) waiting: Vec<oneshot::Sender<Result<(), WriteError>>>,
    /// The first failure: nothing is written after it.
    pub(crate) failed: Option<WriteError>,
}

impl WriteLoop for LogWriter {
    type Command = Command;

    fn timing(&self) -> LockTiming {
        self.timing
    }

    async fn perform(&mut self, command: Command) -> bool {
        match command {
            Command::Append(record) => self.records.push(record),
            Command::Flush(done) => self.waiting.push(done),
            Command::Hasten => self.write_records().await,
            Command::Head(done) => {
                self.write_records().await;
                // A caller that no longer waits ignores the answer: here and below.
                let _ = done.send(self.head());
            }
            Command::Advance(done) => {
                self.write_records().await;
                let _ = self.write(EntryContent::Renew).await;
                let _ = done.send(self.head());
            }
            Command::Create(objects) => {
                self.serial = objects.serial;
                let creating = create(self.log.clone(), *objects, self.lease.clone());
                self.background.spawn(creating);
            }
            Command::Finish(done) => {
                let _ = done.send(self.background.finish().await);
            }
            Command::Rekey { keys, done } => {
                self.write_records().await;
                self.keys = keys;
                let _ = done.send(self.head().map(drop));
            }
            Command::End {
                last,
                has_resources,
                done,
            } => {
                self.write_records().await;
                let mut background = std::mem::take(&mut self.background);
                let (ended, finished) = tokio::join!(self.write(last), background.finish());
                let written = ended.and(finished);
                if written.is_ok() && has_resources {
                    self.log.know(&self.head);
                } else if written.is_ok() {
                    self.log.forget();
                }
                let _ = done.send(written);
                return true;
            }
        }
        false
    }

    fn is_due(&self) -> bool {
        !self.records.is_empty()
    }

    fn is_awaited(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Writes all records so far as one entry.
    async fn write_records(&mut self) {
        let mut written = self.failed.clone().map_or(Ok(()), Err);
        if !self.records.is_empty() {
            let records = std::mem::take(&mut self.records);
            written = match serde_json::value::to_raw_value(&records) {
                Ok(records) => self.write(EntryContent::Records(records)).await,
                Err(error) => Err(WriteError::Internal(Text::of(&error))),
            };
        }
        for waiting in self.waiting.drain(..) {
            let _ = waiting.send(written.clone());
        }
    }

    async fn renew(&mut self) {
        let _ = self.write(EntryContent::Renew).await;
    }
}

impl LogWriter {
    /// Returns the end of the log, unless a write failed.
    fn head(&self) -> Result<LogHead, WriteError> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None => Ok(self.head.clone()),
        }
    }

    /// Writes one entry.
    async fn write(&mut self, content: EntryContent) -> Result<(), WriteError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let written = self.write_next(content).await;
        if let Err(error) = &written {
            if matches!(error, WriteError::Superseded) {
                self.lease.lose(None);
            }
            self.failed = Some(error.clone());
        }
        written
    }

    async fn write_next(&mut self, content: EntryContent) -> Result<(), WriteError> {
        check_lock(&self.lease)?;
        let LogHead { hash, epoch, .. } = &self.head;
        let entry = LogEntry::new(hash, *epoch, &self.hold.holder, content);
        let internal = |error: StateError| WriteError::Internal(Text::of(&error));
        let clear = to_bytes(&entry).map_err(internal)?;
        let object = ObjectId::new(Series::Log, self.head.number + 1);
        let bytes = self.keys.seal(object, self.serial, &clear)?;
        let since = self.lease.now();
        failpoint::hit("entry-begun");
        let check = async || match entry.content {
            // The next run may have written a snapshot already. Nothing depends on this entry if others have
            // worked before.
            EntryContent::Release => Ok(()),
            _ => self.check_number(object.number).await,
        };
        let creating = self.log.create(object, &bytes, self.patience());
        let (created, mut checked) = tokio::join!(creating, check());
        match created {
            Ok(Creation::Created) => {
                failpoint::hit("entry-written");
                if self.lease.remaining().is_zero() {
                    // The machine may have been suspended after it had read what follows.
                    checked = check().await;
                }
                checked?;
                self.lease.renew(since);
                self.head.number = object.number;
                self.head.hash = EntryHash::of(&bytes);
                Ok(())
            }
            Ok(Creation::Exists) => Err(WriteError::Superseded),
            Err(error) => Err(WriteError::Device(error)),
        }
    }

    /// Checks that the number of a new entry was not that of another run.
    async fn check_number(&self, number: u64) -> Result<(), WriteError> {
        match self.log.is_end(number).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(WriteError::Superseded),
            Err(error) => Err(WriteError::Internal(Text::of(&error))),
        }
    }

    /// Returns the time for which a failed operation is repeated: after the lease, another run may have
    /// the lock.
    fn patience(&self) -> Duration {
        self.lease.remaining()
    }
}

/// Checks that the directory of the log, where it is in one, is still that of this run: after it was moved or
/// removed, another run may have a log in its place.
fn check_lock(lease: &Lease) -> Result<(), WriteError> {
    lease.check_lock().map_err(|_| WriteError::Superseded)
}

/// Creates the objects of a version, which no other run creates.
async fn create(log: Log, objects: VersionObjects, lease: Lease) -> Result<(), WriteError> {
    check_lock(&lease)?;
    let patience = lease.remaining();
    let VersionObjects {
        number,
        history,
        snapshot,
        ..
    } = objects;
    let create = async |series: Series, bytes: &Bytes| {
        let created = log.create(ObjectId::new(series, number), bytes, patience);
        match created.await {
            Ok(Creation::Created) => Ok(()),
            Ok(Creation::Exists) => Err(WriteError::Superseded),
            Err(error) => Err(WriteError::Device(error)),
        }
    };
    let author = async {
        create(Series::History, &history).await?;
        failpoint::hit("version-written");
        Ok(())
    };
    tokio::try_join!(author, create(Series::Snapshot, &snapshot))?;
    Ok(())
}
