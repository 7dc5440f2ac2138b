//! Attributes of EIPs and volumes for tests, from what a manifest says.

use eci_core::kinds::{EIP, VOLUME};
use eci_core::schema::normalize_config;
use eci_core::{Map, Value};
use serde_json::{Value as Json, json};

/// Returns the attributes of a volume with this table `disk`.
pub(crate) fn volume(disk: Json) -> Map {
    let manifest = json!({
        "name": "data", "type": "DiskVolume", "fs_type": "ext4", "disk": disk,
    });
    let given: Value = serde_json::from_value(manifest).unwrap();
    let conformed = normalize_config(&VOLUME, given.as_map().unwrap());
    assert_eq!(conformed.violations, Vec::new());
    conformed.value.as_map().unwrap().clone()
}

/// Returns the attributes of an EIP of this manifest.
pub(crate) fn eip(manifest: Json) -> Map {
    let given: Value = serde_json::from_value(manifest).unwrap();
    let conformed = normalize_config(&EIP, given.as_map().unwrap());
    assert_eq!(conformed.violations, Vec::new());
    conformed.value.as_map().unwrap().clone()
}
