//! Foreign text as messages show it.
//!
//! What a message quotes was written by others: a file, a cloud, a command line. It may be of
//! any size, and only a few lines of it are read.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

/// The most characters of foreign text that a message shows.
pub const LONGEST: usize = 400;

/// Returns the text in one line that steers no terminal; of a long one the beginning and the end,
/// with `…` between them.
///
/// The end stays because messages of others, for example those of a parser, say there what was
/// expected, and where.
pub fn truncate(text: impl Display) -> String {
    let shown = within(text, LONGEST);
    match eci_text::line(&shown) {
        Cow::Borrowed(_) => shown,
        Cow::Owned(line) => line,
    }
}

/// Truncates as [`truncate()`] does, to at most `most` characters.
pub fn within(text: impl Display, most: usize) -> String {
    let last = most / 3;
    let mut parts = Parts {
        first: String::new(),
        room: most.saturating_sub(last + 1),
        rest: String::new(),
        most: last + 1,
        cut: false,
    };
    // Only the text itself can fail, and then the part written before is shown.
    let _ = write!(parts, "{text}");
    parts.joined(last)
}

/// Returns at most `most` characters of the text; a shortened text ends with `…`.
pub fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => {
            let end = text.char_indices().nth(most.saturating_sub(1));
            format!("{}…", &text[..end.map_or(0, |(at, _)| at)])
        }
        None => text.to_owned(),
    }
}

/// Lists at most `most` names; further ones are counted.
pub fn names<T: Display>(names: impl IntoIterator<Item = T>, most: usize) -> String {
    let mut text = String::new();
    let mut count = 0;
    for name in names {
        count += 1;
        if count <= most {
            let comma = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{comma}{}", truncate(name));
        }
    }
    if count > most {
        let _ = write!(text, " and {} more", count - most);
    }
    text
}

/// The beginning and the end of what is written: a text that is never in memory twice.
struct Parts {
    first: String,
    /// The number of characters that `first` still takes.
    room: usize,
    /// The last characters of the rest, and some more.
    rest: String,
    /// The maximum number of characters that are kept.
    most: usize,
    /// Whether any of the rest was dropped.
    cut: bool,
}

impl std::fmt::Write for Parts {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = text.char_indices().nth(self.room);
        let (first, rest) = text.split_at(end.map_or(text.len(), |(at, _)| at));
        self.room -= first.chars().count();
        self.first.push_str(first);
        let kept = end_of(rest, self.most);
        self.cut |= kept.len() < rest.len();
        self.rest.push_str(kept);
        // Cut now and then, so that many small pieces cost no more than a large one.
        if self.rest.len() > 8 * self.most {
            let kept = end_of(&self.rest, self.most).len();
            self.cut |= kept < self.rest.len();
            self.rest.drain(..self.rest.len() - kept);
        }
        Ok(())
    }
}

impl Parts {
    fn joined(self, last: usize) -> String {
        let Parts { first, rest, .. } = self;
        // As many as fit where no `…` is needed are one more than where it is.
        let end = end_of(&rest, self.most);
        if self.cut || end.len() < rest.len() {
            format!("{first}…{}", end_of(&rest, last))
        } else {
            first + &rest
        }
    }
}

/// Returns the last `most` characters.
fn end_of(text: &str, most: usize) -> &str {
    let mut starts = text.char_indices().rev().take(most);
    let start = starts.by_ref().last().map_or(text.len(), |(at, _)| at);
    &text[start..]
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    /// A text that comes in pieces.
    struct Pieces<'a>(&'a str, usize);

    impl Display for Pieces<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let characters: Vec<char> = self.0.chars().collect();
            let mut pieces = characters.chunks(self.1);
            pieces.try_for_each(|piece| f.write_str(&piece.iter().collect::<String>()))
        }
    }

    #[test]
    fn a_short_text_stays_and_of_a_long_one_both_ends_are_shown() {
        for (text, shown) in [
            ("", ""),
            ("123456789", "123456789"),
            ("1234567890", "12345…890"),
            ("一二三四五六七八九", "一二三四五六七八九"),
            ("一二三四五六七八九十", "一二三四五…八九十"),
        ] {
            for piece in [1, 2, 3, 100] {
                assert_eq!(within(Pieces(text, piece), 9), shown, "{piece}");
            }
        }
    }

    #[test]
    fn no_text_is_too_long_or_too_odd() {
        for text in ["x", "é", "🚀", "\n", "a\u{301}"] {
            let long = text.repeat(1 << 20);
            let shown = truncate(&long);
            let most = if text == "\n" { 2 * LONGEST } else { LONGEST };
            assert!((LONGEST..=most).contains(&shown.chars().count()));
            assert!(shown.contains('…') && shown.len() < 4 * LONGEST + 8);
            assert_eq!(beginning(&long, 60).chars().count(), 60);
        }
        for most in 0..4 {
            assert!(within("long enough", most).chars().count() <= most.max(1));
            assert!(beginning("long enough", most).chars().count() <= most.max(1));
        }
    }

    #[test]
    fn the_end_of_a_long_message_says_where() {
        let message = format!(
            "invalid type: string {:?}, expected u32 at line 1",
            "x".repeat(1 << 20)
        );
        let shown = truncate(message);
        assert!(shown.starts_with("invalid type: string \"xxx"), "{shown}");
        assert!(shown.ends_with("x\", expected u32 at line 1"), "{shown}");
    }

    #[test]
    fn of_many_names_the_first_are_shown_and_the_others_counted() {
        assert_eq!(names(["a", "b"], 2), "a, b");
        assert_eq!(names(["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(names([""; 0], 2), "");
    }

    #[test]
    fn only_the_beginning_is_shown_where_the_end_says_nothing() {
        assert_eq!(beginning("123", 3), "123");
        assert_eq!(beginning("1234", 3), "12…");
    }
}
