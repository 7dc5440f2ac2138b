//! The wait for a lock that another run holds.

use std::time::{Duration, Instant};

use eci_state::{Holder, StateError};

use crate::lock_request::LockRequest;
use crate::open_options::{LockWait, OpenOptions};

/// The pause between two attempts to get a lock that another run holds.
const LOCK_RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// A run that tries to get a lock again and again.
pub(crate) struct LockWaiting {
    began: Instant,
    timeout: Duration,
    request: LockRequest,
    is_notified: bool,
}

impl LockWaiting {
    /// Begins a wait that ends after the timeout of a run, or when its request is withdrawn.
    pub(crate) fn new(options: &OpenOptions) -> LockWaiting {
        LockWaiting {
            began: Instant::now(),
            timeout: options.timeout,
            request: options.request.clone(),
            is_notified: false,
        }
    }

    /// Blocks until the next attempt if another run holds the lock, and notifies of the first such pause.
    ///
    /// # Errors
    /// If the timeout has passed, or the attempt failed for another reason.
    pub(crate) fn wait_out(
        &mut self,
        failure: StateError,
        notify: &mut impl FnMut(LockWait<'_>),
    ) -> Result<(), StateError> {
        match &failure {
            StateError::RemoteLockHeld { holder, .. } if self.pause(holder, notify) => Ok(()),
            _ => Err(failure),
        }
    }

    /// Returns whether there was time for a pause.
    fn pause(&mut self, holder: &Holder, notify: &mut impl FnMut(LockWait<'_>)) -> bool {
        let left = self.timeout.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return false;
        }
        if !self.is_notified {
            notify(LockWait::Held(Some(holder)));
            self.is_notified = true;
        }
        self.request.sleep(left.min(LOCK_RETRY_INTERVAL));
        true
    }
}
