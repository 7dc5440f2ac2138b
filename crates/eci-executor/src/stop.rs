//! Stopping a run before its end.

use std::fmt;

use tokio::sync::watch;

/// The urgency with which a run should end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// No stop: the run continues to its end.
    #[default]
    None,
    /// A graceful stop: no task is started, and started ones are finished and recorded.
    Soon,
    /// An immediate stop: nothing is awaited, and what was started stays recorded as intended.
    AtOnce,
}

impl fmt::Display for Urgency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Urgency::None => "none",
            Urgency::Soon => "soon",
            Urgency::AtOnce => "at once",
        })
    }
}

/// A handle that stops a run, similar to a cancellation token: its clones share one urgency, so
/// that one can be passed to the run and another one kept.
///
/// A cancellation token is on or off. A run can end in two ways, of which the second one must not
/// be missed by a reader of the first one: so this is one value that only grows.
///
/// ```
/// use eci_executor::{StopHandle, Urgency};
///
/// let stop = StopHandle::new();
/// assert_eq!(stop.urgency(), Urgency::None);
/// assert_eq!(stop.clone().press(), Urgency::Soon);
/// assert_eq!(stop.press(), Urgency::AtOnce);
/// ```
#[derive(Clone, Debug)]
pub struct StopHandle(watch::Sender<Urgency>);

impl Default for StopHandle {
    fn default() -> StopHandle {
        StopHandle::new()
    }
}

impl StopHandle {
    /// Returns a handle that was not pressed. A run with it continues to its end.
    pub fn new() -> StopHandle {
        StopHandle(watch::Sender::new(Urgency::None))
    }

    /// Asks the run to end, more urgently each time. Returns the new urgency.
    pub fn press(&self) -> Urgency {
        self.0.send_modify(|urgency| {
            *urgency = match urgency {
                Urgency::None => Urgency::Soon,
                Urgency::Soon | Urgency::AtOnce => Urgency::AtOnce,
            };
        });
        self.urgency()
    }

    /// Returns the urgency with which the run should end now.
    pub fn urgency(&self) -> Urgency {
        *self.0.borrow()
    }

    /// Waits until the handle is pressed, or was pressed before.
    pub async fn pressed(&self) {
        self.signal().changed().await;
    }

    /// Returns the run's view of this handle. What was pressed before is still news to it.
    pub(crate) fn signal(&self) -> StopSignal {
        let mut urgency = self.0.subscribe();
        if *urgency.borrow() != Urgency::None {
            urgency.mark_changed();
        }
        StopSignal(urgency)
    }
}

/// A run's view of a [`StopHandle`].
#[derive(Debug)]
pub(crate) struct StopSignal(watch::Receiver<Urgency>);

impl StopSignal {
    /// Returns the urgency with which the run should end now.
    pub(crate) fn urgency(&self) -> Urgency {
        *self.0.borrow()
    }

    /// Waits until the urgency has changed since the last time; for ever if it cannot any more.
    pub(crate) async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_run_notices_what_was_pressed_before_it_began() {
        let stop = StopHandle::new();
        stop.press();
        let mut signal = stop.signal();
        signal.changed().await;
        assert_eq!(signal.urgency(), Urgency::Soon);
        stop.press();
        signal.changed().await;
        assert_eq!(signal.urgency(), Urgency::AtOnce);
    }
}
