//! The preparation of a call: its request, and the intent that is on disk before the call.

mod create;
mod delete;
mod update;

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_api::types::ClientToken;
use eci_config::IgnoreChanges;
use eci_core::kinds::{existing_id, is_standalone};
use eci_core::{Kind, Map, OperationTag, Path, Value};
use eci_planner::{Action, IgnoreRules, Reason, Step, TaskKind, is_compatible};
use eci_provider::{Cloud, RemoteId, Wait, token_of};
use eci_state::{IntentId, IntentKind, IntentOutcome, Record, ResourceState};
use tokio::time::Instant;

use super::data::{InFlightTask, ReadyTask, Run, TaskCall};
use super::limits::limit;
use crate::error::TaskError;
use crate::event::Event;
use crate::records::resource_updated;

impl<A: Cloud + 'static> Run<'_, A> {
    /// Begins a task: prepares its call, or completes it at once without one.
    pub(super) fn prepare(&mut self, task: usize) {
        let step = self.step(task);
        let action = self.plan.tasks()[task].kind;
        if action == TaskKind::NoOp {
            if let Some(planned) = &step.planned {
                self.known.set(step.address.clone(), planned.clone());
            }
            self.record_dependencies(step);
            if step.action.is_change() {
                return self.done(task, step.id.clone());
            }
            return self.schedule.over(task, None);
        }
        if let Some(problem) = self.not_attempted(action, step) {
            return self.fail(task, problem);
        }
        self.reporter.report(&Event::TaskStarted {
            address: step.address.clone(),
            action,
        });
        self.begin_task(task);
    }

    /// Prepares the call of a task once all that it reads is there.
    pub(super) fn begin_task(&mut self, task: usize) {
        let step = self.step(task);
        let action = self.plan.tasks()[task].kind;
        match self.waits_for_attributes(task, step) {
            Ok(false) => {}
            Ok(true) => return,
            Err(problem) => return self.fail(task, problem),
        }
        if self.waits_for_list(task, step) {
            return;
        }
        self.record_import(step, action);
        let is_new = action == TaskKind::Create && !step.resends;
        if let Some(open) = self.earlier_at(step).filter(|_| is_new) {
            if let Err(problem) = self.create_after(task, step, open) {
                self.fail(task, problem);
            }
            return;
        }
        let prepared = match (action, step.address.kind().properties().is_ordered) {
            (TaskKind::Create, false) => self.create(task, step),
            (TaskKind::Update | TaskKind::Bind, false) => self.update(task, step, action),
            (TaskKind::Unbind, _) => self.unbind(task, step),
            (TaskKind::Detach, _) => self.detach(task, step),
            (TaskKind::Delete, _) => self.delete(task, step),
            (TaskKind::Import, _) => self.import(task, step),
            (TaskKind::Forget, _) => self.forget(task, step),
            (TaskKind::Wait, _) => self.wait(task, step),
            (TaskKind::Resume, _) if self.resumes(step) => self.resume(task, step),
            (TaskKind::Resume, _) => self.order(task, step),
            (action, _) => {
                let kind = step.address.kind();
                let managed = step
                    .desired
                    .as_deref()
                    .is_some_and(|it| is_standalone(kind, it));
                match (managed, action) {
                    (true, TaskKind::Create) if step.resends && self.resumes(step) => {
                        self.resume(task, step)
                    }
                    (true, TaskKind::Create) => self.order(task, step),
                    (true, _) => self.amend(task, step),
                    (false, _) => self.record_embedded(task, step),
                }
            }
        };
        if let Err(problem) = prepared {
            self.fail(task, problem);
        }
    }

    /// Records an import before anything else happens to the resource: what it is about to lose, or
    /// what replaces it, is recorded with it.
    fn record_import(&mut self, step: &Step, action: TaskKind) {
        let resources = &self.store.snapshot().resources;
        let is_known = resources.contains_key(&step.address);
        // By then it has been deleted.
        let follows_delete = action == TaskKind::Create && !step.create_before_destroy;
        let imports =
            step.import.is_some() && action != TaskKind::Import && !follows_delete && !is_known;
        if let Some(state) = step.state.as_deref().filter(|_| imports) {
            self.records
                .push(resource_updated(&step.address, state.clone()));
            if step.action == Action::Replace {
                // It has no task for its import alone.
                *self
                    .outcome
                    .changed
                    .entry(Action::Import.name())
                    .or_default() += 1;
            }
        }
    }

    /// Returns the desired attributes, now that everything that they depend on is known.
    pub(super) fn desired(&self, step: &Step) -> Result<Arc<Map>, TaskError> {
        let desired = self.evaluated(step)?;
        // No error of a call may quote what is sensitive, whatever the call is about.
        self.provider.hide(&desired);
        Ok(desired)
    }

