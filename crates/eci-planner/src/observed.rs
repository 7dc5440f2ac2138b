//! What the cloud says now.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::{Address, Map};

/// What the cloud says of one resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// Its attributes in normal form, read-only ones included. Secrets are in clear: this is
    /// never stored as it is.
    Seen(Arc<Map>),
    /// It is not there any more.
    Gone,
}

/// What the cloud says of those resources that it was asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    resources: BTreeMap<Address, Observation>,
}

impl Observed {
    /// Nothing was asked: what the state says stands.
    pub fn nothing() -> Observed {
        Observed::default()
    }

    /// Adds what the cloud says of a resource.
    pub fn insert(&mut self, address: Address, observation: Observation) {
        self.resources.insert(address, observation);
    }

    /// All that it says, by address.
    pub fn iter(&self) -> impl Iterator<Item = (&Address, &Observation)> {
        self.resources.iter()
    }

    /// What the cloud says of a resource; `None` if it was not asked.
    pub fn get(&self, address: &Address) -> Option<&Observation> {
        self.resources.get(address)
    }
}
