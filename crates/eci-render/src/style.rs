//! Language, colors and width of output.

use std::borrow::Cow;
use std::env;
use std::io::IsTerminal;

use eci_text::Lang;
use terminal_size::{Width, terminal_size_of};
use unicode_width::UnicodeWidthChar;

pub use super::width::width;
pub(crate) use super::width::without_color;
use super::wrapping::{fold, has_gutter, wrap};

/// The width of what no terminal shows.
const WIDTH: usize = 80;

/// Whether output is colored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set; with `CLICOLOR_FORCE` everywhere.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// The form of text that is written to one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    color: bool,
    width: usize,
    /// Whether sentences are broken into lines: a pipe gets them whole, for `grep`.
    wraps: bool,
    /// Whether ignored drift is shown too, as with `-v`.
    details: bool,
    lang: Lang,
}

/// A role of a part of a text, which determines its color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextRole {
    /// Text about a creation.
    Create,
    /// Text about an update in place.
    Update,
    /// Text about a deletion.
    Delete,
    /// Text about a replacement.
    Replace,
    /// Text about a change of the state alone.
    Record,
    /// Emphasized text.
    Strong,
    /// De-emphasized text.
    Faint,
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// The help of an error.
    Help,
}

impl TextRole {
    /// All of them; of those with one color, the first represents both.
    const ALL: [TextRole; 10] = [
        TextRole::Create,
        TextRole::Update,
        TextRole::Delete,
        TextRole::Replace,
        TextRole::Record,
        TextRole::Strong,
        TextRole::Faint,
        TextRole::Error,
        TextRole::Warning,
        TextRole::Help,
    ];

    /// Returns the parameters of the escape sequence (SGR).
    fn code(self) -> &'static str {
        match self {
            TextRole::Create => "32",
            TextRole::Update | TextRole::Warning => "33",
            TextRole::Delete => "31",
            TextRole::Replace => "35",
            TextRole::Record => "36",
            TextRole::Strong => "1",
            TextRole::Faint => "2",
            TextRole::Error => "1;31",
            TextRole::Help => "1;36",
        }
    }

    /// Returns whether a text begins in the color of this part.
    pub(crate) fn begins(self, text: &str) -> bool {
        let rest = text.strip_prefix("\x1b[");
        let rest = rest.and_then(|rest| rest.strip_prefix(self.code()));
        rest.is_some_and(|rest| rest.starts_with('m'))
    }
}

impl Style {
    /// Returns a style without colors, with a width of 80 columns.
    pub fn plain() -> Style {
        Style {
            color: false,
            width: WIDTH,
            wraps: false,
            details: false,
            lang: Lang::En,
        }
    }

    /// Sets whether ignored drift is shown.
    #[must_use]
    pub fn with_details(self, details: bool) -> Style {
        Style { details, ..self }
    }

    /// Returns whether ignored drift is shown.
    pub(crate) fn has_details(self) -> bool {
        self.details
    }

    /// Sets the language.
    #[must_use]
    pub fn with_lang(self, lang: Lang) -> Style {
        Style { lang, ..self }
    }

    /// Returns the language.
    pub fn lang(self) -> Lang {
        self.lang
    }

    /// Returns the style for standard output as it is now.
    pub fn for_stdout(choice: ColorChoice) -> Style {
        let stream = std::io::stdout();
        Style::of(choice, stream.is_terminal(), terminal_size_of(&stream))
    }

    /// Returns the style for standard error as it is now.
    pub fn for_stderr(choice: ColorChoice) -> Style {
        let stream = std::io::stderr();
        Style::of(choice, stream.is_terminal(), terminal_size_of(&stream))
    }

    fn of(
        choice: ColorChoice,
        terminal: bool,
        size: Option<(Width, terminal_size::Height)>,
    ) -> Style {
        let width = size.map_or(WIDTH, |(Width(columns), _)| usize::from(columns));
        Style {
            color: wants_color(choice, terminal, |name| env::var(name).ok()),
            width: match width {
                0 => WIDTH,
                width => width,
            },
            wraps: terminal,
            details: false,
            lang: Lang::En,
        }
    }

    /// Returns this style for a terminal of that width.
    #[must_use]
    pub fn with_width(self, width: usize) -> Style {
        Style {
            width,
            wraps: true,
            ..self
        }
    }

    /// Returns this style with colors, or without.
    #[must_use]
    pub fn with_color(self, color: bool) -> Style {
        Style { color, ..self }
    }

    /// Returns whether there are colors.
    pub fn has_color(self) -> bool {
        self.color
    }

    /// Returns the number of columns of a line.
    pub fn width(self) -> usize {
        self.width
    }

    /// Returns whether a line of that many columns fits; a pipe takes any.
    pub(crate) fn fits(self, columns: usize) -> bool {
        !self.wraps || columns <= self.width
    }

