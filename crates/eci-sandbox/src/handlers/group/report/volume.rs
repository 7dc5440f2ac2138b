//! Volumes as they are reported: flat, with the name of the type before each field.

use serde_json::{Map, Value, json};

use super::fields::copy;
use crate::model::request::{is_set, objects, text, whole};

pub(super) fn report(volume: &Map<String, Value>) -> Value {
    let mut report = Map::new();
    copy(volume, &["type", "name"], &mut report);
    let mut set = |name: &str, value: Value| {
        report.insert(name.to_owned(), value);
    };
    let settings = |object: &str| volume.get(object).and_then(Value::as_object);
    if let Some(settings) = settings("emptyDirVolume") {
        set("emptyDirVolumeMedium", json!(text(settings, "medium")));
        if let Some(limit) = whole(settings, "sizeLimit") {
            set("emptyDirVolumeSizeLimit", json!(limit.to_string()));
        }
    }
    if let Some(settings) = settings("configFileVolume") {
        set("configFileVolumeConfigFileToPaths", files(settings));
    }
    if let Some(settings) = settings("diskVolume") {
        set("diskVolumeId", json!(text(settings, "volumeHandle")));
        set("diskVolumeFsType", json!(text(settings, "fsType")));
        set("diskVolumeReadOnly", json!(is_set(settings, "readOnly")));
    }
    if let Some(settings) = settings("nasVolume") {
        set("nasSourcePath", json!(text(settings, "sourcePath")));
        set("nasReadOnly", json!(is_set(settings, "readOnly")));
    }
    if let Some(settings) = settings("zosVolume") {
        set("zosBucket", json!(text(settings, "bucket")));
        set("zosUrl", json!(text(settings, "url")));
        set("zosReadOnly", json!(is_set(settings, "readOnly")));
    }
    if let Some(settings) = settings("downwardAPIVolume") {
        set("downwardAPIVolumeItems", downward(settings));
    }
    Value::Object(report)
}

fn files(settings: &Map<String, Value>) -> Value {
    objects(settings, "configFileToPaths")
        .map(|file| json!({"path": text(file, "path"), "content": text(file, "content")}))
        .collect()
}

fn downward(settings: &Map<String, Value>) -> Value {
    objects(settings, "items")
        .map(|item| {
            let mut report = Map::new();
            copy(item, &["path", "fieldRef"], &mut report);
            Value::Object(report)
        })
        .collect()
}
