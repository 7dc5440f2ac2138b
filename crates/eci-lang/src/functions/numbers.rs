//! Functions over numbers.

use std::cmp::Ordering;

use eci_core::{Number, Value};
use eci_text::{Text, text};
use hcl_edit::expr::BinaryOperator;

use super::function::{
    Answer, CallError, FunctionRow, Implementation, STRING, expected, list, number, quoted, row,
    text, whole,
};
use crate::operators::{TOO_MANY_DIGITS, arithmetic, as_number};

const NUMBERS: Text = Text::fixed("a list of numbers", "数值列表");

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "abs(number)",
        "The absolute value of a number.",
        "数值的绝对值。",
        Implementation::Whole(abs),
    ),
    row(
        "ceil(number)",
        "The smallest integer that is greater than or equal to a number.",
        "大于或等于该数值的最小整数。",
        Implementation::Whole(ceil),
    ),
    row(
        "floor(number)",
        "The greatest integer that is less than or equal to a number.",
        "小于或等于该数值的最大整数。",
        Implementation::Whole(floor),
    ),
    row(
        "log(number, base)",
        "The logarithm of a number in a base.",
        "以指定的底计算的对数。",
        Implementation::Whole(log),
    ),
    row(
        "max(number, numbers...)",
        "The greatest of the numbers.",
        "各数值中的最大值。",
        Implementation::Whole(max),
    ),
    row(
        "min(number, numbers...)",
        "The smallest of the numbers.",
        "各数值中的最小值。",
        Implementation::Whole(min),
    ),
    row(
        "parseint(string, base)",
        "The integer that a string represents in a base from 2 to 62.",
        "字符串按 2 到 62 的进制表示的整数。",
        Implementation::Whole(parseint),
    ),
    row(
        "pow(number, power)",
        "A number raised to a power.",
        "数值的幂。",
        Implementation::Whole(pow),
    ),
    row(
        "signum(number)",
        "-1, 0 or 1: the sign of a number.",
        "数值的符号：-1、0 或 1。",
        Implementation::Whole(signum),
    ),
    row(
        "sum(list)",
        "The sum of a list of numbers, which must not be empty.",
        "数值列表的总和，列表不能为空。",
        Implementation::Whole(sum),
    ),
];

/// Returns a float as a number.
fn finite(float: f64) -> Answer {
    Number::from_f64(float)
        .map(Value::Number)
        .ok_or_else(too_large)
}

fn too_large() -> CallError {
    CallError::new(text!(
     en: "the result is undefined or out of range",
     zh: "结果无定义或超出范围",
    ))
}

fn too_many() -> CallError {
    CallError::new(TOO_MANY_DIGITS)
}

fn abs(arguments: &[Value]) -> Answer {
    match number(arguments, 0)? {
        Number::Int(whole) => whole.checked_abs().map(Value::from).ok_or_else(too_many),
        Number::Float(float) => finite(float.abs()),
    }
}

fn ceil(arguments: &[Value]) -> Answer {
    rounded(arguments, f64::ceil)
}

fn floor(arguments: &[Value]) -> Answer {
    rounded(arguments, f64::floor)
}

fn rounded(arguments: &[Value], round: fn(f64) -> f64) -> Answer {
    match number(arguments, 0)? {
        Number::Int(whole) => Ok(Value::from(whole)),
        Number::Float(float) => finite(round(float)),
    }
}

fn log(arguments: &[Value]) -> Answer {
    let (of, base) = (
        number(arguments, 0)?.as_f64(),
        number(arguments, 1)?.as_f64(),
    );
    finite(of.ln() / base.ln())
}

fn pow(arguments: &[Value]) -> Answer {
    let (base, power) = (number(arguments, 0)?, number(arguments, 1)?);
    // A power of integers is never rounded.
    if let (Some(base), Some(power)) = (base.as_i64(), power.as_i64())
        && let Ok(power) = u32::try_from(power)
    {
        let whole = i128::from(base).checked_pow(power).ok_or_else(too_large)?;
        let number = Number::parse(&whole.to_string());
        return number.map(Value::Number).ok_or_else(too_many);
    }
    finite(base.as_f64().powf(power.as_f64()))
}

