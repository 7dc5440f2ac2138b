//! The report of a disk, in terms of the attributes of its volume.

use std::sync::Arc;

use eci_api::types::DescribedDisk;
use eci_core::kinds::{DISK, VOLUME};
use eci_core::{Map, OperationTag, Value, truncate};
use serde_json::Value as Json;

use crate::wire::{decode_own, is_silent};

/// Returns the attributes of the volume of a disk, without the label of eci.
pub(super) fn attributes(disk: &DescribedDisk) -> Map {
    let mut attributes = decode_own(&VOLUME, &disk.raw);
    if let Some(Value::Map(parts)) = attributes.get_mut("disk") {
        without_ours(Arc::make_mut(parts));
    }
    attributes
}

/// Returns the cloud's own word for its status, which may be one of several for the same.
pub(super) fn status(disk: &DescribedDisk) -> String {
    let word = disk.raw.get("diskStatus").and_then(Json::as_str);
    truncate(word.unwrap_or_default())
}

fn without_ours(parts: &mut Map) {
    let Some(Value::Map(labels)) = parts.get("labels") else {
        return;
    };
    let mut labels = (**labels).clone();
    labels.remove(OperationTag::KEY);
    match labels.is_empty() {
        true => parts.remove("labels"),
        false => parts.insert("labels".into(), Value::map(labels)),
    };
}

/// The operation tag among the labels of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OperationLabel<'a> {
    /// The region has no labels, so that nothing tells who created the disk.
    Unknown,
    /// There are labels, and none is an operation tag: eci did not create the disk.
    Absent,
    /// The short form of the operation that created the disk.
    Present(&'a str),
}

impl OperationLabel<'_> {
    pub(super) fn of(disk: &DescribedDisk) -> OperationLabel<'_> {
        if disk.raw.get("labels").is_none_or(Json::is_null) {
            return OperationLabel::Unknown;
        }
        let mut labels = disk.labels.iter();
        match labels.find(|label| label.key == OperationTag::KEY) {
            Some(label) => OperationLabel::Present(&label.value),
            None => OperationLabel::Absent,
        }
    }
}

/// Returns whether the create of this operation made the disk; `None` where the region has no labels.
pub fn is_made_by(disk: &DescribedDisk, operation: &OperationTag) -> Option<bool> {
    match OperationLabel::of(disk) {
        OperationLabel::Unknown => None,
        OperationLabel::Absent => Some(false),
        OperationLabel::Present(label) => Some(label == operation.short()),
    }
}

/// Returns what has a disk.
pub(super) fn attached_to(disk: &DescribedDisk) -> Option<String> {
    if !disk.is_in_use() {
        return None;
    }
    let attached = disk
        .attachments
        .iter()
        .find_map(|it| it.instance_id.clone());
    let named = disk.instance_id.clone().filter(|id| !id.is_empty());
    Some(named.or(attached).unwrap_or_else(|| "something".to_owned()))
}

/// Returns the attributes with those that were asked for and that the answer keeps silent about.
pub(super) fn with_unreported(attributes: &Map, raw: &Json, applied: &Map) -> Map {
    let mut whole = attributes.clone();
    let asked = applied.get("disk").and_then(Value::as_map);
    let (Some(Value::Map(parts)), Some(asked)) = (whole.get_mut("disk"), asked) else {
        return whole;
    };
    let parts = Arc::make_mut(parts);
    for field in DISK.fields {
        let silent = field
            .response_path
            .is_some_and(|place| is_silent(raw, place));
        if let (true, Some(value)) = (silent, asked.get(field.name)) {
            parts.entry(field.name.into()).or_insert(value.clone());
        }
    }
    whole
}

/// Returns how it is paid for, as far as an answer about it alone tells. A list tells less.
pub(super) fn terms(raw: &Json) -> Map {
    let mut terms = Map::new();
    if raw.get("onDemand").and_then(Json::as_bool) == Some(true) {
        terms.insert("on_demand".into(), Value::from(true));
        return terms;
    }
    let cycle = raw.get("cycleType").and_then(Json::as_str);
    if let Some(cycle) = cycle.filter(|it| !it.is_empty()) {
        terms.insert("on_demand".into(), Value::from(false));
        terms.insert("cycle_type".into(), Value::from(cycle));
        if let Some(count) = raw.get("cycleCount").and_then(Json::as_i64) {
            terms.insert("cycle_count".into(), Value::from(count));
        }
    }
    terms
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixtures::volume;
    use crate::remote::RemoteObject;

    #[test]
    fn a_disk_is_told_in_the_form_of_its_manifest_and_without_our_label() {
        let applied = volume(json!({
            "name": "data", "size": 40, "kind": "SATA", "delete_snap_with_ebs": true,
            "labels": { "a": "b" },
        }));
        let operation = OperationTag::from_recorded("l.op");
        let mut report = json!({
            "diskID": "d-1", "diskName": "data", "diskSize": 40, "diskType": "SATA",
            "diskMode": "VBD", "diskStatus": "detached", "multiAttach": false,
            "isEncrypt": false, "deleteSnapWithEbs": "--", "labels": [
                { "key": "a", "value": "b" },
                { "key": "eci:operation", "value": operation.short() },
            ],
        });
        let described = DescribedDisk::from_report(report.clone()).unwrap();
        assert_eq!(is_made_by(&described, &operation), Some(true));
        let seen = RemoteObject::from(described);
        // The cloud's own word of two vocabularies.
        assert_eq!(seen.status, "detached");
        assert_eq!(
            seen.attributes_with_prior(&applied, &Map::new())[&"disk".into()],
            applied[&"disk".into()]
        );
        report.as_object_mut().unwrap().remove("labels");
        let listed = RemoteObject::from(DescribedDisk::from_report(report).unwrap());
        assert_eq!(
            listed.attributes_with_prior(&applied, &Map::new())[&"disk".into()],
            applied[&"disk".into()]
        );
    }

    #[test]
    fn a_disk_with_foreign_labels_only_was_not_created_by_eci() {
        let operation = OperationTag::from_recorded("l.op");
        let disk = |labels: Json| {
            let report = json!({ "diskID": "d-1", "diskName": "data", "labels": labels });
            DescribedDisk::from_report(report).unwrap()
        };
        let label = |key: &str, value: &str| json!({ "key": key, "value": value });
        let ours = label(OperationTag::KEY, &operation.short());
        let cases = [
            (Json::Null, None, None),
            (json!([]), Some(false), None),
            (json!([label("team", "a")]), Some(false), None),
            (
                json!([label(OperationTag::KEY, "other")]),
                Some(false),
                Some("other"),
            ),
            (
                json!([label("team", "a"), ours]),
                Some(true),
                Some(&*operation.short()),
            ),
        ];
        for (labels, is_made, mark) in cases {
            let described = disk(labels.clone());
            assert_eq!(is_made_by(&described, &operation), is_made, "{labels}");
            assert_eq!(
                RemoteObject::from(described).operation_mark(),
                mark,
                "{labels}"
            );
        }
    }
}
