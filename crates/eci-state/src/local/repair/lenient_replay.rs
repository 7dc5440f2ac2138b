//! Records that are applied although some between them are missing.

use std::collections::BTreeSet;

use eci_core::{Address, truncate};

use crate::local::journal;
use crate::record::{IntentId, IntentKind, IntentOutcome, Record};
use crate::resource::ResourceState;
use crate::snapshot::{OpenIntent, Snapshot};

/// A snapshot to which records are applied of which some are missing in between.
pub(super) struct LenientReplay {
    snapshot: Snapshot,
    /// A number that no intent of the journal has.
    spare: u64,
    /// The addresses of records that do not fit the remaining ones.
    pub(super) left_out: BTreeSet<Address>,
}

impl LenientReplay {
    pub(super) fn new(snapshot: Snapshot, journal: &journal::ReadableJournal) -> LenientReplay {
        let open = snapshot.open_intents.iter().map(|open| open.intent.0);
        let begun = journal.records().filter_map(|record| match record {
            Record::Intent { intent, .. } => Some(intent.0),
            _ => None,
        });
        let last = open.chain(begun).max().unwrap_or_default();
        LenientReplay {
            spare: last.saturating_add(1),
            snapshot,
            left_out: BTreeSet::new(),
        }
    }

    pub(super) fn take(&mut self, record: &Record) {
        match record {
            Record::RunStarted { .. } => {}
            Record::IntentFinished {
                intent,
                address,
                outcome,
            } if !self.is_open(*intent, address) => {
                // It began in a line that is missing. An outcome without an object does not say
                // which: the cloud will report that it no longer exists.
                if let IntentOutcome::Done { state: Some(state) } = outcome {
                    self.put(address, state);
                }
            }
            Record::IntentFinished {
                address,
                outcome: IntentOutcome::Done { state: Some(state) },
                ..
            } => {
                self.snapshot.apply_validated(record);
                self.put(address, state);
            }
            Record::ResourceUpdated { address, state } => self.put(address, state),
            Record::Intent { intent, .. } => {
                self.make_room(*intent);
                self.change(record);
            }
            record => self.change(record),
        }
    }

    fn change(&mut self, record: &Record) {
        // What was written was admitted then; what is not any more lacks what came before it.
        if let Err(error) = self.snapshot.apply(record) {
            tracing::info!(error = truncate(error), "a record was left out");
            self.left_out.extend(record.address().cloned());
        }
    }

    fn is_open(&self, intent: IntentId, address: &Address) -> bool {
        let mut open = self.snapshot.open_intents.iter();
        open.any(|open| open.intent == intent && open.address == *address)
    }

    /// Records a resource under its only address: an earlier address with the same object lacks the
    /// record that it was moved.
    fn put(&mut self, address: &Address, state: &ResourceState) {
        if state.id.is_some() {
            self.snapshot.resources.retain(|other, held| {
                other == address || other.kind() != address.kind() || held.id != state.id
            });
        }
        self.snapshot
            .resources
            .insert(address.clone(), state.clone());
    }

    /// Frees the number of an intent.
    ///
    /// An intent whose number was assigned again has ended in a line or a snapshot that is missing;
    /// its outcome is determined under another number.
    fn make_room(&mut self, number: IntentId) {
        for open in &mut self.snapshot.open_intents {
            if open.intent == number {
                open.intent = IntentId(self.spare);
                self.spare = self.spare.saturating_add(1);
            }
        }
    }

    /// Creates of what the state records need not be looked for.
    pub(super) fn done(mut self) -> Snapshot {
        let created: BTreeSet<_> = self
            .snapshot
            .resources
            .values()
            .filter(|state| state.id.is_some())
            .filter_map(|state| state.operation.clone())
            .collect();
        let is_created = |open: &OpenIntent| match &open.kind {
            IntentKind::Create { operation, .. } => created.contains(operation),
            IntentKind::Update { .. } | IntentKind::Delete { .. } => false,
        };
        self.snapshot.open_intents.retain(|open| !is_created(open));
        self.snapshot
    }
}
