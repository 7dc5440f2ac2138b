//! `disk` of a volume: a managed cloud disk, created, changed and deleted with its table.
//!
//! The places on the wire are those of the disk service, and the fields those of the vendor's
//! published clients.

use eci_text::{Text, text};

use crate::codes::{self, Code};
use crate::schema::Check::{DiskName, LabelLengths, NotEmpty};
use crate::schema::{Field, Literal, Object, RuleViolation, Type, doc};
use crate::value::{Map, Value};

/// A managed disk.
pub static DISK: Object =
    Object::new("disk", doc("A managed disk.", "托管的云硬盘。"), FIELDS).validated_by(rules);

const SIZES: [(&str, i64, i64); 9] = [
    ("SATA", 10, 32_768),
    ("SAS", 10, 32_768),
    ("SSD", 10, 32_768),
    ("SSD-genric", 10, 32_768),
    ("FAST-SSD", 10, 32_768),
    ("XSSD-0", 10, 65_536),
    ("XSSD-1", 20, 65_536),
    ("XSSD-2", 512, 65_536),
    ("XSSD-3", 1024, 65_536),
];

static FIELDS: &[Field] = &[
    Field::new(
        "name",
        "diskName",
        Type::String,
        doc(
            "the name in the cloud; by default the names and keys of the resource address, joined by `-`; a default name is kept when the resource moves",
            "云端的名称；默认由资源地址中的名称和键以 `-` 连接而成；移动资源后，默认名称不变",
        ),
    )
    .required()
    .or_derived_from(&[])
    .checked(&[DiskName])
    .in_place()
    .reported()
    .from_client(),
    Field::new(
        "size",
        "diskSize",
        Type::Integer(1, 65_536),
        doc(
            "the size in GB; the range depends on `kind`. It can be increased but not decreased; the file system on the disk is not expanded",
            "容量，单位为 GB，范围取决于 `kind`。可以扩容，不能缩容；云硬盘上的文件系统不会随之扩容",
        ),
    )
    .required()
    .in_place()
    .reported()
    .from_client(),
    Field::new(
        "kind",
        "diskType",
        Type::Enum(&[
            "SATA",
            "SAS",
            "SSD",
            "SSD-genric",
            "FAST-SSD",
            "XSSD-0",
            "XSSD-1",
            "XSSD-2",
            "XSSD-3",
        ]),
        doc("the type of the disk", "云硬盘的类型"),
    )
    .required()
    .reported()
    .from_client(),
    Field::new(
        "mode",
        "diskMode",
        Type::Enum(&["VBD", "ISCSI", "FCSAN"]),
        doc("how the disk is attached", "云硬盘的挂载方式"),
    )
    .default(Literal::Text("VBD"))
    .reported()
    .from_client(),
    Field::new(
        "az_name",
        "azName",
        Type::String,
        doc(
            "the name of the availability zone, the same as that of the container group; not needed in a region with a single zone",
            "可用区的名称，与容器组相同；只有一个可用区的区域无需设置",
        ),
    )
    .or_computed()
    .checked(&[NotEmpty])
    .reported()
    .from_client(),
    Field::new(
        "on_demand",
        "onDemand",
        Type::Bool,
        doc(
            "whether it is billed as pay-as-you-go, rather than as a subscription",
            "是否按需计费，否则为包年包月",
        ),
    )
    .api_default(Literal::Bool(true))
    .from_client(),
    Field::new(
        "cycle_type",
        "cycleType",
        Type::Enum(&["month", "year"]),
        doc(
            "the unit of the subscription term; only with `on_demand = false`",
            "订购时长的单位；仅在 `on_demand = false` 时使用",
        ),
    )
    .from_client(),
    Field::new(
        "cycle_count",
        "cycleCount",
        Type::Integer(1, 60),
        doc(
            "the subscription term: 1 to 60 months, or 1 to 5 years",
            "订购时长：1 到 60 个月，或 1 到 5 年",
        ),
    )
    .from_client(),
    Field::new(
        "multi_attach",
        "multiAttach",
        Type::Bool,
        doc("whether several machines can attach it at the same time", "是否允许多台机器同时挂载"),
    )
    .api_default(Literal::Bool(false))
    .reported()
    .from_client(),
    Field::new(
        "is_encrypt",
        "isEncrypt",
        Type::Bool,
        doc("whether it is encrypted", "是否加密"),
    )
    .api_default(Literal::Bool(false))
    .reported()
    .from_client(),
    Field::new(
        "kms_uuid",
        "kmsUUID",
        Type::String,
        doc(
            "the ID of the encryption key; by default the key of the account",
            "加密密钥的 ID；默认使用账号的密钥",
        ),
    )
    .or_computed()
    .checked(&[NotEmpty])
    .reported()
    .from_client(),
    Field::new(
        "provisioned_iops",
        "provisionedIops",
        Type::Integer(0, 1_000_000),
        doc(
            "provisioned IOPS in addition to those that an XSSD includes",
            "在 XSSD 自带 IOPS 之外的预配置 IOPS",
        ),
    )
    .api_default(Literal::Integer(0))
    .in_place()
    .reported()
    .from_client(),
    Field::new(
        "delete_snap_with_ebs",
        "deleteSnapWithEbs",
        Type::Bool,
        doc(
            "whether its snapshots are deleted together with it, if the region supports snapshots",
            "是否随云硬盘删除云硬盘快照（如果区域支持云硬盘快照）",
        ),
    )
    .api_default(Literal::Bool(false))
    .in_place()
    .reported()
    .from_client(),
    Field::new(
        "labels",
        "labels",
        Type::Table(&Type::String, ["key", "value"]),
        doc("labels; eci adds one", "云硬盘标签；其中 1 个由 eci 添加"),
    )
    .checked(&[LabelLengths])
    .reported()
    .from_client(),
    Field::new(
        "image_id",
        "imageID",
        Type::String,
        doc(
            "the ID of the private data disk image to create it from",
            "创建云硬盘所用私有数据盘镜像的 ID",
        ),
    )
    .from_client(),
    Field::new(
        "backup_id",
        "backupID",
        Type::String,
        doc("the ID of the disk backup to create it from", "创建云硬盘所用云硬盘备份的 ID"),
    )
    .from_client(),
    Field::new(
        "project_id",
        "projectID",
        Type::String,
        doc("the ID of the enterprise project", "企业项目的 ID"),
    )
    .or_computed()
    .reported()
    .from_client(),
    Field::new(
        "description",
        "volumeDescription",
        Type::String,
        doc("a description; the cloud does not report it", "描述；云端不返回"),
    )
    .in_place()
    .from_client(),
];

