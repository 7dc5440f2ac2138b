//! The wire form of values, by the description of their fields.

mod decode;
mod encode;

pub use decode::{decode, decode_own};
pub use encode::{EncodeError, encode, encode_own};

use serde_json::Value as Json;

/// Steps of a place on the wire: `azInfo.0.azName`.
fn steps(place: &str) -> impl Iterator<Item = &str> {
    // An empty place is the whole.
    place.split('.').filter(|step| !step.is_empty())
}

/// Returns whether an answer says nothing about a place; `--` means a value that the region does not
/// have.
pub(crate) fn is_unreported(json: &Json, place: &str) -> bool {
    at(json, place).is_none_or(|found| found == "--")
}

/// Returns the value at a place, if there is one.
fn at<'a>(json: &'a Json, place: &str) -> Option<&'a Json> {
    steps(place)
        .try_fold(json, |json, step| match json {
            Json::Array(items) => items.get(step.parse::<usize>().ok()?),
            Json::Object(entries) => entries.get(step),
            _ => None,
        })
        .filter(|found| !found.is_null())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::kinds::{CONTAINER_GROUP, EIP, VOLUME};
    use eci_core::schema::normalize_config;
    use serde_json::json;

    use super::*;

    fn normal(object: &'static eci_core::schema::Object, manifest: Json) -> eci_core::Map {
        let given: eci_core::Value = serde_json::from_value(manifest).unwrap();
        let conformed = normalize_config(object, given.as_map().unwrap());
        assert_eq!(conformed.violations, Vec::new());
        conformed.value.as_map().unwrap().clone()
    }

    #[test]
    fn a_file_is_sent_as_base64_and_its_mode_as_decimal_digits() {
        let volume = normal(
            &VOLUME,
            json!({
                "name": "conf",
                "type": "ConfigFileVolume",
                "default_mode": "644",
                "files": [{ "path": "test/xxx.conf", "content": "woods", "mode": "0755" }],
            }),
        );
        assert_eq!(
            encode(&VOLUME, &volume).unwrap(),
            json!({
                "name": "conf",
                "type": "ConfigFileVolume",
                "configFileVolume": {
                    "defaultMode": 644,
                    "configFileToPaths": [
                        { "path": "test/xxx.conf", "content": "d29vZHM=", "mode": 755 },
                    ],
                },
            })
        );
    }

    #[test]
    fn what_the_cloud_reports_of_a_volume_has_the_form_of_the_manifest() {
        let reported = json!({
            "type": "EmptyDirVolume",
            "name": "scratch",
            "emptyDirVolumeMedium": "Memory",
            "emptyDirVolumeSizeLimit": "64",
        });
        let manifest = json!({
            "name": "scratch", "type": "EmptyDirVolume", "medium": "Memory", "size_limit": 64,
        });
        let observed = decode(&VOLUME, &reported);
        assert_eq!(observed.as_map().unwrap(), &normal(&VOLUME, manifest));
    }

    #[test]
    fn bytes_that_are_not_text_are_returned_as_base64() {
        let reported = json!({
            "type": "ConfigFileVolume",
            "name": "conf",
            "configFileVolumeConfigFileToPaths": [{ "path": "blob", "content": "/wA=" }],
        });
        let observed = decode(&VOLUME, &reported);
        let file = &observed.get("files").unwrap().as_list().unwrap()[0];
        assert_eq!(file.get("content_base64").unwrap().as_str(), Some("/wA="));
        assert_eq!(file.get("content"), None);
    }

    #[test]
    fn an_entry_without_its_empty_value_is_an_entry() {
        let reported = json!({
            "containerGroupId": "eci-1",
            "tags": [{ "key": "a" }, { "key": "b", "value": "c" }],
            "containers": [{ "name": "x", "environmentVar": [{ "key": "EMPTY" }] }],
        });
        let observed = decode(&CONTAINER_GROUP, &reported);
        let tags = eci_core::Value::from([("a", ""), ("b", "c")]);
        assert_eq!(observed.get("tags"), Some(&tags));
        let container = &observed.get("containers").unwrap().as_list().unwrap()[0];
        assert_eq!(
            container.get("env"),
            Some(&eci_core::Value::from([("EMPTY", "")]))
        );
    }

    #[test]
    fn the_zone_is_sent_as_the_first_of_a_list() {
        let group = eci_core::Map::from_iter([
            ("az_name".into(), eci_core::Value::from("zone-1")),
            ("az_id".into(), eci_core::Value::from(7)),
        ]);
        assert_eq!(
            encode(&CONTAINER_GROUP, &group).unwrap(),
            json!({ "azInfo": [{ "azName": "zone-1", "azId": 7 }] })
        );
    }

    #[test]
    fn what_is_unknown_or_only_a_digest_cannot_be_sent() {
        let with = |value| eci_core::Map::from_iter([("id".into(), value)]);
        let error = |value| encode(&EIP, &with(value)).unwrap_err().to_string();
        assert_eq!(error(eci_core::Value::Unknown), "`id` is known after apply");
        assert!(error(eci_core::Value::Digest("k".into())).contains("only the digest"));
        assert!(error(eci_core::Value::from(true)).contains("must be a string"));
    }

    #[test]
    fn a_field_that_the_cloud_omits_is_not_observed() {
        let observed = decode(
            &CONTAINER_GROUP,
            &json!({ "containerGroupId": "eci-1", "cpu": 1 }),
        );
        let names: Vec<_> = observed
            .as_map()
            .unwrap()
            .keys()
            .map(|key| &**key)
            .collect();
        assert!(names.contains(&"cpu") && names.contains(&"id"), "{names:?}");
        assert!(!names.contains(&"wait"), "{names:?}");
    }
}
