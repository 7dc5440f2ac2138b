#![allow(clippy::unwrap_used)]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use eci_api::{CallErrorKind, Operation, Refusal, StatusReason};
use eci_text::Text;

use super::*;

fn timed_out() -> CallError {
    let limit = Duration::from_secs(1);
    CallError::new(
        Operation::DescribeContainerGroup,
        CallErrorKind::TimedOut { limit },
    )
}

fn refused(reason: StatusReason, status_code: i64) -> CallError {
    let refusal = Refusal {
        reason,
        status_code,
        error: String::new(),
        message: String::new(),
        description: String::new(),
        access_key: String::new(),
    };
    CallError::new(Operation::CreateContainerGroup, refusal.into())
}

fn throttled() -> CallError {
    refused(StatusReason::TooManyRequests, 429)
}

async fn succeed(throttle: &Throttle) {
    let done: Result<(), CallError> = throttle
        .call(Idempotency::Idempotent.into(), || async { Ok(()) })
        .await;
    assert!(done.is_ok());
}

/// Returns the number of attempts of a call that always fails.
async fn attempts(throttle: &Throttle, repeat: Idempotency, error: CallError) -> u32 {
    let calls = Cell::new(0);
    let fail = || async {
        calls.set(calls.get() + 1);
        Err::<(), _>(error.clone())
    };
    assert!(throttle.call(repeat.into(), fail).await.is_err());
    calls.get()
}