fn rules(entries: &Map) -> Vec<RuleViolation> {
    let mut faults = Vec::new();
    let Some(kind) = text(entries, "kind") else {
        return faults;
    };
    size(entries, kind, &mut faults);
    attachment(entries, kind, &mut faults);
    encryption(entries, kind, &mut faults);
    origin(entries, &mut faults);
    operations(entries, kind, &mut faults);
    payment(entries, &mut faults);
    faults
}

fn size(entries: &Map, kind: &str, faults: &mut Vec<RuleViolation>) {
    let limits = SIZES.iter().find(|(name, ..)| *name == kind);
    if let (Some(size), Some((_, least, most))) = (integer(entries, "size"), limits)
        && !(*least..=*most).contains(&size)
    {
        faults.push(fault(
            codes::DISK,
            "size",
            text!(en: "the size of a `{kind}` disk must be from {least} to {most} GB, found {size}", zh: "`{kind}` 云硬盘的容量必须为 {least} 到 {most} GB，实际为 {size}", kind = kind, least = least, most = most, size = size),
            text!(en: "change `size` or `kind`", zh: "修改 `size` 或 `kind`"),
        ));
    }
}

fn attachment(entries: &Map, kind: &str, faults: &mut Vec<RuleViolation>) {
    let message = match text(entries, "mode") {
        Some("FCSAN") if kind != "SAS" => Some(
            text!(en: "mode `FCSAN` is supported only by `SAS` disks", zh: "只有 `SAS` 云硬盘支持模式 `FCSAN`"),
        ),
        Some(mode) if mode != "VBD" && (is_xssd(kind) || (kind, mode) == ("FAST-SSD", "ISCSI")) => {
            Some(
                text!(en: "mode `{mode}` is not supported by `{kind}` disks", zh: "`{kind}` 云硬盘不支持模式 `{mode}`", mode = mode, kind = kind),
            )
        }
        _ => None,
    };
    faults.extend(message.map(|message| fault(codes::DISK, "mode", message, removal("mode"))));
    if is_true(entries, "multi_attach") && is_xssd(kind) {
        faults.push(unsupported("multi_attach", kind));
    }
}

