//! Planning of one resource.

mod comparison;
mod planned;
mod why;

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::kinds::{GROUP_EIP, existing_id, is_standalone};
use eci_core::schema::{digest_paths, missing_secret_paths};
use eci_core::{Diagnostic, Kind, Map, Value, codes};
use eci_state::ResourceState;
use eci_text::{Text, text};

use crate::action::{Action, Reason};
use crate::attachment::eip;
use crate::bindings::{for_record, with_eip};
use crate::create_before_destroy::keeps_name;
use crate::current::{ChosenAttributes, Merge};
use crate::diff::{AttributeChange, DiffScope, Sides, diff};
use crate::existing::is_identity;
use crate::ignore::mounts;
use crate::ignore::{Digests, IgnoredParts, KeptValues};
use crate::model::Drift;
use crate::observed::{Observation, is_filled_in};
use crate::prior_state::imported;
use crate::resource_input::{Removal, ResourceInput};
use crate::standalone;
use crate::step::Step;
use crate::uncertain::repeated;
use comparison::{Comparison, DisplayedAttributes, records_more};
pub(crate) use planned::observed_so_far;
use planned::{ComputedValues, is_waited_for, planned};
pub use planned::{actual, leave_open, with_computed};
use why::{Differences, claimed, reason};

/// The step of a resource, with what was observed while it was planned.
pub(crate) struct PlannedResource {
    pub(crate) step: Step,
    pub(crate) drift: Option<Drift>,
    /// The observed attributes, secrets as digests; none if the resource was not read.
    pub(crate) observed: Option<Arc<Map>>,
    /// The observation to be recorded, where the state has another one or has it with other
    /// marks.
    pub(crate) resealed: Option<Arc<Map>>,
    /// The attributes to record as applied as long as the step changes nothing, where the state
    /// differs: drift that was accepted or is ignored, and values with other marks.
    pub(crate) applied: Option<Arc<Map>>,
    pub(crate) problems: Vec<Diagnostic>,
}

impl PlannedResource {
    fn only(step: Step) -> PlannedResource {
        PlannedResource {
            step,
            drift: None,
            observed: None,
            resealed: None,
            applied: None,
            problems: Vec::new(),
        }
    }
}

pub(crate) fn plan_resource(input: ResourceInput<'_>) -> PlannedResource {
    let imported = match (&input.import, input.observation) {
        (Some(id), Some(Observation::Present(reported))) => Some(imported(&input, id, reported)),
        _ => None,
    };
    match (input.state, &imported) {
        // What the state records of an existing EIP or disk says nothing about it.
        (_, Some(state)) => plan_existing(input, state),
        (Some(state), None) => plan_existing(input, state),
        (None, None) => PlannedResource::only(create(input, Reason::New)),
    }
}

fn create(input: ResourceInput<'_>, reason: Reason) -> Step {
    let kind = input.resource.address.kind();
    let planned = planned(kind, &input.desired, ComputedValues::New);
    Step {
        address: input.resource.address.clone(),
        action: Action::Create,
        reason: Some(reason),
        place: Some(input.resource.place.clone()),
        id: None,
        state: input.state.cloned().map(Arc::new),
        changes: Vec::new(),
        planned: Some(planned),
        desired: Some(input.desired),
        dependencies: input.dependencies,
        create_before_destroy: false,
        transfers_eip: false,
        detaches: Vec::new(),
        moved_from: input.moved_from,
        import: None,
        pending: None,
        resends: false,
        resource: Some(Arc::clone(input.resource)),
    }
}

