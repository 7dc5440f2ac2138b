//! The point at which a process dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts the points that a process passes and determines at which one it dies.
///
/// From there on it has no effect that is visible outside.
#[derive(Clone, Debug)]
pub(crate) struct Fuse(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    left: AtomicUsize,
    dead: Notify,
}

impl Fuse {
    /// A process that dies at its n-th point.
    pub(crate) fn of(points: usize) -> Fuse {
        Fuse(Arc::new(Inner {
            left: AtomicUsize::new(points),
            dead: Notify::new(),
        }))
    }

    /// A process that lives to its end.
    pub(crate) fn never() -> Fuse {
        Fuse::of(usize::MAX)
    }

    /// Returns whether the process is dead once it comes to this point.
    pub(crate) fn burns(&self) -> bool {
        let one_less = |left: usize| Some(left.saturating_sub(1));
        let before = self
            .0
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        let dead = matches!(before, Ok(0 | 1));
        if dead {
            self.0.dead.notify_one();
        }
        dead
    }

    /// Comes to this point, and no further if the process dies there.
    pub(crate) async fn pass(&self) {
        if self.burns() {
            std::future::pending::<()>().await;
        }
    }

    /// Returns when the process is dead.
    pub(crate) async fn blown(&self) {
        self.0.dead.notified().await;
    }
}
