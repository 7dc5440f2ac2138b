//! From values to what is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::path::Path;
use eci_core::schema::{Field, Link, Object, Type};
use eci_core::{Map, Number, Value};
use eci_text::{In, Lang, Spaced, Text, messages, text};
use serde_json::{Map as JsonMap, Value as Json};

use super::steps;

/// A reason why a value cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The value is unknown until another resource is applied.
    Unknown {
        /// The attribute.
        path: Path,
    },
    /// Only its digest is left.
    OnlyDigest {
        /// The attribute.
        path: Path,
    },
    /// The value does not match its description.
    Mismatch {
        /// The attribute.
        path: Path,
        /// The description of valid values.
        expected: Text,
        /// The description of the value.
        found: Text,
    },
}

messages! { EncodeError:
    EncodeError::Unknown { path } => en("`{path}` is known after apply"), zh("`{path}` 应用后才可知");
    EncodeError::OnlyDigest { path } =>
        en("cannot send `{path}` again: only the digest of its sensitive value is recorded"),
        zh("无法再次发送 `{path}`：仅记录了其敏感值的摘要");
    EncodeError::Mismatch { path, expected, found } =>
        en("`{path}` must be {expected}, found {found}"),
        zh("`{path}` 应为{}，实际为{}",
            In(&Spaced(expected), Lang::Zh), In(&Spaced(found), Lang::Zh));
}

/// Encodes a table in normal form: every field that is given and is ever sent.
///
/// # Errors
/// When a part is unknown, is a mere digest, or is not of the described type.
pub fn encode(object: &'static Object, entries: &Map) -> Result<Json, EncodeError> {
    table(object, entries, &Path::root())
}

/// Encodes the attributes of a resource for the requests of its own service.
///
/// # Errors
/// As [`encode`].
pub fn encode_own(object: &'static Object, entries: &Map) -> Result<Json, EncodeError> {
    table_of(object, entries, &Path::root(), |field| {
        field.service_request_path
    })
}

fn table(object: &'static Object, entries: &Map, path: &Path) -> Result<Json, EncodeError> {
    table_of(object, entries, path, |field| field.request_path)
}

fn table_of(
    object: &'static Object,
    entries: &Map,
    path: &Path,
    place: impl Fn(&Field) -> Option<&'static str>,
) -> Result<Json, EncodeError> {
    let mut json = Json::Object(JsonMap::new());
    for field in object
        .fields
        .iter()
        .filter(|field| field.applies_to(entries))
    {
        let Some(place) = place(field).filter(|_| field.is_writable()) else {
            continue;
        };
        if let Some(given) = entries.get(field.name).filter(|value| !value.is_null()) {
            put(
                &mut json,
                place,
                value(&field.ty, given, &path.name(field.name))?,
            );
        }
    }
    Ok(json)
}

/// Puts a value in its place and makes the tables and lists on the way.
fn put(json: &mut Json, place: &str, new: Json) {
    let mut target = json;
    for step in steps(place) {
        target = match step.parse::<usize>() {
            Ok(index) => {
                if !target.is_array() {
                    *target = Json::Array(Vec::new());
                }
                let items = target.as_array_mut().expect("converted to an array above");
                while items.len() <= index {
                    items.push(Json::Null);
                }
                &mut items[index]
            }
            Err(_) => {
                if !target.is_object() {
                    *target = Json::Object(JsonMap::new());
                }
                let entries = target
                    .as_object_mut()
                    .expect("converted to an object above");
                entries.entry(step).or_insert(Json::Null)
            }
        };
    }
    *target = new;
}

fn value(ty: &'static Type, given: &Value, path: &Path) -> Result<Json, EncodeError> {
    let mismatch = || EncodeError::Mismatch {
        path: path.clone(),
        expected: ty.describe(),
        found: given.type_name(),
    };
    let given = given.reveal().0;
    match given {
        Value::Unknown => return Err(EncodeError::Unknown { path: path.clone() }),
        Value::Digest(_) => return Err(EncodeError::OnlyDigest { path: path.clone() }),
        _ => {}
    }
    match ty {
        Type::List(items) => {
            let list = given.as_list().ok_or_else(mismatch)?.iter().enumerate();
            list.map(|(at, item)| value(items, item, &path.index(at)))
                .collect()
        }
        Type::Objects(object, _) => {
            let list = given.as_list().ok_or_else(mismatch)?.iter().enumerate();
            list.map(|(at, item)| nested(object, item, &path.index(at)))
                .collect()
        }
        Type::Object(object) => nested(object, given, path),
        Type::Ref(kind, Link::Attributes) => nested(kind.schema(), given, path),
        Type::Table(values, [key_name, value_name]) => {
            let entries = given.as_map().ok_or_else(mismatch)?;
            entries
                .iter()
                .map(|(key, item)| {
                    let item = value(values, item, &path.name(key.clone()))?;
                    Ok(Json::Object(JsonMap::from_iter([
                        ((*key_name).to_owned(), Json::from(&**key)),
                        ((*value_name).to_owned(), item),
                    ])))
                })
                .collect()
        }
        scalar => self::scalar(scalar, given).ok_or_else(mismatch),
    }
}

fn nested(object: &'static Object, given: &Value, path: &Path) -> Result<Json, EncodeError> {
    match given.reveal().0 {
        Value::Map(entries) => table(object, entries, path),
        Value::Unknown => Err(EncodeError::Unknown { path: path.clone() }),
        Value::Digest(_) => Err(EncodeError::OnlyDigest { path: path.clone() }),
        other => Err(EncodeError::Mismatch {
            path: path.clone(),
            expected: text!(
                en: "a `{name}` table",
                zh: "`{name}` 表",
                name = object.name,
            ),
            found: other.type_name(),
        }),
    }
}

fn scalar(ty: &Type, given: &Value) -> Option<Json> {
    match ty {
        Type::Bool => given.as_bool().map(Json::from),
        Type::Integer(..) | Type::Number(..) => match given.as_number()? {
            Number::Int(number) => Some(Json::from(number)),
            Number::Float(number) => Some(Json::from(number)),
        },
        // Four octal digits are sent as the decimal number they look like.
        Type::Mode => given.as_str()?.parse::<i64>().ok().map(Json::from),
        Type::Text64 => Some(Json::from(BASE64.encode(given.as_str()?))),
        _ => given.as_str().map(Json::from),
    }
}
