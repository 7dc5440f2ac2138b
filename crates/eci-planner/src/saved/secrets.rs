//! Secrets that a saved plan sends along, and of which it has only digests.
//!
//! A value that `ignore_changes` keeps is sent with the rest of its attribute. Where it is a secret
//! which the cloud reports, it is read once more, and accepted if it is the one with which the plan
//! was created.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use eci_config::{Configuration, IgnoreChanges};
use eci_core::{Address, Diagnostics, DigestKey, Map, Value, codes};

use super::serialize::{SavedStep, StoredObservation};
use super::{SavedError, SavedPlan};
use crate::action::Action;
use crate::observed::{Observation, Observations};

impl SavedPlan {
    /// Returns the resources to observe once more before the plan is created again, under their
    /// addresses in the state: those of which it may send along a secret.
    pub fn addresses_with_secrets(&self, configuration: &Configuration) -> BTreeSet<Address> {
        let ignores = |ignored: &IgnoreChanges| match ignored {
            IgnoreChanges::All => true,
            IgnoreChanges::Paths(paths) => !paths.is_empty(),
        };
        let resources = configuration.resources.iter();
        let ignoring: BTreeSet<&Address> = resources
            .filter(|resource| ignores(&resource.lifecycle.ignore_changes))
            .map(|resource| &resource.address)
            .collect();
        let updates = self.parts.steps().iter();
        let updates = updates
            .filter(|step| step.action == Action::Update && ignoring.contains(&step.address));
        let origins = updates.map(SavedStep::origin);
        let has_digest = |address: &&Address| match self.observed.get(address) {
            Some(StoredObservation::Present(stored)) => stored.0.has_digest(),
            Some(StoredObservation::Missing) | None => false,
        };
        origins.filter(has_digest).cloned().collect()
    }

    /// Returns the observation in the plan, with the secrets that the cloud reports now in place of
    /// their digests. Those that have changed since stay digests.
    pub fn observed_with(&self, now: &Observations, key: &DigestKey) -> Observations {
        let mut observed = self.observed();
        for (address, stored) in &self.observed {
            let (StoredObservation::Present(saved), Some(Observation::Present(now))) =
                (stored, now.get(address))
            else {
                continue;
            };
            let mut known = RevealedValues::default();
            now.values().for_each(|value| known.add(value, key));
            let revealed = known.map(&saved.to_map());
            observed.insert(address.clone(), Observation::Present(Arc::new(revealed)));
        }
        observed
    }

    /// Returns why the plan cannot be created again: a secret that it sends along has changed
    /// since.
    ///
    /// # Errors
    /// The diagnostics, where they have another cause.
    pub fn secret_moved(&self, problems: Diagnostics) -> Result<SavedError, Diagnostics> {
        let mut found = problems.0.iter();
        if found.any(|problem| problem.code.number == codes::IGNORED_SECRET.number) {
            Ok(SavedError::Secret)
        } else {
            Err(problems)
        }
    }
}

/// Values by their digests.
#[derive(Default)]
struct RevealedValues {
    by_digest: HashMap<Arc<str>, Value>,
}

impl RevealedValues {
    /// Adds a value and all its parts.
    fn add(&mut self, value: &Value, key: &DigestKey) {
        if let Value::Digest(digest) = key.redact(&value.clone().into_sensitive()) {
            self.by_digest.insert(digest, value.clone());
        }
        match value {
            Value::Map(entries) => entries.values().for_each(|value| self.add(value, key)),
            Value::List(items) => items.iter().for_each(|value| self.add(value, key)),
            _ => {}
        }
    }

    fn map(&self, map: &Map) -> Map {
        let entries = map.iter();
        entries
            .map(|(name, value)| (name.clone(), self.value(value)))
            .collect()
    }

    /// Returns the value with what is known in the place of digests.
    fn value(&self, value: &Value) -> Value {
        match value {
            Value::Digest(digest) => self.by_digest.get(digest).unwrap_or(value).clone(),
            Value::Map(entries) => Value::map(self.map(entries)),
            Value::List(items) => {
                Value::list(items.iter().map(|value| self.value(value)).collect())
            }
            other => other.clone(),
        }
    }
}
