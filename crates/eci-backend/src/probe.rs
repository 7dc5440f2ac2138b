//! A check of a store before a run writes to it.

use bytes::Bytes;
use eci_state::{RemoteError, StateError};
use uuid::Uuid;

use crate::device::{Creation, ObjectId, Series};
use crate::log::Log;

impl Log {
    /// Checks that the store refuses to create an object twice.
    ///
    /// A store that accepts it has no lock: a bucket with versions of Ceph does that, silently.
    ///
    /// Returns the object, which is to be deleted. Both creates are sent at once: of such, too, a store must
    /// refuse one.
    ///
    /// # Errors
    /// If it does not refuse that, or does not answer.
    pub(crate) async fn probe(&self) -> Result<ObjectId, StateError> {
        let (number, _) = Uuid::new_v4().as_u64_pair();
        // Stores in databases have signed numbers.
        let object = ObjectId::new(Series::Probe, number >> 1);
        let create = async |content: &str| {
            let bytes = Bytes::from(format!("{content} {}", Uuid::new_v4()));
            let create = || self.device.create(object, bytes.clone());
            let created = self.retried(self.patience, create).await;
            created.map_err(|cause| self.failed(cause))
        };
        let created = tokio::try_join!(create("first"), create("second"))?;
        // If an answer was lost, both may find that the object exists.
        if created == (Creation::Created, Creation::Created) {
            self.remove_probe(object).await;
            let location = self.location();
            return Err(RemoteError::Overwrites { location }.into());
        }
        Ok(object)
    }

    /// Deletes the object of a probe.
    ///
    /// What remains of it harms no state.
    pub(crate) async fn remove_probe(&self, object: ObjectId) {
        if let Err(error) = self.device.delete(object).await {
            tracing::debug!(%error, %object, "the object of a probe was not removed");
        }
    }
}
