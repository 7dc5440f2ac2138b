//! A violation of a description: what does not fit, and where.

use eci_text::Text;

use crate::codes::Code;
use crate::path::Path;

/// A violation of the description of a field or table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The attribute.
    pub path: Path,
    /// The kind of mistake.
    pub code: &'static Code,
    /// The problem.
    pub message: Text,
    /// The fix.
    pub help: Option<Text>,
    /// Another attribute that explains it, for example the first of two equal ones.
    pub other: Option<Path>,
    /// The written name, and the one that was probably meant.
    pub meant: Option<(String, String)>,
    /// Whether the meant name can replace the written one as it is.
    pub is_replaceable: bool,
}
