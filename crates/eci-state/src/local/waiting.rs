//! Waiting for a lock that another run holds.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::StateError;
use crate::holder::Holder;

/// The time between two attempts to get a held lock.
const LOCK_RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// Retries while another run holds the lock, up to a timeout.
pub(super) fn wait<T>(
    timeout: Duration,
    waiting: impl FnOnce(Option<&Holder>),
    mut attempt: impl FnMut() -> Result<T, StateError>,
) -> Result<T, StateError> {
    let began = Instant::now();
    let mut waiting = Some(waiting);
    loop {
        let held = match attempt() {
            Err(error @ StateError::LockHeld { .. }) => error,
            done => return done,
        };
        let left = timeout.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(held);
        }
        if let (Some(waiting), StateError::LockHeld { holder, .. }) = (waiting.take(), &held) {
            waiting(holder.as_deref());
        }
        thread::sleep(left.min(LOCK_RETRY_INTERVAL));
    }
}
