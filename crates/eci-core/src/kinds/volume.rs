//! `[volume.L]`: a volume, whose `type` says what else it has.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::disk::DISK as MANAGED;
use crate::codes;
use crate::schema::Check::{AtLeastOne, DnsLabel, HostPath};
use crate::schema::{Fault, Field, Literal, Object, Type};
use crate::value::{Map, Value};

/// A volume.
pub static VOLUME: Object = Object::new(
    "volume",
    "Storage that containers mount. But for a managed disk it travels inside the groups that use it.",
    FIELDS,
)
.normalized_by(join_zos_keys)
.exactly_one(&DISKS)
.validated_by(one_disk_form);

const EMPTY_DIR: &str = "EmptyDirVolume";
const CONFIG_FILE: &str = "ConfigFileVolume";
const DISK: &str = "DiskVolume";
const NAS: &str = "NasVolume";
const ZOS: &str = "ZosVolume";
const DOWNWARD: &str = "DownwardAPIVolume";

/// What a volume is within the groups that use it: a change of it is one of their `volumes`, which
/// they take in place.
const fn of_groups(name: &'static str, wire: &'static str, ty: Type, doc: &'static str) -> Field {
    Field::new(name, wire, ty, doc).in_place()
}

static FIELDS: &[Field] = &[
    of_groups(
        "name",
        "name",
        Type::String,
        "the volume's name in its groups; by default its label, behind the names of the modules around it",
    )
    .required()
    .or_made_of(&[])
    .checked(&[DnsLabel])
    .reported(),
    of_groups(
        "type",
        "type",
        Type::Enum(&[EMPTY_DIR, CONFIG_FILE, DISK, NAS, ZOS, DOWNWARD]),
        "what kind of volume it is",
    )
    .required()
    .reported(),
    of_groups(
        "medium",
        "emptyDirVolume.medium",
        Type::Enum(&["", "Memory"]),
        "empty for the file system, `Memory` for memory (then mounted at /dev/shm)",
    )
    .only_for(EMPTY_DIR)
    .default(Literal::Text(""))
    .reported_as("emptyDirVolumeMedium"),
    of_groups(
        "size_limit",
        "emptyDirVolume.sizeLimit",
        Type::Integer(1, i64::MAX),
        "the size in MB",
    )
    .only_for(EMPTY_DIR)
    .or_chosen()
    .reported_as("emptyDirVolumeSizeLimit"),
    of_groups(
        "default_mode",
        "configFileVolume.defaultMode",
        Type::Mode,
        "the files' permissions",
    )
    .only_for(CONFIG_FILE),
    of_groups(
        "files",
        "configFileVolume.configFileToPaths",
        Type::Objects(&FILE, &["path"]),
        "the files",
    )
    .only_for(CONFIG_FILE)
    .required()
    .checked(&[AtLeastOne])
    .reported_as("configFileVolumeConfigFileToPaths"),
    of_groups(
        "volume_handle",
        "diskVolume.volumeHandle",
        Type::String,
        "the id of an existing disk",
    )
    .only_for(DISK)
    .reported_as("diskVolumeId"),
    Field::local(
        "disk",
        Type::Object(&MANAGED),
        "a disk that is made, grown and released with this table",
    )
    .only_for(DISK)
    .by_part()
    .own("")
    .own_reported(""),
    of_groups(
        "fs_type",
        "diskVolume.fsType",
        Type::Enum(&["ext4", "xfs"]),
        "the file system",
    )
    .only_for(DISK)
    .required()
    .reported_as("diskVolumeFsType"),
    of_groups(
        "source_path",
        "nasVolume.sourcePath",
        Type::String,
        "`host:/path` in the same VPC",
    )
    .only_for(NAS)
    .required()
    .checked(&[HostPath])
    .reported_as("nasSourcePath"),
    of_groups(
        "read_only",
        "nasVolume.readOnly",
        Type::Bool,
        "whether it cannot be written",
    )
    .only_for(NAS)
    .implied(Literal::Bool(false))
    .reported_as("nasReadOnly"),
    of_groups("bucket", "zosVolume.bucket", Type::String, "the bucket")
        .only_for(ZOS)
        .required()
        .reported_as("zosBucket"),
    of_groups(
        "url",
        "zosVolume.url",
        Type::String,
        "the address of the bucket's service",
    )
    .only_for(ZOS)
    .required()
    .reported_as("zosUrl"),
    Field::local(
        "access_key",
        Type::String,
        "the access key, with `secret_key` in place of `credential`",
    )
    .only_for(ZOS)
    .in_place()
    .secret(),
    Field::local(
        "secret_key",
        Type::String,
        "the secret key, with `access_key`",
    )
    .only_for(ZOS)
    .in_place()
    .secret(),
    of_groups(
        "credential",
        "zosVolume.crendential",
        Type::String,
        "base64 of `access_key:secret_key`",
    )
    .only_for(ZOS)
    .required()
    .or_made_of(&["access_key", "secret_key"])
    .secret(),
    of_groups(
        "read_only",
        "zosVolume.readOnly",
        Type::Bool,
        "whether it cannot be written",
    )
    .only_for(ZOS)
    .implied(Literal::Bool(false))
    .reported_as("zosReadOnly"),
    of_groups(
        "default_mode",
        "downwardAPIVolume.defaultMode",
        Type::Mode,
        "the files' permissions",
    )
    .only_for(DOWNWARD),
    of_groups(
        "items",
        "downwardAPIVolume.items",
        Type::Objects(&ITEM, &["path"]),
        "the files",
    )
    .only_for(DOWNWARD)
    .required()
    .checked(&[AtLeastOne])
    .reported_as("downwardAPIVolumeItems"),
    Field::read_only("id", "diskVolumeId", "the id of the managed disk").own_reported("diskID"),
    Field::read_only("status", "status", "the status of the managed disk")
        .own_reported("diskStatus"),
];

