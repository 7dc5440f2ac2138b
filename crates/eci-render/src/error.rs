//! Any error that is not about a place in a manifest.

use std::error::Error;
use std::iter::successors;

use eci_core::truncate::within;

use super::style::{Part, Style, visible};

/// The most characters of one cause. Who makes an error cuts what it quotes; this is for what
/// was not thought of, such as values of the command line.
const LONGEST: usize = 6000;

/// `error: …` with what it comes from, and the way out.
pub fn error(error: &(dyn Error + 'static), help: Option<&str>, style: Style) -> String {
    let mut text = String::new();
    let mut said = String::new();
    let causes = successors(Some(error), |cause| (*cause).source());
    for (at, cause) in causes.enumerate() {
        let cause = within(cause, LONGEST);
        // An error that repeats its cause says it once.
        if at > 0 && said.contains(&cause) {
            continue;
        }
        let head = match at {
            0 => style.paint(Part::Error, "error:"),
            _ => style.paint(Part::Faint, "  because:"),
        };
        text.push_str(&format!("{head} {}\n", lines(&cause)));
        said.push_str(&cause);
    }
    if let Some(help) = help {
        text.push_str(&way_out(help, style));
    }
    text
}

/// `help: …`
pub(crate) fn way_out(help: &str, style: Style) -> String {
    format!("{} {}\n", style.paint(Part::Help, "help:"), lines(help))
}

/// Text of several lines, each but the first indented.
fn lines(text: &str) -> String {
    let text = within(text, LONGEST);
    let lines: Vec<String> = text.trim_end().lines().map(visible).collect();
    lines.join("\n  ")
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn an_error_says_what_it_comes_from_and_the_way_out() {
        let cause = anyhow!("permission denied").context("cannot write state/state.json");
        assert_eq!(
            error(&*cause, Some("make it writable"), Style::plain()),
            "error: cannot write state/state.json\n  because: permission denied\nhelp: make it writable\n"
        );
    }

    #[test]
    fn what_an_error_quotes_is_not_told_without_an_end() {
        let long = "长".repeat(1 << 20);
        let cause = anyhow!("{long}").context(format!("`{long}` is no address"));
        let text = error(&*cause, Some(&long), Style::plain());
        assert!(
            text.contains("长` is no address\n  because: 长"),
            "{text:.200}"
        );
        assert!(text.chars().count() < 3 * LONGEST + 100);
    }

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        let failed: anyhow::Result<()> = Err(anyhow!("no such file"));
        let Err(repeated) = failed.context("cannot read a: no such file") else {
            unreachable!("it was made as an error");
        };
        assert_eq!(
            error(&*repeated, None, Style::plain()),
            "error: cannot read a: no such file\n"
        );
    }
}
