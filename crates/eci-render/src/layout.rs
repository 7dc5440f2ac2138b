//! Named values on consecutive lines.

use super::style::{pad, width};

/// One attribute with its value.
pub(crate) struct LayoutEntry {
    pub(super) name: String,
    pub(super) shown: LayoutView,
}

/// The layout of a value next to or below its name.
pub(super) enum LayoutView {
    /// `name = value`
    Line(String),
    /// `name = [`, the lines, `]`, with these for brackets.
    Between(&'static str, Vec<String>, &'static str),
    /// `name` and the lines of its table.
    Below(Vec<String>),
}

impl LayoutEntry {
    /// Returns the value, if it is on the line of the name.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.shown {
            LayoutView::Line(text) => Some(text),
            LayoutView::Between(..) | LayoutView::Below(_) => None,
        }
    }

    /// Creates the entry `name = text`.
    pub(crate) fn line(name: impl Into<String>, text: impl Into<String>) -> LayoutEntry {
        LayoutEntry {
            name: name.into(),
            shown: LayoutView::Line(text.into()),
        }
    }
}

/// Returns the width of the widest name in columns.
pub(super) fn widest(entries: &[LayoutEntry]) -> usize {
    let widths = entries.iter().map(|entry| width(&entry.name));
    widths.max().unwrap_or(0)
}

/// Returns the lines of entries, with the `=` of neighbors aligned.
pub(crate) fn layout(entries: &[LayoutEntry]) -> Vec<String> {
    layout_with(entries, widest)
}

/// Returns the lines of entries without alignment, so that a line does not depend on its neighbors.
pub(crate) fn unaligned_layout(entries: &[LayoutEntry]) -> Vec<String> {
    layout_with(entries, |_| 0)
}

/// Returns the lines of entries, with the names of neighbors as wide as this function says.
fn layout_with(entries: &[LayoutEntry], names: impl Fn(&[LayoutEntry]) -> usize) -> Vec<String> {
    let mut lines = Vec::new();
    let is_line = |entry: &LayoutEntry| matches!(entry.shown, LayoutView::Line(_));
    for run in entries.chunk_by(|one, next| is_line(one) == is_line(next)) {
        let widest = if is_line(&run[0]) { names(run) } else { 0 };
        for entry in run {
            let name = pad(&entry.name, widest);
            let below = |lines: &[String]| -> Vec<String> {
                lines.iter().map(|line| ["    ", line].concat()).collect()
            };
            match &entry.shown {
                LayoutView::Line(text) => lines.push([&*name, " = ", text].concat()),
                LayoutView::Below(inner) => {
                    lines.push(name);
                    lines.extend(below(inner));
                }
                LayoutView::Between(open, inner, close) => {
                    lines.push(format!("{name} = {open}"));
                    lines.extend(below(inner));
                    lines.push((*close).to_owned());
                }
            }
        }
    }
    lines
}
