//! The inputs of a plan other than the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_config::{Configuration, RawValue, ValueSource, Variables};
use eci_core::{DigestKey, Value};
use serde::{Deserialize, Serialize};

use super::error::{Difference, SavedError};
use super::serialize::StoredPart;

/// Manifests and the files that they read as digests, and the values that variables had:
/// those that are secrets as digests too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Inputs {
    configuration: Value,
    manifests: BTreeMap<String, Value>,
    files: BTreeMap<String, Value>,
    /// The sources of the values that are not written in a manifest.
    given: BTreeMap<Arc<str>, ValueSource>,
    variables: BTreeMap<Arc<str>, StoredPart>,
}

impl Inputs {
    pub(super) fn new(
        configuration: &Configuration,
        variables: &Variables,
        key: &DigestKey,
    ) -> Inputs {
        let values = configuration.variables.iter();
        let given = configuration.variables.keys().filter_map(|name| {
            let rank = variables.rank(name)?;
            Some((name.clone(), rank))
        });
        let sources = configuration.sources.iter();
        let files = configuration.files.iter();
        Inputs {
            configuration: digest(key, &configuration.digest),
            manifests: sources
                .map(|source| (source.name.clone(), digest(key, &source.text)))
                .collect(),
            files: files
                .map(|(path, content)| (path.clone(), digest(key, content)))
                .collect(),
            given: given.collect(),
            variables: values
                .map(|(name, value)| (name.clone(), StoredPart(key.redact(value))))
                .collect(),
        }
    }

    /// Returns the values of all variables that are not secrets.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.variables.iter().map(|(name, value)| (name, &value.0))
    }

    /// Gives variables the values that are kept, where they have none yet or one from where a
    /// later one replaces it.
    pub(super) fn give(&self, variables: &mut Variables) -> Result<(), SavedError> {
        let mut names = Vec::new();
        for (name, rank) in &self.given {
            let now = variables.rank(name);
            let replaced = now.is_none_or(|now| now < *rank);
            match self.variables.get(name) {
                Some(StoredPart(value)) if replaced && !value.has_sensitive() => {
                    variables.restore(&**name, RawValue::Value(value.clone()), *rank);
                }
                Some(StoredPart(value)) if value.has_sensitive() && now.is_none() => {
                    names.push(name.to_string());
                }
                _ => {}
            }
        }
        if names.is_empty() {
            Ok(())
        } else {
            Err(SavedError::MissingVariables { names })
        }
    }

    /// Compares two sets of inputs.
    ///
    /// # Errors
    ///
    /// Names the first kind of input that differs now.
    pub(super) fn compare(&self, now: &Inputs) -> Result<(), SavedError> {
        if let Some((name, difference)) = difference(&self.manifests, &now.manifests) {
            return Err(SavedError::Manifest { name, difference });
        }
        if let Some((name, _)) = difference(&self.variables, &now.variables) {
            let name = name.to_string();
            return Err(SavedError::Variable { name });
        }
        if let Some((name, difference)) = difference(&self.files, &now.files) {
            return Err(SavedError::File { name, difference });
        }
        if self.configuration == now.configuration {
            Ok(())
        } else {
            Err(SavedError::Configuration)
        }
    }
}

/// Returns a text as a digest that says nothing without the key.
fn digest(key: &DigestKey, text: &str) -> Value {
    key.redact(&Value::from(text).into_sensitive())
}

/// Returns the first entry that differs.
fn difference<N: Ord + Clone, T: PartialEq>(
    then: &BTreeMap<N, T>,
    now: &BTreeMap<N, T>,
) -> Option<(N, Difference)> {
    let mut names = then.keys().chain(now.keys());
    names.find_map(|name| {
        let difference = match (then.get(name), now.get(name)) {
            (Some(then), Some(now)) if then == now => return None,
            (Some(_), None) => Difference::Deleted,
            (None, Some(_)) => Difference::New,
            _ => Difference::Changed,
        };
        Some((name.clone(), difference))
    })
}
