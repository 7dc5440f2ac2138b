//! Environment variables that a backend requires.

use eci_text::Text;

use super::error::BackendError;
use crate::connect::Variable;

/// Returns the value of an environment variable that must not be empty.
pub(super) fn value(name: &str, variable: Variable, content: Text) -> Result<String, BackendError> {
    let variable_name = name.to_owned();
    match variable(name) {
        None => Err(BackendError::NotSet {
            variable: variable_name,
            content,
        }),
        // CI systems set secrets that a pipeline may not read to nothing.
        Some(value) if value.trim().is_empty() => Err(BackendError::Empty {
            variable: variable_name,
            content,
        }),
        Some(value) => Ok(value),
    }
}