    fn evaluated(&self, step: &Step) -> Result<Arc<Map>, TaskError> {
        let planned = step.desired.clone().unwrap_or_default();
        let (true, Some(resource)) = (planned.values().any(Value::has_unknown), &step.resource)
        else {
            return Ok(planned);
        };
        let mut desired = resource
            .evaluate(&self.known)
            .map_err(TaskError::Evaluation)?;
        let ignore = &resource.lifecycle.ignore_changes;
        let key = &self.store.snapshot().digest_key;
        let rules = IgnoreRules {
            kind: step.address.kind(),
            key,
            changes: ignore,
        };
        rules.keep(&mut desired, &planned);
        let absent = Value::Null;
        let differs = planned.keys().chain(desired.keys()).find(|name| {
            let value = |map: &Map| map.get(*name).cloned().unwrap_or_else(|| absent.clone());
            !is_compatible(&value(&planned), &value(&desired))
        });
        match differs {
            None => Ok(desired),
            Some(name) => Err(TaskError::InconsistentPlan {
                attribute: Path::root().name(name.clone()),
            }),
        }
    }

    fn redacted(&self, attributes: &Arc<Map>) -> Arc<Map> {
        self.store.snapshot().digest_key.redact_all(attributes)
    }

    fn operation(&self) -> OperationTag {
        OperationTag::new(&self.store.snapshot().lineage, &self.effects.unique())
    }

    /// Continues waiting for what another run has created or changed.
    fn wait(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let desired = self.desired(step)?;
        let recorded = self.store.snapshot().resources.get(&step.address);
        let mut state = recorded.cloned().unwrap_or_default();
        if let Some(dependencies) = self.plan.dependencies().get(&step.address) {
            state.dependencies.clone_from(dependencies);
        }
        self.wait_for(task, step, desired, state)
    }

    /// Records the dependencies of an unchanged resource, where those in the state differ.
    fn record_dependencies(&mut self, step: &Step) {
        let recorded = self.store.snapshot().resources.get(&step.address);
        let dependencies = self.plan.dependencies().get(&step.address);
        if let (Some(state), Some(dependencies)) = (recorded, dependencies) {
            let state = ResourceState {
                dependencies: dependencies.clone(),
                ..state.clone()
            };
            self.records.push(resource_updated(&step.address, state));
        }
    }