/// Returns the violation that a key is not supported by this kind of disk.
fn unsupported(field: &'static str, kind: &str) -> RuleViolation {
    let message = text!(en: "`{field}` is not supported by `{kind}` disks", zh: "`{kind}` 云硬盘不支持 `{field}`", field = field, kind = kind);
    fault(codes::DISK, field, message, removal(field))
}

/// Returns the help to remove a key.
fn removal(field: &str) -> Text {
    text!(en: "remove `{field}`", zh: "删除 `{field}`", field = field)
}

fn encryption(entries: &Map, kind: &str, faults: &mut Vec<RuleViolation>) {
    if !is_true(entries, "is_encrypt") {
        if entries.contains_key("kms_uuid") {
            faults.push(fault(
                codes::DISK,
                "kms_uuid",
                text!(en: "`kms_uuid` is supported only by encrypted disks", zh: "只有加密的云硬盘支持 `kms_uuid`"),
                text!(en: "set `is_encrypt = true`", zh: "设置 `is_encrypt = true`"),
            ));
        }
        return;
    }
    let message = match text(entries, "mode") {
        _ if is_xssd(kind) || kind == "FAST-SSD" => {
            text!(en: "`{kind}` disks cannot be encrypted", zh: "`{kind}` 云硬盘不支持加密", kind = kind)
        }
        Some("ISCSI") => {
            text!(en: "disks with mode `ISCSI` cannot be encrypted", zh: "模式为 `ISCSI` 的云硬盘不支持加密")
        }
        _ if is_true(entries, "multi_attach") => {
            text!(en: "shared disks cannot be encrypted", zh: "共享的云硬盘不支持加密")
        }
        _ if entries.contains_key("image_id") => {
            text!(en: "disks created from an image cannot be encrypted", zh: "由镜像创建的云硬盘不支持加密")
        }
        _ => return,
    };
    faults.push(fault(
        codes::DISK,
        "is_encrypt",
        message,
        removal("is_encrypt"),
    ));
}

fn origin(entries: &Map, faults: &mut Vec<RuleViolation>) {
    let given = |field: &str| entries.contains_key(field);
    if given("image_id") && given("backup_id") {
        faults.push(fault(
            codes::DISK,
            "backup_id",
            text!(en: "`backup_id` conflicts with `image_id`", zh: "`backup_id` 与 `image_id` 不能同时设置"),
            text!(en: "keep one of them", zh: "只保留其中一个"),
        ));
    }
    let is_other = text(entries, "mode").is_some_and(|mode| mode != "VBD");
    if is_other && (given("image_id") || given("backup_id")) {
        let message = text!(en: "a disk created from an image or a backup must have mode `VBD`", zh: "由镜像或云硬盘备份创建的云硬盘，模式必须为 `VBD`");
        faults.push(fault(codes::DISK, "mode", message, removal("mode")));
    }
}

/// Checks the provisioned IOPS.
///
/// The documented maximum differs by page; this is the highest of them.
fn operations(entries: &Map, kind: &str, faults: &mut Vec<RuleViolation>) {
    let Some(given) = integer(entries, "provisioned_iops").filter(|given| *given > 0) else {
        return;
    };
    let most = match kind {
        "XSSD-0" | "XSSD-1" => 100_000,
        "XSSD-2" | "XSSD-3" => 1_000_000,
        _ => return faults.push(unsupported("provisioned_iops", kind)),
    };
    let by_size = integer(entries, "size").map_or(most, |size| size.saturating_mul(500));
    let most = most.min(by_size);
    if given > most {
        faults.push(fault(
            codes::DISK,
            "provisioned_iops",
            text!(en: "`provisioned_iops` of a `{kind}` disk of this size must be at most {most}, found {given}", zh: "此容量的 `{kind}` 云硬盘，`provisioned_iops` 最大为 {most}，实际为 {given}", kind = kind, most = most, given = given),
            text!(en: "reduce it", zh: "减小该值"),
        ));
    }
}

