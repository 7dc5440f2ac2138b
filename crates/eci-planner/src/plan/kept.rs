//! EIPs and disks that are declared as existing ones, in the light of what becomes of them.

use eci_core::kinds::{existing_id, is_standalone};
use eci_core::{Address, Map};

use super::planning::PlanDraft;
use crate::action::Action;
use crate::automatic::{self, AutomaticEips, Claim};
use crate::diagnostics::Loss;
use crate::existing::{self, ExistingObjects, is_undetermined};
use crate::options::Mode;

impl PlanDraft<'_> {
    /// Notes what the configuration declares as existing, selected or not.
    pub(super) fn note_existing(&mut self) {
        if self.options.mode == Mode::RefreshOnly {
            return;
        }
        let mut existing = ExistingObjects::default();
        for step in &self.steps {
            if let Some(desired) = &step.desired
                && !self.is_use(&step.address, desired, &step.dependencies)
            {
                existing.add(&step.address, desired);
            }
        }
        let destroys = self.options.mode == Mode::Destroy;
        // A resource that the configuration declares as existing is only removed from the state by
        // the same plan.
        for (address, state) in self.moves.resources() {
            let is_deleted = destroys || self.configuration.resource(address).is_none();
            if !is_deleted || address.kind().properties().existing_by.is_none() {
                continue;
            }
            let dependencies = self.before_delete(address, state);
            if !self.is_use(address, &state.applied, dependencies) {
                existing.add(address, &state.applied);
            }
        }
        let resources = self.configuration.resources.iter();
        let omitted = resources.filter(|resource| {
            let address = &resource.address;
            let is_omitted = destroys || !self.selection.has(address);
            address.kind().properties().existing_by.is_some() && is_omitted
        });
        for resource in omitted {
            let address = &resource.address;
            if let Ok(desired) = resource.evaluate(&self.known) {
                // What it refers to may be left out as well.
                let recorded = self.moves.state(address).map(|state| &state.applied);
                let recorded = recorded.filter(|_| is_undetermined(address.kind(), &desired));
                let attributes = recorded.unwrap_or(&desired);
                let dependencies = self.declared.get(address).into_iter().flatten();
                if !self.is_use(address, attributes, dependencies) {
                    existing.add(address, attributes);
                }
            }
        }
        self.existing = existing;
    }

    /// Returns whether the ID of an existing EIP or disk is that of a managed one that the resource
    /// refers to: it is used, and not declared as another owner's object.
    fn is_use<'b>(
        &self,
        address: &Address,
        attributes: &Map,
        dependencies: impl IntoIterator<Item = &'b Address>,
    ) -> bool {
        let kind = address.kind();
        let Some(id) = existing_id(kind, attributes) else {
            return false;
        };
        dependencies.into_iter().any(|dependency| {
            let state = self
                .moves
                .state(dependency)
                .filter(|_| dependency.kind() == kind);
            state.is_some_and(|state| {
                state.id.as_deref() == Some(id) && is_standalone(kind, &state.applied)
            })
        })
    }

    /// Removes the old object of a replacement from the state without deleting it where it is
    /// declared as existing and nothing is created in its place. Refuses all other replacements
    /// that would delete what is declared as existing, or what is protected.
    pub(super) fn check_replacements(&mut self) {
        for at in 0..self.steps.len() {
            let step = &self.steps[at];
            if step.action != Action::Replace {
                continue;
            }
            let kind = step.address.kind();
            let by = self.existing.declared_by(kind, step.id.as_deref());
            let creates = step.desired.as_deref();
            let creates = creates.is_none_or(|desired| is_standalone(kind, desired));
            match (by.cloned(), creates) {
                (Some(by), false) => existing::without_delete(&mut self.steps[at], by),
                (by, _) => {
                    let refused = by.map(|by| existing::not_replaceable(step, &by));
                    self.problems.0.extend(refused);
                    let step = step.clone();
                    let why = step.reason.as_ref().filter(|reason| !reason.is_implied());
                    self.protect(&step, Loss::Replace(why));
                }
            }
        }
    }

    /// Refuses what would release an automatic EIP that is declared as existing: nothing can keep
    /// it.
    pub(super) fn check_automatic(&mut self) {
        if self.options.mode == Mode::RefreshOnly {
            return;
        }
        let destroys = self.options.mode == Mode::Destroy;
        let automatic = AutomaticEips::new(&self.moves, self.observed);
        for (kind, id, by) in self.existing.all() {
            let Some(group) = automatic
                .group(id)
                .filter(|_| kind.properties().is_public_ip)
            else {
                continue;
            };
            let is_selected = self.selection.has(group) || !destroys && self.selection.has(by);
            if !is_selected {
                continue;
            }
            let claim = Claim {
                id,
                group,
                by,
                resource: self.configuration.resource(by).map(|it| &**it),
            };
            let problem = if destroys {
                automatic::not_destroyed(claim)
            } else {
                automatic::not_kept(claim, self.known.holder(by))
            };
            self.problems.push(problem);
        }
    }
}
