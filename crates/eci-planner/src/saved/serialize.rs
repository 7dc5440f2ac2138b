//! Serialization of a plan in the form in which it may be stored.

mod compare;

use std::collections::HashMap;
use std::sync::Arc;

use eci_core::schema::Change;
use eci_core::value::with_unknown;
use eci_core::{Address, DigestKey, Map, Path, Value};
use eci_state::ResourceState;
use serde::{Deserialize, Serialize};

use super::location::{Files, SavedPlace};
use crate::action::{Action, Reason};
use crate::diff::AttributeChange;
use crate::mask::Marks;
use crate::model::{Detachment, Drift, OutputChange, Plan, RecordUpdate, Step};
use crate::protection::Protection;
use crate::task::{Task, TaskKind};

/// A value without secrets, of which parts may be unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct StoredPart(#[serde(serialize_with = "with_unknown")] pub(super) Value);

impl StoredPart {
    /// Returns a table that holds no secrets.
    pub(super) fn map(map: impl Into<Arc<Map>>) -> StoredPart {
        StoredPart(Value::Map(map.into()))
    }

    fn redacted(key: &DigestKey, map: &Map) -> StoredPart {
        let redacted = map.iter();
        let redacted = redacted.map(|(name, value)| (name.clone(), redact(key, value)));
        StoredPart::map(redacted.collect::<Map>())
    }

    pub(super) fn to_map(&self) -> Map {
        self.0.as_map().cloned().unwrap_or_default()
    }
}

/// Returns the value with a digest in place of every secret, but for those that are unknown.
fn redact(key: &DigestKey, value: &Value) -> Value {
    match value {
        Value::Sensitive(inner) if inner.expose().has_unknown() => Value::Unknown.into_sensitive(),
        Value::List(items) if value.has_sensitive() => {
            Value::list(items.iter().map(|item| redact(key, item)).collect())
        }
        Value::Map(entries) if value.has_sensitive() => {
            let entries = entries.iter();
            Value::map(
                entries
                    .map(|(name, value)| (name.clone(), redact(key, value)))
                    .collect(),
            )
        }
        other => key.redact(other),
    }
}

/// The cloud's report of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredObservation {
    Present(StoredPart),
    Missing,
}

/// The content of a plan in its stored form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Parts {
    steps: Vec<SavedStep>,
    drift: Vec<SavedDrift>,
    refreshed: Vec<(Address, StoredPart)>,
    outputs: Vec<SavedOutput>,
    /// The resources that the plan leaves as they are and waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    waiting: Vec<Address>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    protections: Vec<Protection>,
}

