//! The trivia between keys and values: comments and blank lines.

use toml_edit::{Decor, RawString};

/// One line between keys or values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Any number of empty lines.
    Blank,
    /// A comment with its `#`.
    Comment(String),
}

impl Line {
    fn of(text: &str) -> Line {
        match text.trim() {
            "" => Line::Blank,
            comment => Line::Comment(comment.to_owned()),
        }
    }

    pub(crate) fn is_blank(&self) -> bool {
        *self == Line::Blank
    }
}

/// The trivia between two values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trivia {
    /// A comment on the line of what comes before.
    pub(crate) trailing: Option<String>,
    /// The lines below it.
    pub(crate) lines: Vec<Line>,
}

impl Trivia {
    /// Reads a text that has only spaces, comments and line ends, and starts within a line.
    pub(crate) fn of(text: &str) -> Trivia {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let trailing = match Line::of(first) {
            Line::Blank => None,
            Line::Comment(comment) => Some(comment),
        };
        Trivia {
            trailing,
            lines: lines(rest),
        }
    }

    /// Returns whether there is a comment in it.
    pub(crate) fn has_comment(&self) -> bool {
        self.trailing.is_some() || self.lines.iter().any(|line| !line.is_blank())
    }
}

/// Returns the lines of a text that begins with a line and ends with the beginning of one, in which
/// another token follows. Blank lines in a row are one.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let Some((whole, _)) = text.rsplit_once('\n') else {
        return lines;
    };
    for line in whole.split('\n').map(Line::of) {
        if !(line.is_blank() && lines.last().is_some_and(Line::is_blank)) {
            lines.push(line);
        }
    }
    lines
}

/// Returns the lines without blank ones at the beginning.
pub(crate) fn without_first_blank(lines: &[Line]) -> &[Line] {
    match lines {
        [Line::Blank, rest @ ..] => rest,
        all => all,
    }
}

/// Returns the lines without blank ones at the end.
pub(crate) fn without_last_blank(lines: &[Line]) -> &[Line] {
    match lines {
        [rest @ .., Line::Blank] => rest,
        all => all,
    }
}

/// Writes lines, each indented by a number of spaces.
pub(crate) fn write(out: &mut String, lines: &[Line], indent: usize) {
    for line in lines {
        if let Line::Comment(comment) = line {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(comment);
        }
        out.push('\n');
    }
}

/// Returns the text before the decorated part.
pub(crate) fn before(decor: &Decor) -> &str {
    raw(decor.prefix())
}

/// Returns the text after the decorated part.
pub(crate) fn after(decor: &Decor) -> &str {
    raw(decor.suffix())
}

fn raw(text: Option<&RawString>) -> &str {
    // A document that can be changed holds its own texts.
    text.and_then(RawString::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(text: &str) -> Line {
        Line::Comment(text.to_owned())
    }

    #[test]
    fn blank_lines_in_a_row_are_one() {
        let found = lines("\n\n# a\n  # b  \n\t\n\n");
        assert_eq!(
            found,
            [Line::Blank, comment("# a"), comment("# b"), Line::Blank]
        );
        assert_eq!(lines("  "), []);
    }

    #[test]
    fn a_trailing_comment_is_distinguished_from_one_below() {
        let gap = Trivia::of(" # trailing\n\n  # below\n  ");
        assert_eq!(gap.trailing.as_deref(), Some("# trailing"));
        assert_eq!(gap.lines, [Line::Blank, comment("# below")]);
        assert!(Trivia::of(" ").lines.is_empty() && !Trivia::of("\n\n").has_comment());
    }
}
