//! The plan as data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eci_config::Output;
use eci_core::kinds::is_standalone;
use eci_core::{Address, Diagnostics, Lineage, Map, Serial, Value};
use eci_state::{IntentId, Revision};
use eci_text::messages;
use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::diff::AttributeChange;
use crate::graph::DependencyGraph;
use crate::options::PlannerOptions;
use crate::protection::Protection;
use crate::task::{Task, TaskKind};

pub use crate::step::{Detachment, Step};

/// The complete instructions for one run, created by [`plan`](crate::plan()).
///
/// It can be read and not changed: a run does exactly what was displayed. It is not `Clone` because
/// a run consumes it: applied twice, it would create everything twice.
#[derive(Debug)]
pub struct Plan {
    parts: PlanParts,
}

/// The parts of a plan, for programs that assemble one themselves: see [`Plan::assemble`].
#[derive(Debug)]
pub struct PlanParts {
    /// The state from which it was created.
    pub lineage: Lineage,
    /// The version of that state.
    pub serial: Serial,
    /// The records that had been appended to that state by then.
    pub revision: Revision,
    /// The pending operations of earlier runs that it knows of.
    ///
    /// It goes on with those that it is about.
    pub pending: BTreeSet<IntentId>,
    /// The creates among them that no step goes on with and that reads did not find: they may still
    /// take effect.
    pub awaited: BTreeSet<IntentId>,
    /// The digest of the configuration from which it was created.
    pub digest: String,
    /// The options that it was created with.
    pub options: PlannerOptions,
    /// One step a resource, in an order in which they can run.
    pub steps: Vec<Step>,
    /// The parts of the steps, with what each waits for.
    pub tasks: Vec<Task>,
    /// The drift.
    pub drift: Vec<Drift>,
    /// The observations that the state does not have yet.
    pub refreshed: Vec<RecordUpdate>,
    /// The outputs that change, and those that do not.
    pub outputs: Vec<OutputChange>,
    /// The variables and the values that they have; those of sensitive ones are marked.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// The new addresses of what moves, by the old ones; also of pending operations, which have
    /// no step.
    pub moves: BTreeMap<Address, Address>,
    /// The protections that the state is to record without anything else being done.
    pub protections: Vec<Protection>,
    /// The dependencies that the state is to record without anything else being done, by the
    /// resource that has them.
    pub dependencies: BTreeMap<Address, Vec<Address>>,
    /// The resources that a change of each resource is to replace, because their
    /// `replace_triggered_by` names it; also those that the plan leaves out.
    pub triggers: BTreeMap<Address, Vec<Address>>,
    /// The limits of a plan with `--target` or `--exclude`; none if it covers everything.
    pub partial: Option<PartialScope>,
    /// Warnings of the configuration.
    pub warnings: Diagnostics,
}

/// The limits of a plan that covers only what `--target` and `--exclude` select.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartialScope {
    /// The resources of the configuration that the plan leaves out although they depend on what
    /// it changes, each after those that it depends on.
    pub omitted_dependents: Vec<OmittedDependent>,
}

/// A resource that a partial plan leaves out although one of its dependencies changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OmittedDependent {
    /// The resource.
    pub address: Address,
    /// The first of its dependencies that changes, or is such a dependent itself.
    pub depends_on: Address,
}

/// The difference between the last-applied values and the actual state of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The resource.
    pub address: Address,
    /// Whether the object no longer exists.
    pub is_missing: bool,
    /// The attributes: before is what was applied, after what was observed.
    pub changes: Vec<AttributeChange>,
    /// The drift of ignored attributes: no change is planned for it.
    pub ignored: Vec<AttributeChange>,
}

impl Drift {
    /// Returns whether nothing differs.
    pub(crate) fn is_empty(&self) -> bool {
        !self.matters() && self.ignored.is_empty()
    }

    /// Returns whether anything differs that is not ignored.
    pub fn matters(&self) -> bool {
        self.is_missing || !self.changes.is_empty()
    }
}

/// The observation of a resource whose record is older.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordUpdate {
    /// The resource.
    pub address: Address,
    /// The observed attributes, secrets as digests: they may be stored.
    pub observed: Arc<Map>,
    /// The attributes to record as applied, where those differ: drift that the configuration agrees
    /// with or ignores, and values that have become sensitive or are no longer.
    pub applied: Option<Arc<Map>>,
}

/// An output before and after.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// Its name.
    pub name: String,
    /// The recorded value; `Null` if it is new.
    ///
    /// A secret is marked, or a digest.
    pub before: Value,
    /// The new value; `Null` if it no longer exists.
    ///
    /// A secret is marked, and so is a former one that is not yet recorded as plain.
    pub after: Value,
    /// Whether the manifest calls it sensitive.
    pub sensitive: bool,
    /// Whether it differs.
    pub changed: bool,
    /// Whether its expression fails with what is known now: it keeps its value, and a run fails
    /// for it alone.
    pub failed: bool,
    /// Its expression, for what is known only once other steps are done; none if it goes.
    pub output: Option<Arc<Output>>,
}

