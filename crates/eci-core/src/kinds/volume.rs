//! `[volume.L]`: a volume, whose `type` says what else it has.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_text::{FixedText, text};

use super::disk::DISK as MANAGED;
use super::{Loss, Mark, NodeShape, Nouns, Properties, StandaloneCondition};
use crate::address::Kind;
use crate::codes;
use crate::schema::Check::{AtLeastOne, DnsLabel, HostPath};
use crate::schema::{Field, Literal, Object, RuleViolation, Type, doc};
use crate::value::{Map, Value};

/// A volume.
pub static VOLUME: Object = Object::new(
    "volume",
    doc(
        "Storage that containers mount. A volume other than a managed disk is created and deleted with the container groups that use it.",
        "容器挂载的存储。除托管的云硬盘外，存储卷随使用该存储卷的容器组创建和删除。",
    ),
    FIELDS,
)
.normalized_by(join_zos_keys)
.exactly_one(&DISKS)
.validated_by(one_disk_form);

/// The properties of volumes.
///
/// What is deleted with one is the disk that it has.
pub(super) static PROPERTIES: Properties = Properties {
    kind: Kind::Volume,
    name: "volume",
    schema: &VOLUME,
    nouns: Nouns {
        object: "disk",
        with_article: "a disk",
        short: "disk",
        table: "volume",
        counted: eci_text::Noun {
            one: "volume",
            many: "volumes",
            zh: "存储卷",
            measure: "个",
        },
        zh: "云硬盘",
    },
    id_prefix: None,
    example_id: "0ae97ef5-6ee5-44af-9d05-1a509b1c3e15",
    existing_by: Some("volume_handle"),
    assigned: &[],
    name_path: &["disk", "name"],
    has_unique_names: true,
    takes_default_name: |_| true,
    standalone: StandaloneCondition::If(|attributes| attributes.contains_key("disk")),
    is_ordered: true,
    mark: Mark::Label,
    uses_service_paths: true,
    holds_attachments: false,
    attached_as: Some("volumes"),
    runs_containers: false,
    is_public_ip: false,
    loss: Some(Loss::Data),
    is_replaced_on_failure: false,
    is_created_before_replaced: false,
    is_filled_in_later: false,
    is_missing_while_deleting: false,
    shape: NodeShape::Cylinder,
};

const EMPTY_DIR: &str = "EmptyDirVolume";
const CONFIG_FILE: &str = "ConfigFileVolume";
const DISK: &str = "DiskVolume";
const NAS: &str = "NasVolume";
const ZOS: &str = "ZosVolume";
const DOWNWARD: &str = "DownwardAPIVolume";

/// Describes a field of a volume within the groups that use it: a change of it is one of their
/// `volumes`, which they take in place.
const fn of_groups(name: &'static str, wire: &'static str, ty: Type, doc: FixedText) -> Field {
    Field::new(name, wire, ty, doc).in_place()
}

