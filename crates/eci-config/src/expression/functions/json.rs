//! JSON, written as Terraform writes it.

use eci_core::value::NumberError;
use eci_core::{Map, Number, Value};

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
    let text = text(arguments, 0)?;
    let json = serde_json::from_str(&text)
        .map_err(|error| Fault::at(0, format!("this is not JSON: {error}")))?;
    let mut numbers = numbers(&text);
    match numbers.find(|number| Number::read(number) == Err(NumberError::TooManyDigits)) {
        None => Ok(decoded(&json)),
        Some(number) => Err(Fault::at(
            0,
            format!("{number} has more digits than can be kept; it has to be in quotes"),
        )),
    }
}

/// The numbers in a text that is JSON, as they are written.
fn numbers(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        loop {
            let begin = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit())?;
            rest = &rest[begin..];
            if rest.starts_with('"') {
                rest = after_string(&rest[1..]);
                continue;
            }
            let is_part = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (number, after) = rest.split_at(end);
            rest = after;
            return Some(number);
        }
    })
}

/// What follows the closing quote of a string.
fn after_string(mut rest: &str) -> &str {
    while let Some(at) = rest.find(['"', '\\']) {
        let is_end = rest[at..].starts_with('"');
        let mut after = rest[at + 1..].chars();
        if is_end {
            return after.as_str();
        }
        after.next();
        rest = after.as_str();
    }
    ""
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
