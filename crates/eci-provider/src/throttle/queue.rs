//! The gate that every call of a run goes through, one after the other.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::adaptive_limit::{AdaptiveLimiter, WaitReason};

/// Lets calls through when it is their turn, those that have waited longest first.
#[derive(Debug)]
pub(super) struct CallQueue {
    /// The holder is next.
    next: tokio::sync::Mutex<()>,
    flow: Mutex<AdaptiveLimiter>,
    /// Wakes the next one when a call is over.
    left: Notify,
}

impl CallQueue {
    pub(super) fn new(flow: AdaptiveLimiter) -> CallQueue {
        CallQueue {
            next: tokio::sync::Mutex::new(()),
            flow: Mutex::new(flow),
            left: Notify::new(),
        }
    }

    /// Waits for the turn to make one call.
    pub(super) async fn enter(&self) -> CallPermit<'_> {
        let _next = self.next.lock().await;
        loop {
            let now = Instant::now();
            let wait = self.flow().admit(now);
            match wait {
                Ok(()) => {
                    return CallPermit {
                        gate: self,
                        sent_at: now,
                    };
                }
                Err(WaitReason::Until(at)) => tokio::time::sleep_until(at).await,
                Err(WaitReason::Slot) => self.left.notified().await,
            }
        }
    }

    /// Locks and returns the limits.
    pub(super) fn flow(&self) -> MutexGuard<'_, AdaptiveLimiter> {
        // Nothing that changes it stops half way.
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The permission to make one call; the call is over when it is dropped.
#[derive(Debug)]
pub(super) struct CallPermit<'a> {
    gate: &'a CallQueue,
    /// The time at which the call was sent.
    pub(super) sent_at: Instant,
}

impl Drop for CallPermit<'_> {
    fn drop(&mut self) {
        self.gate.flow().leave();
        self.gate.left.notify_one();
    }
}
