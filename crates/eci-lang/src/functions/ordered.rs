//! The order in which sets have their values, which is Terraform's.

use std::cmp::Ordering;
use std::sync::Arc;

use eci_core::{Number, Value};

/// Returns the distinct values in their order.
pub(super) fn set(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by_cached_key(SortKey::of);
    values.dedup();
    values
}

/// The place of a value among others of its type: texts, numbers and booleans in their own
/// order, null behind them, all else in an order that Terraform does not promise either.
#[derive(PartialEq)]
#[non_exhaustive]
pub enum SortKey {
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Arc<str>),
    /// A list or a table, as a text that no other one has.
    Other(String),
    /// Null.
    Null,
}

impl SortKey {
    /// Returns the place of a value.
    pub fn of(value: &Value) -> SortKey {
        match value {
            Value::Bool(truth) => SortKey::Bool(*truth),
            Value::Number(number) => SortKey::Number(*number),
            Value::String(text) => SortKey::Text(text.clone()),
            Value::Null => SortKey::Null,
            other => {
                let mut written = String::new();
                write(other, &mut written);
                SortKey::Other(written)
            }
        }
    }

    fn rank(&self) -> u8 {
        match self {
            SortKey::Bool(_) => 0,
            SortKey::Number(_) => 1,
            SortKey::Text(_) => 2,
            SortKey::Other(_) => 3,
            SortKey::Null => 4,
        }
    }
}

impl Eq for SortKey {}

impl Ord for SortKey {
    fn cmp(&self, other: &SortKey) -> Ordering {
        match (self, other) {
            (SortKey::Bool(a), SortKey::Bool(b)) => a.cmp(b),
            // Numbers are finite, so that each has its place.
            (SortKey::Number(a), SortKey::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (SortKey::Text(a), SortKey::Text(b)) => a.cmp(b),
            (SortKey::Other(a), SortKey::Other(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &SortKey) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Writes a value so that no other one is written alike.
fn write(value: &Value, written: &mut String) {
    match value {
        Value::Bool(truth) => written.push(if *truth { 'T' } else { 'F' }),
        Value::Number(number) => written.push_str(&number.to_string()),
        Value::String(text) => written.push_str(&format!("{text:?}")),
        Value::List(items) => {
            written.push('[');
            for item in items.iter() {
                write(item, written);
                written.push(';');
            }
            written.push(']');
        }
        Value::Map(entries) => {
            written.push('{');
            for (key, value) in entries.iter() {
                written.push_str(&format!("{key:?}:"));
                write(value, written);
                written.push(';');
            }
            written.push('}');
        }
        // Marks are taken off and unknown parts are answered before a function runs.
        Value::Null | Value::Unknown | Value::Sensitive(_) | Value::Digest(_) => written.push('~'),
    }
}
