//! The IDs of shared bandwidths.

use crate::model::order_error::{Code, OrderApiError};

/// Checks that an ID has the form of an existing shared bandwidth.
pub(super) fn check(id: &str) -> Result<(), OrderApiError> {
    let is_one = id.strip_prefix("bandwidth-").is_some_and(|rest| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric();
        !rest.is_empty() && rest.bytes().all(allowed)
    });
    if is_one {
        return Ok(());
    }
    Err(OrderApiError::new(
        Code::BandwidthNotThere,
        format!("shared bandwidth {id} does not exist"),
    ))
}
