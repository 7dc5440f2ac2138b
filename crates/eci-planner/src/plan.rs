//! The planner's one entry point.

mod dependencies;
mod finish;
mod kept;
mod planning;
mod removals;
mod resource_step;
mod step_dependencies;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use eci_config::{Configuration, KeptNames, Resource};
use eci_core::{Address, Diagnostic, Diagnostics, Map, codes};
use eci_state::{ResourceState, Snapshot};
use eci_text::{Text, text};

use crate::action::{Action, Reason};
use crate::assumptions::Assumptions;
use crate::bindings::Bindings;
use crate::diagnostics::Loss;
use crate::existing::ExistingObjects;
use crate::imports::Imports;
use crate::known_values::KnownValues;
use crate::model::{PartialScope, Plan, RecordUpdate};
use crate::moves::Moves;
use crate::observed::Observations;
use crate::options::{Mode, PlannerOptions};
use crate::partial::OmittedResource;
use crate::pending::PendingOperations;
use crate::plan_resource::{self, PlannedResource};
use crate::step::Step;
use planning::PlanDraft;

use step_dependencies::SelectionSources;

use crate::own_eip::OwnEip;
use crate::{diagnostics, partial, standalone};

/// Creates the plan that leads from what the state and the cloud have to what the configuration says.
///
/// ```
/// use eci_planner::{Observations, PlannerOptions, plan};
///
/// let directory = tempfile::tempdir()?;
/// std::fs::write(directory.path().join("main.eci.toml"), "[locals]\nport = 8443\n")?;
/// let configuration = eci_config::load(directory.path(), &Default::default())?;
/// let snapshot = eci_state::Snapshot::new_random()?;
/// let plan = plan(&configuration, &snapshot, &Observations::empty(), &PlannerOptions::default())?;
/// assert!(plan.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the configuration contradicts itself or the state: cycles, expressions that fail, resources that
/// may not be destroyed; also if an option names an unknown resource.
pub fn plan(
    configuration: &Configuration,
    snapshot: &Snapshot,
    observed: &Observations,
    options: &PlannerOptions,
) -> Result<Plan, Diagnostics> {
    let mut problems = Diagnostics::default();
    let recorded = (options.trusts_state && options.mode == Mode::Apply)
        .then(|| Observations::recorded(snapshot));
    let observed = recorded.as_ref().unwrap_or(observed);
    let pending = PendingOperations::new(snapshot);
    let assumed = match options.mode {
        Mode::RefreshOnly => None,
        Mode::Apply | Mode::Destroy => pending.assumed_inputs(snapshot, observed),
    };
    let (snapshot, observed) = match &assumed {
        Some(assumed) => (&assumed.snapshot, &assumed.observed),
        None => (snapshot, observed),
    };
    let moves = Moves::new(configuration, snapshot, &mut problems);
    let mut known = KnownValues::new(configuration.resources.iter().map(|resource| &**resource));
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
    let dependencies = step_dependencies::dependencies(&configuration.resources, &known);
    let order = step_dependencies::ordered(&configuration.resources, &dependencies)?;
    let declared = dependencies::declared(configuration, &dependencies, &moves, options);
    let sources = SelectionSources {
        configuration,
        dependencies: &dependencies,
        moves: &moves,
        declared: &declared,
    };
    let selection = sources.select(options, &mut problems);
    moves.check_selection(&selection, &mut problems);
    let draft = PlanDraft {
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
        existing: ExistingObjects::default(),
        disks_to_free: HashMap::new(),
        drift: Vec::new(),
        refreshed: Vec::new(),
        protections: Vec::new(),
        declared,
        dependencies: BTreeMap::new(),
        problems,
        warnings: configuration.warnings.clone(),
        assumptions: Assumptions::default(),
    };
    draft.run(order, dependencies)
}

