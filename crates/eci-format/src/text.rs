//! Keys and scalars.

use toml_edit::{Formatted, Key, Value};
use unicode_width::UnicodeWidthStr as _;

/// Writes a key: bare where that is possible.
pub(crate) fn key(key: &Key) -> String {
    if key.get().contains(eci_text::is_hidden) {
        return eci_text::toml(key.get());
    }
    let repr = key.default_repr();
    repr.as_raw().as_str().unwrap_or_default().to_owned()
}

/// Returns a path of keys, joined by dots.
pub(crate) fn path(keys: &[&Key]) -> String {
    let parts: Vec<String> = keys.iter().copied().map(key).collect();
    parts.join(".")
}

/// Writes a value that is neither a list nor a table.
pub(crate) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Integer(number) => number.display_repr().into_owned(),
        Value::Float(number) => number.display_repr().into_owned(),
        Value::Boolean(truth) => truth.display_repr().into_owned(),
        Value::Datetime(date) => date.display_repr().into_owned(),
        Value::Array(_) | Value::InlineTable(_) => String::new(),
    }
}

/// Writes a string in single quotes where it holds an expression, in double quotes otherwise;
/// unchanged where that would require escapes, and where it is a multi-line string.
fn string(text: &Formatted<String>) -> String {
    let written = text.display_repr();
    let value = text.value();
    let is_plain = !written.starts_with("'''")
        && !written.starts_with("\"\"\"")
        && !value.contains(eci_text::is_hidden);
    if !is_plain {
        return written.into_owned();
    }
    let has_expression = value.contains("${") || value.contains("%{");
    if has_expression && !value.contains('\'') {
        format!("'{value}'")
    } else if !has_expression && !value.contains(['"', '\\']) {
        format!("\"{value}\"")
    } else {
        written.into_owned()
    }
}

/// Returns whether a value is a multi-line string.
pub(crate) fn has_lines(value: &Value) -> bool {
    match value {
        Value::String(text) => text.display_repr().contains('\n'),
        _ => false,
    }
}

/// Returns the columns that a text takes up to its first line end.
pub(crate) fn width(text: &str) -> usize {
    text.lines().next().unwrap_or_default().width()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn written(value: &str) -> String {
        scalar(&value.parse().unwrap())
    }

    #[test]
    fn expressions_have_single_quotes_and_other_strings_double_ones() {
        assert_eq!(written("\"${var.x}\""), "'${var.x}'");
        assert_eq!(written(r#""${file(\"x\")}""#), r#"'${file("x")}'"#);
        assert_eq!(written("'plain'"), "\"plain\"");
        assert_eq!(written("\"caf\\u00e9\""), "\"café\"");
    }

    #[test]
    fn a_string_that_would_require_escapes_is_unchanged() {
        for kept in [
            r"'C:\temp'",
            r#""say \"hi\"""#,
            r#""it's ${var.x}""#,
            r#""a\tb""#,
            "'''\n${var.x}\n'''",
            "\"\"\"one line\"\"\"",
            "0o644",
            "1_000",
            "1.50",
            "true",
            "1979-05-27T07:32:00Z",
        ] {
            assert_eq!(written(kept), kept);
        }
    }

    #[test]
    fn keys_are_bare_where_they_can_be() {
        let table: toml_edit::DocumentMut = "\"a\" = 1\n'b.c' = 2\n\"\" = 3\n".parse().unwrap();
        let keys: Vec<String> = table
            .iter()
            .map(|(name, _)| key(table.key(name).unwrap()))
            .collect();
        assert_eq!(keys, ["a", "\"b.c\"", "\"\""]);
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        assert_eq!(width("天翼云"), 6);
        assert_eq!(width("ab\ncdef"), 2);
    }
}
