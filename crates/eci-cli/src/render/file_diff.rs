//! What changes in a file, as `diff -u` shows it.

use similar::{ChangeTag, TextDiff};

use super::style::{Part, Style};

/// How many lines around a change are shown.
const AROUND: usize = 3;

/// A unified diff from what a file has to what it will have; empty if that is the same.
pub fn file_diff(name: &str, before: &str, after: &str, style: Style) -> String {
    if before == after {
        return String::new();
    }
    let diff = TextDiff::from_lines(before, after);
    let mut text = style.paint(Part::Strong, &format!("--- {name}"));
    text.push('\n');
    text.push_str(&style.paint(Part::Strong, &format!("+++ {name}")));
    text.push('\n');
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        text.push_str(&style.paint(Part::Faint, &hunk.header().to_string()));
        text.push('\n');
        for change in hunk.iter_changes() {
            let line = change.to_string_lossy();
            let line = line.trim_end_matches(['\n', '\r']);
            let (sign, part) = match change.tag() {
                ChangeTag::Delete => ('-', Some(Part::Delete)),
                ChangeTag::Insert => ('+', Some(Part::Create)),
                ChangeTag::Equal => (' ', None),
            };
            let line = format!("{sign}{line}");
            text.push_str(&match part {
                Some(part) => style.paint(part, &line),
                None => line,
            });
            text.push('\n');
            if change.missing_newline() {
                text.push_str("\\ No newline at end of file\n");
            }
        }
    }
    text
}
