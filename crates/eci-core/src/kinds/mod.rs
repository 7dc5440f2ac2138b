//! The fields of every kind, described once.

mod container;
mod container_group;
mod eip;
mod volume;

pub use container::{CONTAINER, INIT_CONTAINER};
pub use container_group::CONTAINER_GROUP;
pub use eip::EIP;
pub use volume::VOLUME;

use crate::address::Kind;
use crate::schema::Object;

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
