//! The preparation of updates in place, and of detachments ahead of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use eci_core::kinds::GROUP_EIP;
use eci_core::schema::secret_paths;
use eci_core::{Map, Path, Value};
use eci_planner::attachment::{Attachable, detached_attributes, without};
use eci_planner::{Step, TaskKind, differing, sent_units, unreported};
use eci_provider::{Cloud, Mount, RemoteId, Wait, amendments, group_id, update_request};
use eci_state::{IntentKind, ResourceState};
use eci_text::text;

use super::{NewIntent, ignored};
use crate::detach::DetachCall;
use crate::error::TaskError;
use crate::order_request::InPlaceUpdate;
use crate::run::data::{ReadyTask, Run, TaskCall};
use crate::run::limits::limit;
use crate::update::{PartialUpdate, Update};

/// The attribute that the operation tag is sent with.
const TAGS: &str = "tags";

impl<A: Cloud + 'static> Run<'_, A> {
    /// Returns the intent of a change, and the record after it has succeeded.
    fn update_intent(
        &self,
        step: &Step,
        attributes: Vec<String>,
        state: ResourceState,
        limit: Duration,
    ) -> (IntentKind, ResourceState) {
        let ready_by = Some(self.effects.deadline(limit));
        let kind = step.address.kind();
        let before = self.store.snapshot().resources.get(&step.address);
        let before = before.map(|before| &*before.applied);
        let key = &self.store.snapshot().digest_key;
        let unreported = before.map(|before| unreported(kind, key, before, &state.applied));
        let state = ResourceState {
            ready_by: ready_by.clone(),
            was_ready: state.has_been_ready(),
            ..state
        };
        let intended = IntentKind::Update {
            attributes,
            ready_by,
            sensitive: secret_paths(kind.schema(), &state.applied),
            unreported,
        };
        (intended, state)
    }

