//! Changes whose outcome is unknown.

use std::collections::BTreeSet;

use eci_core::kinds::GROUP_EIP;
use eci_core::schema::{Change, Field, Type};
use eci_core::{DigestKey, Kind, Map, Path, Value, path};

use eci_state::ResourceState;

use crate::diff::{AttributeChange, DiffScope, Sides, diff};

/// Returns the units with a difference that the cloud does not report, so that the outcome of a
/// change of them cannot be observed.
pub fn unreported(kind: Kind, key: &DigestKey, before: &Map, after: &Map) -> BTreeSet<String> {
    let object = kind.schema();
    let reported = diff(
        object,
        key,
        Sides { before, after },
        DiffScope::of_kind(kind),
    );
    let is_reported = |path: &Path| reported.iter().any(|change| change.path == *path);
    let changes = diff(object, key, Sides { before, after }, DiffScope::Given);
    let hidden = changes.iter().map(|change| &change.path);
    let hidden: Vec<&Path> = hidden.filter(|path| !is_reported(path)).collect();
    let units = units(kind, &[before, after]).into_iter();
    units
        .filter(|unit| unit.is_sent && hidden.iter().any(|path| unit.holds(path)))
        .map(|unit| unit.path.to_string())
        .collect()
}

/// Returns the attributes whose reported values differ from those in the state.
pub fn changed_since(
    kind: Kind,
    key: &DigestKey,
    state: &ResourceState,
    now: &Map,
) -> BTreeSet<String> {
    let changes = diff(
        kind.schema(),
        key,
        Sides {
            before: &state.observed,
            after: now,
        },
        DiffScope::of_kind(kind),
    );
    let attributes = changes.iter().filter_map(|change| change.path.attribute());
    attributes.map(str::to_owned).collect()
}

/// Returns the units that these changes send, as [`unreported`] names them.
pub fn sent_units<'a>(
    kind: Kind,
    attributes: &Map,
    changed: impl IntoIterator<Item = &'a Path>,
) -> BTreeSet<String> {
    let units = units(kind, &[attributes]);
    let of = |path: &Path| units.iter().find(|unit| unit.holds(path));
    let changed = changed.into_iter().filter_map(of);
    changed.map(|unit| unit.path.to_string()).collect()
}

/// Returns the units that are sent again because the outcome of an earlier change of them is
/// unknown, unless they change anyway.
/// **Invariant:** each of them is updated in place: sending a value again to an existing object never
/// replaces it.
pub(crate) fn repeated(
    kind: Kind,
    uncertain: &BTreeSet<String>,
    sides: Sides<&Map>,
    changes: &[AttributeChange],
) -> Vec<AttributeChange> {
    let Sides { before, after } = sides;
    if uncertain.is_empty() {
        return Vec::new();
    }
    let changes_anyway = |unit: &Unit| changes.iter().any(|change| unit.holds(&change.path));
    let units = units(kind, &[before, after]).into_iter();
    units
        .filter(|unit| unit.is_sent && unit.change == Change::InPlace)
        .filter(|unit| unit.is_in(uncertain) && !changes_anyway(unit))
        .map(|unit| AttributeChange {
            before: value_at(before, &unit.path),
            after: value_at(after, &unit.path),
            change: unit.change,
            path: unit.path,
        })
        .collect()
}

/// A unit that a call changes as a whole: an attribute, or a part of one whose parts change by themselves.
struct Unit {
    path: Path,
    change: Change,
    /// Whether the cloud is sent it at all, and does not show otherwise what it has.
    is_sent: bool,
    /// Whether it is a part of an attribute, and the cloud does not report it.
    is_hidden_part: bool,
}

impl Unit {
    /// Returns whether an attribute is this unit or a part of it.
    fn holds(&self, path: &Path) -> bool {
        path.0.starts_with(&self.path.0)
    }

