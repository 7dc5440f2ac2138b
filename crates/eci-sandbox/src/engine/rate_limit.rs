//! Rate limit of calls a second.

use std::time::{Duration, Instant};

/// A bucket that fills at a rate and holds one second's worth, but at least one call.
pub(crate) struct Limit {
    rate: f64,
    left: f64,
    since: Instant,
}

impl Limit {
    /// Creates a full bucket.
    ///
    /// The rate is a number above 0.
    pub(crate) fn new(rate: f64, now: Instant) -> Limit {
        Limit {
            rate,
            left: rate.max(1.0),
            since: now,
        }
    }

    /// Takes one call, or returns the time until one is available.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.since).as_secs_f64();
        self.left = (self.left + passed * self.rate).min(self.rate.max(1.0));
        self.since = self.since.max(now);
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - self.left) / self.rate;
        Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seconds_worth_may_come_at_once_and_then_the_rate_holds() {
        let start = Instant::now();
        let mut limit = Limit::new(4.0, start);
        for _ in 0..4 {
            assert_eq!(limit.take(start), Ok(()));
        }
        assert_eq!(limit.take(start), Err(Duration::from_millis(250)));
        let later = start + Duration::from_millis(250);
        assert_eq!(limit.take(later), Ok(()));
        assert!(limit.take(later).is_err());
    }

    #[test]
    fn a_slow_rate_lets_one_call_through_at_a_time() {
        let start = Instant::now();
        let mut limit = Limit::new(0.5, start);
        assert_eq!(limit.take(start), Ok(()));
        assert_eq!(limit.take(start), Err(Duration::from_secs(2)));
        let much_later = start + Duration::from_secs(100);
        assert_eq!(limit.take(much_later), Ok(()));
        assert!(limit.take(much_later).is_err());
    }
}
