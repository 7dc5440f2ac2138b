//! One string with expressions in it, its syntax tree, and the way back to its place.

use std::ops::Range;
use std::sync::Arc;

use eci_core::diagnostic::{Source, Span};
use eci_core::fullwidth::ascii_of;
use eci_core::{Diagnostic, codes};
use eci_text::{Text, text};
use hcl_edit::expr::Expression;
use hcl_edit::parser;

use super::heredoc::{parsed_expression, parsed_template};
use super::parser_words::parser_message;
use super::wide::{MOST_KEYS, Syntax, wide_object};

/// The syntax tree of a string, with the offsets of its parts in it.
pub type Tree = hcl_edit::template::Template;

/// A string of a manifest with `${…}` or `%{…}` in it.
///
/// Strings of the same text share a tree.
#[derive(Debug)]
#[non_exhaustive]
pub struct Template {
    /// Its syntax tree.
    pub tree: Arc<Tree>,
    /// Its range.
    pub origin: Origin,
}

/// The range of the text of a template.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The text that contains it.
    pub source: Arc<Source>,
    /// The whole string with its quotes.
    range: Range<usize>,
    /// The offset of the text itself; `None` where escapes shift it, so that offsets in it say
    /// nothing about the file.
    base: Option<usize>,
}

impl Template {
    /// Returns whether a string is more than its text.
    pub fn is_needed(text: &str) -> bool {
        text.contains("${") || text.contains("%{")
    }

    /// Parses the text of the string in `range`.
    ///
    /// # Errors
    /// If it is not a valid template, or has an object with too many keys.
    pub fn parse(
        text: &str,
        source: &Arc<Source>,
        range: &Range<usize>,
    ) -> Result<Template, Box<Diagnostic>> {
        let origin = Origin::new(text, source, range);
        refuse_wide(text, Syntax::Template, &origin)?;
        match parsed_template(text) {
            Ok(tree) => Ok(Template {
                tree: Arc::new(tree),
                origin,
            }),
            Err(error) => Err(Box::new(syntax_of_template(&error, text, &origin))),
        }
    }

    /// Returns the text of the string in `range`, where the tree of that text is known.
    pub fn of(tree: Arc<Tree>, text: &str, source: &Arc<Source>, range: &Range<usize>) -> Template {
        Template {
            tree,
            origin: Origin::new(text, source, range),
        }
    }

    /// Parses a text that is its own source.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub fn parse_outside(text: &str, origin: Origin) -> Result<Template, Box<Diagnostic>> {
        refuse_wide(text, Syntax::Template, &origin)?;
        match parsed_template(text) {
            Ok(tree) => Ok(Template {
                tree: Arc::new(tree),
                origin,
            }),
            Err(error) => Err(Box::new(syntax(&error, &origin))),
        }
    }
}

/// Parses a text that is an expression as a whole, for example the type of a variable.
///
/// # Errors
/// If it is not a valid expression, or has an object with too many keys.
pub fn parse_expression(text: &str, origin: &Origin) -> Result<Expression, Box<Diagnostic>> {
    refuse_wide(text, Syntax::Expression, origin)?;
    parsed_expression(text.trim_end()).map_err(|error| {
        let found = fullwidth(&error, text, origin)
            .or_else(|| missing_operand(&error, text, origin))
            .unwrap_or_else(|| {
                let diagnostic = syntax(&error, origin);
                match error.message() {
                    cause if is_missing_alternative(cause) => diagnostic.help(ALTERNATIVE),
                    _ => diagnostic,
                }
            });
        Box::new(found)
    })
}

/// Returns the error about an operator that no operand follows, at which the parser of an expression stopped.
fn missing_operand(error: &parser::Error, text: &str, origin: &Origin) -> Option<Diagnostic> {
    if !error.message().starts_with("unexpected token") {
        return None;
    }
    let text = text.trim_end();
    let at = error.location().offset();
    // The parser may have taken the first character of an operator.
    let starts = [at.checked_sub(1), Some(at)].into_iter().flatten();
    let mut rests = starts.filter_map(|start| Some(text.get(start..)?.trim_start()));
    let operand = rests.find_map(|rest| {
        let mut operators = OPERATORS.iter();
        operators.find_map(|operator| rest.strip_prefix(operator))
    })?;
    let at = text.len() - operand.trim_start().len();
    let message = text!(en: "incomplete expression", zh: "表达式不完整");
    let diagnostic = Diagnostic::new(codes::SYNTAX, message).at(origin.place(Some(at..at + 1)));
    Some(diagnostic.help(text!(
        en: "add the missing operand",
        zh: "补全缺少的操作数",
    )))
}

/// The binary operators; one that another begins with comes after it.
const OPERATORS: [&str; 13] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%",
];

/// Returns whether the parser expected the second part of a conditional.
fn is_missing_alternative(cause: &str) -> bool {
    cause.ends_with("expected `:`")
}

