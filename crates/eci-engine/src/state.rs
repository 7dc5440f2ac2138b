//! The lock of a state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    let is_reported = Arc::new(AtomicBool::new(false));
    let (mut waiting, reported) = (notify_of_waits(listener.clone()), Arc::clone(&is_reported));
    let notify = move |wait: LockWait<'_>| {
        let names_left = matches!(wait, LockWait::Quiet { left: Some(_), .. });
        reported.fetch_or(names_left, Ordering::Relaxed);
        waiting(wait);
    };
    let store = tokio::task::spawn_blocking(move || state.open(options, notify)).await??;
    if let (Some(left), Some(listener)) = (store.previous_holder(), listener)
        && !is_reported.load(Ordering::Relaxed)
    {
        let holder = left.clone();
        listener(&Notice::LockLeft { holder });
    }
    Ok(store)
}

/// Passes the reasons why a run waits for its lock on as notices, in the order in which they arise: an earlier
/// run has left the lock before its calls are waited for.
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
            LockWait::Quiet { time, left } => {
                if let Some(holder) = left.cloned() {
                    listener(&Notice::LockLeft { holder });
                }
                listener(&Notice::WaitingForCalls { time });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use eci_state::Holder;

    use super::*;

    #[test]
    fn a_lock_that_was_left_is_named_before_the_wait_for_the_calls_of_its_run() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&heard);
        let listener: NoticeListener =
            Arc::new(move |notice| to.lock().unwrap().push(notice.to_string()));
        let holder = Holder::current_process("eci apply");
        let mut notify = notify_of_waits(Some(listener));
        notify(LockWait::Quiet {
            time: Duration::from_secs(9),
            left: Some(&holder),
        });
        let heard = heard.lock().unwrap();
        let [left, waiting] = &heard[..] else {
            panic!("{heard:?}");
        };
        assert!(left.contains("without releasing the state lock"), "{left}");
        assert!(waiting.starts_with("Waiting 10 seconds"), "{waiting}");
    }
}
