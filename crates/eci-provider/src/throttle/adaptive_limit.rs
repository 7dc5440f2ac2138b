//! Adaptive rate limit: the bookkeeping, without any waiting.
//!
//! A run starts without a limit other than the user's. When the cloud says that there are too many calls,
//! the run goes on at half of what the cloud took in the second before, with half as many calls
//! at a time, and from there a tenth faster each second; once that has not delayed a call for a
//! while, the limit is dropped. So a run finds the rate that the cloud bears and stays near it,
//! and one refusal among many calls costs seconds, not the rest of the run.

use std::time::Duration;

use tokio::time::Instant;

use super::rate_limit::Rate;

/// A run never becomes slower than one call a second, and one at a time.
const LEAST_RATE: f64 = 1.0;
const LEAST_PLACES: f64 = 1.0;

/// The growth after a second without a refusal: this share, but at least this number of calls per second and
/// calls at a time.
const GROWTH: f64 = 0.1;
const LEAST_GROWTH: f64 = 0.5;
const SECOND: Duration = Duration::from_secs(1);

/// The time without a delayed call after which a limit is dropped.
const FORGET: Duration = Duration::from_secs(5);

/// The reason why a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitReason {
    /// An instant.
    Until(Instant),
    /// The end of another call.
    Slot,
}

/// The limits that the calls of a run learn.
#[derive(Debug, Default)]
pub(super) struct AdaptiveLimiter {
    /// The rate that the user set.
    set: Option<(f64, Option<Rate>)>,
    /// The limit that the cloud's refusals led to.
    slow: Option<ReducedLimit>,
    /// The end of a pause for all calls that the cloud requested.
    held: Option<Instant>,
    in_flight: usize,
    taken: ThroughputMeter,
}

/// A limit that adapts.
#[derive(Debug)]
struct ReducedLimit {
    rate: f64,
    limiter: Option<Rate>,
    max_in_flight: f64,
    /// Refusals of calls that were sent before do not count again.
    since: Instant,
    /// Up to when it has grown.
    grown: Instant,
    /// The last time at which the limit delayed a call.
    bound: Instant,
}

impl AdaptiveLimiter {
    /// Creates a limiter with a limit of calls per second, if any.
    pub(super) fn new(calls_per_second: Option<f64>, now: Instant) -> AdaptiveLimiter {
        AdaptiveLimiter {
            set: calls_per_second.map(|rate| (rate, Rate::new(rate, now))),
            ..AdaptiveLimiter::default()
        }
    }

    /// Admits a call, or returns what it has to wait for first.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), WaitReason> {
        if let Some(until) = self.held {
            if now < until {
                return Err(WaitReason::Until(until));
            }
            self.held = None;
        }
        match (&mut self.slow, &self.set) {
            (Some(slow), _) => slow.admit(self.in_flight, now)?,
            (None, Some((_, Some(set)))) => set.take().map_err(WaitReason::Until)?,
            (None, _) => {}
        }
        self.in_flight += 1;
        self.recover(now);
        Ok(())
    }

    /// Records the end of a call, whatever its outcome.
    pub(super) fn leave(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Records that the cloud accepted a call, even if it answered with an error.
    pub(super) fn taken(&mut self, now: Instant) {
        self.taken.count(now);
    }

    /// Records that the cloud refused a call because there were too many.
    ///
    /// Returns the new rate and number of calls at a time, if they change: refusals of calls that
    /// were all sent before the last change count once.
    pub(super) fn throttled(&mut self, sent_at: Instant, now: Instant) -> Option<(f64, f64)> {
        let slow = self.slow.as_ref();
        if slow.is_some_and(|slow| sent_at <= slow.since) {
            return None;
        }
        let unlimited = (f64::INFINITY, f64::INFINITY);
        let (rate, places) = slow.map_or(unlimited, |slow| (slow.rate, slow.max_in_flight));
        let rate = self.taken.rate(now).min(rate) / 2.0;
        let places = (self.in_flight as f64).min(places) / 2.0;
        let slow = ReducedLimit::new(rate.max(LEAST_RATE), places.max(LEAST_PLACES), now);
        let limits = (slow.rate, slow.max_in_flight);
        self.slow = Some(slow);
        Some(limits)
    }

    /// Delays all calls until this time.
    pub(super) fn hold(&mut self, until: Instant) {
        self.held = Some(self.held.map_or(until, |held| held.max(until)));
        if let Some(slow) = &mut self.slow {
            // Without calls, nothing shows that the cloud would bear more.
            slow.grown = slow.grown.max(until);
            slow.bound = slow.bound.max(until);
        }
    }

    /// Raises the limit with time, until it is none any more.
    fn recover(&mut self, now: Instant) {
        let set = self.set.as_ref().map_or(f64::INFINITY, |(rate, _)| *rate);
        let over = self.slow.as_mut().is_some_and(|slow| {
            slow.grow(now);
            slow.rate >= set || now.saturating_duration_since(slow.bound) >= FORGET
        });
        if over {
            tracing::debug!("the limit on calls is dropped");
            self.slow = None;
        }
    }
}

