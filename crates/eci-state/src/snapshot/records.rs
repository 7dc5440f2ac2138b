//! Changes that records apply to a snapshot.

use eci_core::Address;
use eci_core::kinds::existing_id;

use super::{OpenIntent, RemovedResource, Snapshot};
use crate::integrity_error::IntegrityError;
use crate::record::{IntentId, IntentKind, IntentOutcome, Record};
use crate::resource::{Names, ResourceState};

impl Snapshot {
    /// Applies one record: the same while it happens and when the journal is replayed.
    ///
    /// A record that does not fit changes nothing.
    ///
    /// # Errors
    /// If the record does not fit.
    pub fn apply(&mut self, record: &Record) -> Result<(), IntegrityError> {
        self.validate(std::slice::from_ref(record))?;
        self.apply_validated(record);
        Ok(())
    }

    /// Applies the change of a record that was admitted; returns whether resources or outputs
    /// changed by it.
    pub(crate) fn apply_validated(&mut self, record: &Record) -> bool {
        match record {
            // These say nothing about resources.
            Record::RunStarted { .. }
            | Record::RunFinished { .. }
            | Record::Cloud { .. }
            | Record::Accounted { .. }
            | Record::MoveCompleted => {}
            _ => self.revision = self.revision.next(),
        }
        match record {
            Record::RunStarted { .. } | Record::RunFinished { .. } => false,
            Record::Intent {
                intent,
                address,
                kind,
                time: at,
                token,
            } => {
                self.open_intents.push(OpenIntent {
                    intent: *intent,
                    address: address.clone(),
                    id: self.subject(address, kind),
                    kind: kind.clone(),
                    started_at: at.clone(),
                    token: token.clone(),
                    order: None,
                    triggers: Vec::new(),
                });
                self.expect_secrets(address, kind)
            }
            Record::OrderPlaced { intent, order, .. } => {
                let mut open = self.open_intents.iter_mut();
                if let Some(open) = open.find(|open| open.intent == *intent) {
                    open.order = Some(order.clone());
                }
                // It must not get lost when a new journal begins.
                true
            }
            Record::Triggers {
                intent, dependents, ..
            } => {
                let mut open = self.open_intents.iter_mut();
                if let Some(open) = open.find(|open| open.intent == *intent) {
                    open.triggers.clone_from(dependents);
                }
                true
            }
            Record::IntentFinished {
                intent,
                address,
                outcome,
            } => self.finish(*intent, address, outcome),
            Record::ResourceUpdated { address, state } => self.upsert(address, state),
            Record::Moved { to } => self.follow_moves(to),
            Record::Cloud { cloud } => {
                let changed = self.cloud.as_ref() != Some(cloud);
                self.cloud = Some(cloud.clone());
                changed
            }
            Record::Accounted { .. } => self.lost.take().is_some(),
            // The state is the one of the old place: no run has read the copy, and the serial stays.
            Record::MoveCompleted => {
                self.migrating_from = None;
                false
            }
            // Records of earlier versions do not say whether it still exists.
            Record::ResourceRemoved { address } => self.remove(address, None),
            Record::Removed { address, time: at } => self.remove(address, Some(at)),
            Record::Missing { address } => self.bury(address),
            Record::Names { address, names } => {
                let held = if *names == Names::default() {
                    self.names.remove(address)
                } else {
                    self.names.insert(address.clone(), names.clone())
                };
                held.unwrap_or_default() != *names
            }
            Record::Outputs { outputs } => {
                let changed = self.outputs != *outputs;
                self.outputs.clone_from(outputs);
                changed
            }
        }
    }

    /// Returns the cloud's ID of the object of an operation.
    fn subject(&self, address: &Address, kind: &IntentKind) -> Option<String> {
        match kind {
            IntentKind::Create { .. } => None,
            IntentKind::Update { .. } => self.resources.get(address)?.id.clone(),
            IntentKind::Delete { id } => Some(id.clone()),
        }
    }

    fn finish(&mut self, intent: IntentId, address: &Address, outcome: &IntentOutcome) -> bool {
        let at = self
            .open_intents
            .iter()
            .position(|open| open.intent == intent);
        let ended = at.map(|at| self.open_intents.remove(at));
        if let (IntentOutcome::Done { .. }, Some(ended)) = (outcome, &ended) {
            self.trigger(address, &ended.triggers);
        }
        match outcome {
            IntentOutcome::Failed { .. } => false,
            IntentOutcome::Done { state: Some(state) } => self.upsert(address, state),
            IntentOutcome::Done { state: None } => {
                let held = self
                    .resources
                    .get(address)
                    .and_then(|held| held.id.as_ref());
                let another = match ended.map(|ended| ended.kind) {
                    // What took its place may have no id: an automatic or existing EIP.
                    Some(IntentKind::Delete { id }) => held != Some(&id),
                    _ => false,
                };
                !another && self.bury(address)
            }
        }
    }

    /// Remembers that a change of one resource is to replace others.
    fn trigger(&mut self, by: &Address, dependents: &[Address]) {
        for dependent in dependents.iter().filter(|dependent| *dependent != by) {
            if let Some(state) = self.resources.get_mut(dependent) {
                state.replacement_pending = Some(by.clone());
            }
        }
    }

    /// Removes a resource, and remembers the id of what stays in the cloud.
    fn remove(&mut self, address: &Address, at: Option<&String>) -> bool {
        let Some(removed) = self.resources.remove(address) else {
            return false;
        };
        // An existing EIP or disk may have been managed before.
        let existing = || existing_id(address.kind(), &removed.applied).map(str::to_owned);
        if let Some(id) = removed.id.clone().or_else(existing) {
            let removed = RemovedResource {
                address: address.clone(),
                at: at.cloned(),
            };
            self.removed.insert(id, removed);
        }
        true
    }

    fn upsert(&mut self, address: &Address, state: &ResourceState) -> bool {
        self.names.remove(address);
        // A resource that returns is not removed any more.
        if let Some(id) = state.id.as_ref().filter(|_| !self.removed.is_empty()) {
            self.removed.remove(id);
        }
        // What is only used from now on stays in the cloud, whatever becomes of its record.
        if let Some(id) = existing_id(address.kind(), &state.applied)
            && let Some(before) = self.resources.get(address)
            && before.id.as_deref() == Some(id)
        {
            let removed = RemovedResource {
                address: address.clone(),
                at: None,
            };
            self.removed.insert(id.to_owned(), removed);
        }
        self.record(address, state)
    }
}
