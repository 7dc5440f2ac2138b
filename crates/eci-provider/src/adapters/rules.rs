//! Rules that follow from the attributes of a resource of any kind, by its adapter.

use eci_core::{Kind, Map, OperationTag, Path};

use super::adapter::Adapter;
use super::registry::for_kind;
use crate::in_place_change::InPlaceChange;
use crate::order::Order;
use crate::price::{PriceError, PriceRequest};
use crate::request::RequestError;

impl Order {
    /// Returns the order that creates a managed EIP or disk of these attributes.
    ///
    /// # Errors
    /// If an attribute is unknown, or only its digest is left.
    pub fn of(
        kind: Kind,
        attributes: &Map,
        operation: &OperationTag,
    ) -> Result<Order, RequestError> {
        for_kind!(kind, Adapted => Adapted::create_order(attributes, operation))
    }
}

/// Returns the changes that lead an EIP or a disk to what is desired, where these attributes
/// differ: the quick ones first.
pub fn amendments(kind: Kind, desired: &Map, changed: &[Path]) -> Vec<InPlaceChange> {
    for_kind!(kind, Adapted => Adapted::updates(desired, changed))
}

/// Returns the question for the price of a resource of these attributes; `None` where it costs
/// nothing by itself.
///
/// # Errors
/// If the price cannot be requested.
pub fn price_request(kind: Kind, attributes: &Map) -> Result<Option<PriceRequest>, PriceError> {
    for_kind!(kind, Adapted => Adapted::price_request(attributes))
}

/// Returns the attributes that an update in place can change the price by.
pub(crate) fn priced_by(kind: Kind) -> &'static [&'static str] {
    for_kind!(kind, Adapted => Adapted::PRICED_BY)
}

/// Returns whether a change of this attribute can change the price.
pub fn is_priced_by(kind: Kind, path: &Path) -> bool {
    let path = path.to_string();
    priced_by(kind).iter().any(|name| path == *name)
}