/// The help about a conditional without its second part.
const ALTERNATIVE: Text = Text::fixed(
    "add `: …` with the value for `false`, for example `var.large ? 4 : 2`",
    "添加 `: …` 和条件为 `false` 时的值，例如 `var.large ? 4 : 2`",
);

/// Refuses objects that take too long to parse.
fn refuse_wide(text: &str, syntax: Syntax, origin: &Origin) -> Result<(), Box<Diagnostic>> {
    let Some(at) = wide_object(text, syntax) else {
        return Ok(());
    };
    let message = text!(
        en: "an object in an expression has more than {most} keys",
        zh: "表达式中的对象超过 {most} 个键",
        most = MOST_KEYS,
    );
    let error = Diagnostic::new(codes::TOO_LARGE, message).at(origin.place(Some(at..at + 1)));
    Err(Box::new(error.help(text!(
        en: "declare a table in the manifest instead, for example a local or the default of a variable",
        zh: "改为在清单中声明表，例如局部值或变量的默认值",
    ))))
}

/// Returns the error about the text of a string, in which `${` and `%{` may have been meant literally.
fn syntax_of_template(error: &parser::Error, text: &str, origin: &Origin) -> Diagnostic {
    if let Some(found) = fullwidth(error, text, origin) {
        return found;
    }
    let at = error.location().offset();
    let diagnostic = syntax(error, origin);
    if let Some(rest) = text.get(at..).and_then(|rest| rest.strip_prefix("%{")) {
        return directive(diagnostic, rest, text);
    }
    diagnostic.help(match error.message() {
        cause if cause.starts_with("invalid expression") => text!(
            en: "add the missing operand or argument, or write `$${` for a literal `${` and `%%{` for a literal `%{`",
            zh: "补全缺少的操作数或参数；字面量 `${` 写作 `$${`，字面量 `%{` 写作 `%%{`",
        ),
        cause if is_missing_alternative(cause) => ALTERNATIVE,
        cause => match missing_bracket(cause) {
            Some(bracket) => text!(
                en: "add the missing `{bracket}` or an operator, or write `$${{` for a literal `${{` and `%%{{` for a literal `%{{`",
                zh: "补全缺少的 `{bracket}` 或运算符；字面量 `${{` 写作 `$${{`，字面量 `%{{` 写作 `%%{{`",
                bracket = bracket,
            ),
            None => text!(
                en: "write `$${` for a literal `${`, and `%%{` for a literal `%{`",
                zh: "字面量 `${` 写作 `$${`，字面量 `%{` 写作 `%%{`",
            ),
        },
    })
}

/// Returns the error about a full-width or typographic character in an expression, at which the parser
/// stopped.
fn fullwidth(error: &parser::Error, text: &str, origin: &Origin) -> Option<Diagnostic> {
    let at = error.location().offset();
    let rest = text.get(at..)?;
    let at = at + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
    let found = text[at..].chars().next()?;
    let meant = ascii_of(found)?;
    let message = text!(
        en: "full-width character `{found}` in an expression",
        zh: "表达式中出现了全角字符 `{found}`",
        found = found.to_string(),
    );
    let help = if meant == ' ' {
        text!(en: "replace it by a space", zh: "替换为半角空格")
    } else {
        text!(en: "write `{meant}`", zh: "写成 `{meant}`", meant = meant.to_string())
    };
    let place = origin.place(Some(at..at + found.len_utf8()));
    Some(Diagnostic::new(codes::SYNTAX, message).at(place).help(help))
}

/// Returns the closing bracket that the parser expected.
fn missing_bracket(cause: &str) -> Option<char> {
    let expected = cause.split("expected ").nth(1)?;
    ['}', ')', ']']
        .into_iter()
        .find(|bracket| expected.contains(*bracket))
}

/// Returns the error about a directive that belongs to nothing; `rest` is what follows its `%{`.
fn directive(mut diagnostic: Diagnostic, rest: &str, text: &str) -> Diagnostic {
    let keyword = keyword(rest);
    let count = |name: &str| {
        let directives = text.split("%{").skip(1);
        directives
            .filter(|rest| self::keyword(rest) == name)
            .count()
    };
    let end = match keyword {
        "if" => Some("endif"),
        "for" => Some("endfor"),
        _ => None,
    };
    let is_directive = ["if", "for", "else", "endif", "endfor"].contains(&keyword);
    match end {
        Some(end) if count(end) < count(keyword) => {
            diagnostic.message = text!(
                en: "unclosed directive `%{{ {keyword} … }}`",
                zh: "指令 `%{{ {keyword} … }}` 未闭合",
                keyword = keyword,
            );
            diagnostic.help(text!(
                en: "close it with `%{{ {end} }}`, or write `%%{{` for a literal `%{{`",
                zh: "使用 `%{{ {end} }}` 闭合；字面量 `%{{` 写作 `%%{{`",
                end = end,
            ))
        }
        None if is_directive => diagnostic.help(text!(
            en: "remove `%{{ {keyword} }}`, or add the `%{{ if … }}` or `%{{ for … }}` before it that it belongs to",
            zh: "删除 `%{{ {keyword} }}`，或在其前面添加对应的 `%{{ if … }}` 或 `%{{ for … }}`",
            keyword = keyword,
        )),
        _ => diagnostic.help(text!(
            en: "use a complete `%{ if … }…%{ endif }` or `%{ for … }…%{ endfor }`, or write `%%{` for a literal `%{`",
            zh: "使用完整的 `%{ if … }…%{ endif }` 或 `%{ for … }…%{ endfor }`；字面量 `%{` 写作 `%%{`",
        )),
    }
}

