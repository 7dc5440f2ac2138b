//! Errors without a location in a manifest.

use eci_core::truncate::within;
use eci_text::Text;

use super::error_chain::ErrorChain;
use super::style::{Style, TextRole, visible};

/// The maximum number of characters of one cause.
///
/// Errors cut what they quote; this limit is for the rest, for example values of the command line.
const LONGEST: usize = 6000;

/// Returns `error: …` with its causes and the help.
///
/// A level has an ASCII colon in every language, as diagnostics with excerpts have it.
pub fn error(error: &ErrorChain, help: Option<&Text>, style: Style) -> String {
    let lang = style.lang();
    let mut text = String::new();
    for (at, cause) in error.messages_in(lang).into_iter().enumerate() {
        let cause = within(cause, LONGEST);
        let head = if at == 0 {
            style.paint(TextRole::Error, lang.pick("error:", "错误:"))
        } else {
            style.paint(TextRole::Faint, lang.pick("  because:", "  原因:"))
        };
        text.push_str(&format!("{head} {}\n", lines(&cause)));
    }
    if let Some(help) = help {
        text.push_str(&help_line(help.get(lang), style));
    }
    text
}

/// Returns `help: …`.
pub(crate) fn help_line(help: &str, style: Style) -> String {
    let lang = style.lang();
    let head = style.paint(TextRole::Help, lang.pick("help:", "帮助:"));
    format!("{head} {}\n", lines(help))
}

/// Returns text of several lines, each but the first indented.
fn lines(text: &str) -> String {
    let text = within(text, LONGEST);
    let lines: Vec<String> = text.trim_end().lines().map(visible).collect();
    lines.join("\n  ")
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;
    use crate::error_chain::text_of;

    fn chain(error: &anyhow::Error) -> ErrorChain {
        ErrorChain::new(error.as_ref(), text_of)
    }

    #[test]
    fn an_error_says_what_it_comes_from_and_the_help_line() {
        let cause = anyhow!("permission denied").context("cannot write state/state.json");
        assert_eq!(
            error(
                &chain(&cause),
                Some(&Text::verbatim("make it writable")),
                Style::plain()
            ),
            "error: cannot write state/state.json\n  because: permission denied\nhelp: make it writable\n"
        );
    }

    #[test]
    fn long_quotes_in_an_error_are_truncated() {
        let long = "长".repeat(1 << 20);
        let cause = anyhow!("{long}!").context(format!("`{long}` is not an address"));
        let text = error(&chain(&cause), Some(&Text::verbatim(long)), Style::plain());
        assert!(
            text.contains("长` is not an address\n  because: 长"),
            "{text:.200}"
        );
        assert!(text.chars().count() < 3 * LONGEST + 100);
    }

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        let failed: anyhow::Result<()> = Err(anyhow!("no such file"));
        let Err(repeated) = failed.context("cannot read a: no such file") else {
            unreachable!("it was created as an error");
        };
        assert_eq!(
            error(&chain(&repeated), None, Style::plain()),
            "error: cannot read a: no such file\n"
        );
        assert_eq!(
            format!("{:#}", chain(&repeated)),
            "cannot read a: no such file"
        );
    }
}
