//! `format`: text after a pattern with verbs.

use std::iter::Peekable;
use std::str::Chars;

use eci_core::{Number, Value};
use eci_text::text;
use unicode_segmentation::UnicodeSegmentation as _;

use super::digits::{Digits, plain};
use super::function::{
    Answer, BOOLEAN, CallError, ELEMENT, expected, fits, number, push, spend, text, whole,
};
use super::json;
use crate::budget::LARGEST_VALUE;
use crate::operators::as_truth;

/// The flags, width and precision between `%` and its verb.
#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
    /// The number of the value that it writes, counted from 1, if it says so: `%[2]s`.
    argument: Option<usize>,
}

/// Wider than any text in practice.
const WIDEST: usize = 1024;

/// Evaluates `format(pattern, values…)`.
pub(super) fn format(arguments: &[Value]) -> Answer {
    let mut formatted = String::new();
    write(&text(arguments, 0)?, arguments, &mut formatted)?;
    Ok(Value::from(formatted))
}

/// Evaluates `formatlist(pattern, values…)`: a list among the values contributes one element at a
/// time, other values are the same each time.
pub(super) fn formatlist(arguments: &[Value]) -> Answer {
    let pattern = text(arguments, 0)?;
    let mut length = None;
    for (at, argument) in arguments.iter().enumerate().skip(1) {
        let Value::List(items) = argument else {
            continue;
        };
        match length {
            Some((length, _)) if length == items.len() => {}
            None => length = Some((items.len(), at)),
            Some((length, first)) => {
                let message = text!(
                    en: "expected {expected} as in argument {first}, found {found}",
                    zh: "应与第 {first} 个参数一样有 {expected}，实际为 {found} 个",
                    expected = ELEMENT.count(length),
                    first = first + 1,
                    found = items.len(),
                );
                return Err(CallError::at(at, message));
            }
        }
    }
    let length = length.map_or(1, |(length, _)| length);
    fits(length)?;
    let (mut texts, mut total) = (Vec::with_capacity(length), 0);
    for turn in 0..length {
        spend(1 + pattern.len() / 256)?;
        let values: Vec<Value> = arguments
            .iter()
            .enumerate()
            .map(|(at, argument)| match argument {
                Value::List(items) if at > 0 => items[turn].clone(),
                other => other.clone(),
            })
            .collect();
        let mut formatted = String::new();
        write(&pattern, &values, &mut formatted)?;
        total += formatted.len();
        if total > LARGEST_VALUE {
            return Err(CallError::TooLarge);
        }
        texts.push(Value::from(formatted));
    }
    Ok(Value::list(texts))
}

fn write(pattern: &str, arguments: &[Value], formatted: &mut String) -> Result<(), CallError> {
    let mut characters = pattern.chars().peekable();
    let mut next = 1;
    let mut highest = 0;
    while let Some(c) = characters.next() {
        if c != '%' {
            formatted.push(c);
            continue;
        }
        let spec = spec(&mut characters)?;
        let verb = characters.next().ok_or_else(|| {
            let message = text!(
                en: "the format ends in an incomplete verb",
                zh: "格式以不完整的格式符结尾",
            );
            CallError::at(0, message).help(text!(
                en: "write `%%` for a percent sign",
                zh: "百分号写作 `%%`",
            ))
        })?;
        if verb == '%' {
            formatted.push('%');
            continue;
        }
        let at = spec.argument.unwrap_or(next);
        if at >= arguments.len() {
            let message = text!(
                en: "the format requires more values than were passed ({given})",
                zh: "格式所需的值多于传入的值（{given} 个）",
                given = arguments.len() - 1,
            );
            return Err(CallError::at(0, message));
        }
        push(formatted, &written(verb, &spec, arguments, at)?)?;
        highest = highest.max(at);
        next = at + 1;
    }
    if highest + 1 < arguments.len() {
        Err(CallError::at(
            highest + 1,
            text!(
             en: "the format does not use argument {at}",
             zh: "格式未使用第 {at} 个参数",
             at = highest + 2,
            ),
        ))
    } else {
        Ok(())
    }
}

fn spec(characters: &mut Peekable<Chars<'_>>) -> Result<Spec, CallError> {
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
    if characters.next_if_eq(&'[').is_some() {
        let at = count(characters)?.filter(|at| *at > 0);
        if at.is_none() || characters.next_if_eq(&']').is_none() {
            let message = text!(
                en: "invalid argument index in the format",
                zh: "格式中的参数序号无效",
            );
            return Err(CallError::at(0, message).help(text!(
                en: "write `%[1]s` for the first value, `%[2]s` for the second",
                zh: "第 1 个值写作 `%[1]s`，第 2 个写作 `%[2]s`",
            )));
        }
        spec.argument = at;
    }
    Ok(spec)
}

fn count(characters: &mut Peekable<Chars<'_>>) -> Result<Option<usize>, CallError> {
    let mut count = None;
    while let Some(digit) = characters.peek().and_then(|c| c.to_digit(10)) {
        characters.next();
        let next = count.unwrap_or(0) * 10 + digit as usize;
        if next > WIDEST {
            return Err(CallError::at(
                0,
                text!(
                 en: "a width in the format must be at most {most}",
                 zh: "格式中的宽度不能超过 {most}",
                 most = WIDEST,
                ),
            ));
        }
        count = Some(next);
    }
    Ok(count)
}

