//! First calls to each service: wrong credentials, an unknown region and a network that is down
//! show before anything is begun that needs them.

use eci_api::types::{ClientToken, DiskFilter, EipFilter, Region};
use eci_api::{CallError, RegionApi};
use eci_core::Kind;

use crate::provider::Provider;
use crate::services::Cloud;

impl<A: Cloud + RegionApi> Provider<A> {
    /// Returns what the region offers, which verifies the credentials and the region for container
    /// groups.
    ///
    /// # Errors
    /// The call's.
    pub async fn region(&self) -> Result<Region, CallError> {
        self.call_idempotent(|| self.api().describe_region()).await
    }

    /// Makes the smallest call to the service that has resources of this kind.
    ///
    /// # Errors
    /// The call's.
    pub async fn reach(&self, kind: Kind) -> Result<(), CallError> {
        match kind {
            Kind::ContainerGroup => self.region().await.map(drop),
            Kind::Eip => {
                let smallest = EipFilter {
                    page_size: Some(1),
                    ..EipFilter::default()
                };
                let token = ClientToken::random();
                self.call_idempotent(|| self.api().list_eips(&token, &smallest))
                    .await
                    .map(drop)
            }
            Kind::Volume => {
                let smallest = DiskFilter {
                    page_size: Some(1),
                    ..DiskFilter::default()
                };
                self.call_idempotent(|| self.api().list_disks(&smallest))
                    .await
                    .map(drop)
            }
        }
    }
}
