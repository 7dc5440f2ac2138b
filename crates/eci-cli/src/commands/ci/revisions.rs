//! A commit and its files.

/// A commit and its files.
#[derive(Clone, Debug)]
pub(super) struct Revisions {
    pub(super) commit: String,
    /// The hash of the files.
    pub(super) tree: Option<String>,
}
