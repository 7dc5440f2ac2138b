//! Spans of time in rules.

use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize as _;

/// Reads a span of time, for example `"50ms"`, `"2s"` or `"1m"`.
pub(super) fn span<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(from)?;
    let span: Option<SignedDuration> = text.parse().ok();
    span.and_then(|span| Duration::try_from(span).ok())
        .map(Some)
        .ok_or_else(|| {
            serde::de::Error::custom(format!(
                "invalid duration {text:?}; supported are, for example, \"50ms\" and \"2s\""
            ))
        })
}
