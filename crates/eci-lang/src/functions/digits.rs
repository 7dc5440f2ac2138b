//! The decimal digits of a number as it is written, for verbs that write them in another form.
//!
//! A number is the decimal that it is written as: its output has no invented digit, and loses none
//! that is requested.

use std::cmp::Ordering;

use eci_core::Number;

/// A number without its sign: `d.ddd` times ten to the power.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    /// At least one, the first of them not 0 unless it is the only one.
    digits: Vec<u8>,
    power: i64,
}

impl Digits {
    pub(super) fn of(number: Number) -> Digits {
        let written = number.to_string();
        let written = written.trim_start_matches('-');
        let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let zeros = all.len() - digits.len();
        match digits.trim_end_matches('0') {
            "" => Digits {
                digits: vec![b'0'],
                power: 0,
            },
            trimmed => Digits {
                digits: trimmed.into(),
                power: signed(whole.len()) - 1 - signed(zeros),
            },
        }
    }

    /// Returns `12.340` with three places after the point.
    pub(super) fn fixed(&self, places: usize) -> String {
        let count = self.power + 1 + signed(places);
        let mut digits = match usize::try_from(count) {
            Ok(count) => self.rounded(count),
            Err(_) => Vec::new(),
        };
        while digits.len() <= places {
            digits.insert(0, b'0');
        }
        let point = digits.len() - places;
        with_point(&digits, point)
    }

    /// Returns `1.234e1`: with a number of digits after the point, or with all of them.
    pub(super) fn scientific(&self, places: Option<usize>) -> String {
        let count = places.map_or(self.digits.len(), |places| places + 1);
        let mut digits = self.rounded(count);
        let carried = digits.len() - count;
        digits.truncate(count);
        let power = self.power + signed(carried);
        format!("{}e{power}", with_point(&digits, 1))
    }

    /// Returns the first digits, with zeros where there are fewer; one more where the last one
    /// carries over to a further place in front.
    fn rounded(&self, count: usize) -> Vec<u8> {
        let mut kept: Vec<u8> = self.digits.iter().copied().take(count).collect();
        kept.resize(count, b'0');
        let rest = self.digits.get(count..).unwrap_or_default();
        let is_odd = kept.last().is_some_and(|last| last % 2 == 1);
        let is_up = match rest.first().map(|first| first.cmp(&b'5')) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => rest.len() > 1 || is_odd,
            Some(Ordering::Less) | None => false,
        };
        if !is_up {
            return kept;
        }
        for digit in kept.iter_mut().rev() {
            if *digit != b'9' {
                *digit += 1;
                return kept;
            }
            *digit = b'0';
        }
        kept.insert(0, b'1');
        kept
    }
}

/// Returns a number in the form of [`Digits::scientific`] without an exponent.
pub(super) fn plain(mantissa: &str, power: i32) -> String {
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    match usize::try_from(power) {
        Ok(power) => {
            let mut digits = digits;
            digits.resize(digits.len().max(power + 1), b'0');
            with_point(&digits, power + 1)
        }
        Err(_) => {
            let zeros = usize::try_from(-power).unwrap_or_default();
            let digits = [vec![b'0'; zeros], digits].concat();
            with_point(&digits, 1)
        }
    }
}

fn with_point(digits: &[u8], at: usize) -> String {
    let text = |digits: &[u8]| String::from_utf8_lossy(digits).into_owned();
    if digits.len() > at {
        format!("{}.{}", text(&digits[..at]), text(&digits[at..]))
    } else {
        text(digits)
    }
}

/// Converts a count to a signed number: no text has more characters than that.
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn digits(number: &str) -> Digits {
        Digits::of(Number::read(number).unwrap())
    }

    #[test]
    fn all_digits_are_written_and_rounded_once() {
        for (number, places, fixed, scientific) in [
            ("0", 0, "0", "0e0"),
            ("0", 2, "0.00", "0.00e0"),
            ("9007199254740993", 0, "9007199254740993", "9e15"),
            ("9223372036854775807", 1, "9223372036854775807.0", "9.2e18"),
            (
                "0.1",
                20,
                "0.10000000000000000000",
                "1.00000000000000000000e-1",
            ),
            ("2.25", 1, "2.2", "2.2e0"),
            ("9.996", 2, "10.00", "1.00e1"),
            ("0.05", 0, "0", "5e-2"),
            ("0.5", 0, "0", "5e-1"),
            ("0.51", 0, "1", "5e-1"),
            ("0.001", 2, "0.00", "1.00e-3"),
            ("1000", 0, "1000", "1e3"),
        ] {
            let digits = digits(number);
            assert_eq!(digits.fixed(places), fixed, "{number}");
            assert_eq!(digits.scientific(Some(places)), scientific, "{number}");
        }
        let all = digits("9007199254740993").scientific(None);
        assert_eq!(all, "9.007199254740993e15");
    }

    #[test]
    fn an_exponent_is_expanded() {
        assert_eq!(plain("9.007199254740993", 15), "9007199254740993");
        assert_eq!(plain("1.5", 0), "1.5");
        assert_eq!(plain("1", 3), "1000");
        assert_eq!(plain("1.25", -2), "0.0125");
    }
}
