//! Hints about full-width and typographic characters outside of strings.

use eci_core::diagnostic::Span;
use eci_core::fullwidth::ascii_of;
use eci_core::secret_names::names_secret;
use eci_text::{Text, text};
use toml::de::DeTable;

use super::{FullwidthError, SourceLine, SyntaxHints, is_key};

const QUOTES: Text = Text::fixed(
    "typographic quotes are not supported in TOML",
    "TOML 不支持中文引号或弯引号",
);

/// A line with ASCII characters in the place of others that resemble them.
struct CorrectedLine {
    /// The first character that was replaced, and its offset.
    found: char,
    at: usize,
    /// The end of what its text replaces: a quote begins a whole string.
    found_end: usize,
    /// The text that replaces it.
    meant: String,
    /// The end of the last replaced part.
    end: usize,
    /// The text from the first replaced part to the last.
    replacement: String,
    /// The whole line.
    line: String,
}

impl SyntaxHints<'_> {
    /// Returns the error of a line with a full-width character in the place of one of the syntax; `None` if
    /// there is none, or if it belongs to text without quotes.
    pub(super) fn fullwidth(&self, line: &SourceLine<'_>, parser: &str) -> Option<FullwidthError> {
        // The line may be within a string of several lines.
        if parser.contains("escape") || line.text.is_ascii() {
            return None;
        }
        let corrected = corrected(line.text)?;
        let CorrectedLine {
            found, at, meant, ..
        } = &corrected;
        let is_quote = ascii_of(*found) == Some('"') || ascii_of(*found) == Some('\'');
        let is_secret = self.are_values_secret || has_secret(line.text);
        if is_quote && is_secret {
            return None;
        }
        let is_valid = parses(&corrected.line);
        let is_value = |text: &str| text.chars().any(char::is_alphanumeric);
        let start = line.start + at;
        let is_named = !is_secret || !is_value(meant);
        let message = if is_quote {
            QUOTES
        } else if is_named {
            text!(
                en: "full-width character `{found}` outside of a string",
                zh: "字符串之外出现了全角字符 `{found}`",
                found = found.to_string(),
            )
        } else {
            text!(
                en: "full-width character outside of a string",
                zh: "字符串之外出现了全角字符",
            )
        };
        let help = if found.is_whitespace() {
            text!(en: "replace it by a space", zh: "替换为半角空格")
        } else if is_named {
            text!(en: "write `{meant}`", zh: "写成 `{meant}`", meant = meant)
        } else {
            text!(
                en: "use the ASCII character",
                zh: "使用半角字符",
            )
        };
        let error = self.error(start..line.start + corrected.found_end, message);
        let error = error.help(help);
        if !is_valid {
            return Some(FullwidthError::Possible(error));
        }
        if is_secret {
            return Some(FullwidthError::Certain(error));
        }
        let place = Span::new(self.source, start..line.start + corrected.end);
        let error = error.edit(place, corrected.replacement);
        Some(FullwidthError::Certain(error))
    }
}

/// Returns whether a key of a line names a secret.
fn has_secret(line: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    line.split(|c| !is_word(c)).any(names_secret)
}

/// Returns whether a line is valid TOML, alone or as a part of a list or table.
fn parses(line: &str) -> bool {
    let line = line.trim();
    let closed = line.trim_end_matches([']', '}']);
    [
        line.to_owned(),
        format!("{line}]"),
        format!("{line}}}"),
        format!("x = [{line}]"),
        format!("x = [{closed}]"),
    ]
    .iter()
    .any(|text| DeTable::parse(text).is_ok())
}

/// Replaces each character outside of strings that resembles one of the syntax.
///
/// A comment and what is within quotes stay.
fn corrected(line: &str) -> Option<CorrectedLine> {
    let mut first: Option<CorrectedLine> = None;
    let mut whole = String::with_capacity(line.len());
    let mut characters = line.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, found)) = characters.next() {
        let mut end = at + found.len_utf8();
        let meant = match ascii_of(found) {
            _ if found == '#' => {
                whole.push_str(&line[at..]);
                break;
            }
            _ if found == '"' || found == '\'' => {
                end = end_of_string(line, at, found)?;
                whole.push_str(&line[at..end]);
                while characters.next_if(|(at, _)| *at < end).is_some() {}
                before = found;
                continue;
            }
            // The line is text without quotes.
            Some(ascii)
                if !is_quote(found)
                    && ascii != '#'
                    && (is_han(before) || line[end..].starts_with(is_han)) =>
            {
                return None;
            }
            Some('"' | '\'') => {
                let length = line[end..].find(is_quote)?;
                let inner = &line[end..end + length];
                end += length;
                end += line[end..].chars().next().map_or(0, char::len_utf8);
                while characters.next_if(|(at, _)| *at < end).is_some() {}
                format!("{inner:?}")
            }
            Some(':') if is_separator(&line[..at]) => {
                if before == ' ' { "=" } else { " =" }.to_owned()
            }
            Some(ascii) => ascii.to_string(),
            None => {
                whole.push(found);
                before = found;
                continue;
            }
        };
        whole.push_str(&meant);
        before = found;
        let first = first.get_or_insert_with(|| CorrectedLine {
            found,
            at,
            found_end: end,
            meant: meant.trim_start().to_owned(),
            end,
            replacement: String::new(),
            line: String::new(),
        });
        first.end = end;
        first.replacement = whole[first.at..].to_owned();
        if ascii_of(found) == Some('#') {
            whole.push_str(&line[end..]);
            break;
        }
    }
    let mut first = first?;
    first.line = whole;
    Some(first)
}

/// Returns whether a colon after this text separates a key from its value.
fn is_separator(before: &str) -> bool {
    let key = before.rsplit(['{', ',']).next().unwrap_or_default();
    is_key(key) && !key.trim().bytes().all(|byte| byte.is_ascii_digit())
}

fn is_han(c: char) -> bool {
    c.is_alphabetic() && !c.is_ascii() && ascii_of(c).is_none()
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'') || matches!(ascii_of(c), Some('"' | '\''))
}

/// Returns the end of the string that begins with a quote; `None` if it does not end on the line.
fn end_of_string(line: &str, at: usize, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (offset, c) in line[at + 1..].char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' && quote == '"' {
            is_escaped = true;
        } else if c == quote {
            return Some(at + 1 + offset + 1);
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn characters_outside_of_strings_become_those_of_the_syntax() {
        for (line, found, expected) in [
            ("default：  “x”", '：', "default =  \"x\""),
            ("default ＝ \"x\"", '＝', "default = \"x\""),
            ("a = [\"x：y\"，“z，” ]", '，', "a = [\"x：y\",\"z，\" ]"),
            ("a = １２", '１', "a = 12"),
            ("［variable。tag］", '［', "[variable.tag]"),
            ("　default = true", '\u{3000}', " default = true"),
            ("a = { b：1， c = 2 }", '：', "a = { b =1, c = 2 }"),
            ("a = true ＃ 说明：", '＃', "a = true # 说明："),
        ] {
            let corrected = corrected(line).unwrap();
            assert_eq!((corrected.found, &*corrected.line), (found, expected));
            assert!(parses(&corrected.line), "{line}");
        }
    }

    #[test]
    fn text_without_quotes_and_text_in_quotes_is_unchanged() {
        for line in [
            "a = 你好，世界",
            "键：1",
            "a = \"全角，\"",
            "a = 1 # 说明：，",
            "a = \"open，",
        ] {
            assert!(corrected(line).is_none(), "{line}");
        }
    }
}
