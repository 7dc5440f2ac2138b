//! Reading what the cloud answers, tolerantly.
//!
//! A field that is missing or null counts as empty: the cloud omits every empty field, lists and
//! counts included (raw responses that the vendor published). Numbers may come as text and text as
//! numbers, and unknown fields are ignored. Another type in place of a list or an object remains an
//! error, because ignoring it would be misleading.
//!
//! No error shows a value: it may be secret.

use eci_text::{Lang, Text, messages, text};
use serde_json::Value;

use super::{Decimal, Secret, Status};

/// The part that is not understood, with its place: `containers[0].ports: expected a list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParseError {
    path: String,
    expected: Text,
}

impl ParseError {
    pub(crate) fn new(expected: Text) -> ParseError {
        ParseError {
            path: String::new(),
            expected,
        }
    }

    /// Prefixes the path of the error with the step of the next outer level.
    pub(crate) fn inside(mut self, step: &str) -> ParseError {
        let joint = match self.path.chars().next() {
            None | Some('[') => "",
            Some(_) => ".",
        };
        self.path = format!("{step}{joint}{}", self.path);
        self
    }
}

messages! { ParseError:
    ParseError { path, expected } if path.is_empty() =>
        en("{expected}"), zh("{}", expected.get(Lang::Zh));
    ParseError { path, expected } =>
        en("{path}: {expected}"), zh("{path}：{}", expected.get(Lang::Zh));
}

impl ParseError {
    /// Returns the message as a part of another one.
    pub(crate) fn text(&self) -> Text {
        Text::of(&self)
    }
}

/// A type that can be parsed from an answer; null means a missing value.
pub(crate) trait FromJson: Sized {
    /// Reads it.
    ///
    /// Only a [`Value`] takes what it is given out of its place.
    fn from_json(json: &mut Value) -> Result<Self, ParseError>;
}

/// Reads the value at a JSON pointer, in which nothing is escaped.
pub(crate) fn at<T: FromJson>(json: &mut Value, pointer: &str) -> Result<T, ParseError> {
    // Of an empty pointer nothing is left: it means the whole.
    let mut steps = pointer.split('/').skip(1);
    let found = steps.try_fold(json, |json, step| match json {
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        other => other.get_mut(step),
    });
    let read = match found {
        Some(found) => T::from_json(found),
        None => T::from_json(&mut Value::Null),
    };
    read.map_err(|misread| misread.inside(pointer.trim_start_matches('/')))
}

/// Requires an object: another value in its place would otherwise read as an empty one.
pub(crate) fn object(json: &Value) -> Result<(), ParseError> {
    match json {
        Value::Object(_) => Ok(()),
        _ => Err(ParseError::new(
            text!(en: "expected an object", zh: "应为对象"),
        )),
    }
}

