//! A text and the places in it, as editors count them.

use std::ops::Range as Bytes;

use async_lsp::lsp_types::{Position, Range, TextDocumentContentChangeEvent};

/// A text with its lines found.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    text: String,
    /// The offset of each line.
    lines: Vec<usize>,
}

impl Text {
    pub(crate) fn new(text: impl Into<String>) -> Text {
        let text = text.into();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        Text { text, lines }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the byte at a position; one beyond its line or the text is taken back to their end.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let Some(&start) = self.lines.get(position.line as usize) else {
            return self.text.len();
        };
        let end = self.line_end(position.line as usize);
        let mut units = 0;
        for (at, character) in self.text[start..end].char_indices() {
            if units >= position.character as usize {
                return start + at;
            }
            units += character.len_utf16();
        }
        end
    }

    /// Returns the position of a byte, its column in UTF-16 units.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        // The first line begins at 0, so that at least one begins at or before the offset.
        let line = self.lines.partition_point(|start| *start <= offset) - 1;
        let before = &self.text[self.lines[line]..offset];
        let character = before.chars().map(char::len_utf16).sum::<usize>();
        Position::new(small(line), small(character))
    }

    pub(crate) fn range(&self, bytes: &Bytes<usize>) -> Range {
        Range::new(self.position(bytes.start), self.position(bytes.end))
    }

    /// Returns the range of the whole text.
    pub(crate) fn whole(&self) -> Range {
        self.range(&(0..self.text.len()))
    }

    /// Returns the rest of the line behind a byte, without its line end.
    pub(crate) fn rest_of_line(&self, offset: usize) -> &str {
        let line = self.lines.partition_point(|start| *start <= offset);
        let end = self.line_end(line.saturating_sub(1));
        self.text.get(offset..end).unwrap_or_default()
    }

    /// Applies a change from the editor.
    pub(crate) fn change(&mut self, change: TextDocumentContentChangeEvent) {
        let Some(range) = change.range else {
            *self = Text::new(change.text);
            return;
        };
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        let mut text = std::mem::take(&mut self.text);
        text.replace_range(start..end.max(start), &change.text);
        *self = Text::new(text);
    }

    /// Returns the end of a line, before the characters that end it.
    fn line_end(&self, line: usize) -> usize {
        let start = self.lines.get(line).copied().unwrap_or(self.text.len());
        let next = self.lines.get(line + 1).copied();
        let end = next.map_or(self.text.len(), |next| next - 1);
        if self.text[start..end].ends_with('\r') {
            end - 1
        } else {
            end
        }
    }
}

/// Editors count in 32 bits; no file that they open is larger.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\r\n名 = \"😀x\"\n\nlast";

    #[test]
    fn columns_count_utf_16_units() {
        let text = Text::new(TEXT);
        let x = TEXT.find('x').unwrap_or_default();
        assert_eq!(text.position(x), Position::new(1, 7));
        assert_eq!(text.offset(Position::new(1, 7)), x);
        // A position between the two halves of an emoji is invalid; the one after it is used.
        assert_eq!(text.offset(Position::new(1, 6)), x);
    }

    #[test]
    fn a_position_beyond_the_text_is_taken_back_to_its_end() {
        let text = Text::new(TEXT);
        assert_eq!(text.offset(Position::new(0, 99)), 5);
        assert_eq!(
            text.offset(Position::new(2, 1)),
            text.offset(Position::new(2, 0))
        );
        assert_eq!(text.offset(Position::new(99, 0)), TEXT.len());
        assert_eq!(text.position(usize::MAX), Position::new(3, 4));
    }

    #[test]
    fn every_byte_goes_to_a_position_and_back() {
        let text = Text::new(TEXT);
        for (at, character) in TEXT.char_indices() {
            if !matches!(character, '\r' | '\n') {
                assert_eq!(text.offset(text.position(at)), at, "{character:?}");
            }
        }
    }

    #[test]
    fn changes_are_applied_in_order() {
        let mut text = Text::new("a = 1\n名 = 2\n");
        let range = Range::new(Position::new(1, 0), Position::new(1, 1));
        text.change(TextDocumentContentChangeEvent {
            range: Some(range),
            range_length: None,
            text: "name\nx".into(),
        });
        assert_eq!(text.as_str(), "a = 1\nname\nx = 2\n");
        assert_eq!(text.position(13), Position::new(2, 2));
    }
}
