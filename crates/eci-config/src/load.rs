//! From a directory to a configuration.

use std::path::Path;

use eci_core::{Diagnostic, Diagnostics};

use crate::configuration::Configuration;
use crate::environment::Variables;

/// Reads every manifest of a directory and checks all of it.
///
/// # Errors
///
/// Everything that is wrong, sorted by place.
pub fn load(directory: &Path, variables: &Variables) -> Result<Configuration, Diagnostics> {
    let _ = variables;
    Err(Diagnostic::error(
        "no-manifests",
        format!(
            "there is no manifest (*.eci.toml) in {}",
            directory.display()
        ),
    )
    .into())
}
