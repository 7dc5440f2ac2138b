//! The early end of a run that the user requested.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A flag that the calls of one run should end soon.
///
/// Each run has its own: a run that is stopped has no effect on the next one of the same
/// provider.
#[derive(Debug, Default)]
pub(crate) struct Shutdown {
    begun: AtomicBool,
    /// Wakes those who wait, in the order in which they began.
    wake: Notify,
}

impl Shutdown {
    /// Begins the shutdown, for good.
    pub(crate) fn begin(&self) {
        self.begun.store(true, Ordering::Release);
        self.wake.notify_waiters();
    }

    /// Returns once the shutdown has begun.
    pub(crate) async fn begun(&self) {
        let mut begun = std::pin::pin!(self.wake.notified());
        // From here on, none is missed.
        begun.as_mut().enable();
        if !self.begun.load(Ordering::Acquire) {
            begun.await;
        }
    }
}
