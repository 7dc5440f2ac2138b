//! Lays a document out.

use std::sync::Arc;

use async_lsp::lsp_types::TextEdit;
use eci_core::diagnostic::Source;
use eci_format::FormatError;

use crate::workspace::File;

/// Returns the edit that brings a file into its canonical layout; none if it has that already.
///
/// # Errors
///
/// If it is not valid TOML.
pub(crate) fn formatting(file: &File) -> Result<Vec<TextEdit>, FormatError> {
    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
    let source = Arc::new(Source::new(name, file.text.as_str()));
    let formatted = eci_format::format(&source, file.kind)?;
    if formatted == file.text.as_str() {
        return Ok(Vec::new());
    }
    Ok(vec![TextEdit::new(file.text.whole(), formatted)])
}
