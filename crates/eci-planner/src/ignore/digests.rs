//! The treatment of ignored secrets of which only digests are known.

/// The treatment of an ignored secret of which only the digest is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digests {
    /// The recorded value is kept and not sent.
    Kept,
    /// The manifest's value is taken, as all attributes are sent.
    Replaced,
}
