//! Functions that encode, decode and hash.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::{Map, Number, Value};
use sha2::{Digest as _, Sha256};

use super::{Fault, text};

pub(super) fn base64encode(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::from(BASE64.encode(text(arguments, 0)?.as_bytes())))
}

pub(super) fn base64decode(arguments: &[Value]) -> Result<Value, Fault> {
    let bytes = BASE64
        .decode(text(arguments, 0)?.as_bytes())
        .map_err(|error| Fault::at(0, format!("this is not base64: {error}")))?;
    String::from_utf8(bytes)
        .map(Value::from)
        .map_err(|_| Fault::at(0, "the decoded bytes are not UTF-8 text"))
}

pub(super) fn sha256(arguments: &[Value]) -> Result<Value, Fault> {
    let digest = Sha256::digest(text(arguments, 0)?.as_bytes());
    Ok(Value::from(hex(&digest)))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

pub(super) fn jsonencode(arguments: &[Value]) -> Result<Value, Fault> {
    let json = to_json(&arguments[0])
        .to_string()
        // As Terraform does, so that the text may stand in HTML.
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029");
    Ok(Value::from(json))
}

fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(truth) => serde_json::Value::from(*truth),
        Value::Number(Number::Int(number)) => serde_json::Value::from(*number),
        Value::Number(Number::Float(number)) => serde_json::Value::from(*number),
        Value::String(text) => serde_json::Value::from(&**text),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(entries) => serde_json::Value::Object(
            entries
                .iter()
                .map(|(key, value)| (key.to_string(), to_json(value)))
                .collect(),
        ),
        // Marks are taken off and unknown parts are answered before a function runs.
        Value::Null | Value::Unknown | Value::Sensitive(_) | Value::Digest(_) => {
            serde_json::Value::Null
        }
    }
}

pub(super) fn jsondecode(arguments: &[Value]) -> Result<Value, Fault> {
    serde_json::from_str(&text(arguments, 0)?)
        .map(|json| from_json(&json))
        .map_err(|error| Fault::at(0, format!("this is not JSON: {error}")))
}

fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => number.as_f64().map_or(Value::Null, Value::from),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => Value::map(
            entries
                .iter()
                .map(|(key, value)| (key.as_str().into(), from_json(value)))
                .collect::<Map>(),
        ),
    }
}
