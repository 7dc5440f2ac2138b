//! Lengths of time as they are written on the command line, in manifests and in expressions.

use std::time::Duration;

const MILLISECOND: i128 = 1_000_000;
const SECOND: i128 = 1000 * MILLISECOND;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;

/// Units with their nanoseconds, from the longest to the shortest.
const COMMAND_LINE: &[Unit] = &[
    Unit::new("h", HOUR),
    Unit::new("m", MINUTE),
    Unit::new("s", SECOND),
    Unit::new("ms", MILLISECOND),
];
const MANIFEST: &[Unit] = &[
    Unit::new("d", 24 * HOUR),
    Unit::new("h", HOUR),
    Unit::new("m", MINUTE),
    Unit::new("s", SECOND),
];
const GO: &[Unit] = &[
    Unit::new("h", HOUR),
    Unit::new("m", MINUTE),
    Unit::new("s", SECOND),
    Unit::new("ms", MILLISECOND),
    // The second is written with the micro sign, the third with the Greek letter.
    Unit::new("us", 1000),
    Unit::new("\u{b5}s", 1000),
    Unit::new("\u{3bc}s", 1000),
    Unit::new("ns", 1),
];

/// A unit of time.
struct Unit {
    name: &'static str,
    nanoseconds: i128,
}

impl Unit {
    const fn new(name: &'static str, nanoseconds: i128) -> Unit {
        Unit { name, nanoseconds }
    }
}

/// One amount with its unit.
struct Part<'a> {
    amount: &'a str,
    unit: &'a str,
}

/// Reads `90s`, `10m`, `1h30m`, `500ms`; `0` for not at all.
///
/// ```
/// use std::time::Duration;
///
/// let read = eci_core::duration::on_command_line("1h30m");
/// assert_eq!(read, Some(Duration::from_secs(5400)));
/// ```
pub fn on_command_line(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = 0;
    for part in parts(text)? {
        total += whole(part.amount)? * unit(COMMAND_LINE, part.unit)?.nanoseconds;
    }
    // More cannot be added to a time.
    u64::try_from(total / MILLISECOND)
        .ok()
        .map(Duration::from_millis)
}

/// Reads `"90s"`, `"20m"`, `"1h30m"` or `"1d"`: integers, each with a unit, the longer unit first.
pub fn in_manifest(text: &str) -> Option<Duration> {
    let mut units = MANIFEST;
    let mut total = 0;
    for part in parts(text.trim())? {
        let at = units.iter().position(|unit| unit.name == part.unit)?;
        total += whole(part.amount)? * units[at].nanoseconds;
        units = &units[at + 1..];
    }
    u64::try_from(total / SECOND).ok().map(Duration::from_secs)
}

/// Reads a duration as Go writes it, in nanoseconds: `1h30m`, `-1.5s`, `0`.
pub fn nanoseconds_in_go(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    for part in parts(unsigned)? {
        let nanoseconds = unit(GO, part.unit)?.nanoseconds;
        total = total.checked_add(decimal(part.amount, nanoseconds)?)?;
    }
    i64::try_from(if text.starts_with('-') { -total } else { total }).ok()
}

/// Splits a text into amounts with their units; none if it is empty or anything else.
fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let is_amount = |c: char| c.is_ascii_digit() || c == '.';
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (amount, behind) = rest.split_at(rest.find(|c| !is_amount(c))?);
        let end = behind.find(is_amount).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        parts.push(Part { amount, unit });
        rest = behind;
    }
    (!parts.is_empty()).then_some(parts)
}

fn unit<'a>(units: &'a [Unit], name: &str) -> Option<&'a Unit> {
    units.iter().find(|unit| unit.name == name)
}

fn whole(amount: &str) -> Option<i128> {
    amount.parse::<u64>().ok().map(i128::from)
}

/// Returns the nanoseconds of a decimal number of units.
fn decimal(amount: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    // A nanosecond is a smaller part of an hour than the digits beyond.
    let fraction = &fraction[..fraction.len().min(15)];
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let number = |digits: &str| match digits {
        "" => Some(0),
        digits => digits.parse::<i128>().ok(),
    };
    let nanoseconds = number(whole)?.checked_mul(unit)?;
    nanoseconds.checked_add(number(fraction)? * unit / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_on_the_command_line_have_units() {
        let seconds = |text| on_command_line(text).map(|time| time.as_secs_f64());
        assert_eq!(seconds("0"), Some(0.0));
        assert_eq!(seconds("500ms"), Some(0.5));
        assert_eq!(seconds("90s"), Some(90.0));
        assert_eq!(seconds("1h30m"), Some(5400.0));
        assert_eq!(seconds("30m1h"), Some(5400.0));
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
            "18446744073709551615h",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_in_manifests_are_read_as_they_are_spoken() {
        for (text, seconds) in [
            ("90s", 90),
            ("20m", 1200),
            (" 1h30m ", 5400),
            ("1d", 86_400),
            ("0s", 0),
        ] {
            let read = in_manifest(text);
            assert_eq!(read, Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn an_invalid_duration_in_a_manifest_is_refused() {
        for text in [
            "",
            "20",
            "m",
            "30m1h",
            "1h1h",
            "-1s",
            "1.5h",
            "20 m",
            "99999999999999999d",
        ] {
            assert_eq!(in_manifest(text), None, "{text:?}");
        }
    }

    #[test]
    fn durations_in_go_have_signs_and_decimals() {
        for (text, nanoseconds) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("1.5s", Some(1_500_000_000)),
            ("-1h30m", Some(-5_400_000_000_000)),
            ("+.5ms", Some(500_000)),
            ("1.us", Some(1000)),
            ("2\u{b5}s", Some(2000)),
            ("2\u{3bc}s3ns", Some(2003)),
            ("", None),
            ("-", None),
            ("5", None),
            ("--1s", None),
            (".s", None),
            ("1.2.3s", None),
            ("1d", None),
            ("99999999h", None),
        ] {
            assert_eq!(nanoseconds_in_go(text), nanoseconds, "{text:?}");
        }
    }
}
