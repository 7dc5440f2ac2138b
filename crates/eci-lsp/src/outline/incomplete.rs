//! Incomplete line at the end of a text.

use std::ops::Range;

use toml_parser::Source;
use toml_parser::parser::EventKind;

use super::model::{Data, Key, QuotedString};
use super::parts;
use super::reader::Reader;

/// The open part at the end of a text.
#[derive(Debug)]
pub(crate) enum OpenPart {
    /// The last of these keys of a header is being written.
    Header { keys: Vec<Key>, is_repeated: bool },
    /// The last of these keys is being written; in an inline table of one or more lines.
    Key { keys: Vec<Key>, is_inline: bool },
    /// The value below these keys is being written: its string, its word, or nothing yet.
    Value {
        keys: Vec<Key>,
        written: PartialValue,
    },
}

/// The written part of a value.
#[derive(Clone, Debug)]
pub(crate) enum PartialValue {
    Nothing,
    Word(Range<usize>),
    Text(QuotedString),
}

/// Returns the part that is being written at the end of the text; `None` within a comment, or where
/// nothing fits.
pub(crate) fn open_end(text: &str) -> Option<OpenPart> {
    let tokens = Source::new(text).lex().into_vec();
    let parts = parts(text, &tokens);
    let mut reader = Reader::new(text);
    reader.read(parts.last().copied().unwrap_or_default());
    reader.open()
}

impl Reader<'_> {
    fn open(mut self) -> Option<OpenPart> {
        let end = self.text.len();
        let (kind, range) = self.last.clone().unwrap_or((EventKind::Newline, 0..0));
        if kind == EventKind::Comment && range.end == end {
            return None;
        }
        let header = self.section().header.take().unwrap_or_default();
        if self.in_header {
            return Some(OpenPart::Header {
                keys: header.keys,
                is_repeated: header.is_repeated,
            });
        }
        let touches = range.end == end;
        let mut keys = header.keys;
        let (top, outer) = self.frames.split_last_mut()?;
        keys.extend(outer.iter().flat_map(|frame| frame.keys.iter().cloned()));
        let is_in_list = top.is_list;
        let is_inline = !outer.is_empty();
        if kind == EventKind::Scalar && touches {
            let item = if is_in_list {
                top.items.pop()
            } else {
                top.entries.pop().and_then(|entry| {
                    keys.extend(entry.keys);
                    entry.item
                })
            }?;
            let written = match item.data {
                Data::Text(quoted) if quoted.is_closed => return None,
                Data::Text(quoted) => PartialValue::Text(quoted),
                _ => PartialValue::Word(item.range),
            };
            return Some(OpenPart::Value { keys, written });
        }
        if is_in_list {
            let expects = [EventKind::ArrayOpen, EventKind::ValueSep];
            let fits = self.significant.is_some_and(|kind| expects.contains(&kind));
            let written = PartialValue::Nothing;
            return fits.then_some(OpenPart::Value { keys, written });
        }
        let own = std::mem::take(&mut top.keys);
        if !own.is_empty() {
            keys.extend(own);
            return if top.has_sign {
                let written = PartialValue::Nothing;
                Some(OpenPart::Value { keys, written })
            } else {
                touches.then_some(OpenPart::Key { keys, is_inline })
            };
        }
        let expects = [EventKind::InlineTableOpen, EventKind::ValueSep];
        let fits = if is_inline {
            self.significant.is_some_and(|kind| expects.contains(&kind))
        } else {
            self.begins_line
        };
        keys.push(Key {
            text: String::new(),
            range: end..end,
        });
        fits.then_some(OpenPart::Key { keys, is_inline })
    }
}
