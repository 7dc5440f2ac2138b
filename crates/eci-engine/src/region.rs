//! The call that verifies credentials and region.

use eci_api::types::{ContainerGroupFilter, Region};
use eci_api::{Api as _, CallError};

use crate::error::EngineError;
use crate::provider::{Adapter, Provider};

impl Provider {
    /// Verifies credentials and region in the background: a run that opens a state in a distant store meanwhile
    /// does not wait for both, one after the other. The next read of the region receives the answer, or the error.
    ///
    /// Must be called in a tokio runtime.
    pub fn verify_region_ahead(&self) {
        let provider = self.clone();
        let reading = tokio::spawn(async move { Ok(region(provider.adapter().await?).await?) });
        *self.region_ahead() = Some(reading);
    }

    /// Verifies credentials and region before anything is concluded from what is not found there.
    /// The answer contains the cloud's time, by which the age of pending operations is determined.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the cloud cannot be reached, or the call fails.
    pub async fn verify_region(&self) -> Result<(), EngineError> {
        self.read_region().await?;
        self.notify_of_clock(self.adapter().await?);
        Ok(())
    }

    /// Returns what the region offers.
    pub(crate) async fn read_region(&self) -> Result<Region, EngineError> {
        let ahead = self.region_ahead().take();
        if let Some(ahead) = ahead
            && let Ok(answered) = ahead.await
        {
            return answered;
        }
        Ok(region(self.adapter().await?).await?)
    }
}

/// Returns what the region offers.
///
/// The path of this call is known from the published client alone: where the cloud does not have it, or
/// does not say which region the answer is about, a read of container groups verifies the same, but for
/// the zones.
async fn region(provider: &Adapter) -> Result<Region, CallError> {
    let region = match provider.region().await {
        Ok(region) if region.region_id.is_some() => return Ok(region),
        Ok(region) => region,
        Err(error) if error.is_not_found() => Region::default(),
        Err(error) => return Err(error),
    };
    let smallest = smallest();
    provider
        .call_idempotent(|| provider.api().describe_container_groups(&smallest))
        .await?;
    Ok(region)
}

/// Returns the smallest read of container groups.
pub(crate) fn smallest() -> ContainerGroupFilter {
    ContainerGroupFilter {
        limit: Some(1),
        ..ContainerGroupFilter::default()
    }
}
