//! The report of a group, without the fields that the cloud does not report.
//!
//! Not reported back are the eip settings, dnsConfig, hostAliases, securityContext,
//! registry credentials, the credential of a ZosVolume, flavorName, azInfo,
//! ephemeralVolume, hostName, iamRoleName, imageCacheId, autoMatchImageCache,
//! dataCacheBucket, alsInstanceId, cpuArchitecture and the modes of files.

mod container;
mod fields;
mod volume;

use serde_json::{Map, Value, json};

use crate::model::Group;
use crate::model::clock::{SimTime, TimeScale};
use crate::model::lifecycle::Event;
use crate::model::request::{objects, text};

/// Returns the report of a group at `now` in describeContainerGroup and describeContainerGroups.
pub(crate) fn group(group: &Group, now: SimTime, scale: TimeScale) -> Map<String, Value> {
    let spec = &group.spec;
    let phase = group.phase(now, scale);
    let mut report = Map::new();
    let mut set = |name: &str, value: Value| {
        report.insert(name.to_owned(), value);
    };
    set("containerGroupId", json!(group.id));
    set("containerGroupName", json!(group.name()));
    set("status", json!(phase.status));
    set("cpu", number(group.size.cpu));
    set("memory", number(group.size.memory));
    for name in ["gpu", "epId"] {
        if let Some(value) = spec.get(name) {
            set(name, value.clone());
        }
    }
    for name in ["restartPolicy", "vpcId", "vSwitchId", "securityGroupId"] {
        set(name, json!(text(spec, name)));
    }
    // An address comes with the place that the group runs in.
    let placed = now >= group.courses.placed;
    let intranet = if placed {
        group.intranet_ip().to_string()
    } else {
        String::new()
    };
    set("intranetIp", json!(intranet));
    let internet = group.internet_ip().filter(|_| placed);
    set(
        "internetIp",
        json!(internet.map_or(String::new(), |ip| ip.to_string())),
    );
    set("ipv6Address", json!(""));
    set("tenantEniInstanceId", json!(group.identity.interface));
    set("vmId", json!(group.identity.machine));
    set("prodInstId", json!(group.identity.order));
    set("creationTime", json!(group.created.to_string()));
    if let Some(time) = phase.succeeded {
        set("succeededTime", json!(time.to_string()));
    }
    if let Some(time) = phase.failed {
        set("failedTime", json!(time.to_string()));
    }
    let tags: Vec<Value> = group
        .tags()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    set("tags", Value::Array(tags));
    for (list, views) in [("containers", &phase.main), ("initContainers", &phase.init)] {
        let containers = objects(spec, list)
            .zip(views)
            .map(|(one, view)| container::report(&group.id, one, view))
            .collect();
        set(list, Value::Array(containers));
    }
    set(
        "volumes",
        objects(spec, "volumes").map(volume::report).collect(),
    );
    set("events", events(group, now, scale));
    report
}

/// Returns the events of a group until `now`.
pub(crate) fn events(group: &Group, now: SimTime, scale: TimeScale) -> Value {
    group
        .events(now, scale)
        .iter()
        .enumerate()
        .map(|(at, event)| event_report(group, at, event))
        .collect()
}

fn event_report(group: &Group, at: usize, event: &Event) -> Value {
    json!({
        "name": format!("{}.{at}", group.name()),
        "namespace": "default",
        "type": if event.warning { "Warning" } else { "Normal" },
        "count": event.count,
        "firstTimestamp": event.first.to_string(),
        "lastTimestamp": event.last.to_string(),
        "message": event.message,
        "reason": event.reason,
        "reportingComponent": "eci",
        "source": {"component": "eci", "host": group.identity.machine},
        "involvedObject": {
            "kind": "ContainerGroup",
            "namespace": "default",
            "name": group.name(),
            "uid": group.id,
        },
    })
}

/// Returns a number in its shortest form: 1, not 1.0.
pub(crate) fn number(number: f64) -> Value {
    // Exact below 2⁵³; sizes are far smaller.
    if number.fract() == 0.0 && number.abs() < 9e15 {
        json!(number as i64)
    } else {
        json!(number)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