/// Declares a struct and how it is read: each field with its place, a JSON pointer.
///
/// Fields are read in order; one with the pointer `""` takes the whole and is therefore last.
macro_rules! answer {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty = $pointer:literal,)* }
    ) => {
        $(#[$meta])*
        pub struct $name { $($(#[$field_meta])* pub $field: $ty,)* }

        impl $crate::types::lenient::FromJson for $name {
            fn from_json(
                json: &mut serde_json::Value,
            ) -> Result<$name, $crate::types::lenient::ParseError> {
                $crate::types::lenient::object(json)?;
                Ok($name { $($field: $crate::types::lenient::at(json, $pointer)?,)* })
            }
        }

        impl $crate::types::lenient::FromJson for Option<$name> {
            fn from_json(
                json: &mut serde_json::Value,
            ) -> Result<Option<$name>, $crate::types::lenient::ParseError> {
                match json {
                    serde_json::Value::Null => Ok(None),
                    given => $crate::types::lenient::FromJson::from_json(given).map(Some),
                }
            }
        }
    };
}
pub(crate) use answer;

impl FromJson for Value {
    fn from_json(json: &mut Value) -> Result<Value, ParseError> {
        Ok(json.take())
    }
}

/// Returns a scalar as text.
pub(crate) fn text(json: &Value) -> Option<String> {
    match json {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl FromJson for Option<String> {
    fn from_json(json: &mut Value) -> Result<Option<String>, ParseError> {
        Ok(text(json))
    }
}

impl FromJson for String {
    fn from_json(json: &mut Value) -> Result<String, ParseError> {
        Ok(text(json).unwrap_or_default())
    }
}

impl FromJson for Option<Secret> {
    fn from_json(json: &mut Value) -> Result<Option<Secret>, ParseError> {
        Ok(text(json).map(Secret::new))
    }
}

impl FromJson for Option<f64> {
    fn from_json(json: &mut Value) -> Result<Option<f64>, ParseError> {
        Ok(match json {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        })
    }
}

impl FromJson for Option<Decimal> {
    fn from_json(json: &mut Value) -> Result<Option<Decimal>, ParseError> {
        let number: Option<f64> = FromJson::from_json(json)?;
        Ok(number.and_then(|number| Decimal::try_from(number).ok()))
    }
}

impl FromJson for Option<i64> {
    fn from_json(json: &mut Value) -> Result<Option<i64>, ParseError> {
        let exact = match json {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let rounded: Option<f64> = FromJson::from_json(json)?;
        let whole = rounded.filter(|number| number.fract() == 0.0 && number.abs() < 9e15);
        Ok(exact.or(whole.map(|number| number as i64)))
    }
}

impl FromJson for Option<bool> {
    fn from_json(json: &mut Value) -> Result<Option<bool>, ParseError> {
        Ok(match json {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            Value::Number(number) => number.as_i64().map(|number| number != 0),
            _ => None,
        })
    }
}

impl FromJson for bool {
    fn from_json(json: &mut Value) -> Result<bool, ParseError> {
        let truth: Option<bool> = FromJson::from_json(json)?;
        Ok(truth.unwrap_or(false))
    }
}

impl FromJson for Status {
    fn from_json(json: &mut Value) -> Result<Status, ParseError> {
        Ok(Status::from(text(json).unwrap_or_default().as_str()))
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: &mut Value) -> Result<Vec<T>, ParseError> {
        match json {
            Value::Null => Ok(Vec::new()),
            Value::Array(items) => items
                .iter_mut()
                .enumerate()
                .map(|(at, item)| {
                    T::from_json(item).map_err(|misread| misread.inside(&format!("[{at}]")))
                })
                .collect(),
            _ => Err(ParseError::new(
                text!(en: "expected a list", zh: "应为列表"),
            )),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read<T: FromJson>(mut json: Value) -> T {
        T::from_json(&mut json).unwrap()
    }

    #[test]
    fn numbers_come_as_text_and_text_as_numbers() {
        assert_eq!(read::<Option<i64>>(json!("64")), Some(64));
        assert_eq!(read::<Option<i64>>(json!(64.0)), Some(64));
        assert_eq!(
            read::<Option<i64>>(json!(9_007_199_254_740_993_i64)),
            Some(9_007_199_254_740_993)
        );
        assert_eq!(read::<Option<i64>>(json!(0.5)), None);
        assert_eq!(
            read::<Option<Decimal>>(json!("0.25")).map(Decimal::get),
            Some(0.25)
        );
        assert_eq!(read::<Option<Decimal>>(json!("NaN")), None);
        assert_eq!(read::<Option<String>>(json!(7)), Some("7".to_owned()));
        assert!(
            read::<bool>(json!("True")) && read::<bool>(json!(1)) && !read::<bool>(json!(null))
        );
    }

    #[test]
    fn a_misread_names_the_place_and_not_the_value() {
        let mut group =
            json!({ "containerGroupId": "eci-1", "containers": [{ "ports": "hunter2" }] });
        let misread = crate::types::DescribedGroup::read(&mut group).unwrap_err();
        assert_eq!(misread.to_string(), "containers[0].ports: expected a list");
    }
}
