//! Sums and products of decimal numbers as they are written: 0.1 + 0.2 is 0.3.
//!
//! Numbers with a fraction are 64-bit floats, which have no exact tenth. An operation therefore
//! takes its operands as the decimals that they are written as, and what comes out is rounded
//! once, to the float nearest to it.

use eci_core::Number;
use hcl_edit::expr::BinaryOperator;

/// A number in decimal: `digits` divided by ten to the `scale`.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    scale: u32,
}

/// Further digits behind the point are of no use to anyone who describes container groups.
const DEEPEST: u32 = 30;

impl Decimal {
    fn of(number: Number) -> Option<Decimal> {
        let written = number.to_string();
        let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
        let scale = u32::try_from(fraction.len())
            .ok()
            .filter(|it| *it <= DEEPEST)?;
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Decimal { digits, scale })
    }

    /// Returns its digits at a larger scale.
    fn at(self, scale: u32) -> Option<i128> {
        10i128
            .checked_pow(scale.checked_sub(self.scale)?)
            .and_then(|factor| self.digits.checked_mul(factor))
    }

    /// Returns the number; none if it has more digits than can be kept.
    fn number(self) -> Option<Number> {
        Number::rounded(&format!("{}e-{}", self.digits, self.scale)).ok()
    }
}

/// Returns the result of an operation: `None` where the digits are too many for decimals, and
/// `Some(None)` where the result has more than can be kept. The right side is not 0.
pub(super) fn calculate(
    operator: BinaryOperator,
    left: Number,
    right: Number,
) -> Option<Option<Number>> {
    let (left, right) = (Decimal::of(left)?, Decimal::of(right)?);
    let scale = left.scale.max(right.scale);
    let digits = match operator {
        BinaryOperator::Plus => left.at(scale)?.checked_add(right.at(scale)?)?,
        BinaryOperator::Minus => left.at(scale)?.checked_sub(right.at(scale)?)?,
        BinaryOperator::Mod => left.at(scale)?.checked_rem(right.at(scale)?)?,
        BinaryOperator::Mul => {
            let digits = left.digits.checked_mul(right.digits)?;
            let scale = left.scale + right.scale;
            return Some(Decimal { digits, scale }.number());
        }
        BinaryOperator::Div => return divide(left.at(scale)?, right.at(scale)?),
        _ => return None,
    };
    Some(Decimal { digits, scale }.number())
}

fn divide(left: i128, right: i128) -> Option<Option<Number>> {
    let (whole, rest) = (left.checked_div(right)?, left.checked_rem(right)?);
    if rest == 0 {
        let quotient = Decimal {
            digits: whole,
            scale: 0,
        };
        return Some(quotient.number());
    }
    // Exact in binary, as far as they go, and so rounded once.
    const EXACT: i128 = 1 << 53;
    // From here on a float has no digit behind the point, and would lose one in front of it.
    const WHOLE: i128 = 1 << 52;
    let is_exact = |number: i128| number.abs() <= EXACT;
    Some(
        match (whole.abs() < WHOLE, is_exact(left) && is_exact(right)) {
            (true, true) => Number::from_f64(left as f64 / right as f64),
            // The digits in front of the point stay.
            (true, false) => Number::from_f64(whole as f64 + rest as f64 / right as f64),
            (false, _) => None,
        },
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn calculated(left: &str, operator: BinaryOperator, right: &str) -> String {
        let number = |text| Number::parse(text).unwrap();
        let result = calculate(operator, number(left), number(right)).unwrap();
        result.unwrap().to_string()
    }

    #[test]
    fn tenths_are_exact() {
        assert_eq!(calculated("0.1", BinaryOperator::Plus, "0.2"), "0.3");
        assert_eq!(calculated("0.3", BinaryOperator::Minus, "0.1"), "0.2");
        assert_eq!(calculated("0.3", BinaryOperator::Div, "0.1"), "3");
        assert_eq!(calculated("1.1", BinaryOperator::Mul, "1.1"), "1.21");
        assert_eq!(calculated("5.5", BinaryOperator::Mod, "0.2"), "0.1");
        assert_eq!(calculated("-0.5", BinaryOperator::Plus, "0.5"), "0");
    }

    #[test]
    fn what_has_too_many_digits_is_left_to_floats() {
        let number = |float| Number::from_f64(float).unwrap();
        let (large, small) = (number(1e300), number(1e-300));
        assert_eq!(calculate(BinaryOperator::Plus, large, small), None);
        assert_eq!(calculate(BinaryOperator::Mul, large, large), None);
    }
}
