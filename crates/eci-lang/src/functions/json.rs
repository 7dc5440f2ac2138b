//! JSON, written as Terraform writes it.

use std::cell::RefCell;
use std::fmt;

use eci_core::value::NumberError;
use eci_core::{Map, Number, Value};
use eci_text::{Text, text};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::function::{Answer, CallError, text};

/// Returns the JSON of a value.
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

/// Writes a text in quotes, safe to embed in HTML and JavaScript.
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
    let decode = || {
        let written = RefCell::new(numbers(&text));
        let mut json = serde_json::Deserializer::from_str(&text);
        let value = Decoder(&written).deserialize(&mut json)?;
        json.end().map(|()| value)
    };
    let value = decode().map_err(|error| {
        CallError::at(0, Text::of(&error)).help(text!(
            en: "pass a complete JSON document, for example {example}",
            zh: "传入完整的 JSON 文档，例如 {example}",
            example = r#"`jsondecode("{\"a\": 1}")`"#,
        ))
    })?;
    let mut numbers = numbers(&text);
    match numbers.find(|number| Number::read(number) == Err(NumberError::TooManyDigits)) {
        None => Ok(value),
        Some(number) => Err(CallError::at(
            0,
            text!(
                en: "the number {number} has too many digits to be stored exactly",
                zh: "数值 {number} 的位数过多，无法精确保存",
                number = number,
            ),
        )
        .help(text!(
            en: "quote the number: \"{number}\"",
            zh: "为数值加引号：\"{number}\"",
            number = number,
        ))),
    }
}

/// Returns the numbers in a text that is JSON, as they are written.
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

/// Returns the rest after the closing quote of a string.
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

/// Decodes JSON with each number as it is written: a float has not all of its digits.
///
/// The numbers are in the order of the text, and so is the decoded value.
struct Decoder<'a, I>(&'a RefCell<I>);

impl<'a, I: Iterator<Item = &'a str>> Decoder<'_, I> {
    /// Returns the number that comes next.
    ///
    /// One with too many digits is refused once all is decoded.
    fn number(&self) -> Value {
        let written = self.0.borrow_mut().next();
        let number = written.and_then(|written| Number::read(written).ok());
        number.map_or(Value::Null, Value::Number)
    }
}

impl<'de, 'a, I: Iterator<Item = &'a str>> DeserializeSeed<'de> for Decoder<'_, I> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 'a, I: Iterator<Item = &'a str>> Visitor<'de> for Decoder<'_, I> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::from(truth))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Value, E> {
        Ok(self.number())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Value, E> {
        Ok(self.number())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Ok(self.number())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(Decoder(self.0))? {
            items.push(item);
        }
        Ok(Value::list(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            entries.insert(key.into(), access.next_value_seed(Decoder(self.0))?);
        }
        Ok(Value::map(entries))
    }
}
