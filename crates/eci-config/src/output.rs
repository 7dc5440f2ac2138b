//! `[output.NAME]`.

use eci_core::diagnostic::Place;
use eci_core::{Address, Diagnostics, Value};

use crate::scope::Scope;

/// `[output.NAME]`: a value for people and programs outside.
#[derive(Debug)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// The header of its table.
    pub place: Place,
    /// Whether it is never shown.
    pub sensitive: bool,
    /// What it is about.
    pub description: Option<String>,
    /// The resources it is computed from; sorted.
    pub references: Vec<Address>,
}

impl Output {
    /// Its value, as far as the scope knows what it is computed from.
    ///
    /// # Errors
    ///
    /// What cannot be computed, with its place; also a sensitive value in an output that is not
    /// marked sensitive.
    pub fn evaluate(&self, _scope: &dyn Scope) -> Result<Value, Diagnostics> {
        Ok(Value::Unknown)
    }
}