/// Returns the word at the start of a directive.
fn keyword(rest: &str) -> &str {
    let rest = rest.trim_start_matches('~').trim_start();
    let end = rest.find(|found: char| !found.is_ascii_alphabetic());
    &rest[..end.unwrap_or(rest.len())]
}

fn syntax(error: &parser::Error, origin: &Origin) -> Diagnostic {
    let at = error.location().offset();
    let message = match error.message() {
        "" => text!(en: "invalid expression", zh: "表达式无效"),
        cause if cause.starts_with("invalid expression") => text!(
            en: "incomplete expression",
            zh: "表达式不完整",
        ),
        cause => text!(
            en: "invalid expression: {cause}",
            zh: "表达式无效：{cause}",
            cause = parser_message(cause),
        ),
    };
    Diagnostic::new(codes::SYNTAX, message).at(origin.place(Some(at..at + 1)))
}

impl Origin {
    /// Creates the origin of a text that is written in `range`, quotes included.
    pub fn new(text: &str, source: &Arc<Source>, range: &Range<usize>) -> Origin {
        let written = source.text.get(range.clone()).unwrap_or_default();
        let base = written.find(text).map(|at| range.start + at);
        Origin {
            source: source.clone(),
            range: range.clone(),
            base,
        }
    }

    /// Returns a text from outside of the manifests: it is its own source.
    pub fn outside(name: Text, text: &str) -> Origin {
        Origin {
            source: Arc::new(Source::titled(name, text)),
            range: 0..text.len(),
            base: Some(0),
        }
    }

    /// Returns the bytes that it is written in.
    pub fn length(&self) -> usize {
        self.range.len()
    }

    /// Returns the place of a part of the text; of all of it, where its parts cannot be located.
    pub fn place(&self, part: Option<Range<usize>>) -> Span {
        let range = match (self.base, part) {
            (Some(base), Some(part)) => {
                let end = self.range.end;
                (base + part.start).min(end)..(base + part.end).min(end)
            }
            _ => self.range.clone(),
        };
        Span::new(&self.source, range)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn column(manifest: &str, text: &str) -> (usize, usize) {
        let source = Arc::new(Source::new("a.eci.toml", manifest));
        let start = manifest.find(['"', '\'']).unwrap();
        let range = start..manifest.trim_end().len();
        let origin = Origin::new(text, &source, &range);
        let part = text.find("x}").unwrap();
        origin.place(Some(part..part + 1)).position()
    }

    #[test]
    fn a_part_of_a_string_is_found_in_the_file() {
        assert_eq!(column("a = 'q${x}'\n", "q${x}"), (1, 9));
        assert_eq!(column("a = \"名${x}\"\n", "名${x}"), (1, 9));
        assert_eq!(column("a = '''\nb\n${x}'''\n", "b\n${x}"), (3, 3));
    }

    #[test]
    fn escapes_make_the_whole_string_the_place() {
        assert_eq!(column("a = \"\\t${x}\"\n", "\t${x}"), (1, 5));
    }

    #[test]
    fn an_operator_without_operand_is_incomplete_at_the_end() {
        let error = |text: &str| {
            let origin = Origin::outside(Text::verbatim("expression"), text);
            *parse_expression(text, &origin).unwrap_err()
        };
        for (text, column) in [("1 +", 4), ("1 + * 2", 5), ("a &&  ", 5), ("a == ", 5)] {
            let error = error(text);
            assert_eq!(error.message.en(), "incomplete expression", "{text}");
            let place = &error.primary.as_ref().unwrap().place;
            assert_eq!(place.position(), (1, column), "{text}");
        }
        assert_eq!(error("true ? 1").help, Some(ALTERNATIVE));
    }

    #[test]
    fn a_syntax_error_points_into_the_string() {
        let source = Arc::new(Source::new("a.eci.toml", "a = '${1 +}'"));
        let error = Template::parse("${1 +}", &source, &(4..12)).unwrap_err();
        assert!(error.to_string().starts_with("a.eci.toml:1:"), "{error}");
        assert!(
            error.to_string().contains("incomplete expression"),
            "{error}"
        );
    }
}
