//! What is to be done with one resource.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_config::{IgnoreChanges, Resource};
use eci_core::schema::{Change, Object, Presence};
use eci_core::{Address, DigestKey, Kind, Map, Path, Value};
use eci_state::ResourceState;

use crate::action::{Action, Reason};
use crate::diff::{AttributeChange, Scope, diff};
use crate::document::{Drift, Step};
use crate::mask::mask;
use crate::observed::Observation;

/// Statuses that a group does not come back from by itself.
const ENDED: [&str; 3] = ["ScheduleFailed", "Failed", "Expired"];

/// All that the decision rests on.
pub(crate) struct Question<'a> {
    pub(crate) resource: &'a Arc<Resource>,
    pub(crate) desired: Map,
    pub(crate) state: Option<&'a ResourceState>,
    pub(crate) observation: Option<&'a Observation>,
    pub(crate) key: &'a DigestKey,
    /// A changing resource that its `replace_triggered_by` names.
    pub(crate) trigger: Option<Address>,
    pub(crate) needs: Vec<Address>,
}

/// What is to be done, and what was seen on the way.
pub(crate) struct Decision {
    pub(crate) step: Step,
    pub(crate) drift: Option<Drift>,
    /// What the cloud says now, secrets as digests; none if it was not asked.
    pub(crate) observed: Option<Map>,
}

pub(crate) fn decide(question: Question<'_>) -> Decision {
    match question.state {
        None => Decision {
            step: create(question, Reason::New),
            drift: None,
            observed: None,
        },
        Some(state) => compare(question, state),
    }
}

fn create(question: Question<'_>, reason: Reason) -> Step {
    let kind = question.resource.address.kind();
    let planned = planned(kind, &question.desired, Fate::New);
    Step {
        address: question.resource.address.clone(),
        action: Action::Create,
        reason: Some(reason),
        place: Some(question.resource.place.clone()),
        id: None,
        state: question.state.cloned().map(Arc::new),
        changes: Vec::new(),
        planned: Some(planned),
        desired: Some(question.desired),
        needs: question.needs,
        resource: Some(Arc::clone(question.resource)),
    }
}

fn compare(mut question: Question<'_>, state: &ResourceState) -> Decision {
    let address = question.resource.address.clone();
    let object = address.kind().schema();
    let seen = match question.observation {
        Some(Observation::Gone) => {
            return Decision {
                step: create(question, Reason::Gone),
                drift: Some(Drift {
                    address,
                    gone: true,
                    changes: Vec::new(),
                }),
                observed: None,
            };
        }
        Some(Observation::Seen(seen)) => Some(sealed(object, &state.applied, seen, question.key)),
        None => None,
    };
    let drifted = match &seen {
        Some(seen) => diff(object, &state.applied, seen, Scope::Reported),
        None => Vec::new(),
    };
    let ignore = question.resource.lifecycle.ignore_changes.clone();
    keep_ignored(&mut question.desired, &ignore, &state.applied);
    let redacted = redact(question.key, &question.desired);
    let mut changes = diff(object, &state.applied, &redacted, Scope::Given);
    let asked_for_change = !changes.is_empty();
    changes.extend(repairs(&drifted, &changes));
    changes.retain(|change| !is_ignored(&ignore, &change.path));
    let current = seen.as_ref().unwrap_or(&state.observed);
    let reason = reason(
        address.kind(),
        &changes,
        asked_for_change,
        state,
        current,
        question.trigger,
    );
    let (action, fate) = match reason {
        None => (Action::NoOp, Fate::Kept { current }),
        Some(Reason::Changed | Reason::Drifted) => {
            let touched = changes.iter().filter_map(|change| change.path.attribute());
            let touched = touched.collect();
            (Action::Update, Fate::Changed { current, touched })
        }
        Some(_) => (Action::Replace, Fate::New),
    };
    let planned = planned(address.kind(), &question.desired, fate);
    Decision {
        step: Step {
            address: address.clone(),
            action,
            reason,
            place: Some(question.resource.place.clone()),
            id: state.id.clone(),
            state: Some(Arc::new(state.clone())),
            planned: Some(planned),
            desired: Some(question.desired),
            changes,
            needs: question.needs,
            resource: Some(Arc::clone(question.resource)),
        },
        drift: (!drifted.is_empty()).then_some(Drift {
            address,
            gone: false,
            changes: drifted,
        }),
        observed: seen,
    }
}

/// What was seen of a resource in the form that may be stored: a digest stands wherever
/// `applied`, which was asked for, has a secret.
pub fn sealed(object: &'static Object, applied: &Map, seen: &Map, key: &DigestKey) -> Map {
    redact(key, &mask(object, applied, seen))
}

/// What is wanted, with what the cloud added to it: what references see.
pub fn completed(kind: Kind, desired: &Map, seen: &Map) -> Map {
    planned(kind, desired, Fate::Kept { current: seen })
}

fn redact(key: &DigestKey, map: &Map) -> Map {
    map.iter()
        .map(|(name, value)| (name.clone(), key.redact(value)))
        .collect()
}

