//! YAML, read as Terraform reads it.

use std::collections::BTreeMap;

use eci_core::value::NumberError;
use eci_core::{Map, Number, Value};
use eci_text::{Text, text};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::dates;
use super::function::{Answer, CallError, fits, text};

/// Deeper than anything that describes container groups.
const DEEPEST: usize = 100;

pub(super) fn yamldecode(arguments: &[Value]) -> Answer {
    let text = text(arguments, 0)?;
    let mut reader = YamlReader {
        parser: Parser::new_from_str(&text),
        anchors: BTreeMap::new(),
        count: 0,
    };
    match reader.next()? {
        Some(Event::StreamEnd) | None => {
            return Err(CallError::at(
                0,
                text!(
                 en: "the string has no YAML document",
                 zh: "字符串中没有 YAML 文档",
                ),
            ));
        }
        _ => {}
    }
    let first = reader.next()?;
    let value = reader.node(first, 0)?;
    reader.next()?;
    match reader.next()? {
        Some(Event::StreamEnd) | None => Ok(value),
        Some(_) => Err(CallError::at(
            0,
            text!(
             en: "the string has more than one YAML document",
             zh: "字符串中有多个 YAML 文档",
            ),
        )),
    }
}

struct YamlReader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    /// The values at anchors, once they are complete.
    anchors: BTreeMap<usize, Value>,
    count: usize,
}

fn wrong(cause: Text) -> CallError {
    let message = text!(
        en: "invalid YAML: {cause}",
        zh: "YAML 无效：{cause}",
        cause = cause,
    );
    CallError::at(0, message)
}

/// Returns the error of the parser with its place, and its words after that.
fn syntax(error: &ScanError) -> CallError {
    let place = error.marker();
    let message = text!(
        en: "invalid YAML at line {line}, column {column}: {words}",
        zh: "第 {line} 行第 {column} 列的 YAML 无效：{words}",
        line = place.line(),
        column = place.col() + 1,
        words = error.info(),
    );
    CallError::at(0, message)
}

fn unsupported_tag(tag: &Tag) -> CallError {
    wrong(text!(
        en: "unsupported tag {tag}",
        zh: "不支持的标签 {tag}",
        tag = tag.to_string(),
    ))
}

impl<'t> YamlReader<'t> {
    /// Returns the next relevant event.
    fn next(&mut self) -> Result<Option<Event<'t>>, CallError> {
        loop {
            match self.parser.next() {
                Some(Ok((Event::Nothing | Event::StreamStart, _))) => {}
                Some(Ok((event, _))) => return Ok(Some(event)),
                Some(Err(error)) => return Err(syntax(&error)),
                None => return Ok(None),
            }
        }
    }

    fn node(&mut self, event: Option<Event<'t>>, depth: usize) -> Answer {
        if depth > DEEPEST {
            return Err(wrong(text!(
             en: "nested more than {most} levels deep",
             zh: "嵌套超过 {most} 层",
             most = DEEPEST,
            )));
        }
        self.count += 1;
        fits(self.count)?;
        let (value, anchor) = match event {
            Some(Event::Alias(anchor)) => {
                let known = self.anchors.get(&anchor).cloned();
                return known.ok_or_else(|| {
                    wrong(text!(
                     en: "a value cannot contain itself",
                     zh: "值不能包含自身",
                    ))
                });
            }
            Some(Event::Scalar(text, style, anchor, tag)) => {
                (scalar(&text, style, tag.as_deref())?, anchor)
            }
            Some(Event::SequenceStart(anchor, tag)) => {
                is_plain(tag.as_deref(), "seq")?;
                (self.list(depth)?, anchor)
            }
            Some(Event::MappingStart(anchor, tag)) => {
                is_plain(tag.as_deref(), "map")?;
                (self.table(depth)?, anchor)
            }
            _ => {
                return Err(wrong(text!(
                 en: "unexpected end",
                 zh: "意外结束",
                )));
            }
        };
        // 0 means that no anchor is set.
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Answer {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Some(Event::SequenceEnd) => return Ok(Value::list(items)),
                event => items.push(self.node(event, depth + 1)?),
            }
        }
    }

    fn table(&mut self, depth: usize) -> Answer {
        let (mut entries, mut merged) = (Map::new(), Map::new());
        loop {
            let key = match self.next()? {
                Some(Event::MappingEnd) => {
                    // What is written here wins over what is merged in.
                    merged.extend(entries);
                    return Ok(Value::map(merged));
                }
                event => {
                    let is_merge = matches!(
                        &event,
                        Some(Event::Scalar(text, ScalarStyle::Plain, _, None)) if text == "<<"
                    );
                    match self.node(event, depth + 1)? {
                        _ if is_merge => None,
                        Value::String(key) => Some(key),
                        Value::Number(key) => Some(key.to_string().into()),
                        Value::Bool(key) => Some(key.to_string().into()),
                        other => {
                            return Err(wrong(text!(
                                en: "a key must be a string, found {found}",
                                zh: "键必须是字符串，实际为{found}",
                                found = other.type_name(),
                            )));
                        }
                    }
                }
            };
            let event = self.next()?;
            let value = self.node(event, depth + 1)?;
            match (key, value) {
                (Some(key), value) => {
                    entries.insert(key, value);
                }
                (None, Value::Map(inner)) => merged.extend(
                    inner
                        .iter()
                        .map(|(key, value)| (key.clone(), value.clone())),
                ),
                (None, other) => {
                    return Err(wrong(text!(
                        en: "`<<` must be followed by a map, found {found}",
                        zh: "`<<` 之后必须是映射，实际为{found}",
                        found = other.type_name(),
                    )));
                }
            }
        }
    }
}

