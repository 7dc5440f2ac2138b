//! The planned attributes of a resource: the desired ones, and what the cloud adds to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::kinds::is_standalone;
use eci_core::schema::{Availability, Field};
use eci_core::value::shared_name;
use eci_core::{Kind, Map, Value};
use eci_state::ResourceState;

use crate::current::{ChosenAttributes, Merge};
use crate::diff::DiffScope;
use crate::observed::{is_filled_in, is_up_to_date};

/// The attribute that only the cloud changes.
const STATUS: &str = "status";

/// Returns the desired attributes with those that the cloud added: what references see.
pub fn with_computed(kind: Kind, desired: &Arc<Map>, reported: &Map) -> Arc<Map> {
    let filled_in = is_filled_in(kind, reported);
    planned(
        kind,
        desired,
        ComputedValues::Kept {
            current: reported,
            filled_in,
            awaits_status: false,
        },
    )
}

/// Returns the attributes of a resource of the state as it is, as far as the last run saw it.
pub fn actual(kind: Kind, state: &ResourceState) -> Arc<Map> {
    if !is_up_to_date(kind, state) {
        return with_computed(kind, &state.applied, &state.observed);
    }
    let scope = DiffScope::of_kind(kind);
    let object = kind.schema();
    let now = Merge {
        scope,
        chosen: ChosenAttributes::LeftOut,
    }
    .table(object, &state.applied, &state.observed);
    with_computed(kind, &Arc::new(now), &state.observed)
}

/// Returns whether a run waits until the status of a resource that stays as it is is another one.
pub(super) fn is_waited_for(kind: Kind, state: &ResourceState, current: &Map) -> bool {
    let is_at_rest = kind.properties().is_filled_in_later && is_filled_in(kind, current);
    state.id.is_some() && state.ready_by.is_some() && !is_at_rest
}

/// Returns what is observed of a resource, with those attributes unknown that the cloud has not
/// filled in yet.
pub(crate) fn observed_so_far(kind: Kind, state: &ResourceState) -> Map {
    let mut reported = Map::clone(&state.applied);
    reported.extend(Map::clone(&state.observed));
    leave_open(kind, state, &mut reported);
    reported
}

/// Makes those attributes of a resource of the state unknown that the cloud has not filled in yet.
pub fn leave_open(kind: Kind, state: &ResourceState, attributes: &mut Map) {
    if state.has_been_ready() && is_filled_in(kind, &state.observed) {
        return;
    }
    for field in kind.schema().fields {
        if field.presence == Availability::Computed && is_open(field, &state.applied, attributes) {
            attributes.insert(shared_name(field.name), Value::Unknown);
        }
    }
}

/// Returns whether the cloud is still to fill in an attribute.
///
/// What comes with another one does not come without it.
fn is_open(field: &Field, desired: &Map, current: &Map) -> bool {
    let comes = field
        .recomputed_with
        .is_none_or(|other| desired.contains_key(other));
    comes && current.get(field.name).is_none_or(Value::is_null)
}

/// The origin of the read-only attributes.
pub(super) enum ComputedValues<'a> {
    New,
    Changed {
        current: &'a Map,
        touched: BTreeSet<&'a str>,
        filled_in: bool,
        awaits_status: bool,
    },
    Kept {
        current: &'a Map,
        /// Whether the cloud has filled in all that it adds.
        filled_in: bool,
        /// Whether the run waits for another status.
        awaits_status: bool,
    },
}

/// Returns the desired attributes with those that the cloud adds, as far as they are known.
pub(super) fn planned(kind: Kind, desired: &Arc<Map>, computed: ComputedValues<'_>) -> Arc<Map> {
    if !is_standalone(kind, desired) {
        return desired.clone();
    }
    let fields = kind.schema().fields;
    let open = |field: &&Field| match field.presence {
        Availability::Computed => true,
        Availability::OptionalComputed => !desired.contains_key(field.name),
        Availability::Optional => kind.properties().assigned.contains(&field.name),
        Availability::Required => false,
    };
    let mut planned = Map::clone(desired);
    planned.reserve(fields.iter().filter(open).count());
    for field in fields.iter().filter(open) {
        let value = match &computed {
            ComputedValues::New => Some(Value::Unknown),
            ComputedValues::Changed { touched, .. }
                if field
                    .recomputed_with
                    .is_some_and(|other| touched.contains(other)) =>
            {
                Some(Value::Unknown)
            }
            ComputedValues::Changed {
                awaits_status: true,
                ..
            }
            | ComputedValues::Kept {
                awaits_status: true,
                ..
            } if field.name == STATUS => Some(Value::Unknown),
            ComputedValues::Changed {
                current, filled_in, ..
            }
            | ComputedValues::Kept {
                current, filled_in, ..
            } => {
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
