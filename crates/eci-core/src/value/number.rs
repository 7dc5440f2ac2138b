//! Numbers: whole ones exact, others as 64-bit floats, one form for each.

use std::cmp::Ordering;
use std::fmt;

use eci_text::{Text, messages, text};

use serde::{Deserialize, Serialize};

/// A finite number.
///
/// A float that is an integer of at most 53 bits is held as an integer, so that equal numbers have
/// one form.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    /// An integer.
    Int(i64),
    /// A number with a fraction, or beyond the integers' range.
    Float(f64),
}

/// Up to this, every whole float is an exact integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// From here on, no float has a fraction: another number would lose all digits behind its point.
const WHOLE: f64 = 4_503_599_627_370_496.0;

impl Number {
    /// Returns the number in its one form; `None` for an infinite one and for one that is not a
    /// number.
    pub fn from_f64(number: f64) -> Option<Number> {
        if !number.is_finite() {
            return None;
        }
        if number.fract() == 0.0 && number.abs() <= EXACT {
            // In range by the test above.
            return Some(Number::Int(number as i64));
        }
        Some(Number::Float(number))
    }

    /// Returns the number as a float; integers beyond 53 bits lose their last digits.
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(number) => number as f64,
            Number::Float(number) => number,
        }
    }

    /// Returns the number, if it is whole and fits.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Number::Int(number) => Some(number),
            Number::Float(_) => None,
        }
    }

    /// Reads a decimal number as the manifest language writes it; `None` if it is none, or has
    /// more digits than can be kept.
    pub fn parse(text: &str) -> Option<Number> {
        Number::read(text).ok()
    }

    /// Reads a decimal number as the manifest language writes it.
    ///
    /// It is never rounded: the number of an account is another account's then, and a digit
    /// behind the point is intended.
    ///
    /// # Errors
    /// If the text is not a number, or one with more digits than can be kept.
    pub fn read(text: &str) -> Result<Number, NumberError> {
        let number = Number::rounded(text)?;
        if decimal(text) == decimal(&number.to_string()) {
            Ok(number)
        } else {
            Err(NumberError::TooManyDigits)
        }
    }

    /// Returns the number nearest to a decimal one that was computed or measured: about 16 digits
    /// count, and none in front of the point is lost.
    ///
    /// # Errors
    /// If the text is not a number, or one with more digits in front of the point than can be kept.
    pub fn rounded(text: &str) -> Result<Number, NumberError> {
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(Number::Int(whole));
        }
        let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
        let is_number = !text.is_empty() && text.chars().all(digits);
        let float = text.parse::<f64>().ok().filter(|_| is_number);
        let float = float.ok_or(NumberError::NotANumber)?;
        if let Some(whole) = whole(text) {
            return Ok(Number::Int(whole));
        }
        let number = Number::from_f64(float).ok_or(NumberError::TooLarge)?;
        let is_exact = || decimal(text) == decimal(&number.to_string());
        if float.abs() < WHOLE || is_exact() {
            Ok(number)
        } else {
            Err(NumberError::TooManyDigits)
        }
    }
}

/// A text that is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is not a number.
    NotANumber,
    /// The number is larger than any that can be represented.
    TooLarge,
    /// Its last digits would change.
    TooManyDigits,
}

messages! { NumberError:
    NumberError::NotANumber => en("invalid number"), zh("数值无效");
    NumberError::TooLarge => en("number out of range"), zh("数值超出范围");
    NumberError::TooManyDigits =>
        en("number has too many digits to be stored exactly"),
        zh("数值的位数过多，无法精确保存");
}

impl NumberError {
    /// Returns what to do about it.
    pub fn help(self) -> Option<Text> {
        match self {
            NumberError::NotANumber | NumberError::TooLarge => None,
            NumberError::TooManyDigits => Some(text!(
                en: "quote the number to keep it as a string",
                zh: "为数值加引号，保存为字符串",
            )),
        }
    }
}

