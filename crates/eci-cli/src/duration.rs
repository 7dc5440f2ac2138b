//! Lengths of time on the command line.

use std::time::Duration;

/// Reads `90s`, `10m`, `1h30m`, `500ms`; `0` for not at all.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let not_one = || format!("`{text}` is no length of time; write it like 30s, 10m or 1h30m");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .ok_or_else(not_one)?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let number: u64 = number.parse().map_err(|_| not_one())?;
        let millis = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(not_one()),
        };
        let part = number.checked_mul(millis).ok_or_else(not_one)?;
        total = total
            .checked_add(Duration::from_millis(part))
            .ok_or_else(not_one)?;
        rest = tail;
    }
    match text.is_empty() {
        true => Err(not_one()),
        false => Ok(total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_units() {
        let seconds = |text| parse(text).map(|time| time.as_secs_f64());
        assert_eq!(seconds("0"), Ok(0.0));
        assert_eq!(seconds("500ms"), Ok(0.5));
        assert_eq!(seconds("90s"), Ok(90.0));
        assert_eq!(seconds("1h30m"), Ok(5400.0));
        for wrong in [
            "",
            "5",
            "m",
            "5 m",
            "5d",
            "1h30",
            "-1s",
            "1.5h",
            "99999999999999999999s",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
