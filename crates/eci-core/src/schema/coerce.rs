//! Converts single values into the type that their description says, and explains why one does not
//! fit.

use std::sync::Arc;

use eci_text::{List, Localize, Text, text};

use super::Type;
use crate::address::{FROM_ROOT, is_label};
use crate::suggest::nearest;
use crate::truncate::truncate;
use crate::value::{Number, Value};

/// A reason why a value does not fit.
pub(super) enum TypeMismatch {
    /// The value is of another type.
    Type,
    /// The value is invalid for another reason.
    Other { message: Text, help: Text },
    /// The written value, and the one that was probably meant.
    Near(Arc<str>, &'static str),
    /// The value is of the type, and none of the supported ones; with the help if there is one.
    Value(Option<Text>),
}

/// Converts between text, numbers and booleans where the meaning is plain, as templates
/// and command-line variables need it.
pub(super) fn coerce(ty: &Type, given: &Value) -> Result<Value, TypeMismatch> {
    match ty {
        Type::String | Type::Text64 | Type::Duration | Type::Address => {
            as_text(given).map(Value::String).ok_or(TypeMismatch::Type)
        }
        Type::Any => Ok(given.clone()),
        Type::Either(types) => {
            let mut fitting = types.iter().filter_map(|ty| coerce(ty, given).ok());
            fitting.next().ok_or(TypeMismatch::Type)
        }
        Type::Bytes64 => {
            use base64::Engine as _;
            let text = as_text(given).ok_or(TypeMismatch::Type)?;
            match base64::engine::general_purpose::STANDARD.decode(text.as_bytes()) {
                Ok(_) => Ok(Value::String(text)),
                Err(_) => Err(TypeMismatch::Other {
                    message: text!(en: "invalid base64", zh: "base64 编码无效"),
                    help: text!(
                        en: "use `content` for a string, or encode the bytes with `base64`",
                        zh: "字符串使用 `content`，二进制内容先用 `base64` 编码",
                    ),
                }),
            }
        }
        Type::Ref(..) => match given {
            Value::String(label) if is_label(label.split('[').next().unwrap_or_default()) => {
                Ok(given.clone())
            }
            // Who writes it has looked it up.
            Value::String(address) if address.starts_with(FROM_ROOT) => Ok(given.clone()),
            Value::String(_) => Err(TypeMismatch::Value(None)),
            _ => Err(TypeMismatch::Type),
        },
        Type::Bool => match given {
            Value::Bool(_) => Ok(given.clone()),
            Value::String(text) => match &**text {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(match text.to_lowercase().as_str() {
                    "yes" | "on" | "true" => TypeMismatch::Near(text.clone(), "true"),
                    "no" | "off" | "false" => TypeMismatch::Near(text.clone(), "false"),
                    _ => TypeMismatch::Value(Some(text!(
                        en: "write `true` or `false` without quotes",
                        zh: "写成不带引号的 `true` 或 `false`",
                    ))),
                }),
            },
            _ => Err(TypeMismatch::Type),
        },
        Type::Integer(min, max) => {
            let number = as_number(given)?;
            let Some(whole) = number.as_i64() else {
                return Err(TypeMismatch::Value(Some(text!(
                    en: "use an integer",
                    zh: "使用整数",
                ))));
            };
            if whole < *min {
                return Err(TypeMismatch::Value(Some(or_more(min))));
            }
            if whole > *max {
                return Err(TypeMismatch::Value(Some(text!(
                    en: "use {max} or less",
                    zh: "使用不大于 {max} 的值",
                    max = max,
                ))));
            }
            Ok(Value::from(whole))
        }
        Type::Number(min, _) => {
            let number = as_number(given)?;
            if number.as_f64() >= *min {
                Ok(Value::Number(number))
            } else {
                Err(TypeMismatch::Value(Some(or_more(min))))
            }
        }
        Type::Enum(words) => {
            let text = as_text(given).ok_or(TypeMismatch::Type)?;
            if words.contains(&&*text) {
                return Ok(Value::String(text));
            }
            let folded = words.iter().find(|word| word.eq_ignore_ascii_case(&text));
            let near = folded
                .copied()
                .or_else(|| nearest(&text, words.iter().copied()));
            Err(match near {
                Some(near) => TypeMismatch::Near(text, near),
                None => TypeMismatch::Value(Some(text!(
                    en: "supported values: {words}",
                    zh: "支持的值：{words}",
                    words = List::and(words.iter().map(|word| format!("`{word:?}`"))),
                ))),
            })
        }
        Type::Mode => as_mode(given).ok_or_else(|| {
            TypeMismatch::Value(Some(text!(
                en: "write it as a string of octal digits, for example `\"0644\"`",
                zh: "写成八进制数字的字符串，例如 `\"0644\"`",
            )))
        }),
        Type::List(_) | Type::Objects(..) | Type::Object(_) | Type::Table(..) => {
            Err(TypeMismatch::Type)
        }
    }
}

/// Returns the help about a number that is too small.
fn or_more(least: &impl Localize) -> Text {
    text!(
        en: "use {least} or more",
        zh: "使用不小于 {least} 的值",
        least = least,
    )
}

/// Returns the elements of a list that one text was meant as: the words of a command, for example.
fn elements(text: &str) -> String {
    const OF_SHELL: &str = "\"'\\`$;&|<>()*?~#";
    let quoted = |text: &str| format!("{text:?}");
    if !text.trim().contains(char::is_whitespace) {
        quoted(text)
    } else if text.contains(|c| OF_SHELL.contains(c)) {
        format!("\"sh\", \"-c\", {}", quoted(text))
    } else {
        let words = text.split(|c: char| c.is_whitespace() || c == ',');
        let words = words.filter(|word| !word.is_empty());
        words.map(quoted).collect::<Vec<_>>().join(", ")
    }
}

/// Returns how to write a value in the expected type, if that is obvious.
pub(super) fn conversion_help(expected: &Type, given: &Value) -> Option<Text> {
    let help = match (expected, given) {
        (Type::List(_), Value::String(text)) if text.len() < 40 => text!(
            en: "write it as a list: `[{elements}]`",
            zh: "写成列表：`[{elements}]`",
            elements = elements(text),
        ),
        (Type::List(_), Value::String(_) | Value::Number(_) | Value::Bool(_)) => text!(
            en: "write it in brackets, as a list with one element",
            zh: "写在方括号中，作为只有一个元素的列表",
        ),
        (Type::Objects(..), Value::Map(_)) => text!(
            en: "write `[[…]]` in double brackets, or `[{ … }]` on one line",
            zh: "使用双方括号 `[[…]]`，或在一行内写成 `[{ … }]`",
        ),
        (Type::Objects(..), Value::String(_) | Value::Number(_)) => text!(
            en: "write a list of objects: `[{ key = value }]`",
            zh: "写成对象列表：`[{ key = value }]`",
        ),
        (Type::Object(_) | Type::Table(..), Value::List(_)) => text!(
            en: "write `{ key = value }`, or a table header in single brackets",
            zh: "写成 `{ key = value }`，或使用单方括号的表头",
        ),
        (Type::Object(_) | Type::Table(..), _) => text!(
            en: "write `{ key = value }`",
            zh: "写成 `{ key = value }`",
        ),
        (Type::String | Type::Text64 | Type::Enum(_) | Type::Ref(..), Value::List(_)) => text!(
            en: "write a single string, or concatenate the elements with `join(\", \", …)`",
            zh: "写成单个字符串，或使用 `join(\", \", …)` 拼接元素",
        ),
        (Type::String | Type::Text64, Value::Map(_)) => text!(
            en: "write a string, or convert the value with `jsonencode(…)`",
            zh: "写成字符串，或使用 `jsonencode(…)` 转换",
        ),
        (Type::Duration, _) => text!(
            en: "write a duration, for example `\"1h30m\"`",
            zh: "写成时长，例如 `\"1h30m\"`",
        ),
        _ => return None,
    };
    Some(help)
}

fn as_text(given: &Value) -> Option<Arc<str>> {
    match given {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        _ => None,
    }
}

/// The remedy for a number with a unit.
pub(super) const NUMBER_ALONE: Text = Text::fixed("write only the number", "只写数值");

fn as_number(given: &Value) -> Result<Number, TypeMismatch> {
    match given {
        Value::Number(number) => Ok(*number),
        Value::String(text) => Number::parse(text).ok_or_else(|| {
            let digits = text.trim_start_matches('-');
            let has_unit = digits.starts_with(|c: char| c.is_ascii_digit());
            TypeMismatch::Value(Some(if has_unit {
                NUMBER_ALONE
            } else {
                text!(
                    en: "write a number without quotes",
                    zh: "写成不带引号的数值",
                )
            }))
        }),
        _ => Err(TypeMismatch::Type),
    }
}

/// Permissions as four octal digits: `"644"` and `"0644"` are the same.
///
/// A bare number is refused: TOML's `0o644` and `644` both read well and differ.
fn as_mode(given: &Value) -> Option<Value> {
    let Value::String(text) = given else {
        return None;
    };
    let digits = text.strip_prefix("0o").unwrap_or(text);
    let octal = (3..=4).contains(&digits.len()) && digits.chars().all(|c| ('0'..='7').contains(&c));
    octal.then(|| Value::from(format!("{digits:0>4}")))
}

/// Returns the value as a message quotes it.
pub(super) fn show(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().nth(60).is_some() => {
            format!("{:?}…", text.chars().take(60).collect::<String>())
        }
        other => truncate(format_args!("{other:?}")),
    }
}
