//! The parts of a TOML file, also where it is not valid TOML: the usual state of a file during
//! editing.
//!
//! The file is taken apart at its headers, so that what is wrong with one table hides nothing of
//! the next, and each part is read by an event-based TOML parser.

mod incomplete;
mod model;
mod reader;

use eci_core::tables;
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

use reader::Reader;

pub(crate) use incomplete::{OpenPart, PartialValue, open_end};
pub(crate) use model::{Data, Item, Key, Outline, OutlineEntry, OutlineSection};

/// Takes a file apart.
pub(crate) fn outline(text: &str) -> Outline {
    let tokens = Source::new(text).lex().into_vec();
    let sections = parts(text, &tokens).into_iter().flat_map(|part| {
        let mut reader = Reader::new(text);
        reader.read(part);
        reader.finish()
    });
    let mut sections: Vec<OutlineSection> = sections.collect();
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
