//! What is wrong with a manifest, as data: one renderer draws it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::codes::Code;
use crate::excerpt::within;

/// The most characters of a sentence. It may quote what stands in a manifest, which may be of
/// any size.
const LONGEST: usize = 2000;

/// A sentence; a short one is not copied.
fn sentence(text: impl Into<String>) -> String {
    let text = text.into();
    match text.len() <= LONGEST {
        true => text,
        false => within(text, LONGEST),
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can be planned.
    Error,
    /// It will work, perhaps not as meant.
    Warning,
}

/// The bytes between two places of a text up to which characters are counted beforehand.
const STRIDE: usize = 1024;

/// One file that was read, with its text.
pub struct Source {
    /// The name to show: relative to the configuration's directory.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where each line begins; found when the first position is asked for.
    lines: OnceLock<Vec<usize>>,
    /// How many characters come before every [`STRIDE`] bytes; counted for the first position in a
    /// long line.
    characters: OnceLock<Vec<usize>>,
    /// What is never shown of it: secrets that are written out.
    hidden: Mutex<BTreeSet<(usize, usize)>>,
}

impl Source {
    /// A file of that name with that text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source {
            name: name.into(),
            text: text.into(),
            lines: OnceLock::new(),
            characters: OnceLock::new(),
            hidden: Mutex::default(),
        }
    }

    /// Keeps a part from being shown.
    pub fn hide(&self, range: Range<usize>) {
        // A thread that panicked while it added a range left the others as they were.
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        hidden.insert((range.start, range.end));
    }

    /// A part as it may be shown: as many bytes, with `*` for each of what is hidden.
    pub fn shown(&self, range: Range<usize>) -> Cow<'_, str> {
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let text = &self.text[range.clone()];
        let mut bytes = Cow::Borrowed(text.as_bytes());
        for (start, end) in hidden.iter().take_while(|(start, _)| *start < range.end) {
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

    /// Line and column of a byte offset, both counted from 1; the column in characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let lines = self.lines.get_or_init(|| {
            let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(breaks).collect()
        });
        // The first line begins at 0, so that at least one begins at or before the offset.
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines[line - 1];
        let column = match offset - start <= STRIDE {
            true => self.text[start..offset].chars().count(),
            // A line may have as many mistakes as characters.
            false => self.characters_before(offset) - self.characters_before(start),
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
pub struct Place {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes of it.
    pub range: Range<usize>,
}

impl Place {
    /// A place in a file.
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Place {
        Place {
            source: Arc::clone(source),
            range,
        }
    }

    /// Line and column of its beginning, counted from 1.
    pub fn position(&self) -> (usize, usize) {
        self.source.position(self.range.start)
    }
}

/// `file:line`
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = eci_text::line(&self.source.name);
        write!(f, "{name}:{}", self.position().0)
    }
}

/// A place and what is to be said about it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What; may be empty.
    pub text: String,
}

/// A change of a manifest that would mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is to go.
    pub place: Place,
    /// What comes in its place.
    pub replacement: String,
}

/// One thing that is wrong, where, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The kind of mistake.
    pub code: &'static Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The place it is about; none if it is about no place in a manifest.
    pub primary: Option<Label>,
    /// Further places that explain it.
    pub secondary: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// The same as a change that an editor can make.
    pub edit: Option<Edit>,
}

