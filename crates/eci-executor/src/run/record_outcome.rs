//! The record of the end of a call.

use std::sync::Arc;
use std::time::Duration;

use eci_core::kinds::is_standalone;
use eci_core::{Address, Kind, Map, Redactor, Value};
use eci_planner::{Action, Step, TaskKind, redact_observed, with_computed};
use eci_provider::{Cloud, CreatedObject, RemoteObject, attribute_named};
use eci_state::{IntentKind, IntentOutcome, Record, ResourceState};

use super::data::Run;
use super::limits::limit;
use crate::error::{TaskError, ValueRefusal};
use crate::event::Event;
use crate::outcome::Failure;
use crate::records::resource_updated;
use crate::task::{TaskEvent, TaskOutcome};

/// The status in which an object was observed at the end of its task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FinalStatus {
    Ready,
    NotReady,
}

impl<A: Cloud + 'static> Run<'_, A> {
    pub(super) fn on_event(&mut self, message: TaskEvent) {
        match message {
            TaskEvent::Progress { task, phase } => {
                let phase = self.redactor(task).cover_message(phase);
                let address = self.step(task).address.clone();
                self.reporter.report(&Event::Progress { address, phase });
            }
            TaskEvent::Created { task, created } => self.record_created(task, created),
            TaskEvent::Ordered { task, order } => self.ordered(task, order),
        }
    }

    /// Covers in the cloud's words on a resource what is sensitive in it, or was.
    fn redactor(&self, task: usize) -> Redactor {
        let step = self.step(task);
        let snapshot = self.store.snapshot();
        let recorded = snapshot.resources.get(&step.address);
        let recorded = recorded.or(step.state.as_deref());
        let recorded = recorded.map(|state| [&*state.applied, &*state.observed]);
        let desired = self.in_flight.get(&task).map(|it| &*it.desired);
        let desired = desired.into_iter().chain(step.desired.as_deref());
        let known = desired.chain(recorded.into_iter().flatten());
        Redactor::new(&snapshot.digest_key, known)
    }

    /// Records an order as long as its end is awaited.
    fn ordered(&mut self, task: usize, order: String) {
        let address = self.step(task).address.clone();
        let intent = self.in_flight.get(&task).and_then(|it| it.intent);
        if let Some(intent) = intent {
            self.records.push(Record::OrderPlaced {
                intent,
                address,
                order,
            });
        }
    }

    /// Records a created object: from now on the state has it, ready or not.
    fn record_created(&mut self, task: usize, created: CreatedObject) {
        let step = self.step(task);
        let address = step.address.clone();
        // It was refused and created all the same: then that refusal does not apply to others.
        self.exhausted.retain(|_, (refused, _)| *refused != task);
        let Some(work) = self.in_flight.get_mut(&task) else {
            return;
        };
        let (Some(state), Some(intent)) = (&mut work.state, work.intent.take()) else {
            return;
        };
        state.id = Some(created.id.clone());
        state.ready_by = Some(
            self.effects
                .deadline(limit(step, TaskKind::Create, self.options)),
        );
        let key = &self.store.snapshot().digest_key;
        state.observed = redact_observed(address.kind(), state, &created.attributes, key);
        self.records.push(Record::IntentFinished {
            intent,
            address: address.clone(),
            outcome: IntentOutcome::Done {
                state: Some(Box::new(state.clone())),
            },
        });
        self.record_deposed(task);
        if address.kind().properties().is_filled_in_later {
            self.created.push(address.clone());
        }
        self.reporter.report(&Event::ResourceCreated {
            address,
            id: created.id,
        });
    }

    /// Records that the replaced object moved from the state to an intent, in one record.
    pub(super) fn record_deposed(&mut self, task: usize) {
        let step = self.step(task);
        if self.plan.tasks()[task].kind == TaskKind::Resume {
            return self.keep_replaced(task);
        }
        let (true, Some(old)) = (step.create_before_destroy, self.id_of(step)) else {
            return;
        };
        let intent = self.store.next_intent();
        let token = self.token_for(step.address.kind());
        let number = self.plan.tasks()[task].step;
        self.predecessors.insert(number, (intent, token.clone()));
        self.records.push(Record::Intent {
            intent,
            address: step.address.clone(),
            kind: IntentKind::Delete { id: old },
            time: self.effects.now(),
            token: token.map(String::from),
        });
    }

