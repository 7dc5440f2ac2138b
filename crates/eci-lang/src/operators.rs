//! Operators over values.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use eci_core::{Number, Value};
use eci_text::{Text, text};
use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use super::decimal;
use super::marks::{mark, reveal, without_marks};
use super::nouns::{BOOLEAN, NUMBER};

/// The operand that is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// The reason why an operation has no result.
#[derive(Debug)]
pub(crate) struct OperatorError {
    pub(crate) side: Side,
    pub(crate) problem: OperandError,
}

/// A problem of an operand, with what to do about it.
#[derive(Debug)]
pub(crate) struct OperandError {
    pub(crate) message: Text,
    pub(crate) help: Text,
}

impl OperandError {
    /// Returns the error about the type of an operand.
    fn mismatch(operator: &str, what: &Text, found: &Value) -> OperandError {
        OperandError {
            message: text!(
                en: "operand of `{operator}` must be {what}, found {found}",
                zh: "`{operator}` 的操作数必须是{what}，实际为{found}",
                operator = operator,
                what = what,
                found = found.type_name(),
            ),
            help: match (operator, found) {
                ("&&" | "||" | "!", _) => COMPARE,
                ("+", Value::String(_)) => text!(
                    en: "write `\"${a}${b}\"` to concatenate strings, or convert the operand with `tonumber(…)`",
                    zh: "拼接字符串写成 `\"${a}${b}\"`，或使用 `tonumber(…)` 转换操作数",
                ),
                ("+", Value::List(_)) => text!(
                    en: "use `concat(a, b)` to concatenate lists",
                    zh: "使用 `concat(a, b)` 拼接列表",
                ),
                ("+", Value::Map(_)) => text!(
                    en: "use `merge(a, b)` to merge maps",
                    zh: "使用 `merge(a, b)` 合并映射",
                ),
                (_, Value::String(_)) => text!(
                    en: "use a number, or convert the operand with `tonumber(…)`",
                    zh: "使用数值，或使用 `tonumber(…)` 转换操作数",
                ),
                (_, Value::List(_) | Value::Map(_)) => text!(
                    en: "use a number, for example `length(…)` for the number of elements",
                    zh: "使用数值，例如以 `length(…)` 表示元素个数",
                ),
                _ => text!(en: "use a number", zh: "使用数值"),
            },
        }
    }

    /// Returns the error about an operation without a result that can be stored.
    fn no_result(message: Text, divides_by_zero: bool) -> OperandError {
        let help = if divides_by_zero {
            text!(
                en: "check the divisor first, for example `n == 0 ? 0 : 1 / n`",
                zh: "先检查除数，例如 `n == 0 ? 0 : 1 / n`",
            )
        } else {
            text!(
                en: "use smaller numbers, or numbers with fewer digits",
                zh: "使用更小或位数更少的数值",
            )
        };
        OperandError { message, help }
    }
}

/// The help for a value that must be a boolean and is not.
pub(crate) const COMPARE: Text = Text::fixed(
    "compare it with a value, for example `var.env == \"prod\"`, or convert it with `tobool(…)`",
    "将其与某个值比较，例如 `var.env == \"prod\"`，或使用 `tobool(…)` 转换",
);

/// Returns the text of a scalar, as templates write it.
pub fn as_text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        _ => None,
    }
}

/// Returns the boolean of a bare value.
pub fn as_truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => match &**text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the number that a bare value is or writes.
pub fn as_number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(*number),
        Value::String(text) => Number::parse(text),
        _ => None,
    }
}

/// Evaluates `-x` and `!x`.
pub(crate) fn unary(operator: UnaryOperator, operand: &Value) -> Result<Value, OperandError> {
    let (bare, sensitive) = reveal(operand);
    let value = match (operator, bare) {
        (_, Value::Unknown) => Value::Unknown,
        (UnaryOperator::Not, bare) => {
            let truth = as_truth(bare);
            Value::Bool(!truth.ok_or_else(|| OperandError::mismatch("!", &BOOLEAN, bare))?)
        }
        (UnaryOperator::Neg, bare) => {
            let number =
                as_number(bare).ok_or_else(|| OperandError::mismatch("-", &NUMBER, bare))?;
            let negated = match number {
                Number::Int(whole) => whole.checked_neg().map(Number::Int),
                Number::Float(float) => Number::from_f64(-float),
            };
            Value::Number(negated.ok_or_else(|| OperandError::no_result(TOO_MANY_DIGITS, false))?)
        }
    };
    Ok(mark(value, sensitive))
}

