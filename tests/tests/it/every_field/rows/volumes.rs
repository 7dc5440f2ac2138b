//! The rows of volumes.

use serde_json::{Value, json};

use super::{ReportedField, Row, reported, reported_at, silent};

pub(super) fn rows() -> Vec<Row> {
    const EMPTY: &str =
        r#"volume = { type = "EmptyDirVolume", medium = "Memory", size_limit = 64 }"#;
    const FILES: &str = r#"volume = { type = "ConfigFileVolume", default_mode = "0600",
        files = [{ path = "a.conf", content = "woods", mode = "0755" }] }"#;
    const DISK: &str =
        r#"volume = { type = "DiskVolume", volume_handle = "disk-1", fs_type = "xfs" }"#;
    // A disk serves one group.
    const OTHER_DISK: &str =
        r#"volume = { type = "DiskVolume", volume_handle = "disk-2", fs_type = "xfs" }"#;
    const NAS: &str =
        r#"volume = { type = "NasVolume", source_path = "nas.test:/share", read_only = true }"#;
    const ZOS: &str = r#"volume = { type = "ZosVolume", bucket = "zos-test",
        url = "http://zos.test", access_key = "ak", secret_key = "sk", read_only = true }"#;
    const DOWNWARD: &str = r#"volume = { type = "DownwardAPIVolume", default_mode = "0600",
        items = [{ path = "name", field_path = "metadata.name", mode = "0755" }] }"#;
    let at = |place, manifest, sent: Value, reported| {
        let value = sent.clone();
        let reported = ReportedField {
            place: reported,
            value,
        };
        reported_at(place, manifest, sent, reported)
    };
    vec![
        reported(
            "volumes[].type",
            r#"volume = { type = "EmptyDirVolume" }"#,
            json!("EmptyDirVolume"),
        ),
        reported(
            "volumes[].name",
            r#"volume = { type = "EmptyDirVolume", name = "scratch" }"#,
            json!("scratch"),
        ),
        at(
            "volumes[].emptyDirVolume.medium",
            EMPTY,
            json!("Memory"),
            "volumes[].emptyDirVolumeMedium",
        ),
        reported_at(
            "volumes[].emptyDirVolume.sizeLimit",
            EMPTY,
            json!(64),
            // A text, unlike what was sent.
            ReportedField {
                place: "volumes[].emptyDirVolumeSizeLimit",
                value: json!("64"),
            },
        ),
        silent("volumes[].configFileVolume.defaultMode", FILES, json!(600)),
        at(
            "volumes[].configFileVolume.configFileToPaths[].path",
            FILES,
            json!("a.conf"),
            "volumes[].configFileVolumeConfigFileToPaths[].path",
        ),
        at(
            "volumes[].configFileVolume.configFileToPaths[].content",
            FILES,
            json!("d29vZHM="),
            "volumes[].configFileVolumeConfigFileToPaths[].content",
        ),
        silent(
            "volumes[].configFileVolume.configFileToPaths[].mode",
            FILES,
            json!(755),
        ),
        at(
            "volumes[].diskVolume.volumeHandle",
            OTHER_DISK,
            json!("disk-2"),
            "volumes[].diskVolumeId",
        ),
        at(
            "volumes[].diskVolume.fsType",
            DISK,
            json!("xfs"),
            "volumes[].diskVolumeFsType",
        ),
        at(
            "volumes[].nasVolume.sourcePath",
            NAS,
            json!("nas.test:/share"),
            "volumes[].nasSourcePath",
        ),
        at(
            "volumes[].nasVolume.readOnly",
            NAS,
            json!(true),
            "volumes[].nasReadOnly",
        ),
        at(
            "volumes[].zosVolume.bucket",
            ZOS,
            json!("zos-test"),
            "volumes[].zosBucket",
        ),
        at(
            "volumes[].zosVolume.url",
            ZOS,
            json!("http://zos.test"),
            "volumes[].zosUrl",
        ),
        silent("volumes[].zosVolume.crendential", ZOS, json!("YWs6c2s=")),
        at(
            "volumes[].zosVolume.readOnly",
            ZOS,
            json!(true),
            "volumes[].zosReadOnly",
        ),
        silent(
            "volumes[].downwardAPIVolume.defaultMode",
            DOWNWARD,
            json!(600),
        ),
        at(
            "volumes[].downwardAPIVolume.items[].path",
            DOWNWARD,
            json!("name"),
            "volumes[].downwardAPIVolumeItems[].path",
        ),
        silent(
            "volumes[].downwardAPIVolume.items[].mode",
            DOWNWARD,
            json!(755),
        ),
        at(
            "volumes[].downwardAPIVolume.items[].fieldRef.fieldPath",
            DOWNWARD,
            json!("metadata.name"),
            "volumes[].downwardAPIVolumeItems[].fieldRef.fieldPath",
        ),
    ]
}