impl Diagnostic {
    /// One without a place yet, as bad as its code says.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: code.severity(),
            code,
            message: sentence(message),
            primary: None,
            secondary: Vec::new(),
            help: None,
            edit: None,
        }
    }

    /// With the place it is about and what to say there.
    #[must_use]
    pub fn at(mut self, place: Place, text: impl Into<String>) -> Diagnostic {
        self.primary = Some(Label {
            place,
            text: sentence(text),
        });
        self
    }

    /// With a further place.
    #[must_use]
    pub fn also(mut self, place: Place, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label {
            place,
            text: sentence(text),
        });
        self
    }

    /// With a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(sentence(help));
        self
    }

    /// With the name that was probably meant as the way out, and as an edit.
    #[must_use]
    pub fn did_you_mean(self, written: &str, meant: &str) -> Diagnostic {
        self.help(format!("did you mean `{meant}`?"))
            .instead(written, meant)
    }

    /// As [`Diagnostic::did_you_mean`] where a name is near, otherwise with another way out.
    #[must_use]
    pub fn near(
        self,
        written: &str,
        meant: Option<&str>,
        otherwise: impl FnOnce() -> String,
    ) -> Diagnostic {
        match meant {
            Some(meant) => self.did_you_mean(written, meant),
            None => self.help(otherwise()),
        }
    }

    /// With an edit that puts something else in the place of a text. None is made where the
    /// primary place does not hold just that text, with quotes or without: it may be computed.
    #[must_use]
    pub fn instead(mut self, written: &str, meant: &str) -> Diagnostic {
        let Some(Label { place, .. }) = &self.primary else {
            return self;
        };
        let text = place.source.text.get(place.range.clone());
        let inner = text.and_then(|text| {
            let quotes = ["", "\"", "'"].into_iter();
            quotes
                .filter(|quote| text.len() == written.len() + 2 * quote.len())
                .find(|quote| {
                    let bare = text
                        .strip_prefix(quote)
                        .and_then(|it| it.strip_suffix(quote));
                    bare == Some(written)
                })
        });
        if let Some(quote) = inner {
            // Truth values have no quotes.
            let keeps = match meant {
                "true" | "false" => 0,
                _ => quote.len(),
            };
            let range = place.range.start + keeps..place.range.end - keeps;
            self.edit = Some(Edit {
                place: Place::new(&place.source, range),
                replacement: meant.to_owned(),
            });
        }
        self
    }

    /// With an edit of any place.
    #[must_use]
    pub fn edit(mut self, place: Place, replacement: impl Into<String>) -> Diagnostic {
        self.edit = Some(Edit {
            place,
            replacement: replacement.into(),
        });
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(label) = &self.primary {
            let (line, column) = label.place.position();
            write!(f, "{}:{line}:{column}: ", label.place.source.name)?;
        }
        write!(f, "{}", self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// All that is wrong, in the order it was found. As an error it holds at least one error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Sorts them by file and place, and drops repetitions.
    pub fn sort(&mut self) {
        fn key(diagnostic: &Diagnostic) -> (Option<(&str, usize)>, &str, &str) {
            let place = diagnostic
                .primary
                .as_ref()
                .map(|label| (&*label.place.source.name, label.place.range.start));
            (place, diagnostic.code.name, &diagnostic.message)
        }
        self.0.sort_by(|a, b| key(a).cmp(&key(b)));
        self.0.dedup();
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, diagnostic) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn an_edit_replaces_what_is_written_and_nothing_that_is_computed() {
        let source = Arc::new(Source::new("a.eci.toml", "kind = \"Alwas\"\n"));
        let at = |range| {
            let place = Place::new(&source, range);
            Diagnostic::new(crate::codes::BAD_VALUE, "no").at(place, "")
        };
        let edit = at(7..14).instead("Alwas", "Always").edit;
        let edit = edit.map(|edit| (edit.place.range, edit.replacement));
        assert_eq!(edit, Some((8..13, "Always".to_owned())));
        assert_eq!(
            at(0..4)
                .instead("kind", "type")
                .edit
                .map(|it| it.place.range),
            Some(0..4)
        );
        assert_eq!(at(7..14).instead("other", "Always").edit, None);
        assert_eq!(at(7..900).instead("Alwas", "Always").edit, None);
    }

    #[test]
    fn a_sentence_is_of_a_length_that_can_be_read() {
        let source = Arc::new(Source::new("a.eci.toml", ""));
        let long = "名".repeat(1 << 20);
        let diagnostic = Diagnostic::new(crate::codes::BAD_VALUE, format!("{long} is no number"))
            .at(Place::new(&source, 0..0), &*long)
            .also(Place::new(&source, 0..0), &*long)
            .help(&*long);
        assert!(diagnostic.message.ends_with("名 is no number"));
        let labels = diagnostic.primary.iter().chain(&diagnostic.secondary);
        let texts = labels.map(|label| &label.text).chain(&diagnostic.help);
        for text in texts.chain([&diagnostic.message]) {
            assert_eq!(text.chars().count(), LONGEST);
        }
    }

    #[test]
    fn what_is_hidden_is_shown_as_stars_of_the_same_width() {
        let source = Source::new("a.eci.toml", "key = \"s3cr3t\"\nother = 1\n");
        source.hide(7..13);
        assert_eq!(source.shown(0..14), "key = \"******\"");
        assert_eq!(source.shown(10..16), "***\"\no");
        assert_eq!(source.shown(15..24), "other = 1");
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("a.eci.toml", "x = 1\n名 = \"值\"\n");
        let at = source
            .text
            .find('=')
            .map(|first| first + 1)
            .and_then(|from| source.text[from..].find('=').map(|second| from + second));
        assert_eq!(source.position(at.unwrap_or_default()), (2, 3));
        assert_eq!(source.position(usize::MAX), (3, 1));
    }
}
