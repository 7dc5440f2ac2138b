//! The call about the region as a trait.

use std::future::Future;

use crate::error::CallError;
use crate::types::Region;

/// The call that describes a region.
pub trait RegionApi: Send + Sync {
    /// Reads the region that all calls are about: it answers only where the credentials are valid
    /// and the region is known.
    fn describe_region(&self) -> impl Future<Output = Result<Region, CallError>> + Send;
}