/// Returns the integer that a text writes with a point or an exponent, if it is one that is
/// held as such.
fn whole(text: &str) -> Option<i64> {
    let (negative, digits, exponent) = decimal(text)?;
    // An exponent that is negative leaves digits behind the point.
    let zeros = usize::try_from(exponent).ok().filter(|zeros| *zeros < 20)?;
    let sign = if negative { "-" } else { "" };
    format!("{sign}{digits}{}", "0".repeat(zeros)).parse().ok()
}

/// Splits a decimal number into its sign, its digits without zeros around them, and the power of
/// ten that they are multiplied by.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let trimmed = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - trimmed.len()).ok()?;
    let places = i64::try_from(fraction.len()).ok()?;
    let exponent = exponent.parse::<i64>().ok()?.checked_sub(places)?;
    match trimmed {
        "" => Some((false, "0".to_owned(), 0)),
        trimmed => Some((negative, trimmed.to_owned(), exponent.checked_add(zeros)?)),
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Number {
        Number::Int(number)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(b)),
            (a, b) => a.as_f64().partial_cmp(&b.as_f64()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(number) => write!(f, "{number}"),
            Number::Float(number) => write!(f, "{number}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_the_number_it_writes() {
        assert_eq!(
            Number::parse("9007199254740993"),
            Some(Number::Int(9_007_199_254_740_993))
        );
        assert_eq!(Number::parse("2.50"), Some(Number::Float(2.5)));
        assert_eq!(Number::parse("2.0"), Some(Number::Int(2)));
        for not_a_number in ["", "inf", "NaN", "0x10", "1 ", "one"] {
            assert_eq!(Number::parse(not_a_number), None, "{not_a_number:?}");
        }
    }

    #[test]
    fn a_number_is_exact_or_an_error() {
        for (text, number) in [
            ("9007199254740993.0", "9007199254740993"),
            ("9223372036854775807", "9223372036854775807"),
            ("1e3", "1000"),
            ("1.5e1", "15"),
            ("-0", "0"),
            ("1e21", "1000000000000000000000"),
            ("0.12345678901234568", "0.12345678901234568"),
            ("0.10", "0.1"),
            ("1.5e-7", "0.00000015"),
            ("-0.0", "0"),
            ("4503599627370495.5", "4503599627370495.5"),
        ] {
            assert_eq!(Number::read(text).unwrap().to_string(), number, "{text}");
        }
        for text in [
            "9223372036854775808",
            "18446744073709551615",
            "12345678901234567890",
            "12345678901234567890.5",
            "9007199254740993.5",
            "4503599627370496.5",
            "123456789012345678901234567890e-5",
            "0.1234567890123456789",
            "123456789.123456789123456789",
            "0.10000000000000001",
            "1e-400",
        ] {
            assert_eq!(
                Number::read(text),
                Err(NumberError::TooManyDigits),
                "{text}"
            );
        }
        assert_eq!(Number::read("1e999"), Err(NumberError::TooLarge));
        assert_eq!(Number::read("one"), Err(NumberError::NotANumber));
    }

    #[test]
    fn what_was_computed_is_rounded_behind_the_point_alone() {
        let rounded = |text| Number::rounded(text).map(|number| number.to_string());
        assert_eq!(
            rounded("0.1234567890123456789"),
            Ok("0.12345678901234568".to_owned())
        );
        let too_many = Err(NumberError::TooManyDigits);
        assert_eq!(rounded("12345678901234567.5"), too_many);
    }

    #[test]
    fn numbers_are_written_without_a_needless_fraction() {
        assert_eq!(Number::from_f64(4.0).unwrap().to_string(), "4");
        assert_eq!(Number::from_f64(0.25).unwrap().to_string(), "0.25");
    }

    #[test]
    fn what_is_not_finite_is_not_a_number() {
        assert_eq!(Number::from_f64(f64::NAN), None);
        assert_eq!(Number::from_f64(f64::INFINITY), None);
    }
}
