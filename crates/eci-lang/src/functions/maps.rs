//! Functions over maps.

use std::sync::Arc;

use eci_core::{Map, Value};
use eci_text::{Noun, text};

use super::function::{Answer, CallError, STRINGS, expected, list, table, text};
use crate::marks::{mark, reveal};
use crate::operators::as_text;

const VALUE: Noun = Noun {
    one: "value",
    many: "values",
    zh: "值",
    measure: "个",
};

pub(super) fn keys(arguments: &[Value]) -> Answer {
    let keys = table(arguments, 0)?.keys();
    Ok(Value::list(
        keys.map(|key| Value::String(key.clone())).collect(),
    ))
}

pub(super) fn values(arguments: &[Value]) -> Answer {
    Ok(Value::list(
        table(arguments, 0)?.values().cloned().collect(),
    ))
}

pub(super) fn lookup(arguments: &[Value]) -> Answer {
    let entries = table(arguments, 0)?;
    let key = text(arguments, 1)?;
    let found = entries.get(&key).or_else(|| arguments.get(2)).cloned();
    found.ok_or_else(|| {
        let message = text!(
            en: "the map has no key `{key}`",
            zh: "映射没有键 `{key}`",
            key = key,
        );
        CallError::at(1, message).help(text!(
            en: "pass a default value as the third argument",
            zh: "将默认值作为第 3 个参数传入",
        ))
    })
}

/// Evaluates `merge(maps…)`: later maps win; null is an empty map.
pub(super) fn merge(arguments: &[Value]) -> Answer {
    let mut merged = Map::new();
    for at in 0..arguments.len() {
        if arguments[at].is_null() {
            continue;
        }
        let entries = table(arguments, at)?.iter();
        merged.extend(entries.map(|(key, value)| (key.clone(), value.clone())));
    }
    Ok(Value::map(merged))
}

pub(super) fn zipmap(arguments: &[Value]) -> Answer {
    let (keys, values) = (list(arguments, 0)?, list(arguments, 1)?);
    if keys.len() != values.len() {
        let message = text!(
            en: "expected {expected}, one for each key, found {found}",
            zh: "应有 {expected}，与键一一对应，实际为 {found} 个",
            expected = VALUE.count(keys.len()),
            found = values.len(),
        );
        return Err(CallError::at(1, message));
    }
    let (mut entries, mut sensitive, mut unknown) = (Vec::new(), false, false);
    for (key, value) in keys.iter().zip(values) {
        let (key, secret) = reveal(key);
        sensitive |= secret;
        if key.is_unknown() {
            unknown = true;
            continue;
        }
        let key: Arc<str> = as_text(key).ok_or_else(|| expected(0, &STRINGS, key))?;
        entries.push((key, value.clone()));
    }
    let value = if unknown {
        Value::Unknown
    } else {
        Value::map(Map::from_iter(entries))
    };
    Ok(mark(value, sensitive))
}
