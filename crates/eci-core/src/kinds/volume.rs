//! `[volume.L]`: a volume, whose `type` says what else it has.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::disk::DISK as MANAGED;
use super::{Loss, Mark, Nouns, Properties, Shape, Standalone};
use crate::address::Kind;
use crate::codes;
use crate::schema::Check::{AtLeastOne, DnsLabel, HostPath};
use crate::schema::{Field, Literal, Object, RuleViolation, Type};
use crate::value::{Map, Value};

/// A volume.
pub static VOLUME: Object = Object::new(
    "volume",
    "Storage that containers mount. A volume other than a managed disk is created and deleted with the container groups that use it.",
    FIELDS,
)
.normalized_by(join_zos_keys)
.exactly_one(&DISKS)
.validated_by(one_disk_form);

/// The properties of volumes. What is deleted with one is the disk that it has.
pub(super) static PROPERTIES: Properties = Properties {
    kind: Kind::Volume,
    name: "volume",
    schema: &VOLUME,
    nouns: Nouns {
        object: "disk",
        with_article: "a disk",
        short: "disk",
        table: "volume",
        zh: "云硬盘",
    },
    id_prefix: None,
    example_id: "0ae97ef5-6ee5-44af-9d05-1a509b1c3e15",
    existing_by: Some("volume_handle"),
    assigned: &[],
    name_path: &["disk", "name"],
    has_unique_names: true,
    takes_default_name: |_| true,
    standalone: Standalone::If(|attributes| attributes.contains_key("disk")),
    is_ordered: true,
    mark: Mark::Label,
    uses_service_paths: true,
    holds_attachments: false,
    attached_as: Some("volumes"),
    runs_containers: false,
    is_public_address: false,
    loss: Some(Loss::Data),
    is_replaced_on_failure: false,
    is_created_before_replaced: false,
    is_filled_in_later: false,
    is_missing_while_deleting: false,
    shape: Shape::Cylinder,
};

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
        "the name of the volume in its container groups; by default the names and keys of the resource address, joined by `-`",
    )
    .required()
    .or_made_of(&[])
    .checked(&[DnsLabel])
    .reported(),
    of_groups(
        "type",
        "type",
        Type::Enum(&[EMPTY_DIR, CONFIG_FILE, DISK, NAS, ZOS, DOWNWARD]),
        "the type of the volume",
    )
    .required()
    .reported(),
    of_groups(
        "medium",
        "emptyDirVolume.medium",
        Type::Enum(&["", "Memory"]),
        "empty for the file system; `Memory` for memory, which should be mounted at /dev/shm",
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
        "permissions of the files",
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
        "the ID of an existing disk",
    )
    .only_for(DISK)
    .reported_as("diskVolumeId"),
    Field::local(
        "disk",
        Type::Object(&MANAGED),
        "a managed disk, which eci creates, expands and deletes",
    )
    .only_for(DISK)
    .by_part()
    .own("")
    .own_reported(""),
    of_groups(
        "fs_type",
        "diskVolume.fsType",
        Type::Enum(&["ext4", "xfs"]),
        "the file system of the disk",
    )
    .only_for(DISK)
    .required()
    .reported_as("diskVolumeFsType"),
    of_groups(
        "source_path",
        "nasVolume.sourcePath",
        Type::String,
        "the file system to mount, as `host:/path`, in the same VPC",
    )
    .only_for(NAS)
    .required()
    .checked(&[HostPath])
    .reported_as("nasSourcePath"),
    of_groups(
        "read_only",
        "nasVolume.readOnly",
        Type::Bool,
        "whether it is mounted read-only",
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
        "the URL of the object storage service",
    )
    .only_for(ZOS)
    .required()
    .reported_as("zosUrl"),
    Field::local(
        "access_key",
        Type::String,
        "the access key; with `secret_key`, instead of `credential`",
    )
    .only_for(ZOS)
    .joined_into("credential")
    .in_place()
    .secret(),
    Field::local(
        "secret_key",
        Type::String,
        "the secret key, with `access_key`",
    )
    .only_for(ZOS)
    .joined_into("credential")
    .in_place()
    .secret(),
    of_groups(
        "credential",
        "zosVolume.crendential",
        Type::String,
        "`access_key:secret_key` in base64",
    )
    .only_for(ZOS)
    .required()
    .or_made_of(&["access_key", "secret_key"])
    .secret(),
    of_groups(
        "read_only",
        "zosVolume.readOnly",
        Type::Bool,
        "whether it is mounted read-only",
    )
    .only_for(ZOS)
    .implied(Literal::Bool(false))
    .reported_as("zosReadOnly"),
    of_groups(
        "default_mode",
        "downwardAPIVolume.defaultMode",
        Type::Mode,
        "permissions of the files",
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
    Field::read_only("id", "diskVolumeId", "the ID of the managed disk").own_reported("diskID"),
    Field::read_only("status", "status", "the status of the managed disk")
        .own_reported("diskStatus"),
];

