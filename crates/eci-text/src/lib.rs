//! Text from outside, made safe for each format that it is written in.
//!
//! Names, notes, file names and whatever the cloud answers were written by others. A terminal obeys
//! escape sequences, a reader is misled by bidirectional controls, and a line break ends a line of
//! a log, a row of a table or a comment. Here is one function for each format:
//!
//! | format | function |
//! |---|---|
//! | one line of a terminal, of a log | [`line()`] |
//! | text of several lines, for example a log | [`lines()`] |
//! | text that has colors of ours | [`painted()`] |
//! | Markdown | [`markdown()`], [`markdown_code()`] |
//! | HTML | [`html()`] |
//! | a JSON document | [`json()`] |
//! | a string of TOML | [`toml()`] |
//! | commands of a workflow | [`workflow()`], [`workflow_property()`] |
//! | a URL, whose user and password nothing may repeat | [`UrlParts`] |
//!
//! ```
//! assert_eq!(eci_text::line("web\u{1b}[2J\nb"), r"web\u{1b}[2J\nb");
//! ```
//!
//! The messages of eci itself are values in all languages: see [`Text`] and [`text!`].

mod lang;
mod library_error;
mod markup;
mod message;
mod noun;
mod os_error;
#[doc(hidden)]
pub mod typography;
mod url;

use std::borrow::Cow;

pub use lang::Lang;
pub use markup::{html, markdown, markdown_code, workflow, workflow_property};
pub use message::{FixedText, In, Localize, Message, Text, Verbatim};
pub use noun::{Count, List, Noun, SECOND, Spaced};
pub use url::UrlParts;

/// Returns whether a character moves the cursor, ends a line, or changes the direction of reading.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// Returns one line for people: invisible characters are written as escapes, a tab as spaces.
pub fn line(text: &str) -> Cow<'_, str> {
    rewritten(text, |character| match character {
        '\t' => Some("    ".into()),
        hidden if is_hidden(hidden) => Some(escape(hidden)),
        _ => None,
    })
}

/// Returns text of several lines for people, escaped as by [`line()`] except for line ends and
/// tabs, which stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        Cow::Owned(keeping_lines(&text.replace("\r\n", "\n")).into_owned())
    } else {
        keeping_lines(text)
    }
}

fn keeping_lines(text: &str) -> Cow<'_, str> {
    rewritten(text, |character| {
        let is_unsafe = is_hidden(character) && !matches!(character, '\n' | '\t');
        is_unsafe.then(|| escape(character))
    })
}

/// Returns text of several lines whose colors (SGR sequences) stay, and nothing else that a
/// terminal obeys.
///
/// The last step before text for people is written, so that what is missed
/// elsewhere still cannot move the cursor.
pub fn painted(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut pieces = text.split('\u{1b}');
    safe.push_str(&lines(pieces.next().unwrap_or_default()));
    for piece in pieces {
        match color(piece) {
            Some(end) => {
                safe.push('\u{1b}');
                safe.push_str(&piece[..end]);
                safe.push_str(&lines(&piece[end..]));
            }
            None => {
                safe.push_str(&escape('\u{1b}'));
                safe.push_str(&lines(piece));
            }
        }
    }
    Cow::Owned(safe)
}

/// Returns the end of `[31m` at the beginning of a text.
fn color(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix('[')?;
    let end = parameters.find(|it: char| !it.is_ascii_digit() && it != ';')?;
    parameters[end..].starts_with('m').then_some(end + 2)
}

/// Returns a JSON document in which nothing is hidden: JSON itself escapes less than a terminal
/// obeys.
pub fn json(document: &str) -> Cow<'_, str> {
    rewritten(document, |character| {
        // Outside of strings a document has line ends, and no other hidden character.
        let is_unsafe = is_hidden(character) && character != '\n';
        is_unsafe.then(|| format!("\\u{:04x}", u32::from(character)).into())
    })
}

/// Writes a string of TOML in double quotes.
pub fn toml(text: &str) -> String {
    let escaped = rewritten(text, |character| match character {
        '"' => Some("\\\"".into()),
        '\\' => Some("\\\\".into()),
        '\n' => Some("\\n".into()),
        '\r' => Some("\\r".into()),
        '\t' => Some("\\t".into()),
        hidden if is_hidden(hidden) => Some(format!("\\u{:04x}", u32::from(hidden)).into()),
        _ => None,
    });
    format!("\"{escaped}\"")
}

fn escape(hidden: char) -> Cow<'static, str> {
    match hidden {
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        other => other.escape_unicode().to_string().into(),
    }
}

/// Replaces the characters for which `change` returns others; most texts have none.
fn rewritten(text: &str, change: impl Fn(char) -> Option<Cow<'static, str>>) -> Cow<'_, str> {
    let mut safe = String::new();
    let mut kept = 0;
    for (at, character) in text.char_indices() {
        if let Some(other) = change(character) {
            safe.push_str(&text[kept..at]);
            safe.push_str(&other);
            kept = at + character.len_utf8();
        }
    }
    match kept {
        0 => Cow::Borrowed(text),
        kept => {
            safe.push_str(&text[kept..]);
            Cow::Owned(safe)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOSTILE: &str = "a\u{1b}[2J\u{1b}[31mred\u{9b}1A\u{202e}b\r\nc\td\u{2028}e\u{7f}";

    #[test]
    fn a_line_stays_one_and_steers_no_terminal() {
        assert_eq!(line("plain 名 👩‍🚀"), "plain 名 👩‍🚀");
        assert_eq!(
            line(HOSTILE),
            r"a\u{1b}[2J\u{1b}[31mred\u{9b}1A\u{202e}b\r\nc    d\u{2028}e\u{7f}"
        );
    }

    #[test]
    fn text_keeps_its_lines_and_tabs() {
        assert_eq!(
            lines(HOSTILE),
            "a\\u{1b}[2J\\u{1b}[31mred\\u{9b}1A\\u{202e}b\nc\td\\u{2028}e\\u{7f}"
        );
    }

    #[test]
    fn painted_text_keeps_colors_and_no_other_sequence() {
        let text = "\u{1b}[1;31merror:\u{1b}[0m \u{1b}[2J\u{1b}]0;title\u{7}\u{1b}[31";
        let safe = "\u{1b}[1;31merror:\u{1b}[0m \\u{1b}[2J\\u{1b}]0;title\\u{7}\\u{1b}[31";
        assert_eq!(painted(text), safe);
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(!line(&text).contains(is_hidden));
            prop_assert!(!lines(&text).replace(['\n', '\t'], "").contains(is_hidden));
            let rest = painted(&text).replace(['\n', '\t'], "");
            let codes = rest.split('\u{1b}').skip(1);
            prop_assert!(codes.into_iter().all(|piece| color(piece).is_some()));
        }

        #[test]
        fn documents_say_the_same_as_before(text in any::<String>()) {
            let document = serde_json::to_string_pretty(&[&text]).unwrap();
            let safe = json(&document);
            prop_assert!(!safe.replace('\n', "").contains(is_hidden));
            prop_assert_eq!(serde_json::from_str::<[String; 1]>(&safe).unwrap(), [text.clone()]);
            let table = ::toml::from_str::<::toml::Table>(&format!("a = {}\n", toml(&text))).unwrap();
            prop_assert_eq!(table["a"].as_str(), Some(&*text));
            prop_assert!(!toml(&text).contains(is_hidden));
        }
    }
}
