//! What is to be done with one resource.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_config::Resource;
use eci_core::kinds::is_managed;
use eci_core::schema::{Change, Field, Object, Presence};
use eci_core::value::shared_name;
use eci_core::{Address, DigestKey, Kind, Map, Path, Value};
use eci_state::ResourceState;

use crate::action::{Action, Reason};
use crate::adopt::imported;
use crate::diff::{AttributeChange, Scope, diff};
use crate::document::{Drift, Step};
use crate::ignore::{is_ignored, keep_drift, keep_ignored};
use crate::managed;
use crate::mask::mask;
use crate::observed::Observation;
use crate::order::{eip, keeps_name};
use crate::uncertain::repeated;

/// Statuses that a group does not come back from by itself.
const ENDED: [&str; 3] = ["ScheduleFailed", "Failed", "Expired"];

/// The status of a group that has done its work: it stays as it is, and does not run again.
const DONE: &str = "Succeeded";

/// What a group can only change while it runs.
const RUNNING: [&str; 2] = ["containers", "restart_policy"];

/// All that the decision rests on.
pub(crate) struct Question<'a> {
    pub(crate) resource: &'a Arc<Resource>,
    pub(crate) desired: Arc<Map>,
    pub(crate) state: Option<&'a ResourceState>,
    pub(crate) observation: Option<&'a Observation>,
    pub(crate) key: &'a DigestKey,
    /// A changing resource that its `replace_triggered_by` names.
    pub(crate) trigger: Option<Address>,
    /// A volume that it mounts and whose disk has to be free, because it is replaced.
    pub(crate) loses: Option<Address>,
    /// Whether the command line asks for its replacement.
    pub(crate) requested: bool,
    /// The address that the state has it under, if it moves.
    pub(crate) moved_from: Option<Address>,
    /// The cloud's id of what is taken over, if it is imported.
    pub(crate) import: Option<String>,
    pub(crate) needs: Vec<Address>,
}

/// What is to be done, and what was seen on the way.
pub(crate) struct Decision {
    pub(crate) step: Step,
    pub(crate) drift: Option<Drift>,
    /// What the cloud says now, secrets as digests; none if it was not asked.
    pub(crate) observed: Option<Arc<Map>>,
}

