//! The one trait behind which a state lives.

use std::sync::Arc;

use eci_text::{List, text};

use crate::durability::Durability;
use crate::error::StateError;
use crate::record::{IntentId, Record};
use crate::snapshot::Snapshot;
use crate::state_view::StateView;

/// A check whether a state is still held by the run that opened it.
pub type Guard = Arc<dyn Fn() -> Result<(), StateError> + Send + Sync>;

/// A state that is open for one run, and for no other.
pub trait Store: Send {
    /// Returns the present state, with all records applied.
    fn snapshot(&self) -> &Snapshot;

    /// Adds records to the journal and applies them to the snapshot, all of them or none.
    /// They survive the end of this process, and that of the machine once they are flushed.
    fn append(&mut self, records: &[Record]) -> Result<(), StateError>;

    /// Begins to write all records so far durably.
    ///
    /// A call that changes the cloud is sent only once its intent is durable.
    fn flush(&mut self) -> Durability;

    /// Begins to write what was appended so far, where the store would wait for more: it is about
    /// an object that is hard to find again.
    fn hasten(&mut self) {}

    /// Writes the snapshot, with the next serial if anything changed, keeps the one before as
    /// a backup and empties the journal. A state that was never written is, also if it is
    /// empty.
    fn compact(&mut self) -> Result<(), StateError>;

    /// Returns a number for a new intent.
    fn next_intent(&mut self) -> IntentId;

    /// Returns the guard that is called before each call that changes the cloud: it fails if
    /// another run has taken over the state.
    ///
    /// A store that no other run can reach has none.
    fn guard(&self) -> Guard {
        Arc::new(|| Ok(()))
    }
}

/// A state that lives as long as the value: for simulations and tests.
#[derive(Debug)]
pub struct MemoryStore {
    ledger: StateView,
    journal: Vec<Record>,
    flushed: usize,
}

impl MemoryStore {
    /// Creates a store that begins with this snapshot.
    pub fn new(snapshot: Snapshot) -> MemoryStore {
        MemoryStore {
            ledger: StateView::new(snapshot),
            journal: Vec::new(),
            flushed: 0,
        }
    }

    /// Returns the records since the snapshot was last compacted.
    pub fn journal(&self) -> &[Record] {
        &self.journal
    }

    /// Returns the flushed ones of these records: those that would remain if the machine stopped
    /// now.
    pub fn flushed(&self) -> &[Record] {
        &self.journal[..self.flushed]
    }

    /// Converts the store into its snapshot.
    pub fn into_snapshot(self) -> Snapshot {
        self.ledger.into_snapshot()
    }
}

impl Store for MemoryStore {
    fn snapshot(&self) -> &Snapshot {
        self.ledger.snapshot()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        self.ledger.validate(records)?;
        // A record that no disk would take is not taken here either.
        serde_json::to_writer(std::io::sink(), records)
            .map_err(|cause| unstorable(records, cause))?;
        self.ledger.apply_validated(records);
        self.journal.extend_from_slice(records);
        Ok(())
    }

    fn flush(&mut self) -> Durability {
        self.flushed = self.journal.len();
        Durability::done(Ok(()))
    }

    fn compact(&mut self) -> Result<(), StateError> {
        self.ledger.bump_serial();
        self.ledger.written();
        self.journal.clear();
        self.flushed = 0;
        Ok(())
    }

    fn next_intent(&mut self) -> IntentId {
        self.ledger.next_intent()
    }
}

/// Creates the error for records that cannot be stored, naming their resources.
pub(crate) fn unstorable(records: &[Record], cause: serde_json::Error) -> StateError {
    let mut about: Vec<String> = records
        .iter()
        .filter_map(Record::address)
        .map(ToString::to_string)
        .collect();
    about.dedup();
    let what = if about.is_empty() {
        text!(en: "the records of the run", zh: "本次运行的记录")
    } else {
        text!(
            en: "the records of {resources}",
            zh: "{resources} 的记录",
            resources = List::and(about),
        )
    };
    StateError::NotSerializable { what, cause }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