impl<'a> PlanDraft<'a> {
    fn run(
        mut self,
        order: Vec<usize>,
        mut dependencies: Vec<Vec<Address>>,
    ) -> Result<Plan, Diagnostics> {
        self.check_changes();
        if self.options.mode != Mode::Destroy {
            let configuration = self.configuration;
            for at in &order {
                let resource = &configuration.resources[*at];
                if self.selection.has(&resource.address) {
                    self.step(resource, std::mem::take(&mut dependencies[*at]));
                }
            }
        }
        self.note_existing();
        self.check_replacements();
        self.check_automatic();
        self.leaving();
        let partial = self.partial(&order, &dependencies);
        if self.options.trusts_state {
            self.warnings.push(partial::not_refreshed());
        }
        self.finish(partial)
    }

    /// Returns the limits of the plan; none if it covers everything.
    fn partial(&mut self, order: &[usize], dependencies: &[Vec<Address>]) -> Option<PartialScope> {
        if self.options.targets.is_empty() && self.options.exclude.is_empty() {
            return None;
        }
        let omitted = order.iter().filter_map(|at| {
            let address = &self.configuration.resources[*at].address;
            let state = self.moves.state(address).into_iter();
            let recorded = state.flat_map(|state| self.before_delete(address, state));
            (!self.selection.has(address)).then(|| OmittedResource {
                address,
                dependencies: dependencies[*at].iter().chain(recorded).collect(),
            })
        });
        let omitted = omitted.chain(self.omitted_leaving());
        let excluded = &self.options.exclude;
        let is_excluded = |address: &Address| excluded.iter().any(|given| given.covers(address));
        let scope = partial::scope(&self.actions, is_excluded, omitted);
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
        dependencies::before_delete(&self.declared, &self.moves, address, state)
    }

