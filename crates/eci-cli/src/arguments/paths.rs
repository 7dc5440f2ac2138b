//! Paths on the command line.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use eci_text::{Message, text};

/// Parses a path that can be shown in one line of a message.
///
/// A control character in a name would end the line, or steer the terminal.
pub(super) fn plain_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        if path.to_string_lossy().chars().any(eci_text::is_hidden) {
            Err(Message::new(text!(
                en: "a path must not contain control characters",
                zh: "路径不能包含控制字符",
            )))
        } else {
            Ok(path)
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::arguments::Eci;

    #[test]
    fn a_path_with_a_line_break_is_refused() {
        let parses = |name: &str| Eci::try_parse_from(["eci", "plan", "--out", name]).is_ok();
        assert!(parses("网站 1.eciplan"));
        for name in ["a\nnote: b", "a\u{1b}[2J", "a\u{202e}b"] {
            assert!(!parses(name), "{name:?}");
        }
    }
}
