//! The descriptions of kinds: their fields and properties, each declared once.

mod container;
mod container_group;
mod disk;
mod eip;
mod properties;
mod volume;

pub use container::{CONTAINER, INIT_CONTAINER};
pub use container_group::{CONTAINER_GROUP, GROUP_EIP};
pub use disk::DISK;
pub use eip::EIP;
pub use properties::{Loss, Mark, NodeShape, Nouns, Properties, StandaloneCondition};
pub use volume::VOLUME;

use crate::address::Kind;
use crate::schema::Object;
use crate::value::Map;

impl Kind {
    /// Returns the description of this kind.
    pub fn properties(self) -> &'static Properties {
        match self {
            Kind::Eip => &eip::PROPERTIES,
            Kind::Volume => &volume::PROPERTIES,
            Kind::ContainerGroup => &container_group::PROPERTIES,
        }
    }

    /// Returns the description of this kind's fields.
    pub fn schema(self) -> &'static Object {
        self.properties().schema
    }
}

/// Returns whether a resource of these attributes, in normal form, is a separate object in the
/// cloud: separate calls create, change and delete it. A volume is one with its `disk`, an EIP if
/// it is neither existing nor automatic; all others travel inside the groups that use them.
pub fn is_standalone(kind: Kind, attributes: &Map) -> bool {
    match kind.properties().standalone {
        StandaloneCondition::Always => true,
        StandaloneCondition::If(is_standalone) => is_standalone(attributes),
    }
}

/// Returns the cloud's id of an existing EIP or disk, of which these are the attributes: it is
/// used and never deleted.
pub fn existing_id(kind: Kind, attributes: &Map) -> Option<&str> {
    let name = kind.properties().existing_by?;
    if is_standalone(kind, attributes) {
        return None;
    }
    attributes.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Change;

    #[test]
    fn attributes_in_the_body_of_groups_only_never_replace_an_eip_or_a_volume() {
        for kind in [Kind::Eip, Kind::Volume] {
            let attributes = kind.schema().fields.iter();
            let writable = attributes
                .filter(|field| field.is_writable() && field.service_request_path.is_none());
            for field in writable {
                assert_eq!(field.change, Change::InPlace, "{kind}.{}", field.name);
            }
        }
    }

    #[test]
    fn every_kind_has_a_description_that_fits_its_fields() {
        for kind in Kind::ALL {
            let properties = kind.properties();
            assert_eq!(properties.kind, kind);
            assert_eq!(Kind::from_name(properties.name), Some(kind));
            let has = |name: &str| {
                let mut fields = properties.schema.fields.iter();
                fields.any(|field| field.name == name)
            };
            let named = [
                properties.existing_by,
                properties.name_path.first().copied(),
            ];
            let assigned = properties.assigned.iter().copied();
            for name in named.into_iter().flatten().chain(assigned) {
                assert!(has(name), "{kind}.{name}");
            }
            if let Some(prefix) = properties.id_prefix {
                assert!(properties.example_id.starts_with(prefix), "{kind}");
            }
            if let Some(attribute) = properties.attached_as {
                let mut holders = Kind::ALL
                    .into_iter()
                    .filter(|holder| holder.properties().holds_attachments);
                let holds = |holder: Kind| {
                    let mut fields = holder.schema().fields.iter();
                    fields.any(|field| field.name == attribute)
                };
                assert!(holders.any(holds), "{kind}: {attribute}");
            }
        }
    }
}
