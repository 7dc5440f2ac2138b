//! Functions that convert, and those over marks and errors.

use std::fmt::Write as _;

use eci_core::value::NumberError;
use eci_core::{Number, Value};

use super::function::{Answer, CallError, Row, Run, expected, given, row, text};
use super::ordered::set;
use crate::budget;
use crate::marks::{mark, reveal};
use crate::operators::{as_number, as_truth};
use crate::unify::unified;

pub(super) static ROWS: &[Row] = &[
    row(
        "can(value)",
        "Whether an expression can be evaluated without an error.",
        Run::Can,
    ),
    row(
        "ephemeralasnull(value)",
        "The value unchanged, because no value is ephemeral here.",
        Run::Marks(itself),
    ),
    row(
        "issensitive(value)",
        "Whether a value is sensitive.",
        Run::Marks(issensitive),
    ),
    row(
        "nonsensitive(value)",
        "The value, no longer marked as sensitive.",
        Run::Marks(nonsensitive),
    ),
    row(
        "sensitive(value)",
        "The value, marked as sensitive: never displayed, and stored only as a digest.",
        Run::Marks(sensitive),
    ),
    row(
        "tobool(value)",
        "A boolean; also converts \"true\" and \"false\".",
        Run::Parts(tobool),
    ),
    row(
        "tolist(value)",
        "A list whose elements have one type.",
        Run::Parts(tolist),
    ),
    row(
        "tomap(value)",
        "A map whose values have one type.",
        Run::Parts(tomap),
    ),
    row(
        "tonumber(value)",
        "A number; also converts a string that contains one.",
        Run::Parts(tonumber),
    ),
    row(
        "toset(value)",
        "The distinct elements of a list, sorted.",
        Run::Whole(toset),
    ),
    row(
        "tostring(value)",
        "A string; also converts a number or a boolean.",
        Run::Parts(tostring),
    ),
    row(
        "try(values...)",
        "The first of several expressions that can be evaluated without an error.",
        Run::Try,
    ),
    row(
        "type(value)",
        "The type of a value; only in `eci console`.",
        Run::Type,
    ),
];

fn itself(arguments: &[Value]) -> Answer {
    Ok(given(arguments, 0).clone())
}

fn sensitive(arguments: &[Value]) -> Answer {
    Ok(given(arguments, 0).clone().into_sensitive())
}

fn nonsensitive(arguments: &[Value]) -> Answer {
    Ok(reveal(given(arguments, 0)).0.clone())
}

fn issensitive(arguments: &[Value]) -> Answer {
    Ok(match reveal(given(arguments, 0)) {
        (_, true) => Value::Bool(true),
        // What it will be may be sensitive.
        (Value::Unknown, false) => Value::Unknown,
        _ => Value::Bool(false),
    })
}

fn tobool(arguments: &[Value]) -> Answer {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::String(text) => as_truth(&arguments[0])
            .map(Value::Bool)
            .ok_or_else(|| CallError::at(0, format!("{text:?} is neither \"true\" nor \"false\""))),
        value => as_truth(value)
            .map(Value::Bool)
            .ok_or_else(|| expected(0, "true or false", value)),
    }
}

fn tostring(arguments: &[Value]) -> Answer {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::List(_) | Value::Map(_) => {
            let found = arguments[0].type_name();
            let message = format!("{found} has no text of its own; write jsonencode(…)");
            Err(CallError::at(0, message))
        }
        _ => Ok(Value::String(text(arguments, 0)?)),
    }
}

fn tonumber(arguments: &[Value]) -> Answer {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::String(text) => Number::read(text).map(Value::Number).map_err(|error| {
            CallError::at(
                0,
                match error {
                    NumberError::NotANumber => format!("{text:?} is not a number"),
                    NumberError::TooLarge => format!("{text:?} is too large for a number"),
                    NumberError::TooManyDigits => {
                        format!("{text:?} has more digits than can be kept as a number")
                    }
                },
            )
        }),
        value => as_number(value)
            .map(Value::Number)
            .ok_or_else(|| expected(0, "a number", value)),
    }
}

/// The items of a list in one type.
pub(super) fn of_one_type(at: usize, items: &[Value]) -> Result<Vec<Value>, CallError> {
    if budget::is_too_large(items) {
        return Err(CallError::TooLarge);
    }
    unified(items).ok_or_else(|| {
        CallError::at(
            at,
            "the items are of different types, which have none in common",
        )
    })
}

