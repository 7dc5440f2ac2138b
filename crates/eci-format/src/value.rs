//! Values: in one line where they fit, over several where they do not.

use eci_core::tables::ManifestShape;
use toml_edit::{Array, InlineTable, Key, Value};

use crate::comment::{self, Line, Trivia};
use crate::descent::below;
use crate::order::{Ranks, variant_inline};
use crate::text;

/// The longest line, in columns, that a list is not broken for.
pub const LONGEST: usize = 100;

/// The place that a value has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineWidth {
    /// The spaces in front of its line.
    pub(crate) indent: usize,
    /// The columns of its line that are taken, before it and behind it.
    pub(crate) used: usize,
}

/// The indent of the elements of a list.
const STEP: usize = 2;

/// Writes a value.
pub(crate) fn write(out: &mut String, value: &Value, shape: ManifestShape, room: LineWidth) {
    let line = in_one_line(value, shape);
    let fits = room.used + text::width(&line) <= LONGEST;
    if fits && !is_broken(value) {
        return out.push_str(&line);
    }
    match value {
        Value::Array(array) => list(out, array, shape, room.indent),
        Value::InlineTable(table) if has_comments_between(table) => {
            table_over_lines(out, table, shape, room.indent);
        }
        Value::InlineTable(table) => {
            // Either there is room for all of it, or for none.
            let used = if fits { 0 } else { LONGEST };
            let indent = room.indent;
            table_in_line(out, table, shape, LineWidth { indent, used });
        }
        _ => out.push_str(&line),
    }
}

