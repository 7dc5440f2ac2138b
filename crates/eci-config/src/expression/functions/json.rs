//! JSON, written as Terraform writes it.

use eci_core::{Map, Value};

use super::function::{Answer, Fault, text};

/// The JSON of a value.
pub(super) fn encoded(value: &Value) -> String {
    let mut written = String::new();
    write(value, &mut written);
    written
}

pub(super) fn jsonencode(arguments: &[Value]) -> Answer {
    Ok(Value::from(encoded(&arguments[0])))
}

fn write(value: &Value, written: &mut String) {
    match value {
        Value::Bool(truth) => written.push_str(if *truth { "true" } else { "false" }),
        // All digits, no exponent.
        Value::Number(number) => written.push_str(&number.to_string()),
        Value::String(text) => quote(text, written),
        Value::List(items) => {
            written.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    written.push(',');
                }
                write(item, written);
            }
            written.push(']');
        }
        Value::Map(entries) => {
            written.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    written.push(',');
                }
                quote(key, written);
                written.push(':');
                write(value, written);
            }
            written.push('}');
        }
        // Marks are taken off and unknown parts are answered before a function runs.
        Value::Null | Value::Unknown | Value::Sensitive(_) | Value::Digest(_) => {
            written.push_str("null");
        }
    }
}

/// A text in quotes, so that it may also stand in HTML and JavaScript.
fn quote(text: &str, written: &mut String) {
    written.push('"');
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '\u{8}' => written.push_str("\\b"),
            '\u{c}' => written.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                written.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => written.push(c),
        }
    }
    written.push('"');
}

pub(super) fn jsondecode(arguments: &[Value]) -> Answer {
    serde_json::from_str(&text(arguments, 0)?)
        .map(|json| decoded(&json))
        .map_err(|error| Fault::at(0, format!("this is not JSON: {error}")))
}

fn decoded(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::from(*truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => number.as_f64().map_or(Value::Null, Value::from),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(decoded).collect()),
        serde_json::Value::Object(entries) => {
            let entries = entries.iter();
            Value::map(
                entries
                    .map(|(key, value)| (key.as_str().into(), decoded(value)))
                    .collect::<Map>(),
            )
        }
    }
}
