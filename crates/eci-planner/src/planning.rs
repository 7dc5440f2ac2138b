//! The planner's one entry point.

mod dependencies;
mod kept;
mod leaving;
mod needs;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use eci_config::{Configuration, KeptNames, Resource};
use eci_core::kinds::is_managed;
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Map, Path, Subject, codes};
use eci_state::{Deed as Intended, ResourceState, Snapshot};
use serde::{Deserialize, Serialize};

use crate::action::{Action, Reason};
use crate::assumed::Assumptions;
use crate::attachment::{Holders, Replaced, attached};
use crate::bindings::{Bindings, Bound, ImportedEip};
use crate::decide::{self, Decision, Question, decide};
use crate::diff::AttributeChange;
use crate::document::{Drift, PartialScope, Plan, PlanParts, Refreshed, Step};
use crate::existing::{self, Existing};
use crate::handover::Handover;
use crate::imports::Imports;
use crate::known::Known;
use crate::moves::Moves;
use crate::observed::{Observation, Observed};
use crate::ownership::{self, other_owner};
use crate::partial::Omitted;
use crate::pending::Pending;
use crate::problems::not_of_its_own;
use crate::protection::Protection;
use crate::selection::Selection;
use dependencies::Declared;

use crate::{
    adopt, assumed, attachment, in_use, managed, names, order, outputs, own_eip, partial, problems,
    task,
};

/// What kind of plan is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// What is to become of everything.
    pub mode: Mode,
    /// Only these, and what they need.
    pub targets: Vec<Subject>,
    /// Not these, nor what needs them.
    pub exclude: Vec<Subject>,
    /// Replace these, whatever they are like.
    pub replace: Vec<Address>,
    /// Whether the cloud was not asked, so that the plan trusts the state.
    #[serde(default)]
    pub trusts_state: bool,
}

/// What is to become of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// What the configuration says.
    #[default]
    Apply,
    /// Everything that the state has is deleted.
    Destroy,
    /// The state learns what the cloud says, and nothing else.
    RefreshOnly,
}

/// The plan that leads from what the state and the cloud have to what the configuration says.
///
/// # Errors
/// What is wrong with the configuration in the light of the state: cycles, expressions that
/// fail, resources that may not be destroyed.
pub fn plan(
    configuration: &Configuration,
    snapshot: &Snapshot,
    observed: &Observed,
) -> Result<Plan, Diagnostics> {
    plan_with(configuration, snapshot, observed, &Options::default())
}

/// The same with options.
///
/// # Errors
/// As [`plan()`]; also where an option names what is not there.
pub fn plan_with(
    configuration: &Configuration,
    snapshot: &Snapshot,
    observed: &Observed,
    options: &Options,
) -> Result<Plan, Diagnostics> {
    let mut problems = Diagnostics::default();
    let on_record = (options.trusts_state && options.mode == Mode::Apply)
        .then(|| Observed::on_record(snapshot));
    let observed = on_record.as_ref().unwrap_or(observed);
    let pending = Pending::new(snapshot);
    let assumed = match options.mode {
        Mode::RefreshOnly => None,
        Mode::Apply | Mode::Destroy => pending.assumed(snapshot, observed),
    };
    let (snapshot, observed) = match &assumed {
        Some(assumed) => (&assumed.snapshot, &assumed.observed),
        None => (snapshot, observed),
    };
    let moves = Moves::new(configuration, snapshot, &mut problems);
    let mut known = Known::new(configuration.resources.iter().map(|resource| &**resource));
    for (address, names) in &snapshot.names {
        let names = KeptNames {
            name: names.name.as_deref().map(Arc::from),
            disk: names.disk.as_deref().map(Arc::from),
        };
        known.keep(moves.followed(address), names);
    }
    for (address, state) in moves.resources() {
        known.keep_names(address, &state.applied);
    }
    let needs = needs::needs(&configuration.resources, &known);
    let order = needs::ordered(&configuration.resources, &needs)?;
    let declared = dependencies::declared(configuration, &needs, &moves, options);
    let selection = needs::selection(
        (configuration, &needs),
        (&moves, &declared),
        options,
        &mut problems,
    );
    moves.check_selection(&selection, &mut problems);
    let planning = Planning {
        configuration,
        snapshot,
        observed,
        options,
        bindings: Bindings::new(snapshot.resources.values(), observed),
        imports: Imports::new(configuration, &moves, snapshot),
        moves,
        pending,
        selection,
        steps: Vec::with_capacity(configuration.resources.len()),
        actions: HashMap::new(),
        known,
        existing: Existing::default(),
        freed: HashMap::new(),
        drift: Vec::new(),
        refreshed: Vec::new(),
        protections: Vec::new(),
        declared,
        dependencies: BTreeMap::new(),
        problems,
        warnings: configuration.warnings.clone(),
        assumptions: Assumptions::default(),
    };
    planning.run(order, needs)
}

