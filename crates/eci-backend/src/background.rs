//! Work on a store besides the entries of a run.

use eci_text::Text;
use tokio::task::JoinSet;

use crate::write_error::WriteError;

/// Work that the writer of a run does not wait for before it writes the next entry.
#[derive(Default)]
pub(crate) struct BackgroundWork {
    work: JoinSet<Result<(), WriteError>>,
    failed: Option<WriteError>,
}

impl BackgroundWork {
    /// Begins work.
    pub(crate) fn spawn(
        &mut self,
        work: impl Future<Output = Result<(), WriteError>> + Send + 'static,
    ) {
        self.work.spawn(work);
    }

    /// Waits until all work is done.
    ///
    /// # Errors
    /// If any failed, also earlier.
    pub(crate) async fn finish(&mut self) -> Result<(), WriteError> {
        while let Some(joined) = self.work.join_next().await {
            let done =
                joined.unwrap_or_else(|error| Err(WriteError::Internal(Text::of_error(&error))));
            if let Err(error) = done {
                self.failed.get_or_insert(error);
            }
        }
        self.failed.clone().map_or(Ok(()), Err)
    }
}
