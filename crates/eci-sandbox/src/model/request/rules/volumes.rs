//! Volumes.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use super::super::{items, objects, text, whole};
use super::limits::{CheckResult, MOST_OF_A_KIND, at_least, at_most, dns_label, not_empty, one_of};
use crate::model::group_error::GroupApiError;

/// Each type and the object that holds its settings.
const TYPES: [(&str, &str); 6] = [
    ("EmptyDirVolume", "emptyDirVolume"),
    ("ConfigFileVolume", "configFileVolume"),
    ("DiskVolume", "diskVolume"),
    ("NasVolume", "nasVolume"),
    ("ZosVolume", "zosVolume"),
    ("DownwardAPIVolume", "downwardAPIVolume"),
];

/// Checks the volumes and gives their names.
pub(super) fn check(spec: &Map<String, Value>) -> Result<HashSet<&str>, GroupApiError> {
    at_most("volumes", items(spec, "volumes").len(), MOST_OF_A_KIND)?;
    let mut names = HashSet::new();
    for (at, volume) in objects(spec, "volumes").enumerate() {
        let place = format!("volumes[{at}]");
        let name = text(volume, "name");
        dns_label(&format!("{place}.name"), name)?;
        if !names.insert(name) {
            return Err(GroupApiError::invalid(format!(
                "{place}.name {name:?} is there twice"
            )));
        }
        one(&place, volume)?;
    }
    Ok(names)
}

fn one(place: &str, volume: &Map<String, Value>) -> CheckResult {
    let kind = text(volume, "type");
    one_of(&format!("{place}.type"), kind, &TYPES.map(|(kind, _)| kind))?;
    for (other, object) in TYPES {
        let given = volume.get(object).and_then(Value::as_object);
        match (other == kind, given) {
            (true, Some(settings)) => settings_of(&format!("{place}.{object}"), kind, settings)?,
            (true, None) => {
                return Err(GroupApiError::bad_request(format!(
                    "{place}.{object} is required with type {kind}"
                )));
            }
            (false, Some(_)) => {
                return Err(GroupApiError::invalid(format!(
                    "{place}.{object} does not go with type {kind}"
                )));
            }
            (false, None) => {}
        }
    }
    Ok(())
}

fn settings_of(place: &str, kind: &str, settings: &Map<String, Value>) -> CheckResult {
    match kind {
        "EmptyDirVolume" => {
            let path = format!("{place}.medium");
            one_of(&path, text(settings, "medium"), &["", "Memory"])?;
            let path = format!("{place}.sizeLimit");
            at_least(&path, whole(settings, "sizeLimit"), 1)
        }
        "ConfigFileVolume" => config_files(place, settings),
        "DiskVolume" => {
            let path = format!("{place}.volumeHandle");
            not_empty(&path, text(settings, "volumeHandle"))?;
            let path = format!("{place}.fsType");
            one_of(&path, text(settings, "fsType"), &["ext4", "xfs"])
        }
        "NasVolume" => source(&format!("{place}.sourcePath"), text(settings, "sourcePath")),
        "ZosVolume" => bucket(place, settings),
        _ => downward_items(place, settings),
    }
}

fn config_files(place: &str, settings: &Map<String, Value>) -> CheckResult {
    mode(
        &format!("{place}.defaultMode"),
        whole(settings, "defaultMode"),
    )?;
    let files = format!("{place}.configFileToPaths");
    at_least_one(&files, items(settings, "configFileToPaths"))?;
    let mut paths = HashSet::new();
    for (at, file) in objects(settings, "configFileToPaths").enumerate() {
        let path = text(file, "path");
        not_empty(&format!("{files}[{at}].path"), path)?;
        if !paths.insert(path) {
            return Err(GroupApiError::invalid(format!(
                "{files}[{at}].path {path:?} is there twice"
            )));
        }
        if BASE64.decode(text(file, "content")).is_err() {
            return Err(GroupApiError::invalid(format!(
                "{files}[{at}].content must be base64"
            )));
        }
        mode(&format!("{files}[{at}].mode"), whole(file, "mode"))?;
    }
    Ok(())
}

fn source(path: &str, source: &str) -> CheckResult {
    match source.split_once(":/") {
        Some((host, _)) if !host.is_empty() => Ok(()),
        _ => Err(GroupApiError::invalid(format!(
            "{path} {source:?} must be host:/path"
        ))),
    }
}

/// Checks the settings of a bucket.
///
/// The message does not repeat the credential, which is absent where an update checks stored
/// settings again.
fn bucket(place: &str, settings: &Map<String, Value>) -> CheckResult {
    for name in ["bucket", "url"] {
        not_empty(&format!("{place}.{name}"), text(settings, name))?;
    }
    let Some(credential) = settings.get("crendential").and_then(Value::as_str) else {
        return Ok(());
    };
    let decoded = BASE64.decode(credential).unwrap_or_default();
    if decoded.contains(&b':') {
        return Ok(());
    }
    Err(GroupApiError::invalid(format!(
        "{place}.crendential must be base64 of \"ak:sk\""
    )))
}

fn downward_items(place: &str, settings: &Map<String, Value>) -> CheckResult {
    mode(
        &format!("{place}.defaultMode"),
        whole(settings, "defaultMode"),
    )?;
    at_least_one(&format!("{place}.items"), items(settings, "items"))?;
    for (at, item) in objects(settings, "items").enumerate() {
        let path = format!("{place}.items[{at}]");
        not_empty(&format!("{path}.path"), text(item, "path"))?;
        mode(&format!("{path}.mode"), whole(item, "mode"))?;
        if let Some(reference) = item.get("fieldRef").and_then(Value::as_object) {
            one_of(
                &format!("{path}.fieldRef.fieldPath"),
                text(reference, "fieldPath"),
                &["metadata.name", "metadata.namespace"],
            )?;
        }
    }
    Ok(())
}

fn at_least_one(path: &str, items: &[Value]) -> CheckResult {
    if items.is_empty() {
        return Err(GroupApiError::invalid(format!(
            "{path} must have at least one"
        )));
    }
    Ok(())
}

/// Checks a mode.
///
/// A mode is written in octal digits, and its decimal digits are read so: 644 is `0644` (seed page;
/// the encoding as an integer is assumed).
fn mode(path: &str, mode: Option<i64>) -> CheckResult {
    let Some(mode) = mode else { return Ok(()) };
    let digits = mode.to_string();
    if digits.len() <= 4 && digits.bytes().all(|digit| (b'0'..=b'7').contains(&digit)) {
        return Ok(());
    }
    Err(GroupApiError::invalid(format!(
        "{path} must be at most four octal digits, found {mode}"
    )))
}
