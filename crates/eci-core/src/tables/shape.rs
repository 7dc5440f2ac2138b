//! The values allowed at a place of a manifest.

use super::{Form, META, TABLES, TopLevel, table};
use crate::schema::{Change, Field, Object, Type};

/// The values allowed at a place of a manifest.
///
/// ```
/// use eci_core::tables::ManifestShape;
///
/// let place = ["container_group", "web", "containers", "image"];
/// let shape = place.iter().fold(ManifestShape::Root, |shape, key| shape.child(key, None));
/// assert_eq!(shape.field().map(|field| field.doc.en()), Some("the image to run, for example `nginx:1.27`"));
/// ```
#[derive(Clone, Copy, Debug)]
pub enum ManifestShape {
    /// The whole file: the tables of [`TABLES`].
    Root,
    /// A table of labels: the tables below them.
    Labels(&'static TopLevel),
    /// A table with described keys, with those of [`META`] too if it is a resource.
    Table {
        /// Its own keys.
        object: &'static Object,
        /// Whether it is a resource.
        resource: bool,
    },
    /// The value of a described key.
    ///
    /// Of a list it is the whole as well as each element.
    Value {
        /// The description.
        field: &'static Field,
        /// The consequence of a change, if this is an attribute of a resource or a part of one.
        change: Option<Change>,
    },
    /// A value under a free key, for example one of `tags`.
    Free(&'static Type),
    /// Any value, or a place without a description.
    Anything,
}

impl ManifestShape {
    /// Returns the shape of the whole file.
    pub fn root() -> ManifestShape {
        ManifestShape::Root
    }

    /// Returns what is allowed below a key.
    ///
    /// `variant` is the table's own `type`, if it is known: a volume's type decides which keys it
    /// has.
    #[must_use]
    pub fn child(self, key: &str, variant: Option<&str>) -> ManifestShape {
        match self {
            ManifestShape::Root => match table(key) {
                Some(top) => ManifestShape::of(top),
                None => ManifestShape::Anything,
            },
            ManifestShape::Labels(top) => match top.form {
                Form::Labeled(object) => ManifestShape::Table {
                    object,
                    resource: false,
                },
                Form::Resource(kind) => ManifestShape::Table {
                    object: kind.schema(),
                    resource: true,
                },
                Form::Single(_) | Form::Values | Form::Repeated(_) => ManifestShape::Anything,
            },
            ManifestShape::Table { .. } | ManifestShape::Value { .. } => {
                match self.key(key, variant) {
                    Some(field) => ManifestShape::Value {
                        field,
                        change: self.change_of(field),
                    },
                    None => match self.ty() {
                        Some(Type::Table(values, _)) => ManifestShape::Free(values),
                        _ => ManifestShape::Anything,
                    },
                }
            }
            ManifestShape::Free(Type::Table(values, _)) => ManifestShape::Free(values),
            ManifestShape::Free(_) | ManifestShape::Anything => ManifestShape::Anything,
        }
    }

    fn of(top: &'static TopLevel) -> ManifestShape {
        match top.form {
            Form::Single(object) | Form::Repeated(object) => ManifestShape::Table {
                object,
                resource: false,
            },
            Form::Labeled(_) | Form::Resource(_) => ManifestShape::Labels(top),
            Form::Values => ManifestShape::Anything,
        }
    }

    /// Returns the description of the key that has this value.
    pub fn field(self) -> Option<&'static Field> {
        match self {
            ManifestShape::Value { field, .. } => Some(field),
            _ => None,
        }
    }

    /// Returns how a change of a key that is allowed here changes the resource; `None` where the key is
    /// neither an attribute nor a part of one.
    pub fn change_of(self, key: &Field) -> Option<Change> {
        match self {
            ManifestShape::Table { object, resource } => {
                let is_attribute = resource && object.fields.iter().any(|it| it.name == key.name);
                is_attribute.then_some(key.change)
            }
            ManifestShape::Value { field, change } => {
                Some(key.change_within(field.change_of_parts(change?)))
            }
            _ => None,
        }
    }

    /// Returns the type of this value.
    pub fn ty(self) -> Option<&'static Type> {
        match self {
            ManifestShape::Value { field, .. } => Some(&field.ty),
            ManifestShape::Free(ty) => Some(ty),
            _ => None,
        }
    }

