//! Containers and init containers.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::super::{decimal, items, objects, text, whole};
use super::limits::{
    CheckResult, MOST_OF_A_KIND, at_least, at_most, dns_label, in_range, not_empty, one_of,
    positive,
};
use crate::model::group_error::GroupApiError;

const HANDLERS: [&str; 3] = ["exec", "httpGet", "tcpSocket"];

/// Checks both lists against the names of the group's volumes.
pub(super) fn check(spec: &Map<String, Value>, volumes: &HashSet<&str>) -> CheckResult {
    if items(spec, "containers").is_empty() {
        return Err(GroupApiError::invalid("containers must have at least one"));
    }
    for list in ["containers", "initContainers"] {
        at_most(list, items(spec, list).len(), MOST_OF_A_KIND)?;
        let mut names = HashSet::new();
        for (at, container) in objects(spec, list).enumerate() {
            let place = format!("{list}[{at}]");
            one(&place, container, volumes)?;
            let name = text(container, "name");
            if !names.insert(name) {
                return Err(GroupApiError::invalid(format!(
                    "{place}.name {name:?} is there twice"
                )));
            }
        }
    }
    Ok(())
}

fn one(place: &str, container: &Map<String, Value>, volumes: &HashSet<&str>) -> CheckResult {
    dns_label(&format!("{place}.name"), text(container, "name"))?;
    not_empty(&format!("{place}.image"), text(container, "image"))?;
    if container.contains_key("imagePullPolicy") {
        one_of(
            &format!("{place}.imagePullPolicy"),
            text(container, "imagePullPolicy"),
            &["Always", "IfNotPresent", "Never"],
        )?;
    }
    for name in ["cpu", "memory", "gpu"] {
        positive(&format!("{place}.{name}"), decimal(container, name))?;
    }
    ports(place, container)?;
    environment(place, container)?;
    mounts(place, container, volumes)?;
    for name in ["livenessProbe", "readinessProbe"] {
        if let Some(inner) = container.get(name).and_then(Value::as_object) {
            probe(&format!("{place}.{name}"), inner, name == "livenessProbe")?;
        }
    }
    Ok(())
}

fn ports(place: &str, container: &Map<String, Value>) -> CheckResult {
    for (at, port) in objects(container, "ports").enumerate() {
        let path = format!("{place}.ports[{at}].port");
        in_range(&path, whole(port, "port"), 1..=65_535, "")?;
        let path = format!("{place}.ports[{at}].protocol");
        one_of(&path, text(port, "protocol"), &["TCP", "UDP"])?;
    }
    Ok(())
}

fn environment(place: &str, container: &Map<String, Value>) -> CheckResult {
    for (at, variable) in objects(container, "environmentVar").enumerate() {
        let path = format!("{place}.environmentVar[{at}]");
        not_empty(&format!("{path}.key"), text(variable, "key"))?;
        let has_value = ["value", "fieldRef", "resourceFieldRef"]
            .iter()
            .any(|name| variable.contains_key(*name));
        if !has_value {
            return Err(GroupApiError::bad_request(format!(
                "{path}.value is required"
            )));
        }
    }
    Ok(())
}

fn mounts(place: &str, container: &Map<String, Value>, volumes: &HashSet<&str>) -> CheckResult {
    let mut paths = HashSet::new();
    for (at, mount) in objects(container, "volumeMount").enumerate() {
        let (name, path) = (text(mount, "name"), text(mount, "mountPath"));
        if !volumes.contains(name) {
            return Err(GroupApiError::invalid(format!(
                "{place}.volumeMount[{at}].name {name:?} names no volume of the group"
            )));
        }
        if !path.starts_with('/') {
            return Err(GroupApiError::invalid(format!(
                "{place}.volumeMount[{at}].mountPath {path:?} must be absolute"
            )));
        }
        if !paths.insert(path) {
            return Err(GroupApiError::invalid(format!(
                "{place}.volumeMount[{at}].mountPath {path:?} is there twice"
            )));
        }
    }
    Ok(())
}

fn probe(place: &str, probe: &Map<String, Value>, liveness: bool) -> CheckResult {
    let given = HANDLERS
        .iter()
        .filter(|handler| probe.contains_key(**handler))
        .count();
    if given != 1 {
        return Err(GroupApiError::invalid(format!(
            "{place} must have exactly one of {}, found {given}",
            HANDLERS.join(", ")
        )));
    }
    if let Some(exec) = probe.get("exec").and_then(Value::as_object)
        && items(exec, "command").is_empty()
    {
        return Err(GroupApiError::invalid(format!(
            "{place}.exec.command must have at least one"
        )));
    }
    if let Some(request) = probe.get("httpGet").and_then(Value::as_object) {
        let path = format!("{place}.httpGet.scheme");
        one_of(&path, text(request, "scheme"), &["HTTP", "HTTPS"])?;
        let path = format!("{place}.httpGet.port");
        in_range(&path, whole(request, "port"), 1..=65_535, "")?;
    }
    if let Some(socket) = probe.get("tcpSocket").and_then(Value::as_object) {
        let path = format!("{place}.tcpSocket.port");
        in_range(&path, whole(socket, "port"), 1..=65_535, "")?;
    }
    counts(place, probe, liveness)
}

fn counts(place: &str, probe: &Map<String, Value>, liveness: bool) -> CheckResult {
    for (name, least) in [
        ("initialDelaySeconds", 0),
        ("timeoutSeconds", 1),
        ("periodSeconds", 1),
        ("successThreshold", 1),
        ("failureThreshold", 1),
    ] {
        at_least(&format!("{place}.{name}"), whole(probe, name), least)?;
    }
    match whole(probe, "successThreshold") {
        Some(threshold) if liveness && threshold != 1 => Err(GroupApiError::invalid(format!(
            "{place}.successThreshold must be 1 for liveness, found {threshold}"
        ))),
        _ => Ok(()),
    }
}
