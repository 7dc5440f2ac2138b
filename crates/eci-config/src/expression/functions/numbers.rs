//! Functions over numbers.

use std::cmp::Ordering;

use eci_core::{Number, Value};

use super::{Fault, expected, number};
use crate::expression::operators::as_number;

/// As in Terraform: a longer one is a mistake.
const LONGEST_RANGE: usize = 1024;

pub(super) fn max(arguments: &[Value]) -> Result<Value, Fault> {
    extreme(arguments, Ordering::Greater)
}

pub(super) fn min(arguments: &[Value]) -> Result<Value, Fault> {
    extreme(arguments, Ordering::Less)
}

fn extreme(arguments: &[Value], wanted: Ordering) -> Result<Value, Fault> {
    let mut best = number(arguments, 0)?;
    for at in 1..arguments.len() {
        let next = number(arguments, at)?;
        if next.partial_cmp(&best) == Some(wanted) {
            best = next;
        }
    }
    Ok(Value::Number(best))
}

pub(super) fn tonumber(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        Value::String(text) => Number::parse(text)
            .map(Value::Number)
            .ok_or_else(|| Fault::at(0, format!("{text:?} is not a number"))),
        value => as_number(value)
            .map(Value::Number)
            .ok_or_else(|| expected(0, "a number", value)),
    }
}

/// `range(limit)`, `range(start, limit)`, `range(start, limit, step)`
pub(super) fn range(arguments: &[Value]) -> Result<Value, Fault> {
    let (start, limit) = match arguments.len() {
        1 => (0.0, number(arguments, 0)?.as_f64()),
        _ => (
            number(arguments, 0)?.as_f64(),
            number(arguments, 1)?.as_f64(),
        ),
    };
    let step = match arguments.len() {
        3 => number(arguments, 2)?.as_f64(),
        _ if limit < start => -1.0,
        _ => 1.0,
    };
    if step == 0.0 || (step > 0.0) != (limit >= start) && limit != start {
        return Err(Fault::at(
            2,
            "the step must lead from the start to the limit",
        ));
    }
    let mut items = Vec::new();
    loop {
        // Multiplied, not summed: rounding does not add up.
        let next = start + step * items.len() as f64;
        if (step > 0.0 && next >= limit) || (step < 0.0 && next <= limit) {
            return Ok(Value::list(items));
        }
        if items.len() >= LONGEST_RANGE {
            return Err(Fault::new(format!(
                "a range has at most {LONGEST_RANGE} numbers"
            )));
        }
        items.push(Value::from(next));
    }
}
