//! Resources that get other addresses.

use std::collections::{BTreeMap, BTreeSet};

use eci_core::Address;

use crate::integrity_error::IntegrityError;
use crate::record::IntentKind;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// Checks whether resources can get these addresses, each under its old one.
    ///
    /// A new address must be free, or that of a resource that moves as well, and no two may lead to
    /// one.
    pub(crate) fn admit_moves(
        &self,
        to: &BTreeMap<Address, Address>,
    ) -> Result<(), IntegrityError> {
        let mut taken = BTreeSet::new();
        for (from, there) in to {
            let is_free = !self.occupies(there) || to.contains_key(there);
            if !is_free || !taken.insert(there) || from.kind() != there.kind() {
                return Err(IntegrityError::Occupied {
                    from: from.clone(),
                    to: there.clone(),
                });
            }
        }
        Ok(())
    }

    /// Returns whether a resource or a pending operation has this address.
    pub fn occupies(&self, address: &Address) -> bool {
        self.resources.contains_key(address)
            || self
                .open_intents
                .iter()
                .any(|open| open.address == *address)
    }

    /// Returns the addresses of all resources and pending operations, each once.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        let pending = self.open_intents.iter().map(|open| &open.address);
        let alone: BTreeSet<&Address> = pending
            .filter(|address| !self.resources.contains_key(*address))
            .collect();
        self.resources.keys().chain(alone)
    }

    /// Gives resources other addresses, in all that names them: dependencies and pending
    /// operations as well. Returns whether that changed anything.
    pub(crate) fn follow_moves(&mut self, to: &BTreeMap<Address, Address>) -> bool {
        let mut changed = false;
        let mut follow = |address: &mut Address| {
            if let Some(there) = to.get(address) {
                address.clone_from(there);
                changed = true;
            }
        };
        let resources = std::mem::take(&mut self.resources);
        for (mut address, mut state) in resources {
            follow(&mut address);
            state.dependencies.iter_mut().for_each(&mut follow);
            state.replacement_pending.iter_mut().for_each(&mut follow);
            self.resources.insert(address, state);
        }
        for open in &mut self.open_intents {
            follow(&mut open.address);
            open.triggers.iter_mut().for_each(&mut follow);
            if let IntentKind::Create { planned, .. } = &mut open.kind {
                planned.dependencies.iter_mut().for_each(&mut follow);
            }
        }
        changed
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{DigestKey, Kind, Lineage, OperationTag};

    use super::*;
    use crate::record::{IntentId, IntentOutcome, Record};
    use crate::resource::ResourceState;

    fn eip(label: &str) -> Address {
        Address::new(Kind::Eip, label)
    }

    fn snapshot() -> Snapshot {
        let mut snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([1; 32]));
        for (label, dependencies) in [("a", vec![]), ("b", vec![]), ("c", vec!["a", "b"])] {
            let state = ResourceState {
                id: Some(format!("id-{label}")),
                dependencies: dependencies.into_iter().map(eip).collect(),
                ..ResourceState::default()
            };
            snapshot.resources.insert(eip(label), state);
        }
        snapshot
    }

    fn moves(to: &[(&str, &str)]) -> Record {
        let to = to.iter().map(|(from, to)| (eip(from), eip(to))).collect();
        Record::Moved { to }
    }

    fn after(to: &[(&str, &str)]) -> Snapshot {
        let mut snapshot = snapshot();
        snapshot.apply(&moves(to)).unwrap();
        snapshot
    }

    fn create(number: u64, address: &str, dependencies: &str) -> Record {
        Record::Intent {
            intent: IntentId::new(number),
            address: eip(address),
            kind: IntentKind::Create {
                operation: OperationTag::new(&Lineage::new("l"), "one"),
                planned: Box::new(ResourceState {
                    dependencies: vec![eip(dependencies)],
                    ..ResourceState::default()
                }),
                listed: Vec::new(),
            },
            time: "2026-01-01T00:00:00Z".to_owned(),
            token: None,
        }
    }

    #[test]
    fn what_depends_on_a_moved_resource_depends_on_it_still() {
        let moved = after(&[("a", "front")]);
        assert!(!moved.resources.contains_key(&eip("a")));
        assert_eq!(moved.resources[&eip("front")].id.as_deref(), Some("id-a"));
        let dependencies = &moved.resources[&eip("c")].dependencies;
        assert_eq!(*dependencies, [eip("front"), eip("b")]);
    }

    #[test]
    fn two_resources_can_change_places() {
        let moved = after(&[("a", "b"), ("b", "a")]);
        assert_eq!(moved.resources[&eip("a")].id.as_deref(), Some("id-b"));
        assert_eq!(moved.resources[&eip("b")].id.as_deref(), Some("id-a"));
        let dependencies = &moved.resources[&eip("c")].dependencies;
        assert_eq!(*dependencies, [eip("b"), eip("a")]);
    }

    #[test]
    fn a_chain_moves_in_one_record_and_loses_nothing() {
        let moved = after(&[("a", "b"), ("b", "d")]);
        assert_eq!(moved.resources[&eip("b")].id.as_deref(), Some("id-a"));
        assert_eq!(moved.resources[&eip("d")].id.as_deref(), Some("id-b"));
        assert_eq!(moved.resources.len(), 3);
    }

    #[test]
    fn pending_operations_move_with_their_resource() {
        let mut snapshot = snapshot();
        snapshot.apply(&create(1, "a", "b")).unwrap();
        snapshot.apply(&create(2, "new", "a")).unwrap();
        let to = [("a", "front"), ("new", "newer")];
        snapshot.apply(&moves(&to)).unwrap();
        let open: Vec<_> = snapshot
            .open_intents
            .iter()
            .map(|open| &open.address)
            .collect();
        assert_eq!(open, [&eip("front"), &eip("newer")]);
        let IntentKind::Create { planned, .. } = &snapshot.open_intents[1].kind else {
            panic!("{:?}", snapshot.open_intents[1]);
        };
        assert_eq!(planned.dependencies, [eip("front")]);
        // Its end is recorded under the new address, also in the same line of the journal.
        let finished = |address: &str| Record::IntentFinished {
            intent: IntentId::new(2),
            address: eip(address),
            outcome: IntentOutcome::Done { state: None },
        };
        assert!(snapshot.apply(&finished("new")).is_err());
        let again = moves(&[("newer", "newest")]);
        snapshot.validate(&[again, finished("newest")]).unwrap();
        snapshot.apply(&finished("newer")).unwrap();
    }

    #[test]
    fn a_move_to_an_address_that_is_taken_is_refused_whole() {
        let mut pending = snapshot();
        pending.apply(&create(1, "new", "b")).unwrap();
        for to in [
            &[("a", "b")][..],
            &[("c", "new")],
            &[("a", "d"), ("b", "d")],
        ] {
            let before = pending.clone();
            let refused = pending.apply(&moves(to)).unwrap_err();
            assert!(
                matches!(refused, IntegrityError::Occupied { .. }),
                "{refused}"
            );
            assert_eq!(pending, before);
        }
    }

    #[test]
    fn a_move_of_what_is_not_there_changes_nothing() {
        let mut same = snapshot();
        assert!(!same.apply_validated(&moves(&[("x", "y")])));
        assert_eq!(same, snapshot());
    }
}