    /// Returns the tables that are allowed here.
    pub fn tables(self) -> &'static [TopLevel] {
        match self {
            ManifestShape::Root => &TABLES,
            _ => &[],
        }
    }

    /// Returns the keys that are allowed here, in canonical order.
    pub fn keys(self, variant: Option<&str>) -> impl Iterator<Item = &'static Field> {
        let (object, resource) = match (self, self.ty()) {
            (ManifestShape::Table { object, resource }, _) => (Some(object), resource),
            (_, Some(Type::Object(object) | Type::Objects(object, _))) => (Some(*object), false),
            _ => (None, false),
        };
        let meta: &[Field] = if resource { META.fields } else { &[] };
        let (before, after) = meta.split_at(meta.len().min(1));
        let own = object.map_or(&[][..], |object| object.fields);
        let own = own.iter().filter(move |field| fits(field, variant));
        before.iter().chain(own).chain(after)
    }

    /// Returns the key of that name that is allowed here.
    pub fn key(self, name: &str, variant: Option<&str>) -> Option<&'static Field> {
        self.keys(variant).find(|field| field.name == name)
    }
}

/// Returns whether a field belongs to a table of that `type`; where the type is not known, every
/// one may.
fn fits(field: &Field, variant: Option<&str>) -> bool {
    match (field.variant, variant) {
        (Some(only), Some(variant)) => only == variant,
        _ => true,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(path: &str) -> ManifestShape {
        path.split('/')
            .fold(ManifestShape::root(), |shape, key| shape.child(key, None))
    }

    #[test]
    fn a_place_finds_its_description_however_deep_it_lies() {
        for (path, doc) in [
            (
                "provider/region_id",
                "the ID of the region; by default the value of CTYUN_REGION_ID",
            ),
            (
                "provider/retry/attempts",
                "maximum number of attempts, the first included; 6 by default",
            ),
            (
                "eip/web/lifecycle/prevent_destroy",
                "whether to refuse every plan that deletes or replaces the resource; by default `true` for a managed disk. The state records it: \
                 removing this key or the whole table does not lift a protection, but applying `false` or \
                 a `[[removed]]` with `destroy = true` does. A disk is protected again once this key is removed",
            ),
            (
                "container_group/web/containers/ports/protocol",
                "the protocol of the traffic",
            ),
            (
                "variable/image/validation/error_message",
                "the error message if the condition is false",
            ),
            ("moved/from", "the old address"),
        ] {
            assert_eq!(
                at(path).field().map(|field| field.doc.en()),
                Some(doc),
                "{path}"
            );
        }
    }

    #[test]
    fn free_keys_and_locals_take_what_they_hold() {
        assert!(matches!(
            at("container_group/web/tags/app"),
            ManifestShape::Free(Type::String)
        ));
        assert!(matches!(at("locals/network"), ManifestShape::Anything));
        assert!(matches!(at("locals/network/vpc"), ManifestShape::Anything));
        assert!(matches!(
            at("module/web/inputs/image"),
            ManifestShape::Free(Type::Any)
        ));
    }

    #[test]
    fn the_type_of_a_volume_selects_between_two_keys() {
        let volume = at("volume/data");
        for variant in ["NasVolume", "ZosVolume"] {
            let field = volume.key("read_only", Some(variant)).unwrap();
            assert_eq!(field.variant, Some(variant));
        }
        assert!(volume.key("bucket", Some("NasVolume")).is_none());
    }

    #[test]
    fn a_part_changes_as_the_attribute_does_that_it_is_in() {
        for (path, change) in [
            (
                "container_group/web/containers/image",
                Some(Change::InPlace),
            ),
            (
                "container_group/web/containers/liveness_probe/http_get/port",
                Some(Change::InPlace),
            ),
            (
                "container_group/web/init_containers/image",
                Some(Change::Replace),
            ),
            ("container_group/web/vpc_id", Some(Change::Replace)),
            ("volume/data/disk/size", Some(Change::InPlace)),
            ("volume/data/disk/kind", Some(Change::Replace)),
            ("volume/data/files/content", Some(Change::InPlace)),
            ("container_group/web/lifecycle/prevent_destroy", None),
            ("container_group/web/for_each", None),
            ("variable/image/default", None),
        ] {
            let ManifestShape::Value { change: found, .. } = at(path) else {
                panic!("{path} has no value");
            };
            assert_eq!(found, change, "{path}");
        }
    }

    #[test]
    fn for_each_comes_before_the_attributes_and_lifecycle_after_them() {
        let names: Vec<&str> = at("eip/web").keys(None).map(|field| field.name).collect();
        assert_eq!(names.first(), Some(&"for_each"));
        assert_eq!(names.last(), Some(&"lifecycle"));
        assert!(names.contains(&"bandwidth"));
    }
}
