//! Functions that convert, and those over marks and errors.

use std::fmt::Write as _;

use eci_core::value::NumberError;
use eci_core::{Number, Value};
use eci_text::{Text, text};

use super::function::{
    Answer, BOOLEAN, BOOLEAN_HELP, CallError, FunctionRow, Implementation, LIST, MAP, NUMBER,
    NUMBER_HELP, expected, given, quoted, row, text,
};
use super::ordered::set;
use crate::budget;
use crate::marks::{mark, reveal};
use crate::operators::{as_number, as_truth};
use crate::unify::unified;

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "can(value)",
        "Whether an expression can be evaluated without an error.",
        "表达式是否可以计算而不出错。",
        Implementation::Can,
    ),
    row(
        "ephemeralasnull(value)",
        "The value unchanged, because no value is ephemeral here.",
        "原样返回该值，因为此处没有临时值（ephemeral）。",
        Implementation::Marks(itself),
    ),
    row(
        "issensitive(value)",
        "Whether a value is sensitive.",
        "是否为敏感值。",
        Implementation::Marks(issensitive),
    ),
    row(
        "nonsensitive(value)",
        "The value, no longer marked as sensitive.",
        "该值，不再标记为敏感值。",
        Implementation::Marks(nonsensitive),
    ),
    row(
        "sensitive(value)",
        "The value, marked as sensitive: never displayed, and stored only as a digest.",
        "该值，标记为敏感值：不显示，仅保存摘要。",
        Implementation::Marks(sensitive),
    ),
    row(
        "tobool(value)",
        "A boolean; also converts \"true\" and \"false\".",
        "布尔值，也可以转换 \"true\" 和 \"false\"。",
        Implementation::Parts(tobool),
    ),
    row(
        "tolist(value)",
        "A list whose elements have one type.",
        "元素类型相同的列表。",
        Implementation::Parts(tolist),
    ),
    row(
        "tomap(value)",
        "A map whose values have one type.",
        "值类型相同的映射。",
        Implementation::Parts(tomap),
    ),
    row(
        "tonumber(value)",
        "A number; also converts a string that contains one.",
        "数值，也可以转换包含数值的字符串。",
        Implementation::Parts(tonumber),
    ),
    row(
        "toset(value)",
        "The distinct elements of a list, sorted.",
        "列表中互不相同的元素，已排序。",
        Implementation::Whole(toset),
    ),
    row(
        "tostring(value)",
        "A string; also converts a number or a boolean.",
        "字符串，也可以转换数值和布尔值。",
        Implementation::Parts(tostring),
    ),
    row(
        "try(values...)",
        "The first of several expressions that can be evaluated without an error.",
        "多个表达式中第一个可以计算而不出错的结果。",
        Implementation::Try,
    ),
    row(
        "type(value)",
        "The type of a value; only in `eci console`.",
        "值的类型，仅用于 `eci console`。",
        Implementation::Type,
    ),
];

const SCALAR: Text = Text::fixed("a string, a number, or a boolean", "字符串、数值或布尔值");

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
        Value::String(text) => as_truth(&arguments[0]).map(Value::Bool).ok_or_else(|| {
            CallError::at(
                0,
                text!(
                 en: "expected \"true\" or \"false\", found {found}",
                 zh: "应为 \"true\" 或 \"false\"，实际为 {found}",
                 found = quoted(text),
                ),
            )
            .help(BOOLEAN_HELP)
        }),
        value => as_truth(value)
            .map(Value::Bool)
            .ok_or_else(|| expected(0, &BOOLEAN, value)),
    }
}

fn tostring(arguments: &[Value]) -> Answer {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::List(_) | Value::Map(_) => {
            let help = text!(
                en: "use `jsonencode(…)` to convert it to a string",
                zh: "使用 `jsonencode(…)` 转换为字符串",
            );
            Err(expected(0, &SCALAR, &arguments[0]).help(help))
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
                    NumberError::NotANumber => text!(
                        en: "expected a number, found {found}",
                        zh: "应为数值，实际为 {found}",
                        found = quoted(text),
                    ),
                    NumberError::TooLarge => text!(
                        en: "the number {found} is out of range",
                        zh: "数值 {found} 超出范围",
                        found = quoted(text),
                    ),
                    NumberError::TooManyDigits => text!(
                        en: "the number {found} has too many digits to be stored exactly",
                        zh: "数值 {found} 的位数过多，无法精确保存",
                        found = quoted(text),
                    ),
                },
            )
            .help(NUMBER_HELP)
        }),
        value => as_number(value)
            .map(Value::Number)
            .ok_or_else(|| expected(0, &NUMBER, value)),
    }
}

/// Returns the items of a list in one type.
pub(super) fn of_one_type(at: usize, items: &[Value]) -> Result<Vec<Value>, CallError> {
    if budget::is_too_large(items) {
        return Err(CallError::TooLarge);
    }
    unified(items).ok_or_else(|| {
        CallError::at(
            at,
            text!(
             en: "the elements have different types that cannot be converted to one",
             zh: "元素的类型不同，无法转换为同一类型",
            ),
        )
        .help(text!(
            en: "use elements of one type, for example strings or numbers only",
            zh: "使用同一类型的元素，例如均为字符串或均为数值",
        ))
    })
}

fn tolist(arguments: &[Value]) -> Answer {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::List(items) => Ok(Value::list(of_one_type(0, items)?)),
        other => Err(expected(0, &LIST, other)),
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
        other => Err(expected(0, &MAP, other)),
    }
}

/// Evaluates `toset`: a set is a list of distinct values in their order here.
fn toset(arguments: &[Value]) -> Answer {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::List(items) => Ok(Value::list(set(of_one_type(0, items)?))),
        other => Err(expected(0, &LIST, other)),
    }
}

/// Returns the type of a value as Terraform writes it.
pub(super) fn type_of(arguments: &[Value]) -> Answer {
    let (bare, sensitive) = reveal(given(arguments, 0));
    let mut written = String::new();
    write_type(bare, 0, &mut written);
    Ok(mark(
        Value::from(written),
        sensitive || has_secret_keys(bare),
    ))
}

/// Returns whether a value has a sensitive part whose keys its type would show.
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
