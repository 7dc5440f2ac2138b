//! Decimal numbers, for example vCPUs and GiB.

use std::fmt;

use eci_text::messages;
use serde::{Deserialize, Serialize, Serializer};

/// A finite number, sent as short as it is: `1` rather than `1.0`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "f64")]
pub struct Decimal(f64);

/// A number that JSON cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub struct NonFiniteError(f64);

messages! { NonFiniteError:
    NonFiniteError(number) =>
        en("expected a finite number, found {number}"),
        zh("应为有限数值，实际为 {number}");
}

/// Integers below this, 2⁵³, are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Decimal {
    /// Returns the number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Decimal {
    type Error = NonFiniteError;

    fn try_from(number: f64) -> Result<Decimal, NonFiniteError> {
        if number.is_finite() {
            Ok(Decimal(number))
        } else {
            Err(NonFiniteError(number))
        }
    }
}

impl From<i32> for Decimal {
    fn from(number: i32) -> Decimal {
        Decimal(f64::from(number))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < EXACT {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_sent_without_a_fraction() {
        let sent = |text: &str| {
            let number: Decimal = serde_json::from_str(text).unwrap();
            serde_json::to_string(&number).unwrap()
        };
        assert_eq!(sent("1.0"), "1");
        assert_eq!(sent("2"), "2");
        assert_eq!(sent("0.25"), "0.25");
        assert_eq!(sent("1e300"), "1e+300");
        assert!(Decimal::try_from(f64::NAN).is_err());
    }
}
