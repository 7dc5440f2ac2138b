//! What the cloud says now.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::{Address, Map};

use crate::attachment::Attachable;

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
    /// What has each EIP and disk, as these report it themselves.
    holders: BTreeMap<Attachable, Option<String>>,
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

    /// Adds what an EIP or a disk reports of what has it: the id of the container group, the id of
    /// something else, or nothing.
    pub fn hold(&mut self, object: Attachable, holder: Option<String>) {
        self.holders.insert(object, holder);
    }

    /// Returns the id of what has an EIP or a disk; the outer `None` if that is not known.
    pub fn holder(&self, object: &Attachable) -> Option<Option<&str>> {
        self.holders.get(object).map(Option::as_deref)
    }

    /// Returns all EIPs and disks of which it is known what has them.
    pub fn holders(&self) -> impl Iterator<Item = (&Attachable, Option<&str>)> {
        self.holders
            .iter()
            .map(|(object, holder)| (object, holder.as_deref()))
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
