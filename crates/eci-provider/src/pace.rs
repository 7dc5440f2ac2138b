//! How fast calls follow one another and when one is tried again.

use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use eci_api::CallError;
use tokio::time::Instant;

/// How often and how long a call is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// At most so many attempts in all.
    pub attempts: u32,
    /// The pause before the second attempt; each further one is twice as long.
    pub first_delay: Duration,
    /// The longest pause, also where the cloud asks for a longer one.
    pub max_delay: Duration,
}

impl Default for Retry {
    fn default() -> Retry {
        Retry {
            attempts: 6,
            first_delay: Duration::from_millis(250),
            max_delay: Duration::from_secs(30),
        }
    }
}

/// Spreads calls over time. Shared by all calls of a run.
#[derive(Debug, Default)]
pub struct Pace {
    /// The least time from one call to the next; none without a limit.
    interval: Option<Duration>,
    next: Mutex<Option<Instant>>,
    retry: Retry,
}

impl Pace {
    /// At most so many calls a second, if there is a limit, and this many attempts.
    pub fn new(calls_per_second: Option<f64>, retry: Retry) -> Pace {
        let interval = calls_per_second
            .filter(|rate| rate.is_finite() && *rate > 0.0)
            .and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        Pace {
            interval,
            next: Mutex::new(None),
            retry,
        }
    }

    /// Makes a call in its turn, and again while `may_repeat` allows it and attempts are left.
    ///
    /// # Errors
    /// The error of the last attempt.
    pub async fn call<T, F>(
        &self,
        may_repeat: fn(&CallError) -> bool,
        call: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let mut delay = self.retry.first_delay;
        let mut attempt = 1;
        loop {
            self.turn().await;
            let error = match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if attempt >= self.retry.attempts || !may_repeat(&error) {
                return Err(error);
            }
            let pause = error
                .retry_after()
                .unwrap_or(delay)
                .min(self.retry.max_delay);
            tracing::debug!(%error, attempt, ?pause, "trying again");
            if error.retry_after().is_some() {
                self.hold(pause);
            }
            tokio::time::sleep(pause).await;
            delay = (delay * 2).min(self.retry.max_delay);
            attempt += 1;
        }
    }

    async fn turn(&self) {
        let at = {
            let mut next = self.lock();
            match (*next, self.interval) {
                (None, None) => return,
                (planned, interval) => {
                    let now = Instant::now();
                    let at = planned.map_or(now, |planned| planned.max(now));
                    *next = interval.map(|interval| at + interval);
                    at
                }
            }
        };
        tokio::time::sleep_until(at).await;
    }

    /// Nobody calls before this pause is over: the cloud asked for it.
    fn hold(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut next = self.lock();
        *next = Some(next.map_or(until, |planned| planned.max(until)));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        // What is guarded is one value, whole at any time.
        self.next
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use eci_api::{CallErrorKind, Operation};

    use super::*;

    fn passing() -> CallError {
        let limit = Duration::from_secs(1);
        CallError::new(
            Operation::DescribeContainerGroup,
            CallErrorKind::TimedOut { limit },
        )
    }

    #[tokio::test(start_paused = true)]
    async fn calls_are_spread_over_time() {
        let pace = Pace::new(Some(10.0), Retry::default());
        let start = Instant::now();
        for _ in 0..11 {
            let done: Result<(), CallError> = pace.call(|_| false, || async { Ok(()) }).await;
            assert!(done.is_ok());
        }
        assert_eq!(start.elapsed().as_millis(), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_tried_again_as_long_as_it_may_be() {
        let calls = AtomicU32::new(0);
        let pace = Pace::default();
        let fail = || async {
            calls.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(passing())
        };
        assert!(pace.call(CallError::is_transient, fail).await.is_err());
        assert_eq!(calls.swap(0, Ordering::Relaxed), Retry::default().attempts);
        assert!(pace.call(|_| false, fail).await.is_err());
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_that_the_cloud_asks_for_holds_for_every_call() {
        let pace = Pace::default();
        let start = Instant::now();
        let calls = AtomicU32::new(0);
        let refuse_once = || async {
            match calls.fetch_add(1, Ordering::Relaxed) {
                0 => Err(passing().with_retry_after(Duration::from_secs(7))),
                _ => Ok(start.elapsed()),
            }
        };
        let (first, other) = tokio::join!(pace.call(CallError::is_transient, refuse_once), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            pace.call(|_| false, || async { Ok(start.elapsed()) }).await
        });
        assert_eq!(first.map(|at| at.as_secs()).ok(), Some(7));
        assert_eq!(other.map(|at| at.as_secs()).ok(), Some(7));
    }
}
