//! What is known of a value's attributes from the descriptions of the kinds.

use eci_core::schema::{Field, Link, Object, Type, with_article};
use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Kind, Map, Value};

/// What is known of the attributes of a value before it is known itself.
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

/// Why a value has no such attribute.
pub(crate) struct ShapeMismatch {
    pub(crate) message: String,
    /// The name that was probably meant.
    meant: Option<&'static str>,
    help: Option<String>,
}

impl ShapeMismatch {
    fn new(message: String, help: Option<String>) -> ShapeMismatch {
        ShapeMismatch {
            message,
            meant: None,
            help,
        }
    }

    /// Adds the way out to a diagnostic.
    pub(crate) fn way_out(self, written: &str, diagnostic: Diagnostic) -> Diagnostic {
        match (self.meant, self.help) {
            (Some(meant), _) => diagnostic.did_you_mean(written, meant),
            (None, Some(help)) => diagnostic.help(help),
            (None, None) => diagnostic,
        }
    }
}

impl Shape {
    /// The shape of an attribute, and its field if one is described.
    pub(crate) fn attribute(
        self,
        name: &str,
    ) -> Result<(Shape, Option<&'static Field>), ShapeMismatch> {
        match self {
            Shape::Free => Ok((Shape::Free, None)),
            Shape::Object(object) => field_of(object, name),
            Shape::Instances(kind) => Err(ShapeMismatch::new(
                format!("this {kind} has `for_each`: an instance must be chosen"),
                Some(format!(
                    "write its key before `.{name}`, such as [each.key] or [\"a\"]"
                )),
            )),
            Shape::Type(ty) => match ty {
                Type::Object(object) => field_of(object, name),
                Type::Ref(kind, Link::Attributes) => field_of(kind.schema(), name),
                Type::Table(values, _) => Ok((Shape::Type(values), None)),
                Type::List(_) | Type::Objects(..) => Err(ShapeMismatch::new(
                    format!("this is a list, which has no `{name}`"),
                    Some(format!(
                        "write [0].{name} for the first or [*].{name} for all"
                    )),
                )),
                scalar => Err(ShapeMismatch::new(
                    format!("this is {}, which has no `{name}`", scalar.describe()),
                    None,
                )),
            },
        }
    }

    /// The shape of an element.
    pub(crate) fn element(self) -> Shape {
        match self {
            Shape::Instances(kind) => Shape::Object(kind.schema()),
            Shape::Type(Type::List(items)) => Shape::Type(items),
            Shape::Type(Type::Objects(object, _)) => Shape::Object(object),
            Shape::Type(Type::Table(values, _)) => Shape::Type(values),
            _ => Shape::Free,
        }
    }

    /// The described table, if it is one.
    pub(crate) fn object(self) -> Option<&'static Object> {
        match self {
            Shape::Object(object) => Some(object),
            Shape::Type(Type::Object(object)) => Some(object),
            Shape::Type(Type::Ref(kind, Link::Attributes)) => Some(kind.schema()),
            _ => None,
        }
    }
}

/// The most attributes that are listed in a message.
const MOST_NAMED: usize = 20;

fn field_of(
    object: &'static Object,
    name: &str,
) -> Result<(Shape, Option<&'static Field>), ShapeMismatch> {
    match object.fields.iter().find(|field| field.name == name) {
        Some(field) => Ok((Shape::Type(&field.ty), Some(field))),
        None => {
            let all: Vec<&str> = object.fields.iter().map(|field| field.name).collect();
            Err(ShapeMismatch {
                message: format!("{} has no attribute `{name}`", with_article(object.name)),
                meant: nearest(name, all.iter().copied()),
                help: Some(if all.len() <= MOST_NAMED {
                    format!("its attributes are {}", all.join(", "))
                } else {
                    format!("docs/reference.md lists the attributes of {}", object.name)
                }),
            })
        }
    }
}

/// What an attribute is that a table in normal form does not have: what the cloud takes where
/// nothing is given, or null.
pub(crate) fn absent(object: &Object, name: &str, entries: &Map) -> Value {
    object
        .field(name, entries)
        .and_then(|field| field.api_default)
        .map_or(Value::Null, |implied| implied.value())
}
