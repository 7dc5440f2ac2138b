//! From what the cloud reports to values.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::schema::{Field, Link, Object, Type, normalize_report};
use eci_core::value::shared_name;
use eci_core::{Map, Number, Value};
use serde_json::Value as Json;

use super::at;

/// Decodes the cloud's report to a table in normal form: every field that is reported, including
/// read-only ones. Unreadable values are left out.
pub fn decode(object: &'static Object, json: &Json) -> Value {
    normal(object, table(object, json), |field| field.response_path)
}

/// Decodes the report of a resource's own service.
///
/// An empty value or `--` counts as absent.
pub fn decode_own(object: &'static Object, json: &Json) -> Map {
    let mut report = json.clone();
    if let Some(entries) = report.as_object_mut() {
        entries.retain(|_, value| !matches!(value.as_str(), Some("" | "--")));
    }
    let part = |field: &Field| {
        field
            .service_response_path
            .filter(|place| !place.is_empty())
    };
    let mut entries = match normal(object, table_of(object, &report, part), part) {
        Value::Map(entries) => Arc::unwrap_or_clone(entries),
        _ => Map::new(),
    };
    // A field that is the whole answer has its final form already.
    let whole = |field: &&Field| field.service_response_path == Some("");
    for field in object.fields.iter().filter(whole) {
        if let Type::Object(object) = &field.ty {
            entries.insert(field.name.into(), decode(object, &report));
        }
    }
    entries
}

/// Brings a decoded report into normal form.
fn normal(
    object: &'static Object,
    read: Value,
    place: impl Fn(&Field) -> Option<&'static str>,
) -> Value {
    let Value::Map(read) = read else {
        return Value::map(Map::new());
    };
    let entry = |(name, value): (&Arc<str>, &Value)| (name.clone(), value.clone());
    let (entries, read_only): (Vec<_>, Vec<_>) = read.iter().partition(|(name, _)| {
        let field = object.field(name, &read);
        field.is_some_and(|field| field.is_writable())
    });
    let entries: Map = entries.into_iter().map(entry).collect();
    let mut whole = match normalize_report(object, &entries) {
        Value::Map(normal) => Arc::unwrap_or_clone(normal),
        _ => Map::new(),
    };
    whole.retain(|name, _| {
        // A default filled into a field that the cloud does not report would not be an observation.
        let field = object.field(name, &entries);
        field.is_some_and(|field| place(field).is_some())
    });
    whole.extend(read_only.into_iter().map(entry));
    Value::map(whole)
}

fn table(object: &'static Object, json: &Json) -> Value {
    table_of(object, json, |field| field.response_path)
}

fn table_of(
    object: &'static Object,
    json: &Json,
    place: impl Fn(&Field) -> Option<&'static str>,
) -> Value {
    let mut entries = Map::new();
    // The type first: it determines which other fields apply.
    let variant = object.fields.iter().filter(|field| field.name == "type");
    let others = object.fields.iter().filter(|field| field.name != "type");
    for field in variant.chain(others) {
        if !field.applies_to(&entries) || entries.contains_key(field.name) {
            continue;
        }
        let found = place(field).and_then(|place| at(json, place));
        if let Some(value) = found.and_then(|found| value(&field.ty, found)) {
            let empty = field.presence == eci_core::schema::Availability::Computed
                && value.as_str().is_some_and(str::is_empty);
            if !empty {
                entries.insert(shared_name(field.name), value);
            }
        }
    }
    Value::map(entries)
}

fn value(ty: &'static Type, json: &Json) -> Option<Value> {
    match ty {
        Type::List(items) => Some(Value::list(
            json.as_array()?
                .iter()
                .filter_map(|item| value(items, item))
                .collect(),
        )),
        Type::Objects(object, _) => Some(Value::list(
            json.as_array()?
                .iter()
                .map(|item| table(object, item))
                .collect(),
        )),
        Type::Object(object) => Some(table(object, json)),
        Type::Ref(kind, Link::Attributes) => Some(table(kind.schema(), json)),
        Type::Table(values, [key_name, value_name]) => Some(Value::map(
            json.as_array()?
                .iter()
                .filter_map(|pair| {
                    let key = pair.get(key_name)?.as_str()?;
                    // Empty values are omitted (raw responses that the vendor published).
                    let empty = Json::String(String::new());
                    let given = at(pair, value_name).unwrap_or(&empty);
                    Some((shared_name(key), value(values, given)?))
                })
                .collect(),
        )),
        Type::Mode => match json {
            Json::Number(digits) => Some(Value::from(format!("{digits:0>4}"))),
            other => other.as_str().map(Value::from),
        },
        Type::Text64 => decoded(json)?.ok().map(Value::from),
        Type::Number(_, precision) => match scalar(json)? {
            Value::Number(number) => Some(Value::Number(precision.shortest(number))),
            Value::String(text) => match Number::rounded(&text) {
                Ok(number) => Some(Value::Number(precision.shortest(number))),
                Err(_) => Some(Value::String(text)),
            },
            other => Some(other),
        },
        Type::Bytes64 => decoded(json)?
            .err()
            .map(|_| ())
            .and_then(|()| json.as_str())
            .map(Value::from),
        _ => scalar(json),
    }
}

/// Decodes base64 to text, or to bytes that are not UTF-8; `None` if it is not base64.
fn decoded(json: &Json) -> Option<Result<String, Vec<u8>>> {
    let bytes = BASE64.decode(json.as_str()?).ok()?;
    Some(String::from_utf8(bytes).map_err(std::string::FromUtf8Error::into_bytes))
}

fn scalar(json: &Json) -> Option<Value> {
    match json {
        Json::Bool(truth) => Some(Value::from(*truth)),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Some(Value::from(whole)),
            // No float has all of its digits.
            None if number.is_u64() => Some(Value::from(number.to_string())),
            None => Number::from_f64(number.as_f64()?).map(Value::Number),
        },
        Json::String(text) => Some(Value::from(text.as_str())),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}
