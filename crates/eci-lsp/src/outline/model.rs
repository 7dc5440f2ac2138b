//! The parts of a file of TOML: its sections, their headers, keys and values, each with its place.

use std::ops::Range;

/// A file as its tables.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) sections: Vec<OutlineSection>,
}

/// A header and the keys below it.
#[derive(Debug, Default)]
pub(crate) struct OutlineSection {
    /// None for the keys above the first header.
    pub(crate) header: Option<Header>,
    pub(crate) entries: Vec<OutlineEntry>,
    /// From its header to the next one.
    pub(crate) range: Range<usize>,
}

/// `[eip.web]`
#[derive(Debug, Default)]
pub(crate) struct Header {
    pub(crate) keys: Vec<Key>,
    /// Whether it is written in double brackets.
    pub(crate) is_repeated: bool,
    /// Whether its brackets are closed.
    pub(crate) is_closed: bool,
    pub(crate) range: Range<usize>,
}

/// One key of a path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) range: Range<usize>,
}

/// A key and its value.
#[derive(Debug)]
pub(crate) struct OutlineEntry {
    pub(crate) keys: Vec<Key>,
    /// `None` where it is not written yet.
    pub(crate) item: Option<Item>,
}

/// A value.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) data: Data,
    pub(crate) range: Range<usize>,
}

/// The data of a value.
#[derive(Debug)]
pub(crate) enum Data {
    /// A string.
    Text(QuotedString),
    /// Anything else that is one word.
    Bare,
    List(Vec<Item>),
    Table(Vec<OutlineEntry>),
}

/// A string as it is written.
#[derive(Clone, Debug)]
pub(crate) struct QuotedString {
    /// The text between the quotes.
    pub(crate) inner: Range<usize>,
    /// Whether a backslash escapes.
    pub(crate) is_basic: bool,
    /// Whether it ends in its quotes.
    pub(crate) is_closed: bool,
}

impl OutlineSection {
    /// Returns the keys of its header.
    pub(crate) fn path(&self) -> &[Key] {
        self.header.as_ref().map_or(&[], |header| &header.keys)
    }
}
