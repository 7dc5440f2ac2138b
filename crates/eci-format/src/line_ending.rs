//! Line ends: a file keeps its own, and in between there is one kind.

use std::borrow::Cow;
use std::ops::Range;

/// The ending of the lines of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnding {
    /// Each of them with a line feed, or some in one way and some in the other: then those in
    /// strings stay, and the others become line feeds.
    LineFeed,
    /// Each of them with carriage return and line feed, as on Windows.
    Both,
}

impl LineEnding {
    /// Returns the ending of the lines of a text.
    pub(crate) fn of(text: &str) -> LineEnding {
        let feeds = text.matches('\n').count();
        if feeds > 0 && text.matches("\r\n").count() == feeds {
            LineEnding::Both
        } else {
            LineEnding::LineFeed
        }
    }

    /// Returns the text with line feeds alone, and without the mark that some editors write first.
    pub(crate) fn remove(self, text: &str) -> Cow<'_, str> {
        let text = text.strip_prefix(MARK).unwrap_or(text);
        match self {
            LineEnding::LineFeed => Cow::Borrowed(text),
            LineEnding::Both => Cow::Owned(text.replace("\r\n", "\n")),
        }
    }

    /// Returns the text with its own line endings again.
    pub(crate) fn restore(self, text: String) -> String {
        match self {
            LineEnding::LineFeed => text,
            LineEnding::Both => text.replace('\n', "\r\n"),
        }
    }

    /// Returns the bytes of the file that are those of the text without its line ends.
    pub(crate) fn widen(self, file: &str, range: Range<usize>) -> Range<usize> {
        let mark = if file.starts_with(MARK) {
            MARK.len_utf8()
        } else {
            0
        };
        if self == LineEnding::LineFeed {
            return range.start + mark..range.end + mark;
        }
        let mut breaks = file
            .match_indices("\r\n")
            .map(|(at, _)| at - mark)
            .enumerate();
        let mut removed_before = |offset: usize| {
            let mut removed = 0;
            for (count, at) in breaks.by_ref() {
                // The line feed of the n-th break was n bytes further on.
                if at - count >= offset {
                    return count;
                }
                removed = count + 1;
            }
            removed
        };
        let start = range.start + removed_before(range.start);
        let length = range.end - range.start;
        let end = (start + mark + length).min(file.len());
        start + mark..end
    }
}

const MARK: char = '\u{feff}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_with_one_kind_of_line_ends_keeps_it() {
        assert_eq!(LineEnding::of("a\r\nb\r\n"), LineEnding::Both);
        assert_eq!(LineEnding::of("a\r\nb\n"), LineEnding::LineFeed);
        assert_eq!(LineEnding::of("a\n"), LineEnding::LineFeed);
        assert_eq!(LineEnding::of("a"), LineEnding::LineFeed);
    }

    #[test]
    fn a_place_in_a_file_with_carriage_returns_is_found_again() {
        let file = "\u{feff}a = 1\r\nb = 2\r\nc = !\r\n";
        let ending = LineEnding::of(file);
        let text = ending.remove(file);
        for found in ["a", "b", "2", "c", "!"] {
            let at = text.find(found).unwrap_or_default();
            let range = ending.widen(file, at..at + 1);
            assert_eq!(&file[range], found);
        }
    }

    #[test]
    fn a_place_in_a_file_with_line_feeds_is_the_same() {
        let file = "\u{feff}a = !\n";
        let text = LineEnding::of(file).remove(file);
        let at = text.find('!').unwrap_or_default();
        assert_eq!(&file[LineEnding::of(file).widen(file, at..at + 1)], "!");
    }
}
