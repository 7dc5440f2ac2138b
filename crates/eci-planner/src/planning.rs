//! The planner's one entry point.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use eci_config::{Configuration, Removed, Resource};
use eci_core::kinds::is_managed;
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Subject, codes};
use eci_state::{ResourceState, Snapshot};
use serde::{Deserialize, Serialize};

use crate::action::{Action, Reason};
use crate::decide::{self, Decision, Question, decide};
use crate::document::{Drift, Plan, Refreshed, Step};
use crate::graph::Graph;
use crate::handover;
use crate::known::Known;
use crate::moves::Moves;
use crate::observed::{Observation, Observed};
use crate::problems::{cycle_error, irreplaceable, not_of_its_own, protected};
use crate::selection::{Needs, Selection};
use crate::{adopt, managed, order, outputs, problems, task};

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
    let moves = Moves::new(configuration, snapshot, &mut problems);
    let known = Known::new(configuration.resources.iter().map(|resource| &**resource));
    let needs = needs(&configuration.resources, &known);
    let order = ordered(&configuration.resources, &needs)?;
    let selection = selection(configuration, &needs, &moves, options, &mut problems);
    let planning = Planning {
        configuration,
        snapshot,
        observed,
        options,
        moves,
        selection,
        steps: Vec::with_capacity(configuration.resources.len()),
        actions: HashMap::new(),
        known,
        freed: HashSet::new(),
        drift: Vec::new(),
        refreshed: Vec::new(),
        problems,
        warnings: configuration.warnings.clone(),
    };
    planning.run(order, needs)
}

struct Planning<'a> {
    configuration: &'a Configuration,
    snapshot: &'a Snapshot,
    observed: &'a Observed,
    options: &'a Options,
    moves: Moves<'a>,
    selection: Selection,
    steps: Vec<Step>,
    actions: HashMap<Address, Action>,
    known: Known,
    /// The volumes whose disks must be free, because they are replaced.
    freed: HashSet<Address>,
    drift: Vec<Drift>,
    refreshed: Vec<Refreshed>,
    problems: Diagnostics,
    warnings: Diagnostics,
}

/// A resource of the state that is to go, and what is to become of it.
type Leaving<'a> = (
    Address,
    &'a ResourceState,
    Option<&'a Arc<Resource>>,
    (Action, Reason),
);

impl<'a> Planning<'a> {
    fn run(mut self, order: Vec<usize>, needs: Vec<Vec<Address>>) -> Result<Plan, Diagnostics> {
        self.check_changes();
        if self.options.mode != Mode::Destroy {
            let configuration = self.configuration;
            let mut needs: Vec<Option<Vec<Address>>> = needs.into_iter().map(Some).collect();
            for at in order {
                let resource = &configuration.resources[at];
                if self.selection.has(&resource.address) {
                    self.step(resource, needs[at].take().unwrap_or_default());
                }
            }
        }
        self.leaving();
        self.finish()
    }

    /// A step for a resource of the configuration.
    fn step(&mut self, resource: &Arc<Resource>, needs: Vec<Address>) {
        let desired = match resource.evaluate(&self.known) {
            Ok(desired) => desired,
            Err(diagnostics) => return self.problems.0.extend(diagnostics.0),
        };
        let address = &resource.address;
        let requested = self.options.replace.contains(address);
        if requested && !is_managed(address.kind(), &desired) {
            self.problems.push(not_of_its_own(address));
        }
        let loses = resource
            .links
            .iter()
            .find(|link| self.freed.contains(*link));
        let trigger = resource
            .lifecycle
            .replace_triggered_by
            .iter()
            .find(|other| {
                self.actions
                    .get(other)
                    .is_some_and(|action| action.is_change())
            });
        let moved_from = self.moves.origin(address);
        let import = self.import_of(address);
        let decision = decide(Question {
            resource,
            desired,
            state: self.moves.state(address),
            observation: self.observed.get(moved_from.unwrap_or(address)),
            key: &self.snapshot.digest_key,
            trigger: trigger.cloned(),
            loses: loses.cloned(),
            requested,
            moved_from: moved_from.cloned(),
            import,
            needs,
        });
        self.decided(resource, decision);
    }

