//! What a file of TOML consists of, also where it is no valid TOML: the usual state of a file
//! that somebody writes in.
//!
//! The file is taken apart at its headers, so that what is wrong with one table hides nothing of
//! the next, and each part is read by the parser of TOML that tells what it meets.

mod incomplete;
mod reader;

use std::ops::Range;

use eci_core::tables;
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

use reader::Reader;

pub(crate) use incomplete::{Open, Written, open_end};

/// A file as its tables.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) sections: Vec<Section>,
}

/// A header and the keys below it.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// None for the keys above the first header.
    pub(crate) header: Option<Header>,
    pub(crate) entries: Vec<Entry>,
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
pub(crate) struct Entry {
    pub(crate) keys: Vec<Key>,
    /// None where nobody wrote it yet.
    pub(crate) item: Option<Item>,
}

/// A value.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) data: Data,
    pub(crate) range: Range<usize>,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Data {
    /// A string.
    Text(Quoted),
    /// Anything else that is one word.
    Bare,
    List(Vec<Item>),
    Table(Vec<Entry>),
}

/// A string as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Quoted {
    /// What stands between the quotes.
    pub(crate) inner: Range<usize>,
    /// Whether a backslash escapes.
    pub(crate) is_basic: bool,
    /// Whether it ends in its quotes.
    pub(crate) is_closed: bool,
}

impl Section {
    /// The keys of its header.
    pub(crate) fn path(&self) -> &[Key] {
        self.header.as_ref().map_or(&[], |header| &header.keys)
    }
}

/// Takes a file apart.
pub(crate) fn outline(text: &str) -> Outline {
    let tokens = Source::new(text).lex().into_vec();
    let sections = parts(text, &tokens).into_iter().flat_map(|part| {
        let mut reader = Reader::new(text);
        reader.read(part);
        reader.finish()
    });
    let mut sections: Vec<Section> = sections.collect();
    let mut end = text.len();
    for section in sections.iter_mut().rev() {
        section.range.end = end;
        end = section.range.start;
    }
    Outline { sections }
}

/// Cuts before each line that can only be a header: one that names a table of manifests.
fn parts<'t>(text: &str, tokens: &'t [Token]) -> Vec<&'t [Token]> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut begins_line = true;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind() {
            TokenKind::Newline => begins_line = true,
            TokenKind::Whitespace => {}
            TokenKind::LeftSquareBracket if begins_line => {
                if at > from && names_table(text, &tokens[at..]) {
                    parts.push(&tokens[from..at]);
                    from = at;
                }
                begins_line = false;
            }
            _ => begins_line = false,
        }
    }
    parts.push(&tokens[from..]);
    parts
}

fn names_table(text: &str, tokens: &[Token]) -> bool {
    let mut tokens = tokens.iter();
    let skipped = [TokenKind::LeftSquareBracket, TokenKind::Whitespace];
    let first = tokens.find(|token| !skipped.contains(&token.kind()));
    let Some(first) = first.filter(|token| token.kind() == TokenKind::Atom) else {
        return false;
    };
    let name = &text[first.span().start()..first.span().end()];
    let is_table = tables::table(name).is_some();
    // In a list of lists a comma would follow.
    let next = tokens.next().map(Token::kind);
    is_table && !matches!(next, Some(TokenKind::Comma))
}
