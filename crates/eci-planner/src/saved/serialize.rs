//! Serialization of a plan in the form in which it may be stored.

use std::collections::HashMap;
use std::sync::Arc;

use eci_core::schema::Change;
use eci_core::value::with_unknown;
use eci_core::{Address, DigestKey, Map, Path, Value};
use eci_state::ResourceState;
use eci_text::{Text, text};
use serde::{Deserialize, Serialize};

use super::error::{PlainValues, SavedError};
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

    /// Compares two stored plans.
    ///
    /// # Errors
    ///
    /// Names the first difference.
    pub(super) fn compare(&self, now: &Parts) -> Result<(), SavedError> {
        let steps = Comparison {
            key: |step: &SavedStep| &step.address,
            is_same: SavedStep::has_effect_of,
        };
        if let Some(SavedStep { address, .. }) = first_difference(&self.steps, &now.steps, steps) {
            let displayed = |steps: &[SavedStep]| {
                let step = steps.iter().find(|step| step.address == *address);
                step.map_or_else(|| Action::NoOp.noun().into(), SavedStep::summary)
            };
            let of = |parts: &Parts| {
                let mut steps = parts.steps.iter().cloned();
                steps.find(|step| step.address == *address)
            };
            let (planned, found) = (displayed(&self.steps), displayed(&now.steps));
            if planned == found
                && let (Some(planned), Some(found)) = (of(self), of(now))
                && let Some(value) = planned.other_value(&found)
            {
                return Err(value);
            }
            return Err(SavedError::Step {
                address: address.clone(),
                planned,
                found,
            });
        }
        let outputs = Comparison {
            key: |output: &SavedOutput| &output.name,
            is_same: SavedOutput::eq,
        };
        match first_difference(&self.outputs, &now.outputs, outputs) {
            Some(output) => Err(SavedError::Output {
                name: output.name.clone(),
            }),
            None => Ok(()),
        }
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

    /// Returns whether it does what another step does.
    ///
    /// The place of the table is not part of that: a comment above it moves it to another line.
    fn has_effect_of(&self, other: &SavedStep) -> bool {
        let SavedStep {
            address,
            action,
            reason,
            place: _,
            id,
            state,
            desired,
            planned,
            changes,
            dependencies,
            create_before_destroy,
            transfers_eip,
            detaches,
            moved_from,
            import,
        } = self;
        *address == other.address
            && *action == other.action
            && *reason == other.reason
            && *id == other.id
            && *state == other.state
            && *desired == other.desired
            && *planned == other.planned
            && *changes == other.changes
            && *dependencies == other.dependencies
            && *create_before_destroy == other.create_before_destroy
            && *transfers_eip == other.transfers_eip
            && *detaches == other.detaches
            && *moved_from == other.moved_from
            && *import == other.import
    }

    /// Returns the first attribute that gets another value by another step with the same summary.
    fn other_value(&self, other: &SavedStep) -> Option<SavedError> {
        let pairs = self.changes.iter().zip(&other.changes);
        let mut different = pairs.filter(|(one, other)| one.after != other.after);
        let (one, other) = different.next()?;
        let values = plain(&one.after).zip(plain(&other.after));
        Some(SavedError::Value {
            address: self.address.clone(),
            path: one.path.to_string(),
            values: values.map(|(planned, found)| PlainValues { planned, found }),
        })
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

    /// Returns the action with the changed attributes: `update of tags, containers["app"].image`.
    fn summary(&self) -> Text {
        let action = self.action.noun();
        let paths = self.changes.iter().map(|change| change.path.to_string());
        let paths: Vec<String> = paths.collect();
        if paths.is_empty() {
            action.into()
        } else {
            text!(
                en: "{action} of {paths}",
                zh: "{action} {paths}",
                action = action,
                paths = paths.join(", ")
            )
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

/// Returns a value as a manifest has it; `None` for a table, a list, and what is secret or unknown.
fn plain(part: &StoredPart) -> Option<String> {
    match &part.0 {
        Value::String(text) => Some(format!("{text:?}")),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    }
}

/// Returns the first of these parts, in the order of a key, that differs.
fn first_difference<'a, T, K: Ord>(
    one: &'a [T],
    other: &'a [T],
    by: Comparison<T, K>,
) -> Option<&'a T> {
    let sorted = |parts: &'a [T]| {
        let mut parts: Vec<&T> = parts.iter().collect();
        parts.sort_by(|one, other| (by.key)(one).cmp((by.key)(other)));
        parts
    };
    let (one, other) = (sorted(one), sorted(other));
    let pairs = (0..one.len().max(other.len())).map(|at| (one.get(at), other.get(at)));
    let mut different = pairs.filter(|pair| match pair {
        (Some(one), Some(other)) => !(by.is_same)(one, other),
        _ => true,
    });
    let (one, other) = different.next()?;
    one.or(other).copied()
}

/// The comparison of parts of plans.
struct Comparison<T, K> {
    key: fn(&T) -> &K,
    is_same: fn(&T, &T) -> bool,
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