    /// The id of what is to be taken over, unless the state has the resource already.
    fn import_of(&mut self, address: &Address) -> Option<String> {
        let import = self
            .configuration
            .imports
            .iter()
            .find(|import| import.to == *address)?;
        if self.moves.state(address).is_some() {
            return None;
        }
        match self.observed.get(address) {
            Some(Observation::Seen(_)) => Some(import.id.clone()),
            _ => {
                let message = format!("there is no container group {} to import", import.id);
                self.problems.push(
                    Diagnostic::new(codes::IMPORT, message)
                        .at(import.place.clone(), "")
                        .help("check the id and the region; a refresh is needed to import"),
                );
                None
            }
        }
    }

    fn decided(&mut self, resource: &Arc<Resource>, decision: Decision) {
        let Decision {
            mut step,
            drift,
            observed,
        } = decision;
        if self.options.mode == Mode::RefreshOnly && !only_refreshed(&mut step) {
            self.drift.extend(drift);
            return;
        }
        if step.action == Action::Replace {
            let why = step.reason.as_ref().map(ToString::to_string);
            self.protect(&step, why.as_deref());
            if step.address.kind() == Kind::Volume && !step.create_first {
                self.freed.insert(step.address.clone());
            }
        }
        if step.action == Action::Update {
            let shrinks = managed::shrinks(&step, observed.as_ref());
            let shrinks = shrinks.map(|sizes| problems::shrinks(resource, sizes));
            self.problems.0.extend(shrinks);
        }
        let seen = observed.as_ref();
        let trouble = seen.and_then(|seen| managed::trouble(step.address.kind(), resource, seen));
        self.warnings.0.extend(trouble);
        self.drift.extend(drift);
        if let Some(observed) = observed
            && step.import.is_none()
            && step
                .state
                .as_ref()
                .is_some_and(|state| state.observed != observed)
        {
            self.refreshed.push(Refreshed {
                address: step.address.clone(),
                observed,
            });
        }
        if let Some(planned) = &step.planned {
            self.known.set(step.address.clone(), planned.clone());
        }
        self.actions.insert(step.address.clone(), step.action);
        self.steps.push(step);
    }

    /// A step for each resource of the state that is to go.
    fn leaving(&mut self) {
        let mut leaving = Vec::new();
        for (address, state) in self.moves.resources() {
            let resource = self.configuration.resource(address);
            let Some(what) = self.fate(address, state, resource) else {
                continue;
            };
            if self.selection.has(address) {
                leaving.push((address.clone(), state, resource, what));
            }
        }
        for (address, state, resource, what) in self.in_reverse(leaving) {
            let gone = self.observed.get(&address) == Some(&Observation::Gone);
            // A refresh has looked at what is declared, and told of it.
            let told = self.options.mode == Mode::RefreshOnly && resource.is_some();
            if gone && !told {
                self.drift.push(Drift {
                    address: address.clone(),
                    gone: true,
                    changes: Vec::new(),
                });
            }
            let mut step = decide::leave(&address, state, resource, what);
            if step.action == Action::Delete {
                self.protect(&step, None);
            }
            step.moved_from = self.moves.origin(&address).cloned();
            self.steps.push(step);
        }
    }

    /// Refuses a step that takes away what is protected: by its manifest, or, where that does
    /// not say otherwise, because there is data on it.
    fn protect(&mut self, step: &Step, why: Option<&str>) {
        let address = &step.address;
        let resource = step.resource.as_deref();
        let says = resource.and_then(|resource| resource.lifecycle.prevent_destroy);
        let applied = step.state.as_ref().map(|state| &state.applied);
        let bears_data = address.kind() == Kind::Volume
            && applied.is_some_and(|applied| is_managed(Kind::Volume, applied));
        let may_go = || {
            self.removal_of(address)
                .is_some_and(|removed| removed.destroy)
        };
        let problem = match (says, resource) {
            (Some(true), Some(resource)) => protected(resource, why),
            (None, _) if bears_data && !may_go() => problems::bears_data(address, resource, why),
            _ => return,
        };
        self.problems.push(problem);
    }

