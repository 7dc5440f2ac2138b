//! Resuming of an earlier run: its orders are followed, and what it replaced is deleted.

use std::sync::Arc;

use eci_api::types::{ClientToken, OrderId};
use eci_planner::{Action, Step, TaskKind, recalled};
use eci_provider::{Cloud, Order, RemoteId, token_of};
use eci_state::{IntentId, IntentKind, IntentOutcome, OpenIntent, Record, ResourceState};
use eci_text::text;
use tokio::time::Instant;

use super::data::{InFlightTask, ReadyTask, Run, TaskCall};
use super::limits::limit;
use crate::error::TaskError;
use crate::failpoints;
use crate::open_order::is_young;
use crate::order_request::{EarlierOrder, OrderRequest};
use crate::recognize::CLOCKS;
use crate::stop::StopMode;

impl<A: Cloud + 'static> Run<'_, A> {
    /// Goes on with the order of an earlier run: the same one is placed under the same token, which
    /// orders nothing twice.
    pub(super) fn resume(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let Some(open) = self.open_intent(step.pending) else {
            return Err(TaskError::Internal(text!(
                en: "the pending operation is missing",
                zh: "缺少未完成的操作",
            )));
        };
        let IntentKind::Create {
            operation,
            planned: requested,
            listed,
        } = &open.kind
        else {
            return Err(TaskError::Internal(text!(
                en: "the pending operation is not an order",
                zh: "未完成的操作不是订单",
            )));
        };
        // After that, the same order under the same token would be another one.
        if !is_young(&open, self.effects) {
            return Err(TaskError::TokenExpired);
        }
        let kind = step.address.kind();
        // The record has digests of secrets; the manifest may still have the values.
        let key = self.store.snapshot().digest_key.clone();
        let attributes = match &step.desired {
            Some(desired) => recalled(&key, &requested.applied, desired),
            None => Arc::clone(&requested.applied),
        };
        let order = Order::of(kind, &attributes, operation).map_err(TaskError::from)?;
        let token = if failpoints::uses_new_tokens() {
            ClientToken::random()
        } else {
            token_of(operation).map_err(TaskError::from)?
        };
        let known = open.order.as_deref().map(OrderId::new);
        let mut state = if step.resends {
            // The same is requested, maybe for another reason or with other protection.
            self.create_intent(step, &requested.applied, operation).1
        } else {
            ResourceState::clone(requested)
        };
        if let Some(dependencies) = self.plan.dependencies().get(&step.address) {
            state.dependencies.clone_from(dependencies);
        }
        let work = InFlightTask {
            intent: Some(open.intent),
            is_new_intent: false,
            since: Instant::now(),
            desired: Arc::clone(&requested.applied),
            state: Some(state),
        };
        self.in_flight.insert(task, work);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Order(Box::new(OrderRequest {
                kind,
                order,
                token,
                earlier: Some(EarlierOrder {
                    order: known.and_then(Result::ok),
                }),
                operation: operation.clone(),
                requested: Arc::clone(&requested.applied),
                key,
                since: open.started_at.clone(),
                clocks: CLOCKS,
                listed: listed.clone(),
            })),
            limit: limit(step, TaskKind::Create, self.options),
        });
        Ok(())
    }

    /// Places another order where that of an earlier run turns out to have failed: under its token
    /// it remains failed. Returns whether the task continues with it.
    pub(super) fn orders_again(&mut self, task: usize, problem: &TaskError) -> bool {
        let is_failed = match problem {
            TaskError::OrderFailed { .. } => true,
            TaskError::Call(error) => error.is_failed_order(),
            _ => false,
        };
        let step = self.step(task);
        let creates = match self.plan.tasks()[task].kind {
            TaskKind::Resume => step.action == Action::Create,
            TaskKind::Create => step.resends,
            _ => false,
        };
        let is_ending = self.stopped.mode() != StopMode::Run;
        let (Some(intent), true, true, false) = (step.pending, is_failed, creates, is_ending)
        else {
            return false;
        };
        if !self.resolved.insert(intent) {
            return false;
        }
        let message = problem.to_string();
        self.finish_intent(task, IntentOutcome::Failed { message });
        self.in_flight.remove(&task);
        self.begin_task(task);
        true
    }

    /// Returns whether a step goes on with an order of an earlier run.
    pub(super) fn resumes(&self, step: &Step) -> bool {
        let pending = step.pending.as_ref();
        pending.is_some_and(|intent| !self.resolved.contains(intent))
    }

    /// Deletes what an earlier run has replaced, under the intent of that run.
    pub(super) fn delete_predecessor(
        &mut self,
        task: usize,
        step: &Step,
        intent: IntentId,
    ) -> Result<(), TaskError> {
        let Some(open) = self.open_intent(Some(intent)) else {
            return Err(TaskError::Internal(text!(
                en: "the object to delete is missing",
                zh: "没有待删除的对象",
            )));
        };
        let id = step.id.as_deref().unwrap_or_default();
        self.check_existing(step.address.kind(), id)?;
        let calls = match RemoteId::new(step.address.kind(), id).map_err(TaskError::from)? {
            RemoteId::Group(group) => TaskCall::Delete(group),
            other => {
                let recorded = open.token.clone().map(ClientToken::new);
                let token = recorded.and_then(Result::ok);
                TaskCall::ReleaseAgain(other, token.unwrap_or_else(ClientToken::random))
            }
        };
        let work = InFlightTask::without_state(Some(intent));
        self.in_flight.insert(task, work);
        self.to_spawn.push(ReadyTask {
            task,
            kind: calls,
            limit: limit(step, TaskKind::Delete, self.options),
        });
        Ok(())
    }

    /// Records an intent to delete what an order of an earlier run has replaced, together with the
    /// end of that order.
    pub(super) fn keep_replaced(&mut self, task: usize) {
        let address = &self.step(task).address;
        let steps = self.plan.steps().iter().enumerate();
        let mut replaced = steps.filter(|(_, step)| {
            let is_deleted = step.is_of_predecessor() && step.action == Action::Delete;
            step.address == *address && is_deleted && step.pending.is_none()
        });
        let Some((number, step)) = replaced.next() else {
            return;
        };
        let Some(old) = step.id.clone() else {
            return;
        };
        let intent = self.store.next_intent();
        let token = self.token_for(address.kind());
        self.predecessors.insert(number, (intent, token.clone()));
        self.records.push(Record::Intent {
            intent,
            address: address.clone(),
            kind: IntentKind::Delete { id: old },
            time: self.effects.now(),
            token: token.map(String::from),
        });
    }

    /// Returns the id of what a step is about; known only now where an earlier run has ordered it.
    pub(super) fn id_of(&self, step: &Step) -> Option<String> {
        let recorded = || {
            let state = self.store.snapshot().resources.get(&step.address)?;
            state.id.clone()
        };
        match step.pending {
            Some(_) => step.id.clone().or_else(recorded),
            None => step.id.clone(),
        }
    }

    pub(super) fn open_intent(&self, intent: Option<IntentId>) -> Option<OpenIntent> {
        let mut open = self.store.snapshot().open_intents.iter();
        open.find(|open| Some(open.intent) == intent).cloned()
    }
}