static FILE: Object = Object::new(
    "file",
    "A file of a ConfigFileVolume.",
    &[
        Field::new("path", "path", Type::String, "the path in the volume")
            .required()
            .reported(),
        Field::new(
            "content",
            "content",
            Type::Text64,
            "the content as a string; eci encodes it in base64",
        )
        .one_form_of(&NORMAL_CONTENTS)
        .reported(),
        Field::new(
            "content_base64",
            "content",
            Type::Bytes64,
            "the content in base64, for binary files",
        )
        .one_form_of(&NORMAL_CONTENTS)
        .reported(),
        Field::local(
            "source",
            Type::String,
            "the file to read the content from, relative to the configuration directory",
        )
        .one_form_of(&NORMAL_CONTENTS),
        Field::new(
            "mode",
            "mode",
            Type::Mode,
            "permissions of the file; by default those of the volume",
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
        Field::new("path", "path", Type::String, "the path in the volume")
            .required()
            .reported(),
        Field::new(
            "field_path",
            "fieldRef.fieldPath",
            Type::Enum(&["metadata.name", "metadata.namespace"]),
            "the value that the file contains",
        )
        .reported(),
        Field::new(
            "mode",
            "mode",
            Type::Mode,
            "permissions of the file; by default those of the volume",
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

/// Where it is in the normal form: text is text, however it was written.
const NORMAL_CONTENTS: [&str; 2] = ["content", "content_base64"];

fn one_content(entries: &Map) -> Vec<RuleViolation> {
    let help = Some(format!("give exactly one of {}", CONTENTS.join(", ")));
    match (
        entries.contains_key("content"),
        entries.contains_key("content_base64"),
    ) {
        (true, false) | (false, true) => Vec::new(),
        (false, false) => vec![RuleViolation {
            code: codes::FILE_CONTENT,
            field: None,
            message: "this file has no content".to_owned().into(),
            help: help.map(Into::into),
        }],
        (true, true) => vec![RuleViolation {
            code: codes::FILE_CONTENT,
            field: Some("content_base64"),
            message: "this file has its content twice".to_owned().into(),
            help: help.map(Into::into),
        }],
    }
}

/// Which disk a DiskVolume is.
const DISKS: [&str; 2] = ["volume_handle", "disk"];

fn one_disk_form(entries: &Map) -> Vec<RuleViolation> {
    if entries.get("type").and_then(Value::as_str) != Some(DISK) {
        return Vec::new();
    }
    let help =
        Some("give `volume_handle` for an existing disk or `disk` for a managed one".to_owned());
    match DISKS.map(|key| entries.contains_key(key)) {
        [true, false] | [false, true] => Vec::new(),
        [false, false] => vec![RuleViolation {
            code: codes::DISK_FORM,
            field: None,
            message: "this volume names no disk".to_owned().into(),
            help: help.map(Into::into),
        }],
        [true, true] => {
            vec![RuleViolation {
                code: codes::DISK_FORM,
                field: Some("disk"),
                message: "this volume names two disks".to_owned().into(),
                help: help.map(Into::into),
            }]
        }
    }
}
