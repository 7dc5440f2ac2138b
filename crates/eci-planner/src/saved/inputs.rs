//! What a plan was made from, beside the state.

use std::collections::BTreeMap;

use eci_config::{Configuration, Variables};
use eci_core::{DigestKey, Value};
use serde::{Deserialize, Serialize};

use super::digest;
use super::error::{Difference, SavedError};

/// Manifests, the files that they read, and the values that variables were given; all but the
/// values that are no secrets as digests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Inputs {
    configuration: Value,
    manifests: BTreeMap<String, Value>,
    files: BTreeMap<String, Value>,
    given: BTreeMap<String, Given>,
}

/// What a variable was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Given {
    Text(String),
    Secret(Value),
}

impl Inputs {
    pub(super) fn new(
        configuration: &Configuration,
        variables: &Variables,
        key: &DigestKey,
    ) -> Inputs {
        let is_secret = |name: &str| {
            let value = configuration.variables.get(name);
            value.is_none_or(Value::has_sensitive)
        };
        let sources = configuration.sources.iter();
        let files = configuration.files.iter();
        let given = variables.texts().map(|(name, text)| {
            let given = match is_secret(name) {
                true => Given::Secret(digest(key, text)),
                false => Given::Text(text.to_owned()),
            };
            (name.to_owned(), given)
        });
        Inputs {
            configuration: digest(key, &configuration.digest),
            manifests: sources
                .map(|source| (source.name.clone(), digest(key, &source.text)))
                .collect(),
            files: files
                .map(|(path, content)| (path.clone(), digest(key, content)))
                .collect(),
            given: given.collect(),
        }
    }

    /// Gives variables the values that are kept, where they have none yet.
    pub(super) fn give(&self, variables: &mut Variables) -> Result<(), SavedError> {
        for (name, given) in &self.given {
            if variables.texts().any(|(known, _)| known == name) {
                continue;
            }
            match given {
                Given::Text(text) => variables.set(name.clone(), text, "the plan"),
                Given::Secret(_) => return Err(SavedError::NotKept { name: name.clone() }),
            }
        }
        Ok(())
    }

    /// Names what is another one now.
    pub(super) fn compare(&self, now: &Inputs) -> Result<(), SavedError> {
        if let Some((name, difference)) = difference(&self.manifests, &now.manifests) {
            return Err(SavedError::Manifest { name, difference });
        }
        if let Some((name, _)) = difference(&self.given, &now.given) {
            return Err(SavedError::Variable { name });
        }
        if let Some((name, difference)) = difference(&self.files, &now.files) {
            return Err(SavedError::File { name, difference });
        }
        match self.configuration == now.configuration {
            true => Ok(()),
            false => Err(SavedError::Configuration),
        }
    }
}

/// The first entry that differs.
fn difference<T: PartialEq>(
    then: &BTreeMap<String, T>,
    now: &BTreeMap<String, T>,
) -> Option<(String, Difference)> {
    let mut names = then.keys().chain(now.keys());
    names.find_map(|name| {
        let difference = match (then.get(name), now.get(name)) {
            (Some(then), Some(now)) if then == now => return None,
            (Some(_), None) => Difference::Gone,
            (None, Some(_)) => Difference::New,
            _ => Difference::Changed,
        };
        Some((name.clone(), difference))
    })
}