fn signum(arguments: &[Value]) -> Answer {
    let order = number(arguments, 0)?.partial_cmp(&Number::from(0));
    Ok(Value::from(match order {
        Some(Ordering::Less) => -1i64,
        Some(Ordering::Greater) => 1,
        _ => 0,
    }))
}

fn max(arguments: &[Value]) -> Answer {
    extreme(arguments, Ordering::Greater)
}

fn min(arguments: &[Value]) -> Answer {
    extreme(arguments, Ordering::Less)
}

fn extreme(arguments: &[Value], order: Ordering) -> Answer {
    let mut best = number(arguments, 0)?;
    for at in 1..arguments.len() {
        let next = number(arguments, at)?;
        if next.partial_cmp(&best) == Some(order) {
            best = next;
        }
    }
    Ok(Value::Number(best))
}

fn sum(arguments: &[Value]) -> Answer {
    let mut total: Option<Number> = None;
    for item in list(arguments, 0)? {
        let next = as_number(item).ok_or_else(|| expected(0, &NUMBERS, item))?;
        total = Some(match total {
            None => next,
            Some(total) => arithmetic(BinaryOperator::Plus, total, next).map_err(CallError::new)?,
        });
    }
    total.map(Value::Number).ok_or_else(|| {
        let message = text!(en: "the list is empty", zh: "列表为空");
        CallError::at(0, message).help(text!(
            en: "use `sum(concat([0], …))` if the list can be empty",
            zh: "如果列表可能为空，使用 `sum(concat([0], …))`",
        ))
    })
}

fn parseint(arguments: &[Value]) -> Answer {
    // A number is not a string in another base.
    let Value::String(_) = &arguments[0] else {
        return Err(expected(0, &STRING, &arguments[0]));
    };
    let (written, base) = (text(arguments, 0)?, whole(arguments, 1)?);
    if !(2..=62).contains(&base) {
        return Err(CallError::at(
            1,
            text!(
             en: "the base must be an integer from 2 to 62, found {base}",
             zh: "进制必须是 2 到 62 之间的整数，实际为 {base}",
             base = base,
            ),
        ));
    }
    let wrong = || {
        let message = text!(
            en: "expected an integer in base {base}, found {found}",
            zh: "应为 {base} 进制整数，实际为 {found}",
            base = base,
            found = quoted(&written),
        );
        CallError::at(0, message)
    };
    let (negative, digits) = match written.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, written.strip_prefix('+').unwrap_or(&written)),
    };
    if digits.is_empty() {
        return Err(wrong());
    }
    let mut total: i64 = 0;
    for c in digits.chars() {
        let digit = digit(c, base).ok_or_else(wrong)?;
        let digit = if negative { -digit } else { digit };
        let next = total.checked_mul(base).and_then(|it| it.checked_add(digit));
        total = next.ok_or_else(|| {
            CallError::at(
                0,
                text!(
                 en: "the integer {found} exceeds 64 bits",
                 zh: "整数 {found} 超出 64 位",
                 found = quoted(&written),
                ),
            )
        })?;
    }
    Ok(Value::from(total))
}

/// Letters count on from 10, small and capital ones alike; beyond base 36 capitals come after
/// the small ones.
fn digit(c: char, base: i64) -> Option<i64> {
    let value = match c {
        '0'..='9' => i64::from(u32::from(c) - u32::from('0')),
        'a'..='z' => i64::from(u32::from(c) - u32::from('a')) + 10,
        'A'..='Z' if base <= 36 => i64::from(u32::from(c) - u32::from('A')) + 10,
        'A'..='Z' => i64::from(u32::from(c) - u32::from('A')) + 36,
        _ => return None,
    };
    (value < base).then_some(value)
}
