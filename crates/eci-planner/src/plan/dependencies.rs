//! The dependencies of resources in the state: the recorded and the declared ones.

use std::collections::BTreeSet;

use eci_config::Configuration;
use eci_core::Address;
use eci_state::ResourceState;

use super::planning::{DeclaredDependencies, PlanDraft};
use crate::action::Action;
use crate::attachment::attached;
use crate::moves::Moves;
use crate::options::{Mode, PlannerOptions};
use crate::step::Step;

/// Returns what each declared resource depends on while it is destroyed: what its manifest says,
/// which may be newer than the state, and the EIPs and disks that it has.
pub(super) fn declared(
    configuration: &Configuration,
    dependencies: &[Vec<Address>],
    moves: &Moves<'_>,
    options: &PlannerOptions,
) -> DeclaredDependencies {
    if options.mode != Mode::Destroy {
        return DeclaredDependencies::new();
    }
    let resources = configuration.resources.iter().zip(dependencies);
    resources
        .map(|(resource, dependencies)| {
            let state = moves.state(&resource.address);
            let held = state.into_iter().flat_map(|state| held(moves, state));
            let dependencies = dependencies.iter().chain(held).cloned().collect();
            (resource.address.clone(), dependencies)
        })
        .collect()
}

/// Returns the resources with the EIPs and disks that a group has.
fn held<'a>(moves: &'a Moves<'_>, state: &'a ResourceState) -> impl Iterator<Item = &'a Address> {
    let objects = attached(&state.applied);
    let is_held = move |address: &&Address| {
        let id = moves.state(address).and_then(|state| state.id.as_deref());
        id.is_some_and(|id| objects.iter().any(|object| object.id() == id))
    };
    now(moves, state).into_iter().filter(is_held)
}

/// Returns what a resource that goes depends on: as `declared` says, or else as the state does.
pub(super) fn before_delete<'a>(
    declared: &'a DeclaredDependencies,
    moves: &'a Moves<'_>,
    address: &Address,
    state: &'a ResourceState,
) -> Vec<&'a Address> {
    match declared.get(address) {
        Some(dependencies) => dependencies.iter().collect(),
        None => now(moves, state),
    }
}

impl PlanDraft<'_> {
    /// Notes the dependencies of a resource that stays as it is, where the state has others.
    pub(super) fn note_dependencies(&mut self, step: &Step) {
        let stays = matches!(step.action, Action::NoOp | Action::Move);
        let state = step.state.as_deref().filter(|_| stays);
        let (Mode::Apply, Some(state)) = (self.options.mode, state) else {
            return;
        };
        let recorded: BTreeSet<&Address> = now(&self.moves, state).into_iter().collect();
        if recorded != step.dependencies.iter().collect() {
            let dependencies = step.dependencies.clone();
            self.dependencies.insert(step.address.clone(), dependencies);
        }
    }
}

/// Returns the recorded dependencies of a resource, under the addresses that they have now.
fn now<'a>(moves: &'a Moves<'_>, state: &'a ResourceState) -> Vec<&'a Address> {
    state
        .dependencies
        .iter()
        .map(|dependency| moves.now(dependency))
        .collect()
}
