//! Names in the `${…}` of a string, also where it is not finished.
//!
//! Expressions are parsed where they are evaluated. Here they are only looked through for words,
//! which must work while one is being written, and in the raw text, so that places are those of
//! the file.

use std::ops::Range;

/// `container_group.web.internet_ip`, `var.image`, or the name of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path {
    /// Its words, without indices.
    pub(crate) words: Vec<Word>,
    /// Whether it is called.
    pub(crate) is_call: bool,
}

/// A word and its place in the text that was looked through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) range: Range<usize>,
}

/// The references in a string.
#[derive(Debug, Default)]
pub(crate) struct StringReferences {
    /// Every path in an expression of it.
    pub(crate) paths: Vec<Path>,
    /// The offset of the expression that is open at the end of the text, if one is.
    pub(crate) open: Option<usize>,
}

/// Looks through the inside of a string.
pub(crate) fn look_through(text: &str, is_basic: bool) -> StringReferences {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        is_basic,
        modes: Vec::new(),
        found: StringReferences::default(),
    };
    scanner.run();
    scanner.found.open = match scanner.modes.last() {
        Some(ScanMode::Expression(from)) => Some(*from),
        _ => None,
    };
    scanner.found
}

#[derive(Clone, Copy, Debug)]
enum ScanMode {
    /// Within `${`, `%{` or a brace in one of them; from where.
    Expression(usize),
    /// Within a string of an expression.
    Quoted,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    is_basic: bool,
    modes: Vec<ScanMode>,
    found: StringReferences,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while self.at < self.bytes.len() {
            match self.modes.last() {
                None | Some(ScanMode::Quoted) => self.literal(),
                Some(ScanMode::Expression(_)) => self.expression(),
            }
        }
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    fn starts_with(&self, what: &str) -> bool {
        self.rest().starts_with(what.as_bytes())
    }

    /// Returns the quotes of a string in an expression, as the file has them.
    fn quote(&self) -> &'static str {
        if self.is_basic && self.starts_with("\\\"") {
            "\\\""
        } else {
            "\""
        }
    }

    fn literal(&mut self) {
        if self.starts_with("$${") || self.starts_with("%%{") {
            self.at += 3;
        } else if self.starts_with("${") || self.starts_with("%{") {
            self.at += 2;
            self.modes.push(ScanMode::Expression(self.at));
        } else if self.is_basic && self.starts_with("\\\\\\\"") {
            self.at += 4;
        } else if !self.modes.is_empty() && self.starts_with(self.quote()) {
            self.at += self.quote().len();
            self.modes.pop();
        } else if self.starts_with("\\") {
            self.at += 2;
        } else {
            self.at += 1;
        }
    }

    fn expression(&mut self) {
        let quote = self.quote();
        match self.bytes[self.at] {
            _ if self.starts_with(quote) => {
                self.at += quote.len();
                self.modes.push(ScanMode::Quoted);
            }
            b'{' => {
                self.at += 1;
                self.modes.push(ScanMode::Expression(self.at));
            }
            b'}' => {
                self.at += 1;
                self.modes.pop();
            }
            b'#' => self.skip_to("\n"),
            b'/' if self.starts_with("//") => self.skip_to("\n"),
            b'/' if self.starts_with("/*") => self.skip_to("*/"),
            b'.' => {
                self.at += 1;
                self.word();
            }
            byte if begins_word(byte) => self.path(),
            byte if byte.is_ascii_digit() => {
                self.word();
            }
            _ => self.at += 1,
        }
    }

    fn skip_to(&mut self, end: &str) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at = match rest.find(end) {
            Some(found) => self.at + found + end.len(),
            None => self.bytes.len(),
        };
    }

    fn word(&mut self) -> Word {
        let start = self.at;
        let length = self.rest().iter().take_while(|byte| continues_word(**byte));
        self.at += length.count();
        let range = start..self.at;
        Word {
            text: self.text.get(range.clone()).unwrap_or_default().to_owned(),
            range,
        }
    }

    fn path(&mut self) {
        let mut words = vec![self.word()];
        loop {
            self.index();
            let follows = self
                .bytes
                .get(self.at + 1)
                .copied()
                .is_some_and(begins_word);
            if !(self.starts_with(".") && follows) {
                break;
            }
            self.at += 1;
            words.push(self.word());
        }
        let next = self.rest().iter().find(|byte| !byte.is_ascii_whitespace());
        let is_call = words.len() == 1 && next == Some(&b'(');
        self.found.paths.push(Path { words, is_call });
    }

    /// Skips `[0]`, `["key"]` and `[*]`, which are parts of a path; a computed index ends it.
    fn index(&mut self) {
        while self.starts_with("[") {
            let rest = self.text.get(self.at + 1..).unwrap_or_default();
            let Some(end) = rest.find(']') else {
                return;
            };
            let inner = rest[..end].trim();
            let bare = inner.trim_matches(['"', '\\']);
            let is_quoted = bare.len() < inner.len() && !bare.contains(['"', '$', '%']);
            let is_plain = inner == "*" || inner.bytes().all(|byte| byte.is_ascii_digit());
            if !(is_quoted || is_plain) {
                return;
            }
            self.at += end + 2;
        }
    }
}

fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

fn continues_word(byte: u8) -> bool {
    begins_word(byte) || byte.is_ascii_digit() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str, is_basic: bool) -> Vec<String> {
        let found = look_through(text, is_basic);
        let words = |path: &Path| {
            let words: Vec<&str> = path.words.iter().map(|word| &*word.text).collect();
            format!(
                "{}{}",
                words.join("."),
                if path.is_call { "()" } else { "" }
            )
        };
        found.paths.iter().map(words).collect()
    }

    #[test]
    fn names_are_found_with_their_members_and_calls() {
        let text = "a ${upper(var.image)}-${container_group.web[\"a\"].internet_ip} var.not";
        assert_eq!(
            paths(text, false),
            ["upper()", "var.image", "container_group.web.internet_ip"]
        );
        let text = "%{ for x in local.list ~}${x}%{ endfor }";
        assert_eq!(
            paths(text, false),
            ["for", "x", "in", "local.list", "x", "endfor"]
        );
    }

    #[test]
    fn what_is_escaped_or_quoted_holds_no_names() {
        assert_eq!(
            paths("$${var.a} ${file(\"var.b ${var.c}\")}", false),
            ["file()", "var.c"]
        );
        assert_eq!(
            paths(r#"${join(\"var.a\", local.b)}"#, true),
            ["join()", "local.b"]
        );
        assert_eq!(paths(r#"${f("a\"b", var.c)}"#, false), ["f()", "var.c"]);
        assert_eq!(
            paths("${{ a = { b = var.x } }}", false),
            ["a", "b", "var.x"]
        );
        assert_eq!(paths("${var.a /* var.b */ + 1.5}", false), ["var.a"]);
    }

    #[test]
    fn an_expression_that_is_not_finished_is_open() {
        assert_eq!(look_through("x ${var.", false).open, Some(4));
        assert_eq!(look_through("x ${var.a} y", false).open, None);
        assert_eq!(look_through("${file(\"a", false).open, None);
        assert_eq!(look_through("${upper({a = var", false).open, Some(9));
        assert_eq!(look_through("$${var", false).open, None);
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "名 ${var.名}";
        let found = look_through(text, false);
        let word = &found.paths[0].words[1];
        assert_eq!(&text[word.range.clone()], "名");
    }
}