fn plan_existing(mut input: ResourceInput<'_>, state: &ResourceState) -> PlannedResource {
    let address = input.resource.address.clone();
    let kind = address.kind();
    let object = kind.schema();
    let key = input.key;
    let manifest = Arc::clone(&input.desired);
    let shown = DisplayedAttributes::new(object, key, &manifest, state);
    let (reported, observed) = match input.observation {
        Some(Observation::Missing) => {
            return PlannedResource {
                drift: Some(Drift {
                    address,
                    is_missing: true,
                    changes: Vec::new(),
                    ignored: Vec::new(),
                }),
                ..PlannedResource::only(create(input, Reason::Missing))
            };
        }
        Some(Observation::Present(reported)) => {
            (Some(shown.marks.mark(reported)), Some(shown.seal(reported)))
        }
        None => (None, None),
    };
    let scope = DiffScope::of_kind(kind);
    let mut drifted = match &reported {
        Some(reported) => diff(
            object,
            key,
            Sides {
                before: &shown.applied,
                after: reported,
            },
            scope,
        ),
        None => Vec::new(),
    };
    if let Some(observed) = &observed {
        drifted.retain(|change| !shown.is_incomparable(change, observed));
    }
    let bound = input.bound.take().filter(|_| reported.is_some());
    let observed = match &bound {
        Some(bound) => observed.map(|observed| for_record(observed, state, bound)),
        None => observed,
    };
    if let Some(bound) = &bound {
        let now = with_eip(&shown.applied, &bound.eip);
        drifted.extend(diff(
            object,
            key,
            Sides {
                before: &shown.applied,
                after: &now,
            },
            DiffScope::Given,
        ));
    }
    let is_as_applied = drifted.is_empty();
    if standalone::is_shared([Some(&state.applied), None, reported.as_deref()]) {
        drifted.retain(|change| !standalone::is_of_bandwidth(change));
    }
    let now = |chosen| match (&reported, &bound) {
        (Some(reported), bound) => {
            let now = Merge { scope, chosen }.table(object, &shown.applied, reported);
            Arc::new(match bound {
                Some(bound) => with_eip(&now, &bound.eip),
                None => now,
            })
        }
        (None, _) => Arc::clone(&shown.applied),
    };
    // What an interrupted replacement was still to bind is there but for that.
    let whole = |now: Arc<Map>| match &state.eip_pending {
        Some(eip) if !now.contains_key(GROUP_EIP) => Arc::new(with_eip(&now, eip)),
        _ => now,
    };
    let kept = LazyCell::new(|| whole(now(ChosenAttributes::LeftOut)));
    let ignored = IgnoredParts::new(object, &input.resource.lifecycle.ignore_changes, &manifest);
    // What never became ready may have failed because of what is ignored: as in Terraform, its
    // replacement gets what the manifest says.
    if !state.tainted && !ignored.is_empty() {
        let values = KeptValues {
            values: &kept,
            digests: Digests::Kept,
        };
        ignored.keep(object, key, &mut input.desired, values);
        mounts::keep_volumes(&mut input.desired, &kept, Digests::Kept);
    }
    let managed = [&state.applied, &input.desired].map(|map| is_standalone(kind, map));
    if managed == [false, true] {
        input.desired = manifest;
        return PlannedResource::only(create(input, Reason::OwnershipChanged));
    }
    let comparison = Comparison {
        object,
        key,
        shared: standalone::is_shared([
            Some(&state.applied),
            Some(&input.desired),
            reported.as_deref(),
        ]),
        applied: &state.applied,
        is_as_applied,
        now: LazyCell::new(|| now(ChosenAttributes::Included)),
    };
    let (mut changes, is_change_requested) = comparison.changes(&input.desired);
    let differs = !changes.is_empty();
    let redacted = key.redact_all(&input.desired);
    let sides = Sides {
        before: &*shown.applied(),
        after: &*redacted,
    };
    let repeated = repeated(kind, &state.uncertain, sides, &changes);
    let is_covered = |change: &AttributeChange| ignored.covers(&change.path);
    changes.extend(repeated.into_iter().filter(|change| !is_covered(change)));
    // A change that an earlier run may have made itself is not drift.
    let is_own = |change: &AttributeChange| {
        let attribute = change.path.attribute();
        attribute.is_some_and(|it| state.unconfirmed.contains(it))
    };
    let why = match (is_change_requested, differs) {
        (true, _) => Reason::Changed,
        (false, true) if changes.iter().all(is_own) => Reason::Uncertain,
        (false, true) => Reason::Drifted,
        (false, false) => Reason::Uncertain,
    };
    let public = observed.as_ref().unwrap_or(&state.observed);
    let filled_in = state.has_been_ready() && is_filled_in(kind, public);
    let stays = existing_id(kind, &input.desired).filter(|_| managed[0]);
    let reason = match managed {
        // What the manifest goes on using is not deleted.
        [true, false] if stays.is_some() && stays == state.id.as_deref() => {
            changes.retain(|change| is_identity(kind, change));
            Some(Reason::DeclaredExisting {
                by: address.clone(),
            })
        }
        [true, false] => Some(Reason::OwnershipChanged),
        _ => {
            let differences = Differences {
                changes: &changes,
                state,
                current: public,
            };
            reason(&input, differences, why)
        }
    };
    let reason = claimed(&input, state, reason, &mut changes);
    let action = match reason {
        None => Action::NoOp,
        Some(Reason::Imported) => Action::Import,
        Some(Reason::Moved) => Action::Move,
        Some(
            Reason::Changed
            | Reason::Drifted
            | Reason::Uncertain
            | Reason::Untagged
            | Reason::DeclaredExisting { .. },
        ) => Action::Update,
        Some(_) => Action::Replace,
    };
    let mut problems = Vec::new();
    match action {
        // All of it is sent: also what the cloud chose, or somebody else in its place; and not what
        // is known by its digest alone.
        Action::Replace if !state.tainted && !ignored.is_empty() => {
            let now = whole(Arc::clone(&comparison.now));
            input.desired = manifest.clone();
            let values = KeptValues {
                values: &now,
                digests: Digests::Replaced,
            };
            ignored.keep(object, key, &mut input.desired, values);
            mounts::keep_volumes(&mut input.desired, &now, Digests::Replaced);
            (changes, _) = comparison.changes(&input.desired);
        }
        _ => {}
    }
    if !kind.properties().is_ordered {
        problems = unsendable(&input, action, &changes);
    }
    // Nothing is sent, and nothing deleted for it, that the cloud is known to refuse.
    if matches!(action, Action::Update | Action::Replace) && !ignored.is_empty() {
        let unattached = mounts::unattached(&input.desired);
        let refused = unattached.iter();
        problems.extend(refused.map(|mount| mounts::refused(input.resource, mount)));
    }
    let computed = match action {
        Action::Replace => ComputedValues::New,
        Action::Update => {
            let touched = changes.iter().filter_map(|change| change.path.attribute());
            ComputedValues::Changed {
                current: public,
                touched: touched.collect(),
                filled_in,
                awaits_status: !is_filled_in(kind, public),
            }
        }
        _ => ComputedValues::Kept {
            current: public,
            filled_in,
            awaits_status: is_waited_for(kind, state, public),
        },
    };
    // An interrupted run may have bound it without recording that; then only the address shows it.
    let has_address = public
        .get("internet_ip")
        .is_some_and(|ip| *ip != Value::Null);
    // Somebody may have bound it, and it may be kept because that is ignored.
    let bound = bound
        .as_ref()
        .map(|bound| with_eip(&Map::new(), &bound.eip));
    let keeps_bound = bound.is_some_and(|bound| {
        let bound = eip(&bound);
        bound.is_some() && bound == eip(&input.desired)
    });
    let rebinds = keeps_bound
        || has_address && eip(&input.desired).is_some() && !state.applied.contains_key("eip");
    let planned = planned(kind, &input.desired, computed);
    let create_before_destroy = action == Action::Replace
        && (input.resource.lifecycle.create_before_destroy
            || standalone::requires_create_first(kind, &state.applied, &input.desired))
        && !keeps_name(kind, &state.applied, &input.desired);
    let accepted = comparison.accepted(&input.desired, &changes);
    let accepts =
        accepted != state.applied && (!drifted.is_empty() || records_more(&comparison, &accepted));
    let (ignored_drift, drifted) = drifted
        .into_iter()
        .filter(|drift| !is_own(drift))
        .partition(|drift| ignored.is_ignored(drift, &changes));
    let drift = Drift {
        address: address.clone(),
        is_missing: false,
        changes: drifted,
        ignored: ignored_drift,
    };
    let records = input.import.is_none();
    let accepts = records && accepts;
    PlannedResource {
        drift: Some(drift).filter(|drift| records && !drift.is_empty()),
        applied: Some(accepted).filter(|_| accepts),
        resealed: observed
            .clone()
            .or_else(|| Some(shown.seal(&state.observed)))
            .filter(|observed| records && *observed != state.observed),
        observed,
        problems,
        step: Step {
            address,
            action,
            reason,
            place: Some(input.resource.place.clone()),
            id: state.id.clone(),
            state: Some(Arc::new(shown.state(state))),
            planned: Some(planned),
            desired: Some(input.desired),
            changes,
            dependencies: input.dependencies,
            create_before_destroy,
            transfers_eip: rebinds,
            detaches: Vec::new(),
            moved_from: input.moved_from,
            import: input.import,
            pending: None,
            resends: false,
            resource: Some(Arc::clone(input.resource)),
        },
    }
}

