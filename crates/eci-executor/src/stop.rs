//! Stopping a run before its end.

use std::fmt;

use tokio::sync::watch;

/// The way in which a run ends: by itself, or stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopMode {
    /// No stop: the run continues to its end.
    #[default]
    Run,
    /// A graceful stop: no task is started, and started ones are finished and recorded.
    Graceful,
    /// An immediate stop: nothing is awaited, and what was started stays recorded as intended.
    Immediate,
}

impl fmt::Display for StopMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopMode::Run => "run",
            StopMode::Graceful => "graceful",
            StopMode::Immediate => "immediate",
        })
    }
}

/// A handle that stops a run, similar to a cancellation token: its clones share one mode, so
/// that one can be passed to the run and another one kept.
///
/// A cancellation token is on or off. A run can end in two ways, of which the second one must not
/// be missed by a reader of the first one: so this is one value that only increases.
///
/// ```
/// use eci_executor::{StopHandle, StopMode};
///
/// let stop = StopHandle::new();
/// assert_eq!(stop.mode(), StopMode::Run);
/// assert_eq!(stop.clone().request_stop(), StopMode::Graceful);
/// assert_eq!(stop.request_stop(), StopMode::Immediate);
/// ```
#[derive(Clone, Debug)]
pub struct StopHandle(watch::Sender<StopMode>);

impl Default for StopHandle {
    fn default() -> StopHandle {
        StopHandle::new()
    }
}

impl StopHandle {
    /// Returns a handle without a request to stop.
    ///
    /// A run with it continues to its end.
    pub fn new() -> StopHandle {
        StopHandle(watch::Sender::new(StopMode::Run))
    }

    /// Stops the run: gracefully at first, immediately the second time.
    ///
    /// Returns the new mode.
    pub fn request_stop(&self) -> StopMode {
        self.0.send_modify(|mode| {
            *mode = match mode {
                StopMode::Run => StopMode::Graceful,
                StopMode::Graceful | StopMode::Immediate => StopMode::Immediate,
            };
        });
        self.mode()
    }

    /// Returns the current mode.
    pub fn mode(&self) -> StopMode {
        *self.0.borrow()
    }

    /// Waits until a stop is requested, or was requested before.
    ///
    /// Cancel safe: a request is not lost.
    pub async fn stop_requested(&self) {
        self.signal().changed().await;
    }

    /// Returns the run's view of this handle.
    ///
    /// A stop that was requested before is still a change to it.
    pub(crate) fn signal(&self) -> StopSignal {
        let mut mode = self.0.subscribe();
        if *mode.borrow() != StopMode::Run {
            mode.mark_changed();
        }
        StopSignal(mode)
    }
}

/// A run's view of a [`StopHandle`].
#[derive(Debug)]
pub(crate) struct StopSignal(watch::Receiver<StopMode>);

impl StopSignal {
    /// Returns the current mode.
    pub(crate) fn mode(&self) -> StopMode {
        *self.0.borrow()
    }

    /// Waits until the mode has changed since the last time; for ever if it cannot any more.
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
    async fn a_run_notices_a_stop_that_was_requested_before_it_began() {
        let stop = StopHandle::new();
        stop.request_stop();
        let mut signal = stop.signal();
        signal.changed().await;
        assert_eq!(signal.mode(), StopMode::Graceful);
        stop.request_stop();
        signal.changed().await;
        assert_eq!(signal.mode(), StopMode::Immediate);
    }
}