    /// Returns the resources of the state alone that the plan leaves out, each after what it depends on.
    fn omitted_leaving(&self) -> impl Iterator<Item = OmittedResource<'_>> {
        let leaving = self.moves.resources().filter(|(address, _)| {
            let is_declared = self.configuration.resource(address).is_some();
            !is_declared && !self.selection.has(address)
        });
        let leaving: Vec<OmittedResource<'_>> = leaving
            .map(|(address, state)| OmittedResource {
                address,
                dependencies: self.before_delete(address, state),
            })
            .collect();
        partial::in_order(leaving).into_iter()
    }

    /// Returns whether a resource is updated or replaced: as in Terraform, nothing else triggers.
    fn is_trigger(&self, address: &Address) -> bool {
        let action = self.actions.get(address);
        matches!(action, Some(Action::Update | Action::Replace))
    }

    fn decided(&mut self, resource: &Arc<Resource>, decision: PlannedResource) {
        let PlannedResource {
            mut step,
            drift,
            observed,
            resealed,
            applied,
            problems,
        } = decision;
        if self.options.mode == Mode::RefreshOnly {
            let recorded = RecordedAttributes {
                observed: resealed.as_ref(),
                applied: applied.as_ref(),
            };
            if !only_refreshed(&mut step, recorded) {
                self.drift.extend(drift);
                return;
            }
        }
        let records = self.options.mode == Mode::RefreshOnly
            || matches!(step.action, Action::NoOp | Action::Move);
        let applied = applied.filter(|_| records);
        if self.options.mode != Mode::RefreshOnly {
            self.problems.0.extend(problems);
        }
        let frees = step.action == Action::Replace && !step.create_before_destroy;
        if frees && step.address.kind().properties().holds_data() {
            let id = step.id.clone();
            self.disks_to_free
                .extend(id.map(|id| (step.address.clone(), id)));
        }
        if step.action == Action::Update {
            let shrinks = standalone::disk_shrinkage(&step, observed.as_deref());
            let shrinks = shrinks.map(|sizes| {
                if self
                    .protection_problem(&step, Loss::Replace(None))
                    .is_some()
                {
                    diagnostics::protected_disk_shrinkage(resource, sizes)
                } else {
                    diagnostics::disk_shrinkage(resource, sizes)
                }
            });
            self.problems.0.extend(shrinks);
        }
        let reported = observed.as_ref();
        let warnings = reported.and_then(|reported| {
            standalone::status_warning(step.address.kind(), resource, reported)
        });
        self.warnings.0.extend(warnings);
        self.warnings
            .0
            .extend(standalone::bandwidth_billing_warning(&step, resource));
        self.drift.extend(drift);
        if let Some(observed) = resealed.or_else(|| {
            let state = step.state.as_ref().filter(|_| applied.is_some())?;
            Some(state.observed.clone())
        }) {
            self.refreshed.push(RecordUpdate {
                address: step.address.clone(),
                observed,
                applied,
            });
        }
        self.record_public_ip(&mut step);
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

    /// Notes the public IP address of an existing EIP, where its own group reads it: the step has it
    /// for the run.
    fn record_public_ip(&mut self, step: &mut Step) {
        let is_eip = step.address.kind().properties().is_public_ip;
        let holder = self.known.holder(&step.address).filter(|_| is_eip);
        let holder = holder.and_then(|holder| self.configuration.resource(holder));
        let (Some(holder), Some(desired)) = (holder, step.desired.as_deref()) else {
            return;
        };
        let own = OwnEip {
            address: &step.address,
            desired,
            holder,
        };
        let public = own.public_ip(self.observed, &self.moves);
        if let (Some(public), Some(planned)) = (&public, &mut step.planned) {
            Arc::make_mut(planned).insert("address".into(), public.clone());
            self.known
                .set_public_ip(&step.address, Some(public.clone()));
        }
    }

    /// Refuses a `[[moved]]` or `[[removed]]` that contradicts the rest.
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
                let message = text!(
                    en: "{from} is still declared, but a `[[{block}]]` table names it",
                    zh: "{from} 仍在配置中声明，但 `[[{block}]]` 也指定了该地址",
                    from = from,
                    block = block
                );
                let help = text!(
                    en: "remove the table of {from}, or the `[[{block}]]` table",
                    zh: "删除 {from} 的表，或删除该 `[[{block}]]`",
                    from = from,
                    block = block
                );
                let diagnostic = Diagnostic::new(code, message).help(help);
                self.problems.push(
                    diagnostic
                        .primary(place.clone(), Text::default())
                        .secondary(declared, diagnostics::declared_here()),
                );
            }
        }
        for import in &self.configuration.imports {
            if self.configuration.resource(&import.to).is_none() {
                let message = text!(
                    en: "cannot import {to}: it is not declared",
                    zh: "无法导入 {to}：该资源未声明",
                    to = import.to
                );
                self.problems.push(
                    Diagnostic::new(codes::IMPORT, message)
                        .primary(import.place.clone(), Text::default())
                        .help(text!(
                            en: "declare it, or generate manifests with `eci import --all --write DIR --az-name ZONE`",
                            zh: "声明该资源，或使用 `eci import --all --write DIR --az-name ZONE` 生成清单"
                        )),
                );
            }
        }
    }
}

/// The attributes that a refresh records, where the state has others.
#[derive(Clone, Copy)]
struct RecordedAttributes<'a> {
    observed: Option<&'a Arc<Map>>,
    applied: Option<&'a Arc<Map>>,
}

/// Turns a step into one that only records the observation; `false` if the resource has no part in
/// a refresh: it was never created, or it no longer exists.
fn only_refreshed(step: &mut Step, recorded: RecordedAttributes<'_>) -> bool {
    if step.action == Action::Create || step.import.is_some() {
        return false;
    }
    (step.action, step.reason) = match step.moved_from {
        Some(_) => (Action::Move, Some(Reason::Moved)),
        None => (Action::NoOp, None),
    };
    step.changes.clear();
    step.create_before_destroy = false;
    // Its dependents refer to what is and will be recorded, not to what would be.
    if let Some(state) = &step.state {
        let or = |new: Option<&Arc<Map>>, old: &Arc<Map>| Arc::clone(new.unwrap_or(old));
        let state = ResourceState {
            applied: or(recorded.applied, &state.applied),
            observed: or(recorded.observed, &state.observed),
            ..ResourceState::clone(state)
        };
        let reported = plan_resource::observed_so_far(step.address.kind(), &state);
        step.desired = Some(state.applied);
        step.planned = Some(Arc::new(reported));
    }
    true
}
