//! What was probably meant where a file is no TOML: the parser says what it did not find, these
//! rules look at the line and say what to write.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use eci_core::diagnostic::{Source, Span};
use eci_core::{Diagnostic, codes};

use super::written::Lines;
use crate::secret_names::names_secret;

/// The lines of a file in which something was not understood.
pub(super) struct SyntaxHints<'a> {
    source: &'a Arc<Source>,
    /// The end of the last line that was told of.
    told_to: usize,
    /// The line that was looked at last, and may be as long as the file.
    line: Option<Range<usize>>,
    /// What every line begins with; found for the first one that stands twice.
    lines: OnceLock<Lines<'a>>,
    /// Whether the table at hand is one that stands twice: all its keys do too.
    in_second_table: bool,
    /// Whether the file is written in HCL: then every closing brace is wrong.
    is_hcl: bool,
}

/// One line, and where its parts stand in the file.
struct Line<'a> {
    text: &'a str,
    start: usize,
    /// Where the parser stopped.
    at: Range<usize>,
}

impl<'a> SyntaxHints<'a> {
    pub(super) fn new(source: &'a Arc<Source>) -> SyntaxHints<'a> {
        SyntaxHints {
            source,
            told_to: 0,
            line: None,
            lines: OnceLock::new(),
            in_second_table: false,
            is_hcl: false,
        }
    }

    /// What is wrong at a place; `None` where it follows from what was told before.
    pub(super) fn tell(&mut self, at: Range<usize>, parser: &str) -> Option<Diagnostic> {
        let text = &*self.source.text;
        let from = text.floor_char_boundary(at.start.min(text.len()));
        let known = self.line.take();
        let known = known.filter(|line| line.start <= from && from <= line.end);
        let Range { start, end } = known.unwrap_or_else(|| {
            let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
            let end = text[from..].find('\n').map_or(text.len(), |at| from + at);
            start..end
        });
        self.line = Some(start..end);
        // One mistake makes several errors of the parser: the first of a line tells it.
        if self.told_to > start {
            return None;
        }
        let line = Line {
            text: &text[start..end],
            start,
            at: from..at.end.clamp(from, text.len()),
        };
        let told = if parser == "duplicate key" {
            self.twice(&line)?
        } else if self.is_hcl && line.text.trim() == "}" {
            return None;
        } else {
            self.misread(&line, parser)
        };
        self.told_to = end.max(start + 1);
        Some(told)
    }

    fn error(&self, range: Range<usize>, message: impl Into<eci_text::Text>) -> Diagnostic {
        Diagnostic::new(codes::TOML, message).primary(Span::new(self.source, range), "")
    }

    /// Something is written a second time.
    fn twice(&mut self, line: &Line<'_>) -> Option<Diagnostic> {
        let written = line.text.trim();
        let lines = self.lines.get_or_init(|| Lines::of(&self.source.text));
        let whole = line.start..line.start + line.text.len();
        if written.starts_with('[') {
            self.in_second_table = true;
            let error = self.error(whole, format!("the table {written} is given twice"));
            let error = error.help("put the keys of both together, or rename one");
            return Some(match lines.header_before(line.start, written) {
                Some(first) => error.secondary(Span::new(self.source, first), "first here"),
                None => error,
            });
        }
        if self.in_second_table {
            return None;
        }
        let key = &self.source.text[line.at.clone()];
        let error = self.error(line.at.clone(), format!("the key `{key}` is given twice"));
        let error = error.help("keep one of them");
        let first = lines.key_before(line.start, key);
        Some(match first {
            Some(first) => error.secondary(Span::new(self.source, first), "first here"),
            None => error,
        })
    }

    fn misread(&mut self, line: &Line<'_>, parser: &str) -> Diagnostic {
        self.in_second_table &= !line.text.starts_with('[');
        let told = if parser.contains("array") {
            let error = self.error(line.at.clone(), "a list is not closed, or lacks a comma");
            Some(error.help("close the list with `]`, or separate its items by `,`"))
        } else if parser.contains("inline table") || parser.contains("key-value pairs") {
            let error = self.error(line.at.clone(), "a table in braces is not closed");
            Some(error.help("close it with `}`, and separate its entries by `,`"))
        } else if let (Some(told), true) = (self.bare(line), parser.contains("unquoted key")) {
            Some(told)
        } else {
            self.block_of_hcl(line)
                .or_else(|| match line.text.split_once('=') {
                    Some((key, value)) if is_key(key) => {
                        let start = line.start + key.len() + 1;
                        self.value(line, (key.trim(), value), start, parser)
                    }
                    _ => self.key(line),
                })
        };
        told.unwrap_or_else(|| {
            let error = self.error(line.at.clone(), format!("this is not TOML: {parser}"));
            error.help("check the marked position and the line above it")
        })
    }

    /// `resource "eip" "web" {`
    fn block_of_hcl(&mut self, line: &Line<'_>) -> Option<Diagnostic> {
        let head = line.text.trim_end().strip_suffix('{')?.trim_end();
        if head.contains('=') {
            return None;
        }
        let words: Vec<&str> = head
            .split_whitespace()
            .map(|word| word.trim_matches('"'))
            .collect();
        let (first, rest) = words.split_first()?;
        let is_word = |word: &&str| eci_core::address::is_label(word);
        if !words.iter().all(is_word) {
            return None;
        }
        self.is_hcl = true;
        let path: Vec<&str> = match *first {
            "resource" | "data" if !rest.is_empty() => rest.to_vec(),
            _ => words.clone(),
        };
        let error = self.error(
            line.start..line.start + line.text.trim_end().len(),
            "this is a block of Terraform's language, and manifests are TOML",
        );
        Some(error.help(format!(
            "write [{}] and its keys on the lines below, without braces",
            path.join(".")
        )))
    }

    /// A line that has a key and `=`, whose value cannot be read. A secret is not written out
    /// again.
    fn value(
        &self,
        line: &Line<'_>,
        (key, value): (&str, &str),
        start: usize,
        parser: &str,
    ) -> Option<Diagnostic> {
        let told = self.any_value(line, (key, value), start, parser)?;
        let shows_it =
            told.edit.is_some() || told.help.iter().any(|it| it.en().contains(value.trim()));
        Some(match names_secret(key) && shows_it {
            true => Diagnostic {
                edit: None,
                ..told.help(format!(
                    "put it in quotes, or better, give it as a variable: `eci explain {}`",
                    codes::LITERAL_SECRET.number
                ))
            },
            false => told,
        })
    }

    fn any_value(
        &self,
        line: &Line<'_>,
        (key, value): (&str, &str),
        start: usize,
        parser: &str,
    ) -> Option<Diagnostic> {
        let indent = value.len() - value.trim_start().len();
        let (value, start) = (value.trim(), start + indent);
        let bare = value.split(" #").next().unwrap_or_default().trim_end();
        let range = start..start + bare.len();
        if bare.is_empty() || bare.starts_with('#') {
            let at = line.at.start..line.at.start;
            let error = self.error(at, format!("`{key}` has no value"));
            return Some(error.help("write one after `=`, or remove the line"));
        }
        let place = Span::new(self.source, range.clone());
        let quoted = |message: &str, meant: String| {
            let error = self.error(range.clone(), message);
            let help = format!("write {meant}");
            Some(error.help(help).edit(place.clone(), meant))
        };
        match bare.chars().next()? {
            '"' | '\'' => self.text(line, bare, range.clone(), parser),
            '“' | '”' | '‘' | '’' | '「' | '＂' => {
                let inner = bare.trim_matches(|c: char| "“”‘’「」＂".contains(c));
                quoted("TOML does not support these quotes", format!("{inner:?}"))
            }
            '[' | '{' | '=' => None,
            '0'..='9' if parser.contains("leading zero") => quoted(
                "a number has no zeros in front; what counts its digits is text",
                format!("{bare:?}"),
            ),
            _ => {
                let lower = bare.to_lowercase();
                if let "yes" | "on" | "true" = &*lower {
                    return quoted("a TOML boolean is `true` or `false`", "true".to_owned());
                }
                if let "no" | "off" | "false" = &*lower {
                    return quoted("a TOML boolean is `true` or `false`", "false".to_owned());
                }
                if bare.contains(['"', '\'']) && !is_expression(bare) {
                    return None;
                }
                if is_expression(bare) {
                    let inner = bare.strip_prefix("${").and_then(|it| it.strip_suffix('}'));
                    let inner = inner.unwrap_or(bare);
                    let meant = match inner.contains('\'') {
                        true => format!("\"\"\"${{{inner}}}\"\"\""),
                        false => format!("'${{{inner}}}'"),
                    };
                    return quoted("an expression stands in quotes and `${…}`", meant);
                }
                if bare.starts_with(|c: char| c.is_ascii_digit()) {
                    let message = "this is neither a number nor text in quotes";
                    let help = format!(
                        "write the number alone, in the unit that the reference tells, or {bare:?}"
                    );
                    return Some(self.error(range, message).help(help));
                }
                quoted("a string must be quoted", format!("{bare:?}"))
            }
        }
    }

    /// A string that ends too late or too early.
    fn text(
        &self,
        line: &Line<'_>,
        bare: &str,
        range: Range<usize>,
        parser: &str,
    ) -> Option<Diagnostic> {
        let quote = &bare[..1];
        if bare.matches(quote).count() % 2 == 1 && !bare.starts_with("\"\"\"") {
            let end = line.start + line.text.trim_end().len();
            let error = self.error(range, "the string has no closing quote");
            let help = format!("end it with {quote}");
            let at = Span::new(self.source, end..end);
            return Some(error.help(help).edit(at, quote));
        }
        let inner = bare.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        let inner = inner.filter(|inner| inner.contains("${") && !inner.contains(['\'', '\\']));
        if let (Some(inner), true) = (inner, parser.starts_with("unexpected key or value")) {
            let error = self.error(range.clone(), "the string ends at its second quote");
            let place = Span::new(self.source, range);
            let help = "write single quotes around an expression that has double ones in it";
            return Some(error.help(help).edit(place, format!("'{inner}'")));
        }
        None
    }

    /// A name or a key without quotes that is not ASCII.
    fn bare(&self, line: &Line<'_>) -> Option<Diagnostic> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let at = line.at.start - line.start;
        let (before, after) = line.text.split_at_checked(at)?;
        let start = at - before.len() + before.trim_end_matches(is_part).len();
        let end = at + after.find(|c| !is_part(c)).unwrap_or(after.len());
        let written = line.text.get(start..end)?;
        if written.is_ascii() || !written.chars().all(is_part) {
            return None;
        }
        let range = line.start + start..line.start + end;
        let header = line.text[..start].trim_start().trim_start_matches('[');
        let is_name = line.text.trim_start().starts_with('[') && header.matches('.').count() == 1;
        if !is_name {
            let message = format!("the key `{written}` must be quoted, because it is not ASCII");
            let (error, place) = (
                self.error(range.clone(), message),
                Span::new(self.source, range),
            );
            let meant = format!("{written:?}");
            return Some(error.help(format!("write {meant}")).edit(place, meant));
        }
        let message = format!(
            "invalid name `{written}`: names consist of ASCII letters, digits, `_` and `-`"
        );
        let table = header.trim_end_matches('.').trim();
        let is_resource = eci_core::Kind::ALL.iter().any(|kind| kind.name() == table);
        let help = match is_resource {
            true => format!(
                "choose an ASCII name, and set the name in the cloud with the key `name`: name = {written:?}"
            ),
            false => "choose an ASCII name".to_owned(),
        };
        Some(self.error(range, message).help(help))
    }

    /// A line without `=`, or one that does not begin with a key.
    fn key(&self, line: &Line<'_>) -> Option<Diagnostic> {
        let written = line.text.trim_end();
        if written.starts_with('[') && !written.contains(']') {
            let double = written.starts_with("[[");
            let end = line.start + written.len();
            let close = if double { "]]" } else { "]" };
            let error = self.error(
                line.start..end,
                format!("the header of this table has no closing `{close}`"),
            );
            let place = Span::new(self.source, end..end);
            return Some(
                error
                    .help(format!("end it with `{close}`"))
                    .edit(place, close),
            );
        }
        let Some(colon) = written.find([':', '：']) else {
            let (key, _) = written
                .trim_start()
                .split_once(' ')
                .filter(|(key, _)| is_key(key))?;
            let at = line.start + (written.len() - written.trim_start().len()) + key.len();
            let error = self.error(line.at.clone(), format!("expected `=` after `{key}`"));
            let place = Span::new(self.source, at..at);
            return Some(
                error
                    .help("write `=` between a key and its value")
                    .edit(place, " ="),
            );
        };
        if !is_key(&written[..colon]) {
            return None;
        }
        let sign = written[colon..].chars().next()?;
        let range = line.start + colon..line.start + colon + sign.len_utf8();
        let space = if written[..colon].ends_with(' ') {
            "="
        } else {
            " ="
        };
        let error = self.error(range.clone(), "expected `=` between a key and its value");
        let place = Span::new(self.source, range);
        Some(error.help("write `=` in its place").edit(place, space))
    }
}

fn is_key(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.\"'".contains(c))
}

/// Whether a bare value looks like one of Terraform's expressions.
fn is_expression(bare: &str) -> bool {
    let begins = ["${", "var.", "local.", "each.", "path.", "module."];
    let call = bare.find('(').is_some_and(|at| {
        at > 0
            && bare[..at]
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    let resource = eci_core::Kind::ALL.iter().any(|kind| {
        bare.strip_prefix(kind.name())
            .is_some_and(|rest| rest.starts_with('.'))
    });
    begins.iter().any(|begin| bare.starts_with(begin)) || (call && bare.ends_with(')')) || resource
}
