//! The effects of a run other than its calls: the clock and randomness.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// The wall clock and the randomness of a run.
///
/// The pauses between reads are tokio's time, which a test can pause. The default is the clock of
/// this machine; a caller that has a client uses the clock of its cloud, as resources are dated by
/// that.
#[derive(Clone)]
pub struct Effects {
    /// Returns the time now.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Returns a text that was never returned before and never will be.
    ///
    /// **Invariant:** no two runs on one state may share a text: operations are recognized by it.
    pub ids: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Default for Effects {
    fn default() -> Effects {
        Effects {
            clock: Arc::new(Timestamp::now),
            ids: Arc::new(|| Uuid::new_v4().simple().to_string()),
        }
    }
}

impl Effects {
    /// Returns the time now, in the form in which it is recorded.
    pub(crate) fn now(&self) -> String {
        (self.clock)().to_string()
    }

    /// Returns a text that was never returned before.
    pub(crate) fn unique(&self) -> String {
        (self.ids)()
    }

    /// Returns the time that is later than now by a duration, in the form in which it is recorded.
    pub(crate) fn deadline(&self, limit: Duration) -> String {
        let now = (self.clock)();
        let then = SignedDuration::try_from(limit).ok();
        let then = then.and_then(|limit| now.checked_add(limit).ok());
        then.unwrap_or(now).to_string()
    }

    /// Returns the time left until a deadline; zero if that is over.
    pub(crate) fn until(&self, deadline: &str) -> Duration {
        let Ok(then) = deadline.parse::<Timestamp>() else {
            return Duration::ZERO;
        };
        Duration::try_from(then.duration_since((self.clock)())).unwrap_or_default()
    }

    /// Returns the time since a recorded time; zero if that is in the future, none if it is
    /// invalid.
    pub(crate) fn since(&self, recorded: &str) -> Option<Duration> {
        let then = recorded.parse::<Timestamp>().ok()?;
        let age = (self.clock)().duration_since(then);
        Some(Duration::try_from(age).unwrap_or_default())
    }
}

impl fmt::Debug for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Effects")
    }
}
