//! The right of a run to call the cloud.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eci_state::{HeldLock, Holder, RemoteError, StateError};

/// The lease of a run.
///
/// Clones refer to the same lease.
///
/// **Invariant:** the end of the lease is counted from before the entry that renewed it was sent, on a
/// clock that also runs while the machine is suspended: a successor counts from later.
#[derive(Clone, Debug)]
pub(crate) struct Lease(Arc<Inner>);

struct Inner {
    location: String,
    length: Duration,
    call: Duration,
    clock: fn() -> Duration,
    /// The lock of the operating system that takes the place of the lease.
    lock: Option<HeldLock>,
    status: Mutex<LeaseStatus>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("location", &self.location)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
enum LeaseStatus {
    /// The lease ends at this time of the clock.
    Until(Duration),
    /// Another run has the lock.
    Lost(Option<Box<Holder>>),
}

impl Lease {
    /// Creates a lease that was requested at `since` and granted.
    pub(crate) fn new(location: String, terms: LeaseTerms, since: Duration) -> Lease {
        Lease(Arc::new(Inner {
            location,
            length: terms.length,
            call: terms.call,
            clock: terms.clock,
            lock: terms.lock,
            status: Mutex::new(LeaseStatus::Until(since + terms.length)),
        }))
    }

    fn status(&self) -> MutexGuard<'_, LeaseStatus> {
        self.0.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time of the clock of the lease.
    pub(crate) fn now(&self) -> Duration {
        (self.0.clock)()
    }

    /// Extends the lease: an entry that was sent at `since` is stored.
    pub(crate) fn renew(&self, since: Duration) {
        let mut status = self.status();
        if let LeaseStatus::Until(end) = &mut *status {
            *end = since + self.0.length;
        }
    }

    /// Ends the lease: another run has the lock.
    pub(crate) fn lose(&self, to: Option<Box<Holder>>) {
        *self.status() = LeaseStatus::Lost(to);
    }

    /// Returns the time until the lease ends; nothing once it has.
    pub(crate) fn remaining(&self) -> Duration {
        match &*self.status() {
            LeaseStatus::Until(_) if self.0.lock.is_some() => self.0.length,
            LeaseStatus::Until(end) => end.saturating_sub(self.now()),
            LeaseStatus::Lost(_) => Duration::ZERO,
        }
    }

    /// Checks that the run still has the lock of the operating system, where there is one: it may have been
    /// removed or moved, with the directory.
    ///
    /// # Errors
    /// If it does not, or that cannot be determined.
    pub(crate) fn check_lock(&self) -> Result<(), StateError> {
        self.0.lock.as_ref().map_or(Ok(()), HeldLock::check)
    }

    /// Checks that a call that begins now ends before the lease.
    ///
    /// A lock of the operating system does not expire: there, the run must still have it.
    ///
    /// # Errors
    /// If it may not, or another run has the lock.
    pub(crate) fn check(&self) -> Result<(), StateError> {
        let location = self.0.location.clone();
        if let LeaseStatus::Lost(by) = &*self.status() {
            let by = by.clone();
            return Err(RemoteError::Superseded { location, by }.into());
        }
        if self.0.lock.is_some() {
            return self.check_lock();
        }
        let left = self.remaining();
        if left < self.0.call {
            let lease = self.0.length;
            return Err(RemoteError::LeaseExpired {
                location,
                lease,
                left,
            }
            .into());
        }
        Ok(())
    }
}

/// The terms of a lease.
#[derive(Clone)]
pub(crate) struct LeaseTerms {
    /// Its length after each entry.
    pub(crate) length: Duration,
    /// The longest time that one call may take.
    pub(crate) call: Duration,
    /// A clock that runs while the machine is suspended.
    pub(crate) clock: fn() -> Duration,
    /// The lock of the operating system that takes the place of the lease.
    pub(crate) lock: Option<HeldLock>,
}

/// Returns the time since the machine was started, the time in which it was suspended included.
pub(crate) fn boot_time() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = rustix::time::ClockId::Boottime;
    // Elsewhere, this clock runs while the machine is suspended, or none does.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanoseconds)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    static SECONDS: AtomicU64 = AtomicU64::new(1000);

    fn clock() -> Duration {
        Duration::from_secs(SECONDS.load(Ordering::SeqCst))
    }

    #[test]
    fn a_call_begins_only_where_it_ends_before_the_lease() {
        let terms = LeaseTerms {
            length: Duration::from_secs(120),
            call: Duration::from_secs(60),
            clock,
            lock: None,
        };
        let lease = Lease::new("memory".to_owned(), terms, clock());
        lease.check().unwrap();
        SECONDS.fetch_add(60, Ordering::SeqCst);
        lease.check().unwrap();
        SECONDS.fetch_add(1, Ordering::SeqCst);
        assert!(matches!(
            lease.check(),
            Err(StateError::Remote(RemoteError::LeaseExpired { .. }))
        ));
        lease.renew(clock());
        lease.check().unwrap();
        lease.lose(None);
        lease.renew(clock());
        assert!(matches!(
            lease.check(),
            Err(StateError::Remote(RemoteError::Superseded { .. }))
        ));
    }

    #[test]
    fn the_clock_of_leases_runs() {
        let before = boot_time();
        std::thread::sleep(Duration::from_millis(2));
        assert!(boot_time() > before);
    }
}
