//! Text within markup.

use crate::{line, lines};

/// Escapes one line so that nothing in it means anything to Markdown.
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' => {
                escaped.push('\\');
                escaped.push(character);
            }
            // An escaped `<` is still a tag to some renderers.
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Writes one line as code within Markdown; nothing of no text.
pub fn markdown_code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    // A pipe ends a cell of a table also within code.
    let text = line(text).replace('|', "\\|");
    let mut fence = "`".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    // Next to a backtick a space is required, which is not shown.
    let gap = if fence.len() > 1 { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

/// Escapes text so that nothing in it means anything to HTML.
///
/// Line ends stay: they mean nothing outside of `pre`.
pub fn html(text: &str) -> String {
    let text = lines(text);
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Escapes the text of a command of a GitHub workflow, which may have several lines.
pub fn workflow(text: &str) -> String {
    let text = text.replace('\r', "");
    let lines: Vec<String> = text
        .split('\n')
        .map(|it| line(it).replace('%', "%25"))
        .collect();
    lines.join("%0A")
}

/// Escapes a property of a command of a GitHub workflow, for example a file.
pub fn workflow_property(text: &str) -> String {
    let text = line(text).replace('%', "%25");
    text.replace(',', "%2C").replace(':', "%3A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_markdown_stays_one() {
        assert_eq!(
            markdown("a | b\n<img src=x> *c* `d`"),
            "a \\| b\\\\n&lt;img src=x&gt; \\*c\\* \\`d\\`"
        );
        assert_eq!(markdown_code("a|b\n"), "`a\\|b\\n`");
        assert_eq!(markdown_code("`a``b`"), "``` `a``b` ```");
        assert_eq!(markdown_code(""), "");
    }

    #[test]
    fn a_page_has_no_tags_of_others() {
        assert_eq!(
            html("<b onclick='x'>\u{202e}&\n"),
            "&lt;b onclick=&#39;x&#39;&gt;\\u{202e}&amp;\n"
        );
    }

    #[test]
    fn a_workflow_gets_one_command() {
        assert_eq!(
            workflow("50%\r\n::error::x\u{1b}"),
            "50%25%0A::error::x\\u{1b}"
        );
        assert_eq!(workflow_property("a,b:c\n::d"), "a%2Cb%3Ac\\n%3A%3Ad");
    }
}
