//! Operations on stores for callers that block.

use std::thread;

use eci_state::StateError;

use crate::log::Log;

/// Performs work on a separate thread: it waits, which a task of a runtime must not.
pub(crate) fn on_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// Returns a runtime for the operations on a device.
pub(crate) fn runtime(log: &Log) -> Result<tokio::runtime::Runtime, StateError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(|error| log.refused(&error))
}
