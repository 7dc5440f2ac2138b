//! Orders: how EIPs and disks are created, changed and deleted.

use eci_api::types::{
    ClientToken, CreateDisk, CreateEip, DiskId, EipId, OrderOutcome, SnapshotPolicy,
};
use eci_core::OperationTag;
use eci_text::Text;

use crate::request::RequestError;

/// An order.
///
/// Sent again with its token it orders nothing more, for a day.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Order {
    /// An order of the EIP service.
    Eip(EipOrder),
    /// An order of the disk service.
    Disk(DiskOrder),
}

/// An order of the EIP service.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EipOrder {
    /// A new EIP.
    Create(Box<CreateEip>),
    /// A new bandwidth, in Mbps.
    ChangeBandwidth(EipId, i64),
    /// The end of an EIP.
    Delete(EipId),
}

/// An order of the disk service.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DiskOrder {
    /// A new disk.
    Create(Box<CreateDisk>),
    /// A larger size, in GB.
    Resize(DiskId, i64),
    /// The end of a disk.
    Delete {
        /// The disk.
        id: DiskId,
        /// The rule for its snapshots, where the region has snapshots.
        snapshots: Option<SnapshotPolicy>,
    },
}

impl Order {
    /// Returns whether it creates an object that then has an ID.
    pub fn creates(&self) -> bool {
        match self {
            Order::Eip(order) => matches!(order, EipOrder::Create(_)),
            Order::Disk(order) => matches!(order, DiskOrder::Create(_)),
        }
    }
}

/// Returns the outcome of an order, with the id of what it created as text.
pub(crate) fn with_id<T>(
    placed: OrderOutcome<T>,
    id: impl FnOnce(T) -> Option<String>,
) -> OrderOutcome<Option<String>> {
    match placed {
        OrderOutcome::InProgress { order } => OrderOutcome::InProgress { order },
        OrderOutcome::Done { order, created } => OrderOutcome::Done {
            order,
            created: id(created),
        },
        OrderOutcome::Failed { order, word } => OrderOutcome::Failed { order, word },
    }
}

/// Returns the token of the call that an operation is about.
///
/// # Errors
/// None that can happen: the short form of a tag fits.
pub fn token_of(operation: &OperationTag) -> Result<ClientToken, RequestError> {
    ClientToken::new(operation.short()).map_err(|error| RequestError::Form(Text::of(&error)))
}