impl OutputChange {
    /// Returns whether a plan displays it: it changes, or fails and so remains to be done.
    pub fn is_displayed(&self) -> bool {
        self.changed || self.failed
    }
}

/// The number of resources for each action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// To create.
    pub create: usize,
    /// To update in place.
    pub update: usize,
    /// To replace.
    pub replace: usize,
    /// To delete.
    pub delete: usize,
    /// To import, changed or not; those that change also count as updates.
    pub import: usize,
    /// To move, changed or not; those that change also count by their action.
    pub moved: usize,
    /// The number of resources to remove from the state.
    pub forget: usize,
    /// The number of resources that stay as they are.
    pub unchanged: usize,
}

/// A plan whose tasks do not fit its steps, or each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPlan {
    /// A task is part of a step that does not exist.
    NoSuchStep {
        /// The number of the task.
        task: usize,
        /// The number of the step.
        step: usize,
    },
    /// A task waits for one that does not exist.
    NoSuchTask {
        /// The number of the task.
        task: usize,
        /// The number of the missing one.
        dependency: usize,
    },
    /// Tasks wait for each other: none of them could ever start.
    Cycle {
        /// The number of one of them.
        task: usize,
    },
}

messages! { InvalidPlan:
    InvalidPlan::NoSuchStep { task, step } =>
        en("task {task} belongs to step {step}, which does not exist"),
        zh("任务 {task} 属于不存在的步骤 {step}");
    InvalidPlan::NoSuchTask { task, dependency } =>
        en("task {task} depends on task {dependency}, which does not exist"),
        zh("任务 {task} 依赖不存在的任务 {dependency}");
    InvalidPlan::Cycle { task } =>
        en("task {task} depends on itself through other tasks"),
        zh("任务 {task} 通过其他任务依赖自身");
}

impl Plan {
    /// Makes a plan of its parts.
    ///
    /// # Errors
    /// If a task names a step or a task that does not exist, or if tasks wait for each other.
    pub fn assemble(parts: PlanParts) -> Result<Plan, InvalidPlan> {
        for (at, task) in parts.tasks.iter().enumerate() {
            if task.step >= parts.steps.len() {
                return Err(InvalidPlan::NoSuchStep {
                    task: at,
                    step: task.step,
                });
            }
            if let Some(dependency) = task.depends_on.iter().find(|it| **it >= parts.tasks.len()) {
                return Err(InvalidPlan::NoSuchTask {
                    task: at,
                    dependency: *dependency,
                });
            }
        }
        let dependencies: Vec<Vec<usize>> = parts
            .tasks
            .iter()
            .map(|task| task.depends_on.clone())
            .collect();
        match DependencyGraph::new(&dependencies).order() {
            Ok(_) => Ok(Plan { parts }),
            Err(cycle) => Err(InvalidPlan::Cycle {
                task: cycle.first().copied().unwrap_or_default(),
            }),
        }
    }

    /// Creates a plan of parts that the planner has just created.
    pub(crate) fn sealed(parts: PlanParts) -> Plan {
        Plan { parts }
    }

    /// Takes the plan apart.
    pub fn into_parts(self) -> PlanParts {
        self.parts
    }

    /// Returns the lineage of the state from which it was created.
    pub fn lineage(&self) -> &Lineage {
        &self.parts.lineage
    }

    /// Returns the serial of that state.
    pub fn serial(&self) -> Serial {
        self.parts.serial
    }

    /// Returns the records that had been appended to that state by then.
    pub fn revision(&self) -> Revision {
        self.parts.revision
    }

    /// Returns the pending operations of earlier runs that it knows of.
    pub fn pending(&self) -> &BTreeSet<IntentId> {
        &self.parts.pending
    }

    /// Returns the creates of earlier runs that may still take effect: a run looks for what they
    /// created before it creates another object at the same address, and before it ends.
    pub fn awaited(&self) -> &BTreeSet<IntentId> {
        &self.parts.awaited
    }

    /// Returns the digest of the configuration from which it was created.
    pub fn digest(&self) -> &str {
        &self.parts.digest
    }

    /// Returns the options with which it was created.
    pub fn options(&self) -> &PlannerOptions {
        &self.parts.options
    }

    /// Returns one step a resource, in an order in which they can run.
    pub fn steps(&self) -> &[Step] {
        &self.parts.steps
    }

