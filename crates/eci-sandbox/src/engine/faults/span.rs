//! Spans of time in rules.

use std::time::Duration;

use serde::Deserialize as _;

/// Reads a span of time such as `"50ms"`, `"2s"` or `"1m"`.
pub(super) fn span<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(from)?;
    let split = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match (number.parse::<f64>(), unit.trim()) {
        (Ok(number), "ms") => Some(number / 1000.0),
        (Ok(number), "s") => Some(number),
        (Ok(number), "m") => Some(number * 60.0),
        _ => None,
    };
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .map(Some)
        .ok_or_else(|| {
            serde::de::Error::custom(format!(
                "{text:?} is no span of time; write it as \"50ms\" or \"2s\""
            ))
        })
}
