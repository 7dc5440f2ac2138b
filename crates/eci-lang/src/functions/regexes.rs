//! Regular expressions, in the syntax of RE2, which Terraform's have.
//!
//! The `regex` crate has the same syntax but for a few signs, which are translated: `\d`, `\w`,
//! `\s` and `\b` are about ASCII only, and a class knows no operators.

use eci_core::{Map, Value};
use eci_text::text;
use regex::{Captures, Regex, RegexBuilder};

use super::function::{
    Answer, CallError, FunctionRow, Implementation, fits, push, row, spend, text, timed,
};
use crate::budget::LARGEST_VALUE;

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "regex(pattern, string)",
        "The first match: a string; with groups, a list; with named groups, a map.",
        "第一个匹配项：字符串；有分组时为列表，有命名分组时为映射。",
        Implementation::Whole(regex),
    ),
    row(
        "regexall(pattern, string)",
        "A list of all matches.",
        "所有匹配项的列表。",
        Implementation::Whole(regexall),
    ),
];

/// The range of sizes of a compiled expression, in bytes.
const REGEX_SIZES: std::ops::RangeInclusive<usize> = (64 << 10)..=(2 << 20);

/// To go through a text may take its length times the size of the expression, so that the one
/// bounds the other.
const MOST_WORK: usize = 40_000_000_000;

/// Regular expressions are for names and lines, not for whole archives.
const LARGEST_TEXT: usize = 1 << 20;

fn compiled(pattern: &str, text: &str) -> Result<Regex, CallError> {
    if text.len() > LARGEST_TEXT {
        let most = LARGEST_TEXT >> 20;
        let message = text!(
            en: "the string exceeds {most} MiB, the limit for regular expressions",
            zh: "字符串超过 {most} MiB，即正则表达式的上限",
            most = most,
        );
        return Err(CallError::new(message));
    }
    // To compile takes time too, and so does each character.
    spend(100 + pattern.len() / 16 + text.len() / 32)?;
    let size = (MOST_WORK / text.len().max(1)).clamp(*REGEX_SIZES.start(), *REGEX_SIZES.end());
    let mut builder = RegexBuilder::new(&translated(pattern));
    timed(|| builder.size_limit(size).build())?.map_err(|error| {
        CallError::new(match error {
            regex::Error::CompiledTooBig(_) => text!(
                en: "the regular expression `{pattern}` is too large",
                zh: "正则表达式 `{pattern}` 过大",
                pattern = pattern,
            ),
            // Its last line says what is wrong, those before draw where.
            other => {
                let written = other.to_string();
                let last = written.lines().last().unwrap_or_default();
                text!(
                    en: "invalid regular expression `{pattern}`: {cause}",
                    zh: "正则表达式 `{pattern}` 无效：{cause}",
                    pattern = pattern,
                    cause = last.trim_start_matches("error: "),
                )
            }
        })
        .help(text!(
            en: "correct the regular expression; write `\\\\(` for a literal `(`",
            zh: "更正正则表达式；字面量 `(` 写作 `\\\\(`",
        ))
    })
}

/// Returns a pattern of RE2 as one of the `regex` crate.
fn translated(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut rest, in_class, &mut written),
            '[' if !in_class => {
                in_class = true;
                written.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    written.push('^');
                }
                // At the start it is literal.
                if rest.next_if_eq(&']').is_some() {
                    written.push_str("\\]");
                }
            }
            '[' if rest.peek() == Some(&':') => {
                // A class by name, for example [:alpha:].
                written.push('[');
                for c in rest.by_ref() {
                    written.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            ']' => {
                in_class = false;
                written.push(']');
            }
            '[' | '&' | '~' if in_class => {
                written.push('\\');
                written.push(c);
            }
            '-' if in_class && rest.peek() == Some(&'-') => {
                rest.next();
                written.push_str("-\\-");
            }
            c => written.push(c),
        }
    }
    written
}

/// Translates the text after a backslash.
fn escape(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    in_class: bool,
    written: &mut String,
) {
    let Some(c) = rest.next() else {
        // Left for the compiler to refuse.
        written.push('\\');
        return;
    };
    let class = match c {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => "[\\t\\n\\f\\r ]",
        'S' => "[^\\t\\n\\f\\r ]",
        'b' if !in_class => "(?-u:\\b)",
        'B' if !in_class => "(?-u:\\B)",
        'Q' => {
            // Everything up to \E is literal.
            let mut quoted = String::new();
            while let Some(c) = rest.next() {
                if c == '\\' && rest.next_if_eq(&'E').is_some() {
                    break;
                }
                quoted.push(c);
            }
            written.push_str(&regex::escape(&quoted));
            return;
        }
        other => {
            written.push('\\');
            written.push(other);
            return;
        }
    };
    written.push_str(class);
}

