//! The place of an attribute in its manifest.

use std::ops::Range;

use eci_core::Path;
use eci_core::diagnostic::Span;
use eci_core::path::PathStep;
use eci_core::schema::{Object, Type};
use eci_lang::spend;

use crate::parse::{Block, Data, Node};

/// Returns the place of the value of an attribute, or of the nearest enclosing value that is
/// written.
pub(super) fn of_value(block: &Block, object: &'static Object, path: &Path) -> Span {
    block.at(&locate(block, object, path).0)
}

/// Returns the place of the key of an attribute, or of the nearest enclosing key that is written.
pub(super) fn of_key(block: &Block, object: &'static Object, path: &Path) -> Span {
    block.at(&locate(block, object, path).1)
}

/// Returns the ranges of the value and of its key.
fn locate(block: &Block, object: &'static Object, path: &Path) -> (Range<usize>, Range<usize>) {
    let mut node = &block.node;
    let mut key = node.range.clone();
    let mut described = NodeDescription::Object(object);
    for step in &path.0 {
        let (next, next_key) = match (step, &node.data) {
            (PathStep::Name(name), Data::Table(_)) => {
                described = described.field(name);
                match node.entry(name) {
                    Some(entry) => (&entry.node, entry.key_range.clone()),
                    None => break,
                }
            }
            (PathStep::Index(at), Data::List(items)) => match items.get(*at) {
                Some(item) => {
                    described = described.item();
                    (item, item.range.clone())
                }
                None => break,
            },
            (PathStep::Key(identity), Data::List(items)) => {
                // An exhausted budget is noticed at the next step.
                spend(items.len() / 4);
                match items.iter().find(|item| described.is(item, identity)) {
                    Some(item) => {
                        described = described.item();
                        (item, item.range.clone())
                    }
                    None => break,
                }
            }
            _ => break,
        };
        (node, key) = (next, next_key);
    }
    (node.range.clone(), key)
}

/// The description of the node at hand.
#[derive(Clone, Copy)]
enum NodeDescription {
    Object(&'static Object),
    Type(&'static Type),
    Not,
}

impl NodeDescription {
    fn object(self) -> Option<&'static Object> {
        match self {
            NodeDescription::Object(object) => Some(object),
            NodeDescription::Type(Type::Object(object)) => Some(object),
            _ => None,
        }
    }

    fn field(self, name: &str) -> NodeDescription {
        self.object()
            .and_then(|object| object.fields.iter().find(|field| field.name == name))
            .map_or(NodeDescription::Not, |field| {
                NodeDescription::Type(&field.ty)
            })
    }

    fn item(self) -> NodeDescription {
        match self {
            NodeDescription::Type(Type::Objects(object, _)) => NodeDescription::Object(object),
            NodeDescription::Type(Type::List(inner)) => NodeDescription::Type(inner),
            _ => NodeDescription::Not,
        }
    }

    /// Returns whether an element of the list at hand has that identity.
    fn is(self, item: &Node, identity: &str) -> bool {
        let NodeDescription::Type(Type::Objects(object, keys)) = self else {
            return false;
        };
        let parts: Option<Vec<String>> = keys
            .iter()
            .map(|key| match item.get(key).map(|node| &node.data) {
                Some(Data::Literal(value)) => eci_lang::as_text(value).map(|text| text.to_string()),
                Some(_) => None,
                None => {
                    let field = object.fields.iter().find(|field| field.name == *key)?;
                    let default = field.default?.value();
                    eci_lang::as_text(&default).map(|text| text.to_string())
                }
            })
            .collect();
        parts.is_some_and(|parts| parts.join("/") == identity)
    }
}