    /// Returns the tasks of the steps, with what each waits for.
    pub fn tasks(&self) -> &[Task] {
        &self.parts.tasks
    }

    /// Returns the differences between the last-applied values and the actual state.
    pub fn drift(&self) -> &[Drift] {
        &self.parts.drift
    }

    /// Returns the observations that the state does not have yet.
    pub fn refreshed(&self) -> &[RecordUpdate] {
        &self.parts.refreshed
    }

    /// Returns the outputs, changed or not.
    pub fn outputs(&self) -> &[OutputChange] {
        &self.parts.outputs
    }

    /// Returns the variables and their values; those of sensitive ones are marked.
    pub fn variables(&self) -> &BTreeMap<Arc<str>, Value> {
        &self.parts.variables
    }

    /// Returns the new addresses of what moves, by the old ones: they are recorded before anything else,
    /// all at once.
    pub fn moves(&self) -> &BTreeMap<Address, Address> {
        &self.parts.moves
    }

    /// Returns the protections to record in the state.
    ///
    /// They do not count as changes: a plan with nothing else is empty.
    pub fn protections(&self) -> &[Protection] {
        &self.parts.protections
    }

    /// Returns the dependencies that the state is to record for resources that stay as they are.
    ///
    /// They do not count as changes: a plan with nothing else is empty.
    pub fn dependencies(&self) -> &BTreeMap<Address, Vec<Address>> {
        &self.parts.dependencies
    }

    /// Returns the resources that a change of each resource is to replace: what is not replaced in the
    /// same run stays to be replaced.
    pub fn triggers(&self) -> &BTreeMap<Address, Vec<Address>> {
        &self.parts.triggers
    }

    /// Returns the limits of a plan with `--target` or `--exclude`; none if it covers everything.
    pub fn partial(&self) -> Option<&PartialScope> {
        self.parts.partial.as_ref()
    }

    /// Returns the warnings of the configuration and of the comparison.
    pub fn warnings(&self) -> &Diagnostics {
        &self.parts.warnings
    }

    /// Returns whether nothing is to be done, no output changes, and none fails.
    pub fn is_empty(&self) -> bool {
        self.parts.steps.iter().all(|step| !step.action.is_change())
            && self
                .parts
                .outputs
                .iter()
                .all(|output| !output.is_displayed())
    }

    /// Returns whether applying it affects later plans or the cloud in a way that is displayed: a
    /// caller that applies only plans with changes must not skip it.
    pub fn has_changes(&self) -> bool {
        !self.is_empty() || !self.parts.protections.is_empty() || self.waiting().next().is_some()
    }

    /// Returns whether applying it would do nothing at all, not even record a value.
    pub fn is_idle(&self) -> bool {
        self.is_empty()
            && self.parts.refreshed.is_empty()
            && self.parts.moves.is_empty()
            && self.parts.protections.is_empty()
            && self.parts.dependencies.is_empty()
            && self.parts.awaited.is_empty()
            && self.waiting().next().is_none()
    }

    /// Returns the steps that leave a resource as it is and wait until it is ready, which no run
    /// has observed yet.
    pub fn waiting(&self) -> impl Iterator<Item = &Step> {
        let waits = self
            .parts
            .tasks
            .iter()
            .filter(|task| task.kind == TaskKind::Wait);
        waits.map(|task| &self.parts.steps[task.step])
    }

    /// Returns the steps of container groups that are without an EIP or a disk for a time: it is
    /// detached before their own change.
    pub fn interruptions(&self) -> impl Iterator<Item = &Step> {
        let steps = self.parts.steps.iter();
        steps.filter(|step| !step.detaches.is_empty())
    }

    /// Returns the steps after which an EIP or a disk of the state no longer exists, and with it an
    /// address or data.
    pub fn losses(&self) -> impl Iterator<Item = &Step> {
        self.parts.steps.iter().filter(|step| {
            let kind = step.address.kind();
            let applied = step.state.as_ref().map(|state| &state.applied);
            kind.properties().loss.is_some()
                && matches!(step.action, Action::Delete | Action::Replace)
                && applied.is_some_and(|applied| is_standalone(kind, applied))
        })
    }

    /// Returns the number of resources there are for each action.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for step in &self.parts.steps {
            let adopted = step.import.is_some() || step.action == Action::Import;
            summary.import += usize::from(adopted);
            summary.moved += usize::from(step.moved_from.is_some());
            *match step.action {
                Action::NoOp => &mut summary.unchanged,
                Action::Import | Action::Move => continue,
                Action::Forget => &mut summary.forget,
                Action::Create => &mut summary.create,
                Action::Update => &mut summary.update,
                Action::Replace => &mut summary.replace,
                Action::Delete => &mut summary.delete,
            } += 1;
        }
        summary
    }
}
