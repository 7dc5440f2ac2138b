//! Text in the quotes of the language that a message suggests to write it in.

/// Writes a text as a TOML string: in double quotes, or in single ones where it contains some of
/// the former, so that it stays readable.
pub fn toml_string(text: &str) -> String {
    let is_escaped = |c: char| c.is_control() || c == '\\' || c == '"';
    if !text.contains(is_escaped) {
        return format!("\"{text}\"");
    }
    // A literal string has no escapes.
    let is_literal = |c: char| !c.is_control() && c != '\'';
    if text.chars().all(is_literal) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Writes a text as one word of a shell: in single quotes where the shell would change it
/// otherwise.
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,@%+…".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toml_string_has_the_plainest_quotes_that_are_valid() {
        for (text, quoted) in [
            ("eip.a", r#""eip.a""#),
            (r#"eip.a["b"]"#, r#"'eip.a["b"]'"#),
            (r#"eip.a["it's"]"#, r#""eip.a[\"it's\"]""#),
            ("eip.a[\"\t\"]", "\"eip.a[\\\"\\u0009\\\"]\""),
        ] {
            assert_eq!(toml_string(text), quoted);
        }
    }

    #[test]
    fn a_word_of_a_shell_is_quoted_where_it_must_be() {
        for (text, quoted) in [
            ("eip.a", "eip.a"),
            ("my web", "'my web'"),
            ("", "''"),
            (r#"eip.a["it's"]"#, r#"'eip.a["it'\''s"]'"#),
        ] {
            assert_eq!(shell_word(text), quoted);
        }
    }
}
