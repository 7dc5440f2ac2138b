//! Functions over lists and tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::{Map, Value};

use super::{Fault, expected, list, table, text, too_large};
use crate::expression::budget::LARGEST_VALUE;
use crate::expression::operators::as_truth;

/// The first that is neither null nor empty.
pub(super) fn coalesce(arguments: &[Value]) -> Result<Value, Fault> {
    arguments
        .iter()
        .find(|value| !value.is_null() && value.as_str() != Some(""))
        .cloned()
        .ok_or_else(|| Fault::new("every argument is null or empty"))
}

pub(super) fn concat(arguments: &[Value]) -> Result<Value, Fault> {
    let mut items = Vec::new();
    for at in 0..arguments.len() {
        items.extend_from_slice(list(arguments, at)?);
        // Each has a size, even if it is only named.
        if items.len() > LARGEST_VALUE / size_of::<Value>() {
            return Err(too_large());
        }
    }
    Ok(Value::list(items))
}

/// Later tables win; null is an empty table.
pub(super) fn merge(arguments: &[Value]) -> Result<Value, Fault> {
    let mut merged = Map::new();
    for at in 0..arguments.len() {
        if arguments[at].is_null() {
            continue;
        }
        let entries = table(arguments, at)?;
        merged.extend(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
    }
    Ok(Value::map(merged))
}

pub(super) fn contains(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Bool(list(arguments, 0)?.contains(&arguments[1])))
}

pub(super) fn keys(arguments: &[Value]) -> Result<Value, Fault> {
    let keys = table(arguments, 0)?.keys();
    Ok(Value::list(
        keys.map(|key| Value::String(key.clone())).collect(),
    ))
}

pub(super) fn values(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::list(
        table(arguments, 0)?.values().cloned().collect(),
    ))
}

pub(super) fn length(arguments: &[Value]) -> Result<Value, Fault> {
    let length = match &arguments[0] {
        Value::String(text) => text.chars().count(),
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        other => return Err(expected(0, "a string, a list or a table", other)),
    };
    Ok(Value::from(i64::try_from(length).unwrap_or(i64::MAX)))
}

/// `lookup(table, key)`, `lookup(table, key, default)`
pub(super) fn lookup(arguments: &[Value]) -> Result<Value, Fault> {
    let entries = table(arguments, 0)?;
    let key = text(arguments, 1)?;
    entries
        .get(&key)
        .or_else(|| arguments.get(2))
        .cloned()
        .ok_or_else(|| {
            Fault::at(
                1,
                format!("the table has no {key:?}; give a default as third argument"),
            )
        })
}

pub(super) fn tobool(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        value => as_truth(value)
            .map(Value::Bool)
            .ok_or_else(|| expected(0, "true or false", value)),
    }
}

pub(super) fn tolist(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        value => Ok(Value::list(list(std::slice::from_ref(value), 0)?.to_vec())),
    }
}

pub(super) fn tomap(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        value => Ok(Value::map(table(std::slice::from_ref(value), 0)?.clone())),
    }
}

/// A set is a list of distinct values here; strings in their order.
pub(super) fn toset(arguments: &[Value]) -> Result<Value, Fault> {
    let items = list(arguments, 0)?;
    let texts: Option<BTreeSet<Arc<str>>> = items
        .iter()
        .map(|item| match item {
            Value::String(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    if let Some(texts) = texts {
        return Ok(Value::list(texts.into_iter().map(Value::String).collect()));
    }
    let mut distinct: Vec<Value> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for item in items {
        // The debug form of a value without marks tells it from every other one.
        if seen.insert(format!("{item:?}")) {
            distinct.push(item.clone());
        }
    }
    Ok(Value::list(distinct))
}
