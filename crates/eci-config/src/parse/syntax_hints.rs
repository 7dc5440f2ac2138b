//! Hints for invalid TOML: the parser says what it did not find, these rules examine the line and
//! say what to write.

mod fullwidth;
mod keys;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use eci_core::diagnostic::{Source, Span};
use eci_core::fullwidth::{ascii_of, to_ascii};
use eci_core::secret_names::names_secret;
use eci_core::{Diagnostic, codes};
use eci_text::{Text, text};

use super::written::SourceLines;

const FIRST: Text = Text::fixed("first declared here", "在此处首次声明");

const BOOLEAN: Text = Text::fixed(
    "a boolean must be `true` or `false`",
    "布尔值必须是 `true` 或 `false`",
);

/// The lines of a file with syntax errors.
pub(super) struct SyntaxHints<'a> {
    source: &'a Arc<Source>,
    /// The end of the last line that was reported.
    reported_to: usize,
    /// The line that was examined last, and may be as long as the file.
    line: Option<Range<usize>>,
    /// The headers and keys of all lines; computed for the first duplicate.
    lines: OnceLock<SourceLines<'a>>,
    /// Whether the current table is a duplicate: then all its keys are duplicates too.
    in_second_table: bool,
    /// Whether the file is written in HCL: then every closing brace is wrong.
    is_hcl: bool,
    /// Whether any value may be a secret.
    are_values_secret: bool,
}

/// A line of the file.
struct SourceLine<'a> {
    text: &'a str,
    start: usize,
    /// The range at which the parser stopped.
    at: Range<usize>,
}

/// The error of a line with a full-width character outside of strings.
enum FullwidthError {
    /// With ASCII characters, the line is valid.
    Certain(Diagnostic),
    /// The line has another mistake as well.
    Possible(Diagnostic),
}

/// A key and the text after its `=`.
#[derive(Clone, Copy)]
struct Assignment<'a> {
    key: &'a str,
    value: &'a str,
    /// The start of the value in the file.
    start: usize,
}

