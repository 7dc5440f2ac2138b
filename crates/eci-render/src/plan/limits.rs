//! Limits of a comment: GitHub refuses one of more than 65,536 characters.

/// The maximum number of rows of a table.
pub(super) const MOST_ROWS: usize = 200;
/// The maximum number of bytes of the details.
pub(super) const MOST_DETAILS: usize = 40_000;
