//! The lock of a state.

use std::path::Path;
use std::time::Duration;

use eci_state::{Holder, LocalStore};

use crate::error::EngineError;
use crate::notice::{Notice, NoticeListener};

/// Locks and opens the state in a directory, and waits so long for another run to release it.
///
/// Cancel safe: a state that is opened after the future was dropped is closed at once.
///
/// # Errors
/// If another run holds the state for longer, or the state cannot be read.
pub async fn open_state(
    directory: &Path,
    command: &str,
    timeout: Duration,
    listener: Option<NoticeListener>,
) -> Result<LocalStore, EngineError> {
    let directory = directory.to_owned();
    let holder = Holder::current_process(command);
    let waiting = listener.clone();
    let opening = tokio::task::spawn_blocking(move || {
        LocalStore::open_waiting(&directory, holder, timeout, |other| {
            if let Some(listener) = waiting {
                let holder = other.cloned();
                listener(&Notice::WaitingForLock { holder });
            }
        })
    });
    let store = opening.await??;
    if let (Some(left), Some(listener)) = (store.previous_holder(), listener) {
        let holder = left.clone();
        listener(&Notice::LockLeft { holder });
    }
    Ok(store)
}
