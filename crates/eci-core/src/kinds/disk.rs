//! `disk` of a volume: a cloud disk of its own, made, changed and given back with its table.
//!
//! The places on the wire are those of the disk service, and the fields those of the vendor's
//! published clients.

use crate::codes::{self, Code};
use crate::schema::Check::{DiskName, LabelLengths, NotEmpty};
use crate::schema::{Field, Literal, Object, RuleViolation, Type};
use crate::value::{Map, Value};

/// A managed disk.
pub static DISK: Object = Object::new("disk", "A managed disk.", FIELDS).validated_by(rules);

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
        "the name in the cloud; by default the names and keys of the resource address, joined by `-`; a default name is kept when the resource moves",
    )
    .required()
    .or_made_of(&[])
    .checked(&[DiskName])
    .in_place()
    .reported()
    .from_client(),
    Field::new(
        "size",
        "diskSize",
        Type::Integer(1, 65_536),
        "the size in GB; the range depends on `kind`. It can be increased but not decreased; the file system on the disk is not expanded",
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
        "the type of the disk",
    )
    .required()
    .reported()
    .from_client(),
    Field::new(
        "mode",
        "diskMode",
        Type::Enum(&["VBD", "ISCSI", "FCSAN"]),
        "how the disk is attached",
    )
    .default(Literal::Text("VBD"))
    .reported()
    .from_client(),
    Field::new(
        "az_name",
        "azName",
        Type::String,
        "the name of the availability zone, the same as that of the container group; not needed in a region with a single zone",
    )
    .or_chosen()
    .checked(&[NotEmpty])
    .reported()
    .from_client(),
    Field::new(
        "on_demand",
        "onDemand",
        Type::Bool,
        "whether it is billed as pay-as-you-go, rather than as a subscription",
    )
    .implied(Literal::Bool(true))
    .from_client(),
    Field::new(
        "cycle_type",
        "cycleType",
        Type::Enum(&["month", "year"]),
        "the unit of the subscription term; only with `on_demand = false`",
    )
    .from_client(),
    Field::new(
        "cycle_count",
        "cycleCount",
        Type::Integer(1, 60),
        "the subscription term: 1 to 60 months, or 1 to 5 years",
    )
    .from_client(),
    Field::new(
        "multi_attach",
        "multiAttach",
        Type::Bool,
        "whether several machines can attach it at the same time",
    )
    .implied(Literal::Bool(false))
    .reported()
    .from_client(),
    Field::new(
        "is_encrypt",
        "isEncrypt",
        Type::Bool,
        "whether it is encrypted",
    )
    .implied(Literal::Bool(false))
    .reported()
    .from_client(),
    Field::new(
        "kms_uuid",
        "kmsUUID",
        Type::String,
        "the ID of the encryption key; by default the key of the account",
    )
    .or_chosen()
    .checked(&[NotEmpty])
    .reported()
    .from_client(),
    Field::new(
        "provisioned_iops",
        "provisionedIops",
        Type::Integer(0, 1_000_000),
        "provisioned IOPS in addition to those that an XSSD includes",
    )
    .implied(Literal::Integer(0))
    .in_place()
    .reported()
    .from_client(),
    Field::new(
        "delete_snap_with_ebs",
        "deleteSnapWithEbs",
        Type::Bool,
        "whether its snapshots are deleted together with it, if the region supports snapshots",
    )
    .implied(Literal::Bool(false))
    .in_place()
    .reported()
    .from_client(),
    Field::new(
        "labels",
        "labels",
        Type::Table(&Type::String, ["key", "value"]),
        "labels; eci adds one",
    )
    .checked(&[LabelLengths])
    .reported()
    .from_client(),
    Field::new(
        "image_id",
        "imageID",
        Type::String,
        "the ID of the private data disk image to create it from",
    )
    .from_client(),
    Field::new(
        "backup_id",
        "backupID",
        Type::String,
        "the ID of the disk backup to create it from",
    )
    .from_client(),
    Field::new(
        "project_id",
        "projectID",
        Type::String,
        "the ID of the enterprise project",
    )
    .or_chosen()
    .reported()
    .from_client(),
    Field::new(
        "description",
        "volumeDescription",
        Type::String,
        "a description; the cloud does not report it",
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
            format!("a {kind} disk of {size} GB does not exist"),
            &format!("give {least} to {most}, or another `kind`"),
        ));
    }
}

fn attachment(entries: &Map, kind: &str, faults: &mut Vec<RuleViolation>) {
    let help = "leave `mode` out";
    match text(entries, "mode") {
        Some("FCSAN") if kind != "SAS" => {
            faults.push(fault(
                codes::DISK,
                "mode",
                "only SAS has FCSAN".to_owned(),
                help,
            ));
        }
        Some(mode) if mode != "VBD" && (is_xssd(kind) || (kind, mode) == ("FAST-SSD", "ISCSI")) => {
            faults.push(fault(
                codes::DISK,
                "mode",
                format!("{kind} has no {mode}"),
                help,
            ));
        }
        _ => {}
    }
    if is_true(entries, "multi_attach") && is_xssd(kind) {
        let message = format!("a {kind} disk cannot be shared");
        faults.push(fault(codes::DISK, "multi_attach", message, "leave it out"));
    }
}