    /// What goes, each before what it needs.
    fn in_reverse<'b>(&self, leaving: Vec<Leaving<'b>>) -> Vec<Leaving<'b>> {
        let index: HashMap<&Address, usize> = leaving
            .iter()
            .enumerate()
            .map(|(at, (address, ..))| (address, at))
            .collect();
        let needs: Vec<Vec<usize>> = leaving
            .iter()
            .map(|(_, state, ..)| {
                let needed = now(&self.moves, state).into_iter();
                needed
                    .filter_map(|needed| index.get(needed).copied())
                    .collect()
            })
            .collect();
        // A state that was damaged by hand may need itself in a circle: any order will do.
        let order = Graph::new(&needs)
            .order()
            .unwrap_or_else(|_| (0..leaving.len()).collect());
        let mut leaving: Vec<Option<Leaving<'b>>> = leaving.into_iter().map(Some).collect();
        let reversed = order.into_iter().rev();
        reversed.filter_map(|at| leaving[at].take()).collect()
    }

    /// What becomes of a resource of the state; none if it stays. What is gone already, and
    /// what was there before, is let go without a call.
    fn fate(
        &self,
        address: &Address,
        state: &ResourceState,
        resource: Option<&Arc<Resource>>,
    ) -> Option<(Action, Reason)> {
        let gone = self.observed.get(address) == Some(&Observation::Gone);
        let goes = match (self.options.mode, resource) {
            (Mode::RefreshOnly, _) => gone.then_some((Action::Forget, Reason::Gone)),
            (Mode::Destroy, _) => Some((Action::Delete, Reason::Destroy)),
            (Mode::Apply, Some(_)) => None,
            (Mode::Apply, None) => Some(self.left(address)),
        };
        goes.map(|(action, reason)| match action {
            Action::Delete if gone => (Action::Forget, Reason::Gone),
            Action::Delete if decide::is_existing(address.kind(), &state.applied) => {
                (Action::Forget, reason)
            }
            _ => (action, reason),
        })
    }

    /// What becomes of a resource that is in no manifest any more.
    fn left(&self, address: &Address) -> (Action, Reason) {
        match self.removal_of(address) {
            Some(removed) if removed.destroy => (Action::Delete, Reason::Removed),
            Some(_) => (Action::Forget, Reason::Removed),
            None => (Action::Delete, Reason::NotConfigured),
        }
    }

    /// The `[[removed]]` that names a resource.
    fn removal_of(&self, address: &Address) -> Option<&'a Removed> {
        let mut removed = self.configuration.removed.iter();
        removed.find(|removed| removed.from.covers(address))
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

    fn finish(mut self) -> Result<Plan, Diagnostics> {
        adopt::with_groups(&mut self.steps, &self.snapshot.digest_key);
        order::create_first(&mut self.steps, &mut self.problems);
        let outputs = match self.options.mode {
            Mode::Destroy if self.selection.is_all() => outputs::removals(&self.snapshot.outputs),
            Mode::Destroy => Vec::new(),
            Mode::Apply | Mode::RefreshOnly => outputs::changes(
                &self.configuration.outputs,
                &self.snapshot.outputs,
                &self.known,
                |output| {
                    output
                        .references
                        .iter()
                        .all(|address| self.selection.has(address))
                },
                &self.snapshot.digest_key,
                &mut self.problems,
            ),
        };
        if self.problems.has_errors() {
            self.problems.sort();
            return Err(self.problems);
        }
        let dependencies: BTreeMap<&Address, Vec<&Address>> = self
            .moves
            .resources()
            .map(|(address, state)| (address, now(&self.moves, state)))
            .collect();
        let mut tasks = task::tasks(&self.steps, &dependencies);
        handover::order(&self.steps, &mut tasks);
        Ok(Plan {
            lineage: self.snapshot.lineage.clone(),
            serial: self.snapshot.serial,
            digest: self.configuration.digest.clone(),
            options: self.options.clone(),
            steps: self.steps,
            tasks,
            drift: self.drift,
            refreshed: self.refreshed,
            outputs,
            variables: self.configuration.variables.clone(),
            warnings: self.warnings,
        })
    }
}

