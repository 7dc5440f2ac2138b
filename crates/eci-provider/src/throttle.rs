//! The rate of calls and their retries.
//!
//! * when: by what went wrong, and by whether the call does harm twice ([`Idempotency`]);
//! * how long after: exponential backoff with full jitter, or the pause that the cloud requests;
//! * how often: a number of attempts for each call, and a budget for the whole run, so that a
//!   cloud that is down is not stormed;
//! * how fast: the rate that the user set, and less of it while the cloud says that there are
//!   too many calls.

mod adaptive_limit;
mod queue;
mod rate_limit;
mod retry_budget;
mod retry_rule;
mod shutdown;

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use eci_api::{CallError, CallErrorKind, CallOutcome, Operation};
use eci_text::{Lang, Localize, Text, text};
use tokio::time::Instant;

use adaptive_limit::AdaptiveLimiter;
use queue::CallQueue;
use retry_budget::Budget;
use retry_rule::{applies_to_all_calls, is_throttled};
pub(crate) use shutdown::Shutdown;

pub use retry_rule::Idempotency;

/// The longest pause requested by the cloud that is waited for; after a longer one the call fails.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(5 * 60);

/// The shortest pause before another attempt that is reported.
const MIN_REPORTED_DELAY: Duration = Duration::from_secs(1);

/// A call that failed and is retried.
#[derive(Debug)]
#[non_exhaustive]
pub struct RetryEvent<'a> {
    /// The error of the last attempt.
    pub error: &'a CallError,
    /// The pause before the next attempt.
    pub pause: Duration,
    /// The number of the next attempt.
    pub attempt: u32,
    /// The largest number of attempts.
    pub attempts: u32,
}

impl Localize for RetryEvent<'_> {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = text!(
            en: "{problem}; attempt {attempt} of {attempts} in {seconds}s",
            zh: "{problem}；{seconds}s 后进行第 {attempt} 次尝试（共 {attempts} 次）",
            problem = self.error.problem(),
            attempt = self.attempt,
            attempts = self.attempts,
            seconds = format!("{:.0}", self.pause.as_secs_f64()),
        );
        f.write_str(message.get(lang))
    }
}

impl fmt::Display for RetryEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_in(Lang::En, f)
    }
}

/// A listener for calls that are retried.
pub(crate) type RetryListener<'t> = dyn Fn(&RetryEvent<'_>) + Send + Sync + 't;

/// A check whether a call may still be sent.
pub(crate) type Guard<'t> = dyn Fn() -> Result<(), GuardRefusal> + Send + Sync + 't;

/// The reason why a call may not be sent.
#[derive(Clone, Debug)]
pub struct GuardRefusal {
    /// The reason.
    pub reason: Text,
    /// Whether the call may be possible soon: it waits then.
    pub may_pass: bool,
}

/// The pause between two questions whether a call may be sent.
const GUARD_INTERVAL: Duration = Duration::from_millis(100);

/// Options of a single API call.
#[derive(Clone, Copy)]
pub struct CallOptions<'a> {
    pub(crate) repeat: Idempotency,
    /// The operation, if it can be left out during shutdown.
    pub(crate) change: Option<Operation>,
    /// The listener that is called before each retry.
    pub(crate) on_retry: Option<&'a RetryListener<'a>>,
    /// The shutdown of the run that makes the call.
    pub(crate) shutdown: Option<&'a Shutdown>,
    /// The operation, if it changes an object, and the guard that is called right before it is sent.
    pub(crate) guard: Option<(Operation, &'a Guard<'a>)>,
}

impl From<Idempotency> for CallOptions<'_> {
    fn from(repeat: Idempotency) -> Self {
        CallOptions {
            repeat,
            change: None,
            on_retry: None,
            shutdown: None,
            guard: None,
        }
    }
}

/// The number of attempts and the pauses between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    /// The largest number of attempts in all.
    pub max_attempts: u32,
    /// The longest pause before the second attempt; before each further one it may be twice as
    /// long. The pause itself is any part of that, so that calls which failed together are not
    /// retried together.
    pub init_backoff: Duration,
    /// The longest of these pauses.
    ///
    /// One that the cloud requests may be longer.
    pub max_backoff: Duration,
}

impl Default for RetryConfig {
    fn default() -> RetryConfig {
        RetryConfig {
            max_attempts: 6,
            init_backoff: Duration::from_millis(250),
            max_backoff: Duration::from_secs(30),
        }
    }
}

/// Spreads calls over time.
///
/// Shared by all calls of a run.
#[derive(Debug)]
pub struct Throttle {
    retry: RetryConfig,
    gate: CallQueue,
    budget: Budget,
    /// Whether the exhausted budget was reported.
    budget_warned: AtomicBool,
    jitter: Mutex<fastrand::Rng>,
}

/// No limit, and the same pauses each time.
impl Default for Throttle {
    fn default() -> Throttle {
        Throttle::new(None, RetryConfig::default(), 0)
    }
}

impl Throttle {
    /// Creates a throttle with a limit of calls per second, if any, and this number of
    /// attempts.
    ///
    /// The length of the pauses is drawn from the seed, so that a run with the same seed can be
    /// repeated.
    pub fn new(calls_per_second: Option<f64>, retry: RetryConfig, seed: u64) -> Throttle {
        Throttle {
            retry,
            gate: CallQueue::new(AdaptiveLimiter::new(calls_per_second, Instant::now())),
            budget: Budget::default(),
            budget_warned: AtomicBool::new(false),
            jitter: Mutex::new(fastrand::Rng::with_seed(seed)),
        }
    }

