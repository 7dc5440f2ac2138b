//! The outcome of a call that an earlier run left open.

use eci_state::{IntentOutcome, Record};

use crate::event::RecoveryOutcome;

/// The outcome of a call, as far as it could be determined.
pub(crate) struct Resolution {
    pub(crate) outcome: IntentOutcome,
    pub(crate) recovery: RecoveryOutcome,
    /// Further records that follow from it.
    pub(crate) records: Vec<Record>,
    /// The IDs of what the next plan is to delete.
    pub(crate) to_delete: Vec<String>,
}

impl Resolution {
    pub(crate) fn new(outcome: IntentOutcome, recovery: RecoveryOutcome) -> Resolution {
        Resolution {
            outcome,
            recovery,
            records: Vec::new(),
            to_delete: Vec::new(),
        }
    }
}
