//! The first call to the service of regions: wrong credentials, an unknown region and a network that
//! is down are reported before any work that depends on them begins.

use eci_api::types::Region;
use eci_api::{CallError, RegionApi};

use crate::provider::ResourceProvider;
use crate::services::Cloud;

impl<A: Cloud + RegionApi> ResourceProvider<A> {
    /// Returns what the region offers, which verifies the credentials and the region for container
    /// groups.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn region(&self) -> Result<Region, CallError> {
        self.call_idempotent(|| self.api().describe_region()).await
    }
}