/// Whether the cloud has resources of this kind as things of their own. Volumes and EIPs
/// that are not managed live inside their groups: changing one changes its groups, and there
/// is nothing to be replaced.
fn is_in_cloud(kind: Kind) -> bool {
    kind == Kind::ContainerGroup
}

/// Why something is to be done; `None` if nothing is.
fn reason(
    kind: Kind,
    changes: &[AttributeChange],
    asked_for_change: bool,
    state: &ResourceState,
    current: &Map,
    trigger: Option<Address>,
) -> Option<Reason> {
    if state.tainted {
        return Some(Reason::Tainted);
    }
    let status = current.get("status").and_then(Value::as_str);
    if let Some(status) = status.filter(|status| ENDED.contains(status)) {
        return Some(Reason::Ended {
            status: status.to_owned(),
        });
    }
    let fixed: Vec<Path> = changes
        .iter()
        .filter(|change| is_in_cloud(kind) && change.change == Change::Replace)
        .map(|change| change.path.clone())
        .collect();
    if !fixed.is_empty() {
        return Some(Reason::CannotChange { attributes: fixed });
    }
    if let Some(by) = trigger {
        return Some(Reason::Triggered { by });
    }
    match (changes.is_empty(), asked_for_change) {
        (true, _) => None,
        (false, true) => Some(Reason::Changed),
        (false, false) => Some(Reason::Drifted),
    }
}

/// The changes that undo drift, where the configuration does not change the same attribute.
fn repairs(drifted: &[AttributeChange], changes: &[AttributeChange]) -> Vec<AttributeChange> {
    drifted
        .iter()
        .filter(|drift| {
            !changes
                .iter()
                .any(|change| overlaps(&change.path, &drift.path))
        })
        .map(|drift| AttributeChange {
            path: drift.path.clone(),
            before: drift.after.clone(),
            after: drift.before.clone(),
            change: drift.change,
        })
        .collect()
}

fn overlaps(one: &Path, other: &Path) -> bool {
    one.0.iter().zip(&other.0).all(|(one, other)| one == other)
}

fn is_ignored(ignore: &IgnoreChanges, path: &Path) -> bool {
    match ignore {
        IgnoreChanges::All => true,
        IgnoreChanges::Paths(paths) => {
            let text = path.to_string();
            paths.iter().any(|ignored| {
                text.strip_prefix(ignored.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
        }
    }
}

/// An ignored key of a table keeps its value when the rest of the table is sent.
fn keep_ignored(desired: &mut Map, ignore: &IgnoreChanges, applied: &Map) {
    let IgnoreChanges::Paths(paths) = ignore else {
        return;
    };
    for path in paths {
        let Some((name, key)) = path.split_once('.') else {
            continue;
        };
        let kept = applied.get(name).and_then(|value| value.get(key)).cloned();
        if kept.as_ref().is_some_and(Value::has_sensitive) {
            continue;
        }
        let mut entries = desired
            .get(name)
            .and_then(Value::as_map)
            .cloned()
            .unwrap_or_default();
        match kept {
            Some(kept) => entries.insert(key.into(), kept),
            None => entries.remove(key),
        };
        if entries.is_empty() {
            desired.remove(name);
        } else {
            desired.insert(name.into(), Value::map(entries));
        }
    }
}

/// What becomes of the read-only attributes.
enum Fate<'a> {
    New,
    Changed {
        current: &'a Map,
        touched: BTreeSet<&'a str>,
    },
    Kept {
        current: &'a Map,
    },
}

/// What is wanted, with what the cloud adds as far as that is known.
fn planned(kind: Kind, desired: &Map, fate: Fate<'_>) -> Map {
    let mut planned = desired.clone();
    if !is_in_cloud(kind) {
        return planned;
    }
    for field in kind.schema().fields {
        let open = match field.presence {
            Presence::ReadOnly => true,
            Presence::OptionalOrChosen => !desired.contains_key(field.name),
            Presence::Required | Presence::Optional => false,
        };
        if !open {
            continue;
        }
        let value = match &fate {
            Fate::New => Some(Value::Unknown),
            Fate::Changed { touched, .. }
                if field.follows.is_some_and(|other| touched.contains(other)) =>
            {
                Some(Value::Unknown)
            }
            Fate::Changed { current, .. } | Fate::Kept { current } => {
                current.get(field.name).cloned()
            }
        };
        if let Some(value) = value {
            planned.insert(field.name.into(), value);
        }
    }
    planned
}

/// A resource that is in no manifest, or is to be destroyed.
pub(crate) fn delete(
    address: &Address,
    state: &ResourceState,
    resource: Option<&Arc<Resource>>,
    reason: Reason,
) -> Step {
    Step {
        address: address.clone(),
        action: Action::Delete,
        reason: Some(reason),
        place: resource.map(|resource| resource.place.clone()),
        id: state.id.clone(),
        state: Some(Arc::new(state.clone())),
        desired: None,
        planned: None,
        changes: Vec::new(),
        needs: Vec::new(),
        resource: resource.cloned(),
    }
}
