//! The times of a lock.

use std::time::Duration;

/// The times of a lock in a shared store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockTiming {
    /// The time after each entry in which its writer may call the cloud.
    pub lease: Duration,
    /// The time after which a writer that has nothing to write renews its lease.
    pub renewal: Duration,
    /// The longest time that one call to the cloud may take.
    pub call: Duration,
    /// The allowance for differences between clocks.
    pub margin: Duration,
    /// The longest time for which an outcome may stay unwritten.
    pub delay: Duration,
}

impl Default for LockTiming {
    fn default() -> LockTiming {
        LockTiming {
            lease: Duration::from_secs(120),
            renewal: Duration::from_secs(30),
            call: Duration::from_secs(60),
            margin: Duration::from_secs(15),
            delay: Duration::from_secs(1),
        }
    }
}

impl LockTiming {
    /// Returns the times that the variable `ECI_LEASE_MS` of a debug build sets, so that tests do
    /// not wait: a lease of that length, and everything else in proportion.
    pub fn of_environment() -> LockTiming {
        let timing = LockTiming::default();
        let given = std::env::var("ECI_LEASE_MS").ok();
        let given = given.filter(|_| cfg!(debug_assertions));
        let Some(lease) = given.and_then(|text| text.parse::<u64>().ok()) else {
            return timing;
        };
        let lease = Duration::from_millis(lease.max(400));
        LockTiming {
            lease,
            renewal: lease / 4,
            call: lease / 2,
            margin: lease / 8,
            ..timing
        }
    }

    /// Returns the time after the last entry of a run from which none of its calls can take effect.
    pub fn until_quiet(&self) -> Duration {
        self.lease + self.call + self.margin
    }
}
