//! Facts about a resource of the configuration before its action is decided.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_config::Resource;
use eci_core::kinds::is_standalone;
use eci_core::{Address, Map, Path};
use eci_text::Text;

use super::planning::PlanDraft;
use crate::action::Action;
use crate::bindings::{Bound, ImportedEip};
use crate::diagnostics::{self, embedded_not_replaceable};
use crate::diff::AttributeChange;
use crate::observed::Observation;
use crate::options::Mode;
use crate::ownership::{self, other_owner};
use crate::plan_resource::plan_resource;
use crate::resource_input::ResourceInput;
use crate::step::Step;
use crate::{assumptions, attachment, own_eip};

impl PlanDraft<'_> {
    /// Adds the step of a resource of the configuration.
    pub(super) fn step(&mut self, resource: &Arc<Resource>, dependencies: Vec<Address>) {
        self.keep_imported_names(&resource.address);
        self.check_owner(&resource.address);
        let desired = match resource.evaluate(&self.known) {
            Ok(desired) => desired,
            Err(diagnostics) => return self.problems.0.extend(diagnostics.0),
        };
        if self.options.mode == Mode::Apply {
            let problem = own_eip::read_too_early(resource, &desired, &mut self.known);
            self.problems.0.extend(problem);
        }
        let address = &resource.address;
        let requested = self.options.replace.contains(address);
        if requested && !is_standalone(address.kind(), &desired) {
            self.problems.push(embedded_not_replaceable(address));
        }
        let replaced_disk = self.replaced_disk(resource);
        let trigger = self.trigger(resource);
        let moved_from = self.moves.origin(address);
        let import = self.import_of(resource, &desired);
        let imported_eip = self.imported_eip(address, import.as_deref(), &desired);
        let bound = self.bound(address);
        let formerly_sensitive = match &import {
            Some(_) => self.snapshot.sensitive_at(address),
            None => BTreeSet::new(),
        };
        let is_eip_assumed = imported_eip.is_assumed;
        if let (true, Some(id)) = (imported_eip.is_open, &import) {
            self.problems
                .push(diagnostics::eip_shows_later(resource, id));
        }
        let decision = plan_resource(ResourceInput {
            resource,
            desired,
            state: self.moves.state(address),
            observation: self.observed.get(moved_from.unwrap_or(address)),
            key: &self.snapshot.digest_key,
            trigger,
            bound,
            replaced_disk,
            requested,
            moved_from: moved_from.cloned(),
            import,
            formerly_sensitive,
            imported_eip,
            mark: self.observed.mark(moved_from.unwrap_or(address)),
            lineage: &self.snapshot.lineage,
            dependencies,
        });
        self.note_assumed(&decision.step, is_eip_assumed);
        self.decided(resource, decision);
    }

    /// Refuses to go on with a resource of the state that another state has taken over.
    pub(super) fn check_owner(&mut self, address: &Address) {
        let Some(state) = self.moves.state(address) else {
            return;
        };
        let observed = self.moves.origin(address).unwrap_or(address);
        let mark = self.observed.mark(observed);
        if let Some(mark) = other_owner(state, mark, &self.snapshot.lineage) {
            let mut problem = ownership::lost(address, state.id.as_deref(), mark);
            if let Some(resource) = self.configuration.resource(address) {
                problem = problem.primary(resource.place.clone(), Text::default());
            }
            self.problems.push(problem);
        }
    }

    /// Keeps the names of an imported resource, unless its manifest gives it others.
    fn keep_imported_names(&mut self, address: &Address) {
        if self.imports.names(address)
            && self.moves.state(address).is_none()
            && let Some(Observation::Present(reported)) = self.observed.get(address)
        {
            self.known.keep_names(address, reported);
        }
    }

    /// Returns the resource that triggers a replacement: it is updated or replaced now, or an
    /// earlier run has done so.
    fn trigger(&self, resource: &Resource) -> Option<Address> {
        let named = &resource.lifecycle.replace_triggered_by;
        let state = self.moves.state(&resource.address);
        let pending = state.and_then(|state| state.replacement_pending.as_ref());
        let pending = pending.map(|by| self.moves.now(by));
        let triggers = |other: &&Address| self.is_trigger(other) || pending == Some(other);
        named.iter().find(triggers).cloned()
    }

    /// Returns the EIP that a group has, where it differs from the last-applied one.
    fn bound(&self, address: &Address) -> Option<Bound> {
        let state = self.moves.state(address);
        let id = state.and_then(|state| Some((state, state.id.as_deref()?)));
        match id {
            Some((state, id)) if address.kind().properties().holds_attachments => {
                let known = self.moves.origin(address).unwrap_or(address);
                let observation = self.observed.get(known);
                self.bindings
                    .other_eip(id, state, observation, self.observed)
            }
            _ => None,
        }
    }

    /// Returns the EIP that a group has that is to be imported.
    fn imported_eip(&self, address: &Address, id: Option<&str>, desired: &Map) -> ImportedEip {
        match (id, self.observed.get(address)) {
            (Some(id), Some(Observation::Present(reported)))
                if address.kind().properties().holds_attachments =>
            {
                let bindings = &self.bindings;
                bindings.eip_of_imported(id, reported, desired, self.observed)
            }
            _ => ImportedEip::default(),
        }
    }

    /// Notes what an import assumes of a resource that it leaves as it is.
    fn note_assumed(&mut self, step: &Step, is_eip_assumed: bool) {
        let kept = matches!(step.action, Action::Import | Action::Update);
        let (true, Some(desired), Some(Observation::Present(reported))) = (
            step.import.is_some() && kept && self.options.mode == Mode::Apply,
            &step.desired,
            self.observed.get(&step.address),
        ) else {
            return;
        };
        let mut paths = assumptions::assumed(step.address.kind(), desired, reported);
        let touches_eip = |change: &AttributeChange| change.path.attribute() == Some("eip");
        if is_eip_assumed && !step.changes.iter().any(touches_eip) {
            paths.push(Path::root().name("eip"));
        }
        self.assumptions.add(&step.address, &paths);
    }

    /// Returns the volume whose disk this group has mounted, and must detach because it is
    /// replaced. A group that gets it only now waits for the new one, and nothing else.
    fn replaced_disk(&self, resource: &Resource) -> Option<Address> {
        if self.disks_to_free.is_empty() {
            return None;
        }
        let address = &resource.address;
        let applied = self.moves.state(address).map(|state| &*state.applied);
        let known = self.moves.origin(address).unwrap_or(address);
        // An interrupted run may have given it to the group without recording that.
        let reported = match self.observed.get(known) {
            Some(Observation::Present(reported)) => Some(&**reported),
            _ => None,
        };
        let attributes = [applied, reported].into_iter().flatten();
        let mounted: Vec<&str> = attributes.flat_map(attachment::disks).collect();
        let mut links = resource.links.iter();
        let is_freed = |link: &&Address| {
            let disk = self.disks_to_free.get(*link);
            disk.is_some_and(|id| mounted.contains(&id.as_str()))
        };
        links.find(is_freed).cloned()
    }

    /// Returns the ID of the object to import, unless the state has it already.
    fn import_of(&mut self, resource: &Resource, desired: &Map) -> Option<String> {
        let address = &resource.address;
        let state = self.moves.state(address);
        match self.imports.of(resource, desired, state, self.observed) {
            Ok(import) => {
                let (id, warnings) = import?;
                self.warnings.0.extend(warnings);
                Some(id)
            }
            Err(problem) => {
                self.problems.push(*problem);
                None
            }
        }
    }
}