    /// Makes a call in its turn, and again where that may help, as long as attempts are left.
    ///
    /// Cancel safe if the call is: dropping the future while a call waits for its turn sends nothing.
    ///
    /// # Errors
    /// The error of the last attempt; its outcome is unknown where that of any attempt is.
    pub async fn call<T, F>(
        &self,
        options: CallOptions<'_>,
        call: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        self.budget.call();
        let began = Instant::now();
        let mut pauses = self.backoff().build();
        let (mut attempt, mut was_throttled) = (1, false);
        let mut in_doubt = false;
        loop {
            let error = match self.attempt(options, &call).await {
                Ok(answer) => return Ok(answer),
                // What is not there is not changed any more.
                Err(error) if in_doubt && !error.is_not_found() => error.in_doubt(),
                Err(error) => error,
            };
            in_doubt |= error.outcome() == CallOutcome::Unknown;
            let longest = if options.repeat.allows(&error) {
                pauses.next()
            } else {
                None
            };
            // The first refusal because of too many calls does not end the attempts: fewer calls help.
            let free = is_throttled(&error) && !std::mem::replace(&mut was_throttled, true);
            let pause = longest.and_then(|longest| self.pause(&error, longest, free));
            let Some(pause) = pause else {
                return Err(error.after(attempt, began.elapsed()));
            };
            attempt += 1;
            tracing::debug!(%error, ?pause, "retrying");
            if let Some(on_retry) = options.on_retry.filter(|_| pause >= MIN_REPORTED_DELAY) {
                on_retry(&RetryEvent {
                    error: &error,
                    pause,
                    attempt,
                    attempts: self.retry.max_attempts,
                });
            }
            let undone = error.operation().changes() && error.outcome() == CallOutcome::NotDone;
            tokio::select! {
                biased;
                () = shutting_down(options.shutdown), if undone => {
                    return Err(error.after(attempt - 1, began.elapsed()));
                }
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn attempt<T, F>(
        &self,
        options: CallOptions<'_>,
        call: &impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let pass = match options.change {
            None => self.gate.enter().await,
            Some(operation) => tokio::select! {
                biased;
                pass = self.gate.enter() => pass,
                () = shutting_down(options.shutdown) => {
                    let detail = text!(
                        en: "the run was interrupted before the call was sent",
                        zh: "运行在调用发出前已中断",
                    );
                    return Err(CallError::new(operation, CallErrorKind::NotSent { detail }));
                }
            },
        };
        if let Some((operation, guard)) = options.guard {
            let passing = wait_for_guard(guard, options.shutdown).await;
            passing
                .map_err(|detail| CallError::new(operation, CallErrorKind::NotSent { detail }))?;
        }
        let answer = call().await;
        self.learn(pass.sent_at, answer.as_ref().err());
        answer
    }

    /// Learns from an answer how many calls the cloud bears.
    fn learn(&self, sent_at: Instant, error: Option<&CallError>) {
        let now = Instant::now();
        let mut flow = self.gate.flow();
        let Some(error) = error else {
            return flow.taken(now);
        };
        if is_throttled(error) {
            if let Some((rate, places)) = flow.throttled(sent_at, now) {
                tracing::debug!(rate, places, "the cloud requests fewer calls");
            }
        } else if error.refusal().is_some() {
            flow.taken(now);
        }
        if let Some(requested) = error.retry_after()
            && requested <= MAX_RETRY_AFTER
            && applies_to_all_calls(error)
        {
            flow.hold(now + requested);
        }
    }

    /// Returns the longest pauses, one after the other.
    fn backoff(&self) -> ExponentialBuilder {
        let repeats = usize::try_from(self.retry.max_attempts.saturating_sub(1));
        ExponentialBuilder::new()
            .with_min_delay(self.retry.init_backoff.min(self.retry.max_backoff))
            .with_max_delay(self.retry.max_backoff)
            .with_max_times(repeats.unwrap_or(usize::MAX))
    }

    /// Returns the pause before the next attempt; `None` if there should be none.
    fn pause(&self, error: &CallError, longest: Duration, free: bool) -> Option<Duration> {
        if error
            .retry_after()
            .is_some_and(|requested| requested > MAX_RETRY_AFTER)
        {
            return None;
        }
        if !free && !self.budget.repeat() {
            if !self.budget_warned.swap(true, Ordering::Relaxed) {
                tracing::info!("too many API calls failed; failed calls are no longer retried");
            }
            return None;
        }
        let drawn = || {
            let mut chance = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
            longest.mul_f64(chance.f64())
        };
        Some(error.retry_after().unwrap_or_else(drawn))
    }
}

/// Waits until the guard lets a call pass, or refuses it for good.
async fn wait_for_guard(guard: &Guard<'_>, shutdown: Option<&Shutdown>) -> Result<(), Text> {
    loop {
        match guard() {
            Ok(()) => return Ok(()),
            Err(GuardRefusal {
                reason,
                may_pass: false,
            }) => return Err(reason),
            Err(GuardRefusal { reason, .. }) => tokio::select! {
                () = shutting_down(shutdown) => return Err(reason),
                () = tokio::time::sleep(GUARD_INTERVAL) => {}
            },
        }
    }
}

/// Returns once the shutdown has begun; never if the call does not belong to a run.
async fn shutting_down(shutdown: Option<&Shutdown>) {
    match shutdown {
        Some(shutdown) => shutdown.begun().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
