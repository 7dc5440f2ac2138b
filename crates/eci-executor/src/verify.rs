//! Verifying that the ID in the answer to a create names what the create created.

use eci_core::Kind;
use eci_provider::{Cloud, CreatedObject, RemoteId, RemoteObject};
use tokio::time::Instant;

use crate::error::TaskError;
use crate::recognize::Create;
use crate::task::TaskRunner;

impl<A: Cloud> TaskRunner<A> {
    /// Returns the object that an answer names, once a read proves that the create created it.
    ///
    /// # Errors
    /// If it is another object, or none of that ID is observed until the window is over.
    pub(crate) async fn verify_created(
        &self,
        kind: Kind,
        created: CreatedObject,
        create: Create<'_>,
    ) -> Result<VerifiedCreate, TaskError> {
        let start = Instant::now();
        let mut pause = self.poll.initial;
        let id = RemoteId::new(kind, &created.id);
        while let Ok(id) = &id {
            match self.provider.describe(id).await {
                Ok(Some(remote)) if create.is_result(&remote) => {
                    let (id, remote) = (id.clone(), Some(remote));
                    return Ok(VerifiedCreate {
                        created,
                        id,
                        remote,
                    });
                }
                Ok(Some(_)) => break,
                // A new object may not be visible everywhere yet.
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "cannot read what was created"),
            }
            if start.elapsed() >= self.visible_within {
                break;
            }
            tokio::time::sleep(pause).await;
            pause = self.next_delay(pause);
        }
        let id = self.provider.api().redacted(&created.id);
        Err(TaskError::UnexpectedId { id })
    }
}

/// The result of a create.
pub(crate) struct VerifiedCreate {
    pub(crate) created: CreatedObject,
    pub(crate) id: RemoteId,
    /// The read that proves it, if it was read by its ID.
    pub(crate) remote: Option<RemoteObject>,
}
