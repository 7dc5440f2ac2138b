//! Waiting until records are durable.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::StateError;

/// Ends once records are durable, or cannot be written.
///
/// Dropping it does not stop the write.
#[must_use = "a write may fail"]
pub struct Durability(State);

enum State {
    Done(Option<Result<(), StateError>>),
    Pending(Pin<Box<dyn Future<Output = Result<(), StateError>> + Send>>),
}

impl fmt::Debug for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Done(_) => "Durability(done)",
            State::Pending(_) => "Durability(pending)",
        })
    }
}

impl Durability {
    /// Returns the end of a write that is over.
    pub fn done(written: Result<(), StateError>) -> Durability {
        Durability(State::Done(Some(written)))
    }

    /// Returns the end of a write in progress.
    pub fn pending(
        writing: impl Future<Output = Result<(), StateError>> + Send + 'static,
    ) -> Durability {
        Durability(State::Pending(Box::pin(writing)))
    }

    /// Returns whether the write is over, so that waiting for it takes no time.
    pub fn is_done(&self) -> bool {
        matches!(self.0, State::Done(_))
    }

    /// Waits until the write is over, and blocks the thread meanwhile.
    ///
    /// # Errors
    /// If the records cannot be written.
    pub fn wait(self) -> Result<(), StateError> {
        pollster::block_on(self)
    }
}

impl Future for Durability {
    type Output = Result<(), StateError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Done(written) => Poll::Ready(written.take().unwrap_or(Ok(()))),
            State::Pending(writing) => writing.as_mut().poll(context),
        }
    }
}