    pub(super) fn finish(&mut self, task: usize, finish: TaskOutcome) {
        let Some(finish) = self.end_listing(task, finish) else {
            return;
        };
        match finish {
            TaskOutcome::Ready(object) => {
                let id = object.id.clone();
                self.record_observed(task, &object, FinalStatus::Ready);
                self.done(task, Some(id));
            }
            TaskOutcome::NotReady(mut not_ready, object) => {
                let redactor = self.redactor(task);
                match object {
                    Some(object) => {
                        if self.record_observed(task, &object, FinalStatus::NotReady) {
                            not_ready.tainted = Some(self.step(task).address.clone());
                        }
                    }
                    None => self.record_unverified(task),
                }
                let not_ready = not_ready.redacted(&redactor);
                self.fail(task, TaskError::NotReady(not_ready));
            }
            TaskOutcome::Deleted => {
                let step = self.step(task);
                self.finish_intent(task, IntentOutcome::Done { state: None });
                if !step.create_before_destroy && !step.is_of_predecessor() {
                    self.known.forget(&step.address);
                }
                self.done(task, None);
            }
            TaskOutcome::Unbound => {
                self.record_unverified(task);
                self.done(task, None);
            }
            TaskOutcome::Watched(remotes) => self.watched(task, remotes),
            // Only a listing ends like that.
            TaskOutcome::Listed(_) => {}
            TaskOutcome::Detached(object) => {
                self.observe_detached(task, &object);
                self.record_unverified(task);
                self.done(task, None);
            }
            TaskOutcome::Refused(refused) => self.refuse(task, *refused),
            TaskOutcome::Awaited(outcome) => {
                let (open, found) = *outcome;
                self.awaited(task, &open, found);
            }
            TaskOutcome::NotApplied(problem) if self.orders_again(task, &problem) => {}
            TaskOutcome::NotApplied(problem) => {
                let problem = self.located(task, problem);
                // What was replaced must go all the same: the next run retries.
                if !self.is_predecessor(task) {
                    let message = problem.to_string();
                    self.finish_intent(task, IntentOutcome::Failed { message });
                }
                self.fail(task, problem);
            }
            TaskOutcome::Unverified(problem) => {
                // A create is recorded already; a change was accepted.
                self.record_unverified(task);
                self.fail(task, problem);
            }
            // The intent stays open: the next run finds out.
            TaskOutcome::Unknown(problem) => self.fail(task, problem),
        }
    }

    /// Returns the refusal of a value with the attribute that it names and where that is written.
    fn located(&self, task: usize, problem: TaskError) -> TaskError {
        let TaskError::Call(error) = problem else {
            return problem;
        };
        let step = self.step(task);
        let refusal = error.refusal().filter(|it| it.reason.is_of_value());
        let named = refusal.and_then(|it| attribute_named(step.address.kind(), &it.message));
        match named {
            None => TaskError::Call(error),
            Some(attribute) => TaskError::ValueRefused(Box::new(ValueRefusal {
                place: step.resource.as_ref().map(|it| it.span_of(&attribute)),
                attribute,
                error,
            })),
        }
    }

    /// Records the observation after a create or change.
    ///
    /// A group whose create never became ready is replaced. A change that did not become ready
    /// stays a change, which another one can correct; and an EIP or a disk is never replaced for
    /// its status. Both are waited for again. Returns whether it is tainted.
    fn record_observed(&mut self, task: usize, object: &RemoteObject, status: FinalStatus) -> bool {
        let ready = status == FinalStatus::Ready;
        let step = self.step(task);
        let Some(work) = self.in_flight.get_mut(&task) else {
            return false;
        };
        let Some(mut state) = work.state.take() else {
            return false;
        };
        let (applied, observed) = (&state.applied, &state.observed);
        let attributes = Arc::new(
            self.provider
                .attributes_with_prior(object, applied, observed),
        );
        let key = &self.store.snapshot().digest_key;
        let kind = step.address.kind();
        state.observed = redact_observed(kind, &state, &attributes, key);
        state.tainted = !ready && kind.properties().is_replaced_on_failure && !state.was_ready;
        if ready || state.tainted {
            state.ready_by = None;
            state.was_ready = false;
            state.unconfirmed.clear();
        }
        let tainted = state.tainted;
        let desired = std::mem::take(&mut work.desired);
        let intent = work.intent.take();
        let values = with_computed(kind, &desired, &attributes);
        if !tainted {
            self.known.set(step.address.clone(), values);
            self.update_eip_addresses(task, &attributes);
        }
        self.records.push(match intent {
            None => resource_updated(&step.address, state),
            Some(intent) => Record::IntentFinished {
                intent,
                address: step.address.clone(),
                outcome: IntentOutcome::Done {
                    state: Some(Box::new(state)),
                },
            },
        });
        tainted
    }

    /// Updates the address of an EIP to the one that its group reports.
    fn update_eip_addresses(&mut self, task: usize, attributes: &Map) {
        let Some(resource) = &self.step(task).resource else {
            return;
        };
        let public = attributes.get("internet_ip").cloned().unwrap_or_default();
        for eip in resource
            .links
            .iter()
            .filter(|link| link.kind().properties().is_public_ip)
        {
            if let Some(record) = self.with_address(eip, &public) {
                self.records.push(record);
            }
        }
    }

    fn with_address(&self, eip: &Address, public: &Value) -> Option<Record> {
        let mut state = self.store.snapshot().resources.get(eip)?.clone();
        if is_standalone(eip.kind(), &state.applied) {
            // It reports its address itself, whichever group holds it.
            return None;
        }
        let known = state.observed.get("address").cloned().unwrap_or_default();
        if known == *public {
            return None;
        }
        let observed = Arc::make_mut(&mut state.observed);
        match public {
            Value::Null => observed.remove("address"),
            public => observed.insert("address".into(), public.clone()),
        };
        Some(resource_updated(eip, state))
    }

