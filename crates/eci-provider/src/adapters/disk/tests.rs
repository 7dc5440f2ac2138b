//! Tests of the adapter of volumes.

use serde_json::json;

use super::*;
use crate::fixtures::volume;
use crate::remote::RemoteObject;

#[test]
fn a_disk_is_decoded_into_the_form_of_its_manifest_without_the_operation_label() {
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
    assert_eq!(
        RemoteObject::from(described.clone()).is_created_by(&operation),
        Some(true)
    );
    let object = RemoteObject::from(described);
    // The cloud's own word of two vocabularies.
    assert_eq!(object.status, "detached");
    assert_eq!(
        object.attributes_with_prior(&applied, &Map::new())[&"disk".into()],
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
    for (labels, is_created, mark) in cases {
        let described = disk(labels.clone());
        assert_eq!(
            RemoteObject::from(described.clone()).is_created_by(&operation),
            is_created,
            "{labels}"
        );
        assert_eq!(
            RemoteObject::from(described).operation_mark(),
            mark,
            "{labels}"
        );
    }
}

/// Lists each field of the manifest with its place on the wire.
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
    let shared = sent(json!({ "name": "data", "size": 40, "kind": "SAS", "multi_attach": true }));
    assert_eq!(shared["multiAttach"], json!(true));
}
