//! The columns that a text takes on a terminal.

use unicode_width::UnicodeWidthStr;

/// Returns the number of columns that a text takes.
pub fn width(text: &str) -> usize {
    // Most is plain, and the function is called very often.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        text.len()
    } else {
        text.width()
    }
}

/// Returns a text without the colors that [`Style::paint`](super::style::Style::paint) gave it.
pub(crate) fn without_color(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}
