//! What elastic IPs, disks and orders look like in answers.

use serde_json::{Map, Value, json};

use crate::engine::habits::ApiBehavior;
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
        "bandwidthType": match eip.terms.by_traffic {
            true => "upflowc",
            false => "standalone",
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

/// Returns the report of a disk. Its properties determine which fields are present.
pub(super) fn disk(disk: &Disk, habits: &ApiBehavior, detail: Detail, now: SimTime) -> Value {
    let spec = &disk.spec;
    let on_demand = !is_periodic(disk);
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| {
        told.insert(name.to_owned(), value);
    };
    tell("diskID", json!(disk.id));
    tell("diskName", json!(disk.name));
    tell("diskSize", json!(disk.size));
    for name in ["diskType", "diskMode"] {
        tell(name, json!(text(spec, name)));
    }
    tell("diskStatus", json!(disk_status(disk.status(now), habits)));
    tell("diskFreeze", json!(disk.frozen));
    tell("regionID", json!(disk.realm.region));
    tell("projectID", json!(project(text(spec, "projectID"))));
    if !disk.zone().is_empty() {
        tell("azName", json!(disk.zone()));
    }
    tell("createTime", json!(disk.created.millis()));
    tell("updateTime", json!(disk.updated.max(disk.created).millis()));
    if let Some(end) = disk.expires {
        tell("expireTime", json!(end.millis()));
    }
    for name in ["multiAttach", "isEncrypt"] {
        tell(name, json!(is_set(spec, name)));
    }
    tell("isPackaged", json!(false));
    if is_set(spec, "isEncrypt") {
        tell("kmsUUID", json!(text(spec, "kmsUUID")));
    }
    if let Some(holder) = disk.holders.first() {
        tell("instanceID", json!(holder));
        tell("instanceName", json!(holder));
        tell("instanceStatus", json!("running"));
        let attachments = disk.holders.iter().enumerate().map(|(at, holder)| {
            let device = format!("/dev/vd{}", char::from(b'b'.saturating_add(at as u8)));
            let id = format!("{}-{at}", disk.id);
            json!({ "instanceID": holder, "attachmentID": id, "device": device })
        });
        tell("attachments", attachments.collect());
    }
    if text(spec, "diskType").starts_with("XSSD") {
        tell("provisionedIops", json!(disk.iops));
    }
    match detail {
        Detail::Many => tell("onDemand", json!(on_demand)),
        Detail::One => {
            if on_demand {
                tell("onDemand", json!(true));
            } else {
                for name in ["cycleType", "cycleCount"] {
                    tell(name, spec.get(name).cloned().unwrap_or_default());
                }
            }
            if let Some(labels) = spec.get("labels") {
                tell("labels", labels.clone());
            }
            let snapshots_go = match habits.no_snapshots {
                true => "--".to_owned(),
                false => disk.delete_snapshots.to_string(),
            };
            tell("deleteSnapWithEbs", json!(snapshots_go));
            tell("deleteDiskWithInstance", json!(false));
            tell("volumeSource", Value::Null);
            tell("snapshotPolicyID", Value::Null);
        }
    }
    Value::Object(told)
}

fn is_periodic(disk: &Disk) -> bool {
    disk.expires.is_some()
}

/// Returns the word for a status in either of the vocabularies.
pub(super) fn disk_status(status: &str, habits: &ApiBehavior) -> String {
    let word = match (habits.older_disk_words, status) {
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
    let Value::Object(told) = json!({
        "masterOrderID": order.id,
        "masterOrderNO": format!("2026{:016}", order.number),
        "regionID": order.realm.region,
    }) else {
        return Map::new();
    };
    told
}

/// Returns the order of an elastic IP, with the word for its state where it is over.
pub(super) fn eip_order(placed: &Order, over: &str, now: SimTime) -> Value {
    let mut told = order(placed);
    let (status, made) = match (placed.is_over(now), placed.fails) {
        (false, _) => ("starting", false),
        (true, true) => ("failed", false),
        (true, false) => (over, true),
    };
    told.insert("masterResourceID".to_owned(), json!(placed.id));
    told.insert("masterResourceStatus".to_owned(), json!(status));
    let id = made.then_some(&placed.subject);
    told.insert("eipID".to_owned(), json!(id));
    Value::Object(told)
}

/// Returns the order of a disk that is not over yet.
pub(super) fn disk_order(placed: &Order) -> Value {
    Value::Object(order(placed))
}

/// Returns the order of a disk that is over.
pub(super) fn disk_order_done(placed: &Order, disk: &Disk) -> Value {
    let mut told = order(placed);
    told.insert("masterResourceID".to_owned(), json!(placed.id));
    told.insert("masterResourceStatus".to_owned(), json!("started"));
    told.insert(
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
    Value::Object(told)
}
