//! `eci schema`

use crate::answer::document;
use crate::exit::Exit;
use crate::failure::Failure;

/// Writes the JSON Schema of manifests.
pub(crate) fn schema() -> Result<Exit, Failure> {
    document(&eci_schema::manifest())?;
    Ok(Exit::Done)
}
