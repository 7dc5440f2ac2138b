//! Journal records that several parts of a run append.

use eci_core::Address;
use eci_state::{Record, ResourceState};

/// Returns the record of a resource outside of an intent.
pub(crate) fn resource_updated(address: &Address, state: ResourceState) -> Record {
    Record::ResourceUpdated {
        address: address.clone(),
        state: Box::new(state),
    }
}
