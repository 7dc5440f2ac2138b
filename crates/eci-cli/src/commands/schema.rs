//! `eci schema`

use eci_text::Lang;

use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::document;

/// Writes the JSON Schema of manifests, with descriptions in a language.
pub(crate) fn schema(lang: Lang) -> Result<ExitStatus, CommandError> {
    document(&eci_schema::manifest(lang))?;
    Ok(ExitStatus::Done)
}
