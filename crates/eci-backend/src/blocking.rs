//! Operations on stores for callers that block.

use std::io;
use std::thread;

use tokio::runtime::Runtime;

/// Performs work on a separate thread: it waits, which a task of a runtime must not.
pub(crate) fn on_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// Returns a runtime for the operations on a store.
pub(crate) fn runtime() -> io::Result<Runtime> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build()
}
