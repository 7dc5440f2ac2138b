//! Numbers: whole ones exact, others as 64-bit floats, one form for each.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A finite number. A float that is a whole number of at most 53 bits is held as an integer,
/// so that equal numbers have one form.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A number with a fraction, or beyond the integers' range.
    Float(f64),
}

/// Below this, every whole float is an exact integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Number {
    /// The number in its one form; `None` for what is not finite.
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

    /// The number as a float; integers beyond 53 bits lose their last digits.
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(number) => number as f64,
            Number::Float(number) => number,
        }
    }

    /// The number, if it is whole and fits.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Number::Int(number) => Some(number),
            Number::Float(_) => None,
        }
    }

    /// Reads a decimal number as the manifest language writes it.
    pub fn parse(text: &str) -> Option<Number> {
        if let Ok(whole) = text.parse::<i64>() {
            return Some(Number::Int(whole));
        }
        let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
        if text.is_empty() || !text.chars().all(digits) {
            return None;
        }
        text.parse::<f64>().ok().and_then(Number::from_f64)
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
    fn numbers_are_written_without_a_needless_fraction() {
        assert_eq!(Number::from_f64(4.0).unwrap().to_string(), "4");
        assert_eq!(Number::from_f64(0.25).unwrap().to_string(), "0.25");
    }

    #[test]
    fn what_is_not_finite_is_no_number() {
        assert_eq!(Number::from_f64(f64::NAN), None);
        assert_eq!(Number::from_f64(f64::INFINITY), None);
    }
}
