//! Patterns of paths: `*` and `?` within one part, `**` over any, `{a,b}`, `[a-z]`.

use eci_text::{Text, text};
use regex::{Regex, RegexBuilder};

use super::function::quoted;

/// A pattern of paths.
pub(super) struct Glob(Regex);

/// The largest size of a compiled pattern, in bytes.
const LARGEST: usize = 1 << 20;

impl Glob {
    /// Reads a pattern.
    pub(super) fn new(pattern: &str) -> Result<Glob, Text> {
        if pattern.split('/').any(|part| part == "..") {
            return Err(text!(
                en: "the pattern {pattern} leads out of the directory",
                zh: "模式 {pattern} 超出目录的范围",
                pattern = quoted(pattern),
            ));
        }
        let wrong = |what: Text| {
            text!(
                en: "invalid pattern {pattern}: {what}",
                zh: "模式 {pattern} 无效：{what}",
                pattern = quoted(pattern),
                what = what,
            )
        };
        let pattern_in_place = pattern.trim_start_matches("./");
        let translated = translated(pattern_in_place).map_err(wrong)?;
        RegexBuilder::new(&translated)
            .size_limit(LARGEST)
            .build()
            .map(Glob)
            .map_err(|_| {
                wrong(text!(
                    en: "pattern too large, or reversed range",
                    zh: "模式过大，或范围颠倒",
                ))
            })
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

const BACKSLASH: Text = Text::fixed("trailing backslash", "以反斜杠结尾");

fn translated(pattern: &str) -> Result<String, Text> {
    let mut written = String::from("^(?s:");
    let mut rest = pattern.chars().peekable();
    let (mut alternatives, mut starts_part) = (0usize, true);
    while let Some(c) = rest.next() {
        let started = std::mem::replace(&mut starts_part, c == '/');
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => match (started, rest.peek()) {
                (true, Some('/')) => {
                    rest.next();
                    starts_part = true;
                    written.push_str("(?:.*/)?");
                }
                (true, None) => written.push_str(".*"),
                _ => written.push_str("[^/]*"),
            },
            '*' => written.push_str("[^/]*"),
            '?' => written.push_str("[^/]"),
            '{' => {
                alternatives += 1;
                starts_part = started;
                written.push_str("(?:");
            }
            '}' if alternatives > 0 => {
                alternatives -= 1;
                written.push(')');
            }
            ',' if alternatives > 0 => written.push('|'),
            '[' => class(&mut rest, &mut written)?,
            '\\' => {
                let c = rest.next().ok_or(BACKSLASH)?;
                written.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
            }
            c => written.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    if alternatives > 0 {
        return Err(text!(en: "unclosed `{`", zh: "`{` 未闭合"));
    }
    written.push_str(")$");
    Ok(written)
}

const UNCLOSED: Text = Text::fixed("unclosed `[`", "`[` 未闭合");

fn class(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    written: &mut String,
) -> Result<(), Text> {
    written.push('[');
    if rest.next_if(|c| matches!(c, '^' | '!')).is_some() {
        written.push_str("^/");
    }
    let mut is_empty = true;
    loop {
        match rest.next().ok_or(UNCLOSED)? {
            ']' if is_empty => return Err(text!(en: "empty `[]`", zh: "`[]` 为空")),
            ']' => break,
            '-' => written.push('-'),
            '\\' => {
                let c = rest.next().ok_or(BACKSLASH)?;
                written.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
            }
            c => written.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
        is_empty = false;
    }
    written.push(']');
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_paths() {
        for (pattern, path, expected) in [
            ("*", "a.txt", true),
            ("*", "sub/a.txt", false),
            ("**", "sub/a.txt", true),
            ("**/a.txt", "a.txt", true),
            ("**/*.txt", "x/y/a.txt", true),
            ("x/**/a.txt", "x/a.txt", true),
            ("{a,b}.t?t", "b.txt", true),
            ("[!a].txt", "b.txt", true),
            ("[!a].txt", "a.txt", false),
            ("a.txt", "aXtxt", false),
            ("\\*", "*", true),
            ("名*", "名字", true),
        ] {
            assert_eq!(
                Glob::new(pattern).unwrap().matches(path),
                expected,
                "{pattern} {path}"
            );
        }
        for wrong in ["[", "{a", "\\", "../*", "[]"] {
            assert!(Glob::new(wrong).is_err(), "{wrong}");
        }
    }
}