fn regex(arguments: &[Value]) -> Answer {
    let (pattern, text) = (text(arguments, 0)?, text(arguments, 1)?);
    let regex = compiled(&pattern, &text)?;
    are_alike(&regex)?;
    match timed(|| regex.captures(&text))? {
        Some(captures) => Ok(groups(&regex, &captures)),
        None => Err(CallError::at(
            1,
            text!(
             en: "no match for the regular expression `{pattern}`",
             zh: "没有与正则表达式 `{pattern}` 匹配的内容",
             pattern = pattern,
            ),
        )
        .help(text!(
            en: "use `can(regex(…))` to test for a match, or `try(regex(…), null)` to get null without one",
            zh: "使用 `can(regex(…))` 判断是否匹配，或使用 `try(regex(…), null)` 在不匹配时得到空值（null）",
        ))),
    }
}

fn regexall(arguments: &[Value]) -> Answer {
    let (pattern, text) = (text(arguments, 0)?, text(arguments, 1)?);
    let regex = compiled(&pattern, &text)?;
    are_alike(&regex)?;
    let mut all = Vec::new();
    let mut matches = regex.captures_iter(&text);
    while let Some(captures) = timed(|| matches.next())? {
        spend(4 * regex.captures_len())?;
        all.push(groups(&regex, &captures));
        fits(all.len().saturating_mul(regex.captures_len()))?;
    }
    Ok(Value::list(all))
}

/// Checks that either all groups have names, or none.
fn are_alike(regex: &Regex) -> Result<(), CallError> {
    let named = regex.capture_names().skip(1).flatten().count();
    if named == 0 || named == regex.captures_len() - 1 {
        Ok(())
    } else {
        Err(CallError::at(
            0,
            text!(
             en: "the regular expression mixes named and unnamed groups",
             zh: "正则表达式混用了命名分组和未命名分组",
            ),
        ))
    }
}

fn groups(regex: &Regex, captures: &Captures<'_>) -> Value {
    let group = |at: usize| {
        captures
            .get(at)
            .map_or(Value::Null, |it| Value::from(it.as_str()))
    };
    if regex.captures_len() == 1 {
        return group(0);
    }
    if regex.capture_names().flatten().next().is_none() {
        return Value::list((1..regex.captures_len()).map(group).collect());
    }
    let names = regex.capture_names().enumerate();
    let entries = names.filter_map(|(at, name)| Some((name?.into(), group(at))));
    Value::map(entries.collect::<Map>())
}

/// Returns every match replaced, with `$1` and `${name}` for its groups.
pub(super) fn replace(text: &str, pattern: &str, by: &str) -> Answer {
    let regex = compiled(pattern, text)?;
    let (mut replaced, mut end) = (String::new(), 0);
    let references = by.matches('$').count();
    let mut matches = regex.captures_iter(text);
    while let Some(captures) = timed(|| matches.next())? {
        let (start, stop) = captures
            .get(0)
            .map_or((end, end), |it| (it.start(), it.end()));
        spend(1 + (stop - start) / 16)?;
        push(&mut replaced, &text[end..start])?;
        if references.saturating_mul(stop - start) > LARGEST_VALUE {
            return Err(CallError::TooLarge);
        }
        let mut part = String::new();
        captures.expand(by, &mut part);
        push(&mut replaced, &part)?;
        end = stop;
    }
    push(&mut replaced, &text[end..])?;
    Ok(Value::from(replaced))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_with_another_meaning_are_translated() {
        for (pattern, expected) in [
            (r"\d+\.", r"[0-9]+\."),
            (r"[\w-]", r"[[0-9A-Za-z_]-]"),
            (r"[]a]", r"[\]a]"),
            (r"[^[&~]", r"[^\[\&\~]"),
            (r"[+--]", r"[+-\-]"),
            (r"[[:alpha:]]", r"[[:alpha:]]"),
            (r"\Qa.b\E.", r"a\.b."),
            (r"\bx", r"(?-u:\b)x"),
        ] {
            assert_eq!(translated(pattern), expected, "{pattern}");
            assert!(compiled(pattern, "").is_ok(), "{pattern}");
        }
    }
}