fn encryption(entries: &Map, kind: &str, faults: &mut Vec<RuleViolation>) {
    if !is_true(entries, "is_encrypt") {
        if entries.contains_key("kms_uuid") {
            let message = "a key is given for a disk that is not encrypted".to_owned();
            faults.push(fault(
                codes::DISK,
                "kms_uuid",
                message,
                "write is_encrypt = true",
            ));
        }
        return;
    }
    let hindrance = match text(entries, "mode") {
        _ if is_xssd(kind) || kind == "FAST-SSD" => format!("a {kind} disk"),
        Some("ISCSI") => "a disk with ISCSI".to_owned(),
        _ if is_true(entries, "multi_attach") => "a shared disk".to_owned(),
        _ if entries.contains_key("image_id") => "a disk that is made from an image".to_owned(),
        _ => return,
    };
    let message = format!("{hindrance} cannot be encrypted");
    faults.push(fault(codes::DISK, "is_encrypt", message, "leave it out"));
}

fn origin(entries: &Map, faults: &mut Vec<RuleViolation>) {
    let given = |field: &str| entries.contains_key(field);
    if given("image_id") && given("backup_id") {
        let message = "a disk is made from an image or from a backup".to_owned();
        faults.push(fault(
            codes::DISK,
            "backup_id",
            message,
            "leave one of them out",
        ));
    }
    let is_other = text(entries, "mode").is_some_and(|mode| mode != "VBD");
    if is_other && (given("image_id") || given("backup_id")) {
        let message = "a disk that is made from an image or a backup has mode VBD".to_owned();
        faults.push(fault(codes::DISK, "mode", message, "leave `mode` out"));
    }
}

/// What is documented of the most differs by page: this is the highest of it.
fn operations(entries: &Map, kind: &str, faults: &mut Vec<RuleViolation>) {
    let Some(given) = integer(entries, "provisioned_iops").filter(|given| *given > 0) else {
        return;
    };
    let most = match kind {
        "XSSD-0" | "XSSD-1" => 100_000,
        "XSSD-2" | "XSSD-3" => 1_000_000,
        _ => {
            let message = format!("a {kind} disk has no provisioned operations");
            faults.push(fault(
                codes::DISK,
                "provisioned_iops",
                message,
                "leave it out",
            ));
            return;
        }
    };
    let by_size = integer(entries, "size").map_or(most, |size| size.saturating_mul(500));
    let most = most.min(by_size);
    if given > most {
        let message =
            format!("{given} is more than the {most} that a {kind} of this size can have");
        faults.push(fault(codes::DISK, "provisioned_iops", message, "lower it"));
    }
}

fn payment(entries: &Map, faults: &mut Vec<RuleViolation>) {
    let given = |field: &str| entries.contains_key(field);
    // What is implied is left out of the normal form.
    if !given("on_demand") {
        for field in ["cycle_type", "cycle_count"] {
            if given(field) {
                let message = format!("a disk that is paid on demand has no `{field}`");
                faults.push(fault(
                    codes::PAYMENT,
                    field,
                    message,
                    "leave it out, or write on_demand = false",
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
            let message = format!("a disk that is paid ahead needs `{field}`");
            faults.push(fault(
                codes::PAYMENT,
                "on_demand",
                message,
                "give both cycle_type and cycle_count",
            ));
        }
    }
    let years = text(entries, "cycle_type") == Some("year");
    if let Some(count) = integer(entries, "cycle_count").filter(|count| years && *count > 5) {
        let message = format!("{count} is more than the 5 years that can be paid ahead");
        faults.push(fault(codes::PAYMENT, "cycle_count", message, "lower it"));
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

fn fault(code: &'static Code, field: &'static str, message: String, help: &str) -> RuleViolation {
    RuleViolation {
        code,
        field: Some(field),
        message: message.into(),
        help: Some(help.to_owned().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::normalize_config;

    fn told(given: &[(&str, Value)]) -> Vec<String> {
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
        assert_eq!(told(&[]), [""; 0]);
    }

    #[test]
    fn the_size_depends_on_the_kind() {
        let of = |kind: &str, size: i64| told(&[("kind", kind.into()), ("size", size.into())]);
        assert_eq!(of("SATA", 9), ["size"]);
        assert_eq!(of("XSSD-1", 20), [""; 0]);
        assert_eq!(of("XSSD-2", 511), ["size"]);
        assert_eq!(of("XSSD-0", 65_536), [""; 0]);
    }

    #[test]
    fn what_does_not_go_together_is_told_at_one_of_them() {
        let yes = || Value::from(true);
        assert_eq!(told(&[("mode", "FCSAN".into())]), ["mode"]);
        assert_eq!(
            told(&[("kind", "SAS".into()), ("mode", "FCSAN".into())]),
            [""; 0]
        );
        let xssd = || ("kind", Value::from("XSSD-0"));
        assert_eq!(told(&[xssd(), ("multi_attach", yes())]), ["multi_attach"]);
        assert_eq!(told(&[xssd(), ("is_encrypt", yes())]), ["is_encrypt"]);
        assert_eq!(told(&[("kms_uuid", "k".into())]), ["kms_uuid"]);
        assert_eq!(
            told(&[("provisioned_iops", 10.into())]),
            ["provisioned_iops"]
        );
        assert_eq!(
            told(&[xssd(), ("provisioned_iops", 20_001.into())]),
            ["provisioned_iops"]
        );
        assert_eq!(told(&[("cycle_count", 1.into())]), ["cycle_count"]);
        let ahead = [
            ("on_demand", Value::from(false)),
            ("cycle_type", "year".into()),
            ("cycle_count", 6.into()),
        ];
        assert_eq!(told(&ahead), ["cycle_count"]);
        assert_eq!(told(&ahead[..1]), ["on_demand", "on_demand"]);
    }
}