pub(crate) fn decide(question: Question<'_>) -> Decision {
    let imported = match (&question.import, question.observation) {
        (Some(id), Some(Observation::Seen(seen))) => Some(imported(&question, id, seen)),
        _ => None,
    };
    match (question.state, &imported) {
        // What the state has of an existing EIP or disk says nothing about it.
        (_, Some(state)) => compare(question, state),
        (Some(state), None) => compare(question, state),
        (None, None) => Decision {
            step: create(question, Reason::New),
            drift: None,
            observed: None,
        },
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
        create_first: false,
        rebinds: false,
        detaches: Vec::new(),
        moved_from: question.moved_from,
        import: None,
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
    let mut drifted = match &seen {
        Some(seen) => diff(object, &state.applied, seen, Scope::seen(address.kind())),
        None => Vec::new(),
    };
    if managed::is_shared([Some(&state.applied), None, seen.as_deref()]) {
        drifted.retain(|change| !managed::is_of_bandwidth(change));
    }
    let ignore = question.resource.lifecycle.ignore_changes.clone();
    let kind = address.kind();
    let shared = managed::is_shared([
        Some(&state.applied),
        Some(&question.desired),
        seen.as_deref(),
    ]);
    keep_ignored(kind, &mut question.desired, &ignore, &state.applied);
    keep_drift(object, &mut question.desired, &ignore, &drifted);
    let managed = [&state.applied, &question.desired].map(|map| is_managed(kind, map));
    if managed == [false, true] {
        return Decision {
            step: create(question, Reason::OtherForm),
            drift: None,
            observed: None,
        };
    }
    let redacted = question.key.redact_all(&question.desired);
    let mut changes = diff(object, &state.applied, &redacted, Scope::Given);
    changes.retain(|change| !is_ignored(&ignore, &change.path));
    changes.retain(|change| !(shared && managed::is_of_bandwidth(change)));
    let asked_for_change = !changes.is_empty();
    let repairs = repairs(&drifted, &changes).into_iter();
    let undone = |change: &AttributeChange| {
        let stays = managed::is_shrinkage(change) || shared && managed::is_of_bandwidth(change);
        !stays && !is_ignored(&ignore, &change.path)
    };
    changes.extend(repairs.filter(undone));
    let differs = !changes.is_empty();
    let repeated = repeated(kind, state, &redacted, &changes).into_iter();
    changes.extend(repeated.filter(|change| !is_ignored(&ignore, &change.path)));
    let why = match (asked_for_change, differs) {
        (true, _) => Reason::Changed,
        (false, true) => Reason::Drifted,
        (false, false) => Reason::Uncertain,
    };
    let current = seen.as_ref().unwrap_or(&state.observed);
    let filled_in = state.has_been_ready() && is_filled_in(kind, &question.desired, current);
    let reason = match managed {
        [true, false] => Some(Reason::OtherForm),
        _ => reason(&question, &changes, why, state, current),
    };
    let (action, fate) = match reason {
        None | Some(Reason::Imported | Reason::Moved) => {
            let action = match reason {
                Some(Reason::Imported) => Action::Import,
                Some(Reason::Moved) => Action::Move,
                _ => Action::NoOp,
            };
            (action, Fate::Kept { current, filled_in })
        }
        Some(Reason::Changed | Reason::Drifted | Reason::Uncertain) => {
            let touched = changes.iter().filter_map(|change| change.path.attribute());
            let touched = touched.collect();
            (
                Action::Update,
                Fate::Changed {
                    current,
                    touched,
                    filled_in,
                },
            )
        }
        Some(_) => (Action::Replace, Fate::New),
    };
    // A run that was cut off may have bound it without telling; then only the address shows.
    let public = current
        .get("internet_ip")
        .is_some_and(|ip| *ip != Value::Null);
    let rebinds = public && eip(&question.desired).is_some() && !state.applied.contains_key("eip");
    let planned = planned(address.kind(), &question.desired, fate);
    let create_first = action == Action::Replace
        && (question.resource.lifecycle.create_before_destroy
            || managed::comes_first(kind, &state.applied, &question.desired))
        && !keeps_name(kind, &state.applied, &question.desired);
    let drift = (!drifted.is_empty() && question.import.is_none()).then_some(Drift {
        address: address.clone(),
        gone: false,
        changes: drifted,
    });
    Decision {
        step: Step {
            address,
            action,
            reason,
            place: Some(question.resource.place.clone()),
            id: state.id.clone(),
            state: Some(Arc::new(state.clone())),
            planned: Some(planned),
            desired: Some(question.desired),
            changes,
            needs: question.needs,
            create_first,
            rebinds,
            detaches: Vec::new(),
            moved_from: question.moved_from,
            import: question.import,
            resource: Some(Arc::clone(question.resource)),
        },
        drift,
        observed: seen,
    }
}

/// What was seen of a resource in the form that may be stored: a digest stands wherever
/// `applied`, which was asked for, has a secret.
pub fn sealed(
    object: &'static Object,
    applied: &Map,
    seen: &Arc<Map>,
    key: &DigestKey,
) -> Arc<Map> {
    match applied.values().any(Value::has_sensitive) {
        true => key.redact_all(&Arc::new(mask(object, applied, seen))),
        false => key.redact_all(seen),
    }
}

/// What is wanted, with what the cloud added to it: what references see.
pub fn completed(kind: Kind, desired: &Arc<Map>, seen: &Map) -> Arc<Map> {
    let filled_in = is_filled_in(kind, desired, seen);
    planned(
        kind,
        desired,
        Fate::Kept {
            current: seen,
            filled_in,
        },
    )
}

/// Whether the cloud has filled in all that it adds to a resource which was as far as it is waited
/// for. A group that is not waited for may not have its address yet.
fn is_filled_in(kind: Kind, desired: &Map, current: &Map) -> bool {
    let text = |map: &Map, name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
    let waited_for = text(desired, "wait").as_deref() != Some("none");
    let status = text(current, "status");
    let starts = matches!(status.as_deref(), None | Some("Scheduling" | "Pending"));
    kind != Kind::ContainerGroup || waited_for || !starts
}

/// Returns what is observed of a resource, with those attributes unknown that the cloud has not
/// filled in yet.
pub(crate) fn observed_so_far(kind: Kind, state: &ResourceState) -> Map {
    let mut seen = Map::clone(&state.applied);
    seen.extend(Map::clone(&state.observed));
    if state.has_been_ready() && is_filled_in(kind, &state.applied, &state.observed) {
        return seen;
    }
    for field in kind.schema().fields {
        if field.presence == Presence::ReadOnly && is_open(field, &state.applied, &seen) {
            seen.insert(shared_name(field.name), Value::Unknown);
        }
    }
    seen
}

/// Whether the cloud is still to fill in an attribute. What comes with another one does not come
/// without it.
fn is_open(field: &Field, desired: &Map, current: &Map) -> bool {
    let comes = field
        .follows
        .is_none_or(|other| desired.contains_key(other));
    comes && current.get(field.name).is_none_or(Value::is_null)
}

/// Why something is to be done; `None` if nothing is.
fn reason(
    question: &Question<'_>,
    changes: &[AttributeChange],
    why: Reason,
    state: &ResourceState,
    current: &Map,
) -> Option<Reason> {
    let kind = question.resource.address.kind();
    let managed = is_managed(kind, &question.desired);
    if state.tainted {
        return Some(Reason::Tainted);
    }
    // An EIP or a disk is not made anew for its status: that would cost its address or its data.
    let status = match kind {
        Kind::ContainerGroup => current.get("status").and_then(Value::as_str),
        Kind::Eip | Kind::Volume => None,
    };
    let runs_anew = |change: &AttributeChange| {
        let attribute = change.path.attribute();
        attribute.is_some_and(|attribute| RUNNING.contains(&attribute))
    };
    let ended = |status: &&str| {
        ENDED.contains(status) || (*status == DONE && changes.iter().any(runs_anew))
    };
    if let Some(status) = status.filter(ended) {
        return Some(Reason::Ended {
            status: status.to_owned(),
        });
    }
    let fixed: Vec<Path> = changes
        .iter()
        .filter(|change| managed && change.change == Change::Replace)
        .map(|change| change.path.clone())
        .collect();
    if !fixed.is_empty() {
        return Some(Reason::CannotChange { attributes: fixed });
    }
    if let Some(by) = question.trigger.clone().filter(|_| managed) {
        return Some(Reason::Triggered { by });
    }
    if let Some(volume) = question.loses.clone() {
        return Some(Reason::LosesDisk { volume });
    }
    if question.requested && managed {
        return Some(Reason::Requested);
    }
    match changes.is_empty() {
        true if question.import.is_some() => Some(Reason::Imported),
        true if question.moved_from.is_some() => Some(Reason::Moved),
        true => None,
        false => Some(why),
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

/// What becomes of the read-only attributes.
enum Fate<'a> {
    New,
    Changed {
        current: &'a Map,
        touched: BTreeSet<&'a str>,
        filled_in: bool,
    },
    Kept {
        current: &'a Map,
        /// Whether the cloud has filled in all that it adds.
        filled_in: bool,
    },
}

/// What is wanted, with what the cloud adds as far as that is known.
fn planned(kind: Kind, desired: &Arc<Map>, fate: Fate<'_>) -> Arc<Map> {
    if !is_managed(kind, desired) {
        return desired.clone();
    }
    let fields = kind.schema().fields;
    let open = |field: &&Field| match field.presence {
        Presence::ReadOnly => true,
        Presence::OptionalOrChosen => !desired.contains_key(field.name),
        // Of an EIP that is made, the cloud gives the id.
        Presence::Optional => kind == Kind::Eip && field.name == "id",
        Presence::Required => false,
    };
    let mut planned = Map::clone(desired);
    planned.reserve(fields.iter().filter(open).count());
    for field in fields.iter().filter(open) {
        let value = match &fate {
            Fate::New => Some(Value::Unknown),
            Fate::Changed { touched, .. }
                if field.follows.is_some_and(|other| touched.contains(other)) =>
            {
                Some(Value::Unknown)
            }
            Fate::Changed {
                current, filled_in, ..
            }
            | Fate::Kept { current, filled_in } => {
                if !filled_in && is_open(field, desired, current) {
                    Some(Value::Unknown)
                } else {
                    current.get(field.name).cloned()
                }
            }
        };
        if let Some(value) = value {
            planned.insert(shared_name(field.name), value);
        }
    }
    Arc::new(planned)
}

/// Whether a resource was there before the state had it and is only used: an EIP or a disk
/// that the manifest names by its id.
pub(crate) fn is_existing(kind: Kind, applied: &Map) -> bool {
    match kind {
        Kind::Eip => applied.contains_key("id"),
        Kind::Volume => applied.contains_key("volume_handle"),
        Kind::ContainerGroup => false,
    }
}

/// A resource that goes: it is deleted, or let go.
pub(crate) fn leave(
    address: &Address,
    state: &ResourceState,
    resource: Option<&Arc<Resource>>,
    (action, reason): (Action, Reason),
) -> Step {
    Step {
        address: address.clone(),
        action,
        reason: Some(reason),
        place: resource.map(|resource| resource.place.clone()),
        id: state.id.clone(),
        state: Some(Arc::new(state.clone())),
        desired: None,
        planned: None,
        changes: Vec::new(),
        needs: Vec::new(),
        create_first: false,
        rebinds: false,
        detaches: Vec::new(),
        moved_from: None,
        import: None,
        resource: resource.cloned(),
    }
}
