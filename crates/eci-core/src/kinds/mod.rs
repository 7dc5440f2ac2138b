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

/// The attribute of a container group that is its EIP.
pub const GROUP_EIP: &str = "eip";

/// Whether a resource of these attributes, in normal form, has a life of its own in the cloud:
/// it is made, changed and removed by calls of its own. A volume has one with its `disk`, an EIP
/// if it is neither existing nor automatic; all others travel inside the groups that use them.
pub fn is_standalone(kind: Kind, attributes: &Map) -> bool {
    match kind {
        Kind::ContainerGroup => true,
        Kind::Eip => eip::is_standalone(attributes),
        Kind::Volume => attributes.contains_key("disk"),
    }
}

/// The cloud's id of an existing EIP or disk, of which these are the attributes: it is used and
/// never deleted.
pub fn existing_id(kind: Kind, attributes: &Map) -> Option<&str> {
    let name = match kind {
        Kind::ContainerGroup => return None,
        _ if is_standalone(kind, attributes) => return None,
        Kind::Eip => "id",
        Kind::Volume => "volume_handle",
    };
    attributes.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Change;

    #[test]
    fn what_stands_only_in_the_body_of_groups_makes_no_eip_and_no_volume_anew() {
        for kind in [Kind::Eip, Kind::Volume] {
            let attributes = kind.schema().fields.iter();
            let writable = attributes
                .filter(|field| field.is_writable() && field.service_request_path.is_none());
            for field in writable {
                assert_eq!(field.change, Change::InPlace, "{kind}.{}", field.name);
            }
        }
    }
}
