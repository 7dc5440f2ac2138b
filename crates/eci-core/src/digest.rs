//! Sensitive values are remembered by a keyed digest: enough to see that one changed, not
//! enough to read it.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::value::{Map, Value};

mod words;

pub use words::KnownDigests;

/// The key of a state's digests: 256 random bits, created with the state.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DigestKey(String);

impl DigestKey {
    /// Creates a key from random bytes, which the caller draws.
    pub fn new(random: [u8; 32]) -> DigestKey {
        DigestKey(BASE64.encode(random))
    }

    /// Replaces every sensitive part of a value by its digest: the form that may be stored.
    #[must_use]
    pub fn redact(&self, value: &Value) -> Value {
        if !value.has_sensitive() {
            return value.clone();
        }
        match value {
            Value::Sensitive(inner) => self.digest(inner.expose()),
            Value::List(items) => Value::list(items.iter().map(|item| self.redact(item)).collect()),
            Value::Map(entries) => Value::map(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), self.redact(value)))
                    .collect::<Map>(),
            ),
            other => other.clone(),
        }
    }

    /// Redacts all attributes of an object; they are shared where none is sensitive.
    #[must_use]
    pub fn redact_all(&self, attributes: &Arc<Map>) -> Arc<Map> {
        if !attributes.values().any(Value::has_sensitive) {
            return attributes.clone();
        }
        let redacted = attributes.iter();
        let redacted = redacted.map(|(name, value)| (name.clone(), self.redact(value)));
        Arc::new(redacted.collect())
    }

    fn digest(&self, value: &Value) -> Value {
        if value.has_unknown() {
            return Value::Unknown;
        }
        // Any byte string is a valid HMAC key.
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("any key length is valid");
        feed(&mut mac, value);
        let digest: Arc<str> =
            format!("hmac-sha256:{}", BASE64.encode(mac.finalize().into_bytes())).into();
        Value::Digest(digest)
    }
}

/// Feeds a value unambiguously: each part with its type and length in front.
fn feed(mac: &mut Hmac<Sha256>, value: &Value) {
    let text = |mac: &mut Hmac<Sha256>, tag: u8, text: &str| {
        mac.update(&[tag]);
        mac.update(&(text.len() as u64).to_le_bytes());
        mac.update(text.as_bytes());
    };
    match value {
        Value::Null | Value::Unknown => mac.update(b"z"),
        Value::Bool(truth) => mac.update(if *truth { b"t" } else { b"f" }),
        Value::Number(number) => text(mac, b'n', &number.to_string()),
        Value::String(string) => text(mac, b's', string),
        Value::Digest(digest) => text(mac, b'd', digest),
        Value::Sensitive(inner) => feed(mac, inner.expose()),
        Value::List(items) => {
            mac.update(b"l");
            mac.update(&(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| feed(mac, item));
        }
        Value::Map(entries) => {
            mac.update(b"m");
            mac.update(&(entries.len() as u64).to_le_bytes());
            for (key, value) in entries.iter() {
                text(mac, b'k', key);
                feed(mac, value);
            }
        }
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redacted_value_reveals_changes_only() {
        let key = DigestKey::new([7; 32]);
        let secret = |text: &str| Value::from([("password", Value::from(text).into_sensitive())]);
        let redacted = key.redact(&secret("hunter2"));
        assert_eq!(redacted, key.redact(&secret("hunter2")));
        assert_ne!(redacted, key.redact(&secret("hunter3")));
        assert_ne!(redacted, DigestKey::new([8; 32]).redact(&secret("hunter2")));
        assert!(
            !serde_json::to_string(&redacted)
                .expect("storable")
                .contains("hunter2")
        );
    }

    #[test]
    fn the_parts_of_a_sensitive_list_cannot_be_shifted() {
        let key = DigestKey::new([7; 32]);
        let list = |a: &str, b: &str| Value::list(vec![a.into(), b.into()]).into_sensitive();
        assert_ne!(key.redact(&list("ab", "c")), key.redact(&list("a", "bc")));
    }
}
