//! A document: its tables, in the order in which they are written.

use eci_core::tables::ManifestShape;
use toml_edit::{DocumentMut, Item, Key, Table};

use crate::comment::{self, Line};
use crate::{entry, order, text};

/// One table with its header.
struct Section<'a> {
    /// Its position in the file; the root comes first.
    position: isize,
    path: Vec<&'a Key>,
    form: SectionForm,
    table: &'a Table,
    shape: ManifestShape,
}

/// The form of the header of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SectionForm {
    /// `[name]`.
    Table,
    /// `[[name]]`.
    Element,
}

/// Writes a document.
pub(crate) fn write(document: &DocumentMut, root: ManifestShape) -> String {
    let mut out = String::new();
    for section in sections(document.as_table(), root) {
        if !section.path.is_empty() {
            section.header(&mut out);
        }
        let variant = order::variant(section.table);
        entry::body(&mut out, section.table, section.shape, variant);
    }
    let rest = document.trailing().as_str().unwrap_or_default();
    // The last line of a file may have no end.
    let lines = comment::lines(&format!("{rest}\n"));
    let lines = comment::without_last_blank(&lines);
    let lines = if out.is_empty() {
        comment::without_first_blank(lines)
    } else {
        lines
    };
    comment::write(&mut out, lines, 0);
    out
}

fn sections(root: &Table, shape: ManifestShape) -> Vec<Section<'_>> {
    let mut gathering = SectionWalk {
        path: Vec::new(),
        found: Vec::new(),
    };
    gathering.gather(root, SectionForm::Table, shape);
    let mut found = gathering.found;
    found.sort_by_key(|section| (!section.path.is_empty(), section.position));
    found
}

/// A walk over a document, with the path to the table that it is at.
struct SectionWalk<'a> {
    path: Vec<&'a Key>,
    found: Vec<Section<'a>>,
}

impl<'a> SectionWalk<'a> {
    fn gather(&mut self, table: &'a Table, form: SectionForm, shape: ManifestShape) {
        // A table that no header opens: it is there because of what lies below, or its keys are
        // written with dots in the table around it.
        if !(table.is_dotted() || (table.is_implicit() && !self.path.is_empty())) {
            self.found.push(Section {
                position: table.position().unwrap_or_default(),
                path: self.path.clone(),
                form,
                table,
                shape,
            });
        }
        let variant = order::variant(table);
        for (name, item) in table.iter() {
            let Some(key) = table.key(name) else { continue };
            let below = shape.child(name, variant);
            self.path.push(key);
            match item {
                Item::Table(table) => self.gather(table, SectionForm::Table, below),
                Item::ArrayOfTables(tables) => {
                    for table in tables {
                        self.gather(table, SectionForm::Element, below);
                    }
                }
                Item::Value(_) | Item::None => {}
            }
            self.path.pop();
        }
    }
}

impl Section<'_> {
    fn header(&self, out: &mut String) {
        let lines = comment::lines(comment::before(self.table.decor()));
        let (before, own) = divide(&lines, out);
        comment::write(out, before, 0);
        if !out.is_empty() {
            out.push('\n');
        }
        comment::write(out, comment::without_first_blank(own), 0);
        let name = text::path(&self.path);
        out.push_str(&if self.form == SectionForm::Element {
            format!("[[{name}]]")
        } else {
            format!("[{name}]")
        });
        entry::trailing_comment(out, comment::after(self.table.decor()));
        out.push('\n');
    }
}

/// Returns the lines before a header, divided into those that still belong to the table before,
/// since they follow it without a blank line and have one below them, and those of the header.
fn divide<'a>(lines: &'a [Line], out: &str) -> (&'a [Line], &'a [Line]) {
    let follows_keys = !out.is_empty() && !ends_in_header(out);
    let blank = lines.iter().position(Line::is_blank);
    match blank {
        Some(at) if follows_keys => lines.split_at(at),
        _ => (&[], lines),
    }
}

fn ends_in_header(out: &str) -> bool {
    let last = out.trim_end().lines().next_back();
    last.is_some_and(|line| line.starts_with('['))
}
