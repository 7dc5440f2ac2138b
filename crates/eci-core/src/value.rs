//! The value that travels from manifest to wire.
//!
//! Two marks travel with it through every operation: a value can be *unknown* (it is known
//! only once a dependency was applied) and *sensitive* (it may be sent to the cloud, and is
//! neither shown nor written in clear). Cloning is cheap: containers are shared and copied
//! on write.

use std::fmt;
use std::sync::Arc;

use eci_text::Text;
use litemap::LiteMap;

mod name;
mod number;
mod secret;
mod stored;

pub use name::shared_name;
pub use number::{Number, NumberError};
pub use secret::SensitiveValue;
pub use stored::with_unknown;

/// The entries of a table, in key order.
///
/// Most tables are small, and there are very many of them: in one sorted list they take a
/// fraction of the memory of a tree. What may be large is collected, not inserted one by one.
pub type Map = LiteMap<Arc<str>, Value>;

/// The placeholder of a sensitive value.
pub const SENSITIVE: &str = "(sensitive)";

/// A value of the manifest language.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// Absent on purpose; a field that is null is treated as absent.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; `1` and `1.0` are the same number.
    Number(Number),
    /// Text.
    String(Arc<str>),
    /// An ordered list.
    List(Arc<Vec<Value>>),
    /// A table.
    Map(Arc<Map>),
    /// Known only after apply.
    Unknown,
    /// A value that is never shown; the inner value is never itself `Sensitive`.
    Sensitive(SensitiveValue),
    /// The digest of a sensitive value that was recorded: see [`crate::digest`].
    Digest(Arc<str>),
}

impl Value {
    /// Creates a string.
    pub fn string(text: impl Into<Arc<str>>) -> Value {
        Value::String(text.into())
    }

    /// Creates a list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    /// Creates a table.
    pub fn map(entries: Map) -> Value {
        Value::Map(Arc::new(entries))
    }

    /// Marks the value as sensitive; marking twice is marking once.
    #[must_use]
    pub fn into_sensitive(self) -> Value {
        match self {
            Value::Sensitive(_) | Value::Digest(_) => self,
            other => Value::Sensitive(SensitiveValue::new(other)),
        }
    }

    /// Returns the value without its own mark, and whether it had one.
    ///
    /// Marks further inside stay.
    pub fn reveal(&self) -> (&Value, bool) {
        match self {
            Value::Sensitive(inner) => (inner.expose(), true),
            other => (other, false),
        }
    }

    /// Returns whether this is `Null`, also beneath a mark.
    pub fn is_null(&self) -> bool {
        matches!(self.reveal().0, Value::Null)
    }

    /// Returns whether this value itself, not a part of it, is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self.reveal().0, Value::Unknown)
    }

    /// Returns whether any part is unknown.
    pub fn has_unknown(&self) -> bool {
        self.any(|value| matches!(value, Value::Unknown))
    }

    /// Returns whether any part is sensitive.
    pub fn has_sensitive(&self) -> bool {
        self.any(|value| matches!(value, Value::Sensitive(_) | Value::Digest(_)))
    }

    /// Returns whether any part is known by its digest alone.
    pub fn has_digest(&self) -> bool {
        self.any(|value| matches!(value, Value::Digest(_)))
    }

    /// Returns whether the value or any part of it matches.
    ///
    /// Generic, not `dyn`: it is called for each part of each attribute.
    fn any<F: Fn(&Value) -> bool + Copy>(&self, is_match: F) -> bool {
        is_match(self)
            || match self {
                Value::List(items) => items.iter().any(|item| item.any(is_match)),
                Value::Map(entries) => entries.values().any(|item| item.any(is_match)),
                Value::Sensitive(inner) => inner.expose().any(is_match),
                _ => false,
            }
    }

    /// Returns the text, if this is text (also beneath a mark).
    pub fn as_str(&self) -> Option<&str> {
        match self.reveal().0 {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.reveal().0 {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// Returns the number, if this is one.
    pub fn as_number(&self) -> Option<Number> {
        match self.reveal().0 {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns the entries, if this is a table.
    pub fn as_map(&self) -> Option<&Map> {
        match self.reveal().0 {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Returns the items, if this is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self.reveal().0 {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the entry of that name, if this is a table that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_map()?.get(name)
    }

    /// Returns the name of the value's type, for messages: a noun that begins and ends with a Han
    /// character or full-width punctuation in Chinese.
    pub fn type_name(&self) -> Text {
        match self.reveal().0 {
            Value::Null => Text::fixed("null", "空值（null）"),
            Value::Bool(_) => Text::fixed("a boolean", "布尔值"),
            Value::Number(_) => Text::fixed("a number", "数值"),
            Value::String(_) => Text::fixed("a string", "字符串"),
            Value::List(_) => Text::fixed("a list", "列表"),
            Value::Map(_) => Text::fixed("a map", "映射"),
            Value::Unknown => Text::fixed("a value known only after apply", "应用后才可知的值"),
            Value::Sensitive(_) | Value::Digest(_) => Text::fixed("a sensitive value", "敏感值"),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::string(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(Number::from(number))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Number::from_f64(number).map_or(Value::Null, Value::Number)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::list(items)
    }
}

impl From<Map> for Value {
    fn from(entries: Map) -> Value {
        Value::map(entries)
    }
}

impl<K: Into<Arc<str>>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Value {
    fn from(entries: [(K, V); N]) -> Value {
        Value::map(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

/// Never shows sensitive values, so that a value may appear in any log or panic message.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(truth) => write!(f, "{truth}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::String(text) => write!(f, "{text:?}"),
            Value::List(items) => f.debug_list().entries(items.iter()).finish(),
            Value::Map(entries) => f.debug_map().entries(entries.iter()).finish(),
            Value::Unknown => f.write_str("(known after apply)"),
            Value::Sensitive(_) | Value::Digest(_) => f.write_str(SENSITIVE),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_sensitive_value_never_shows_in_debug() {
        let value = Value::from([("password", Value::from("hunter2").into_sensitive())]);
        assert_eq!(format!("{value:?}"), r#"{"password": (sensitive)}"#);
    }

    #[test]
    fn marking_twice_is_marking_once() {
        let once = Value::from("x").into_sensitive();
        assert_eq!(once.clone().into_sensitive(), once);
    }

    #[test]
    fn unknown_is_found_however_deep() {
        let value = Value::list(vec![Value::from([("a", Value::Unknown.into_sensitive())])]);
        assert!(value.has_unknown());
        assert!(!value.is_unknown());
    }

    #[test]
    fn one_is_one_point_zero() {
        assert_eq!(Value::from(1), Value::from(1.0));
    }
}
