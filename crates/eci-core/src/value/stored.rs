//! The form in which values are stored: JSON, with digests in place of what is sensitive.
//!
//! A table with the single key `$digest` represents a digest, one with the single key
//! `$unknown` for an unknown value; a key of the user's that begins with `$` gets a
//! second one, so that no manifest can forge these forms.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{self, SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Map, Number, Value, shared_name};

const DIGEST: &str = "$digest";
const UNKNOWN: &str = "$unknown";
/// The key next to it for a secret.
const SECRET: &str = "sensitive";

impl Serialize for Value {
    /// Fails on a value that is unknown or sensitive: neither may be stored, see
    /// [`DigestKey::redact`](crate::DigestKey::redact).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let part = StoredPart {
            value: self,
            may_be_unknown: false,
        };
        part.serialize(serializer)
    }
}

/// Stores a value of which parts may be unknown: as a plan has it, which no state may.
///
/// # Errors
/// If a part is sensitive and known.
pub fn with_unknown<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    let part = StoredPart {
        value,
        may_be_unknown: true,
    };
    part.serialize(serializer)
}

/// A part of a value that is stored.
#[derive(Clone, Copy)]
struct StoredPart<'a> {
    value: &'a Value,
    may_be_unknown: bool,
}

impl<'a> StoredPart<'a> {
    fn of(self, value: &'a Value) -> StoredPart<'a> {
        StoredPart { value, ..self }
    }
}

impl Serialize for StoredPart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Number(number) => number.serialize(serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items.iter() {
                    list.serialize_element(&self.of(item))?;
                }
                list.end()
            }
            Value::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries.iter() {
                    if key.starts_with('$') {
                        map.serialize_entry(&format!("${key}"), &self.of(value))?
                    } else {
                        map.serialize_entry(&**key, &self.of(value))?
                    }
                }
                map.end()
            }
            Value::Digest(digest) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(DIGEST, &**digest)?;
                map.end()
            }
            Value::Unknown if self.may_be_unknown => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(UNKNOWN, &true)?;
                map.end()
            }
            // Nothing of a secret is known before all of it is.
            Value::Sensitive(inner) if self.may_be_unknown && inner.expose().has_unknown() => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(UNKNOWN, SECRET)?;
                map.end()
            }
            Value::Unknown => Err(ser::Error::custom("an unknown value cannot be stored")),
            Value::Sensitive(_) => Err(ser::Error::custom(
                "a sensitive value cannot be stored in clear",
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(Number::Int(number)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        match i64::try_from(number) {
            Ok(whole) => Ok(Value::Number(Number::Int(whole))),
            Err(_) => Number::parse(&number.to_string())
                .map(Value::Number)
                .ok_or_else(|| E::custom("an integer of more than 64 bits")),
        }
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::list(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(EntryName(key)) = access.next_key()? {
            let mark = match &*key {
                DIGEST => Value::Digest(access.next_value::<String>()?.into()),
                UNKNOWN => match access.next_value::<Value>()?.as_str() {
                    Some(SECRET) => Value::Unknown.into_sensitive(),
                    _ => Value::Unknown,
                },
                _ => {
                    let name = match key.strip_prefix('$') {
                        Some(name) => name.into(),
                        None => key,
                    };
                    entries.insert(name, access.next_value()?);
                    continue;
                }
            };
            if access.next_key::<EntryName>()?.is_some() || !entries.is_empty() {
                return Err(de::Error::custom("a mark stands alone in its table"));
            }
            return Ok(mark);
        }
        Ok(Value::map(entries))
    }
}

/// The name of an entry.
struct EntryName(Arc<str>);

impl<'de> Deserialize<'de> for EntryName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<EntryName, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = EntryName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<EntryName, E> {
        Ok(EntryName(shared_name(name)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were_stored() {
        let value = Value::from([
            ("$digest", Value::from("a user's own key")),
            (
                "list",
                Value::list(vec![Value::Null, Value::from(1), Value::from(0.5)]),
            ),
            ("secret", Value::Digest("k1:abc".into())),
        ]);
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn what_is_unknown_comes_back_where_it_may_be_stored() {
        let value = Value::from([
            ("$unknown", Value::from(true)),
            ("list", Value::list(vec![Value::Unknown, Value::from(1)])),
            ("secret", Value::Unknown.into_sensitive()),
        ]);
        let mut text = Vec::new();
        with_unknown(&value, &mut serde_json::Serializer::new(&mut text)).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), value);
        let secret = Value::from("x").into_sensitive();
        assert!(with_unknown(&secret, &mut serde_json::Serializer::new(&mut text)).is_err());
    }

    #[test]
    fn a_sensitive_or_unknown_value_cannot_be_stored() {
        for value in [Value::from("x").into_sensitive(), Value::Unknown] {
            assert!(serde_json::to_string(&Value::list(vec![value])).is_err());
        }
    }
}
