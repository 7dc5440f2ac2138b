//! A value of a manifest that is not evaluated.

use std::collections::BTreeMap;

use eci_core::schema::{Field, Object, Type};
use eci_core::{Map, Number, Value};
use eci_lang::mentions;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::parse::{Data, Node};

/// A value of a manifest that is not evaluated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum OutlineValue {
    /// A list of tables, key by key.
    Blocks(Vec<BTreeMap<String, OutlineValue>>),
    /// Anything else.
    Value {
        /// The constant, if it has no references and is not a secret.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        constant_value: Option<Json>,
        /// The references: `eip.web.address`, and with it `eip.web`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        references: Vec<String>,
    },
}

impl Default for OutlineValue {
    fn default() -> OutlineValue {
        OutlineValue::Value {
            constant_value: None,
            references: Vec::new(),
        }
    }
}

impl OutlineValue {
    /// Returns the value without its constants.
    #[must_use]
    pub fn hidden(self) -> OutlineValue {
        match self {
            OutlineValue::Blocks(blocks) => {
                let hidden = |block: BTreeMap<String, OutlineValue>| {
                    let block = block.into_iter();
                    block.map(|(key, value)| (key, value.hidden())).collect()
                };
                OutlineValue::Blocks(blocks.into_iter().map(hidden).collect())
            }
            OutlineValue::Value { references, .. } => OutlineValue::Value {
                constant_value: None,
                references,
            },
        }
    }

    /// Hides each constant in it of which a text is a secret, or has one in it.
    pub fn hide_constants(&mut self, is_secret: &dyn Fn(&str) -> bool) {
        match self {
            OutlineValue::Blocks(blocks) => {
                for part in blocks.iter_mut().flat_map(BTreeMap::values_mut) {
                    part.hide_constants(is_secret);
                }
            }
            OutlineValue::Value { constant_value, .. } => {
                if constant_value
                    .as_ref()
                    .is_some_and(|it| has_secret(it, is_secret))
                {
                    *constant_value = None;
                }
            }
        }
    }

    /// Describes a value of any type.
    pub(super) fn any(node: &Node) -> OutlineValue {
        OutlineValue::of(node, &Type::Any)
    }

    /// Describes the keys of a table, except some.
    pub(super) fn table(
        object: &'static Object,
        node: &Node,
        is_left_out: &dyn Fn(&str) -> bool,
    ) -> BTreeMap<String, OutlineValue> {
        let literal = node.literal();
        let none = Map::new();
        let entries = literal.as_map().unwrap_or(&none);
        let keys = node.entries().unwrap_or_default().iter();
        let keys = keys.filter(|entry| !is_left_out(&entry.key));
        keys.map(|entry| {
            let field = object.field(&entry.key, entries);
            (
                entry.key.to_string(),
                OutlineValue::field(field, &entry.node),
            )
        })
        .collect()
    }

    fn field(field: Option<&'static Field>, node: &Node) -> OutlineValue {
        let Some(field) = field else {
            return OutlineValue::any(node);
        };
        let written = OutlineValue::of(node, &field.ty);
        if field.sensitive {
            written.hidden()
        } else {
            written
        }
    }

    fn of(node: &Node, ty: &Type) -> OutlineValue {
        if let (Type::Objects(object, _), Data::List(items)) = (ty, &node.data) {
            let is_table = |item: &Node| item.entries().is_some();
            if items.iter().all(is_table) {
                let blocks = items.iter();
                return OutlineValue::Blocks(
                    blocks
                        .map(|item| OutlineValue::table(object, item, &|_| false))
                        .collect(),
                );
            }
        }
        let mut references = Vec::new();
        node.templates(&mut |template| mentions(template, &mut references));
        labels(node, ty, &mut references);
        let has_templates = {
            let mut any = false;
            node.templates(&mut |_| any = true);
            any
        };
        let is_constant = references.is_empty() && !has_templates && !holds_secret(node, ty);
        OutlineValue::Value {
            constant_value: is_constant.then(|| constant(&node.literal())).flatten(),
            references,
        }
    }
}

/// Adds the resources that a value links by their labels.
fn labels(node: &Node, ty: &Type, references: &mut Vec<String>) {
    match (ty, &node.data) {
        (Type::Ref(kind, _), Data::Literal(Value::String(label))) => {
            let whole = format!("{kind}.{label}");
            let table = whole.split('[').next().unwrap_or_default().to_owned();
            for name in [whole, table] {
                if !references.contains(&name) {
                    references.push(name);
                }
            }
        }
        (Type::List(items), Data::List(nodes)) => {
            nodes
                .iter()
                .for_each(|node| labels(node, items, references));
        }
        (Type::Either(types), _) => types.iter().for_each(|ty| labels(node, ty, references)),
        _ => {}
    }
}

/// Returns whether a table has a field that is always secret.
fn holds_secret(node: &Node, ty: &Type) -> bool {
    let object = match ty {
        Type::Object(object) => object,
        Type::Objects(object, _) => object,
        _ => return false,
    };
    let literal = node.literal();
    let none = Map::new();
    let entries = literal.as_map().unwrap_or(&none);
    let keys = node.entries().unwrap_or_default().iter();
    let mut fields = keys.filter_map(|entry| Some((entry, object.field(&entry.key, entries)?)));
    fields.any(|(entry, field)| field.sensitive || holds_secret(&entry.node, &field.ty))
}

/// Returns whether a text or a number in a constant, or a key, is a secret.
pub(super) fn has_secret(constant: &Json, is_secret: &dyn Fn(&str) -> bool) -> bool {
    match constant {
        Json::Null | Json::Bool(_) => false,
        Json::Number(number) => is_secret(&number.to_string()),
        Json::String(text) => is_secret(text),
        Json::Array(items) => items.iter().any(|item| has_secret(item, is_secret)),
        Json::Object(entries) => {
            let mut entries = entries.iter();
            entries.any(|(key, item)| is_secret(key) || has_secret(item, is_secret))
        }
    }
}

/// Converts a literal to JSON; `None` where it could not be read.
pub(super) fn constant(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Number(Number::Int(number)) => (*number).into(),
        Value::Number(Number::Float(number)) => (*number).into(),
        Value::String(text) => (&**text).into(),
        Value::List(items) => Json::Array(items.iter().map(constant).collect::<Option<_>>()?),
        Value::Map(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(key, value)| Some((key.to_string(), constant(value)?)));
            Json::Object(entries.collect::<Option<_>>()?)
        }
        Value::Unknown | Value::Sensitive(_) | Value::Digest(_) => return None,
    })
}