    /// Returns whether the outcome of a change of it is unknown.
    ///
    /// Earlier versions recorded the attribute as a whole: then that is so of all its parts that the cloud
    /// does not report.
    fn is_in(&self, uncertain: &BTreeSet<String>) -> bool {
        let attribute = self.path.attribute().unwrap_or_default();
        uncertain.contains(&self.path.to_string())
            || self.is_hidden_part && uncertain.contains(attribute)
    }
}

/// Returns all units of resources with these attributes.
fn units(kind: Kind, attributes: &[&Map]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let applies = |field: &&Field| {
        field.is_writable() && attributes.iter().any(|entries| field.applies_to(entries))
    };
    for field in kind.schema().fields.iter().filter(applies) {
        let path = Path::root().name(field.name);
        let is_sent = (field.request_path.is_some() || field.service_request_path.is_some())
            && field.name != GROUP_EIP;
        match (field.change_of_parts(field.change), &field.ty) {
            (None, Type::Object(object)) => {
                let parts = object.fields.iter().filter(|part| part.is_writable());
                units.extend(parts.map(|part| Unit {
                    path: path.name(part.name),
                    change: part.change,
                    is_sent,
                    is_hidden_part: part.response_path.is_none(),
                }));
            }
            _ if units.iter().any(|unit| unit.path == path) => {}
            (around, _) => units.push(Unit {
                path,
                change: around.unwrap_or(field.change),
                is_sent,
                is_hidden_part: false,
            }),
        }
    }
    units
}

/// Returns the value at a path of names; null where there is none.
fn value_at(attributes: &Map, path: &Path) -> Value {
    let mut steps = path.0.iter().filter_map(|step| match step {
        path::PathStep::Name(name) => Some(&**name),
        path::PathStep::Index(_) | path::PathStep::Key(_) | path::PathStep::Secret => None,
    });
    let first = steps.next().and_then(|name| attributes.get(name));
    let value = first.and_then(|first| steps.try_fold(first, |value, name| value.get(name)));
    value.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 3] = [Kind::ContainerGroup, Kind::Eip, Kind::Volume];

    /// The values that an earlier update may have sent are sent again in place, whatever they are.
    #[test]
    fn an_uncertain_update_is_repeated_in_place_path_by_path() {
        let nothing = Map::new();
        let sides = Sides {
            before: &nothing,
            after: &nothing,
        };
        for kind in KINDS {
            for unit in units(kind, &[&nothing]) {
                let is_repeated = unit.is_sent && unit.change == Change::InPlace;
                let uncertain = BTreeSet::from([unit.path.to_string()]);
                let again = repeated(kind, &uncertain, sides, &[]);
                let paths: Vec<&Path> = again.iter().map(|change| &change.path).collect();
                let expected: &[&Path] = if is_repeated { &[&unit.path] } else { &[] };
                assert_eq!(paths, expected, "{kind:?} {}", unit.path);
                assert!(again.iter().all(|it| it.change == Change::InPlace));
                // Once it changes anyway, and whatever else changes as well.
                let anyway = repeated(kind, &uncertain, sides, &again);
                assert!(anyway.is_empty(), "{kind:?} {}", unit.path);
            }
        }
    }

    #[test]
    fn another_part_that_changes_leaves_the_uncertain_one_to_be_sent() {
        let path = |part: &str| Path::root().name("disk").name(part);
        let change = AttributeChange {
            path: path("name"),
            before: Value::from("a"),
            after: Value::from("b"),
            change: Change::InPlace,
        };
        let nothing = Map::new();
        let sides = Sides {
            before: &nothing,
            after: &nothing,
        };
        // An earlier version recorded the whole.
        for recorded in ["disk.description", "disk"] {
            let uncertain = BTreeSet::from([recorded.to_owned()]);
            let changes = std::slice::from_ref(&change);
            let again = repeated(Kind::Volume, &uncertain, sides, changes);
            let paths: Vec<&Path> = again.iter().map(|change| &change.path).collect();
            assert_eq!(paths, [&path("description")]);
        }
    }
}
