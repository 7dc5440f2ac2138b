//! Recognition of a store that was rolled back.

use std::cmp::Ordering;

use eci_state::{RemoteError, StateError};

use crate::device::{ObjectId, Series};
use crate::entry::{EntryHash, LogHead};
use crate::known_heads::KnownHead;
use crate::load::LoadedState;
use crate::log::Log;

/// The last entry of the state that this machine knows, and the one with its number that the store has.
#[derive(Debug)]
pub(crate) struct KnownEntry {
    known: KnownHead,
    /// The hash of the entry in the store; `None` if there is none.
    ///
    /// Entries that newer snapshots include are removed.
    stored: Option<EntryHash>,
}

impl Log {
    /// Looks up the last entry of the state that this machine knows; `None` if it knows nothing of the state.
    ///
    /// # Errors
    /// If the store does not answer, or what this machine knows is damaged.
    pub(crate) async fn known_entry(&self) -> Result<Option<KnownEntry>, StateError> {
        let known = self.known.as_ref();
        let known = known.map(|known| known.get(&self.location()));
        let Some(known) = known.transpose()?.flatten() else {
            return Ok(None);
        };
        let stored = self.get(ObjectId::new(Series::Log, known.entry)).await?;
        let stored = stored.map(|stored| EntryHash::of(&stored.bytes));
        Ok(Some(KnownEntry { known, stored }))
    }

    /// Returns the error for a store that no longer has the last entry that this machine knows.
    ///
    /// A state that was deleted, and one that was created in its place, are not compared: they are not the one
    /// that this machine knows.
    pub(crate) fn rolled_back(
        &self,
        loaded: Option<&LoadedState>,
        known: Option<&KnownEntry>,
    ) -> Option<RemoteError> {
        let KnownEntry { known, stored } = known?;
        let is_there = loaded.is_some_and(|loaded| {
            let LogHead {
                log, number, hash, ..
            } = &loaded.head;
            let is_another = loaded.snapshot.is_none() || log.as_ref() != Some(&known.log);
            let has_it = match number.cmp(&known.entry) {
                Ordering::Less => false,
                Ordering::Equal => *hash == known.hash,
                Ordering::Greater => stored.as_ref().is_none_or(|stored| *stored == known.hash),
            };
            is_another || has_it
        });
        (!is_there).then(|| RemoteError::RolledBack {
            location: self.location(),
            found: loaded.map_or(0, |loaded| loaded.head.number),
            known: known.entry,
        })
    }

    /// Records the end of the log as this machine knows it.
    pub(crate) fn know(&self, head: &LogHead) {
        if let (Some(known), Some(log)) = (&self.known, &head.log) {
            let head = KnownHead {
                log: log.clone(),
                entry: head.number,
                hash: head.hash.clone(),
            };
            known.record(&self.location(), head);
        }
    }

    /// Forgets the state: it was deleted, or has nothing that could be created a second time.
    pub(crate) fn forget(&self) {
        if let Some(known) = &self.known {
            known.forget(&self.location());
        }
    }
}
