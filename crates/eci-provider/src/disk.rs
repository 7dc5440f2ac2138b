//! Managed disks.

use std::sync::Arc;

use eci_api::CallError;
use eci_api::types::{CreateDisk, DescribedDisk, DiskFilter, DiskId, Label};
use eci_core::kinds::{DISK, VOLUME};
use eci_core::{Map, OperationTag, Value, truncate};
use serde_json::Value as Json;

use crate::many::whole;
use crate::provider::Provider;
use crate::request::{RequestError, read_as};
use crate::services::Cloud;
use crate::thing::{RemoteObject, RemoteReport};
use crate::wire::{decode_own, encode_own, is_silent};

/// The order for the disk of a volume of these attributes. Its label is found again where the
/// answer is lost.
///
/// # Errors
/// If an attribute is not known yet, or only its digest is left.
pub fn disk_request(
    attributes: &Map,
    operation: &OperationTag,
) -> Result<CreateDisk, RequestError> {
    let mut request: CreateDisk = read_as(encode_own(&VOLUME, attributes)?)?;
    request.labels.push(Label {
        key: OperationTag::KEY.to_owned(),
        value: operation.short(),
    });
    Ok(request)
}

impl<A: Cloud> Provider<A> {
    /// A disk as it is now; `None` if it is gone.
    ///
    /// # Errors
    /// The call's.
    pub async fn disk(&self, id: &DiskId) -> Result<Option<RemoteObject>, CallError> {
        found(self.call_idempotent(|| self.api().describe_disk(id)).await)
    }

    /// The disk of this name as it is now, if there is one.
    ///
    /// # Errors
    /// The call's.
    pub async fn disk_named(&self, name: &str) -> Result<Option<RemoteObject>, CallError> {
        found(
            self.call_idempotent(|| self.api().describe_disk_by_name(name))
                .await,
        )
    }

    /// All disks of the region, of which less is told than of each alone.
    ///
    /// # Errors
    /// The first error of a page.
    pub async fn all_disks(&self) -> Result<Vec<RemoteObject>, CallError> {
        let all = whole(|| {
            eci_api::api::every_disk(DiskFilter::default(), |filter| async move {
                self.call_idempotent(|| self.api().list_disks(&filter))
                    .await
            })
        });
        Ok(all.await?.into_iter().map(look).collect())
    }
}

fn found(answer: Result<DescribedDisk, CallError>) -> Result<Option<RemoteObject>, CallError> {
    match answer {
        Ok(disk) => Ok(Some(look(disk))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A disk in terms of the attributes of its volume.
pub(crate) fn look(disk: DescribedDisk) -> RemoteObject {
    let mut attributes = decode_own(&VOLUME, &disk.raw);
    if let Some(Value::Map(parts)) = attributes.get_mut("disk") {
        without_ours(Arc::make_mut(parts));
    }
    RemoteObject {
        id: disk.id.to_string(),
        status: status(&disk),
        attributes,
        report: RemoteReport::Disk(Box::new(disk)),
    }
}

/// The cloud's own word, which may be one of several for the same.
fn status(disk: &DescribedDisk) -> String {
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
pub(crate) enum OperationLabel<'a> {
    /// The region has no labels, so that nothing tells who created the disk.
    Unknown,
    /// There are labels, and none is an operation tag: eci did not create the disk.
    Absent,
    /// The short form of the operation that created the disk.
    Present(&'a str),
}

impl OperationLabel<'_> {
    pub(crate) fn of(disk: &DescribedDisk) -> OperationLabel<'_> {
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

/// What has a disk.
pub(crate) fn attached_to(disk: &DescribedDisk) -> Option<String> {
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

/// The attributes with those that were asked for and that the answer keeps silent about.
pub(crate) fn with_unreported(attributes: &Map, raw: &Json, applied: &Map) -> Map {
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

/// How it is paid for, as far as an answer about it alone tells. A list tells less.
pub(crate) fn terms(raw: &Json) -> Map {
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

/// The size that is told, in GB.
pub(crate) fn size(look: &RemoteObject) -> Option<i64> {
    let size = look.attributes.get("disk")?.get("size")?;
    size.as_number()?.as_i64()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::schema::normalize_config;
    use serde_json::json;

    use super::*;

    fn volume(disk: Json) -> Map {
        let manifest = json!({
            "name": "data", "type": "DiskVolume", "fs_type": "ext4", "disk": disk,
        });
        let given: Value = serde_json::from_value(manifest).unwrap();
        let conformed = normalize_config(&VOLUME, given.as_map().unwrap());
        assert_eq!(conformed.violations, Vec::new());
        conformed.value.as_map().unwrap().clone()
    }

    /// Each field of the manifest with its place on the wire.
    #[test]
    fn every_field_is_sent_to_the_service_of_disks() {
        let operation = OperationTag::from_recorded("l.op");
        let ours = json!({ "key": "eci:operation", "value": operation.short() });
        let sent = |disk| {
            let request = disk_request(&volume(disk), &operation).unwrap();
            serde_json::to_value(request).unwrap()
        };
        assert_eq!(
            sent(json!({
                "name": "data", "size": 40, "kind": "XSSD-0", "az_name": "az1", "project_id": "p",
                "on_demand": false, "cycle_type": "month", "cycle_count": 2, "image_id": "i",
                "provisioned_iops": 100, "delete_snap_with_ebs": true, "description": "d",
                "labels": { "a": "b" },
            })),
            json!({
                "diskName": "data", "diskSize": 40, "diskType": "XSSD-0", "diskMode": "VBD",
                "azName": "az1", "projectID": "p", "onDemand": false, "cycleType": "month",
                "cycleCount": 2, "imageID": "i", "provisionedIops": 100,
                "deleteSnapWithEbs": true, "volumeDescription": "d",
                "labels": [{ "key": "a", "value": "b" }, ours],
            })
        );
        assert_eq!(
            sent(json!({
                "name": "data", "size": 40, "kind": "SAS", "is_encrypt": true, "kms_uuid": "k",
                "backup_id": "b",
            })),
            json!({
                "diskName": "data", "diskSize": 40, "diskType": "SAS", "diskMode": "VBD",
                "isEncrypt": true, "kmsUUID": "k", "backupID": "b", "labels": [ours],
            })
        );
        let shared =
            sent(json!({ "name": "data", "size": 40, "kind": "SAS", "multi_attach": true }));
        assert_eq!(shared["multiAttach"], json!(true));
    }

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
        let seen = look(described);
        // The cloud's own word of two vocabularies.
        assert_eq!(seen.status, "detached");
        assert_eq!(
            seen.attributes_with_prior(&applied, &Map::new())[&"disk".into()],
            applied[&"disk".into()]
        );
        report.as_object_mut().unwrap().remove("labels");
        let listed = look(DescribedDisk::from_report(report).unwrap());
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
            assert_eq!(look(described).operation_mark(), mark, "{labels}");
        }
    }
}