impl ReducedLimit {
    fn new(rate: f64, places: f64, now: Instant) -> ReducedLimit {
        ReducedLimit {
            rate,
            limiter: used(rate, now),
            max_in_flight: places,
            since: now,
            grown: now,
            bound: now,
        }
    }

    fn admit(&mut self, in_flight: usize, now: Instant) -> Result<(), WaitReason> {
        let wait = match &self.limiter {
            _ if in_flight as f64 >= self.max_in_flight.floor() => Err(WaitReason::Slot),
            Some(limiter) => limiter.take().map_err(WaitReason::Until),
            None => Ok(()),
        };
        if wait.is_err() {
            self.bound = now;
        }
        wait
    }

    /// Raises the limits.
    ///
    /// Called when a call is sent, so that the new limiter starts where the old one is.
    fn grow(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.grown).as_secs();
        if seconds == 0 {
            return;
        }
        self.grown += Duration::from_secs(seconds);
        // More iterations make no difference: after that time, no limit delays a call.
        for _ in 0..seconds.min(1000) {
            self.rate += (self.rate * GROWTH).max(LEAST_GROWTH);
            self.max_in_flight += (self.max_in_flight * GROWTH).max(LEAST_GROWTH);
        }
        self.limiter = used(self.rate, now);
    }
}

/// Creates a rate of which one call is used already.
fn used(rate: f64, now: Instant) -> Option<Rate> {
    let limiter = Rate::new(rate, now)?;
    // A new one has a call to give.
    let _ = limiter.take();
    Some(limiter)
}

/// The number of calls that the cloud accepted in the last second, from two counts.
#[derive(Debug, Default)]
struct ThroughputMeter {
    second: Option<Instant>,
    count: u32,
    before: u32,
}

impl ThroughputMeter {
    fn count(&mut self, now: Instant) {
        self.roll(now);
        self.count = self.count.saturating_add(1);
    }

    fn rate(&mut self, now: Instant) -> f64 {
        let into = self.roll(now).as_secs_f64();
        f64::from(self.before) * (1.0 - into) + f64::from(self.count)
    }

    /// Begins a new count with each second.
    ///
    /// Gives how much of it has passed.
    fn roll(&mut self, now: Instant) -> Duration {
        let second = *self.second.get_or_insert(now);
        let into = now.saturating_duration_since(second);
        if into < SECOND {
            return into;
        }
        self.before = if into < 2 * SECOND { self.count } else { 0 };
        self.count = 0;
        let into = Duration::from_nanos(u64::from(into.subsec_nanos()));
        self.second = Some(now - into);
        into
    }
}

#[cfg(test)]
mod tests;