struct Planning<'a> {
    configuration: &'a Configuration,
    snapshot: &'a Snapshot,
    observed: &'a Observed,
    options: &'a Options,
    bindings: Bindings<'a>,
    moves: Moves<'a>,
    pending: Pending,
    imports: Imports<'a>,
    selection: Selection,
    steps: Vec<Step>,
    actions: HashMap<Address, Action>,
    known: Known,
    /// What the configuration declares as existing.
    existing: Existing,
    /// The volumes whose disks must be free, because they are replaced, with the ids of those.
    freed: HashMap<Address, String>,
    drift: Vec<Drift>,
    refreshed: Vec<Refreshed>,
    protections: Vec<Protection>,
    declared: Declared,
    /// The dependencies that the state is to record for what stays as it is.
    dependencies: BTreeMap<Address, Vec<Address>>,
    problems: Diagnostics,
    warnings: Diagnostics,
    assumptions: Assumptions,
}

impl<'a> Planning<'a> {
    fn run(mut self, order: Vec<usize>, mut needs: Vec<Vec<Address>>) -> Result<Plan, Diagnostics> {
        self.check_changes();
        if self.options.mode != Mode::Destroy {
            let configuration = self.configuration;
            for at in &order {
                let resource = &configuration.resources[*at];
                if self.selection.has(&resource.address) {
                    self.step(resource, std::mem::take(&mut needs[*at]));
                }
            }
        }
        self.note_existing();
        self.check_replacements();
        self.check_automatic();
        self.leaving();
        let partial = self.partial(&order, &needs);
        if self.options.trusts_state {
            self.warnings.push(partial::not_refreshed());
        }
        self.finish(partial)
    }

    /// Returns the limits of the plan; none if it covers everything.
    fn partial(&mut self, order: &[usize], needs: &[Vec<Address>]) -> Option<PartialScope> {
        if self.options.targets.is_empty() && self.options.exclude.is_empty() {
            return None;
        }
        let omitted = order.iter().filter_map(|at| {
            let address = &self.configuration.resources[*at].address;
            let state = self.moves.state(address).into_iter();
            let recorded = state.flat_map(|state| self.before_delete(address, state));
            (!self.selection.has(address)).then(|| Omitted {
                address,
                dependencies: needs[*at].iter().chain(recorded).collect(),
            })
        });
        let omitted = omitted.chain(self.omitted_leaving());
        let scope = partial::scope(&self.actions, omitted);
        self.warnings
            .push(partial::warning(&scope, self.options.mode));
        Some(scope)
    }