static FIELDS: &[Field] = &[
    of_groups(
        "name",
        "name",
        Type::String,
        doc(
            "the name of the volume in its container groups; by default the names and keys of the resource address, joined by `-`",
            "存储卷在容器组中的名称；默认由资源地址中的名称和键以 `-` 连接而成",
        ),
    )
    .required()
    .or_derived_from(&[])
    .checked(&[DnsLabel])
    .reported(),
    of_groups(
        "type",
        "type",
        Type::Enum(&[EMPTY_DIR, CONFIG_FILE, DISK, NAS, ZOS, DOWNWARD]),
        doc("the type of the volume", "存储卷的类型"),
    )
    .required()
    .reported(),
    of_groups(
        "medium",
        "emptyDirVolume.medium",
        Type::Enum(&["", "Memory"]),
        doc(
            "empty for the file system; `Memory` for memory, which should be mounted at /dev/shm",
            "空字符串表示文件系统；`Memory` 表示内存，应挂载到 /dev/shm",
        ),
    )
    .for_variant(EMPTY_DIR)
    .default(Literal::Text(""))
    .reported_as("emptyDirVolumeMedium"),
    of_groups(
        "size_limit",
        "emptyDirVolume.sizeLimit",
        Type::Integer(1, i64::MAX),
        doc("the size in MB", "大小，单位为 MB"),
    )
    .for_variant(EMPTY_DIR)
    .or_computed()
    .reported_as("emptyDirVolumeSizeLimit"),
    of_groups(
        "default_mode",
        "configFileVolume.defaultMode",
        Type::Mode,
        doc("permissions of the files", "文件权限"),
    )
    .for_variant(CONFIG_FILE),
    of_groups(
        "files",
        "configFileVolume.configFileToPaths",
        Type::Objects(&FILE, &["path"]),
        doc("the files in the volume, each with `path` and its content", "存储卷中的文件，每个都有 `path` 和内容"),
    )
    .for_variant(CONFIG_FILE)
    .required()
    .checked(&[AtLeastOne])
    .reported_as("configFileVolumeConfigFileToPaths"),
    of_groups(
        "volume_handle",
        "diskVolume.volumeHandle",
        Type::String,
        doc("the ID of an existing disk", "已有云硬盘的 ID"),
    )
    .for_variant(DISK)
    .reported_as("diskVolumeId"),
    Field::local(
        "disk",
        Type::Object(&MANAGED),
        doc(
            "a managed disk, which eci creates, expands and deletes",
            "托管的云硬盘，由 eci 创建、扩容和删除",
        ),
    )
    .for_variant(DISK)
    .diff_nested()
    .service_request("")
    .service_response(""),
    of_groups(
        "fs_type",
        "diskVolume.fsType",
        Type::Enum(&["ext4", "xfs"]),
        doc("the file system of the disk", "云硬盘的文件系统"),
    )
    .for_variant(DISK)
    .required()
    .reported_as("diskVolumeFsType"),
    of_groups(
        "source_path",
        "nasVolume.sourcePath",
        Type::String,
        doc(
            "the file system to mount, as `host:/path`, in the same VPC",
            "要挂载的文件系统，格式为 `host:/path`，位于同一 VPC",
        ),
    )
    .for_variant(NAS)
    .required()
    .checked(&[HostPath])
    .reported_as("nasSourcePath"),
    of_groups(
        "read_only",
        "nasVolume.readOnly",
        Type::Bool,
        doc("whether it is mounted read-only", "是否以只读方式挂载"),
    )
    .for_variant(NAS)
    .api_default(Literal::Bool(false))
    .reported_as("nasReadOnly"),
    of_groups("bucket", "zosVolume.bucket", Type::String, doc("the bucket of the object storage to mount", "要挂载的对象存储桶"))
        .for_variant(ZOS)
        .required()
        .reported_as("zosBucket"),
    of_groups(
        "url",
        "zosVolume.url",
        Type::String,
        doc("the URL of the object storage service", "对象存储服务的 URL"),
    )
    .for_variant(ZOS)
    .required()
    .reported_as("zosUrl"),
    Field::local(
        "access_key",
        Type::String,
        doc(
            "the access key; with `secret_key`, instead of `credential`",
            "访问密钥（AK）；与 `secret_key` 一起代替 `credential`",
        ),
    )
    .for_variant(ZOS)
    .joined_into("credential")
    .in_place()
    .secret(),
    Field::local(
        "secret_key",
        Type::String,
        doc("the secret key, with `access_key`", "访问密钥（SK），与 `access_key` 一起使用"),
    )
    .for_variant(ZOS)
    .joined_into("credential")
    .in_place()
    .secret(),
    of_groups(
        "credential",
        "zosVolume.crendential",
        Type::String,
        doc("`access_key:secret_key` in base64", "`access_key:secret_key` 的 base64 编码"),
    )
    .for_variant(ZOS)
    .required()
    .or_derived_from(&["access_key", "secret_key"])
    .secret(),
    of_groups(
        "read_only",
        "zosVolume.readOnly",
        Type::Bool,
        doc("whether it is mounted read-only", "是否以只读方式挂载"),
    )
    .for_variant(ZOS)
    .api_default(Literal::Bool(false))
    .reported_as("zosReadOnly"),
    of_groups(
        "default_mode",
        "downwardAPIVolume.defaultMode",
        Type::Mode,
        doc("permissions of the files", "文件权限"),
    )
    .for_variant(DOWNWARD),
    of_groups(
        "items",
        "downwardAPIVolume.items",
        Type::Objects(&ITEM, &["path"]),
        doc("the files in the volume, each with `path` and `field_path`", "存储卷中的文件，每个都有 `path` 和 `field_path`"),
    )
    .for_variant(DOWNWARD)
    .required()
    .checked(&[AtLeastOne])
    .reported_as("downwardAPIVolumeItems"),
    Field::read_only("id", "diskVolumeId", doc("the ID of the managed disk", "托管的云硬盘的 ID")).service_response("diskID"),
    Field::read_only("status", "status", doc("the status of the managed disk", "托管的云硬盘的状态"))
        .service_response("diskStatus"),
];

