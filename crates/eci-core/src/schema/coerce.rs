//! Converts single values into the type that their description says, and tells why one does not
//! fit.

use std::sync::Arc;

use super::{Type, quote_all};
use crate::address::{FROM_ROOT, is_label};
use crate::suggest::nearest;
use crate::truncate::truncate;
use crate::value::{Number, Value};

/// Why a value does not fit.
pub(super) enum TypeMismatch {
    /// It is of another type.
    Type,
    /// What is wrong with it, in words of its own.
    Said(String, String),
    /// What is written, and what was probably meant.
    Near(Arc<str>, &'static str),
    /// It is of the type, and none of the values that it may be; perhaps with a way out.
    Value(Option<String>),
}

/// Converts between text, numbers and truth values where the meaning is plain, as templates
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
                Err(_) => Err(TypeMismatch::Said(
                    "this is no base64".to_owned(),
                    "write text as `content`, or encode the bytes with `base64`".to_owned(),
                )),
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
                    _ => {
                        TypeMismatch::Value(Some("write true or false, without quotes".to_owned()))
                    }
                }),
            },
            _ => Err(TypeMismatch::Type),
        },
        Type::Integer(min, max) => {
            let number = as_number(given)?;
            let range = |number: &i64| (min..=max).contains(&number);
            let whole = number
                .as_i64()
                .filter(range)
                .ok_or(TypeMismatch::Value(None))?;
            Ok(Value::from(whole))
        }
        Type::Number(min, _) => {
            let number = as_number(given)?;
            match number.as_f64() >= *min {
                true => Ok(Value::Number(number)),
                false => Err(TypeMismatch::Said(
                    format!("{number} is less than {min}"),
                    format!("write a number of at least {min}"),
                )),
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
                None => TypeMismatch::Value(Some(format!("write {}", quote_all(words)))),
            })
        }
        Type::Mode => as_mode(given).ok_or(TypeMismatch::Value(Some(
            "write it in quotes, such as \"0644\"".to_owned(),
        ))),
        Type::List(_) | Type::Objects(..) | Type::Object(_) | Type::Table(..) => {
            Err(TypeMismatch::Type)
        }
    }
}

/// How to write a value in the type that is wanted, where that is plain.
pub(super) fn way_between(wanted: &Type, given: &Value) -> Option<String> {
    let help = match (wanted, given) {
        (Type::List(_), Value::String(text)) if text.len() < 40 => {
            return Some(format!("write it as a list: [{text:?}]"));
        }
        (Type::List(_), Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
            "write it in brackets, as a list of one"
        }
        (Type::Objects(..), Value::Map(_)) => {
            "write [[…]] in double brackets, or [{ … }] on one line"
        }
        (Type::Objects(..), Value::String(_) | Value::Number(_)) => {
            "write a list of tables, such as [{ key = value }]"
        }
        (Type::Object(_) | Type::Table(..), Value::List(_)) => {
            "write one table: { key = value }, or [….…] in single brackets"
        }
        (Type::Object(_) | Type::Table(..), _) => "write a table: { key = value }",
        (Type::String | Type::Text64 | Type::Enum(_) | Type::Ref(..), Value::List(_)) => {
            "write one string, or join the items with join(\", \", …)"
        }
        (Type::String | Type::Text64, Value::Map(_)) => {
            "write one string; jsonencode(…) makes one of a table"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

fn as_text(given: &Value) -> Option<Arc<str>> {
    match given {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        _ => None,
    }
}

fn as_number(given: &Value) -> Result<Number, TypeMismatch> {
    match given {
        Value::Number(number) => Ok(*number),
        Value::String(text) => Number::parse(text).ok_or_else(|| {
            let digits = text.trim_start_matches('-');
            TypeMismatch::Value(digits.starts_with(|c: char| c.is_ascii_digit()).then(|| {
                "write the number alone; the reference tells the unit it is in".to_owned()
            }))
        }),
        _ => Err(TypeMismatch::Type),
    }
}

/// Permissions as four octal digits: `"644"` and `"0644"` are the same. A bare number is
/// refused: TOML's `0o644` and `644` both read well and differ.
fn as_mode(given: &Value) -> Option<Value> {
    let Value::String(text) = given else {
        return None;
    };
    let digits = text.strip_prefix("0o").unwrap_or(text);
    let octal = (3..=4).contains(&digits.len()) && digits.chars().all(|c| ('0'..='7').contains(&c));
    octal.then(|| Value::from(format!("{digits:0>4}")))
}

/// The value as a message quotes it.
pub(super) fn show(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().nth(60).is_some() => {
            format!("{:?}…", text.chars().take(60).collect::<String>())
        }
        other => truncate(format_args!("{other:?}")),
    }
}