    /// Merges the observation of a group after a detachment into the state that is recorded.
    fn observe_detached(&mut self, task: usize, object: &RemoteObject) {
        let key = &self.store.snapshot().digest_key;
        let work = self.in_flight.get_mut(&task);
        if let Some(state) = work.and_then(|it| it.state.as_mut()) {
            let (applied, observed) = (&state.applied, &state.observed);
            let attributes = Arc::new(
                self.provider
                    .attributes_with_prior(object, applied, observed),
            );
            state.observed = redact_observed(Kind::ContainerGroup, state, &attributes, key);
        }
    }

    /// Records a call that was answered although its effect was not observed: the answer is
    /// trusted.
    fn record_unverified(&mut self, task: usize) {
        let Some(work) = self.in_flight.get(&task) else {
            return;
        };
        if let (Some(_), Some(state)) = (work.intent, &work.state) {
            let state = Some(Box::new(ResourceState::clone(state)));
            self.finish_intent(task, IntentOutcome::Done { state });
        }
    }

    pub(super) fn finish_intent(&mut self, task: usize, outcome: IntentOutcome) {
        let address = self.step(task).address.clone();
        let intent = self.in_flight.get(&task).and_then(|it| it.intent);
        if let Some(intent) = intent {
            self.records.push(Record::IntentFinished {
                intent,
                address,
                outcome,
            });
        }
    }

    /// Marks a task as done, so that its dependents can start.
    pub(super) fn done(&mut self, task: usize, id: Option<String>) {
        let step = self.step(task);
        let action = self.plan.tasks()[task].kind;
        let took = match self.in_flight.remove(&task) {
            Some(work) => work.since.elapsed(),
            None => Duration::ZERO,
        };
        let binds = self.binds.contains(&self.plan.tasks()[task].step);
        if action == TaskKind::Import && step.action != Action::Import {
            // Its change is counted separately once that is done.
            *self
                .outcome
                .changed
                .entry(Action::Import.name())
                .or_default() += 1;
        }
        if completes(step, action, binds) {
            self.completed.insert(self.plan.tasks()[task].step);
        } else if step.action.is_change() && action != TaskKind::Import {
            self.begun.insert(self.plan.tasks()[task].step);
        }
        // All moves have been recorded since the beginning.
        if completes(step, action, binds) && step.action != Action::Move {
            *self.outcome.changed.entry(step.action.name()).or_default() += 1;
        }
        self.reporter.report(&Event::TaskFinished {
            address: step.address.clone(),
            action,
            id,
            elapsed: took,
        });
        self.schedule.over(task, None);
    }

    /// Marks a task as failed, so that its dependents are skipped.
    pub(super) fn fail(&mut self, task: usize, problem: TaskError) {
        let address = self.step(task).address.clone();
        let action = self.plan.tasks()[task].kind;
        self.in_flight.remove(&task);
        self.failed_steps.insert(self.plan.tasks()[task].step);
        self.report_failure(address.clone(), action, problem);
        self.schedule.over(task, Some(&address));
    }

    /// Reports a failure, and counts it among those of the run.
    pub(super) fn report_failure(
        &mut self,
        address: Address,
        action: TaskKind,
        problem: TaskError,
    ) {
        self.reporter.report(&Event::TaskFailed {
            address: address.clone(),
            action,
            error: problem.clone(),
        });
        self.outcome.failed.push(Failure {
            address,
            action,
            problem,
        });
    }

    /// Records an intent to delete an object, which the next plan shows and performs.
    pub(super) fn leave_to_delete(&mut self, address: &Address, id: String) {
        let intent = self.store.next_intent();
        self.records.push(Record::Intent {
            intent,
            address: address.clone(),
            kind: IntentKind::Delete { id },
            time: self.effects.now(),
            token: None,
        });
    }

    fn is_predecessor(&self, task: usize) -> bool {
        let step = self.step(task);
        self.plan.tasks()[task].kind == TaskKind::Delete
            && (step.create_before_destroy || step.is_of_predecessor())
    }
}

/// Returns whether a step is done with this part of it; `binds` says whether a group gets its EIP in one.
fn completes(step: &Step, action: TaskKind, binds: bool) -> bool {
    match step.action {
        _ if action == TaskKind::Detach => false,
        Action::Replace if step.create_before_destroy => action == TaskKind::Delete,
        Action::Create | Action::Replace if binds => action == TaskKind::Bind,
        Action::Replace => action == TaskKind::Create,
        Action::Update => action == TaskKind::Update,
        Action::Delete => action == TaskKind::Delete,
        Action::Forget => action == TaskKind::Forget,
        Action::NoOp => false,
        Action::Create | Action::Import | Action::Move => true,
    }
}
