//! The fields of every kind, described once.

mod container;
mod container_group;
mod disk;
mod eip;
mod volume;

pub use container::{CONTAINER, INIT_CONTAINER};
pub use container_group::CONTAINER_GROUP;
pub use disk::DISK;
pub use eip::EIP;
pub use volume::VOLUME;

use crate::address::Kind;
use crate::schema::Object;
use crate::value::Map;

impl Kind {
    /// The description of this kind's fields.
    pub fn schema(self) -> &'static Object {
        match self {
            Kind::Eip => &EIP,
            Kind::Volume => &VOLUME,
            Kind::ContainerGroup => &CONTAINER_GROUP,
        }
    }
}

/// Whether a resource of these attributes, in normal form, has a life of its own in the cloud:
/// it is made, changed and removed by calls of its own. A volume has one with its `disk`, an EIP
/// if it is neither existing nor automatic; all others travel inside the groups that use them.
pub fn is_managed(kind: Kind, attributes: &Map) -> bool {
    match kind {
        Kind::ContainerGroup => true,
        Kind::Eip => eip::is_managed(attributes),
        Kind::Volume => attributes.contains_key("disk"),
    }
}
