//! The comparison of two stored plans by their effects.

use std::collections::{BTreeMap, BTreeSet};

use eci_core::{Address, Map, Path, Value};
use eci_text::{Text, text};

use super::{Parts, SavedOutput, SavedStep};
use crate::action::Action;
use crate::saved::error::{PlainValues, SavedError};

impl Parts {
    /// Compares the effects of two stored plans: what both leave as it is may differ.
    ///
    /// # Errors
    ///
    /// Names the first difference.
    pub(in crate::saved) fn compare(&self, now: &Parts) -> Result<(), SavedError> {
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
}

impl SavedStep {
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
