//! The keys of one table.

use eci_core::tables::ManifestShape;
use toml_edit::{Key, Table, Value};

use crate::comment::{self, Line, Trivia};
use crate::descent::below;
use crate::order::Ranks;
use crate::{text, value};

/// One key with its value.
struct Entry<'a> {
    path: Vec<&'a Key>,
    value: &'a Value,
    /// The comments and blank lines above it.
    lines: Vec<Line>,
}

/// Writes the keys of a table.
pub(crate) fn body(out: &mut String, table: &Table, shape: ManifestShape, variant: Option<&str>) {
    let mut entries: Vec<Entry<'_>> = table
        .get_values()
        .into_iter()
        .map(|(path, value)| {
            let decor = path.last().map(|key| comment::before(key.leaf_decor()));
            Entry {
                lines: comment::lines(decor.unwrap_or_default()),
                path,
                value,
            }
        })
        .collect();
    let top = match entries.first_mut() {
        Some(first) => detach_top(&mut first.lines),
        None => return,
    };
    sort(&mut entries, shape, variant);
    comment::write(out, &top, 0);
    for (at, entry) in entries.iter().enumerate() {
        let lines = match at {
            // Where the table begins there is a blank line above, or a header.
            0 => comment::without_first_blank(&entry.lines),
            _ => &entry.lines,
        };
        comment::write(out, lines, 0);
        entry.write(out, shape, variant);
    }
}

/// Takes the part above the first key that is about the table as a whole: all above the last blank
/// line, and that line.
fn detach_top(lines: &mut Vec<Line>) -> Vec<Line> {
    let Some(last) = lines.iter().rposition(Line::is_blank) else {
        return Vec::new();
    };
    let own = lines.split_off(last + 1);
    let top = std::mem::replace(lines, own);
    match comment::without_first_blank(&top) {
        // Nothing but a blank line.
        [] => Vec::new(),
        top => top.to_vec(),
    }
}

fn sort<'a>(entries: &mut [Entry<'a>], shape: ManifestShape, variant: Option<&'a str>) {
    let mut ranks = Ranks::new(shape, variant);
    entries.sort_by_cached_key(|entry| ranks.of(&entry.path));
}

impl Entry<'_> {
    fn write(&self, out: &mut String, shape: ManifestShape, variant: Option<&str>) {
        let name = text::path(&self.path);
        out.push_str(&name);
        out.push_str(" = ");
        let shape = below(shape, variant, &self.path);
        let used = text::width(&name) + " = ".len();
        value::write(out, self.value, shape, value::LineWidth { indent: 0, used });
        trailing_comment(out, comment::after(self.value.decor()));
        out.push('\n');
    }
}

/// Writes a trailing comment.
pub(crate) fn trailing_comment(out: &mut String, text: &str) {
    if let Some(comment) = Trivia::of(text).trailing {
        out.push(' ');
        out.push_str(&comment);
    }
}