    /// Returns the text in lines that fit next to an indent, as far as words allow.
    pub(crate) fn wrapped(self, text: &str, indent: usize) -> Vec<String> {
        if self.wraps {
            wrap(text, self.width.saturating_sub(indent).max(20))
        } else {
            vec![text.to_owned()]
        }
    }

    /// Breaks every line that is wider than the terminal between words.
    ///
    /// The rest of such a line is indented further than its beginning. A line with a gutter (`|`) is a
    /// quotation and is not broken.
    pub fn folded(self, text: &str) -> Cow<'_, str> {
        let is_wide = |line: &str| width(&without_color(line)) > self.width;
        if !self.wraps || !text.lines().any(is_wide) {
            return Cow::Borrowed(text);
        }
        let mut all = String::with_capacity(text.len() + 64);
        for line in text.split_inclusive('\n') {
            let (content, end) = match line.strip_suffix('\n') {
                Some(content) => (content, "\n"),
                None => (line, ""),
            };
            if is_wide(content) && !has_gutter(content) {
                all.push_str(&fold(content, self.width));
            } else {
                all.push_str(content);
            }
            all.push_str(end);
        }
        Cow::Owned(all)
    }

    /// Returns the text in the color of that part.
    pub fn paint(self, part: TextRole, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", part.code())
        } else {
            text.to_owned()
        }
    }
}

/// Returns whether output is colored.
///
/// `variable` returns the value of an environment variable.
fn wants_color(
    choice: ColorChoice,
    terminal: bool,
    variable: impl Fn(&str) -> Option<String>,
) -> bool {
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR") => false,
        ColorChoice::Auto if set("CLICOLOR_FORCE") => {
            variable("CLICOLOR_FORCE").as_deref() != Some("0")
        }
        ColorChoice::Auto => terminal && variable("TERM").as_deref() != Some("dumb"),
    }
}

/// Splits a text into pieces, each with the part that [`Style::paint`] gave its color for.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = (Option<TextRole>, &str)> {
    let mut pieces = text.split("\x1b[");
    let first = pieces.next().map(|piece| (None, piece));
    let painted = pieces.map(|piece| match piece.split_once('m') {
        Some((code, text)) => (TextRole::ALL.into_iter().find(|it| it.code() == code), text),
        None => (None, piece),
    });
    let all = first.into_iter().chain(painted);
    all.filter(|(_, text)| !text.is_empty())
}

/// Returns the text, cut to that many columns with `…` at its end if it takes more.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let mut kept = String::new();
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if wide > left {
            break;
        }
        left -= wide;
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// Pads the text with spaces up to that many columns.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    let mut padded = text.to_owned();
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// Returns one line of foreign text without characters that move the cursor or hide text.
pub fn visible(line: &str) -> String {
    eci_text::line(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(terminal: bool, variables: &[(&str, &str)]) -> bool {
        wants_color(ColorChoice::Auto, terminal, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colors_are_for_terminals_unless_the_environment_says_otherwise() {
        assert!(auto(true, &[]));
        assert!(!auto(false, &[]));
        assert!(!auto(true, &[("NO_COLOR", "1")]));
        assert!(auto(true, &[("NO_COLOR", "")]));
        assert!(auto(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!auto(false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
        assert!(!auto(true, &[("TERM", "dumb")]));
        assert!(wants_color(ColorChoice::Always, false, |_| None));
        assert!(!wants_color(ColorChoice::Never, true, |_| None));
    }

    #[test]
    fn wide_lines_are_broken_between_words() {
        let style = Style::plain().with_width(30);
        let text = "A sentence that is wider than the terminal.\n  ~ image = \"a:1\"   # forces a replacement\nshort\n";
        assert_eq!(
            style.folded(text),
            "A sentence that is wider than\nthe terminal.\n  ~ image = \"a:1\"   # forces a\n      replacement\nshort\n"
        );
        // Colors take no room.
        let painted = style.with_color(true);
        let text = format!(
            "{} {}",
            painted.paint(TextRole::Strong, "Plan:"),
            "1 to create; 20 unchanged"
        );
        assert_eq!(
            without_color(&painted.folded(&text)),
            "Plan: 1 to create; 20\nunchanged"
        );
        let quoted = " 3 | image = \"a value that is quoted from a file\"\n";
        assert_eq!(style.folded(quoted), quoted);
        // A pipe gets lines whole.
        let long = "word ".repeat(40);
        assert_eq!(Style::plain().folded(&long), long);
    }

    #[test]
    fn chinese_takes_two_columns_a_character() {
        assert_eq!(width("名 a"), 4);
        assert_eq!(cut("中文字符", 5), "中文…");
        assert_eq!(cut("中文", 4), "中文");
        assert_eq!(pad("中", 4), "中  ");
    }
}