    /// Changes an EIP or a disk in place.
    pub(super) fn amend(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let desired = self.desired(step)?;
        let kind = step.address.kind();
        let changed: Vec<Path> = step.changes.iter().map(|it| it.path.clone()).collect();
        let recorded = self.store.snapshot().resources.get(&step.address);
        let mut before = recorded.cloned().unwrap_or_default();
        let sent = sent_units(kind, &desired, &changed);
        // Earlier versions recorded an attribute as a whole, of which all that may be uncertain is sent.
        let is_whole = |unit: &str| {
            let mut parts = sent.iter().filter_map(|part| part.strip_prefix(unit));
            parts.any(|rest| rest.starts_with('.'))
        };
        let is_sent = |unit: &String| sent.contains(unit) || is_whole(unit);
        before.uncertain.retain(|unit| !is_sent(unit));
        let state = ResourceState {
            dependencies: step.dependencies.clone(),
            ..before.with_applied(kind, self.redacted(&desired))
        };
        let calls = amendments(kind, &desired, &changed);
        let (false, Some(token)) = (calls.is_empty(), self.token_for(kind)) else {
            // Nothing of it is ever sent, or only to the groups that use it.
            return self.record_without_call(task, step, desired, state);
        };
        let id = state.id.as_deref().unwrap_or_default();
        let remote_id = RemoteId::new(kind, id).map_err(TaskError::from)?;
        let mount = self.mount_of(id);
        let attributes = changed.iter().map(ToString::to_string).collect();
        let limit = limit(step, TaskKind::Update, self.options);
        let (intended, state) = self.update_intent(step, attributes, state, limit);
        let intent = NewIntent {
            kind: intended,
            token: Some(token.clone()),
            desired,
            state: Some(state),
        };
        self.record_intent(task, step, intent);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Amend(Box::new(InPlaceUpdate {
                id: remote_id,
                mount,
                changes: calls,
                token,
            })),
            limit,
        });
        Ok(())
    }

    /// Returns the group that has a disk mounted, as far as the state records that.
    fn mount_of(&self, disk: &str) -> Option<Mount> {
        let resources = self.store.snapshot().resources.iter();
        let groups = resources.filter(|(address, _)| address.kind().properties().holds_attachments);
        groups.into_iter().find_map(|(_, state)| {
            let volumes = state.applied.get("volumes").and_then(Value::as_list)?;
            let text = |volume: &Value, name: &str| {
                volume.get(name).and_then(Value::as_str).map(str::to_owned)
            };
            let has_it = |volume: &&Value| text(volume, "volume_handle").as_deref() == Some(disk);
            let volume = text(volumes.iter().find(has_it)?, "name")?;
            let group = group_id(state.id.as_deref()?).ok()?;
            Some(Mount { group, volume })
        })
    }

    pub(super) fn update(
        &mut self,
        task: usize,
        step: &Step,
        action: TaskKind,
    ) -> Result<(), TaskError> {
        let desired = self.desired(step)?;
        let mut changed: BTreeSet<&str> = match action {
            TaskKind::Bind => BTreeSet::from([GROUP_EIP]),
            _ => {
                let changes = step.changes.iter();
                let changed = changes.filter_map(|change| change.path.attribute());
                // What was detached with disks has to be sent again, as it is desired.
                changed
                    .chain(detached_attributes(&detached(step)))
                    .collect()
            }
        };
        let recorded = self.store.snapshot().resources.get(&step.address);
        let mut before = recorded.cloned().unwrap_or_default();
        if !step.detaches.is_empty() {
            // What the detachment has already caused requires no other call. It has sent secrets
            // only as the group has them.
            let sent = detached_attributes(&detached(step));
            let kind = step.address.kind();
            let key = &self.store.snapshot().digest_key;
            let differing = differing(kind, key, &before, &desired);
            changed.retain(|name| {
                let is_uncertain = before.uncertain.iter().any(|other| other == name);
                let is_sent = sent.contains(name) && !is_uncertain && !changes_secret(step, name);
                !is_sent || differing.contains(*name)
            });
        }
        before
            .uncertain
            .retain(|name| !changed.contains(name.as_str()));
        // What was imported gets a tag of this state with the others, which are sent whole.
        let claims = before.tag_pending && changed.contains(TAGS);
        let operation = if claims {
            Some(self.operation())
        } else {
            before.operation.clone()
        };
        let request = update_request(&desired, &changed, operation.as_ref());
        let request = request.map_err(TaskError::from)?;
        let state = ResourceState {
            dependencies: step.dependencies.clone(),
            tainted: false,
            tag_pending: before.tag_pending && !claims,
            eip_pending: before
                .eip_pending
                .clone()
                .filter(|_| !changed.contains(GROUP_EIP)),
            operation,
            ..before.with_applied(step.address.kind(), self.redacted(&desired))
        };
        let Some(request) = request else {
            // Nothing of it is ever sent: it only controls this program.
            return self.record_without_call(task, step, desired, state);
        };
        let id = group_id(state.id.as_deref().unwrap_or_default()).map_err(TaskError::from)?;
        let attributes: Vec<String> = changed.into_iter().map(str::to_owned).collect();
        let update = Update {
            kept: ignored(step).map(|ignore| PartialUpdate {
                desired: Arc::clone(&desired),
                changed: attributes.iter().cloned().collect(),
                operation: state.operation.clone(),
                ignore: ignore.clone(),
                recorded: recorded.cloned().unwrap_or_default(),
                key: self.store.snapshot().digest_key.clone(),
            }),
            request,
            wait: Wait::of(&desired),
        };
        let limit = limit(step, TaskKind::Update, self.options);
        let (intended, state) = self.update_intent(step, attributes, state, limit);
        let intent = NewIntent {
            kind: intended,
            token: None,
            desired,
            state: Some(state),
        };
        self.record_intent(task, step, intent);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Update(id, Box::new(update)),
            limit,
        });
        Ok(())
    }

    /// Takes the EIP from the group that is replaced; the state records the one that
    /// takes its place.
    pub(super) fn unbind(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let id = group_id(step.id.as_deref().unwrap_or_default()).map_err(TaskError::from)?;
        let changed = BTreeSet::from([GROUP_EIP]);
        let request = update_request(&Map::new(), &changed, None).map_err(TaskError::from)?;
        let Some(request) = request else {
            return Err(TaskError::Internal(text!(
                en: "the request to detach the EIP is empty",
                zh: "解绑弹性 IP 的请求为空",
            )));
        };
        // What takes its place waits by itself.
        let intended = IntentKind::Update {
            attributes: vec![GROUP_EIP.to_owned()],
            ready_by: None,
            sensitive: BTreeSet::new(),
            unreported: Some(BTreeSet::new()),
        };
        let recorded = self.store.snapshot().resources.get(&step.address).cloned();
        let intent = NewIntent {
            kind: intended,
            token: None,
            desired: Arc::default(),
            state: recorded,
        };
        self.record_intent(task, step, intent);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Unbind(id, Box::new(request)),
            limit: limit(step, TaskKind::Unbind, self.options),
        });
        Ok(())
    }

    /// Detaches EIPs and disks ahead of the group's own change.
    pub(super) fn detach(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let recorded = self.store.snapshot().resources.get(&step.address);
        let imported = step.state.as_deref().filter(|_| step.import.is_some());
        let mut state = recorded.or(imported).cloned().unwrap_or_default();
        let id = group_id(state.id.as_deref().unwrap_or_default()).map_err(TaskError::from)?;
        // What others are still to give it is unknown, and is not a secret.
        let desired = self.desired(step);
        let desired = desired.unwrap_or_else(|_| step.desired.clone().unwrap_or_default());
        self.provider.hide(&desired);
        let detach = DetachCall {
            objects: detached(step),
            recorded: state.clone(),
            desired,
            key: self.store.snapshot().digest_key.clone(),
        };
        let attributes = detached_attributes(&detach.objects);
        let attributes = attributes.into_iter().map(str::to_owned).collect();
        // The state that it leaves: the next plan compares with that.
        state.applied = Arc::new(without(&state.applied, &detach.objects));
        let kind = step.address.kind();
        let key = &self.store.snapshot().digest_key;
        let intended = IntentKind::Update {
            attributes,
            ready_by: None,
            sensitive: secret_paths(kind.schema(), &state.applied),
            unreported: Some(unreported(
                kind,
                key,
                &detach.recorded.applied,
                &state.applied,
            )),
        };
        let intent = NewIntent {
            kind: intended,
            token: None,
            desired: Arc::default(),
            state: Some(state),
        };
        self.record_intent(task, step, intent);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Detach(id, Box::new(detach)),
            limit: limit(step, TaskKind::Update, self.options),
        });
        Ok(())
    }
}

/// Returns whether a step changes a sensitive value in an attribute.
fn changes_secret(step: &Step, attribute: &str) -> bool {
    let mut changes = step.changes.iter();
    changes.any(|change| {
        let is_secret = change.before.has_sensitive() || change.after.has_sensitive();
        is_secret && change.path.attribute() == Some(attribute)
    })
}

/// Returns what is detached from the group of a step.
fn detached(step: &Step) -> Vec<Attachable> {
    let detaches = step.detaches.iter();
    detaches
        .map(|detachment| detachment.object.clone())
        .collect()
}