/// The content of a plan in the form of the planner.
pub(super) struct PlanContent {
    pub(super) steps: Vec<Step>,
    pub(super) drift: Vec<Drift>,
    pub(super) refreshed: Vec<RecordUpdate>,
    pub(super) outputs: Vec<OutputChange>,
    /// Those that wait.
    pub(super) tasks: Vec<Task>,
    pub(super) protections: Vec<Protection>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedStep {
    pub(super) address: Address,
    pub(super) action: Action,
    reason: Option<Reason>,
    place: Option<SavedPlace>,
    id: Option<String>,
    state: Option<ResourceState>,
    desired: Option<StoredPart>,
    planned: Option<StoredPart>,
    changes: Vec<SavedChange>,
    dependencies: Vec<Address>,
    create_before_destroy: bool,
    transfers_eip: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    detaches: Vec<Detachment>,
    moved_from: Option<Address>,
    import: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedChange {
    path: Path,
    before: StoredPart,
    after: StoredPart,
    change: Change,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedDrift {
    address: Address,
    is_missing: bool,
    changes: Vec<SavedChange>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<SavedChange>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedOutput {
    name: String,
    before: StoredPart,
    after: StoredPart,
    sensitive: bool,
    changed: bool,
    #[serde(default)]
    failed: bool,
}

impl Parts {
    pub(super) fn new(plan: &Plan, key: &DigestKey) -> Parts {
        let steps = plan.steps().iter();
        let drift = plan.drift().iter();
        let refreshed = plan.refreshed().iter();
        let outputs = plan.outputs().iter();
        let by_address: HashMap<&Address, &Step> = plan
            .steps()
            .iter()
            .filter(|step| !step.is_of_predecessor())
            .map(|step| (&step.address, step))
            .collect();
        Parts {
            steps: steps.map(|step| SavedStep::new(step, key)).collect(),
            drift: drift
                .map(|drift| SavedDrift {
                    address: drift.address.clone(),
                    is_missing: drift.is_missing,
                    changes: saved_changes(&drift.changes, key),
                    ignored: saved_changes(&drift.ignored, key),
                })
                .collect(),
            refreshed: refreshed
                .map(|refreshed_resource| {
                    let step = by_address.get(&refreshed_resource.address).copied();
                    let observed = step.map(|step| marked(step, &refreshed_resource.observed, key));
                    let observed = observed.as_ref().unwrap_or(&refreshed_resource.observed);
                    (
                        refreshed_resource.address.clone(),
                        StoredPart::redacted(key, observed),
                    )
                })
                .collect(),
            outputs: outputs
                .map(|output| SavedOutput {
                    name: output.name.clone(),
                    before: StoredPart(redact(key, &output.before)),
                    after: StoredPart(redact(key, &output.after)),
                    sensitive: output.sensitive,
                    changed: output.changed,
                    failed: output.failed,
                })
                .collect(),
            waiting: plan.waiting().map(|step| step.address.clone()).collect(),
            protections: plan.protections().to_vec(),
        }
    }

    pub(super) fn steps(&self) -> &[SavedStep] {
        &self.steps
    }

    /// Returns the content in the form of the planner.
    pub(super) fn to_plan(&self) -> PlanContent {
        let places = self.steps.iter().filter_map(|step| step.place.as_ref());
        let files = Files::of(places);
        let steps = self.steps.iter().map(|step| step.to_step(&files));
        let drift = self.drift.iter().map(|drift| Drift {
            address: drift.address.clone(),
            is_missing: drift.is_missing,
            changes: changes(&drift.changes),
            ignored: changes(&drift.ignored),
        });
        let refreshed = self
            .refreshed
            .iter()
            .map(|(address, refreshed_resource)| RecordUpdate {
                address: address.clone(),
                observed: Arc::new(refreshed_resource.to_map()),
                applied: None,
            });
        let outputs = self.outputs.iter().map(|output| OutputChange {
            name: output.name.clone(),
            before: output.before.0.clone(),
            after: output.after.0.clone(),
            sensitive: output.sensitive,
            changed: output.changed,
            failed: output.failed,
            output: None,
        });
        let waiting = self.waiting.iter().filter_map(|address| {
            let mut steps = self.steps.iter();
            let step = steps.position(|step| step.address == *address)?;
            Some(Task {
                step,
                kind: TaskKind::Wait,
                depends_on: Vec::new(),
            })
        });
        PlanContent {
            steps: steps.collect(),
            drift: drift.collect(),
            refreshed: refreshed.collect(),
            outputs: outputs.collect(),
            tasks: waiting.collect(),
            protections: self.protections.clone(),
        }
    }
}

impl SavedStep {
    fn new(step: &Step, key: &DigestKey) -> SavedStep {
        let storable = |map: &Option<Arc<Map>>| {
            let map = map.as_ref()?;
            Some(StoredPart::redacted(key, &marked(step, map, key)))
        };
        SavedStep {
            address: step.address.clone(),
            action: step.action,
            reason: step.reason.clone(),
            place: step.place.as_ref().map(SavedPlace::new),
            id: step.id.clone(),
            state: step.state.as_deref().cloned(),
            desired: storable(&step.desired),
            planned: storable(&step.planned),
            changes: saved_changes(&step.changes, key),
            dependencies: step.dependencies.clone(),
            create_before_destroy: step.create_before_destroy,
            transfers_eip: step.transfers_eip,
            detaches: step.detaches.clone(),
            moved_from: step.moved_from.clone(),
            import: step.import.clone(),
        }
    }

    /// Returns the address that the state has for the resource.
    pub(super) fn origin(&self) -> &Address {
        self.moved_from.as_ref().unwrap_or(&self.address)
    }

    fn to_step(&self, files: &Files<'_>) -> Step {
        Step {
            address: self.address.clone(),
            action: self.action,
            reason: self.reason.clone(),
            place: self.place.as_ref().and_then(|place| files.place(place)),
            id: self.id.clone(),
            state: self.state.clone().map(Arc::new),
            desired: self.desired.as_ref().map(StoredPart::to_map).map(Arc::new),
            planned: self.planned.as_ref().map(StoredPart::to_map).map(Arc::new),
            changes: changes(&self.changes),
            dependencies: self.dependencies.clone(),
            create_before_destroy: self.create_before_destroy,
            transfers_eip: self.transfers_eip,
            detaches: self.detaches.clone(),
            moved_from: self.moved_from.clone(),
            import: self.import.clone(),
            // A plan with pending operations is not saved.
            pending: None,
            resends: false,
            resource: None,
        }
    }
}

/// Returns the attributes of a resource with everything marked that the state has as a secret, or
/// had: it stays hidden until an apply has recorded it in clear.
fn marked(step: &Step, attributes: &Arc<Map>, key: &DigestKey) -> Arc<Map> {
    let Some(state) = &step.state else {
        return Arc::clone(attributes);
    };
    let object = step.address.kind().schema();
    match &step.desired {
        Some(desired) => Marks::to_show(object, key, desired, state).mark(attributes),
        None => Marks::of_record(object, key, state).mark(attributes),
    }
}

fn saved_changes(changes: &[AttributeChange], key: &DigestKey) -> Vec<SavedChange> {
    let changes = changes.iter().map(|change| SavedChange {
        path: change.path.clone(),
        before: StoredPart(redact(key, &change.before)),
        after: StoredPart(redact(key, &change.after)),
        change: change.change,
    });
    changes.collect()
}

fn changes(changes: &[SavedChange]) -> Vec<AttributeChange> {
    let changes = changes.iter().map(|change| AttributeChange {
        path: change.path.clone(),
        before: change.before.0.clone(),
        after: change.after.0.clone(),
        change: change.change,
    });
    changes.collect()
}
