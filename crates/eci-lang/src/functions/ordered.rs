//! The order in which sets have their values, which is Terraform's.

use std::cmp::Ordering;
use std::sync::Arc;

use eci_core::{Number, Value};

/// Returns the distinct values in their order.
pub(super) fn set(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by_cached_key(Ordered::of);
    values.dedup();
    values
}

/// The place of a value among others of its type: texts, numbers and booleans in their own
/// order, null behind them, all else in an order that Terraform does not promise either.
#[derive(PartialEq)]
pub enum Ordered {
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

impl Ordered {
    /// Returns the place of a value.
    pub fn of(value: &Value) -> Ordered {
        match value {
            Value::Bool(truth) => Ordered::Bool(*truth),
            Value::Number(number) => Ordered::Number(*number),
            Value::String(text) => Ordered::Text(text.clone()),
            Value::Null => Ordered::Null,
            other => {
                let mut written = String::new();
                write(other, &mut written);
                Ordered::Other(written)
            }
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Ordered::Bool(_) => 0,
            Ordered::Number(_) => 1,
            Ordered::Text(_) => 2,
            Ordered::Other(_) => 3,
            Ordered::Null => 4,
        }
    }
}

impl Eq for Ordered {}

impl Ord for Ordered {
    fn cmp(&self, other: &Ordered) -> Ordering {
        match (self, other) {
            (Ordered::Bool(a), Ordered::Bool(b)) => a.cmp(b),
            // Numbers are finite, so that each has its place.
            (Ordered::Number(a), Ordered::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Ordered::Text(a), Ordered::Text(b)) => a.cmp(b),
            (Ordered::Other(a), Ordered::Other(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Ordered) -> Option<Ordering> {
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
