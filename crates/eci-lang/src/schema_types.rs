//! Types of a value's attributes, from the descriptions of the kinds.

use eci_core::schema::{Field, Link, Object, Type};
use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Kind, Map, Value};
use eci_text::{List, Text, text};

/// The known attributes of a value that is itself unknown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Nothing.
    Free,
    /// A table with these fields.
    Object(&'static Object),
    /// A value of this type.
    Type(&'static Type),
    /// All instances of a resource with `for_each`, by key.
    Instances(Kind),
}

/// The reason why a value does not have an attribute.
pub(crate) struct ShapeMismatch {
    pub(crate) message: Text,
    /// The name that was probably meant.
    meant: Option<&'static str>,
    help: Option<Text>,
}

/// Returns the help where an attribute is taken of all instances at once.
pub(crate) fn choose_instance(attribute: &str) -> Text {
    text!(
        en: "write an instance key before `.{attribute}`, for example `[each.key]` or `[\"a\"]`",
        zh: "在 `.{attribute}` 之前写上实例键，例如 `[each.key]` 或 `[\"a\"]`",
        attribute = attribute,
    )
}

impl ShapeMismatch {
    fn new(message: Text, help: Option<Text>) -> ShapeMismatch {
        ShapeMismatch {
            message,
            meant: None,
            help,
        }
    }

    /// Adds the help to a diagnostic.
    pub(crate) fn with_remedy(self, written: &str, diagnostic: Diagnostic) -> Diagnostic {
        match (self.meant, self.help) {
            (Some(meant), _) => diagnostic.did_you_mean(written, meant),
            (None, Some(help)) => diagnostic.help(help),
            (None, None) => diagnostic,
        }
    }
}

impl Shape {
    /// Returns the shape of an attribute, and its field if one is described.
    pub(crate) fn attribute(
        self,
        name: &str,
    ) -> Result<(Shape, Option<&'static Field>), ShapeMismatch> {
        match self {
            Shape::Free => Ok((Shape::Free, None)),
            Shape::Object(object) => field_of(object, name),
            Shape::Instances(kind) => Err(ShapeMismatch::new(
                text!(
                    en: "missing instance key: the resource of type `{kind}` has `for_each`",
                    zh: "缺少实例键：类型为 `{kind}` 的资源设置了 `for_each`",
                    kind = kind.name(),
                ),
                Some(choose_instance(name)),
            )),
            Shape::Type(ty) => match ty {
                Type::Object(object) => field_of(object, name),
                Type::Ref(kind, Link::Attributes) => field_of(kind.schema(), name),
                Type::Table(values, _) => Ok((Shape::Type(values), None)),
                Type::List(_) | Type::Objects(..) => Err(ShapeMismatch::new(
                    text!(
                        en: "a list has no attribute `{name}`",
                        zh: "列表没有属性 `{name}`",
                        name = name,
                    ),
                    Some(text!(
                        en: "write `[0].{name}` for the first element, or `[*].{name}` for all elements",
                        zh: "第一个元素写作 `[0].{name}`，全部元素写作 `[*].{name}`",
                        name = name,
                    )),
                )),
                scalar => Err(ShapeMismatch::new(
                    text!(
                     en: "{ty} has no attribute `{name}`",
                     zh: "{ty}没有属性 `{name}`",
                     ty = scalar.describe(),
                     name = name,
                    ),
                    None,
                )),
            },
        }
    }

    /// Returns the shape of an element.
    pub(crate) fn element(self) -> Shape {
        match self {
            Shape::Instances(kind) => Shape::Object(kind.schema()),
            Shape::Type(Type::List(items)) => Shape::Type(items),
            Shape::Type(Type::Objects(object, _)) => Shape::Object(object),
            Shape::Type(Type::Table(values, _)) => Shape::Type(values),
            _ => Shape::Free,
        }
    }

    /// Returns the described table, if it is one.
    pub(crate) fn object(self) -> Option<&'static Object> {
        match self {
            Shape::Object(object) => Some(object),
            Shape::Type(Type::Object(object)) => Some(object),
            Shape::Type(Type::Ref(kind, Link::Attributes)) => Some(kind.schema()),
            _ => None,
        }
    }
}

fn field_of(
    object: &'static Object,
    name: &str,
) -> Result<(Shape, Option<&'static Field>), ShapeMismatch> {
    match object.fields.iter().find(|field| field.name == name) {
        Some(field) => Ok((Shape::Type(&field.ty), Some(field))),
        None => {
            let all: Vec<&str> = object.fields.iter().map(|field| field.name).collect();
            Err(ShapeMismatch {
                message: if Kind::from_name(object.name).is_some() {
                    text!(
                        en: "resource type `{ty}` has no attribute `{name}`",
                        zh: "资源类型 `{ty}` 没有属性 `{name}`",
                        ty = object.name,
                        name = name,
                    )
                } else {
                    text!(
                        en: "`{ty}` has no attribute `{name}`",
                        zh: "`{ty}` 没有属性 `{name}`",
                        ty = object.name,
                        name = name,
                    )
                },
                meant: nearest(name, all.iter().copied()),
                help: Some(text!(
                    en: "supported attributes: {all}",
                    zh: "支持的属性：{all}",
                    all = List::and(all.iter().map(|name| format!("`{name}`"))),
                )),
            })
        }
    }
}

/// Returns the value of an attribute that an object in normal form does not have: what the cloud
/// takes where nothing is given, or null.
pub(crate) fn absent(object: &Object, name: &str, entries: &Map) -> Value {
    object
        .field(name, entries)
        .and_then(|field| field.api_default)
        .map_or(Value::Null, |implied| implied.value())
}
