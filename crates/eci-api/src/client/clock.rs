//! The cloud's clock, according to its answers.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Smaller differences mean nothing: the header has whole seconds.
const SECONDS_ONLY: SignedDuration = SignedDuration::from_secs(2);

/// The cloud refuses a signature whose time is further from its own (assumed).
const ACCEPTED: SignedDuration = SignedDuration::from_mins(15);

/// Clocks that differ by more than that are worth a word.
pub(super) const WORTH_REPORTING: SignedDuration = SignedDuration::from_mins(2);

/// By how much the cloud's clock is ahead of this machine's, by the header `Date` of the latest
/// answer; nothing before the first one.
///
/// A proxy may set that header by its own clock. So a signature has a date that the cloud has
/// accepted, unless it is a read that can be repeated; and once the cloud accepted this machine's
/// time in the place of the header's, the header is ignored for good.
#[derive(Debug, Default)]
pub(super) struct CloudClock {
    milliseconds: AtomicI64,
    accepted: AtomicI64,
    known: AtomicBool,
    is_reported: AtomicBool,
    wrong: AtomicBool,
}

impl CloudClock {
    /// Returns whether the cloud's time is known from an answer.
    pub(super) fn is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Remembers that the cloud accepted a signature of a time that was ahead by this much.
    pub(super) fn accept(&self, ahead: SignedDuration) {
        self.accepted
            .store(in_milliseconds(ahead), Ordering::Relaxed);
    }

    /// Returns how far ahead the time was that the cloud accepted last.
    pub(super) fn accepted(&self) -> SignedDuration {
        SignedDuration::from_millis(self.accepted.load(Ordering::Relaxed))
    }

    /// Ignores the header from now on: the cloud accepted this machine's time and refused the
    /// header's.
    pub(super) fn distrust(&self) {
        if self.wrong.swap(true, Ordering::Relaxed) {
            return;
        }
        tracing::info!(
            "the Date of the answers differs from the cloud's clock, which agrees with this \
             machine's: a proxy may set it; it is ignored"
        );
        self.milliseconds.store(0, Ordering::Relaxed);
        self.known.store(false, Ordering::Relaxed);
    }

    /// Returns how far it is ahead.
    pub(super) fn ahead(&self) -> SignedDuration {
        SignedDuration::from_millis(self.milliseconds.load(Ordering::Relaxed))
    }

    /// Returns how far it is ahead, if that is worth a warning.
    pub(super) fn difference(&self) -> Option<SignedDuration> {
        self.is_reported
            .load(Ordering::Relaxed)
            .then(|| self.ahead())
    }

    /// Returns the cloud's time at a time of this machine.
    ///
    /// A header that is further from the time that the cloud accepted last than it accepts at all
    /// says nothing.
    pub(super) fn at(&self, local: Timestamp) -> Timestamp {
        let (is_reported, accepted) = (self.ahead(), self.accepted());
        let ahead = if (is_reported - accepted).abs() > ACCEPTED {
            accepted
        } else {
            is_reported
        };
        // Saturates at the ends of time.
        local.saturating_add(ahead).unwrap_or(local)
    }

    /// Learns from an answer of the cloud that arrived at this time.
    pub(super) fn learn(&self, date: Option<Timestamp>, local: Timestamp) {
        let Some(date) = date.filter(|_| !self.wrong.load(Ordering::Relaxed)) else {
            return;
        };
        let ahead = date.duration_since(local);
        let ahead = if ahead.abs() < SECONDS_ONLY {
            SignedDuration::ZERO
        } else {
            ahead
        };
        self.milliseconds
            .store(in_milliseconds(ahead), Ordering::Relaxed);
        self.known.store(true, Ordering::Relaxed);
        // What is that far from the time that the cloud accepted is not its clock.
        let is_plausible = (ahead - self.accepted()).abs() <= ACCEPTED;
        if is_plausible
            && ahead.abs() > WORTH_REPORTING
            && !self.is_reported.swap(true, Ordering::Relaxed)
        {
            tracing::info!(
                "this machine's clock is {} s {} the cloud's; times are judged by the cloud's clock",
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

fn in_milliseconds(time: SignedDuration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_follows_the_latest_date_and_is_reported_once() {
        let clock = CloudClock::default();
        let local: Timestamp = "2026-02-28T16:00:00.7Z".parse().unwrap();
        let date = |text: &str| Some(text.parse().unwrap());
        assert_eq!(clock.at(local), local);
        // Whole seconds mean nothing.
        clock.learn(date("2026-02-28T16:00:00Z"), local);
        assert_eq!(clock.at(local), local);
        clock.learn(date("2026-02-28T16:01:00Z"), local);
        assert!(!clock.is_reported.load(Ordering::Relaxed));
        clock.learn(date("2026-02-28T15:40:00.7Z"), local);
        assert_eq!(clock.ahead(), SignedDuration::from_mins(-20));
        assert_eq!(clock.difference(), None);
        assert!(
            !clock.is_reported.load(Ordering::Relaxed),
            "this machine's time was accepted"
        );
        clock.accept(SignedDuration::from_mins(-20));
        clock.learn(date("2026-02-28T15:40:00.7Z"), local);
        assert!(clock.is_reported.load(Ordering::Relaxed));
        assert_eq!(clock.difference(), Some(SignedDuration::from_mins(-20)));
        // An answer without a date changes nothing.
        clock.learn(None, local);
        assert_eq!(clock.ahead(), SignedDuration::from_mins(-20));
    }
}
