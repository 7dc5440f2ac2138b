//! Resources that get other addresses.

use std::collections::BTreeMap;

use eci_core::Address;

use crate::record::Record;
use crate::snapshot::{ResourceState, Snapshot};

impl Snapshot {
    /// The records that give resources other addresses, each under its old one: what depends
    /// on them depends on the same things afterwards. To be appended together.
    ///
    /// A new address must be free, or that of a resource that moves as well.
    pub fn moved(&self, to: &BTreeMap<Address, Address>) -> Vec<Record> {
        let now = |address: &Address| to.get(address).unwrap_or(address).clone();
        let mut gone = Vec::new();
        let mut here = Vec::new();
        for (address, state) in &self.resources {
            let dependencies: Vec<Address> = state.dependencies.iter().map(now).collect();
            let there = now(address);
            if there == *address && dependencies == state.dependencies {
                continue;
            }
            if there != *address {
                gone.push(Record::Forgotten {
                    address: address.clone(),
                });
            }
            here.push(Record::Recorded {
                address: there,
                state: Box::new(ResourceState {
                    dependencies,
                    ..state.clone()
                }),
            });
        }
        // All go before any comes: two may change places.
        gone.extend(here);
        gone
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{DigestKey, Kind, Lineage};

    use super::*;

    fn eip(label: &str) -> Address {
        Address::new(Kind::Eip, label)
    }

    fn snapshot() -> Snapshot {
        let mut snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([1; 32]));
        for (label, needs) in [("a", vec![]), ("b", vec![]), ("c", vec!["a", "b"])] {
            let state = ResourceState {
                id: Some(format!("id-{label}")),
                dependencies: needs.into_iter().map(eip).collect(),
                ..ResourceState::default()
            };
            snapshot.resources.insert(eip(label), state);
        }
        snapshot
    }

    fn after(to: &[(&str, &str)]) -> Snapshot {
        let mut snapshot = snapshot();
        let to = to.iter().map(|(from, to)| (eip(from), eip(to))).collect();
        for record in snapshot.moved(&to) {
            snapshot.apply(&record).unwrap();
        }
        snapshot
    }

    #[test]
    fn what_depends_on_a_moved_resource_depends_on_it_still() {
        let moved = after(&[("a", "front")]);
        assert!(!moved.resources.contains_key(&eip("a")));
        assert_eq!(moved.resources[&eip("front")].id.as_deref(), Some("id-a"));
        let needs = &moved.resources[&eip("c")].dependencies;
        assert_eq!(*needs, [eip("front"), eip("b")]);
    }

    #[test]
    fn two_resources_can_change_places() {
        let moved = after(&[("a", "b"), ("b", "a")]);
        assert_eq!(moved.resources[&eip("a")].id.as_deref(), Some("id-b"));
        assert_eq!(moved.resources[&eip("b")].id.as_deref(), Some("id-a"));
        let needs = &moved.resources[&eip("c")].dependencies;
        assert_eq!(*needs, [eip("b"), eip("a")]);
    }

    #[test]
    fn what_has_nothing_to_do_with_a_move_is_not_recorded_again() {
        let to = BTreeMap::from([(eip("c"), eip("d"))]);
        assert_eq!(snapshot().moved(&to).len(), 2);
        assert_eq!(snapshot().moved(&BTreeMap::new()), []);
    }
}
