//! Standalone EIPs and disks: with the container groups that use them, or in separate files.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::kinds::EIP;
use eci_core::{Kind, Map, Value};
use toml_edit::{Item, Table};

use super::layout::{ManifestLayout, fill};
use super::{
    DISKS, EIPS, Manifest, ManifestWriter, RemoteItem, Tables, comments, labels, manifest, name_of,
    volume_table,
};

/// The default values of EIPs and disks.
const DEFAULTS: [(&str, &str); 4] = [
    ("cycle_type", "on_demand"),
    ("demand_billing_type", "bandwidth"),
    ("line_type", "163"),
    ("project_id", "0"),
];

impl<'a> ManifestWriter<'a> {
    /// Writes the EIP that a group has; gives its label.
    pub(super) fn eip_of(&mut self, group: &str, tables: &mut Table) -> Option<String> {
        let mut eips = self.account.eips.iter();
        let eip = eips.find(|eip| eip.user.as_deref() == Some(group))?;
        Some(self.eip(eip, tables))
    }

    /// Returns the manifest of the EIPs that no group has.
    pub(super) fn free_eips(&mut self) -> Option<Manifest> {
        let mut tables = Tables::default();
        for eip in &self.account.eips {
            if !self.done.contains(&*eip.id) {
                self.eip(eip, &mut tables.eips);
            }
        }
        let any = !tables.eips.is_empty();
        any.then(|| {
            manifest(
                EIPS,
                &comments::about_eips(self.surroundings.lang),
                tables.document(),
            )
        })
    }

    /// Returns the manifest of the disks that no group mounts.
    pub(super) fn free_disks(&mut self) -> Option<Manifest> {
        let mut tables = Tables::default();
        for disk in &self.account.disks {
            if self.done.contains(&*disk.id) {
                continue;
            }
            let name = disk_name(disk).to_owned();
            let label = self.volumes.label(&name);
            let volume = [
                ("name", labels::dns_name(&label)),
                ("type", "DiskVolume".to_owned()),
                ("fs_type", UNKNOWN_FILE_SYSTEM.to_owned()),
            ];
            let volume = volume.map(|(key, value)| (key.into(), Value::from(value)));
            let whole = self.managed(Map::from_iter(volume), disk, &label);
            let table = volume_table(&whole, &label, &mut tables.variables);
            tables.volumes.insert(&label, Item::Table(table));
        }
        let any = !tables.volumes.is_empty();
        any.then(|| {
            manifest(
                DISKS,
                &comments::about_disks(self.surroundings.lang),
                tables.document(),
            )
        })
    }

    fn eip(&mut self, eip: &'a RemoteItem, tables: &mut Table) -> String {
        let name = name_of(&eip.attributes);
        let label = self.eips.label(name);
        let mut attributes = eip.attributes.clone();
        // That is how an existing one is named.
        attributes.remove("id");
        if labels::default_name(&label) == name && !self.eip_names.is_shared(name) {
            attributes.remove("name");
        }
        // In a shared bandwidth it has no own bandwidth.
        if attributes.contains_key("bandwidth_id") {
            attributes.remove("bandwidth");
        }
        without_defaults(&mut attributes);
        let mut table = Table::new();
        fill(
            &mut table,
            &EIP,
            &attributes,
            ManifestLayout::new(&BTreeMap::new()),
        );
        tables.insert(&label, Item::Table(table));
        self.done.insert(&eip.id);
        self.import(Kind::Eip, &label, &eip.id);
        label
    }

    /// Returns a volume of a group, with its disk where that is managed from now on.
    pub(super) fn with_disk(&mut self, volume: &Map, label: &str) -> Map {
        let handle = volume.get("volume_handle").and_then(Value::as_str);
        let mut disks = self.account.disks.iter();
        let disk = disks.find(|disk| Some(&*disk.id) == handle && !self.done.contains(&*disk.id));
        match disk {
            Some(disk) => self.managed(volume.clone(), disk, label),
            None => volume.clone(),
        }
    }

    fn managed(&mut self, mut volume: Map, disk: &'a RemoteItem, label: &str) -> Map {
        volume.remove("volume_handle");
        let parts = disk.attributes.get("disk").and_then(Value::as_map);
        let mut parts = parts.cloned().unwrap_or_default();
        // By default it has the name of its volume, which follows from the label.
        let name = name_of(&volume);
        if disk_name(disk) == name && name == labels::default_name(label) {
            parts.remove("name");
        }
        without_defaults(&mut parts);
        volume.insert("disk".into(), Value::Map(Arc::new(parts)));
        self.done.insert(&disk.id);
        self.import(Kind::Volume, label, &disk.id);
        volume
    }
}

/// A required value of a volume, which is unknown of a disk that is not mounted.
const UNKNOWN_FILE_SYSTEM: &str = "ext4";

fn without_defaults(attributes: &mut Map) {
    for (name, default) in DEFAULTS {
        if attributes.get(name).and_then(Value::as_str) == Some(default) {
            attributes.remove(name);
        }
    }
}

/// Returns the name of a disk in the cloud.
pub(super) fn disk_name(disk: &RemoteItem) -> &str {
    let parts = disk.attributes.get("disk").and_then(Value::as_map);
    parts.map(name_of).unwrap_or_default()
}
