//! The request of a run for its lock, which another thread may withdraw.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eci_state::{RemoteError, StateError};

/// The request of a run for its lock.
///
/// Clones refer to the same request.
///
/// A caller that waits for a run that opens its state may withdraw the request: the run then ends without a lock,
/// as far as its store answers.
#[derive(Clone, Debug, Default)]
pub struct LockRequest(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    status: Mutex<Status>,
    withdrawn: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct Status {
    /// Whether a lock may exist: a request was sent and not refused, or it was granted.
    is_sent: bool,
    is_withdrawn: bool,
}

/// Returns the error of a run whose request for the lock was withdrawn.
pub(crate) fn withdrawn(location: String) -> StateError {
    RemoteError::Withdrawn { location }.into()
}

impl LockRequest {
    fn status(&self) -> MutexGuard<'_, Status> {
        let status = self.0.status.lock();
        status.unwrap_or_else(PoisonError::into_inner)
    }

    /// Withdraws the request.
    ///
    /// Returns whether no lock exists and none will; otherwise, the run releases it as soon as its store
    /// answers.
    pub fn withdraw(&self) -> bool {
        let mut status = self.status();
        status.is_withdrawn = true;
        self.0.withdrawn.notify_all();
        !status.is_sent
    }

    /// Returns whether a request was sent to the store and not refused.
    pub fn is_sent(&self) -> bool {
        self.status().is_sent
    }

    /// Returns whether the request was withdrawn.
    pub fn is_withdrawn(&self) -> bool {
        self.status().is_withdrawn
    }

    /// Notes that the request is sent now; returns whether it may be.
    pub(crate) fn send(&self) -> bool {
        let mut status = self.status();
        status.is_sent |= !status.is_withdrawn;
        !status.is_withdrawn
    }

    /// Notes that the request was refused, or that the lock is released.
    pub(crate) fn end(&self) {
        self.status().is_sent = false;
    }

    /// Waits for that time, or until the request is withdrawn.
    pub(crate) fn sleep(&self, time: Duration) {
        let is_valid = |status: &mut Status| !status.is_withdrawn;
        let waited = self
            .0
            .withdrawn
            .wait_timeout_while(self.status(), time, is_valid);
        drop(waited);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_request_that_was_not_sent_is_withdrawn_without_a_lock() {
        let request = LockRequest::default();
        assert!(request.withdraw());
        assert!(!request.send());
        assert!(!request.is_sent());
    }

    #[test]
    fn a_request_that_was_sent_may_leave_a_lock_until_it_ends() {
        let request = LockRequest::default();
        assert!(request.send());
        assert!(!request.withdraw());
        request.end();
        assert!(request.withdraw());
    }

    #[test]
    fn a_run_that_waits_notices_that_its_request_is_withdrawn() {
        let (request, began) = (LockRequest::default(), Instant::now());
        let withdrawn = request.clone();
        std::thread::spawn(move || withdrawn.withdraw());
        request.sleep(Duration::from_secs(60));
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
