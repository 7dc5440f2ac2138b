//! Volumes as they are reported: flat, with the name of the type before each field.

use serde_json::{Map, Value, json};

use super::copy;
use crate::model::request::{is_set, objects, text, whole};

pub(super) fn told(volume: &Map<String, Value>) -> Value {
    let mut told = Map::new();
    copy(volume, &["type", "name"], &mut told);
    let mut tell = |name: &str, value: Value| {
        told.insert(name.to_owned(), value);
    };
    let settings = |object: &str| volume.get(object).and_then(Value::as_object);
    if let Some(settings) = settings("emptyDirVolume") {
        tell("emptyDirVolumeMedium", json!(text(settings, "medium")));
        if let Some(limit) = whole(settings, "sizeLimit") {
            tell("emptyDirVolumeSizeLimit", json!(limit.to_string()));
        }
    }
    if let Some(settings) = settings("configFileVolume") {
        tell("configFileVolumeConfigFileToPaths", files(settings));
    }
    if let Some(settings) = settings("diskVolume") {
        tell("diskVolumeId", json!(text(settings, "volumeHandle")));
        tell("diskVolumeFsType", json!(text(settings, "fsType")));
        tell("diskVolumeReadOnly", json!(is_set(settings, "readOnly")));
    }
    if let Some(settings) = settings("nasVolume") {
        tell("nasSourcePath", json!(text(settings, "sourcePath")));
        tell("nasReadOnly", json!(is_set(settings, "readOnly")));
    }
    if let Some(settings) = settings("zosVolume") {
        tell("zosBucket", json!(text(settings, "bucket")));
        tell("zosUrl", json!(text(settings, "url")));
        tell("zosReadOnly", json!(is_set(settings, "readOnly")));
    }
    if let Some(settings) = settings("downwardAPIVolume") {
        tell("downwardAPIVolumeItems", downward(settings));
    }
    Value::Object(told)
}

fn files(settings: &Map<String, Value>) -> Value {
    objects(settings, "configFileToPaths")
        .map(|file| json!({"path": text(file, "path"), "content": text(file, "content")}))
        .collect()
}

fn downward(settings: &Map<String, Value>) -> Value {
    objects(settings, "items")
        .map(|item| {
            let mut told = Map::new();
            copy(item, &["path", "fieldRef"], &mut told);
            Value::Object(told)
        })
        .collect()
}