#[tokio::test(start_paused = true)]
async fn calls_are_spread_over_time() {
    let throttle = Throttle::new(Some(10.0), RetryConfig::default(), 0);
    let start = Instant::now();
    for _ in 0..11 {
        succeed(&throttle).await;
    }
    assert_eq!(start.elapsed().as_millis(), 1000);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_retried_as_long_as_it_may_be() {
    let throttle = Throttle::default();
    let all = RetryConfig::default().max_attempts;
    assert_eq!(
        attempts(&throttle, Idempotency::Idempotent, timed_out()).await,
        all
    );
    let created = refused(StatusReason::InternalError, 500);
    assert_eq!(
        attempts(&throttle, Idempotency::NotIdempotent, created).await,
        1
    );
    let conflict = refused(StatusReason::Conflict, 409);
    assert_eq!(
        attempts(&throttle, Idempotency::NotIdempotent, conflict).await,
        all
    );
    let invalid = refused(StatusReason::Invalid, 422);
    assert_eq!(
        attempts(&throttle, Idempotency::Idempotent, invalid).await,
        1
    );
    let once = RetryConfig {
        max_attempts: 1,
        ..RetryConfig::default()
    };
    let throttle = Throttle::new(None, once, 0);
    assert_eq!(
        attempts(&throttle, Idempotency::Idempotent, timed_out()).await,
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_an_attempt_of_unknown_outcome_does_not_say_that_nothing_was_done() {
    let limit = Duration::from_secs(1);
    let lost = || {
        CallError::new(
            Operation::UpdateContainerGroup,
            CallErrorKind::TimedOut { limit },
        )
    };
    let invalid = refused(StatusReason::Invalid, 422);
    let missing = refused(StatusReason::NotFound, 404);
    let cases = [
        (
            vec![lost(), throttled(), invalid.clone()],
            CallOutcome::Unknown,
        ),
        (
            vec![throttled(), lost(), invalid.clone()],
            CallOutcome::Unknown,
        ),
        (vec![throttled(), invalid], CallOutcome::NotDone),
        // What is not there was not changed, or is deleted.
        (vec![lost(), missing], CallOutcome::NotDone),
    ];
    for (errors, outcome) in cases {
        let errors = RefCell::new(errors.into_iter());
        let fail = || async { Err::<(), _>(errors.borrow_mut().next().unwrap()) };
        let error = Throttle::default()
            .call(Idempotency::Idempotent.into(), fail)
            .await;
        let error = error.unwrap_err();
        assert_eq!(error.outcome(), outcome, "{error}");
    }
}

/// Returns the pauses between the attempts of a call that always fails.
async fn pauses(retry: RetryConfig, seed: u64) -> Vec<Duration> {
    let throttle = Throttle::new(None, retry, seed);
    let times = RefCell::new(Vec::new());
    let fail = || async {
        times.borrow_mut().push(Instant::now());
        Err::<(), _>(timed_out())
    };
    assert!(
        throttle
            .call(Idempotency::Idempotent.into(), fail)
            .await
            .is_err()
    );
    let times = times.into_inner();
    times.windows(2).map(|two| two[1] - two[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn pauses_are_drawn_from_a_range_that_doubles_up_to_the_longest() {
    let retry = RetryConfig {
        max_attempts: 6,
        init_backoff: Duration::from_secs(1),
        max_backoff: Duration::from_secs(5),
    };
    let most = [1, 2, 4, 5, 5].map(Duration::from_secs);
    let mut halves = [false; 2];
    for seed in 0..50 {
        let drawn = pauses(retry, seed).await;
        assert_eq!(drawn, pauses(retry, seed).await, "of the same seed");
        for (drawn, most) in drawn.iter().zip(most) {
            // A timer is a millisecond late at most.
            assert!(*drawn <= most + Duration::from_millis(1), "{drawn:?}");
            halves[usize::from(*drawn > most / 2)] = true;
        }
        assert_eq!(drawn.len(), most.len());
    }
    assert_eq!(halves, [true; 2]);
    assert_ne!(pauses(retry, 1).await, pauses(retry, 2).await);
}

#[tokio::test(start_paused = true)]
async fn the_pause_that_the_cloud_requests_holds_for_every_call() {
    let throttle = Throttle::default();
    let start = Instant::now();
    let calls = Cell::new(0);
    let refuse_once = || async {
        match calls.replace(calls.get() + 1) {
            0 => Err(throttled().with_retry_after(Duration::from_secs(70))),
            _ => Ok(start.elapsed()),
        }
    };
    let (first, other) = tokio::join!(
        throttle.call(Idempotency::NotIdempotent.into(), refuse_once),
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            throttle
                .call(Idempotency::Idempotent.into(), || async {
                    Ok(start.elapsed())
                })
                .await
        }
    );
    let mut seconds = [first, other].map(|at| at.map(|at| at.as_secs()).ok());
    seconds.sort();
    // One by one: there were too many calls.
    assert_eq!(seconds, [Some(70), Some(71)]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_about_one_resource_holds_only_its_own_call() {
    let throttle = Throttle::default();
    let start = Instant::now();
    let conflict = refused(StatusReason::Conflict, 409).with_retry_after(Duration::from_secs(9));
    let (tried, ()) = tokio::join!(
        attempts(&throttle, Idempotency::Idempotent, conflict),
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            succeed(&throttle).await;
            assert_eq!(start.elapsed().as_secs(), 1);
        }
    );
    assert_eq!(tried, RetryConfig::default().max_attempts);
    assert_eq!(start.elapsed().as_secs(), 5 * 9);
}

#[tokio::test(start_paused = true)]
async fn a_requested_pause_that_is_too_long_ends_the_attempts() {
    let throttle = Throttle::default();
    let start = Instant::now();
    let hours = throttled().with_retry_after(Duration::from_secs(3 * 3600));
    assert_eq!(attempts(&throttle, Idempotency::Idempotent, hours).await, 1);
    succeed(&throttle).await;
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_stays_down_is_not_stormed() {
    let throttle = Throttle::default();
    let mut sent = 0;
    for _ in 0..1000 {
        sent += attempts(&throttle, Idempotency::Idempotent, timed_out()).await;
    }
    assert!((1240..=1250).contains(&sent), "{sent}");
    for _ in 0..1000 {
        succeed(&throttle).await;
    }
    let again = attempts(&throttle, Idempotency::Idempotent, timed_out()).await;
    assert_eq!(again, RetryConfig::default().max_attempts);
}

/// A cloud that bears a number of calls per second, and the calls that it received.
struct Cloud {
    bears: Cell<f64>,
    latency: Duration,
    left: Cell<f64>,
    since: Cell<Instant>,
    taken: Cell<u32>,
    refused: Cell<u32>,
}

impl Cloud {
    fn new(bears: f64, latency: Duration) -> Rc<Cloud> {
        Rc::new(Cloud {
            bears: Cell::new(bears),
            latency,
            left: Cell::new(bears),
            since: Cell::new(Instant::now()),
            taken: Cell::new(0),
            refused: Cell::new(0),
        })
    }

    async fn call(&self) -> Result<(), CallError> {
        let passed = self.since.replace(Instant::now()).elapsed().as_secs_f64();
        let left = (self.left.get() + passed * self.bears.get()).min(self.bears.get());
        let takes = left >= 1.0;
        self.left.set(left - f64::from(u8::from(takes)));
        tokio::time::sleep(self.latency).await;
        let count = if takes { &self.taken } else { &self.refused };
        count.set(count.get() + 1);
        if takes { Ok(()) } else { Err(throttled()) }
    }

    /// Runs a number of calls, some of them concurrently.
    ///
    /// Returns the time that they take, and the number of those that fail.
    async fn work(
        self: &Rc<Cloud>,
        throttle: &Rc<Throttle>,
        calls: u32,
        workers: u32,
    ) -> (Duration, u32) {
        let start = Instant::now();
        let open = Rc::new(Cell::new(calls));
        let failed = Rc::new(Cell::new(0));
        let set = tokio::task::LocalSet::new();
        for _ in 0..workers {
            let (cloud, throttle) = (Rc::clone(self), Rc::clone(throttle));
            let (open, failed) = (Rc::clone(&open), Rc::clone(&failed));
            set.spawn_local(async move {
                while open.get() > 0 {
                    open.set(open.get() - 1);
                    let done = throttle
                        .call(Idempotency::NotIdempotent.into(), || cloud.call())
                        .await;
                    failed.set(failed.get() + u32::from(done.is_err()));
                }
            });
        }
        set.await;
        (start.elapsed(), failed.get())
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_finds_the_rate_that_the_cloud_bears() {
    for (bears, workers) in [(2, 10), (5, 100), (20, 10), (100, 50), (1000, 200)] {
        let cloud = Cloud::new(f64::from(bears), Duration::from_millis(20));
        let throttle = Rc::new(Throttle::default());
        let calls = bears * 30;
        let (took, failed) = cloud.work(&throttle, calls, workers).await;
        let refused = cloud.refused.get();
        let case = format!("{bears}/s by {workers}: {took:?}, {refused} of {calls} refused");
        assert_eq!(failed, 0, "{case}");
        assert_eq!(cloud.taken.get(), calls, "{case}");
        // The cloud requires at least half a minute.
        assert!(took < Duration::from_secs(75), "{case}");
        assert!(refused < calls / 5 + workers, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_is_as_fast_as_before_once_the_cloud_has_recovered() {
    let cloud = Cloud::new(f64::INFINITY, Duration::from_millis(20));
    let throttle = Rc::new(Throttle::default());
    let (before, _) = cloud.work(&throttle, 500, 10).await;
    assert!(before < Duration::from_millis(1100), "{before:?}");

    cloud.left.set(0.0);
    cloud.bears.set(10.0);
    let (slow, failed) = cloud.work(&throttle, 200, 10).await;
    assert_eq!(failed, 0);
    assert!(slow > Duration::from_secs(15), "{slow:?}");

    cloud.bears.set(f64::INFINITY);
    let (recovering, failed) = cloud.work(&throttle, 10_000, 10).await;
    assert_eq!(failed, 0);
    assert!(recovering < Duration::from_secs(60), "{recovering:?}");
    let (after, _) = cloud.work(&throttle, 500, 10).await;
    assert_eq!(after, before);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_leaves_its_place() {
    let cloud = Cloud::new(0.0, Duration::ZERO);
    let throttle = Throttle::default();
    assert!(
        throttle
            .call(Idempotency::Idempotent.into(), || cloud.call())
            .await
            .is_err()
    );
    for _ in 0..3 {
        let never = throttle.call(
            Idempotency::Idempotent.into(),
            std::future::pending::<Result<(), _>>,
        );
        let given_up = tokio::time::timeout(Duration::from_secs(10), never).await;
        assert!(given_up.is_err());
    }
    tokio::time::timeout(Duration::from_secs(10), succeed(&throttle))
        .await
        .expect("one call may be sent at a time");
}

/// Returns the options of a create.
fn changing<'a>(listener: Option<&'a RetryListener<'a>>) -> CallOptions<'a> {
    CallOptions {
        shutdown: None,
        guard: None,
        repeat: Idempotency::NotIdempotent,
        change: Some(Operation::CreateContainerGroup),
        on_retry: listener,
    }
}

#[tokio::test(start_paused = true)]
async fn retries_are_reported_and_the_last_error_counts_the_attempts() {
    let reports = std::sync::Mutex::new(Vec::new());
    let listener = |again: &RetryEvent<'_>| reports.lock().unwrap().push(again.to_string());
    let throttle = Throttle::default();
    let refuse = || async { Err::<(), _>(throttled().with_retry_after(Duration::from_secs(8))) };
    let error = throttle
        .call(changing(Some(&listener)), refuse)
        .await
        .unwrap_err();
    let reports = reports.into_inner().unwrap();
    assert_eq!(reports.len(), 5);
    assert!(
        reports[0].starts_with("createContainerGroup failed: "),
        "{reports:?}"
    );
    assert!(
        reports[0].ends_with("; attempt 2 of 6 in 8s"),
        "{reports:?}"
    );
    assert!(
        error.to_string().contains("6 attempts in 40 seconds"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn during_a_shutdown_no_create_is_sent_and_reads_continue() {
    let (throttle, shutdown) = (Throttle::default(), Shutdown::default());
    let in_run = |options: CallOptions<'static>| CallOptions {
        shutdown: Some(&shutdown),
        ..options
    };
    let start = Instant::now();
    let held = || async { Err::<(), _>(throttled().with_retry_after(Duration::from_secs(70))) };
    let untried = Cell::new(true);
    let late = || async {
        untried.set(false);
        Ok(())
    };
    let reads = Cell::new(0);
    let ask = || async {
        match reads.replace(reads.get() + 1) {
            0 => Err(timed_out().with_retry_after(Duration::from_secs(70))),
            _ => Ok(start.elapsed()),
        }
    };
    let (created, waiting, read, ()) = tokio::join!(
        async {
            (
                throttle.call(in_run(changing(None)), held).await,
                start.elapsed(),
            )
        },
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            (
                throttle.call(in_run(changing(None)), late).await,
                start.elapsed(),
            )
        },
        throttle.call(in_run(Idempotency::Idempotent.into()), ask),
        async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            shutdown.begin();
        },
    );
    let (soon, long) = (Duration::from_secs(6), Duration::from_secs(70));
    assert!(created.0.is_err() && created.1 < soon, "{created:?}");
    assert!(waiting.0.is_err() && waiting.1 < soon, "{waiting:?}");
    assert!(untried.get());
    assert!(read.unwrap() >= long);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_the_guard_refuses_is_not_sent_and_not_retried() {
    let throttle = Throttle::default();
    let sent = Cell::new(0);
    let guard = guard_of([Ok(()), Err(refusal("no more", false))]);
    let refuse = || {
        sent.set(sent.get() + 1);
        async { Err::<(), _>(throttled()) }
    };
    let change = CallOptions {
        guard: Some((Operation::CreateContainerGroup, &guard)),
        ..changing(None)
    };
    let error = throttle.call(change, refuse).await.unwrap_err();
    assert_eq!((sent.get(), error.outcome()), (1, CallOutcome::NotDone));
    assert!(error.to_string().contains("no more"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_change_waits_for_a_guard_that_may_let_it_pass() {
    let throttle = Throttle::default();
    for is_renewed in [true, false] {
        let end = if is_renewed {
            Ok(())
        } else {
            Err(refusal("too late", false))
        };
        let soon = || Err(refusal("not now", true));
        let guard = guard_of([soon(), soon(), end]);
        let change = CallOptions {
            guard: Some((Operation::CreateContainerGroup, &guard)),
            ..changing(None)
        };
        let called = throttle.call(change, || async { Ok(()) }).await;
        match called {
            Ok(()) => assert!(is_renewed),
            Err(error) => {
                assert!(
                    !is_renewed && error.to_string().contains("too late"),
                    "{error}"
                );
            }
        }
    }
}

fn refusal(reason: &str, may_pass: bool) -> GuardRefusal {
    GuardRefusal {
        reason: Text::verbatim(reason.to_owned()),
        may_pass,
    }
}

/// Returns a guard that answers this, one after the other.
fn guard_of<const N: usize>(
    answers: [Result<(), GuardRefusal>; N],
) -> impl Fn() -> Result<(), GuardRefusal> {
    let answers = std::sync::Mutex::new(answers.into_iter());
    move || answers.lock().unwrap().next().unwrap()
}