/// Returns a value in one line, without the comments in it.
fn in_one_line(value: &Value, shape: ManifestShape) -> String {
    match value {
        Value::Array(array) => {
            let items: Vec<String> = array.iter().map(|it| in_one_line(it, shape)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::InlineTable(table) => {
            let (entries, _) = entries(table, shape);
            if entries.is_empty() {
                return "{}".to_owned();
            }
            let entries = entries.iter().map(|entry| {
                let value = in_one_line(entry.value, entry.shape);
                format!("{} = {value}", text::path(&entry.path))
            });
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        scalar => text::scalar(scalar),
    }
}

/// Returns whether a value cannot or must not be in one line, however short it is.
fn is_broken(value: &Value) -> bool {
    match value {
        Value::Array(array) => {
            let gaps = gaps_of_list(array);
            let is_meant = array.trailing_comma() && is_over_lines(array);
            is_meant
                || gaps.iter().any(Trivia::has_comment)
                || array.iter().any(|item| is_broken(item) || text_lines(item))
        }
        Value::InlineTable(table) => {
            has_comments_between(table)
                || table.get_values().iter().any(|(_, value)| is_broken(value))
        }
        _ => false,
    }
}

/// Returns whether there are lines of text in a value.
fn text_lines(value: &Value) -> bool {
    match value {
        Value::InlineTable(table) => {
            let mut values = table.get_values().into_iter();
            values.any(|(_, value)| text_lines(value))
        }
        scalar => text::has_lines(scalar),
    }
}

fn is_over_lines(array: &Array) -> bool {
    let trailing = array.trailing().as_str().unwrap_or_default();
    trailing.contains('\n')
        || array.iter().any(|item| {
            let decor = item.decor();
            comment::before(decor).contains('\n') || comment::after(decor).contains('\n')
        })
}

/// Writes a list, one element a line.
fn list(out: &mut String, array: &Array, shape: ManifestShape, indent: usize) {
    let gaps = gaps_of_list(array);
    if array.is_empty() && !gaps.iter().any(Trivia::has_comment) {
        return out.push_str("[]");
    }
    out.push('[');
    let inner = indent + STEP;
    for (at, item) in array.iter().enumerate() {
        gap(out, &gaps[at], inner, at == 0);
        spaces(out, inner);
        write(
            out,
            item,
            shape,
            LineWidth {
                indent: inner,
                used: inner + 1,
            },
        );
        out.push(',');
    }
    close(out, &gaps[array.len()], inner, array.is_empty());
    spaces(out, indent);
    out.push(']');
}

/// Returns the comments and blank lines before each element, and after the last one.
fn gaps_of_list(array: &Array) -> Vec<Trivia> {
    let mut gaps = Vec::with_capacity(array.len() + 1);
    let mut rest = "";
    for item in array {
        gaps.push(Trivia::of(&[rest, comment::before(item.decor())].concat()));
        rest = comment::after(item.decor());
    }
    let trailing = array.trailing().as_str().unwrap_or_default();
    gaps.push(Trivia::of(&[rest, trailing].concat()));
    gaps
}

/// One key of an inline table.
struct InlineEntry<'a> {
    path: Vec<&'a Key>,
    value: &'a Value,
    shape: ManifestShape,
    /// The comments and blank lines above it.
    lines: Vec<Line>,
    /// The comment on its line.
    trailing: Option<String>,
}

/// Returns the keys of an inline table in their order, with the comments and blank lines before the
/// first and after the last.
fn entries(
    table: &InlineTable,
    shape: ManifestShape,
) -> (Vec<InlineEntry<'_>>, (Trivia, Vec<Line>)) {
    let variant = variant_inline(table);
    let mut found: Vec<InlineEntry<'_>> = Vec::new();
    let mut opening = Trivia::default();
    let mut rest = "";
    for (path, value) in table.get_values() {
        let before = path.last().map(|key| comment::before(key.leaf_decor()));
        let gap = Trivia::of(&[rest, before.unwrap_or_default()].concat());
        match found.last_mut() {
            Some(last) => last.trailing = gap.trailing,
            None => opening.trailing = gap.trailing,
        }
        found.push(InlineEntry {
            shape: below(shape, variant, &path),
            path,
            value,
            lines: gap.lines,
            trailing: None,
        });
        rest = comment::after(value.decor());
    }
    let trailing = table.trailing().as_str().unwrap_or_default();
    let last = Trivia::of(&[rest, trailing].concat());
    match found.last_mut() {
        Some(entry) => entry.trailing = last.trailing,
        None => opening.trailing = last.trailing,
    }
    let mut ranks = Ranks::new(shape, variant);
    found.sort_by_cached_key(|entry| ranks.of(&entry.path));
    (found, (opening, last.lines))
}

fn has_comments_between(table: &InlineTable) -> bool {
    let (entries, (opening, last)) = entries(table, ManifestShape::Anything);
    let is_comment = |line: &Line| !line.is_blank();
    opening.trailing.is_some()
        || last.iter().any(is_comment)
        || entries
            .iter()
            .any(|entry| entry.trailing.is_some() || entry.lines.iter().any(is_comment))
}

/// Writes an inline table that is broken over lines: those of its lists that do not fit into the
/// room that each has.
fn table_in_line(out: &mut String, table: &InlineTable, shape: ManifestShape, each: LineWidth) {
    let (entries, _) = entries(table, shape);
    out.push_str("{ ");
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        out.push_str(&text::path(&entry.path));
        out.push_str(" = ");
        write(out, entry.value, entry.shape, each);
    }
    out.push_str(" }");
}

/// Writes an inline table, one key a line, as only a comment in it requires: not every tool
/// reads such tables.
fn table_over_lines(out: &mut String, table: &InlineTable, shape: ManifestShape, indent: usize) {
    let (entries, (opening, last)) = entries(table, shape);
    let inner = indent + STEP;
    out.push('{');
    let mut trailing = opening.trailing;
    for (at, entry) in entries.iter().enumerate() {
        let lines = entry.lines.clone();
        gap(out, &Trivia { trailing, lines }, inner, at == 0);
        spaces(out, inner);
        let name = text::path(&entry.path);
        out.push_str(&name);
        out.push_str(" = ");
        let used = inner + text::width(&name) + " = ,".len();
        write(
            out,
            entry.value,
            entry.shape,
            LineWidth {
                indent: inner,
                used,
            },
        );
        out.push(',');
        trailing = entry.trailing.clone();
    }
    let last = Trivia {
        trailing,
        lines: last,
    };
    close(out, &last, inner, entries.is_empty());
    spaces(out, indent);
    out.push('}');
}

/// Writes the comments and blank lines before an element, up to the beginning of its line.
fn gap(out: &mut String, gap: &Trivia, indent: usize, is_first: bool) {
    trailing(out, gap);
    let lines = if is_first {
        comment::without_first_blank(&gap.lines)
    } else {
        &gap.lines
    };
    comment::write(out, lines, indent);
}

/// Writes the comments and blank lines after the last element.
fn close(out: &mut String, gap: &Trivia, indent: usize, is_first: bool) {
    trailing(out, gap);
    let lines = comment::without_last_blank(&gap.lines);
    let lines = if is_first {
        comment::without_first_blank(lines)
    } else {
        lines
    };
    comment::write(out, lines, indent);
}

fn trailing(out: &mut String, gap: &Trivia) {
    if let Some(comment) = &gap.trailing {
        out.push(' ');
        out.push_str(comment);
    }
    out.push('\n');
}

fn spaces(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}
