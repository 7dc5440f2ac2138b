//! Lengths of time on the command line.

use std::time::Duration;

use eci_core::duration;
use eci_text::{Message, text};

/// Reads `90s`, `10m`, `1h30m`, `500ms`; `0` for not at all.
pub(crate) fn parse(text: &str) -> Result<Duration, Message> {
    duration::on_command_line(text).ok_or_else(|| {
        Message::new(text!(
            en: "expected a duration, for example 30s, 10m or 1h30m",
            zh: "应为时长，例如 30s、10m 或 1h30m",
        ))
    })
}