fn is_plain(tag: Option<&Tag>, expected: &str) -> Result<(), CallError> {
    match tag {
        None => Ok(()),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == expected => Ok(()),
        Some(tag) => Err(unsupported_tag(tag)),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Answer {
    let string = || Ok(Value::from(text));
    let resolved = || match style {
        ScalarStyle::Plain => plain(text),
        _ => string(),
    };
    let Some(tag) = tag else {
        return resolved();
    };
    if tag.handle == "!" && tag.suffix.is_empty() {
        return string();
    }
    if !tag.is_yaml_core_schema() {
        return Err(unsupported_tag(tag));
    }
    match tag.suffix.as_str() {
        "str" | "binary" => string(),
        "null" => Ok(Value::Null),
        "bool" | "int" | "float" | "timestamp" => resolved(),
        _ => Err(unsupported_tag(tag)),
    }
}

/// Returns the value of a text without quotes.
fn plain(text: &str) -> Answer {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF"
        | ".nan" | ".NaN" | ".NAN" => {
            return Err(wrong(text!(
             en: "unsupported number {number}",
             zh: "不支持的数值 {number}",
             number = text,
            )));
        }
        _ => match number(text) {
            Some(Ok(number)) => Value::Number(number),
            Some(Err(NumberError::TooManyDigits)) => {
                let message = text!(
                    en: "the number {number} has too many digits to be stored exactly",
                    zh: "数值 {number} 的位数过多，无法精确保存",
                    number = text,
                );
                return Err(wrong(message).help(text!(
                    en: "quote the number: \"{number}\"",
                    zh: "为数值加引号：\"{number}\"",
                    number = text,
                )));
            }
            _ => dates::of_yaml(text).map_or_else(|| Value::from(text), Value::from),
        },
    })
}

fn number(text: &str) -> Option<Result<Number, NumberError>> {
    let radix = |digits: &str, radix| {
        let whole = i64::from_str_radix(digits, radix).ok()?;
        Some(Ok(Number::from(whole)))
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16).filter(|_| !digits.starts_with(['+', '-']));
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8).filter(|_| !digits.starts_with(['+', '-']));
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let begins = unsigned.strip_prefix('.').unwrap_or(unsigned);
    if begins.starts_with(|c: char| c.is_ascii_digit()) {
        Some(Number::read(text))
    } else {
        None
    }
}
