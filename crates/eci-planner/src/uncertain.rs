//! Changes whose outcome is unknown.

use std::collections::BTreeSet;

use eci_core::{DigestKey, Kind, Map, Path, Value};

use crate::diff::{AttributeChange, Scope, diff};

/// An EIP shows by the public address of its group, and so does what a change of it came to.
const EIP: &str = "eip";

/// Returns the attributes that differ in something which the cloud does not report, so that nobody
/// can see what became of a change of them.
pub fn unreported(kind: Kind, key: &DigestKey, before: &Map, after: &Map) -> BTreeSet<String> {
    let object = kind.schema();
    let reported = diff(object, key, before, after, Scope::seen(kind));
    let is_reported = |path: &Path| reported.iter().any(|change| change.path == *path);
    let sent = |change: &&AttributeChange| {
        let mut fields = object.fields.iter();
        let name = change.path.attribute();
        fields
            .any(|field| Some(field.name) == name && (field.wire.is_some() || field.own.is_some()))
    };
    let changes = diff(object, key, before, after, Scope::Given);
    let changes = changes.iter().filter(sent);
    changes
        .filter(|change| !is_reported(&change.path))
        .filter_map(|change| change.path.attribute())
        .filter(|name| *name != EIP)
        .map(str::to_owned)
        .collect()
}

/// The attributes that are sent again because the outcome of an earlier change of them is unknown,
/// unless they change anyway.
pub(crate) fn repeated(
    kind: Kind,
    uncertain: &BTreeSet<String>,
    applied: &Map,
    desired: &Map,
    changes: &[AttributeChange],
) -> Vec<AttributeChange> {
    let changes_anyway = |name: &str| {
        let mut changes = changes.iter();
        changes.any(|change| change.path.attribute() == Some(name))
    };
    let value = |map: &Map, name: &str| map.get(name).cloned().unwrap_or(Value::Null);
    let names = uncertain.iter().map(String::as_str);
    let names = names.filter(|name| *name != EIP);
    let fields = names.filter(|name| !changes_anyway(name));
    let fields = fields.filter_map(|name| {
        let mut fields = kind.schema().fields.iter();
        fields.find(|field| field.name == name)
    });
    fields
        .map(|field| AttributeChange {
            path: Path::root().name(field.name),
            before: value(applied, field.name),
            after: value(desired, field.name),
            change: field.change,
        })
        .collect()
}
