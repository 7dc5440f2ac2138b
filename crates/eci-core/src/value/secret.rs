//! A box for a sensitive value, which shows it only on request.

use std::sync::Arc;

use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret as _, SecretBox};

use super::Value;

/// A sensitive value.
///
/// Cheap to clone; wiped when its last clone is dropped.
#[derive(Clone)]
pub struct SensitiveValue(Arc<SecretBox<Value>>);

impl SensitiveValue {
    pub(super) fn new(value: Value) -> SensitiveValue {
        SensitiveValue(Arc::new(SecretBox::new(Box::new(value))))
    }

    /// Returns the value itself: to be sent, digested or computed with, never to be shown.
    pub fn expose(&self) -> &Value {
        self.0.expose_secret()
    }
}

impl PartialEq for SensitiveValue {
    fn eq(&self, other: &SensitiveValue) -> bool {
        self.expose() == other.expose()
    }
}

/// Wipes text with a single owner: text that is shared with a value outside of the box stays
/// readable there, and that value answers for it.
impl Zeroize for Value {
    fn zeroize(&mut self) {
        match self {
            Value::String(text) | Value::Digest(text) => {
                if let Some(text) = Arc::get_mut(text) {
                    text.zeroize();
                }
            }
            Value::List(items) => {
                if let Some(items) = Arc::get_mut(items) {
                    items.iter_mut().for_each(Value::zeroize);
                }
            }
            Value::Map(entries) => {
                if let Some(entries) = Arc::get_mut(entries) {
                    entries.iter_mut().for_each(|(_, value)| value.zeroize());
                }
            }
            // A separate box, which wipes itself.
            Value::Sensitive(_) => {}
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown => {}
        }
        *self = Value::Null;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wiped_leaves_what_others_hold() {
        let shared: Arc<str> = Arc::from("shared");
        let mut list = Value::list(vec![Value::from("own"), Value::String(shared.clone())]);
        list.zeroize();
        assert_eq!(list, Value::Null);
        assert_eq!(&*shared, "shared");
    }
}
