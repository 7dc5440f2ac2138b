//! `format`: text after a pattern with verbs.

use eci_core::Value;

use super::encoding::jsonencode;
use super::{Fault, expected, number, text};
use crate::expression::operators::as_truth;

/// What stands between `%` and its verb.
#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

/// Wider than any text that a manifest needs.
const WIDEST: usize = 1024;

/// `format(pattern, values…)`
pub(super) fn format(arguments: &[Value]) -> Result<Value, Fault> {
    let pattern = text(arguments, 0)?;
    let mut formatted = String::with_capacity(pattern.len());
    let mut characters = pattern.chars().peekable();
    let mut next = 1;
    while let Some(c) = characters.next() {
        if c != '%' {
            formatted.push(c);
            continue;
        }
        let spec = spec(&mut characters)?;
        let verb = characters.next().ok_or_else(|| {
            Fault::at(
                0,
                "the pattern ends within a verb; write %% for a percent sign",
            )
        })?;
        if verb == '%' {
            formatted.push('%');
            continue;
        }
        if next >= arguments.len() {
            let message = format!("the pattern needs more than the {} values given", next - 1);
            return Err(Fault::at(0, message));
        }
        let body = written(verb, &spec, arguments, next)?;
        formatted.push_str(&padded(body, &spec, verb));
        next += 1;
    }
    if next < arguments.len() {
        return Err(Fault::at(next, "the pattern does not use this value"));
    }
    Ok(Value::from(formatted))
}

fn spec(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Spec, Fault> {
    let mut spec = Spec::default();
    while let Some(flag) = characters.peek() {
        match flag {
            '-' => spec.left = true,
            '+' => spec.plus = true,
            ' ' => spec.space = true,
            '0' => spec.zero = true,
            '#' => spec.alternate = true,
            _ => break,
        }
        characters.next();
    }
    spec.width = count(characters)?.unwrap_or(0);
    if characters.next_if_eq(&'.').is_some() {
        spec.precision = Some(count(characters)?.unwrap_or(0));
    }
    Ok(spec)
}

fn count(
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> Result<Option<usize>, Fault> {
    let mut count = None;
    while let Some(digit) = characters.peek().and_then(|c| c.to_digit(10)) {
        characters.next();
        let next = count.unwrap_or(0) * 10 + digit as usize;
        if next > WIDEST {
            return Err(Fault::at(0, format!("a width is at most {WIDEST}")));
        }
        count = Some(next);
    }
    Ok(count)
}

fn written(verb: char, spec: &Spec, arguments: &[Value], at: usize) -> Result<String, Fault> {
    let value = &arguments[at];
    Ok(match verb {
        's' | 'v' if matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
            cut(&text(arguments, at)?, spec)
        }
        'v' => text(&[jsonencode(std::slice::from_ref(value))?], 0)?.to_string(),
        'q' => text(&[jsonencode(&[Value::String(text(arguments, at)?)])?], 0)?.to_string(),
        't' => match as_truth(value) {
            Some(truth) => truth.to_string(),
            None => return Err(expected(at, "true or false", value)),
        },
        'd' => signed(whole(arguments, at)?.to_string(), spec),
        'b' => signed_radix(whole(arguments, at)?, spec, "0b", |n| format!("{n:b}")),
        'o' => signed_radix(whole(arguments, at)?, spec, "0", |n| format!("{n:o}")),
        'x' => signed_radix(whole(arguments, at)?, spec, "0x", |n| format!("{n:x}")),
        'X' => signed_radix(whole(arguments, at)?, spec, "0X", |n| format!("{n:X}")),
        'f' => {
            let precision = spec.precision.unwrap_or(6);
            signed(
                format!("{:.precision$}", number(arguments, at)?.as_f64()),
                spec,
            )
        }
        's' => return Err(expected(at, "a string", value)),
        other => {
            let message =
                format!("there is no verb %{other}; use %s, %d, %f, %v, %q, %t, %x, %o or %b");
            return Err(Fault::at(0, message));
        }
    })
}

fn whole(arguments: &[Value], at: usize) -> Result<i64, Fault> {
    let given = number(arguments, at)?;
    let truncated = eci_core::Number::from_f64(given.as_f64().trunc());
    given
        .as_i64()
        .or_else(|| truncated.and_then(eci_core::Number::as_i64))
        .ok_or_else(|| expected(at, "a whole number", &arguments[at]))
}

fn cut(text: &str, spec: &Spec) -> String {
    match spec.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text.to_owned(),
    }
}

fn signed(text: String, spec: &Spec) -> String {
    match (text.starts_with('-'), spec.plus, spec.space) {
        (false, true, _) => format!("+{text}"),
        (false, false, true) => format!(" {text}"),
        _ => text,
    }
}

fn signed_radix(number: i64, spec: &Spec, prefix: &str, write: fn(u64) -> String) -> String {
    let digits = write(number.unsigned_abs());
    let prefix = if spec.alternate { prefix } else { "" };
    let sign = if number < 0 { "-" } else { "" };
    signed(format!("{sign}{prefix}{digits}"), spec)
}

fn padded(body: String, spec: &Spec, verb: char) -> String {
    let missing = spec.width.saturating_sub(body.chars().count());
    if missing == 0 {
        return body;
    }
    if spec.left {
        return body + &" ".repeat(missing);
    }
    if spec.zero && !matches!(verb, 's' | 'v' | 'q' | 't') {
        let digits = body.trim_start_matches(['-', '+', ' ']);
        let sign = &body[..body.len() - digits.len()];
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    " ".repeat(missing) + &body
}