/// Evaluates `x + y`, `x == y` and so on.
pub(crate) fn binary(
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
) -> Result<Value, OperatorError> {
    let ((left, left_secret), (right, right_secret)) = (without_marks(left), without_marks(right));
    let value = match operator {
        BinaryOperator::Eq | BinaryOperator::NotEq => equality(&left, &right)
            .map_or(Value::Unknown, |equal| {
                Value::Bool(equal == (operator == BinaryOperator::Eq))
            }),
        BinaryOperator::And | BinaryOperator::Or => logic(operator, &left, &right)?,
        _ => numeric(operator, &left, &right)?,
    };
    Ok(mark(value, left_secret || right_secret))
}

/// Returns whether two values are equal; `None` while that is not known.
pub(crate) fn equality(left: &Value, right: &Value) -> Option<bool> {
    if left.has_unknown() || right.has_unknown() {
        None
    } else {
        Some(left == right)
    }
}

fn logic(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, OperatorError> {
    let truth = |value: &Cow<'_, Value>, side| match &**value {
        Value::Unknown => Ok(None),
        bare => as_truth(bare).map(Some).ok_or_else(|| OperatorError {
            side,
            problem: OperandError::mismatch(operator.as_str(), &BOOLEAN, bare),
        }),
    };
    let left = truth(&Cow::Borrowed(left), Side::Left)?;
    let right = truth(&Cow::Borrowed(right), Side::Right)?;
    let decisive = operator == BinaryOperator::Or;
    Ok(match (left, right) {
        (Some(truth), _) | (_, Some(truth)) if truth == decisive => Value::Bool(decisive),
        (Some(_), Some(_)) => Value::Bool(!decisive),
        _ => Value::Unknown,
    })
}

fn numeric(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, OperatorError> {
    let number = |value: &Value, side| match value {
        Value::Unknown => Ok(None),
        bare => as_number(bare).map(Some).ok_or_else(|| OperatorError {
            side,
            problem: OperandError::mismatch(operator.as_str(), &NUMBER, bare),
        }),
    };
    let (left, right) = (number(left, Side::Left)?, number(right, Side::Right)?);
    let (Some(left), Some(right)) = (left, right) else {
        return Ok(Value::Unknown);
    };
    let order = left.partial_cmp(&right);
    Ok(match operator {
        BinaryOperator::Less => Value::Bool(order == Some(Ordering::Less)),
        BinaryOperator::Greater => Value::Bool(order == Some(Ordering::Greater)),
        BinaryOperator::LessEq => Value::Bool(order.is_some_and(Ordering::is_le)),
        BinaryOperator::GreaterEq => Value::Bool(order.is_some_and(Ordering::is_ge)),
        _ => Value::Number(
            arithmetic(operator, left, right).map_err(|message| OperatorError {
                side: Side::Right,
                problem: OperandError::no_result(message, is_division_by_zero(operator, right)),
            })?,
        ),
    })
}

fn is_division_by_zero(operator: BinaryOperator, right: Number) -> bool {
    matches!(operator, BinaryOperator::Div | BinaryOperator::Mod) && right.as_f64() == 0.0
}

/// Evaluates `x + y` and so on, of numbers.
pub(super) fn arithmetic(
    operator: BinaryOperator,
    left: Number,
    right: Number,
) -> Result<Number, Text> {
    if is_division_by_zero(operator, right) {
        return Err(text!(en: "division by zero", zh: "除数为零"));
    }
    let exact = match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => match operator {
            BinaryOperator::Plus => left.checked_add(right),
            BinaryOperator::Minus => left.checked_sub(right),
            BinaryOperator::Mul => left.checked_mul(right),
            BinaryOperator::Mod => left.checked_rem(right),
            _ if left.checked_rem(right) == Some(0) => left.checked_div(right),
            _ => None,
        },
        _ => None,
    };
    if let Some(exact) = exact {
        return Ok(Number::from(exact));
    }
    if let Some(decimal) = decimal::calculate(operator, left, right) {
        return decimal.ok_or(TOO_MANY_DIGITS);
    }
    // What is left is too large or too small for decimals of 38 digits.
    let is_whole = |number: Number| number.as_i64().is_some();
    if is_whole(left) && is_whole(right) {
        return Err(TOO_MANY_DIGITS);
    }
    let (left, right) = (left.as_f64(), right.as_f64());
    let result = match operator {
        BinaryOperator::Plus => left + right,
        BinaryOperator::Minus => left - right,
        BinaryOperator::Mul => left * right,
        BinaryOperator::Mod => left % right,
        _ => left / right,
    };
    Number::from_f64(result)
        .ok_or_else(|| text!(en: "the result is out of range", zh: "结果超出范围"))
}

/// An integer is never rounded.
pub(super) const TOO_MANY_DIGITS: Text = Text::fixed(
    "the result has too many digits to be stored exactly",
    "结果的位数过多，无法精确保存",
);
