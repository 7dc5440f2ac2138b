//! Complete lists: a list that is shorter than it says itself is read again.

use std::time::Duration;

use eci_api::{CallError, CallErrorKind};

/// The number of reads of a list that is incomplete by its own total, and the pause in between: it may
/// have changed while it was read.
const READINGS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(300);

/// Reads a list until it is as long as it says itself.
///
/// # Errors
/// The list's own; that it is incomplete once it was so several times.
pub(crate) async fn whole<T, F>(read: impl Fn() -> F) -> Result<Vec<T>, CallError>
where
    F: Future<Output = Result<Vec<T>, CallError>>,
{
    let mut reading = 1;
    loop {
        match read().await {
            Err(error) if is_incomplete(&error) && reading < READINGS => {
                tracing::debug!(%error, "reading a list again");
                reading += 1;
                tokio::time::sleep(PAUSE).await;
            }
            listed => return listed,
        }
    }
}

/// Returns whether a list is incomplete by its own total.
pub(crate) fn is_incomplete(error: &CallError) -> bool {
    matches!(error.kind(), CallErrorKind::Incomplete { .. })
}
