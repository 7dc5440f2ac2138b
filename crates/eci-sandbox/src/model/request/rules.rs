//! The rules between the fields of a group and the ranges of their values.
//!
//! From the API reference, or from a cloud with the same product where the reference has no rule
//! (counts and names); the sandbox is strict about both.

mod containers;
mod limits;
mod volumes;

use std::collections::HashSet;

use serde_json::{Map, Value};

use self::limits::{CheckResult, at_most, dns_label, in_range, not_empty, one_of, positive};
use super::{decimal, is_set, items, objects, text, whole};
use crate::model::group_error::GroupApiError;

/// Most tags of a group (seed page).
const MOST_TAGS: usize = 20;
/// Checks whether the cloud would accept a group of this description.
pub(crate) fn check(spec: &Map<String, Value>) -> CheckResult {
    dns_label("containerGroupName", text(spec, "containerGroupName"))?;
    for name in ["vpcId", "vSwitchId", "securityGroupId"] {
        not_empty(name, text(spec, name))?;
    }
    one_of(
        "restartPolicy",
        text(spec, "restartPolicy"),
        &["Always", "OnFailure", "Never"],
    )?;
    zone(spec)?;
    size(spec)?;
    if let Some(eip) = spec.get("eip").and_then(Value::as_object) {
        address(eip)?;
    }
    tags(spec)?;
    kernel_parameters(spec)?;
    let volumes = volumes::check(spec)?;
    containers::check(spec, &volumes)
}

fn zone(spec: &Map<String, Value>) -> CheckResult {
    let zones = items(spec, "azInfo").len();
    if zones != 1 {
        return Err(GroupApiError::invalid(format!(
            "azInfo must name exactly one zone, found {zones}"
        )));
    }
    for zone in objects(spec, "azInfo") {
        not_empty("azInfo[0].azName", text(zone, "azName"))?;
    }
    Ok(())
}

fn size(spec: &Map<String, Value>) -> CheckResult {
    for name in ["cpu", "memory", "gpu"] {
        positive(name, decimal(spec, name))?;
    }
    in_range(
        "ephemeralVolume",
        whole(spec, "ephemeralVolume"),
        40..=2048,
        "GB",
    )?;
    let flavor = text(spec, "flavorName");
    if has_gpu(flavor) && !spec.contains_key("gpu") {
        return Err(GroupApiError::invalid(format!(
            "gpu is required with the GPU flavor {flavor}"
        )));
    }
    Ok(())
}

/// Returns whether a flavor has a GPU: the families of these begin with `g` or `p` (assumed from
/// the vendor's names, for example `pi7.4xlarge.4` and `g7.4xlarge.4`).
fn has_gpu(flavor: &str) -> bool {
    flavor.starts_with(['g', 'p'])
}

fn address(eip: &Map<String, Value>) -> CheckResult {
    let existing = eip.contains_key("eipInstanceId");
    if existing {
        not_empty("eip.eipInstanceId", text(eip, "eipInstanceId"))?;
    }
    if existing && is_set(eip, "autoCreateEip") {
        return Err(GroupApiError::invalid(
            "eip must name an existing eipInstanceId or set autoCreateEip, not both",
        ));
    }
    in_range(
        "eip.eipBandwidth",
        whole(eip, "eipBandwidth"),
        1..=300,
        "Mbps",
    )
}

fn tags(spec: &Map<String, Value>) -> CheckResult {
    at_most("tags", items(spec, "tags").len(), MOST_TAGS)?;
    let mut keys = HashSet::new();
    for (at, tag) in objects(spec, "tags").enumerate() {
        let (key, value) = (text(tag, "key"), text(tag, "value"));
        let length = key.chars().count();
        if !(1..=128).contains(&length) {
            return Err(GroupApiError::invalid(format!(
                "tags[{at}].key must have 1 to 128 characters, found {length}"
            )));
        }
        let length = value.chars().count();
        if length > 256 {
            return Err(GroupApiError::invalid(format!(
                "tags[{at}].value must have at most 256 characters, found {length}"
            )));
        }
        if !keys.insert(key) {
            return Err(GroupApiError::invalid(format!(
                "tags[{at}].key {key:?} is there twice"
            )));
        }
    }
    Ok(())
}

fn kernel_parameters(spec: &Map<String, Value>) -> CheckResult {
    let Some(context) = spec.get("securityContext").and_then(Value::as_object) else {
        return Ok(());
    };
    for (at, parameter) in objects(context, "sysctl").enumerate() {
        let name = text(parameter, "name");
        if !is_namespaced(name) {
            return Err(GroupApiError::invalid(format!(
                "securityContext.sysctl[{at}].name {name:?} is not namespaced; allowed are \
                 kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* but net.core.rmem_max"
            )));
        }
    }
    Ok(())
}

fn is_namespaced(name: &str) -> bool {
    name == "kernel.sem"
        || name != "net.core.rmem_max"
            && ["kernel.shm", "kernel.msg", "fs.mqueue.", "net."]
                .iter()
                .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests;