fn written(verb: char, spec: &Spec, arguments: &[Value], at: usize) -> Result<String, CallError> {
    let value = &arguments[at];
    Ok(match verb {
        'v' => padded(as_it_is(value, spec), spec),
        's' => padded(cut(&text(arguments, at)?, spec), spec),
        'q' => {
            let cut = cut(&text(arguments, at)?, spec);
            padded(json::encoded(&Value::from(cut)), spec)
        }
        't' => match as_truth(value) {
            // Terraform does not pad it either.
            Some(truth) => truth.to_string(),
            None => return Err(expected(at, &BOOLEAN, value)),
        },
        'd' | 'b' | 'o' | 'x' | 'X' => integer(verb, whole(arguments, at)?, spec),
        'e' | 'E' | 'f' | 'g' | 'G' => float(verb, number(arguments, at)?, spec),
        other => {
            let message = text!(
                en: "unknown verb `%{verb}` in the format",
                zh: "格式中有未知的格式符 `%{verb}`",
                verb = other,
            );
            return Err(CallError::at(0, message).help(text!(
                en: "supported verbs: `%s`, `%d`, `%f`, `%e`, `%g`, `%v`, `%q`, `%t`, `%x`, `%o`, and `%b`",
                zh: "支持的格式符：`%s`、`%d`、`%f`、`%e`、`%g`、`%v`、`%q`、`%t`、`%x`、`%o` 和 `%b`",
            )));
        }
    })
}

/// Formats text as it is, a number in its shortest form, all else as JSON.
fn as_it_is(value: &Value, spec: &Spec) -> String {
    match value {
        Value::String(text) if !spec.alternate => text.to_string(),
        Value::Number(number) if !spec.alternate => {
            let sign = if is_negative(*number) { "-" } else { "" };
            format!("{sign}{}", general(&Digits::of(*number), None, 'e'))
        }
        other => json::encoded(other),
    }
}

fn cut(text: &str, spec: &Spec) -> String {
    match spec.precision {
        Some(most) => text.graphemes(true).take(most).collect(),
        None => text.to_owned(),
    }
}

fn integer(verb: char, number: i64, spec: &Spec) -> String {
    let size = number.unsigned_abs();
    let (prefix, mut digits) = match verb {
        'b' => ("0b", format!("{size:b}")),
        'o' => ("0", format!("{size:o}")),
        'x' => ("0x", format!("{size:x}")),
        'X' => ("0X", format!("{size:X}")),
        _ => ("", size.to_string()),
    };
    if let Some(least) = spec.precision {
        digits.insert_str(0, &"0".repeat(least.saturating_sub(digits.len())));
    }
    let prefix = if spec.alternate { prefix } else { "" };
    let zero = spec.zero && spec.precision.is_none();
    let number = SignedDigits {
        is_negative: number < 0,
        digits: format!("{prefix}{digits}"),
        prefix: prefix.len(),
        pads_with_zeros: zero,
    };
    number.written(spec)
}

fn float(verb: char, number: Number, spec: &Spec) -> String {
    let size = Digits::of(number);
    let places = spec.precision.unwrap_or(6);
    let digits = match verb {
        'f' => size.fixed(places),
        'e' | 'E' => exponent(&size.scientific(Some(places)), verb),
        'G' => general(&size, spec.precision, 'E'),
        _ => general(&size, spec.precision, 'e'),
    };
    let number = SignedDigits {
        is_negative: is_negative(number),
        digits,
        prefix: 0,
        pads_with_zeros: spec.zero,
    };
    number.written(spec)
}

fn is_negative(number: Number) -> bool {
    number < Number::from(0)
}

/// Formats `1e7` as `1e+07`.
fn exponent(written: &str, letter: char) -> String {
    let (digits, power) = written.split_once('e').unwrap_or((written, "0"));
    let (sign, power) = match power.strip_prefix('-') {
        Some(power) => ('-', power),
        None => ('+', power),
    };
    format!("{digits}{letter}{sign}{power:0>2}")
}

/// Formats a number with an exponent if it is very large or very small, and without otherwise.
fn general(number: &Digits, precision: Option<usize>, letter: char) -> String {
    // A number of digits, or all of them.
    let written = number.scientific(precision.map(|digits| digits.max(1) - 1));
    let (mantissa, power) = written.split_once('e').unwrap_or((&written, "0"));
    let mantissa = if mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    let power: i32 = power.parse().unwrap_or(0);
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    let limit = match precision {
        None => 6,
        Some(given) if given > digits && i32::try_from(digits).is_ok_and(|it| it > power) => digits,
        Some(given) => given.max(1),
    };
    if power < -4 || i32::try_from(limit).is_ok_and(|limit| power >= limit) {
        return exponent(&format!("{mantissa}e{power}"), letter);
    }
    plain(mantissa, power)
}

/// The digits of a number, not yet signed and as wide as they are.
struct SignedDigits {
    is_negative: bool,
    digits: String,
    /// The number of bytes of the digits that are the prefix of their base.
    prefix: usize,
    pads_with_zeros: bool,
}

impl SignedDigits {
    /// Formats the number with its sign, and zeros between it and the digits up to the width.
    fn written(self, spec: &Spec) -> String {
        let sign = if self.is_negative {
            "-"
        } else if spec.plus {
            "+"
        } else if spec.space {
            " "
        } else {
            ""
        };
        let digits = self.digits;
        let missing = spec.width.saturating_sub(sign.len() + digits.len());
        if spec.left {
            format!("{sign}{digits}{}", " ".repeat(missing))
        } else if self.pads_with_zeros {
            let (prefix, digits) = digits.split_at(self.prefix);
            format!("{sign}{prefix}{}{digits}", "0".repeat(missing))
        } else {
            format!("{}{sign}{digits}", " ".repeat(missing))
        }
    }
}

fn padded(body: String, spec: &Spec) -> String {
    let missing = spec.width.saturating_sub(body.graphemes(true).count());
    let pad = if spec.zero { "0" } else { " " }.repeat(missing);
    if spec.left { body + &pad } else { pad + &body }
}
