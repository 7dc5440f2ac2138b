//! Serialization of a plan in the form in which it may be stored.

use std::collections::{BTreeMap, BTreeSet, HashMap};
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

    /// Compares the effects of two stored plans: what both leave as it is may differ.
    ///
    /// # Errors
    ///
    /// Names the first difference.
    pub(super) fn compare(&self, now: &Parts) -> Result<(), SavedError> {
        let steps = Comparison {
            has_effect: |step: &SavedStep| step.action.is_change(),
            key: |step: &SavedStep| &step.address,
            is_same: SavedStep::has_effect_of,
        };
        if let Some(different) = first_difference(&self.steps, &now.steps, steps) {
            return Err(different_steps(different.key, different.pair));
        }
        let outputs = Comparison {
            has_effect: |output: &SavedOutput| output.changed || output.failed,
            key: |output: &SavedOutput| &output.name,
            is_same: SavedOutput::eq,
        };
        match first_difference(&self.outputs, &now.outputs, outputs) {
            Some(different) => Err(different_outputs(different.key, different.pair)),
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
    /// What it leaves as it is does not count: another change may have been applied to the resource since. Neither does
    /// the place of the table: a comment above it moves it to another line.
    fn has_effect_of(&self, other: &SavedStep) -> bool {
        self.address == other.address
            && self.action == other.action
            && self.difference(other).is_none()
    }

    /// Returns the first difference from the effect of another step with the same address and action.
    fn difference(&self, other: &SavedStep) -> Option<SavedError> {
        let address = || self.address.clone();
        if self.paths() != other.paths() {
            return Some(SavedError::Step {
                address: address(),
                planned: self.summary(),
                found: other.summary(),
            });
        }
        let is_same_way = self.create_before_destroy == other.create_before_destroy
            && self.detaches == other.detaches
            && self.moved_from == other.moved_from;
        if !is_same_way {
            return Some(SavedError::Way {
                address: address(),
                action: self.action.noun().into(),
            });
        }
        if self.object() != other.object() {
            let name = |step: &SavedStep| step.object().unwrap_or("-").to_owned();
            return Some(SavedError::Object {
                address: address(),
                planned: name(self),
                found: name(other),
            });
        }
        let value = self.other_value(other);
        value.or_else(|| {
            let differs = self.has_unknown() && self.dependencies != other.dependencies;
            differs.then(|| SavedError::Dependencies { address: address() })
        })
    }

    /// Returns the paths of the changed attributes.
    fn paths(&self) -> Vec<&Path> {
        self.changes.iter().map(|change| &change.path).collect()
    }

    /// Returns the object that the step removes, or whose record it creates or removes.
    ///
    /// An update concerns whatever object has the old values.
    fn object(&self) -> Option<&str> {
        match self.action {
            Action::Delete | Action::Forget | Action::Replace => self.id.as_deref(),
            _ => self.import.as_deref(),
        }
    }

    /// Returns whether a value is known only by the resources that it is computed from.
    fn has_unknown(&self) -> bool {
        let mut after = self.changes.iter().map(|change| &change.after);
        self.action == Action::Create || after.any(|value| value.0.has_unknown())
    }

    /// Returns the first attribute that had or gets another value by another step of the same attributes.
    fn other_value(&self, other: &SavedStep) -> Option<SavedError> {
        let address = || self.address.clone();
        for (one, other) in self.changes.iter().zip(&other.changes) {
            let path = || one.path.to_string();
            if one.before != other.before {
                return Some(SavedError::OldValue {
                    address: address(),
                    path: path(),
                    values: plain_values(&one.before.0, &other.before.0),
                });
            }
            if one.after != other.after {
                return Some(SavedError::Value {
                    address: address(),
                    path: path(),
                    values: plain_values(&one.after.0, &other.after.0),
                });
            }
        }
        // All of it is sent, and displayed.
        if self.action != Action::Create {
            return None;
        }
        let desired = |step: &SavedStep| match &step.desired {
            Some(desired) => desired.0.clone(),
            None => Value::Null,
        };
        let (planned, found) = (desired(self), desired(other));
        let (planned, found) = (&planned, &found);
        let different = first_different_value(Path::root(), BothPlans { planned, found })?;
        Some(SavedError::Value {
            address: address(),
            path: different.path.to_string(),
            values: different.values,
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

/// Returns the error about a step that is in one plan only, or differs.
fn different_steps(address: &Address, pair: BothPlans<Option<&SavedStep>>) -> SavedError {
    let summary = |step: Option<&SavedStep>| {
        step.map_or_else(|| Action::NoOp.noun().into(), SavedStep::summary)
    };
    if let (Some(planned), Some(found)) = (pair.planned, pair.found)
        && planned.action == found.action
        && let Some(difference) = planned.difference(found)
    {
        return difference;
    }
    SavedError::Step {
        address: address.clone(),
        planned: summary(pair.planned),
        found: summary(pair.found),
    }
}

/// Returns the error about an output that one plan changes only, or to another value.
fn different_outputs(name: &str, pair: BothPlans<Option<&SavedOutput>>) -> SavedError {
    let values = match (pair.planned, pair.found) {
        (Some(planned), Some(found)) if !planned.sensitive && !found.sensitive => {
            plain_values(&planned.after.0, &found.after.0)
        }
        _ => None,
    };
    SavedError::Output {
        name: name.to_owned(),
        values,
    }
}

/// Returns two different values as a manifest has them; `None` if one is a table, a list, secret or unknown.
fn plain_values(planned: &Value, found: &Value) -> Option<PlainValues> {
    let (planned, found) = plain(planned).zip(plain(found))?;
    (planned != found).then_some(PlainValues { planned, found })
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(format!("{value:?}")),
        _ => None,
    }
}

/// A part of the saved plan and the same part of the new one.
#[derive(Clone, Copy)]
struct BothPlans<T> {
    planned: T,
    found: T,
}

/// A value that differs.
struct DifferentValue {
    path: Path,
    values: Option<PlainValues>,
}

/// Returns the first value at or below a path that differs.
fn first_different_value(path: Path, pair: BothPlans<&Value>) -> Option<DifferentValue> {
    let BothPlans { planned, found } = pair;
    if planned == found {
        return None;
    }
    let below = match (planned, found) {
        (Value::Map(planned), Value::Map(found)) => {
            let names: BTreeSet<_> = planned.keys().chain(found.keys()).collect();
            names.into_iter().find_map(|name| {
                let of = |map: &Map| map.get(name).cloned().unwrap_or(Value::Null);
                let (planned, found) = (&of(planned), &of(found));
                first_different_value(path.name(name.clone()), BothPlans { planned, found })
            })
        }
        (Value::List(planned), Value::List(found)) if planned.len() == found.len() => {
            let mut pairs = planned.iter().zip(found.iter()).enumerate();
            pairs.find_map(|(at, (planned, found))| {
                first_different_value(path.index(at), BothPlans { planned, found })
            })
        }
        _ => None,
    };
    below.or_else(|| {
        Some(DifferentValue {
            path,
            values: plain_values(planned, found),
        })
    })
}

/// Returns the first of these parts, in the order of a key, that differs, or that one of both has only.
fn first_difference<'a, T, K: Ord>(
    one: &'a [T],
    other: &'a [T],
    by: Comparison<T, K>,
) -> Option<DifferentPart<'a, T, K>> {
    let grouped = |parts: &'a [T]| {
        let mut groups: BTreeMap<&K, Vec<&T>> = BTreeMap::new();
        for part in parts.iter().filter(|part| (by.has_effect)(part)) {
            groups.entry((by.key)(part)).or_default().push(part);
        }
        groups
    };
    let (one, other) = (grouped(one), grouped(other));
    let keys: BTreeSet<&K> = one.keys().chain(other.keys()).copied().collect();
    keys.into_iter().find_map(|key| {
        let of = |groups: &BTreeMap<&K, Vec<&'a T>>| groups.get(key).cloned().unwrap_or_default();
        let (one, other) = (of(&one), of(&other));
        let pairs = (0..one.len().max(other.len())).map(|at| BothPlans {
            planned: one.get(at).copied(),
            found: other.get(at).copied(),
        });
        let mut different = pairs.filter(|pair| match (pair.planned, pair.found) {
            (Some(one), Some(other)) => !(by.is_same)(one, other),
            _ => true,
        });
        let pair = different.next()?;
        Some(DifferentPart { key, pair })
    })
}

/// A part that differs, or that one plan has only.
struct DifferentPart<'a, T, K> {
    key: &'a K,
    pair: BothPlans<Option<&'a T>>,
}

/// The comparison of parts of plans.
struct Comparison<T, K> {
    /// Whether a part does anything.
    has_effect: fn(&T) -> bool,
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
