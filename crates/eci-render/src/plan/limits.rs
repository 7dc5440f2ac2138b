//! Limits of a comment: GitHub refuses one of more than 65,536 characters.

use eci_text::{Lang, say};

/// The maximum number of rows of a table.
pub(super) const MOST_ROWS: usize = 200;
/// The maximum number of bytes of the details.
pub(super) const MOST_DETAILS: usize = 40_000;

/// Returns the number of rows that a table leaves out, as a paragraph.
pub(super) fn more(rest: usize, lang: Lang) -> String {
    say!(lang, en: "… and {rest} more.\n\n", zh: "另有 {rest} 个。\n\n", rest = rest)
}
