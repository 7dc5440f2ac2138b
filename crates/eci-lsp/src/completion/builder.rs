//! Items for a place.

use std::ops::Range;

use async_lsp::lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat,
    MarkupContent, MarkupKind, TextEdit,
};

use super::snippets;
use crate::outline::OutlineSection;
use crate::workspace::Place;

/// The capabilities of an editor.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClientCapabilities {
    /// Whether it fills in templates with places to go to.
    pub(crate) snippets: bool,
}

/// A builder of items for a place.
pub(super) struct Builder<'a> {
    pub(super) place: Place<'a>,
    pub(super) abilities: ClientCapabilities,
}

/// One completion candidate.
pub(super) struct Choice<'t> {
    pub(super) label: &'t str,
    pub(super) kind: CompletionItemKind,
    pub(super) detail: Option<String>,
    /// Markdown.
    pub(super) doc: Option<String>,
    /// The inserted text, as a snippet: `$1` and the like are places to go to.
    pub(super) insert: String,
    /// The sort rank.
    pub(super) rank: usize,
}

impl Builder<'_> {
    /// Returns the rest of the line after the place.
    pub(super) fn rest(&self) -> &str {
        self.place.file.text.rest_of_line(self.place.offset)
    }

    /// Returns the section that the place is in.
    pub(super) fn section(&self) -> Option<&OutlineSection> {
        let sections = self.place.file.outline.sections.iter();
        // At the end of the file no section goes on.
        sections
            .rev()
            .find(|section| section.range.start <= self.place.offset)
    }

    pub(super) fn item(&self, choice: Choice<'_>, range: &Range<usize>) -> CompletionItem {
        let (text, format) = if self.abilities.snippets {
            (choice.insert, InsertTextFormat::SNIPPET)
        } else {
            (
                snippets::plain(&choice.insert),
                InsertTextFormat::PLAIN_TEXT,
            )
        };
        let range = self.place.file.text.range(range);
        CompletionItem {
            label: choice.label.to_owned(),
            kind: Some(choice.kind),
            detail: choice.detail,
            documentation: choice.doc.map(|value| {
                Documentation::MarkupContent(MarkupContent {
                    kind: MarkupKind::Markdown,
                    value,
                })
            }),
            sort_text: Some(format!("{:04}", choice.rank)),
            filter_text: Some(choice.label.to_owned()),
            insert_text_format: Some(format),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, text))),
            ..CompletionItem::default()
        }
    }
}
