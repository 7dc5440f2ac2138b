//! Validation of requests: the shape of bodies, then the rules between their fields.
//!
//! The sandbox reads requests by the API reference, independently of the client's types, so that a
//! name misspelled in one of the two is noticed and not mirrored.

mod accept;
mod fields;
mod rules;
mod shape;

pub(crate) use accept::{accept_create, accept_update};
pub(crate) use fields::{DESCRIBE_MANY, EVENTS, EXEC, IDS, NOTHING, PRICE, RESIZE};
pub(crate) use shape::conform;

use serde_json::{Map, Value};

/// Returns the text of a field; empty if there is none.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or("")
}

/// Returns the items of a field that is an array; none if it is absent.
pub(crate) fn items<'a>(object: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    match object.get(name) {
        Some(Value::Array(items)) => items,
        _ => &[],
    }
}

/// Returns the objects of a field that is an array of objects.
pub(crate) fn objects<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    items(object, name).iter().filter_map(Value::as_object)
}

/// Returns the texts of a field that is an array of texts.
pub(crate) fn texts<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a str> {
    items(object, name).iter().filter_map(Value::as_str)
}

/// Returns the integer of a field.
pub(crate) fn whole(object: &Map<String, Value>, name: &str) -> Option<i64> {
    object.get(name).and_then(Value::as_i64)
}

/// Returns the number of a field.
pub(crate) fn decimal(object: &Map<String, Value>, name: &str) -> Option<f64> {
    object.get(name).and_then(Value::as_f64)
}

/// Returns whether a flag is given and set.
pub(crate) fn is_set(object: &Map<String, Value>, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool) == Some(true)
}