/// Returns the secrets that would have to be sent along with a change, and that are not known.
fn unsendable(
    input: &ResourceInput<'_>,
    action: Action,
    changes: &[AttributeChange],
) -> Vec<Diagnostic> {
    let touched: BTreeSet<&str> = changes
        .iter()
        .filter_map(|change| change.path.attribute())
        .collect();
    let is_sent = |name: &str| match action {
        Action::Update => touched.contains(name),
        Action::Replace => true,
        _ => false,
    };
    let resource = input.resource;
    let object = resource.address.kind().schema();
    let sent = input.desired.iter();
    let sent: Map = sent
        .filter(|(name, _)| is_sent(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let digests = digest_paths(object, &sent).into_iter();
    let digests = digests.map(|path| {
        let message = text!(
            en: "cannot ignore changes of `{path}` in {address}: it is sent together with the rest of `{attribute}`, and only its digest is recorded",
            zh: "无法忽略 {address} 中 `{path}` 的变更：该值与 `{attribute}` 的其余部分一起发送，而状态中仅记录其摘要",
            path = path,
            address = resource.address,
            attribute = path.attribute().unwrap_or_default()
        );
        (path, message)
    });
    let missing = missing_secret_paths(object, &sent).into_iter();
    let missing = missing.map(|path| {
        let message = text!(
            en: "cannot ignore changes of `{path}` in {address}: it is sent together with the rest of `{attribute}`, and the cloud does not report it",
            zh: "无法忽略 {address} 中 `{path}` 的变更：该值与 `{attribute}` 的其余部分一起发送，而云端不返回该值",
            path = path,
            address = resource.address,
            attribute = path.attribute().unwrap_or_default()
        );
        (path, message)
    });
    let unsendable = digests.chain(missing).map(|(path, message)| {
        Diagnostic::new(codes::IGNORED_SECRET, message)
            .primary(resource.span_of(&path), Text::default())
            .help(text!(
                en: "remove it from `ignore_changes` for this change, or undo the change",
                zh: "本次变更时将其从 `ignore_changes` 中移除，或撤销变更"
            ))
    });
    unsendable.collect()
}

/// Returns whether a resource was there before the state had it and is only used: an EIP or a disk
/// that the manifest names by its id.
pub(crate) fn is_existing(kind: Kind, applied: &Map) -> bool {
    let name = kind.properties().existing_by;
    name.is_some_and(|name| applied.contains_key(name))
}

/// Returns the step of a resource that goes: it is deleted, or removed from the state.
pub(crate) fn plan_removal(removal: &Removal<'_>) -> Step {
    let Removal {
        address,
        state,
        resource,
        action,
        reason,
    } = removal;
    Step {
        address: address.clone(),
        action: *action,
        reason: Some(reason.clone()),
        place: resource.map(|resource| resource.place.clone()),
        id: state.id.clone(),
        state: Some(Arc::new(ResourceState::clone(state))),
        desired: None,
        planned: None,
        changes: Vec::new(),
        dependencies: Vec::new(),
        create_before_destroy: false,
        transfers_eip: false,
        detaches: Vec::new(),
        moved_from: None,
        import: None,
        pending: None,
        resends: false,
        resource: resource.cloned(),
    }
}