static FILE: Object = Object::new(
    "file",
    "A file of a ConfigFileVolume.",
    &[
        Field::new("path", "path", Type::String, "its path in the volume")
            .required()
            .reported(),
        Field::new(
            "content",
            "content",
            Type::Text64,
            "its text; sent as base64",
        )
        .reported(),
        Field::new(
            "content_base64",
            "content",
            Type::Bytes64,
            "its bytes in base64, for what is not text",
        )
        .reported(),
        Field::local(
            "source",
            Type::String,
            "a file beside the manifests that it is read from",
        ),
        Field::new(
            "mode",
            "mode",
            Type::Mode,
            "its permissions; by default the volume's",
        ),
    ],
)
.normalized_by(text_where_it_is_text)
.exactly_one(&CONTENTS)
.validated_by(one_content);

static ITEM: Object = Object::new(
    "item",
    "A file of a DownwardAPIVolume.",
    &[
        Field::new("path", "path", Type::String, "its path in the volume")
            .required()
            .reported(),
        Field::new(
            "field_path",
            "fieldRef.fieldPath",
            Type::Enum(&["metadata.name", "metadata.namespace"]),
            "what it holds",
        )
        .reported(),
        Field::new(
            "mode",
            "mode",
            Type::Mode,
            "its permissions; by default the volume's",
        ),
    ],
);

/// `access_key` and `secret_key` are another way to write `credential`.
fn join_zos_keys(entries: &mut Map) {
    let (Some(access), Some(secret)) = (entries.get("access_key"), entries.get("secret_key"))
    else {
        return;
    };
    let credential = match (access.reveal().0, secret.reveal().0) {
        (Value::Unknown, _) | (_, Value::Unknown) => Value::Unknown,
        (Value::String(access), Value::String(secret)) => {
            Value::from(BASE64.encode(format!("{access}:{secret}")))
        }
        _ => return,
    };
    entries.remove("access_key");
    entries.remove("secret_key");
    entries
        .entry("credential".into())
        .or_insert(credential.into_sensitive());
}

/// Bytes that are UTF-8 are text, so that a change of them can be shown.
fn text_where_it_is_text(entries: &mut Map) {
    let Some((Value::String(encoded), marked)) = entries.get("content_base64").map(Value::reveal)
    else {
        return;
    };
    let text = BASE64
        .decode(encoded.as_bytes())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    if let (Some(text), false) = (text, entries.contains_key("content")) {
        let content = Value::String(Arc::from(text));
        entries.remove("content_base64");
        entries.insert(
            "content".into(),
            if marked {
                content.into_sensitive()
            } else {
                content
            },
        );
    }
}

/// Where the content of a file comes from. A `source` is read before the rule is checked.
const CONTENTS: [&str; 3] = ["content", "content_base64", "source"];

fn one_content(entries: &Map) -> Vec<Fault> {
    let help = Some(format!("give exactly one of {}", CONTENTS.join(", ")));
    match (
        entries.contains_key("content"),
        entries.contains_key("content_base64"),
    ) {
        (true, false) | (false, true) => Vec::new(),
        (false, false) => vec![Fault {
            code: codes::FILE_CONTENT,
            field: None,
            message: "this file has no content".to_owned(),
            help,
        }],
        (true, true) => vec![Fault {
            code: codes::FILE_CONTENT,
            field: Some("content_base64"),
            message: "this file has its content twice".to_owned(),
            help,
        }],
    }
}

/// Which disk a DiskVolume is.
const DISKS: [&str; 2] = ["volume_handle", "disk"];

fn one_disk_form(entries: &Map) -> Vec<Fault> {
    if entries.get("type").and_then(Value::as_str) != Some(DISK) {
        return Vec::new();
    }
    let help =
        Some("give `volume_handle` for an existing disk or `disk` for a managed one".to_owned());
    match DISKS.map(|key| entries.contains_key(key)) {
        [true, false] | [false, true] => Vec::new(),
        [false, false] => vec![Fault {
            code: codes::DISK_FORM,
            field: None,
            message: "this volume names no disk".to_owned(),
            help,
        }],
        [true, true] => {
            vec![Fault {
                code: codes::DISK_FORM,
                field: Some("disk"),
                message: "this volume names two disks".to_owned(),
                help,
            }]
        }
    }
}
