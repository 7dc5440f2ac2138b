//! Preparing creates and orders.

use std::sync::Arc;

use eci_core::kinds::GROUP_EIP;
use eci_core::{Map, OperationTag};
use eci_planner::{Action, Step, TaskKind};
use eci_provider::{Cloud, Order, RemoteId, Wait, create_request, token_of};
use eci_state::{IntentKind, ResourceState};

use super::{NewIntent, ignored};
use crate::error::TaskError;
use crate::order_request::OrderRequest;
use crate::recognize::{CLOCKS, CLOCKS_OF_SERVICES};
use crate::replacement_assumption::ReplacementAssumption;
use crate::run::data::{ReadyTask, Run, TaskCall};
use crate::run::limits::limit;

impl<A: Cloud + 'static> Run<'_, A> {
    /// Returns the intent of a create, and the state once it is done.
    pub(in crate::run) fn create_intent(
        &self,
        step: &Step,
        desired: &Arc<Map>,
        operation: &OperationTag,
    ) -> (IntentKind, ResourceState) {
        let limit = limit(step, TaskKind::Create, self.options);
        let mut state = ResourceState {
            applied: self.redacted(desired),
            dependencies: step.dependencies.clone(),
            prevent_destroy: step.protection_after(),
            operation: Some(operation.clone()),
            ready_by: Some(self.effects.deadline(limit)),
            ..ResourceState::default()
        };
        // The manifest does not show the next run what is ignored.
        if ignored(step).is_some() && !desired.contains_key(GROUP_EIP) {
            let planned = step.desired.as_ref();
            state.eip_pending = planned.and_then(|planned| planned.get(GROUP_EIP)).cloned();
        }
        // Others may give the new one what the old one had.
        let before = self.store.snapshot().sensitive_at(&step.address);
        state.remember(before, step.address.kind());
        let intended = IntentKind::Create {
            operation: operation.clone(),
            planned: Box::new(state.clone()),
            listed: Vec::new(),
        };
        (intended, state)
    }

    /// Lets a task of a replacement begin only if what is replaced still is what the plan took it for.
    pub(super) fn assume(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let replaces = step.action == Action::Replace && !step.is_of_predecessor();
        let (true, Some(ignore)) = (replaces, ignored(step)) else {
            return Ok(());
        };
        let recorded = self.store.snapshot().resources.get(&step.address);
        let (Some(recorded), Some(id)) = (recorded, step.id.as_deref()) else {
            return Ok(());
        };
        let is_own = recorded.id.as_deref() == Some(id) && !recorded.tainted;
        if !is_own {
            return Ok(());
        }
        let assumed = ReplacementAssumption {
            id: RemoteId::new(step.address.kind(), id).map_err(TaskError::from)?,
            planned: step.desired.clone().unwrap_or_default(),
            changes: step.changes.clone(),
            ignore: ignore.clone(),
            recorded: recorded.clone(),
            key: self.store.snapshot().digest_key.clone(),
        };
        self.assumed.insert(task, assumed);
        Ok(())
    }

    /// Returns the attributes with which a container group is created.
    pub(in crate::run) fn to_create(
        &self,
        task: usize,
        step: &Step,
    ) -> Result<Arc<Map>, TaskError> {
        let mut desired = self.desired(step)?;
        // What only one group can have is left out where another task gives it to the new one.
        if self.binds.contains(&self.plan.tasks()[task].step) {
            Arc::make_mut(&mut desired).remove(GROUP_EIP);
        }
        Ok(desired)
    }

    pub(super) fn create(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let desired = self.to_create(task, step)?;
        let operation = self.operation();
        let request = create_request(&desired, &operation).map_err(TaskError::from)?;
        let (intended, state) = self.create_intent(step, &desired, &operation);
        let wait = Wait::of(&desired);
        if step.create_before_destroy {
            self.assume(task, step)?;
        }
        let intent = NewIntent {
            kind: intended,
            token: None,
            desired,
            state: Some(state),
        };
        self.record_intent(task, step, intent);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Create(Box::new(request), operation, wait),
            limit: limit(step, TaskKind::Create, self.options),
        });
        Ok(())
    }

    /// Orders a managed EIP or disk: it carries no tag that could be looked up at any time, so that
    /// the intent holds all that is required to place the same order again.
    pub(super) fn order(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let desired = self.desired(step)?;
        let operation = self.operation();
        let kind = step.address.kind();
        let order = Order::of(kind, &desired, &operation).map_err(TaskError::from)?;
        let token = token_of(&operation).map_err(TaskError::from)?;
        if step.create_before_destroy {
            self.assume(task, step)?;
        }
        let (mut intended, state) = self.create_intent(step, &desired, &operation);
        let listed = if kind.properties().is_unmarked() {
            self.listed_alike(&state.applied)
        } else {
            Vec::new()
        };
        if let IntentKind::Create { listed: alike, .. } = &mut intended {
            alike.clone_from(&listed);
        }
        let ordering = OrderRequest {
            kind,
            order,
            token,
            earlier: None,
            operation,
            requested: Arc::clone(&state.applied),
            key: self.store.snapshot().digest_key.clone(),
            since: self.effects.now(),
            clocks: if self.provider.api().knows_time() {
                CLOCKS_OF_SERVICES
            } else {
                CLOCKS
            },
            listed,
        };
        let intent = NewIntent {
            kind: intended,
            token: None,
            desired,
            state: Some(state),
        };
        self.record_intent(task, step, intent);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Order(Box::new(ordering)),
            limit: limit(step, TaskKind::Create, self.options),
        });
        Ok(())
    }
}
