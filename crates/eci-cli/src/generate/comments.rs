//! What is to be said about what the cloud keeps silent about.

use eci_core::kinds::{CONTAINER_GROUP, VOLUME};
use eci_core::schema::{Availability, Field, Object};
use eci_core::{Map, Value};

/// The comment ahead of a group.
pub(super) fn about(id: &str, attributes: &Map, eip: Option<&str>) -> String {
    let mut lines = vec![format!("Written for {id}, which `eci apply` adopts.")];
    lines.push(format!(
        "The cloud does not report these attributes of a group; add what was asked for, or a \
         replacement goes without it: {}.",
        silent(&CONTAINER_GROUP, attributes, &["az_name", "eip"]).join(", ")
    ));
    lines.push("Nor does it report the zone: az_name is what was given with --az-name.".to_owned());
    let address = attributes.get("internet_ip").and_then(Value::as_str);
    if let Some(eip) = eip {
        lines.push(format!(
            "Whether its EIP was made with it, and goes with it, the cloud does not tell either: if \
             so, give [eip.{eip}] no more than `auto = true` and take it out of the imports."
        ));
        lines.push(UNTOLD_TERMS.to_owned());
    } else if let Some(address) = address {
        lines.push(format!(
            "It has the public address {address}, and the cloud does not report the EIP behind \
             it: to bind that again after a replacement, declare it as [eip.LABEL] with its `id` \
             and give eip = \"LABEL\"."
        ));
    }
    let volumes = attributes.get("volumes").and_then(Value::as_list);
    for volume in volumes.unwrap_or_default().iter().filter_map(Value::as_map) {
        let name = volume.get("name").and_then(Value::as_str);
        let silent = silent(&VOLUME, volume, &["credential"]);
        let modes = volume.contains_key("files") || volume.contains_key("items");
        let modes = modes.then_some("the files' own modes");
        let all: Vec<&str> = silent.into_iter().chain(modes).collect();
        if !all.is_empty() {
            let name = name.unwrap_or_default();
            lines.push(format!("Of the volume {name}: {}.", all.join(", ")));
        }
    }
    lines.iter().map(|line| comment(line)).collect()
}

/// What holds of every EIP.
const UNTOLD_TERMS: &str = "How an EIP is paid for is inferred from what is reported of it; of one \
                            that was renewed, the term is the longest that can be ordered.";

/// The comment ahead of EIPs that no group has.
pub(super) fn about_eips() -> String {
    let lines = [
        "EIPs that nothing is bound to, which `eci apply` adopts.",
        UNTOLD_TERMS,
    ];
    lines.into_iter().map(comment).collect()
}

/// The comment ahead of disks that no group mounts.
pub(super) fn about_disks() -> String {
    let lines = [
        "Disks that nothing has, which `eci apply` adopts.",
        "The cloud does not report the file system on a disk: fs_type is a guess, and matters to \
         the group that mounts it. Nor does it report a description, nor the image or backup that \
         a disk was made from: add what was asked for, or a replacement goes without it.",
    ];
    lines.into_iter().map(comment).collect()
}

/// The required attributes that are secrets which the cloud keeps to itself.
pub(super) fn missing_secrets(object: &'static Object, attributes: &Map) -> Vec<&'static str> {
    let fields = object.fields.iter().filter(|field| {
        field.sensitive
            && field.presence == Availability::Required
            && field.applies_to(attributes)
            && !attributes.contains_key(field.name)
    });
    fields.map(|field| field.name).collect()
}

/// What is sent and never reported.
fn silent(object: &'static Object, attributes: &Map, but: &[&str]) -> Vec<&'static str> {
    let is_silent = |field: &&Field| {
        field.request_path.is_some()
            && field.response_path.is_none()
            && field.applies_to(attributes)
            && !but.contains(&field.name)
    };
    let fields = object.fields.iter().filter(is_silent);
    fields.map(|field| field.name).collect()
}

/// A comment of lines that are not too long. A line break in what the cloud reports does not end it.
fn comment(text: &str) -> String {
    let text = eci_text::line(text);
    const COLUMNS: usize = 96;
    let mut lines = String::from("#");
    let mut column = 1;
    for word in text.split(' ') {
        let width = word.chars().count() + 1;
        if column + width > COLUMNS {
            lines.push_str("\n#");
            column = 1;
        }
        lines.push(' ');
        lines.push_str(word);
        column += width;
    }
    lines + "\n"
}
