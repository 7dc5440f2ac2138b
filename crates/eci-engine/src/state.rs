//! The lock of a state.

use eci_backend::{Backend, LockWait, OpenOptions, OpenState};

use crate::error::EngineError;
use crate::notice::{Notice, NoticeListener};

/// Locks and opens a state, and waits for another run to release it, as long as the options say.
///
/// Cancel safe: a state that is opened after the future was dropped is closed at once.
///
/// # Errors
/// If another run holds the lock for longer, or the state cannot be read.
pub async fn open_state(
    state: &Backend,
    options: OpenOptions,
    listener: Option<NoticeListener>,
) -> Result<OpenState, EngineError> {
    let state = state.clone();
    let waiting = listener.clone();
    let opening =
        tokio::task::spawn_blocking(move || state.open(options, notify_of_waits(waiting)));
    let store = opening.await??;
    if let (Some(left), Some(listener)) = (store.previous_holder(), listener) {
        let holder = left.clone();
        listener(&Notice::LockLeft { holder });
    }
    Ok(store)
}

/// Passes the reasons why a run waits for its lock on as notices.
pub(crate) fn notify_of_waits(listener: Option<NoticeListener>) -> impl FnMut(LockWait<'_>) + Send {
    move |wait| {
        let Some(listener) = &listener else {
            return;
        };
        match wait {
            LockWait::Held(holder) => {
                let holder = holder.cloned();
                listener(&Notice::WaitingForLock { holder });
            }
            LockWait::Quiet(time) => listener(&Notice::WaitingForCalls { time }),
            _ => {}
        }
    }
}