fn tolist(arguments: &[Value]) -> Answer {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::List(items) => Ok(Value::list(of_one_type(0, items)?)),
        other => Err(expected(0, "a list", other)),
    }
}

fn tomap(arguments: &[Value]) -> Answer {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::Map(entries) => {
            let values: Vec<Value> = entries.values().cloned().collect();
            let values = of_one_type(0, &values)?;
            Ok(Value::map(entries.keys().cloned().zip(values).collect()))
        }
        other => Err(expected(0, "a table", other)),
    }
}

/// A set is a list of distinct values in their order here.
fn toset(arguments: &[Value]) -> Answer {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::List(items) => Ok(Value::list(set(of_one_type(0, items)?))),
        other => Err(expected(0, "a list", other)),
    }
}

/// The type of a value as Terraform writes it.
pub(super) fn type_of(arguments: &[Value]) -> Answer {
    let (bare, sensitive) = reveal(given(arguments, 0));
    let mut written = String::new();
    write_type(bare, 0, &mut written);
    Ok(mark(
        Value::from(written),
        sensitive || has_secret_keys(bare),
    ))
}

/// Whether a value has a sensitive part whose keys its type would show.
fn has_secret_keys(value: &Value) -> bool {
    fn has_keys(value: &Value) -> bool {
        match reveal(value).0 {
            Value::Map(entries) => !entries.is_empty(),
            Value::List(items) => items.iter().any(has_keys),
            _ => false,
        }
    }
    match value {
        Value::Sensitive(_) => has_keys(value),
        Value::Map(entries) => entries.values().any(has_secret_keys),
        Value::List(items) => items.iter().any(has_secret_keys),
        _ => false,
    }
}

fn write_type(value: &Value, depth: usize, written: &mut String) {
    let indent = |depth: usize| "    ".repeat(depth);
    match reveal(value).0 {
        Value::Bool(_) => written.push_str("bool"),
        Value::Number(_) => written.push_str("number"),
        Value::String(_) => written.push_str("string"),
        Value::List(items) if items.is_empty() => written.push_str("tuple([])"),
        Value::Map(entries) if entries.is_empty() => written.push_str("object({})"),
        Value::List(items) => {
            written.push_str("tuple([\n");
            for item in items.iter() {
                written.push_str(&indent(depth + 1));
                write_type(item, depth + 1, written);
                written.push_str(",\n");
            }
            written.push_str(&indent(depth));
            written.push_str("])");
        }
        Value::Map(entries) => {
            written.push_str("object({\n");
            for (key, value) in entries.iter() {
                // Writing to a string cannot fail.
                let _ = write!(written, "{}{key}: ", indent(depth + 1));
                write_type(value, depth + 1, written);
                written.push_str(",\n");
            }
            written.push_str(&indent(depth));
            written.push_str("})");
        }
        Value::Null | Value::Unknown | Value::Sensitive(_) | Value::Digest(_) => {
            written.push_str("dynamic");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_written_as_in_terraform() {
        let value = Value::list(vec![
            Value::from(1),
            Value::from([("a", Value::from("x")), ("b", Value::list(Vec::new()))]),
            Value::Null,
        ]);
        let written = "tuple([\n    number,\n    object({\n        a: string,\n        \
                       b: tuple([]),\n    }),\n    dynamic,\n])";
        assert_eq!(type_of(&[value]).unwrap(), Value::from(written));
        let secret = type_of(&[Value::from(true).into_sensitive()]).unwrap();
        assert_eq!(secret, Value::from("bool").into_sensitive());
        // The keys of a sensitive table are sensitive, wherever it is.
        let table = Value::from([("hush", Value::from(1))]).into_sensitive();
        for secret in [
            table.clone(),
            Value::list(vec![table.clone()]).into_sensitive(),
        ] {
            let around = Value::from([("a", Value::list(vec![secret]))]);
            assert!(matches!(type_of(&[around]).unwrap(), Value::Sensitive(_)));
        }
        let plain = Value::from([("a", Value::from("hush").into_sensitive())]);
        assert_eq!(
            type_of(&[plain]).unwrap(),
            Value::from("object({\n    a: string,\n})")
        );
    }
}
