//! A state that is open for one run.

use eci_state::{
    Durability, Guard, Holder, IntentId, LocalStore, Record, Snapshot, StateError, Store,
};

use crate::http_backend::store::HttpStore;
use crate::store::LogStore;

/// A state that is open for one run, and for no other, until this is dropped.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenState {
    /// In a directory.
    Local(LocalStore),
    /// In a shared store, or encrypted in a directory.
    Shared(LogStore),
    /// On a server of documents.
    Http(HttpStore),
}

impl OpenState {
    /// Returns the previous holder of the state, if it ended without releasing it.
    pub fn previous_holder(&self) -> Option<&Holder> {
        match self {
            OpenState::Local(store) => store.previous_holder(),
            OpenState::Shared(store) => store.previous_holder(),
            OpenState::Http(store) => store.previous_holder(),
        }
    }

    /// Returns whether there was no state when it was opened, and there is none yet.
    pub fn is_new(&self) -> bool {
        match self {
            OpenState::Local(store) => store.is_new(),
            OpenState::Shared(store) => store.is_new(),
            OpenState::Http(store) => store.is_new(),
        }
    }

    /// Puts another snapshot in the place of the state, which is kept as an earlier version.
    ///
    /// It gets the next serial unless it has a later one, or is of another lineage.
    ///
    /// # Errors
    /// If the snapshot contradicts itself, or cannot be written.
    pub fn replace(&mut self, snapshot: Snapshot) -> Result<(), StateError> {
        match self {
            OpenState::Local(store) => store.replace(snapshot),
            OpenState::Shared(store) => store.replace(snapshot),
            OpenState::Http(store) => store.replace(snapshot),
        }
    }

    /// Encrypts the state with a new data key, which is wrapped for the present readers and for no others;
    /// returns whether the state is an encrypted one.
    ///
    /// # Errors
    /// If the keys or the state cannot be written.
    pub fn re_encrypt(&mut self) -> Result<bool, StateError> {
        match self {
            OpenState::Local(_) => return Ok(false),
            OpenState::Shared(store) => store.re_encrypt()?,
            OpenState::Http(store) => store.re_encrypt()?,
        }
        Ok(true)
    }

    /// Ends the run with a note that the state has been migrated to another address: no run uses it here any
    /// more.
    ///
    /// # Errors
    /// If the note cannot be written.
    pub fn mark_migrated(self, to: String) -> Result<(), StateError> {
        match self {
            OpenState::Local(store) => store.mark_migrated(&to),
            OpenState::Shared(store) => store.mark_migrated(to),
            OpenState::Http(store) => store.mark_migrated(to),
        }
    }

    /// Ends the run and releases the lock.
    ///
    /// # Errors
    /// If a shared store could not be reached: the lock then expires with its lease, or is released by
    /// `eci force-unlock`.
    pub fn close(self) -> Result<(), StateError> {
        match self {
            OpenState::Local(_) => Ok(()),
            OpenState::Shared(store) => store.close(),
            OpenState::Http(store) => store.close(),
        }
    }

    fn store(&self) -> &dyn Store {
        match self {
            OpenState::Local(store) => store,
            OpenState::Shared(store) => store,
            OpenState::Http(store) => store,
        }
    }

    fn store_mut(&mut self) -> &mut dyn Store {
        match self {
            OpenState::Local(store) => store,
            OpenState::Shared(store) => store,
            OpenState::Http(store) => store,
        }
    }
}

impl Store for OpenState {
    fn snapshot(&self) -> &Snapshot {
        self.store().snapshot()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        self.store_mut().append(records)
    }

    fn flush(&mut self) -> Durability {
        self.store_mut().flush()
    }

    fn hasten(&mut self) {
        self.store_mut().hasten();
    }

    fn compact(&mut self) -> Result<(), StateError> {
        self.store_mut().compact()
    }

    fn next_intent(&mut self) -> IntentId {
        self.store_mut().next_intent()
    }

    fn guard(&self) -> Guard {
        self.store().guard()
    }
}
