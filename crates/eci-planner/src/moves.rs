//! Resources that change their address.

use std::collections::HashMap;

use eci_config::Configuration;
use eci_core::{Address, Diagnostic, Diagnostics, codes};
use eci_state::{ResourceState, Snapshot};

/// The state as it is once every `[[moved]]` was followed.
pub(crate) struct Moves<'a> {
    snapshot: &'a Snapshot,
    /// The new address of each resource that moves, by its old one.
    to: HashMap<&'a Address, Address>,
    /// The other way round.
    from: HashMap<Address, &'a Address>,
}

impl<'a> Moves<'a> {
    pub(crate) fn new(
        configuration: &Configuration,
        snapshot: &'a Snapshot,
        problems: &mut Diagnostics,
    ) -> Moves<'a> {
        let mut moves = Moves {
            snapshot,
            to: HashMap::new(),
            from: HashMap::new(),
        };
        if configuration.moved.is_empty() {
            return moves;
        }
        for address in snapshot.resources.keys() {
            let mut here = address.clone();
            let mut last = None;
            for moved in &configuration.moved {
                if let Some(there) = moved.follow(&here) {
                    here = there;
                    last = Some(moved);
                }
            }
            let Some(moved) = last.filter(|_| here != *address) else {
                continue;
            };
            moves.to.insert(address, here.clone());
            if let Some(other) = moves.from.insert(here.clone(), address) {
                let message = format!("{other} and {address} both move to {here}");
                problems.push(Diagnostic::new(codes::MOVED, message).at(moved.place.clone(), ""));
            }
        }
        for (there, from) in &moves.from {
            if snapshot.resources.contains_key(there) && !moves.to.contains_key(there) {
                let message =
                    format!("{from} cannot move to {there}, which is in the state already");
                problems.push(
                    Diagnostic::new(codes::MOVED, message).help(
                        "remove the `[[moved]]`, or let one of the two go with `eci state rm`",
                    ),
                );
            }
        }
        moves
    }

    /// What the state has of a resource.
    pub(crate) fn state(&self, address: &Address) -> Option<&'a ResourceState> {
        match self.from.get(address) {
            Some(from) => self.snapshot.resources.get(*from),
            None if self.to.contains_key(address) => None,
            None => self.snapshot.resources.get(address),
        }
    }

    /// The address that the state has a resource under, if that is another one.
    pub(crate) fn origin(&self, address: &Address) -> Option<&'a Address> {
        self.from.get(address).copied()
    }

    /// The address of a resource of the state once it has moved.
    pub(crate) fn now<'b>(&'b self, address: &'b Address) -> &'b Address {
        self.to.get(address).unwrap_or(address)
    }

    /// Every resource of the state, under its new address.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (&Address, &'a ResourceState)> {
        let resources = self.snapshot.resources.iter();
        resources.map(|(address, state)| (self.now(address), state))
    }
}
