//! A snapshot with the records that came after it: what every store keeps in memory.

use eci_core::Serial;

use crate::integrity_error::IntegrityError;
use crate::record::{IntentId, Record};
use crate::snapshot::{OpenJournal, Snapshot};

/// A snapshot that records are applied to, and whether they changed it since its serial.
#[derive(Debug)]
pub struct StateView {
    snapshot: Snapshot,
    changed: bool,
    /// The intents that were open in the snapshot as it was written.
    open_at_write: Vec<IntentId>,
    last_intent: IntentId,
}

impl StateView {
    /// Creates a view of a snapshot as it is stored.
    pub fn new(snapshot: Snapshot) -> StateView {
        let open_at_write = open_intents(&snapshot);
        StateView {
            changed: false,
            last_intent: open_at_write.iter().copied().max().unwrap_or_default(),
            open_at_write,
            snapshot,
        }
    }

    /// Returns the snapshot with all records applied.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Converts the view into the snapshot with all records applied.
    pub fn into_snapshot(self) -> Snapshot {
        self.snapshot
    }

    /// Checks whether records agree with the snapshot and with each other.
    ///
    /// # Errors
    /// If they do not.
    pub fn validate(&self, records: &[Record]) -> Result<(), IntegrityError> {
        self.snapshot.validate(records)
    }

    /// Applies records that were admitted.
    pub fn apply_validated(&mut self, records: &[Record]) {
        for record in records {
            if let Record::Intent { intent, .. } = record {
                self.last_intent = self.last_intent.max(*intent);
            }
            self.changed |= self.snapshot.apply_validated(record);
        }
    }

    /// Returns whether the snapshot differs from the one of its serial.
    pub fn changed(&self) -> bool {
        self.changed || open_intents(&self.snapshot) != self.open_at_write
    }

    /// Says in the snapshot which journal is written, or that none is.
    pub(crate) fn name_journal(&mut self, journal: OpenJournal) {
        self.snapshot.journal = journal;
    }

    /// Gives the snapshot the serial under which it is to be written; the one it had.
    pub fn bump_serial(&mut self) -> Serial {
        let before = self.snapshot.serial;
        if self.changed() {
            self.snapshot.serial = before.next();
        }
        before
    }

    /// Gives the snapshot the next serial although nothing changed.
    pub fn bump_serial_always(&mut self) {
        self.snapshot.serial = self.snapshot.serial.next();
    }

    /// Restores the serial after the snapshot could not be written.
    pub fn restore_serial(&mut self, serial: Serial) {
        self.snapshot.serial = serial;
    }

    /// Records that the snapshot was written: changes count from here.
    pub fn written(&mut self) {
        self.changed = false;
        self.open_at_write = open_intents(&self.snapshot);
    }

    /// Records that the snapshot as it is now was written under a serial, unless it is not a later one.
    pub fn written_as(&mut self, serial: Serial) {
        if serial > self.snapshot.serial {
            self.snapshot.serial = serial;
            self.written();
        }
    }

    /// Returns a number for a new intent.
    pub fn next_intent(&mut self) -> IntentId {
        self.last_intent = IntentId(self.last_intent.0.saturating_add(1));
        self.last_intent
    }
}

fn open_intents(snapshot: &Snapshot) -> Vec<IntentId> {
    snapshot
        .open_intents
        .iter()
        .map(|open| open.intent)
        .collect()
}