    /// Waits until a resource that requires no call is as requested.
    fn wait_for(
        &mut self,
        task: usize,
        step: &Step,
        desired: Arc<Map>,
        state: ResourceState,
    ) -> Result<(), TaskError> {
        let id = state.id.as_deref().unwrap_or_default();
        let kind = step.address.kind();
        let remote_id = RemoteId::new(kind, id).map_err(TaskError::from)?;
        let deadline = state.ready_by.as_deref().unwrap_or_default();
        let (wait, limit) = if kind.properties().is_replaced_on_failure {
            let left = self.effects.until(deadline);
            // A change that was not ready before its timeout is waited for once more: it is not replaced.
            let again = state.was_ready && left.is_zero();
            let limit = if again {
                limit(step, TaskKind::Update, self.options)
            } else {
                left
            };
            (Wait::of(&desired), limit)
        } else {
            // It is not replaced when the time is up, and so gets all of it again.
            (Wait::Ready, limit(step, TaskKind::Create, self.options))
        };
        let work = InFlightTask {
            intent: None,
            is_new_intent: false,
            since: Instant::now(),
            desired,
            state: Some(state),
        };
        self.in_flight.insert(task, work);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Wait(remote_id, wait),
            limit,
        });
        Ok(())
    }

    /// Returns a client token for a call about a managed EIP or disk.
    pub(super) fn token_for(&self, kind: Kind) -> Option<ClientToken> {
        if !kind.properties().is_ordered {
            return None;
        }
        let lineage = &self.store.snapshot().lineage;
        token_of(&OperationTag::new(lineage, &self.effects.unique())).ok()
    }

    /// Takes over what is there, as it is.
    fn import(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let known = self.store.snapshot().resources.get(&step.address);
        // What was detached from it ahead is recorded with it.
        let is_detached = !step.detaches.is_empty() && known.is_some();
        if let Some(state) = step.state.as_deref().filter(|_| !is_detached) {
            self.records
                .push(resource_updated(&step.address, state.clone()));
        }
        if let Some(planned) = &step.planned {
            self.known.set(step.address.clone(), planned.clone());
        }
        self.done(task, step.id.clone());
        Ok(())
    }

    /// Returns a volume or EIP that lives inside its groups: the state remembers it, and the calls
    /// are those of the groups.
    fn record_embedded(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let desired = self.desired(step)?;
        let is_declared_existing = matches!(step.reason, Some(Reason::DeclaredExisting { .. }));
        let is_another = existing_id(step.address.kind(), &desired) != step.id.as_deref();
        let mut observed = self.observed_of(step);
        if is_declared_existing && is_another {
            // What it was until now stays in the cloud.
            observed = Arc::default();
            self.records.push(Record::Removed {
                address: step.address.clone(),
                time: self.effects.now(),
            });
        }
        let state = ResourceState {
            id: None,
            applied: self.redacted(&desired),
            observed,
            dependencies: step.dependencies.clone(),
            prevent_destroy: step.protection_after(),
            ..ResourceState::default()
        };
        self.record_without_call(task, step, desired, state)
    }

    fn observed_of(&self, step: &Step) -> Arc<Map> {
        let state = self.store.snapshot().resources.get(&step.address);
        state
            .map(|state| state.observed.clone())
            .unwrap_or_default()
    }

    /// Records a change that requires no call.
    fn record_without_call(
        &mut self,
        task: usize,
        step: &Step,
        desired: Arc<Map>,
        state: ResourceState,
    ) -> Result<(), TaskError> {
        if state.ready_by.is_some() {
            return self.wait_for(task, step, desired, state);
        }
        let id = state.id.clone();
        let kind = step.address.kind();
        let values = eci_planner::with_computed(kind, &desired, &state.observed);
        self.known.set(step.address.clone(), values);
        self.record_change(step, state);
        if self.plan.tasks()[task].kind == TaskKind::Create {
            self.record_deposed(task);
        }
        self.done(task, id);
        Ok(())
    }

    /// Records a change without a call.
    ///
    /// Where that triggers replacements, it is the end of an intent like any other change that
    /// does.
    fn record_change(&mut self, step: &Step, state: ResourceState) {
        let intent = self.store.next_intent();
        let Some(triggers) = self.triggers(intent, step) else {
            return self.records.push(resource_updated(&step.address, state));
        };
        let changes = step.changes.iter();
        let attributes = changes.map(|change| change.path.to_string()).collect();
        let intended = Record::Intent {
            intent,
            address: step.address.clone(),
            kind: IntentKind::Update {
                attributes,
                ready_by: None,
                sensitive: BTreeSet::new(),
                unreported: None,
            },
            time: self.effects.now(),
            token: None,
        };
        let resolved = Record::IntentFinished {
            intent,
            address: step.address.clone(),
            outcome: IntentOutcome::Done {
                state: Some(Box::new(state)),
            },
        };
        self.records.extend([intended, triggers, resolved]);
    }

    /// Returns the record of the replacements that are pending once an intent is done.
    fn triggers(&self, intent: IntentId, step: &Step) -> Option<Record> {
        let dependents = self.plan.triggers().get(&step.address)?;
        Some(Record::Triggers {
            intent,
            address: step.address.clone(),
            dependents: dependents.clone(),
        })
    }

    /// Returns whether a task changes an object of which an earlier change may still take effect:
    /// the new one has to come after that.
    pub(super) fn is_uncertain(&self, task: usize) -> bool {
        let changes = matches!(
            self.plan.tasks()[task].kind,
            TaskKind::Update | TaskKind::Bind
        );
        let recorded = self
            .store
            .snapshot()
            .resources
            .get(&self.step(task).address);
        changes && recorded.is_some_and(|state| !state.uncertain.is_empty())
    }

    fn record_intent(&mut self, task: usize, step: &Step, new: NewIntent) {
        let NewIntent {
            kind,
            token,
            desired,
            state,
        } = new;
        let intent = self.store.next_intent();
        self.records.push(Record::Intent {
            intent,
            address: step.address.clone(),
            kind,
            time: self.effects.now(),
            token: token.map(String::from),
        });
        self.records.extend(self.triggers(intent, step));
        let work = InFlightTask {
            intent: Some(intent),
            is_new_intent: true,
            since: Instant::now(),
            desired,
            state,
        };
        self.in_flight.insert(task, work);
    }
}

/// An intent that is to be recorded.
struct NewIntent {
    kind: IntentKind,
    token: Option<ClientToken>,
    /// The desired attributes, everything known; empty for a delete.
    desired: Arc<Map>,
    /// The state of the resource once it is done.
    state: Option<ResourceState>,
}

/// Returns the `ignore_changes` of a resource, if it has any.
fn ignored(step: &Step) -> Option<&IgnoreChanges> {
    let resource = step.resource.as_ref();
    let ignore = resource.map(|resource| &resource.lifecycle.ignore_changes);
    ignore.filter(|ignore| **ignore != IgnoreChanges::default())
}
