//! Behind a `=`, or in a list.

use std::ops::Range;

use async_lsp::lsp_types::{CompletionItem, CompletionItemKind};
use eci_core::schema::Type;
use eci_core::tables::ManifestShape;
use eci_text::say;

use super::builder::{Builder, Choice};
use super::snippets::escaped;
use crate::names::{Space, scalars, shape_of};
use crate::outline::Key;

/// The types of variables, as far as one word writes them.
const TYPES: [&str; 7] = [
    "string",
    "number",
    "bool",
    "any",
    "list(string)",
    "list(number)",
    "map(string)",
];

/// Returns the possible values between quotes.
pub(super) fn in_quotes(
    builder: &Builder<'_>,
    keys: &[Key],
    range: Range<usize>,
) -> Vec<CompletionItem> {
    let words = words(builder, keys);
    let items = words.into_iter().enumerate().map(|(rank, word)| {
        let choice = word.choice(escaped(&word.text), rank);
        builder.item(choice, &range)
    });
    items.collect()
}

/// Returns the possible values at an empty place: booleans, and the rest with its quotes.
pub(super) fn bare(
    builder: &Builder<'_>,
    keys: &[Key],
    range: Range<usize>,
) -> Vec<CompletionItem> {
    let shape = shape_at(keys);
    let mut items = Vec::new();
    let types = shape.ty().map(scalars).unwrap_or_default();
    if types.iter().any(|ty| matches!(ty, Type::Bool)) {
        for (rank, truth) in ["true", "false"].into_iter().enumerate() {
            let choice = Choice {
                label: truth,
                kind: CompletionItemKind::VALUE,
                detail: None,
                doc: None,
                insert: truth.to_owned(),
                rank,
            };
            items.push(builder.item(choice, &range));
        }
    }
    for (rank, word) in words(builder, keys).into_iter().enumerate() {
        let quoted = format!("\"{}\"", escaped(&word.text));
        items.push(builder.item(word.choice(quoted, rank), &range));
    }
    let computable = shape.field().is_none_or(|field| !field.literal_only);
    if computable && !matches!(shape, ManifestShape::Root | ManifestShape::Labels(_)) {
        let choice = Choice {
            label: "${…}",
            kind: CompletionItemKind::SNIPPET,
            detail: Some(say!(builder.place.lang, en: "expression", zh: "表达式")),
            doc: None,
            insert: "'\\${$1}'".to_owned(),
            rank: 900,
        };
        items.push(builder.item(choice, &range));
    }
    items
}

struct Word {
    text: String,
    kind: CompletionItemKind,
    detail: Option<String>,
}

impl Word {
    fn choice(&self, insert: String, rank: usize) -> Choice<'_> {
        Choice {
            label: if self.text.is_empty() {
                "\"\""
            } else {
                &self.text
            },
            kind: self.kind,
            detail: self.detail.clone(),
            doc: None,
            insert,
            rank,
        }
    }
}

fn shape_at(keys: &[Key]) -> ManifestShape {
    shape_of(keys.iter().map(|key| &*key.text), None)
}

/// Returns the words that a value may be.
fn words(builder: &Builder<'_>, keys: &[Key]) -> Vec<Word> {
    if let [table, _, key] = keys
        && table.text == "variable"
        && key.text == "type"
    {
        let words = TYPES.into_iter().map(|text| Word {
            text: text.to_owned(),
            kind: CompletionItemKind::TYPE_PARAMETER,
            detail: None,
        });
        return words.collect();
    }
    let types = shape_at(keys).ty().map(scalars).unwrap_or_default();
    types
        .into_iter()
        .flat_map(|ty| of_type(builder, ty))
        .collect()
}

fn of_type(builder: &Builder<'_>, ty: &Type) -> Vec<Word> {
    let declared = builder.place.directory.declared();
    let resources = declared.into_iter().filter_map(|name| match name.space {
        Space::Resource(kind) => Some((kind, &*name.text)),
        _ => None,
    });
    match ty {
        Type::Enum(words) => words
            .iter()
            .map(|word| Word {
                text: (*word).to_owned(),
                kind: CompletionItemKind::ENUM_MEMBER,
                detail: None,
            })
            .collect(),
        Type::Ref(kind, _) => resources
            .filter(|(of, _)| of == kind)
            .map(|(kind, label)| Word {
                text: label.to_owned(),
                kind: CompletionItemKind::REFERENCE,
                detail: Some(format!("{kind}.{label}")),
            })
            .collect(),
        Type::Address => resources
            .map(|(kind, label)| Word {
                text: format!("{kind}.{label}"),
                kind: CompletionItemKind::REFERENCE,
                detail: None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
