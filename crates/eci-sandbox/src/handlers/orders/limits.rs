//! Limits of orders: names, sizes, and combinations.

use super::fields::Fields;
use crate::model::order_error::OrderApiError;
use crate::model::request::text;
use serde_json::{Map, Value};

/// Types of disks with the GB that they are sold in.
const DISK_TYPES: [(&str, i64, i64); 9] = [
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

/// Returns the name of an elastic IP: 2–32 letters, digits, `_`, `-` and Chinese, the first a
/// letter or Chinese.
pub(super) fn eip_name(fields: &Fields) -> Result<&str, OrderApiError> {
    let name = fields.required("name")?;
    let chinese = |letter: char| ('\u{4e00}'..='\u{9fa5}').contains(&letter);
    let begins = name
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || chinese(first));
    let goes_on = name.chars().all(|letter| {
        letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-') || chinese(letter)
    });
    if begins && goes_on && (2..=32).contains(&name.chars().count()) {
        Ok(name)
    } else {
        Err(fields.invalid(format!(
            "name must be 2 to 32 letters, digits, _, - or Chinese, and begin with a letter or \
             Chinese, found {name:?}"
        )))
    }
}

/// Returns the name of a disk: 2–63 letters, digits, `_` and `-`, the first a letter (what both of
/// the vendor's pages take).
pub(super) fn disk_name(fields: &Fields) -> Result<&str, OrderApiError> {
    let name = fields.required("diskName")?;
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let goes_on = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if begins && goes_on && (2..=63).contains(&name.len()) {
        Ok(name)
    } else {
        Err(fields.invalid(format!(
            "diskName must be 2 to 63 letters, digits, _ or -, and begin with a letter, found \
             {name:?}"
        )))
    }
}

/// Returns the size of a new disk, after checking that its type, mode and other fields fit
/// together.
pub(super) fn disk(fields: &Fields) -> Result<i64, OrderApiError> {
    let names = DISK_TYPES.map(|(name, _, _)| name);
    fields.required("diskType")?;
    fields.required("diskMode")?;
    let kind = fields.word("diskType", &names)?;
    let mode = fields.word("diskMode", &["VBD", "ISCSI", "FCSAN"])?;
    let size = size_of(fields, kind, "diskSize")?;
    let fast = kind.starts_with("XSSD");
    let shared = fields.flag("multiAttach")? == Some(true);
    let encrypted = fields.flag("isEncrypt")? == Some(true);
    let wrong = [
        (
            mode == "FCSAN" && kind != "SAS",
            "diskMode FCSAN goes with diskType SAS only",
        ),
        (
            mode == "ISCSI" && kind == "FAST-SSD",
            "diskMode ISCSI does not go with FAST-SSD",
        ),
        (
            fast && mode != "VBD",
            "diskType XSSD goes with diskMode VBD only",
        ),
        (fast && shared, "diskType XSSD does not go with multiAttach"),
        (
            encrypted && (shared || mode == "ISCSI" || fast || kind == "FAST-SSD"),
            "isEncrypt does not go with multiAttach, ISCSI, FAST-SSD and XSSD",
        ),
    ];
    if let Some((_, message)) = wrong.iter().find(|(wrong, _)| *wrong) {
        return Err(fields.invalid(*message));
    }
    Ok(size)
}

/// Returns the GB of a disk of this type.
pub(super) fn size_of(fields: &Fields, kind: &str, name: &str) -> Result<i64, OrderApiError> {
    let known = DISK_TYPES.iter().find(|(known, _, _)| *known == kind);
    let (_, least, most) = known.copied().unwrap_or(("", 10, 32_768));
    fields.within(name, least..=most, None)
}

/// Operations a second beyond those that come with a disk of this type and size; 0 is none.
pub(super) fn iops(
    fields: &Fields,
    spec: &Map<String, Value>,
    size: i64,
) -> Result<i64, OrderApiError> {
    let Some(iops) = fields.whole("provisionedIops")? else {
        return Ok(0);
    };
    let kind = text(spec, "diskType");
    // The base that comes with it, and the most that there can be.
    let (base, cap) = match kind {
        "XSSD-0" => ((1800 + 12 * size).min(10_000), 50_000),
        "XSSD-1" => ((1800 + 50 * size).min(50_000), 100_000),
        "XSSD-2" => ((3000 + 50 * size).min(100_000), 1_000_000),
        "XSSD-3" => ((3000 + 50 * size).min(1_000_000), 1_000_000),
        _ if iops == 0 => return Ok(0),
        _ => return Err(fields.invalid("provisionedIops goes with diskType XSSD only")),
    };
    let most = (500 * size).min(cap) - base;
    if (0..=most.max(0)).contains(&iops) {
        Ok(iops)
    } else {
        Err(fields.invalid(format!(
            "provisionedIops must be 0 to {}, found {iops}",
            most.max(0)
        )))
    }
}
