//! Volumes.
//!
//! Modes are four octal digits in the vendor's documents and an integer on the wire, which is
//! taken to be the decimal number that the digits look like: 644 for `0644`.

use serde::{Deserialize, Serialize};

use super::Secret;

/// A volume: its type, its name, and the one object that the type names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Volume {
    /// The type of the volume.
    #[serde(rename = "type")]
    pub volume_type: VolumeType,
    /// Its name, which containers mount it by.
    pub name: String,
    /// An empty directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_dir_volume: Option<EmptyDirVolume>,
    /// Files with given content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_file_volume: Option<ConfigFileVolume>,
    /// A cloud disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_volume: Option<DiskVolume>,
    /// A shared file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nas_volume: Option<NasVolume>,
    /// A bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zos_volume: Option<ZosVolume>,
    /// Files with metadata of the group.
    #[serde(rename = "downwardAPIVolume", skip_serializing_if = "Option::is_none")]
    pub downward_api_volume: Option<DownwardApiVolume>,
}

/// The kinds of volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum VolumeType {
    /// An empty directory.
    EmptyDirVolume,
    /// Files with given content.
    ConfigFileVolume,
    /// A cloud disk.
    DiskVolume,
    /// A shared file system.
    NasVolume,
    /// A bucket.
    ZosVolume,
    /// Files with metadata of the group.
    #[serde(rename = "DownwardAPIVolume")]
    DownwardApiVolume,
}

/// An empty directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmptyDirVolume {
    /// Empty for the file system, `Memory` for memory, which is then mounted at `/dev/shm`.
    pub medium: String,
    /// The size in MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_limit: Option<i64>,
}

/// Files with given content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigFileVolume {
    /// The files' permissions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_mode: Option<i64>,
    /// The files.
    pub config_file_to_paths: Vec<ConfigFileToPath>,
}

/// A file with given content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigFileToPath {
    /// Its path in the volume.
    pub path: String,
    /// Its content in base64; may be a secret.
    pub content: Secret,
    /// Its permissions; by default the volume's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<i64>,
}

/// A cloud disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiskVolume {
    /// The disk's id.
    pub volume_handle: String,
    /// The file system, ext4 or xfs; one that is on the disk already must be named as it is.
    pub fs_type: String,
    /// The size in GB (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_size: Option<i64>,
    /// Whether it cannot be written (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
}

/// A shared file system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NasVolume {
    /// `host:/path`, in the same VPC.
    pub source_path: String,
    /// Whether it cannot be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ZosVolume {
    /// The bucket's name.
    pub bucket: String,
    /// The address of the bucket's service.
    pub url: String,
    /// Base64 of `access key:secret key`.
    ///
    /// The page spells it so; the client's spelling is understood too.
    #[serde(rename = "crendential", alias = "credential")]
    pub credential: Secret,
    /// Whether it cannot be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
}

/// Files with metadata of the group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DownwardApiVolume {
    /// The files' permissions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_mode: Option<i64>,
    /// The files.
    pub items: Vec<DownwardApiItem>,
}

/// A file with metadata of the group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DownwardApiItem {
    /// Its permissions; by default the volume's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<i64>,
    /// Its path in the volume.
    pub path: String,
    /// The field that it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_ref: Option<FieldRef>,
}

/// A field of the group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldRef {
    /// `metadata.name` or `metadata.namespace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_path: Option<String>,
}
