//! The values of other resources at the time of an evaluation.

use std::sync::Arc;

use eci_core::{Address, Map, Value};

/// The values of other resources at the time of an evaluation.
pub trait Scope {
    /// Returns the attributes of a resource as a table in normal form, the ones that only the cloud
    /// sets included.
    ///
    /// Parts may be unknown; an attribute that is missing is null, or what the cloud uses where
    /// nothing is given. `None` means that nothing is known: every attribute is unknown.
    fn resource(&self, address: &Address) -> Option<Value>;

    /// Returns the names that a resource keeps where its manifest gives none.
    ///
    /// Without them a default name is derived from its address: a caller that knows the state
    /// returns those in it, so that a name is derived once and outlives every move.
    fn kept_names(&self, _address: &Address) -> Option<&KeptNames> {
        None
    }
}

/// The names that a resource has already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptNames {
    /// Its name.
    pub name: Option<Arc<str>>,
    /// The name of its managed disk.
    pub disk: Option<Arc<str>>,
}

impl KeptNames {
    /// Takes the names out of attributes, as far as they are known and no secrets.
    pub fn of(attributes: &Map) -> KeptNames {
        let text = |value: Option<&Value>| match value {
            Some(Value::String(name)) => Some(name.clone()),
            _ => None,
        };
        let disk = attributes.get("disk");
        KeptNames {
            name: text(attributes.get("name")),
            disk: text(disk.and_then(|disk| disk.get("name"))),
        }
    }
}

/// A scope in which nothing is known of any resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmptyScope;

impl Scope for EmptyScope {
    fn resource(&self, _: &Address) -> Option<Value> {
        None
    }
}
