//! `eci schema`

use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::document;

/// Writes the JSON Schema of manifests.
pub(crate) fn schema() -> Result<ExitStatus, CommandError> {
    document(&eci_schema::manifest())?;
    Ok(ExitStatus::Done)
}
