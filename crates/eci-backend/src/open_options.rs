//! Options of runs that open a state.

use std::time::Duration;

use eci_state::{Holder, Provenance};

use crate::lock_request::LockRequest;

/// Options of a run that opens a state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenOptions {
    /// The run.
    pub holder: Holder,
    /// The time for which it waits for another run.
    pub timeout: Duration,
    /// Whether the run is unattended: another one may take the lock over once the lease has expired.
    pub unattended: bool,
    /// On whose behalf it changes the state.
    pub provenance: Provenance,
    /// Whether a state that was migrated to another backend, or the copy of an unfinished migration, is opened, to be
    /// replaced.
    pub accept_migrated: bool,
    /// The request for the lock of a shared store.
    ///
    /// Options and their clones have one request.
    pub request: LockRequest,
}

impl OpenOptions {
    /// Creates options of a run that a person attends to and that does not wait.
    pub fn new(holder: Holder) -> OpenOptions {
        OpenOptions {
            holder,
            timeout: Duration::ZERO,
            unattended: false,
            provenance: Provenance::default(),
            accept_migrated: false,
            request: LockRequest::default(),
        }
    }
}

/// The reason why a run waits for its lock.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum LockWait<'a> {
    /// Another run holds the lock.
    Held(Option<&'a Holder>),
    /// The calls of a run that lost the lock may still take effect.
    Quiet {
        /// The time for which they may.
        time: Duration,
        /// That run.
        left: Option<&'a Holder>,
    },
}
