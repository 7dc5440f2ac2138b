//! A request for an EIP or a disk, with what is required to recognize its result.

use std::sync::Arc;
use std::time::Duration;

use eci_api::types::{ClientToken, OrderId};
use eci_core::{DigestKey, Kind, Map, OperationTag};
use eci_provider::{InPlaceChange, Mount, Order, RemoteId};

/// An order that makes an EIP or a disk.
pub(crate) struct OrderRequest {
    pub(crate) kind: Kind,
    pub(crate) order: Order,
    pub(crate) token: ClientToken,
    /// The progress of an earlier run with it.
    pub(crate) earlier: Option<EarlierOrder>,
    pub(crate) operation: OperationTag,
    pub(crate) requested: Arc<Map>,
    /// The key of the digests in it.
    pub(crate) key: DigestKey,
    /// The time at which it was intended.
    pub(crate) since: String,
    /// By how much that may differ from the time of the service.
    pub(crate) clocks: Duration,
    /// The EIPs that existed before.
    pub(crate) listed: Vec<String>,
}

/// An order that an earlier run has placed, or may have.
#[derive(Default)]
pub(crate) struct EarlierOrder {
    /// Its id, as far as that was answered.
    pub(crate) order: Option<OrderId>,
}

/// A change of an EIP or a disk in place.
pub(crate) struct InPlaceUpdate {
    pub(crate) id: RemoteId,
    /// The group that has the disk mounted, and the name of the volume there.
    pub(crate) mount: Option<Mount>,
    pub(crate) changes: Vec<InPlaceChange>,
    pub(crate) token: ClientToken,
}
