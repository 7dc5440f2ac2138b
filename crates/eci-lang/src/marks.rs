//! Propagation of unknown and sensitive through operations.

use std::borrow::Cow;

use eci_core::{Map, Value};

/// Returns the value without any mark of sensitivity, however deep, and whether there was one.
///
/// What only a digest is left of is unknown.
pub fn without_marks(value: &Value) -> (Cow<'_, Value>, bool) {
    if !value.has_sensitive() {
        return (Cow::Borrowed(value), false);
    }
    let bare = match value {
        Value::Sensitive(inner) => without_marks(inner.expose()).0.into_owned(),
        Value::Digest(_) => Value::Unknown,
        Value::List(items) => Value::list(
            items
                .iter()
                .map(|item| without_marks(item).0.into_owned())
                .collect(),
        ),
        Value::Map(entries) => Value::map(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), without_marks(value).0.into_owned()))
                .collect::<Map>(),
        ),
        other => other.clone(),
    };
    (Cow::Owned(bare), true)
}

/// Returns the value beneath its own mark and whether it had one; a value known only by its digest
/// is unknown.
pub(crate) fn reveal(value: &Value) -> (&Value, bool) {
    static UNKNOWN: Value = Value::Unknown;
    match value.reveal() {
        (Value::Digest(_), _) => (&UNKNOWN, true),
        revealed => revealed,
    }
}

/// Returns the value, sensitive if `sensitive`.
pub fn mark(value: Value, sensitive: bool) -> Value {
    if sensitive {
        value.into_sensitive()
    } else {
        value
    }
}
