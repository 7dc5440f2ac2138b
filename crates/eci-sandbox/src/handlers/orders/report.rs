//! Elastic IPs, disks and orders in answers.

use serde_json::{Map, Value, json};

use crate::engine::api_behavior::ApiBehavior;
use crate::model::clock::SimTime;
use crate::model::request::{is_set, text};
use crate::model::{Disk, Eip, Order};

/// Returns the report of an elastic IP, alone and in lists.
pub(super) fn eip(eip: &Eip, now: SimTime) -> Value {
    let holder = eip.holder.as_ref();
    let line = match eip.terms.line.as_str() {
        "" => "163",
        line => line,
    };
    json!({
            "ID": eip.id,
            "name": eip.name,
            "description": "",
            "eipAddress": eip.address.to_string(),
            "status": eip.status(now),
            "associationID": holder.map(|holder| &holder.id),
            "associationType": holder.map(|holder| &holder.kind),
            "privateIpAddress": Value::Null,
            "portID": "",
            "bandwidth": eip.shown_bandwidth(),
            "bandwidthID": eip.terms.shared,
            "bandwidthType": if eip.terms.by_traffic {
    "upflowc"
    } else {
    "standalone"
    },
            "billingMethod": match eip.terms.months {
                Some(_) => "periodic",
                None => "on_demand",
            },
            "lineType": line,
            "isPackaged": false,
            "enableSecondLevelMonitor": false,
            "tags": "",
            "projectID": project(&eip.terms.project),
            "resourceID": eip.id.replace("eip-", "res-"),
            "createdAt": eip.created.to_string(),
            "updatedAt": eip.updated.to_string(),
            "expiredAt": eip.expires.map(|end| end.to_string()),
        })
}

fn project(given: &str) -> &str {
    match given {
        "" => "0",
        given => given,
    }
}

/// The fields of a disk that are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// The fields in the calls for one disk.
    One,
    /// The fields in lists: no labels and no cycles.
    Many,
}

/// Returns the report of a disk.
///
/// Its properties determine which fields are present.
pub(super) fn disk(disk: &Disk, behavior: &ApiBehavior, detail: Detail, now: SimTime) -> Value {
    let spec = &disk.spec;
    let on_demand = !is_periodic(disk);
    let mut report = Map::new();
    let mut set = |name: &str, value: Value| {
        report.insert(name.to_owned(), value);
    };
    set("diskID", json!(disk.id));
    set("diskName", json!(disk.name));
    set("diskSize", json!(disk.size));
    for name in ["diskType", "diskMode"] {
        set(name, json!(text(spec, name)));
    }
    set("diskStatus", json!(disk_status(disk.status(now), behavior)));
    set("diskFreeze", json!(disk.frozen));
    set("regionID", json!(disk.realm.region));
    set("projectID", json!(project(text(spec, "projectID"))));
    if !disk.zone().is_empty() {
        set("azName", json!(disk.zone()));
    }
    set("createTime", json!(disk.created.millis()));
    set("updateTime", json!(disk.updated.max(disk.created).millis()));
    if let Some(end) = disk.expires {
        set("expireTime", json!(end.millis()));
    }
    for name in ["multiAttach", "isEncrypt"] {
        set(name, json!(is_set(spec, name)));
    }
    set("isPackaged", json!(false));
    if is_set(spec, "isEncrypt") {
        set("kmsUUID", json!(text(spec, "kmsUUID")));
    }
    if let Some(holder) = disk.holders.first() {
        set("instanceID", json!(holder));
        set("instanceName", json!(holder));
        set("instanceStatus", json!("running"));
        let attachments = disk.holders.iter().enumerate().map(|(at, holder)| {
            let device = format!("/dev/vd{}", char::from(b'b'.saturating_add(at as u8)));
            let id = format!("{}-{at}", disk.id);
            json!({ "instanceID": holder, "attachmentID": id, "device": device })
        });
        set("attachments", attachments.collect());
    }
    if text(spec, "diskType").starts_with("XSSD") {
        set("provisionedIops", json!(disk.iops));
    }
    match detail {
        Detail::Many => set("onDemand", json!(on_demand)),
        Detail::One => {
            if on_demand {
                set("onDemand", json!(true));
            } else {
                for name in ["cycleType", "cycleCount"] {
                    set(name, spec.get(name).cloned().unwrap_or_default());
                }
            }
            if let Some(labels) = spec.get("labels") {
                set("labels", labels.clone());
            }
            let deletes_snapshots = if behavior.no_snapshots {
                "--".to_owned()
            } else {
                disk.delete_snapshots.to_string()
            };
            set("deleteSnapWithEbs", json!(deletes_snapshots));
            set("deleteDiskWithInstance", json!(false));
            set("volumeSource", Value::Null);
            set("snapshotPolicyID", Value::Null);
        }
    }
    Value::Object(report)
}

fn is_periodic(disk: &Disk) -> bool {
    disk.expires.is_some()
}

/// Returns the word for a status in either of the vocabularies.
pub(super) fn disk_status(status: &str, behavior: &ApiBehavior) -> String {
    let word = match (behavior.older_disk_words, status) {
        (true, "available") => "unattached",
        (true, "in-use") => "attached",
        (true, "attaching") => "diskAttaching",
        (true, "extending") => "resizing",
        (_, status) => status,
    };
    word.to_owned()
}

/// Returns the members that every order object has.
fn order(order: &Order) -> Map<String, Value> {
    let Value::Object(report) = json!({
        "masterOrderID": order.id,
        "masterOrderNO": format!("2026{:016}", order.number),
        "regionID": order.realm.region,
    }) else {
        return Map::new();
    };
    report
}

/// Returns the order of an elastic IP, with the word for its state where it is over.
pub(super) fn eip_order(placed: &Order, over: &str, now: SimTime) -> Value {
    let mut report = order(placed);
    let (status, created) = match (placed.is_over(now), placed.fails) {
        (false, _) => ("starting", false),
        (true, true) => ("failed", false),
        (true, false) => (over, true),
    };
    report.insert("masterResourceID".to_owned(), json!(placed.id));
    report.insert("masterResourceStatus".to_owned(), json!(status));
    let id = created.then_some(&placed.subject);
    report.insert("eipID".to_owned(), json!(id));
    Value::Object(report)
}

/// Returns the order of a disk that is not over yet.
pub(super) fn disk_order(placed: &Order) -> Value {
    Value::Object(order(placed))
}

/// Returns the order of a disk that is over.
pub(super) fn disk_order_done(placed: &Order, disk: &Disk) -> Value {
    let mut report = order(placed);
    report.insert("masterResourceID".to_owned(), json!(placed.id));
    report.insert("masterResourceStatus".to_owned(), json!("started"));
    report.insert(
        "resources".to_owned(),
        json!([{
            "diskID": disk.id,
            "diskName": disk.name,
            "itemValue": disk.size,
            "resourceType": "EBS",
            "status": 2,
            "isMaster": true,
            "orderID": placed.id,
            "masterOrderID": placed.id,
            "masterResourceID": placed.id,
            "startTime": placed.complete.millis(),
            "createTime": placed.placed.millis(),
            "updateTime": placed.complete.millis(),
        }]),
    );
    Value::Object(report)
}
