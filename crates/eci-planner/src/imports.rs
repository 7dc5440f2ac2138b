//! The imports of a configuration, and whether they are possible.

use std::collections::HashMap;

use eci_config::{Configuration, Import, Resource};
use eci_core::kinds::is_standalone;
use eci_core::{Address, Diagnostic, Lineage, Map};
use eci_state::{ResourceState, Snapshot};

use crate::moves::Moves;
use crate::observed::{Observation, Observations};
use crate::{diagnostics, prior_state};

/// The imports of a configuration in the light of the state.
pub(crate) struct Imports<'a> {
    by_address: HashMap<&'a Address, &'a Import>,
    /// The address of each ID in the state, if there are imports.
    owners: HashMap<&'a str, Address>,
    /// The former address of what is moved to an address.
    moved_from: HashMap<&'a Address, &'a Address>,
    /// The IDs that this state has deleted in order to create the resources again at the same
    /// addresses.
    deleted: HashMap<Address, &'a str>,
    /// The lineage of the state.
    lineage: &'a Lineage,
}

impl<'a> Imports<'a> {
    pub(crate) fn new(
        configuration: &'a Configuration,
        moves: &Moves<'a>,
        snapshot: &'a Snapshot,
    ) -> Imports<'a> {
        let imports = configuration.imports.iter();
        let by_address: HashMap<_, _> = imports.map(|import| (&import.to, import)).collect();
        let resources = moves.resources().filter(|_| !by_address.is_empty());
        let owners = resources
            .filter_map(|(address, state)| Some((state.id.as_deref()?, address.clone())))
            .collect();
        let moved_from = by_address.keys();
        let moved_from = moved_from.filter_map(|to| Some((*to, moves.origin(to)?)));
        let moved_from = moved_from.collect();
        let deleted = snapshot.names.iter();
        let deleted = deleted
            .filter_map(|(address, names)| {
                Some((moves.followed(address), names.deleted.as_deref()?))
            })
            .collect();
        Imports {
            by_address,
            moved_from,
            owners,
            deleted,
            lineage: &snapshot.lineage,
        }
    }

    /// Returns whether an import leads to this address.
    pub(crate) fn names(&self, address: &Address) -> bool {
        self.by_address.contains_key(address)
    }

    /// Returns the ID of the object to import and warnings about it, unless the state has it already.
    ///
    /// An existing EIP or disk that is to be managed from now on is imported under the address that it
    /// has.
    ///
    /// # Errors
    /// If the object cannot be imported.
    pub(crate) fn of(
        &self,
        resource: &Resource,
        desired: &Map,
        state: Option<&ResourceState>,
        observed: &Observations,
    ) -> Result<Option<(String, Vec<Diagnostic>)>, Box<Diagnostic>> {
        let address = &resource.address;
        let Some(import) = self.by_address.get(address) else {
            return Ok(None);
        };
        if let (Some(from), Some(state)) = (self.moved_from.get(address), state)
            && let Some(id) = state.id.as_deref().filter(|id| *id != import.id)
        {
            return Err(Box::new(diagnostics::import_of_another(import, from, id)));
        }
        let is_had = |state: &ResourceState| {
            state.id.is_some() || is_standalone(address.kind(), &state.applied)
        };
        let was_replaced = self.deleted.get(address) == Some(&&*import.id);
        if state.is_some_and(is_had) || was_replaced {
            return Ok(None);
        }
        if !is_standalone(address.kind(), desired) {
            return Err(Box::new(diagnostics::not_importable(
                resource, desired, import,
            )));
        }
        let observation = observed.get(address);
        let Some(Observation::Present(reported)) = observation else {
            return Err(Box::new(diagnostics::import_target_missing(
                import,
                observation.is_some(),
            )));
        };
        if let Some(owner) = self.owners.get(&*import.id) {
            return Err(Box::new(diagnostics::already_in_state(import, owner)));
        }
        let mut warnings = prior_state::contradictions(resource, desired, reported);
        let mark = observed.mark(address);
        if let Some(mark) = mark.filter(|mark| !mark.is_of(self.lineage)) {
            if !import.take_over {
                return Err(Box::new(diagnostics::of_another_state(import, mark)));
            }
            warnings.push(diagnostics::taken_over(import, mark));
        }
        Ok(Some((import.id.clone(), warnings)))
    }
}