static FILE: Object = Object::new(
    "file",
    doc(
        "A file of a ConfigFileVolume.",
        "`ConfigFileVolume` 中的文件。",
    ),
    &[
        Field::new(
            "path",
            "path",
            Type::String,
            doc("the path in the volume", "存储卷中的路径"),
        )
        .required()
        .reported(),
        Field::new(
            "content",
            "content",
            Type::Text64,
            doc(
                "the content as a string; eci encodes it in base64",
                "字符串形式的内容，由 eci 编码为 base64",
            ),
        )
        .one_form_of(&NORMAL_CONTENTS)
        .reported(),
        Field::new(
            "content_base64",
            "content",
            Type::Bytes64,
            doc(
                "the content in base64, for binary files",
                "base64 编码的内容，用于二进制文件",
            ),
        )
        .one_form_of(&NORMAL_CONTENTS)
        .reported(),
        Field::local(
            "source",
            Type::String,
            doc(
                "the file to read the content from, relative to the configuration directory",
                "读取内容的文件，路径相对于配置目录",
            ),
        )
        .one_form_of(&NORMAL_CONTENTS),
        Field::new(
            "mode",
            "mode",
            Type::Mode,
            doc(
                "permissions of the file; by default those of the volume",
                "文件权限；默认使用存储卷的权限",
            ),
        ),
    ],
)
.called("file", "文件")
.normalized_by(text_where_it_is_text)
.exactly_one(&CONTENTS)
.validated_by(one_content);

static ITEM: Object = Object::new(
    "item",
    doc(
        "A file of a DownwardAPIVolume.",
        "`DownwardAPIVolume` 中的文件。",
    ),
    &[
        Field::new(
            "path",
            "path",
            Type::String,
            doc("the path in the volume", "存储卷中的路径"),
        )
        .required()
        .reported(),
        Field::new(
            "field_path",
            "fieldRef.fieldPath",
            Type::Enum(&["metadata.name", "metadata.namespace"]),
            doc("the value that the file contains", "文件包含的值"),
        )
        .reported(),
        Field::new(
            "mode",
            "mode",
            Type::Mode,
            doc(
                "permissions of the file; by default those of the volume",
                "文件权限；默认使用存储卷的权限",
            ),
        ),
    ],
)
.called("item", "Downward API 文件");

/// Joins `access_key` and `secret_key`, which are another way to write `credential`.
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

/// The fields with the content of a file.
///
/// A `source` is read before the rule is checked.
const CONTENTS: [&str; 3] = ["content", "content_base64", "source"];

/// The fields with the content in the normal form: text is text, however it was written.
const NORMAL_CONTENTS: [&str; 2] = ["content", "content_base64"];

fn one_content(entries: &Map) -> Vec<RuleViolation> {
    let has = |key: &str| entries.contains_key(key);
    let (field, message, help) = match NORMAL_CONTENTS.map(has) {
        [true, false] | [false, true] => return Vec::new(),
        [false, false] => (
            None,
            text!(en: "a file requires `content`, `content_base64`, or `source`", zh: "文件需要 `content`、`content_base64` 或 `source`"),
            text!(en: "set exactly one of them; for an empty file, set `content = \"\"`", zh: "只设置其中一个；如需空文件，设置 `content = \"\"`"),
        ),
        [true, true] => (
            Some("content_base64"),
            text!(en: "`content_base64` conflicts with `content`", zh: "`content_base64` 与 `content` 不能同时设置"),
            text!(en: "keep one of them", zh: "只保留其中一个"),
        ),
    };
    vec![RuleViolation {
        code: codes::FILE_CONTENT,
        field,
        message,
        help: Some(help),
    }]
}

/// The fields that name the disk of a DiskVolume.
const DISKS: [&str; 2] = ["volume_handle", "disk"];

fn one_disk_form(entries: &Map) -> Vec<RuleViolation> {
    if entries.get("type").and_then(Value::as_str) != Some(DISK) {
        return Vec::new();
    }
    let (field, message, help) = match DISKS.map(|key| entries.contains_key(key)) {
        [true, false] | [false, true] => return Vec::new(),
        [false, false] => (
            None,
            text!(en: "a `DiskVolume` requires `volume_handle` or `disk`", zh: "`DiskVolume` 需要 `volume_handle` 或 `disk`"),
            text!(en: "set `volume_handle` for an existing disk, or `disk` for a managed disk", zh: "已有的云硬盘设置 `volume_handle`，托管的云硬盘设置 `disk`"),
        ),
        [true, true] => (
            Some("disk"),
            text!(en: "`disk` conflicts with `volume_handle`", zh: "`disk` 与 `volume_handle` 不能同时设置"),
            text!(en: "keep `volume_handle` for an existing disk, or `disk` for a managed disk", zh: "已有的云硬盘保留 `volume_handle`，托管的云硬盘保留 `disk`"),
        ),
    };
    vec![RuleViolation {
        code: codes::CONFLICTING_DISK_KEYS,
        field,
        message,
        help: Some(help),
    }]
}
