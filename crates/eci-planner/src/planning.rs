//! The planner's one entry point.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use eci_config::{Configuration, Resource};
use eci_core::{Address, Diagnostic, Diagnostics, Kind};
use eci_state::Snapshot;

use crate::action::{Action, Reason};
use crate::decide::{self, Decision, Question, decide};
use crate::document::{Drift, Plan, Refreshed, Step};
use crate::graph::Graph;
use crate::known::Known;
use crate::observed::{Observation, Observed};
use crate::{outputs, task};

/// What kind of plan is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Delete everything that the state has.
    pub destroy: bool,
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
/// As [`plan()`].
pub fn plan_with(
    configuration: &Configuration,
    snapshot: &Snapshot,
    observed: &Observed,
    options: &Options,
) -> Result<Plan, Diagnostics> {
    let mut planning = Planning {
        configuration,
        snapshot,
        observed,
        steps: Vec::with_capacity(configuration.resources.len()),
        actions: HashMap::new(),
        known: Known::new(configuration.resources.iter().map(|resource| &**resource)),
        drift: Vec::new(),
        refreshed: Vec::new(),
        problems: Diagnostics::default(),
    };
    if !options.destroy {
        planning.configured()?;
    }
    planning.deletions(options.destroy);
    planning.finish(options.destroy)
}

struct Planning<'a> {
    configuration: &'a Configuration,
    snapshot: &'a Snapshot,
    observed: &'a Observed,
    steps: Vec<Step>,
    actions: HashMap<Address, Action>,
    known: Known,
    drift: Vec<Drift>,
    refreshed: Vec<Refreshed>,
    problems: Diagnostics,
}

impl Planning<'_> {
    /// A step for each resource of the configuration, each after what it needs.
    fn configured(&mut self) -> Result<(), Diagnostics> {
        let configuration = self.configuration;
        let needs = needs(&configuration.resources, &self.known);
        let index: HashMap<&Address, usize> = configuration
            .resources
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
        let order = Graph::new(&numbered)
            .order()
            .map_err(|cycle| cycle_error(&configuration.resources, &cycle))?;
        let mut needs: Vec<Option<Vec<Address>>> = needs.into_iter().map(Some).collect();
        for at in order {
            let needs = needs[at].take().unwrap_or_default();
            self.step(&configuration.resources[at], needs);
        }
        Ok(())
    }

    fn step(&mut self, resource: &Arc<Resource>, needs: Vec<Address>) {
        let desired = match resource.evaluate(&self.known) {
            Ok(desired) => desired,
            Err(diagnostics) => return self.problems.0.extend(diagnostics.0),
        };
        let trigger = resource
            .lifecycle
            .replace_triggered_by
            .iter()
            .find(|address| {
                self.actions
                    .get(address)
                    .is_some_and(|action| action.is_change())
            });
        let decision = decide(Question {
            resource,
            desired,
            state: self.snapshot.resources.get(&resource.address),
            observation: self.observed.get(&resource.address),
            key: &self.snapshot.digest_key,
            trigger: trigger.cloned(),
            needs,
        });
        self.decided(resource, decision);
    }

    fn decided(&mut self, resource: &Arc<Resource>, decision: Decision) {
        let Decision {
            step,
            drift,
            observed,
        } = decision;
        if step.action == Action::Replace && resource.lifecycle.prevent_destroy == Some(true) {
            let why = step.reason.as_ref().map(ToString::to_string);
            self.problems.push(protected(resource, why.as_deref()));
        }
        self.drift.extend(drift);
        if let Some(observed) = observed
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
    fn deletions(&mut self, all: bool) {
        for (address, state) in &self.snapshot.resources {
            let resource = self.configuration.resource(address);
            let reason = match (all, resource) {
                (true, _) => Reason::Destroy,
                (false, None) => Reason::NotConfigured,
                (false, Some(_)) => continue,
            };
            if let Some(resource) = resource
                && resource.lifecycle.prevent_destroy == Some(true)
            {
                self.problems.push(protected(resource, None));
            }
            if self.observed.get(address) == Some(&Observation::Gone) {
                self.drift.push(Drift {
                    address: address.clone(),
                    gone: true,
                    changes: Vec::new(),
                });
            }
            self.steps
                .push(decide::delete(address, state, resource, reason));
        }
    }

    fn finish(mut self, destroy: bool) -> Result<Plan, Diagnostics> {
        let outputs = if destroy {
            outputs::removals(&self.snapshot.outputs)
        } else {
            outputs::changes(
                &self.configuration.outputs,
                &self.snapshot.outputs,
                &self.known,
                &self.snapshot.digest_key,
                &mut self.problems,
            )
        };
        if self.problems.has_errors() {
            self.problems.sort();
            return Err(self.problems);
        }
        let dependencies: BTreeMap<&Address, &[Address]> = self
            .snapshot
            .resources
            .iter()
            .map(|(address, state)| (address, &state.dependencies[..]))
            .collect();
        let tasks = task::tasks(&self.steps, &dependencies);
        Ok(Plan {
            lineage: self.snapshot.lineage.clone(),
            serial: self.snapshot.serial,
            digest: self.configuration.digest.clone(),
            steps: self.steps,
            tasks,
            drift: self.drift,
            refreshed: self.refreshed,
            outputs,
            warnings: self.configuration.warnings.clone(),
        })
    }
}

/// What each resource needs first. The address of an EIP comes with the group that holds it,
/// so who reads an EIP needs that group too.
fn needs(resources: &[Arc<Resource>], known: &Known) -> Vec<Vec<Address>> {
    resources
        .iter()
        .map(|resource| {
            let mut needs = resource.references.clone();
            for eip in &resource.references {
                if eip.kind() != Kind::Eip || resource.links.contains(eip) {
                    continue;
                }
                needs.extend(known.holder(eip).cloned());
            }
            needs
        })
        .collect()
}

fn cycle_error(resources: &[Arc<Resource>], cycle: &[usize]) -> Diagnostics {
    let names: Vec<String> = cycle
        .iter()
        .chain(cycle.first())
        .map(|at| resources[*at].address.to_string())
        .collect();
    let mut diagnostic = Diagnostic::error(
        "cycle",
        format!("these resources need one another: {}", names.join(" → ")),
    )
    .help("remove one of these references, or the `depends_on` that makes one");
    for (number, at) in cycle.iter().enumerate() {
        let next = cycle[(number + 1) % cycle.len()];
        let place = resources[*at].place.clone();
        let text = format!("this needs {}", resources[next].address);
        diagnostic = match number {
            0 => diagnostic.at(place, text),
            _ => diagnostic.also(place, text),
        };
    }
    diagnostic.into()
}

fn protected(resource: &Resource, why: Option<&str>) -> Diagnostic {
    let how = match why {
        Some(why) => format!("would be replaced, because {why}"),
        None => "would be deleted".to_owned(),
    };
    Diagnostic::error(
        "prevent-destroy",
        format!(
            "{} {how}, and its `prevent_destroy` forbids that",
            resource.address
        ),
    )
    .at(resource.place.clone(), "protected here")
    .help("set `prevent_destroy = false` to let it go, or undo the change")
}