    /// Returns what a resource of the state depends on, as far as its delete is concerned.
    fn before_delete<'b>(
        &'b self,
        address: &Address,
        state: &'b ResourceState,
    ) -> Vec<&'b Address> {
        dependencies::before_delete(&self.declared, &self.moves, (address, state))
    }

    /// The resources of the state alone that the plan leaves out, each after what it depends on.
    fn omitted_leaving(&self) -> impl Iterator<Item = Omitted<'_>> {
        let leaving = self.moves.resources().filter(|(address, _)| {
            let is_declared = self.configuration.resource(address).is_some();
            !is_declared && !self.selection.has(address)
        });
        let leaving: Vec<Omitted<'_>> = leaving
            .map(|(address, state)| Omitted {
                address,
                dependencies: self.before_delete(address, state),
            })
            .collect();
        partial::in_order(leaving).into_iter()
    }

    /// A step for a resource of the configuration.
    fn step(&mut self, resource: &Arc<Resource>, needs: Vec<Address>) {
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
        if requested && !is_managed(address.kind(), &desired) {
            self.problems.push(not_of_its_own(address));
        }
        let loses = self.loses(resource);
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
            self.problems.push(problems::eip_shows_later(resource, id));
        }
        let decision = decide(Question {
            resource,
            desired,
            state: self.moves.state(address),
            observation: self.observed.get(moved_from.unwrap_or(address)),
            key: &self.snapshot.digest_key,
            trigger,
            bound,
            loses,
            requested,
            moved_from: moved_from.cloned(),
            import,
            formerly_sensitive,
            imported_eip,
            mark: self.observed.mark(moved_from.unwrap_or(address)),
            lineage: &self.snapshot.lineage,
            needs,
        });
        self.note_assumed(&decision.step, is_eip_assumed);
        self.decided(resource, decision);
    }

    /// Refuses to go on with a resource of the state that another state has taken over.
    fn check_owner(&mut self, address: &Address) {
        let Some(state) = self.moves.state(address) else {
            return;
        };
        let observed = self.moves.origin(address).unwrap_or(address);
        let mark = self.observed.mark(observed);
        if let Some(mark) = other_owner(state, mark, &self.snapshot.lineage) {
            let mut problem = ownership::lost(address, state.id.as_deref(), mark);
            if let Some(resource) = self.configuration.resource(address) {
                problem = problem.at(resource.place.clone(), "");
            }
            self.problems.push(problem);
        }
    }

    /// What is imported keeps the names that it has, unless its manifest gives it others.
    fn keep_imported_names(&mut self, address: &Address) {
        if self.imports.names(address)
            && self.moves.state(address).is_none()
            && let Some(Observation::Seen(seen)) = self.observed.get(address)
        {
            self.known.keep_names(address, seen);
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

    /// Whether a resource is updated or replaced: as in Terraform, nothing else triggers.
    fn is_trigger(&self, address: &Address) -> bool {
        let action = self.actions.get(address);
        matches!(action, Some(Action::Update | Action::Replace))
    }

    /// Returns the resources that each changing resource triggers, selected or not.
    fn triggers(&self) -> BTreeMap<Address, Vec<Address>> {
        let mut triggers: BTreeMap<Address, Vec<Address>> = BTreeMap::new();
        for resource in &self.configuration.resources {
            let is_managed =
                |state: &ResourceState| is_managed(resource.address.kind(), &state.applied);
            let named = resource.lifecycle.replace_triggered_by.iter();
            let mut named = named.filter(|other| self.is_trigger(other)).peekable();
            if named.peek().is_some() && self.moves.state(&resource.address).is_some_and(is_managed)
            {
                for other in named {
                    let dependents = triggers.entry(other.clone()).or_default();
                    dependents.push(resource.address.clone());
                }
            }
        }
        triggers
    }

    /// Returns the EIP that a group has, where that is another one than it was asked to have.
    fn bound(&self, address: &Address) -> Option<Bound> {
        let state = self.moves.state(address);
        let id = state.and_then(|state| Some((state, state.id.as_deref()?)));
        match (address.kind(), id) {
            (Kind::ContainerGroup, Some((state, id))) => {
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
        match (address.kind(), id, self.observed.get(address)) {
            (Kind::ContainerGroup, Some(id), Some(Observation::Seen(seen))) => {
                let bindings = &self.bindings;
                bindings.eip_of_imported(id, seen, desired, self.observed)
            }
            _ => ImportedEip::default(),
        }
    }

    /// Notes what an import assumes of a resource that it leaves as it is.
    fn note_assumed(&mut self, step: &Step, is_eip_assumed: bool) {
        let kept = matches!(step.action, Action::Import | Action::Update);
        let (true, Some(desired), Some(Observation::Seen(seen))) = (
            step.import.is_some() && kept && self.options.mode == Mode::Apply,
            &step.desired,
            self.observed.get(&step.address),
        ) else {
            return;
        };
        let mut paths = assumed::assumed(step.address.kind(), desired, seen);
        let touches_eip = |change: &AttributeChange| change.path.attribute() == Some("eip");
        if is_eip_assumed && !step.changes.iter().any(touches_eip) {
            paths.push(Path::root().name("eip"));
        }
        self.assumptions.add(&step.address, &paths);
    }

    /// The volume whose disk this group has mounted, and must let go of because it is replaced.
    /// Who gets it only now waits for the new one, and nothing else.
    fn loses(&self, resource: &Resource) -> Option<Address> {
        if self.freed.is_empty() {
            return None;
        }
        let address = &resource.address;
        let applied = self.moves.state(address).map(|state| &*state.applied);
        let known = self.moves.origin(address).unwrap_or(address);
        // A run that was cut off may have given it to the group without telling.
        let seen = match self.observed.get(known) {
            Some(Observation::Seen(seen)) => Some(&**seen),
            _ => None,
        };
        let attributes = [applied, seen].into_iter().flatten();
        let mounted: Vec<&str> = attributes.flat_map(attachment::disks).collect();
        let mut links = resource.links.iter();
        let is_freed = |link: &&Address| {
            let freed = self.freed.get(*link);
            freed.is_some_and(|id| mounted.contains(&id.as_str()))
        };
        links.find(is_freed).cloned()
    }

    /// The id of what is to be taken over, unless the state has it already.
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

    fn decided(&mut self, resource: &Arc<Resource>, decision: Decision) {
        let Decision {
            mut step,
            drift,
            observed,
            resealed,
            applied,
            problems,
        } = decision;
        if self.options.mode == Mode::RefreshOnly {
            let recorded = Recorded {
                observed: resealed.as_ref(),
                applied: applied.as_ref(),
            };
            if !only_refreshed(&mut step, recorded) {
                self.drift.extend(drift);
                return;
            }
        }
        let settles = self.options.mode == Mode::RefreshOnly
            || matches!(step.action, Action::NoOp | Action::Move);
        let applied = applied.filter(|_| settles);
        if self.options.mode != Mode::RefreshOnly {
            self.problems.0.extend(problems);
        }
        let frees = step.action == Action::Replace && !step.create_first;
        if frees && step.address.kind() == Kind::Volume {
            let id = step.id.clone();
            self.freed.extend(id.map(|id| (step.address.clone(), id)));
        }
        if step.action == Action::Update {
            let shrinks = managed::shrinks(&step, observed.as_deref());
            let shrinks = shrinks.map(|sizes| problems::shrinks(resource, sizes));
            self.problems.0.extend(shrinks);
        }
        let seen = observed.as_ref();
        let trouble = seen.and_then(|seen| managed::trouble(step.address.kind(), resource, seen));
        self.warnings.0.extend(trouble);
        self.warnings
            .0
            .extend(managed::left_to_traffic(&step, resource));
        self.drift.extend(drift);
        if let Some(observed) = resealed.or_else(|| {
            let state = step.state.as_ref().filter(|_| applied.is_some())?;
            Some(state.observed.clone())
        }) {
            self.refreshed.push(Refreshed {
                address: step.address.clone(),
                observed,
                applied,
            });
        }
        self.tell_public_address(&mut step);
        if let Some(planned) = &step.planned {
            self.known.set(step.address.clone(), planned.clone());
        }
        if self.options.mode == Mode::Apply && step.import.is_none() {
            self.protections.extend(step.protection());
        }
        self.note_dependencies(&step);
        // The operation tag of this state makes no difference to dependents, nor does who manages it.
        let action = match step.reason {
            Some(Reason::Untagged | Reason::DeclaredExisting { .. }) => Action::NoOp,
            _ => step.action,
        };
        self.actions.insert(step.address.clone(), action);
        self.steps.push(step);
    }

    /// Notes the public address of an existing EIP, where its own group reads it: the step has it
    /// for the run.
    fn tell_public_address(&mut self, step: &mut Step) {
        let is_eip = step.address.kind() == Kind::Eip;
        let holder = self.known.holder(&step.address).filter(|_| is_eip);
        let holder = holder.and_then(|holder| self.configuration.resource(holder));
        let (Some(holder), Some(desired)) = (holder, step.desired.as_deref()) else {
            return;
        };
        let sources = (self.observed, &self.moves);
        let public = own_eip::public_address(&step.address, desired, holder, sources);
        if let (Some(public), Some(planned)) = (&public, &mut step.planned) {
            Arc::make_mut(planned).insert("address".into(), public.clone());
            self.known
                .set_public_address(&step.address, Some(public.clone()));
        }
    }

    /// What `[[moved]]` and `[[removed]]` say must not contradict the rest.
    fn check_changes(&mut self) {
        let configuration = self.configuration;
        let moved = configuration.moved.iter().map(|moved| {
            let declared = configuration.declares_moved(moved);
            (&moved.from, &moved.place, "moved", codes::MOVED, declared)
        });
        let removed = configuration.removed.iter().map(|removed| {
            let declared = configuration.declares_removed(removed);
            (
                &removed.from,
                &removed.place,
                "removed",
                codes::REMOVED,
                declared,
            )
        });
        for (from, place, block, code, declared) in moved.chain(removed) {
            if let Some(declared) = declared {
                self.problems.push(
                    Diagnostic::new(code, format!("{from} is {block} and still declared"))
                        .at(place.clone(), "")
                        .also(declared, "declared here")
                        .help(format!("remove the table, or the `[[{block}]]`")),
                );
            }
        }
        for import in &self.configuration.imports {
            if self.configuration.resource(&import.to).is_none() {
                let message = format!("{} is imported and not declared", import.to);
                self.problems.push(
                    Diagnostic::new(codes::IMPORT, message)
                        .at(import.place.clone(), "")
                        .help("write its table; `eci import --all --write DIR` writes manifests"),
                );
            }
        }
    }

    /// Finds out which container groups have which EIPs and disks now.
    fn holders(&self) -> Holders {
        let imported = self.steps.iter().filter(|step| step.import.is_some());
        let imported = imported.filter_map(|step| Some((&step.address, step.state.as_deref()?)));
        let groups = self.moves.resources().chain(imported);
        let groups = groups.filter(|(address, _)| address.kind() == Kind::ContainerGroup);
        let replaced = self
            .snapshot
            .open
            .iter()
            .filter_map(|open| match &open.deed {
                Intended::Delete { id } => Some(Replaced {
                    id: id.to_string(),
                    address: self.moves.now(&open.address).clone(),
                }),
                _ => None,
            });
        let replaced: Vec<Replaced> = replaced.collect();
        let mut holders = Holders::new(groups, &self.moves, self.observed, &replaced);
        let open = self.snapshot.open.iter();
        holders.expect(open.flat_map(|open| match &open.deed {
            Intended::Create { asked, .. } => attached(&asked.applied),
            Intended::Update { .. } | Intended::Delete { .. } => Vec::new(),
        }));
        holders
    }

    fn finish(mut self, partial: Option<PartialScope>) -> Result<Plan, Diagnostics> {
        adopt::with_groups(&mut self.steps, &self.snapshot.digest_key);
        order::create_first(&mut self.steps, &mut self.problems);
        // What is refused for another reason may have its name from there.
        if !self.problems.has_errors() {
            names::check(&self.steps, &mut self.problems);
        }
        let mut awaited = BTreeSet::new();
        if self.options.mode != Mode::RefreshOnly {
            let key = &self.snapshot.digest_key;
            let has = |address: &Address| self.selection.has(address);
            awaited = self.pending.resend(&mut self.steps, &self.moves, key, has);
            self.pending.resume(&mut self.steps, &self.moves);
            let has = |address: &Address| self.selection.has(address);
            let mut deletes = self.pending.deletes(&self.moves, has);
            for step in &mut deletes {
                let kind = step.address.kind();
                if self
                    .existing
                    .declared_by(kind, step.id.as_deref())
                    .is_some()
                {
                    step.action = Action::Forget;
                }
            }
            self.steps.extend(deletes);
        }
        let mut outputs = match self.options.mode {
            Mode::Destroy if self.selection.is_all() => outputs::removals(&self.snapshot.outputs),
            Mode::Destroy => outputs::removals_of(
                &self.configuration.outputs,
                &self.snapshot.outputs,
                &self.steps.iter().map(|step| &step.address).collect(),
            ),
            Mode::Apply | Mode::RefreshOnly => outputs::changes(
                &self.configuration.outputs,
                &self.snapshot.outputs,
                &self.known,
                &self.selection,
                &self.snapshot.digest_key,
                (&mut self.problems, &mut self.warnings),
            ),
        };
        if self.options.mode == Mode::RefreshOnly {
            outputs::keep_unknown(&mut outputs);
        }
        // Some evaluations above tell only whether there is a value.
        if let Err(found) = self.configuration.check_budget() {
            self.problems.0.extend(found.0);
        }
        if self.problems.has_errors() {
            self.problems.sort();
            return Err(self.problems);
        }
        let dependencies: BTreeMap<&Address, Vec<&Address>> = self
            .moves
            .resources()
            .map(|(address, state)| (address, self.before_delete(address, state)))
            .collect();
        let (mut tasks, releases) = task::tasks(&self.steps, self.options.mode, &dependencies);
        let holders = self.holders();
        let handover = Handover {
            steps: &mut self.steps,
            tasks: &mut tasks,
            holders: &holders,
            problems: &mut self.problems,
        };
        handover.order(releases);
        task::after_triggers(&self.steps, &mut tasks);
        existing::before_deletes(&self.steps, &mut tasks, &mut self.problems);
        if self.problems.has_errors() {
            self.problems.sort();
            return Err(self.problems);
        }
        self.warnings.0.extend(self.assumptions.warnings());
        let in_use = in_use::report(&self.steps, &holders, &mut self.drift);
        self.warnings.0.extend(in_use);
        let triggers = self.triggers();
        Ok(Plan::sealed(PlanParts {
            lineage: self.snapshot.lineage.clone(),
            serial: self.snapshot.serial,
            revision: self.snapshot.revision,
            pending: self.pending.known(),
            awaited,
            digest: self.configuration.digest.clone(),
            options: self.options.clone(),
            steps: self.steps,
            tasks,
            drift: self.drift,
            refreshed: self.refreshed,
            outputs,
            variables: self.configuration.variables.clone(),
            moves: self.moves.selected(&self.selection),
            protections: self.protections,
            dependencies: self.dependencies,
            triggers,
            partial,
            warnings: self.warnings,
        }))
    }
}

/// What a refresh records of a resource, where the state has something else.
#[derive(Clone, Copy)]
struct Recorded<'a> {
    observed: Option<&'a Arc<Map>>,
    applied: Option<&'a Arc<Map>>,
}

/// Makes a step that only records what was seen; `false` if the resource has no part in a
/// refresh: it was never made, or it is gone.
fn only_refreshed(step: &mut Step, recorded: Recorded<'_>) -> bool {
    if step.action == Action::Create || step.import.is_some() {
        return false;
    }
    (step.action, step.reason) = match step.moved_from {
        Some(_) => (Action::Move, Some(Reason::Moved)),
        None => (Action::NoOp, None),
    };
    step.changes.clear();
    step.create_first = false;
    // What refers to it sees what is and will be on record, not what would be.
    if let Some(state) = &step.state {
        let or = |new: Option<&Arc<Map>>, old: &Arc<Map>| Arc::clone(new.unwrap_or(old));
        let state = ResourceState {
            applied: or(recorded.applied, &state.applied),
            observed: or(recorded.observed, &state.observed),
            ..ResourceState::clone(state)
        };
        let seen = decide::observed_so_far(step.address.kind(), &state);
        step.desired = Some(state.applied);
        step.planned = Some(Arc::new(seen));
    }
    true
}
