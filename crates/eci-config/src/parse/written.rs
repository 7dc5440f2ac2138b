//! The places of tables and keys in a text that is not valid TOML.

use std::collections::HashMap;
use std::ops::Range;

/// The lines of a text by their beginnings, so that a file with very many duplicates
/// is searched once.
#[derive(Debug, Default)]
pub(super) struct SourceLines<'a> {
    /// The headers of tables by their text, in the order of the file.
    headers: HashMap<&'a str, Vec<Range<usize>>>,
    /// Keys by their text, in the order of the file.
    keys: HashMap<&'a str, Vec<Range<usize>>>,
    /// The starts of the lines that are headers, in order.
    tables: Vec<usize>,
}

impl<'a> SourceLines<'a> {
    pub(super) fn of(text: &'a str) -> SourceLines<'a> {
        let mut lines = SourceLines::default();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            let trimmed = bare.trim();
            let is_header = trimmed.starts_with('[');
            if is_header {
                let at = start..start + bare.len();
                lines.headers.entry(trimmed).or_default().push(at);
            } else if let Some((key, _)) = trimmed.split_once('=') {
                let key = key.trim_end();
                let at = start + (bare.len() - bare.trim_start().len());
                lines.keys.entry(key).or_default().push(at..at + key.len());
            }
            if bare.starts_with('[') {
                lines.tables.push(start);
            }
            start += line.len();
        }
        lines
    }

    /// Returns the last line before an offset that is this header.
    pub(super) fn header_before(&self, offset: usize, header: &str) -> Option<Range<usize>> {
        last_before(self.headers.get(header)?, offset)
    }

    /// Returns where a key is written last before an offset, in the table that is written there.
    pub(super) fn key_before(&self, offset: usize, key: &str) -> Option<Range<usize>> {
        let count = self.tables.partition_point(|start| *start < offset);
        let table = count.checked_sub(1).map_or(0, |last| self.tables[last]);
        last_before(self.keys.get(key)?, offset).filter(|range| range.start >= table)
    }
}

/// Returns the last of several ranges in order that begins before an offset.
fn last_before(ranges: &[Range<usize>], offset: usize) -> Option<Range<usize>> {
    let count = ranges.partition_point(|range| range.start < offset);
    ranges.get(count.checked_sub(1)?).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_before_is_found_within_its_table() {
        let text = "a = 1\n[t]\n  a = 1\r\nb=2\na=3\n[t]\nb = 4";
        let lines = SourceLines::of(text);
        let second = text.rfind("[t]").unwrap_or_default();
        let table = lines.header_before(second, "[t]");
        assert_eq!(table.map(|it| &text[it]), Some("[t]"));
        let at = |key: &str, offset| lines.key_before(offset, key).map(|it| it.start);
        let last = text.rfind("a=3").unwrap_or_default();
        assert_eq!(at("a", last), text.find("a = 1\r"));
        assert_eq!(at("a", second), Some(last));
        assert_eq!(at("b", text.len() - 5), None);
        assert_eq!(at("c", text.len()), None);
    }
}
