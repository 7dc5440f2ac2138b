//! A limit on the number of calls per second.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

/// The resolution of timers: that much may be caught up at once, no more.
const TIMER_RESOLUTION: f64 = 0.01;

/// The lowest rate, of one call a day; a lower one would block all calls.
const SLOWEST: f64 = 1.0 / (24.0 * 60.0 * 60.0);
const FASTEST: f64 = 1e8;

/// Calls a second, evenly spread.
#[derive(Debug)]
pub(super) struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>,
    clock: Ticks,
}

impl Rate {
    /// Creates a rate of calls per second.
    ///
    /// `None` for an invalid rate, or one that limits nothing.
    pub(super) fn new(calls_per_second: f64, now: Instant) -> Option<Rate> {
        if !calls_per_second.is_finite() || calls_per_second <= 0.0 || calls_per_second > FASTEST {
            return None;
        }
        let rate = calls_per_second.max(SLOWEST);
        // Between 0.01 and a million: in range.
        let at_once = NonZeroU32::new((rate * TIMER_RESOLUTION) as u32).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(Duration::from_secs_f64(1.0 / rate))?;
        let clock = Ticks { start: now };
        Some(Rate {
            limiter: RateLimiter::direct_with_clock(quota.allow_burst(at_once), clock.clone()),
            clock,
        })
    }

    /// Takes one call, or returns the time at which there will be one.
    pub(super) fn take(&self) -> Result<(), Instant> {
        self.limiter.check().map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            Instant::now() + wait
        })
    }
}

/// Tokio's clock, which a test can hold still.
#[derive(Clone, Debug)]
struct Ticks {
    start: Instant,
}

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Returns the number of calls that are let through in one second while some always wait.
    async fn in_a_second(rate: f64) -> u32 {
        let start = Instant::now();
        let rate = Rate::new(rate, start).unwrap();
        let mut calls = 0;
        while start.elapsed() < Duration::from_secs(1) {
            match rate.take() {
                Ok(()) => calls += 1,
                Err(at) => tokio::time::sleep_until(at).await,
            }
        }
        calls
    }

    #[tokio::test(start_paused = true)]
    async fn any_rate_is_kept_to_slow_and_fast() {
        assert_eq!(in_a_second(1e-300).await, 1);
        assert_eq!(in_a_second(0.5).await, 1);
        assert_eq!(in_a_second(10.0).await, 10);
        let fast = in_a_second(20_000.0).await;
        assert!((19_000..=20_200).contains(&fast), "{fast}");
    }

    #[tokio::test(start_paused = true)]
    async fn unused_calls_are_not_caught_up() {
        let rate = Rate::new(10.0, Instant::now()).unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(rate.take(), Ok(()));
        let next = Instant::now() + Duration::from_millis(100);
        assert_eq!(rate.take(), Err(next));
    }

    #[tokio::test]
    async fn what_limits_nothing_is_not_a_rate() {
        for none in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert!(Rate::new(none, Instant::now()).is_none(), "{none}");
        }
    }
}
