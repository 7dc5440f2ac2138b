//! Orders: how EIPs and disks are made, changed and given back.

mod place;
mod request;

use eci_api::types::{ClientToken, CreateDisk, CreateEip, DiskId, EipId};
use eci_core::{Kind, Map, OperationTag};

pub use request::{disk_request, eip_request};

use crate::request::RequestError;

/// Something that is ordered. Sent again with its token it orders nothing more, for a day.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// A new EIP.
    Eip(Box<CreateEip>),
    /// A new disk.
    Disk(Box<CreateDisk>),
    /// Another bandwidth for an EIP, in Mbps.
    ChangeBandwidth(EipId, i64),
    /// A larger size for a disk, in GB.
    Resize(DiskId, i64),
    /// The end of an EIP.
    ReleaseEip(EipId),
    /// The end of a disk, and, where the region has snapshots, whether they go with it.
    ReleaseDisk(DiskId, Option<bool>),
}

impl Order {
    /// The order that makes a managed EIP or disk of these attributes.
    ///
    /// # Errors
    /// If an attribute is not known yet, or only its digest is left.
    pub fn of(
        kind: Kind,
        attributes: &Map,
        operation: &OperationTag,
    ) -> Result<Order, RequestError> {
        match kind {
            Kind::Eip => Ok(Order::Eip(Box::new(eip_request(attributes)?))),
            Kind::Volume => Ok(Order::Disk(Box::new(disk_request(attributes, operation)?))),
            Kind::ContainerGroup => Err(RequestError::Form("a group is not ordered".to_owned())),
        }
    }

    /// Returns whether it makes something that then has an id.
    pub fn makes(&self) -> bool {
        matches!(self, Order::Eip(_) | Order::Disk(_))
    }
}

/// The token of the call that an operation is about.
///
/// # Errors
/// None that can happen: the short form of a tag fits.
pub fn token_of(operation: &OperationTag) -> Result<ClientToken, RequestError> {
    ClientToken::new(operation.short()).map_err(|error| RequestError::Form(error.to_string()))
}
