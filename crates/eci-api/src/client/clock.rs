//! The cloud's clock, as its answers tell it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Smaller differences mean nothing: the header has whole seconds.
const SECONDS_ONLY: SignedDuration = SignedDuration::from_secs(2);

/// Clocks that differ by more than that are worth a word.
pub(super) const WORTH_TELLING: SignedDuration = SignedDuration::from_mins(2);

/// By how much the cloud's clock is ahead of this machine's, by the header `Date` of the latest
/// answer; nothing before the first one.
#[derive(Debug, Default)]
pub(super) struct CloudClock {
    milliseconds: AtomicI64,
    known: AtomicBool,
    told: AtomicBool,
}

impl CloudClock {
    /// Whether it is known from an answer.
    pub(super) fn is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Returns how far it is ahead.
    pub(super) fn ahead(&self) -> SignedDuration {
        SignedDuration::from_millis(self.milliseconds.load(Ordering::Relaxed))
    }

    /// Returns the cloud's time at a time of this machine.
    pub(super) fn at(&self, local: Timestamp) -> Timestamp {
        // Saturates at the ends of time.
        local.saturating_add(self.ahead()).unwrap_or(local)
    }

    /// Learns from an answer of the cloud that arrived at this time.
    pub(super) fn learn(&self, date: Option<Timestamp>, local: Timestamp) {
        let Some(date) = date else {
            return;
        };
        let ahead = date.duration_since(local);
        let ahead = match ahead.abs() < SECONDS_ONLY {
            true => SignedDuration::ZERO,
            false => ahead,
        };
        let milliseconds = i64::try_from(ahead.as_millis()).unwrap_or_default();
        self.milliseconds.store(milliseconds, Ordering::Relaxed);
        self.known.store(true, Ordering::Relaxed);
        if ahead.abs() > WORTH_TELLING && !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "this machine's clock is {} s {} the cloud's: correct it (NTP); until then, times are \
                 judged by the cloud's clock",
                ahead.abs().as_secs(),
                if ahead.is_positive() {
                    "behind"
                } else {
                    "ahead of"
                },
            );
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_follows_the_latest_date_and_tells_once() {
        let clock = CloudClock::default();
        let local: Timestamp = "2026-02-28T16:00:00.7Z".parse().unwrap();
        let date = |text: &str| Some(text.parse().unwrap());
        assert_eq!(clock.at(local), local);
        // Whole seconds mean nothing.
        clock.learn(date("2026-02-28T16:00:00Z"), local);
        assert_eq!(clock.at(local), local);
        clock.learn(date("2026-02-28T16:01:00Z"), local);
        assert!(!clock.told.load(Ordering::Relaxed));
        clock.learn(date("2026-02-28T15:40:00.7Z"), local);
        assert_eq!(clock.ahead(), SignedDuration::from_mins(-20));
        assert!(clock.told.load(Ordering::Relaxed));
        // An answer without a date changes nothing.
        clock.learn(None, local);
        assert_eq!(clock.ahead(), SignedDuration::from_mins(-20));
    }
}
