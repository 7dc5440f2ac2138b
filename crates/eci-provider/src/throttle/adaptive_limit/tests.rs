use super::*;

/// Admits as many calls as possible at the present time.
fn admit_calls(flow: &mut AdaptiveLimiter, at_most: usize) -> usize {
    let now = Instant::now();
    (0..at_most).take_while(|_| flow.admit(now).is_ok()).count()
}

async fn seconds(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_refusal_nothing_waits() {
    let mut flow = AdaptiveLimiter::default();
    assert_eq!(admit_calls(&mut flow, 100_000), 100_000);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_halves_the_rate_and_the_calls_in_flight() {
    let mut flow = AdaptiveLimiter::default();
    let sent_at = Instant::now();
    assert_eq!(admit_calls(&mut flow, 40), 40);
    for _ in 0..30 {
        flow.taken(sent_at);
    }
    assert_eq!(flow.throttled(sent_at, sent_at), Some((15.0, 20.0)));
    // The other refusals of the same time count no more.
    assert_eq!(flow.throttled(sent_at, Instant::now()), None);
    assert_eq!(flow.admit(Instant::now()), Err(WaitReason::Slot));
    for _ in 0..40 {
        flow.leave();
    }
    seconds(0.1).await;
    assert_eq!(admit_calls(&mut flow, 10), 1);
    let now = Instant::now();
    assert_eq!(flow.throttled(now, now), Some((7.5, 1.0)));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_always_refused_still_makes_one_call_a_second() {
    let mut flow = AdaptiveLimiter::default();
    assert_eq!(admit_calls(&mut flow, 10), 10);
    for _ in 0..50 {
        let now = Instant::now();
        flow.throttled(now, now);
        (0..10).for_each(|_| flow.leave());
        seconds(1.0).await;
        assert_eq!(admit_calls(&mut flow, 10), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_grows_by_a_tenth_each_second_and_is_dropped_when_no_call_waits() {
    let mut flow = AdaptiveLimiter::default();
    let sent_at = Instant::now();
    for _ in 0..40 {
        flow.taken(sent_at);
    }
    flow.throttled(sent_at, sent_at);
    let rate = |flow: &AdaptiveLimiter| flow.slow.as_ref().map(|slow| slow.rate);
    assert_eq!(rate(&flow), Some(20.0));
    seconds(1.0).await;
    assert_eq!(admit_calls(&mut flow, 10), 1);
    assert_eq!(rate(&flow), Some(22.0));
    // Somebody had to wait.
    seconds(4.9).await;
    flow.leave();
    assert_eq!(admit_calls(&mut flow, 1), 1);
    assert!(rate(&flow).is_some());
    seconds(0.2).await;
    flow.leave();
    assert_eq!(admit_calls(&mut flow, 1), 1);
    assert_eq!(rate(&flow), None);
}

#[tokio::test(start_paused = true)]
async fn a_requested_pause_does_not_raise_the_limit() {
    let mut flow = AdaptiveLimiter::default();
    let sent_at = Instant::now();
    flow.throttled(sent_at, sent_at);
    flow.hold(sent_at + Duration::from_secs(60));
    let until = sent_at + Duration::from_secs(60);
    assert_eq!(flow.admit(sent_at), Err(WaitReason::Until(until)));
    seconds(60.0).await;
    assert_eq!(admit_calls(&mut flow, 10), 1);
    assert_eq!(flow.slow.as_ref().map(|slow| slow.rate), Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn no_refusal_makes_a_run_faster_than_the_user_wants_it() {
    let mut flow = AdaptiveLimiter::new(Some(2.0), Instant::now());
    for _ in 0..100 {
        flow.taken(Instant::now());
    }
    flow.throttled(Instant::now(), Instant::now());
    seconds(1.0).await;
    let mut calls = 0;
    for _ in 0..1000 {
        calls += admit_calls(&mut flow, 10);
        flow.in_flight = 0;
        seconds(0.01).await;
    }
    assert!((19..=22).contains(&calls), "{calls}");
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_takes_is_counted_over_the_last_second() {
    let mut meter = ThroughputMeter::default();
    assert_eq!(meter.rate(Instant::now()), 0.0);
    for _ in 0..100 {
        meter.count(Instant::now());
        seconds(0.05).await;
    }
    let rate = meter.rate(Instant::now());
    assert!((19.0..=21.0).contains(&rate), "{rate}");
    seconds(5.0).await;
    assert_eq!(meter.rate(Instant::now()), 0.0);
}
