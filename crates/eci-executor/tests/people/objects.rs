//! EIPs and disks as people think of them: in the root, under keys and in modules.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::config::Config;

/// All places at which EIPs can be declared: by label, by label and key, or by module and label.
pub(crate) const EIPS: [&str; 7] = [
    "east",
    "west",
    "north",
    "south",
    "pool[\"x\"]",
    "pool[\"y\"]",
    "m.own",
];
/// All places at which disks can be declared.
pub(crate) const DISKS: [&str; 6] = [
    "data",
    "logs",
    "more",
    "bulk[\"x\"]",
    "bulk[\"y\"]",
    "n.own",
];

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Eip {
    pub(crate) name: String,
    pub(crate) bandwidth: u64,
    pub(crate) line: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Disk {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) kind: usize,
    /// The cloud does not report it.
    pub(crate) description: Option<usize>,
}

pub(crate) const LINES: [&str; 2] = ["163", "bgp"];
pub(crate) const DISK_KINDS: [&str; 2] = ["SATA", "SSD"];

/// The address of an EIP.
pub(crate) fn eip(label: &str) -> String {
    address("eip", label)
}

/// The address of a volume.
pub(crate) fn volume(label: &str) -> String {
    address("volume", label)
}

/// The address of the automatic EIP of a group in the root.
pub(crate) fn automatic(group: &str) -> String {
    eip(&format!("own_{group}"))
}

fn address(kind: &str, label: &str) -> String {
    match label.split_once('.') {
        Some((module, label)) => format!("module.{module}.{kind}.{label}"),
        None => format!("{kind}.{label}"),
    }
}

/// The address of what triggers a replacement, by its label in the root.
pub(crate) fn trigger(label: &str) -> String {
    if EIPS.contains(&label) {
        eip(label)
    } else if DISKS.contains(&label) {
        volume(label)
    } else {
        format!("container_group.{label}")
    }
}

/// Returns whether an address is that of a volume.
pub(crate) fn is_volume(address: &str) -> bool {
    address.starts_with("volume.") || address.contains(".volume.")
}

/// Returns the label by which a group in the root names an EIP.
pub(crate) fn eip_label(label: &str) -> String {
    named("eip", label)
}

/// Returns the label by which a group in the root names a volume.
pub(crate) fn volume_label(label: &str) -> String {
    named("volume", label)
}

fn named(kind: &str, label: &str) -> String {
    match label.split_once('.') {
        Some((module, label)) => format!("${{module.{module}.{kind}_{label}}}"),
        None => label.to_owned(),
    }
}

/// Returns the expression by which the root reads the public IP address of an EIP.
pub(crate) fn eip_public(label: &str) -> String {
    match label.split_once('.') {
        Some((module, label)) => format!("${{module.{module}.address_{label}}}"),
        None => format!("${{eip.{label}.address}}"),
    }
}

/// Returns the path at which a volume is mounted.
pub(crate) fn mount_path(label: &str) -> String {
    format!("/{}", label.replace(['[', '"', ']', '.'], "-"))
}

/// The modules that EIPs and disks are in.
pub(crate) fn modules(config: &Config) -> impl Iterator<Item = &'static str> {
    let labels = config.eips.keys().chain(config.disks.keys());
    labels.filter_map(|label| Some(label.split_once('.')?.0))
}

/// Writes the tables of the EIPs and disks of the root, or of a module.
pub(crate) fn tables(config: &Config, module: Option<&str>, text: &mut String) {
    let mut keyed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (label, eip) in &config.eips {
        let Eip {
            name,
            bandwidth,
            line,
        } = eip;
        let line = LINES[*line];
        match spot(label) {
            (of, Spot::Alone(label)) if of == module => {
                let _ = writeln!(
                    text,
                    "[eip.{label}]\nname = \"{name}\"\nbandwidth = {bandwidth}\nline_type = \"{line}\""
                );
                if module.is_some() {
                    let _ = writeln!(
                        text,
                        "[output.eip_{label}]\nvalue = '${{eip.{label}.id}}'\n\
                         [output.address_{label}]\nvalue = '${{eip.{label}.address}}'"
                    );
                }
            }
            (of, Spot::Key(label, key)) if of == module => {
                let table = format!(
                    "[eip.{label}]\nname = '${{each.value.name}}'\n\
                     bandwidth = '${{each.value.bandwidth}}'\nline_type = '${{each.value.line}}'"
                );
                keyed.entry(table).or_default().push(format!(
                    "{key} = {{ name = \"{name}\", bandwidth = {bandwidth}, line = \"{line}\" }}"
                ));
            }
            _ => {}
        }
    }
    for (label, disk) in &config.disks {
        let Disk {
            name,
            size,
            kind,
            description,
        } = disk;
        let kind = DISK_KINDS[*kind];
        let head = "type = \"DiskVolume\"\nfs_type = \"ext4\"";
        let tail = "lifecycle = { prevent_destroy = false }";
        match spot(label) {
            (of, Spot::Alone(label)) if of == module => {
                let described = description.map(|text| format!(", description = \"{text}\""));
                let described = described.unwrap_or_default();
                let _ = writeln!(
                    text,
                    "[volume.{label}]\n{head}\n\
                     disk = {{ size = {size}, kind = \"{kind}\", name = \"{name}\"{described} }}\n{tail}"
                );
                if module.is_some() {
                    let _ = writeln!(
                        text,
                        "[output.volume_{label}]\nvalue = '${{volume.{label}.id}}'"
                    );
                }
            }
            (of, Spot::Key(label, key)) if of == module => {
                let table = format!(
                    "[volume.{label}]\n{head}\n{tail}\n\
                     disk = {{ size = '${{each.value.size}}', kind = '${{each.value.kind}}', \
                     name = '${{each.value.name}}', \
                     description = '${{each.value.text == \"\" ? null : each.value.text}}' }}"
                );
                let described = description.map(|text| text.to_string()).unwrap_or_default();
                keyed.entry(table).or_default().push(format!(
                    "{key} = {{ name = \"{name}\", size = {size}, kind = \"{kind}\", text = \"{described}\" }}"
                ));
            }
            _ => {}
        }
    }
    for (table, instances) in keyed {
        let _ = writeln!(text, "{table}\nfor_each = {{ {} }}", instances.join(", "));
    }
}

/// The place of a declaration in its module.
enum Spot<'a> {
    Alone(&'a str),
    Key(&'a str, &'a str),
}

/// The module of a label, and where it is in that.
fn spot(label: &str) -> (Option<&str>, Spot<'_>) {
    let (module, label) = match label.split_once('.') {
        Some((module, label)) => (Some(module), label),
        None => (None, label),
    };
    let keyed = label
        .strip_suffix("\"]")
        .and_then(|it| it.split_once("[\""));
    match keyed {
        Some((label, key)) => (module, Spot::Key(label, key)),
        None => (module, Spot::Alone(label)),
    }
}
