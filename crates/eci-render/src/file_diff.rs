//! Changes of a file, as `diff -u` shows them.

use similar::ChangeTag;
use similar::udiff::UnifiedHunkHeader;

use super::line_diff::LineDiff;
use super::style::{Style, TextRole};

/// The number of lines that are shown around a change.
const AROUND: usize = 3;

/// Returns a unified diff from the present content of a file to the new one; empty if they are
/// equal.
pub fn file_diff(name: &str, before: &str, after: &str, style: Style) -> String {
    if before == after {
        return String::new();
    }
    let name = eci_text::line(name);
    let diff = LineDiff::new(before, after);
    let mut text = style.paint(TextRole::Strong, &format!("--- {name}"));
    text.push('\n');
    text.push_str(&style.paint(TextRole::Strong, &format!("+++ {name}")));
    text.push('\n');
    for hunk in diff.hunks(AROUND) {
        text.push_str(&style.paint(TextRole::Faint, &UnifiedHunkHeader::new(&hunk).to_string()));
        text.push('\n');
        for (tag, whole) in diff.lines(&hunk) {
            let line = whole.trim_end_matches(['\n', '\r']);
            let (sign, part) = match tag {
                ChangeTag::Delete => ('-', Some(TextRole::Delete)),
                ChangeTag::Insert => ('+', Some(TextRole::Create)),
                ChangeTag::Equal => (' ', None),
            };
            let line = format!("{sign}{line}");
            text.push_str(&match part {
                Some(part) => style.paint(part, &line),
                None => line,
            });
            text.push('\n');
            if !whole.ends_with(['\n', '\r']) {
                text.push_str("\\ No newline at end of file\n");
            }
        }
    }
    text
}
