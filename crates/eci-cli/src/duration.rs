//! Lengths of time on the command line.

use std::time::Duration;

use eci_core::duration;

/// Reads `90s`, `10m`, `1h30m`, `500ms`; `0` for not at all.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    duration::on_command_line(text)
        .ok_or_else(|| format!("`{text}` is no length of time; write it like 30s, 10m or 1h30m"))
}
