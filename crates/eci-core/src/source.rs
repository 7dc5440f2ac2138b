//! Files that were read, and places in them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use eci_text::{Lang, Text};

/// The bytes between two places of a text up to which characters are counted beforehand.
const STRIDE: usize = 1024;

/// One file that was read, with its text.
pub struct Source {
    /// The name to show: relative to the configuration's directory.
    pub name: String,
    /// The name for people where it is another: the path from the directory in which the command
    /// runs, or a name in each language where the text is not a file.
    title: Option<Text>,
    /// The whole text.
    pub text: String,
    /// The start of each line; computed when the first position is requested.
    lines: OnceLock<Vec<usize>>,
    /// The number of characters before every [`STRIDE`] bytes; counted for the first position in a
    /// long line.
    characters: OnceLock<Vec<usize>>,
    /// The parts that are never shown: hard-coded secrets, as the end of each part by its
    /// beginning. No two of them overlap.
    hidden: Mutex<BTreeMap<usize, usize>>,
}

impl Source {
    /// Creates a file of that name with that text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source {
            name: name.into(),
            title: None,
            text: text.into(),
            lines: OnceLock::new(),
            characters: OnceLock::new(),
            hidden: Mutex::default(),
        }
    }

    /// Creates a source that is not a file, for example an expression on the command line.
    pub fn titled(title: Text, text: impl Into<String>) -> Source {
        Source {
            title: Some(title.clone()),
            ..Source::new(title.en(), text)
        }
    }

    /// Sets the path to show to people.
    #[must_use]
    pub fn at_path(self, path: &Path) -> Source {
        let path = path.strip_prefix(".").unwrap_or(path);
        Source {
            title: Some(Text::verbatim(path.display().to_string())),
            ..self
        }
    }

    /// Returns the name to show in a language.
    pub fn title(&self, lang: Lang) -> &str {
        let title = self.title.as_ref();
        title.map_or(&self.name, |title| title.get(lang))
    }

    /// Keeps a part from being shown.
    pub fn hide(&self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        // A thread that panicked while it added a range left the others as they were.
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let Range { mut start, mut end } = range;
        // Parts that overlap become one: there may be very many, one within the other.
        while let Some((&before, &to)) = hidden.range(..=end).next_back() {
            if to < start {
                break;
            }
            hidden.remove(&before);
            (start, end) = (start.min(before), end.max(to));
        }
        hidden.insert(start, end);
    }

    /// Returns a part as it may be shown: as many bytes, with `*` for each hidden one.
    pub fn shown(&self, range: Range<usize>) -> Cow<'_, str> {
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let text = &self.text[range.clone()];
        let mut bytes = Cow::Borrowed(text.as_bytes());
        let within = hidden.range(..range.end).rev();
        for (start, end) in within.take_while(|(_, end)| **end > range.start) {
            let (start, end) = (*start.max(&range.start), *end.min(&range.end));
            if start < end {
                let part = &mut bytes.to_mut()[start - range.start..end - range.start];
                // Lines stay lines, so that places keep their meaning.
                let shown = part.iter_mut().filter(|byte| **byte != b'\n');
                shown.for_each(|byte| *byte = b'*');
            }
        }
        match bytes {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// Returns whether any byte of a part is hidden.
    pub fn hides(&self, range: Range<usize>) -> bool {
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let last = hidden.range(..range.end).next_back();
        last.is_some_and(|(_, end)| *end > range.start)
    }

    /// Returns line and column of a byte offset, both counted from 1; the column in characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let lines = self.lines.get_or_init(|| {
            let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(breaks).collect()
        });
        // The first line begins at 0, so that at least one begins at or before the offset.
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines[line - 1];
        let column = if offset - start <= STRIDE {
            self.text[start..offset].chars().count()
        } else {
            // A line may have as many mistakes as characters.
            self.characters_before(offset) - self.characters_before(start)
        };
        (line, column + 1)
    }

    /// Returns the number of characters before an offset that is between two of them.
    fn characters_before(&self, offset: usize) -> usize {
        let boundary = |stride: usize| self.text.floor_char_boundary(stride * STRIDE);
        let counts = self.characters.get_or_init(|| {
            let strides = 0..self.text.len() / STRIDE;
            let count = |at| self.text[boundary(at)..boundary(at + 1)].chars().count();
            let sums = strides.scan(0, |sum, at| {
                *sum += count(at);
                Some(*sum)
            });
            std::iter::once(0).chain(sums).collect()
        });
        let stride = offset / STRIDE;
        counts[stride] + self.text[boundary(stride)..offset].chars().count()
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Source) -> bool {
        std::ptr::eq(self, other) || (self.name == other.name && self.text == other.text)
    }
}

impl Eq for Source {}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.name)
    }
}

/// A place in a file: a range of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes of it.
    pub range: Range<usize>,
}

impl Span {
    /// Creates a span of a file.
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Span {
        Span {
            source: Arc::clone(source),
            range,
        }
    }

    /// Returns line and column of its beginning, counted from 1.
    pub fn position(&self) -> (usize, usize) {
        self.source.position(self.range.start)
    }
}

/// `file:line`
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = eci_text::line(&self.source.name);
        write!(f, "{name}:{}", self.position().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_stays_so_however_its_parts_overlap() {
        let text = "abcdefghij".repeat(5);
        let mut seed = 1u64;
        let mut random = || {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            usize::try_from(seed >> 33).unwrap_or_default() % (text.len() + 1)
        };
        for _ in 0..500 {
            let source = Source::new("a.eci.toml", &*text);
            let mut shown = text.clone().into_bytes();
            for _ in 0..random() % 8 {
                let (one, other) = (random(), random());
                let range = one.min(other)..one.max(other);
                shown[range.clone()].fill(b'*');
                source.hide(range);
            }
            let (one, other) = (random(), random());
            let range = one.min(other)..one.max(other);
            let expected = String::from_utf8_lossy(&shown[range.clone()]);
            assert_eq!(source.shown(range), expected);
        }
    }

    #[test]
    fn a_column_of_a_long_line_is_counted_in_characters() {
        let text = format!("a\n{}\nb", "名é𝄞x".repeat(2000));
        let source = Source::new("a.eci.toml", &*text);
        for (at, _) in text.char_indices().step_by(97) {
            let line = text[..at].matches('\n').count();
            let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
            let column = text[start..at].chars().count() + 1;
            assert_eq!(source.position(at), (line + 1, column));
        }
    }
}