impl<'a> SyntaxHints<'a> {
    pub(super) fn new(source: &'a Arc<Source>) -> SyntaxHints<'a> {
        SyntaxHints {
            source,
            reported_to: 0,
            line: None,
            lines: OnceLock::new(),
            in_second_table: false,
            is_hcl: false,
            are_values_secret: false,
        }
    }

    /// Creates hints that repeat no value.
    pub(super) fn without_values(source: &'a Arc<Source>) -> SyntaxHints<'a> {
        SyntaxHints {
            are_values_secret: true,
            ..SyntaxHints::new(source)
        }
    }

    /// Returns the error at a place; `None` if an earlier one has caused it.
    pub(super) fn diagnostic(&mut self, at: Range<usize>, parser: &str) -> Option<Diagnostic> {
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
        // One mistake makes several errors of the parser: only the first of a line is reported.
        if self.reported_to > start {
            return None;
        }
        let line = SourceLine {
            text: &text[start..end],
            start,
            at: from..at.end.clamp(from, text.len()),
        };
        let found = if parser == "duplicate key" {
            self.twice(&line)?
        } else if self.is_hcl && line.text.trim() == "}" {
            return None;
        } else {
            self.misread(&line, parser)
        };
        self.reported_to = end.max(start + 1);
        Some(found)
    }

    fn error(&self, range: Range<usize>, message: Text) -> Diagnostic {
        Diagnostic::new(codes::TOML, message).at(Span::new(self.source, range))
    }

    /// Returns the error about a duplicate key or table.
    fn twice(&mut self, line: &SourceLine<'_>) -> Option<Diagnostic> {
        let written = line.text.trim();
        let lines = self
            .lines
            .get_or_init(|| SourceLines::of(&self.source.text));
        let whole = line.start..line.start + line.text.len();
        if written.starts_with('[') {
            self.in_second_table = true;
            let error = self.error(
                whole,
                text!(
                    en: "duplicate table `{header}`",
                    zh: "表 `{header}` 重复",
                    header = written,
                ),
            );
            let error = error.help(text!(
                en: "merge the keys of both tables, or rename one of them",
                zh: "合并两个表的键，或重命名其中之一",
            ));
            return Some(match lines.header_before(line.start, written) {
                Some(first) => error.secondary(Span::new(self.source, first), FIRST),
                None => error,
            });
        }
        if self.in_second_table {
            return None;
        }
        let key = &self.source.text[line.at.clone()];
        let error = self.error(
            line.at.clone(),
            text!(en: "duplicate key `{key}`", zh: "键 `{key}` 重复", key = key),
        );
        let error = error.help(text!(en: "remove one of them", zh: "删除其中之一"));
        let first = lines.key_before(line.start, key);
        Some(match first {
            Some(first) => error.secondary(Span::new(self.source, first), FIRST),
            None => error,
        })
    }

    fn misread(&mut self, line: &SourceLine<'_>, parser: &str) -> Diagnostic {
        self.in_second_table &= !line.text.starts_with('[');
        let (certain, possible) = match self.fullwidth(line, parser) {
            Some(FullwidthError::Certain(error)) => (Some(error), None),
            Some(FullwidthError::Possible(error)) => (None, Some(error)),
            None => (None, None),
        };
        let found = if certain.is_some() {
            certain
        } else if parser.contains("array") {
            let error = self.error(
                line.at.clone(),
                text!(en: "unclosed list, or missing comma", zh: "列表未闭合，或缺少逗号"),
            );
            Some(error.help(text!(
                en: "close the list with `]`, or separate its elements with `,`",
                zh: "用 `]` 闭合列表，或用 `,` 分隔元素",
            )))
        } else if parser.contains("inline table") || parser.contains("key-value pairs") {
            let error = self.error(
                line.at.clone(),
                text!(en: "unclosed inline table", zh: "内联表未闭合"),
            );
            Some(error.help(text!(
                en: "close the table with `}`, and separate its keys with `,`",
                zh: "用 `}` 闭合表，并用 `,` 分隔各个键",
            )))
        } else if let (Some(found), true) = (
            self.bare(line).filter(|_| !self.are_values_secret),
            parser.contains("unquoted key"),
        ) {
            Some(found)
        } else {
            match line.text.split_once('=') {
                Some((key, value)) if is_key(key) => {
                    let start = line.start + key.len() + 1;
                    let assignment = Assignment {
                        key: key.trim(),
                        value,
                        start,
                    };
                    self.value(line, assignment, parser)
                }
                // The line may be a part of a value.
                _ if self.are_values_secret => None,
                _ => self.block_of_hcl(line).or_else(|| self.key(line)),
            }
        };
        found.or(possible).unwrap_or_else(|| {
            let error = self.error(
                line.at.clone(),
                text!(
                    en: "invalid TOML: {cause}",
                    zh: "TOML 无效：{cause}",
                    cause = parser,
                ),
            );
            error.help(text!(
                en: "check the marked position and the line above it",
                zh: "检查标出的位置及其上一行",
            ))
        })
    }

    /// Recognizes a block of HCL: `resource "eip" "web" {`.
    fn block_of_hcl(&mut self, line: &SourceLine<'_>) -> Option<Diagnostic> {
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
            text!(
                en: "HCL block in a manifest; manifests are written in TOML",
                zh: "清单中出现了 HCL 块，清单应使用 TOML 编写",
            ),
        );
        Some(error.help(text!(
            en: "write `[{header}]` with its keys on the lines below, without braces",
            zh: "写成 `[{header}]`，键写在下方各行，不使用花括号",
            header = path.join("."),
        )))
    }

    /// Returns the error of a line with a key and `=`, whose value cannot be read.
    ///
    /// A secret is not shown again.
    fn value(
        &self,
        line: &SourceLine<'_>,
        assignment: Assignment<'_>,
        parser: &str,
    ) -> Option<Diagnostic> {
        let Assignment { key, value, .. } = assignment;
        let found = self.any_value(line, assignment, parser)?;
        let is_secret = self.are_values_secret || names_secret(key);
        let shows_it = |text: &Text| text.en().contains(value.trim());
        let is_shown = found.edit.is_some() || found.help.iter().any(shows_it);
        if !is_secret || !is_shown {
            return Some(found);
        }
        let help = if self.are_values_secret {
            text!(
                en: "quote a string, for example `image = \"nginx:1.28\"`",
                zh: "为字符串加引号，例如 `image = \"nginx:1.28\"`",
            )
        } else {
            text!(
                en: "quote the value, or pass it in a variable: see `eci explain {number}`",
                zh: "为值加引号，或通过变量传入：参见 `eci explain {number}`",
                number = codes::LITERAL_SECRET.number,
            )
        };
        let message = if shows_it(&found.message) {
            text!(en: "invalid value of `{key}`", zh: "`{key}` 的值无效", key = key)
        } else {
            found.message.clone()
        };
        Some(Diagnostic {
            edit: None,
            message,
            ..found.help(help)
        })
    }

    fn any_value(
        &self,
        line: &SourceLine<'_>,
        assignment: Assignment<'_>,
        parser: &str,
    ) -> Option<Diagnostic> {
        let Assignment { key, value, start } = assignment;
        let indent = value.len() - value.trim_start().len();
        let (value, start) = (value.trim(), start + indent);
        let bare = value.split(" #").next().unwrap_or_default().trim_end();
        let range = start..start + bare.len();
        if bare.is_empty() || bare.starts_with('#') {
            let at = line.at.start..line.at.start;
            let error = self.error(
                at,
                text!(en: "missing value of `{key}`", zh: "`{key}` 缺少值", key = key),
            );
            return Some(error.help(text!(
                en: "add a value after `=`, or remove the line",
                zh: "在 `=` 之后添加值，或删除该行",
            )));
        }
        let place = Span::new(self.source, range.clone());
        let quoted = |message: Text, meant: String| {
            let error = self.error(range.clone(), message);
            let help = text!(en: "write `{meant}`", zh: "写成 `{meant}`", meant = meant);
            Some(error.help(help).edit(place.clone(), meant))
        };
        match bare.chars().next()? {
            '"' | '\'' => self.text(line, bare, range.clone(), parser),
            '“' | '”' | '‘' | '’' | '「' | '＂' => {
                let inner = bare.trim_matches(|c: char| "“”‘’「」＂".contains(c));
                quoted(
                    text!(
                        en: "typographic quotes are not supported in TOML",
                        zh: "TOML 不支持中文引号或弯引号",
                    ),
                    format!("{inner:?}"),
                )
            }
            '[' | '{' | '=' => None,
            '0'..='9' if parser.contains("leading zero") => quoted(
                text!(
                 en: "a number must not have leading zeros",
                 zh: "数值不能有前导零",
                ),
                format!("{bare:?}"),
            ),
            _ => {
                let lower = bare.to_lowercase();
                if let "yes" | "on" | "true" = &*lower {
                    return quoted(BOOLEAN, "true".to_owned());
                }
                if let "no" | "off" | "false" = &*lower {
                    return quoted(BOOLEAN, "false".to_owned());
                }
                // Nothing in a variable file is evaluated.
                let is_expression = !self.are_values_secret && is_expression(bare);
                if bare.contains(['"', '\'']) && !is_expression {
                    return None;
                }
                if is_expression {
                    let inner = bare.strip_prefix("${").and_then(|it| it.strip_suffix('}'));
                    let inner = inner.unwrap_or(bare);
                    let meant = if inner.contains('\'') {
                        format!("\"\"\"${{{inner}}}\"\"\"")
                    } else {
                        format!("'${{{inner}}}'")
                    };
                    return quoted(
                        text!(
                            en: "an expression must be quoted and wrapped in `${…}`",
                            zh: "表达式必须放在引号和 `${…}` 中",
                        ),
                        meant,
                    );
                }
                if bare.starts_with(|c: char| c.is_ascii_digit()) {
                    let message = text!(
                        en: "invalid number `{found}`",
                        zh: "数值 `{found}` 无效",
                        found = bare,
                    );
                    let help = text!(
                        en: "write the number without its unit, or quote the string: `{quoted}`",
                        zh: "只写数值，不带单位；或为字符串加引号：`{quoted}`",
                        quoted = format!("{:?}", to_ascii(bare)),
                    );
                    return Some(self.error(range, message).help(help));
                }
                // The punctuation of Chinese text is a part of it.
                let meant = if bare
                    .chars()
                    .any(|c| c.is_alphabetic() && ascii_of(c).is_none() && !c.is_ascii())
                {
                    bare.to_owned()
                } else {
                    to_ascii(bare)
                };
                quoted(
                    text!(en: "a string must be quoted", zh: "字符串必须加引号"),
                    format!("{meant:?}"),
                )
            }
        }
    }

    /// Recognizes a string that ends too late or too early.
    fn text(
        &self,
        line: &SourceLine<'_>,
        bare: &str,
        range: Range<usize>,
        parser: &str,
    ) -> Option<Diagnostic> {
        let quote = &bare[..1];
        if bare.matches(quote).count() % 2 == 1 && !bare.starts_with("\"\"\"") {
            let end = line.start + line.text.trim_end().len();
            let error = self.error(range, text!(en: "unclosed string", zh: "字符串未闭合"));
            let help = text!(
                en: "close the string with `{quote}`",
                zh: "用 `{quote}` 闭合字符串",
                quote = quote,
            );
            let at = Span::new(self.source, end..end);
            return Some(error.help(help).edit(at, quote));
        }
        let inner = bare.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        let inner = inner.filter(|inner| inner.contains("${") && !inner.contains(['\'', '\\']));
        if let (Some(inner), true) = (inner, parser.starts_with("unexpected key or value")) {
            let error = self.error(
                range.clone(),
                text!(
                    en: "the string ends at its second double quote",
                    zh: "字符串在第二个双引号处结束",
                ),
            );
            let place = Span::new(self.source, range);
            let help = text!(
                en: "use single quotes around an expression that contains double quotes",
                zh: "包含双引号的表达式使用单引号",
            );
            return Some(error.help(help).edit(place, format!("'{inner}'")));
        }
        None
    }
}

fn is_key(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.\"'".contains(c))
}

/// Returns whether a bare value looks like one of Terraform's expressions.
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
