//! Reads of managed disks.

use eci_api::CallError;
use eci_api::types::{DescribedDisk, DiskFilter, DiskId};

use crate::complete_list::whole;
use crate::provider::Provider;
use crate::remote::RemoteObject;
use crate::services::Cloud;

impl<A: Cloud> Provider<A> {
    /// A disk as it is now; `None` if it is gone.
    ///
    /// # Errors
    /// The call's.
    pub async fn disk(&self, id: &DiskId) -> Result<Option<RemoteObject>, CallError> {
        found(self.call_idempotent(|| self.api().describe_disk(id)).await)
    }

    /// The disk of this name as it is now, if there is one.
    ///
    /// # Errors
    /// The call's.
    pub async fn disk_named(&self, name: &str) -> Result<Option<RemoteObject>, CallError> {
        found(
            self.call_idempotent(|| self.api().describe_disk_by_name(name))
                .await,
        )
    }

    /// All disks of the region, of which less is told than of each alone.
    ///
    /// # Errors
    /// The first error of a page.
    pub async fn all_disks(&self) -> Result<Vec<RemoteObject>, CallError> {
        let all = whole(|| {
            eci_api::api::every_disk(DiskFilter::default(), |filter| async move {
                self.call_idempotent(|| self.api().list_disks(&filter))
                    .await
            })
        });
        Ok(all.await?.into_iter().map(RemoteObject::from).collect())
    }
}

fn found(answer: Result<DescribedDisk, CallError>) -> Result<Option<RemoteObject>, CallError> {
    match answer {
        Ok(disk) => Ok(Some(disk.into())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
