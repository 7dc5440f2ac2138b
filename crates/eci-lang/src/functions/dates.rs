//! Functions over points in time, which are written as in RFC 3339.

use eci_core::Value;
use eci_core::duration::nanoseconds_in_go;
use eci_text::{Text, text};
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::function::{
    Answer, CallError, FunctionRow, Implementation, quoted as in_quotes, row, text,
};

const OUT_OF_RANGE: Text = Text::fixed("the timestamp is out of range", "时间戳超出范围");

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "formatdate(format, time)",
        "A timestamp in a format, for example \"YYYY-MM-DD hh:mm:ss\".",
        "按格式输出的时间戳，例如 \"YYYY-MM-DD hh:mm:ss\"。",
        Implementation::Whole(formatdate),
    ),
    row(
        "timeadd(time, duration)",
        "A timestamp plus a duration, for example \"1h30m\" or \"-10m\".",
        "时间戳加上时长，例如 \"1h30m\" 或 \"-10m\"。",
        Implementation::Whole(timeadd),
    ),
    row(
        "timecmp(time, other)",
        "-1, 0 or 1: whether a timestamp is before, equal to or after another.",
        "时间戳早于、等于或晚于另一个时间戳：-1、0 或 1。",
        Implementation::Whole(timecmp),
    ),
];

/// A point in time as it is read from a clock, and how far that clock is from UTC.
#[derive(Clone, Copy)]
struct ClockTime {
    time: DateTime,
    offset: Offset,
}

impl ClockTime {
    fn parse(text: &str) -> Option<ClockTime> {
        let (date, rest) = text.split_once('T')?;
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let (time, fraction, zone) = match rest.find(['.', 'Z', '+', '-']) {
            Some(at) if rest[at..].starts_with('.') => {
                let after = &rest[at + 1..];
                let end = after.find(|c: char| !c.is_ascii_digit())?;
                (&rest[..at], &after[..end], &after[end..])
            }
            Some(at) => (&rest[..at], "0", &rest[at..]),
            None => return None,
        };
        let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
        if fraction.is_empty() || fraction.len() > 9 {
            return None;
        }
        let nanosecond = format!("{fraction:0<9}").parse().ok()?;
        let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
        let time = Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond).ok()?;
        Some(ClockTime {
            time: date.to_datetime(time),
            offset: offset(zone)?,
        })
    }

    fn timestamp(self) -> Option<Timestamp> {
        self.offset.to_timestamp(self.time).ok()
    }

    fn written(self) -> String {
        let (date, time) = (self.time.date(), self.time.time());
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second(),
            self.zone()
        )
    }

    /// Writes the zone: `Z`, or `+08:00`.
    fn zone(self) -> String {
        match self.offset.seconds() {
            0 => "Z".to_owned(),
            _ => self.signed_zone(":"),
        }
    }

    fn signed_zone(self, between: &str) -> String {
        let minutes = self.offset.seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let minutes = minutes.abs();
        format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
    }
}

fn small(number: i32) -> Option<i8> {
    i8::try_from(number).ok()
}