fn now<'a>(moves: &'a Moves<'_>, state: &'a ResourceState) -> Vec<&'a Address> {
    state
        .dependencies
        .iter()
        .map(|needed| moves.now(needed))
        .collect()
}

/// Makes a step that only records what was seen; `false` if the resource has no part in a
/// refresh: it was never made, or it is gone.
fn only_refreshed(step: &mut Step) -> bool {
    if step.action == Action::Create || step.import.is_some() {
        return false;
    }
    if step.action != Action::Move {
        step.action = Action::NoOp;
        step.reason = None;
    }
    step.changes.clear();
    step.create_first = false;
    // What refers to it sees what is, not what would be.
    if let Some(state) = &step.state {
        let mut seen = state.applied.clone();
        seen.extend(state.observed.clone());
        step.desired = Some(state.applied.clone());
        step.planned = Some(seen);
    }
    true
}

/// What each resource needs first. The address of an EIP comes with the group that holds it,
/// so who reads an EIP needs that group too.
fn needs(resources: &[Arc<Resource>], known: &Known) -> Vec<Vec<Address>> {
    let eips = resources.iter().enumerate();
    let eips = eips.filter(|(_, resource)| resource.address.kind() == Kind::Eip);
    let index: HashMap<&Address, usize> =
        eips.map(|(at, resource)| (&resource.address, at)).collect();
    resources
        .iter()
        .map(|resource| {
            let mut needs = resource.references.clone();
            for eip in &resource.references {
                if eip.kind() != Kind::Eip || resource.links.contains(eip) {
                    continue;
                }
                // A managed one has its own address. It has neither of these keys.
                let table = index.get(eip).map(|at| &resources[*at]);
                if table.is_some_and(|table| !table.gives("id") && !table.gives("auto")) {
                    continue;
                }
                needs.extend(known.holder(eip).cloned());
            }
            needs
        })
        .collect()
}

/// The resources, each after what it needs.
fn ordered(resources: &[Arc<Resource>], needs: &[Vec<Address>]) -> Result<Vec<usize>, Diagnostics> {
    let index: HashMap<&Address, usize> = resources
        .iter()
        .enumerate()
        .map(|(at, resource)| (&resource.address, at))
        .collect();
    let numbered: Vec<Vec<usize>> = needs
        .iter()
        .map(|needs| {
            needs
                .iter()
                .filter_map(|need| index.get(need).copied())
                .collect()
        })
        .collect();
    Graph::new(&numbered)
        .order()
        .map_err(|cycle| cycle_error(resources, &cycle))
}

fn selection(
    configuration: &Configuration,
    needs: &[Vec<Address>],
    moves: &Moves<'_>,
    options: &Options,
    problems: &mut Diagnostics,
) -> Selection {
    let destroy = options.mode == Mode::Destroy;
    let mut wanted = Needs::new();
    let mut deleting = Needs::new();
    if options.targets.is_empty() && options.exclude.is_empty() && options.replace.is_empty() {
        return Selection::new((&[], &[]), (&wanted, &deleting), problems);
    }
    for (resource, needs) in configuration.resources.iter().zip(needs) {
        if !destroy {
            wanted.insert(&resource.address, needs.iter().collect());
        }
    }
    for (address, state) in moves.resources() {
        if destroy || configuration.resource(address).is_none() {
            deleting.insert(address, now(moves, state));
        }
    }
    let replaced = options.replace.iter();
    problems
        .0
        .extend(replaced.filter_map(|replaced| irreplaceable(replaced, &wanted)));
    Selection::new(
        (&options.targets, &options.exclude),
        (&wanted, &deleting),
        problems,
    )
}
