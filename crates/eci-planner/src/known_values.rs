//! The values that references resolve to while a plan is created or applied.

use std::collections::HashMap;
use std::sync::Arc;

use eci_config::{KeptNames, Resource, Scope};
use eci_core::kinds::is_standalone;
use eci_core::{Address, Map, Value};

/// The attributes of resources as far as they are known, read-only ones included.
///
/// The address of an EIP that a group holds is the one that the group reports, unless it is known
/// otherwise: an EIP that is not managed is read only where its own group refers to its address. A
/// managed EIP reports its address itself.
#[derive(Clone, Debug, Default)]
pub struct KnownValues {
    values: HashMap<Address, Value>,
    /// The group that holds each EIP.
    holders: HashMap<Address, Address>,
    /// The public IP addresses of existing EIPs, where these were read.
    public: HashMap<Address, Value>,
    /// The names that resources have already.
    names: HashMap<Address, KeptNames>,
}

impl KnownValues {
    /// Creates a record of these resources of which no attribute is known yet.
    pub fn new<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> KnownValues {
        let mut known = KnownValues::default();
        for resource in resources {
            for eip in resource
                .links
                .iter()
                .filter(|link| link.kind().properties().is_public_ip)
            {
                known.holders.insert(eip.clone(), resource.address.clone());
            }
        }
        known
    }

    /// Keeps the names among these attributes for a resource, wherever its manifest gives none.
    pub fn keep_names(&mut self, address: &Address, attributes: &Map) {
        self.names
            .insert(address.clone(), KeptNames::of(attributes));
    }

    /// Keeps these names for a resource, wherever its manifest gives none.
    pub(crate) fn keep(&mut self, address: Address, names: KeptNames) {
        self.names.insert(address, names);
    }

    /// Sets the attributes of a resource.
    pub fn set(&mut self, address: Address, attributes: impl Into<Arc<Map>>) {
        self.values.insert(address, Value::Map(attributes.into()));
    }

    /// Removes all that is known of a resource.
    pub fn forget(&mut self, address: &Address) {
        self.values.remove(address);
    }

    /// Sets the public IP address of an existing EIP; `None` if it is not known.
    pub fn set_public_ip(&mut self, eip: &Address, public: Option<Value>) {
        match public {
            Some(public) => self.public.insert(eip.clone(), public),
            None => self.public.remove(eip),
        };
    }

    /// Returns the group that holds an EIP.
    pub fn holder(&self, eip: &Address) -> Option<&Address> {
        self.holders.get(eip)
    }

    fn with_public_ip(&self, eip: &Address, attributes: &Map) -> Map {
        let mut attributes = attributes.clone();
        let address = match (self.public.get(eip), self.holders.get(eip)) {
            (Some(public), _) => public.clone(),
            (None, Some(holder)) => match self.values.get(holder) {
                Some(group) => group.get("internet_ip").cloned().unwrap_or_default(),
                None => Value::Unknown,
            },
            (None, None) => Value::Null,
        };
        attributes.insert("address".into(), address);
        attributes
    }
}

impl Scope for KnownValues {
    fn resource(&self, address: &Address) -> Option<Value> {
        let value = self.values.get(address)?;
        let kind = address.kind();
        match value.as_map() {
            Some(attributes)
                if kind.properties().is_public_ip && !is_standalone(kind, attributes) =>
            {
                Some(Value::map(self.with_public_ip(address, attributes)))
            }
            _ => Some(value.clone()),
        }
    }

    fn kept_names(&self, address: &Address) -> Option<&KeptNames> {
        self.names.get(address)
    }
}

/// Returns whether what came out is what was planned: what was not known then may be anything now.
pub fn is_compatible(planned: &Value, actual: &Value) -> bool {
    match (planned.reveal().0, actual.reveal().0) {
        (Value::Unknown, _) => true,
        (Value::List(planned), Value::List(actual)) => {
            planned.len() == actual.len()
                && planned
                    .iter()
                    .zip(actual.iter())
                    .all(|(planned, actual)| is_compatible(planned, actual))
        }
        (Value::Map(planned), Value::Map(actual)) => {
            let absent = Value::Null;
            planned.keys().chain(actual.keys()).all(|key| {
                is_compatible(
                    planned.get(key).unwrap_or(&absent),
                    actual.get(key).unwrap_or(&absent),
                )
            })
        }
        (planned, actual) => planned == actual,
    }
}

#[cfg(test)]
mod tests {
    use eci_core::Kind;

    use super::*;

    #[test]
    fn an_unknown_value_may_become_any_value_and_known_values_stay() {
        let planned = Value::from([("a", Value::Unknown), ("b", Value::from(1))]);
        let same = Value::from([("a", Value::from("x")), ("b", Value::from(1))]);
        let other = Value::from([("a", Value::from("x")), ("b", Value::from(2))]);
        let more = Value::from([("b", Value::from(1)), ("c", Value::from(2))]);
        assert!(is_compatible(&planned, &same));
        assert!(!is_compatible(&planned, &other));
        assert!(!is_compatible(&planned, &more));
    }

    #[test]
    fn the_address_of_an_eip_is_what_its_group_reports() {
        let eip = Address::new(Kind::Eip, "front");
        let group = Address::new(Kind::ContainerGroup, "web");
        let mut known = KnownValues::default();
        known.holders.insert(eip.clone(), group.clone());
        known.set(eip.clone(), Map::new());
        let address = |known: &KnownValues| {
            let value = known.resource(&eip).and_then(|v| v.get("address").cloned());
            value.unwrap_or_default()
        };
        assert_eq!(address(&known), Value::Unknown);
        let reported = Map::from_iter([("internet_ip".into(), Value::from("198.18.0.1"))]);
        known.set(group, reported);
        assert_eq!(address(&known), Value::from("198.18.0.1"));
    }
}