/// Numbers of given digit counts.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[i32; N]> {
    let mut found = [0; N];
    let mut parts = text.split(between);
    for (found, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *found = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

fn offset(zone: &str) -> Option<Offset> {
    if zone == "Z" {
        return Some(Offset::UTC);
    }
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let [hours, minutes] = numbers(&zone[1..], ':', [2, 2])?;
    if hours > 24 || minutes >= 60 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

fn clock(arguments: &[Value], at: usize) -> Result<ClockTime, CallError> {
    let text = text(arguments, at)?;
    ClockTime::parse(&text).ok_or_else(|| {
        CallError::at(
            at,
            text!(
                en: "expected a timestamp, for example \"2026-01-31T09:30:00Z\", found {found}",
                zh: "应为时间戳（例如 \"2026-01-31T09:30:00Z\"），实际为 {found}",
                found = in_quotes(&text),
            ),
        )
        .help(text!(
            en: "write date, time, and offset as in RFC 3339",
            zh: "按照 RFC 3339 写出日期、时间和时区偏移",
        ))
    })
}

fn timestamp(arguments: &[Value], at: usize) -> Result<Timestamp, CallError> {
    let far = || CallError::at(at, OUT_OF_RANGE);
    clock(arguments, at)?.timestamp().ok_or_else(far)
}

fn timecmp(arguments: &[Value]) -> Answer {
    let (left, right) = (timestamp(arguments, 0)?, timestamp(arguments, 1)?);
    Ok(Value::from(left.cmp(&right) as i64))
}

fn timeadd(arguments: &[Value]) -> Answer {
    let (clock, written) = (clock(arguments, 0)?, text(arguments, 1)?);
    let duration = nanoseconds_in_go(&written).map(SignedDuration::from_nanos);
    let duration = duration.ok_or_else(|| {
        let message = text!(
            en: "expected a duration, for example \"1h30m\", \"-10m\", or \"1.5s\", found {found}",
            zh: "应为时长（例如 \"1h30m\"、\"-10m\" 或 \"1.5s\"），实际为 {found}",
            found = in_quotes(&written),
        );
        CallError::at(1, message)
    })?;
    let later = clock
        .time
        .checked_add(duration)
        .map_err(|_| CallError::at(1, OUT_OF_RANGE))?;
    let later = ClockTime {
        time: later,
        ..clock
    };
    Ok(Value::from(later.written()))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn formatdate(arguments: &[Value]) -> Answer {
    let (pattern, clock) = (text(arguments, 0)?, clock(arguments, 1)?);
    let mut written = String::new();
    let mut rest = &*pattern;
    while let Some(first) = rest.chars().next() {
        // Two quotes are one, outside of text as in it.
        if let Some(after) = rest.strip_prefix("''") {
            written.push('\'');
            rest = after;
            continue;
        }
        if first == '\'' {
            rest = quoted(&rest[1..], &mut written)?;
            continue;
        }
        let end = rest.find(|c| c != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        if first.is_ascii_alphabetic() {
            written.push_str(&part(run, clock).ok_or_else(|| {
                let message = text!(
                    en: "unknown date format {run}",
                    zh: "未知的日期格式 {run}",
                    run = in_quotes(run),
                );
                CallError::at(0, message).help(text!(
                    en: "put literal text in single quotes, for example 'at'",
                    zh: "将普通文本放在单引号中，例如 'at'",
                ))
            })?)
        } else {
            written.push_str(run)
        }
    }
    Ok(Value::from(written))
}

/// Writes text in single quotes, `''` being one of them, and returns the rest after it.
fn quoted<'p>(mut rest: &'p str, written: &mut String) -> Result<&'p str, CallError> {
    loop {
        let Some((text, after)) = rest.split_once('\'') else {
            return Err(CallError::at(
                0,
                text!(
                 en: "unclosed single quote",
                 zh: "单引号未闭合",
                ),
            ));
        };
        written.push_str(text);
        match after.strip_prefix('\'') {
            Some(after) => {
                written.push('\'');
                rest = after;
            }
            None => return Ok(after),
        }
    }
}

/// Returns the meaning of a run of one letter.
fn part(run: &str, clock: ClockTime) -> Option<String> {
    let (date, time) = (clock.time.date(), clock.time.time());
    let month = usize::try_from(date.month() - 1)
        .ok()
        .and_then(|at| MONTHS.get(at))?;
    let noon = (time.hour() + 11) % 12 + 1;
    Some(match run {
        "YYYY" => format!("{:04}", date.year()),
        "YY" => format!("{:02}", date.year() % 100),
        "MMMM" => (*month).to_owned(),
        "MMM" => month[..3].to_owned(),
        "MM" => format!("{:02}", date.month()),
        "M" => date.month().to_string(),
        "DD" => format!("{:02}", date.day()),
        "D" => date.day().to_string(),
        "EEEE" => weekday(date.weekday()).to_owned(),
        "EEE" => weekday(date.weekday())[..3].to_owned(),
        "hh" => format!("{:02}", time.hour()),
        "h" => time.hour().to_string(),
        "HH" => format!("{noon:02}"),
        "H" => noon.to_string(),
        "AA" => if time.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        "aa" => if time.hour() < 12 { "am" } else { "pm" }.to_owned(),
        "mm" => format!("{:02}", time.minute()),
        "m" => time.minute().to_string(),
        "ss" => format!("{:02}", time.second()),
        "s" => time.second().to_string(),
        "ZZZZZ" => clock.signed_zone(":"),
        "ZZZZ" => clock.signed_zone(""),
        "ZZZ" if clock.offset == Offset::UTC => "UTC".to_owned(),
        "ZZZ" => clock.signed_zone(""),
        "Z" => clock.zone(),
        _ => return None,
    })
}

/// Returns a point in time of YAML, which may also be a day, as RFC 3339.
pub(super) fn of_yaml(text: &str) -> Option<String> {
    let (day, rest) = match text.find(['T', 't', ' ']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    // A month and a day may have one digit.
    let [year, month, day] = day.split('-').collect::<Vec<_>>().try_into().ok()?;
    let day = format!("{year}-{month:0>2}-{day:0>2}");
    let whole = match rest.chars().next() {
        None => format!("{day}T00:00:00Z"),
        Some('T' | 't') => format!("{day}T{}", &rest[1..]),
        Some(_) => format!("{day}T{}Z", &rest[1..]),
    };
    ClockTime::parse(&whole).map(ClockTime::written)
}
