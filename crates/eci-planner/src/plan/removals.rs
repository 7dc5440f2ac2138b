//! Removals from the state, and what prevents them.

use std::collections::HashMap;
use std::sync::Arc;

use eci_config::{RemovedBlock, Resource};
use eci_core::{Address, Diagnostic};
use eci_state::ResourceState;

use super::planning::PlanDraft;
use crate::action::{Action, Reason};
use crate::diagnostics::{self, Loss, protected};
use crate::graph::DependencyGraph;
use crate::model::Drift;
use crate::observed::Observation;
use crate::options::Mode;
use crate::plan_resource;
use crate::protection::holds_data;
use crate::resource_input::Removal;
use crate::step::Step;

impl<'a> PlanDraft<'a> {
    /// Adds a step for each resource of the state that is to go.
    pub(super) fn leaving(&mut self) {
        let mut leaving = Vec::new();
        for (address, state) in self.moves.resources() {
            let resource = self.configuration.resource(address);
            let Some((action, reason)) = self.removal_action(address, state, resource) else {
                continue;
            };
            if self.selection.has(address) {
                leaving.push(Removal {
                    address: address.clone(),
                    state,
                    resource,
                    action,
                    reason,
                });
            }
        }
        for removal in self.in_reverse(leaving) {
            let Removal {
                address, resource, ..
            } = &removal;
            let is_missing = self.is_missing(address);
            // A refresh has read what is declared, and reported it.
            let is_reported = self.options.mode == Mode::RefreshOnly && resource.is_some();
            if is_missing && !is_reported {
                self.drift.push(Drift {
                    address: address.clone(),
                    is_missing: true,
                    changes: Vec::new(),
                    ignored: Vec::new(),
                });
            }
            let mut step = plan_resource::plan_removal(&removal);
            if step.action == Action::Delete {
                self.protect(&step, Loss::Delete);
            }
            // A resource that is removed from the state is left to its owner.
            if step.action != Action::Forget {
                self.check_owner(address);
            }
            step.moved_from = self.moves.origin(address).cloned();
            self.actions.insert(step.address.clone(), step.action);
            self.steps.push(step);
        }
    }

    /// Refuses a step that takes away what is protected.
    pub(super) fn protect(&mut self, step: &Step, loss: Loss<'_>) {
        self.problems.0.extend(self.protection_problem(step, loss));
    }

    /// Returns the error for the loss of a resource that is protected: by its manifest, or by the last one
    /// that was applied and said so, or, where that does not say otherwise, because there is data on it.
    pub(super) fn protection_problem(&self, step: &Step, loss: Loss<'_>) -> Option<Diagnostic> {
        let address = &step.address;
        let resource = step.resource.as_deref();
        let says = resource.and_then(|resource| resource.lifecycle.prevent_destroy);
        let state = step.state.as_deref();
        let bears_data = state.is_some_and(|state| holds_data(address.kind(), &state.applied));
        let applied = state.and_then(|state| state.prevent_destroy);
        // The declared protection of a resource that is being imported is applied with the import.
        let applied = applied.filter(|protects| *protects || step.import.is_none());
        let may_go = || {
            self.removed_block(address)
                .is_some_and(|removed| removed.destroy)
        };
        let was_protected = applied == Some(true);
        // The last word of the manifest of a disk counts once its table is removed, and not before it
        // was applied.
        let is_lifted = applied == Some(false) && (resource.is_none() || says == Some(false));
        match (says, resource) {
            (Some(true), Some(resource)) => Some(protected(resource, loss)),
            // Only an apply of `prevent_destroy = false` lifts it, ahead of the plan that deletes.
            _ if was_protected && !may_go() => {
                Some(diagnostics::protected_before(address, resource, loss))
            }
            _ if bears_data && !is_lifted && !may_go() => {
                Some(diagnostics::disk_is_protected(address, resource, loss))
            }
            _ => None,
        }
    }

    /// Returns the removals, each before those of its dependencies.
    fn in_reverse<'b>(&self, leaving: Vec<Removal<'b>>) -> Vec<Removal<'b>> {
        let index: HashMap<&Address, usize> = leaving
            .iter()
            .enumerate()
            .map(|(at, removal)| (&removal.address, at))
            .collect();
        let dependencies: Vec<Vec<usize>> = leaving
            .iter()
            .map(|removal| {
                let dependencies = self.before_delete(&removal.address, removal.state);
                let dependencies = dependencies.into_iter();
                dependencies
                    .filter_map(|dependency| index.get(dependency).copied())
                    .collect()
            })
            .collect();
        // A state that was edited by hand may contain a cycle: any order will do.
        let order = DependencyGraph::new(&dependencies)
            .order()
            .unwrap_or_else(|_| (0..leaving.len()).collect());
        let mut leaving: Vec<Option<Removal<'b>>> = leaving.into_iter().map(Some).collect();
        let reversed = order.into_iter().rev();
        reversed.filter_map(|at| leaving[at].take()).collect()
    }

    /// Returns the action on a resource of the state; none if it stays.
    ///
    /// A missing object, or one that existed before, is removed from the state without a call.
    fn removal_action(
        &self,
        address: &Address,
        state: &ResourceState,
        resource: Option<&Arc<Resource>>,
    ) -> Option<(Action, Reason)> {
        let is_missing = self.is_missing(address);
        let moves = self.moves.origin(address).is_some();
        let removal = match (self.options.mode, resource) {
            (Mode::RefreshOnly, _) if is_missing => Some((Action::Forget, Reason::Missing)),
            // What is declared has a step already.
            (Mode::RefreshOnly, None) if moves => Some((Action::Move, Reason::Moved)),
            (Mode::RefreshOnly, _) => None,
            (Mode::Destroy, _) => Some((Action::Delete, Reason::Destroy)),
            (Mode::Apply, Some(_)) => None,
            (Mode::Apply, None) => Some(self.undeclared_action(address)),
        };
        let declared = self
            .existing
            .declared_by(address.kind(), state.id.as_deref());
        removal.map(|(action, reason)| match action {
            Action::Delete if is_missing => (Action::Forget, Reason::Missing),
            Action::Delete if plan_resource::is_existing(address.kind(), &state.applied) => {
                (Action::Forget, reason)
            }
            Action::Delete => match declared {
                Some(by) => (Action::Forget, Reason::DeclaredExisting { by: by.clone() }),
                None => (action, reason),
            },
            _ => (action, reason),
        })
    }

    /// Returns whether a resource is missing.
    ///
    /// It was observed under the address that it moves from: under the new one, another resource
    /// may have been.
    fn is_missing(&self, address: &Address) -> bool {
        let observed = self.moves.origin(address).unwrap_or(address);
        self.observed.get(observed) == Some(&Observation::Missing)
    }

    /// Returns the action on a resource that is in no manifest any more.
    fn undeclared_action(&self, address: &Address) -> (Action, Reason) {
        match self.removed_block(address) {
            Some(removed) if removed.destroy => (Action::Delete, Reason::Removed),
            Some(_) => (Action::Forget, Reason::Removed),
            None => (Action::Delete, Reason::NoConfiguration),
        }
    }

    /// Returns the `[[removed]]` that names a resource.
    fn removed_block(&self, address: &Address) -> Option<&'a RemovedBlock> {
        let mut removed = self.configuration.removed.iter();
        removed.find(|removed| removed.from.covers(address))
    }
}
