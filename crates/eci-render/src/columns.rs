//! Tables for people: aligned columns, or blocks where the terminal is too narrow.

use super::style::{Style, TextRole, pad, width};

/// The space between two columns.
const GAP: usize = 2;
/// The least width in which sentences are still broken into lines next to other columns.
const LEAST: usize = 28;

/// One cell of a table.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    part: Option<TextRole>,
}

impl Cell {
    /// Returns a cell in the color of a part.
    pub(crate) fn painted(part: TextRole, text: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            part: Some(part),
        }
    }

    fn paint(&self, text: &str, style: Style) -> String {
        match self.part {
            Some(part) => style.paint(part, text),
            None => text.to_owned(),
        }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell {
            text: text.into(),
            part: None,
        }
    }
}

/// Returns the rows below their headings.
///
/// The last column can contain sentences, which are broken into lines. Where the columns do not
/// fit, each row is a block of named lines.
pub(crate) fn columns<const N: usize>(
    heads: [&str; N],
    rows: &[[Cell; N]],
    style: Style,
) -> String {
    let mut widths = heads.map(width);
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(&cell.text));
        }
    }
    let last = widths.last().copied().unwrap_or_default();
    let before: usize = widths[..N.saturating_sub(1)]
        .iter()
        .map(|width| width + GAP)
        .sum();
    let fits = style.fits(before + last.min(LEAST));
    if fits {
        let layout = ColumnLayout { widths, before };
        side_by_side(heads, rows, &layout, style)
    } else {
        blocks(heads, rows, style)
    }
}

/// The widths of columns.
struct ColumnLayout<const N: usize> {
    widths: [usize; N],
    /// The width of all columns before the last one.
    before: usize,
}

fn side_by_side<const N: usize>(
    heads: [&str; N],
    rows: &[[Cell; N]],
    layout: &ColumnLayout<N>,
    style: Style,
) -> String {
    let ColumnLayout { widths, before } = *layout;
    let heads = heads.map(|head| Cell::painted(TextRole::Faint, head));
    let mut text = String::new();
    for row in std::iter::once(&heads).chain(rows) {
        for (at, cell) in row.iter().enumerate() {
            if at + 1 < N {
                text.push_str(&cell.paint(&pad(&cell.text, widths[at]), style));
                text.push_str(&" ".repeat(GAP));
                continue;
            }
            let lines = style.wrapped(&cell.text, before);
            let lines: Vec<String> = lines.iter().map(|line| cell.paint(line, style)).collect();
            text.push_str(&lines.join(&format!("\n{}", " ".repeat(before))));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

fn blocks<const N: usize>(heads: [&str; N], rows: &[[Cell; N]], style: Style) -> String {
    let widest = heads.iter().map(|head| width(head)).max().unwrap_or(0);
    let indent = 4 + widest + GAP;
    let block = |row: &[Cell; N]| {
        // Often an address, which is copied: it is neither cut nor broken.
        let mut text = style.paint(TextRole::Strong, &row[0].text);
        for (head, cell) in heads.iter().zip(row).skip(1) {
            let lines = style.wrapped(&cell.text, indent);
            let lines: Vec<String> = lines.iter().map(|line| cell.paint(line, style)).collect();
            let value = lines.join(&format!("\n{}", " ".repeat(indent)));
            text.push_str(&format!("\n    {}  {value}", pad(head, widest)));
        }
        text + "\n"
    };
    rows.iter().map(block).collect::<Vec<_>>().join("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<[Cell; 3]> {
        vec![
            [
                "名".into(),
                Cell::painted(TextRole::Error, "lost"),
                "0 s".into(),
            ],
            [
                "b".into(),
                "Running".into(),
                "a sentence that takes more room than a narrow terminal has".into(),
            ],
        ]
    }

    #[test]
    fn columns_are_aligned_with_wide_characters_too() {
        let text = columns(["NAME", "STATUS", "NOTE"], &rows(), Style::plain());
        insta::assert_snapshot!(text);
    }

    #[test]
    fn sentences_are_broken_and_where_nothing_fits_rows_are_blocks() {
        let heads = ["NAME", "STATUS", "NOTE"];
        insta::assert_snapshot!(
            "broken",
            columns(heads, &rows(), Style::plain().with_width(48))
        );
        insta::assert_snapshot!(
            "blocks",
            columns(heads, &rows(), Style::plain().with_width(36))
        );
    }

    #[test]
    fn colors_do_not_move_columns() {
        let style = Style::plain().with_color(true);
        let text = columns(["A", "B", "C"], &rows(), style);
        let plain = columns(["A", "B", "C"], &rows(), Style::plain());
        assert_eq!(super::super::style::without_color(&text), plain);
    }
}