fn payment(entries: &Map, faults: &mut Vec<RuleViolation>) {
    let given = |field: &str| entries.contains_key(field);
    // A default of the API is omitted from the normal form.
    if !given("on_demand") {
        for field in ["cycle_type", "cycle_count"] {
            if given(field) {
                faults.push(fault(
                    codes::PAYMENT,
                    field,
                    text!(en: "`{field}` is not supported for a pay-as-you-go disk", zh: "按需计费的云硬盘不支持 `{field}`", field = field),
                    text!(en: "remove it, or set `on_demand = false`", zh: "删除该键，或设置 `on_demand = false`"),
                ));
            }
        }
        return;
    }
    if entries.get("on_demand").is_some_and(Value::is_unknown) {
        return;
    }
    for field in ["cycle_type", "cycle_count"] {
        if !given(field) {
            faults.push(fault(
                codes::PAYMENT,
                "on_demand",
                text!(en: "a disk with a subscription requires `{field}`", zh: "包年包月的云硬盘需要 `{field}`", field = field),
                text!(en: "set both `cycle_type` and `cycle_count`", zh: "同时设置 `cycle_type` 和 `cycle_count`"),
            ));
        }
    }
    let years = text(entries, "cycle_type") == Some("year");
    if let Some(count) = integer(entries, "cycle_count").filter(|count| years && *count > 5) {
        let message = text!(en: "`cycle_count` must be at most 5 for a subscription by the year, found {count}", zh: "`cycle_type` 为 `year` 时，`cycle_count` 最大为 5，实际为 {count}", count = count);
        faults.push(fault(
            codes::PAYMENT,
            "cycle_count",
            message,
            text!(en: "reduce it", zh: "减小该值"),
        ));
    }
}

fn is_xssd(kind: &str) -> bool {
    kind.starts_with("XSSD")
}

fn is_true(entries: &Map, field: &str) -> bool {
    entries.get(field).and_then(Value::as_bool) == Some(true)
}

fn text<'a>(entries: &'a Map, field: &str) -> Option<&'a str> {
    entries.get(field).and_then(Value::as_str)
}

fn integer(entries: &Map, field: &str) -> Option<i64> {
    entries.get(field)?.as_number()?.as_i64()
}

fn fault(code: &'static Code, field: &'static str, message: Text, help: Text) -> RuleViolation {
    RuleViolation {
        code,
        field: Some(field),
        message,
        help: Some(help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::normalize_config;

    fn violations_of(given: &[(&str, Value)]) -> Vec<String> {
        let mut entries = Map::from_iter([
            ("name".into(), Value::from("data")),
            ("kind".into(), Value::from("SATA")),
            ("size".into(), Value::from(40)),
        ]);
        for (key, value) in given {
            entries.insert((*key).into(), value.clone());
        }
        let violations = normalize_config(&DISK, &entries).violations.into_iter();
        violations.map(|found| found.path.to_string()).collect()
    }

    #[test]
    fn a_plain_disk_is_right() {
        assert_eq!(violations_of(&[]), [""; 0]);
    }

    #[test]
    fn the_size_depends_on_the_kind() {
        let of =
            |kind: &str, size: i64| violations_of(&[("kind", kind.into()), ("size", size.into())]);
        assert_eq!(of("SATA", 9), ["size"]);
        assert_eq!(of("XSSD-1", 20), [""; 0]);
        assert_eq!(of("XSSD-2", 511), ["size"]);
        assert_eq!(of("XSSD-0", 65_536), [""; 0]);
    }

    #[test]
    fn a_conflict_is_reported_at_one_of_the_attributes() {
        let yes = || Value::from(true);
        assert_eq!(violations_of(&[("mode", "FCSAN".into())]), ["mode"]);
        assert_eq!(
            violations_of(&[("kind", "SAS".into()), ("mode", "FCSAN".into())]),
            [""; 0]
        );
        let xssd = || ("kind", Value::from("XSSD-0"));
        assert_eq!(
            violations_of(&[xssd(), ("multi_attach", yes())]),
            ["multi_attach"]
        );
        assert_eq!(
            violations_of(&[xssd(), ("is_encrypt", yes())]),
            ["is_encrypt"]
        );
        assert_eq!(violations_of(&[("kms_uuid", "k".into())]), ["kms_uuid"]);
        assert_eq!(
            violations_of(&[("provisioned_iops", 10.into())]),
            ["provisioned_iops"]
        );
        assert_eq!(
            violations_of(&[xssd(), ("provisioned_iops", 20_001.into())]),
            ["provisioned_iops"]
        );
        assert_eq!(violations_of(&[("cycle_count", 1.into())]), ["cycle_count"]);
        let ahead = [
            ("on_demand", Value::from(false)),
            ("cycle_type", "year".into()),
            ("cycle_count", 6.into()),
        ];
        assert_eq!(violations_of(&ahead), ["cycle_count"]);
        assert_eq!(violations_of(&ahead[..1]), ["on_demand", "on_demand"]);
    }
}
