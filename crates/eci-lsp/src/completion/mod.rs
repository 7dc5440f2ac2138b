//! Returns the candidates at a place.
//!
//! Candidates are found from the text before the place, which is rarely valid TOML during editing:
//! [`open_end`] determines what is being written there.

mod builder;
mod expressions;
mod headers;
mod keys;
mod snippets;
mod values;

use std::ops::Range;

use async_lsp::lsp_types::CompletionItem;
use eci_format::FileKind;

use self::builder::Builder;
pub(crate) use self::builder::ClientCapabilities;
use crate::expression::look_through;
use crate::outline::{Key, OpenPart, PartialValue, open_end};
use crate::workspace::{File, Place};

/// Returns the candidates at a place.
pub(crate) fn completion(place: Place<'_>, abilities: ClientCapabilities) -> Vec<CompletionItem> {
    let text = place.file.text.as_str();
    let Some(before) = text.get(..place.offset) else {
        return Vec::new();
    };
    let builder = Builder { place, abilities };
    let Some(open) = open_end(last_part(place.file, before)) else {
        return Vec::new();
    };
    let open = shifted(open, before.len() - last_part(place.file, before).len());
    if place.file.kind == FileKind::Variables {
        return keys::of_values(&builder, &open);
    }
    match open {
        OpenPart::Header { keys, is_repeated } => headers::complete(&builder, &keys, is_repeated),
        OpenPart::Key { keys, is_inline } => keys::complete(&builder, &keys, is_inline),
        OpenPart::Value {
            keys,
            written: PartialValue::Text(quoted),
            ..
        } => {
            let inner = &text[quoted.inner.start..place.offset];
            match look_through(inner, quoted.is_basic).open {
                Some(from) => expressions::complete(&builder, &inner[from..]),
                None => {
                    let range = quoted.inner.start..place.offset;
                    values::in_quotes(&builder, &keys, range)
                }
            }
        }
        OpenPart::Value { keys, written } => {
            let range = match written {
                PartialValue::Word(range) => range,
                _ => place.offset..place.offset,
            };
            values::bare(&builder, &keys, range)
        }
    }
}

/// Returns the part of the text that begins with the header above the place: the text before it
/// does not matter, except for a string of several lines, which the outline has read.
fn last_part<'t>(file: &File, before: &'t str) -> &'t str {
    let starts = file
        .outline
        .sections
        .iter()
        .map(|section| section.range.start);
    let start = starts.take_while(|start| *start < before.len()).last();
    before.get(start.unwrap_or_default()..).unwrap_or(before)
}

/// Places within a part of a text as places within all of it.
fn shifted(open: OpenPart, by: usize) -> OpenPart {
    let shift = |range: Range<usize>| range.start + by..range.end + by;
    let shift_keys = |keys: Vec<Key>| {
        let shifted = keys.into_iter().map(|key| Key {
            text: key.text,
            range: shift(key.range),
        });
        shifted.collect()
    };
    match open {
        OpenPart::Header { keys, is_repeated } => OpenPart::Header {
            keys: shift_keys(keys),
            is_repeated,
        },
        OpenPart::Key { keys, is_inline } => OpenPart::Key {
            keys: shift_keys(keys),
            is_inline,
        },
        OpenPart::Value { keys, written } => OpenPart::Value {
            keys: shift_keys(keys),
            written: match written {
                PartialValue::Nothing => PartialValue::Nothing,
                PartialValue::Word(range) => PartialValue::Word(shift(range)),
                PartialValue::Text(mut quoted) => {
                    quoted.inner = shift(quoted.inner);
                    PartialValue::Text(quoted)
                }
            },
        },
    }
}
