//! How a run works, and what it takes from outside.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use eci_api::DEFAULT_TIMEOUT;
use eci_state::CloudIdentity;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::failpoints;

/// How much later than the client's timeout a call may take effect (assumed).
const MARGIN: Duration = Duration::from_secs(15);

/// How a run works.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// At most so many resources at a time.
    pub parallelism: usize,
    /// The pause before a resource under way is looked at again: at first, and at most.
    pub poll: (Duration, Duration),
    /// How long a group may take to become ready, where its `timeouts` do not say.
    pub create_timeout: Duration,
    /// How long a change may take, likewise.
    pub update_timeout: Duration,
    /// How long a delete may take, likewise.
    pub delete_timeout: Duration,
    /// How long a call without a clear answer may still take effect: the client's own timeout, with
    /// a margin.
    pub consistency_window: Duration,
    /// How long what was made may not be visible, and what changes by itself is waited for, where
    /// that is not what was asked for.
    pub visible_within: Duration,
    /// The command line, for the journal.
    pub command: String,
    /// The cloud that the run is about, which the state records; the caller has checked that the
    /// state belongs to it, see [`Snapshot::belongs_to`](eci_state::Snapshot::belongs_to).
    pub cloud: Option<CloudIdentity>,
}

impl Default for ApplyOptions {
    fn default() -> ApplyOptions {
        const MINUTE: Duration = Duration::from_secs(60);
        ApplyOptions {
            parallelism: 10,
            poll: (Duration::from_millis(100), Duration::from_secs(3)),
            create_timeout: 10 * MINUTE,
            update_timeout: 10 * MINUTE,
            delete_timeout: 10 * MINUTE,
            consistency_window: failpoints::settle_window().unwrap_or(DEFAULT_TIMEOUT + MARGIN),
            visible_within: failpoints::settle_window().unwrap_or(Duration::from_secs(20)),
            command: String::new(),
            cloud: None,
        }
    }
}

/// The pause after this one, of those that `poll` gives the first and the longest of.
pub(crate) fn next_delay(pause: Duration, poll: (Duration, Duration)) -> Duration {
    pause.mul_f64(1.5).min(poll.1)
}

/// What a run takes from outside: the clock on the wall and randomness. The pauses between
/// looks are tokio's time, which a test can hold still.
#[derive(Clone)]
pub struct RunContext {
    /// The time now, in RFC 3339.
    pub clock: Arc<dyn Fn() -> String + Send + Sync>,
    /// A text that was never given before and never will be.
    pub ids: Arc<dyn Fn() -> String + Send + Sync>,
}

impl RunContext {
    /// The time so much later than now, in RFC 3339.
    pub(crate) fn deadline(&self, limit: Duration) -> String {
        let now = (self.clock)();
        let then = now.parse().ok().and_then(|now: Timestamp| {
            let limit = SignedDuration::try_from(limit).ok()?;
            now.checked_add(limit).ok()
        });
        then.map_or(now, |then| then.to_string())
    }

    /// How long it is until then; nothing if that is over.
    pub(crate) fn until(&self, deadline: &str) -> Duration {
        let times = (deadline.parse(), (self.clock)().parse());
        let (Ok(then), Ok(now)): (Result<Timestamp, _>, Result<Timestamp, _>) = times else {
            return Duration::ZERO;
        };
        Duration::try_from(then.duration_since(now)).unwrap_or_default()
    }
}

impl fmt::Debug for RunContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Effects")
    }
}

/// How urgently a run should end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It goes on to its end.
    #[default]
    None,
    /// Nothing new is started; what is under way is finished and recorded.
    Soon,
    /// Nothing is waited for; what is under way stays recorded as intended.
    AtOnce,
}

/// Asks a run to end; a run goes on when its `StopHandle` is dropped.
#[derive(Debug)]
pub struct StopHandle(watch::Sender<Urgency>);

/// The run's side of a [`StopHandle`].
#[derive(Clone, Debug)]
pub struct StopSignal(watch::Receiver<Urgency>);

impl StopHandle {
    /// A stop and the run's side of it.
    pub fn new() -> (StopHandle, StopSignal) {
        let (sender, receiver) = watch::channel(Urgency::None);
        (StopHandle(sender), StopSignal(receiver))
    }

    /// Asks the run to end, more urgently each time. Gives how urgently it now should.
    pub fn press(&self) -> Urgency {
        self.0.send_modify(|urgency| {
            *urgency = match urgency {
                Urgency::None => Urgency::Soon,
                Urgency::Soon | Urgency::AtOnce => Urgency::AtOnce,
            };
        });
        *self.0.borrow()
    }
}

impl StopSignal {
    /// A run that nobody stops.
    pub fn never() -> StopSignal {
        StopHandle::new().1
    }

    /// How urgently the run should end now.
    pub fn urgency(&self) -> Urgency {
        *self.0.borrow()
    }

    /// Returns when the urgency has changed since the last time; never if it cannot any more.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
