//! Changes of EIPs and disks in place, one call each.

use std::collections::BTreeSet;

use eci_api::types::{ClientToken, ContainerGroupId, DiskAttributes, ResizeContainerGroupVolume};
use eci_api::{CallError, Operation};
use eci_core::path::Step;
use eci_core::{Kind, Map, Path, Value};

use crate::cloud::Cloud;
use crate::order::Order;
use crate::provider::Provider;
use crate::thing::{Look, ThingId, Told};
use crate::wire::is_silent;
use crate::{disk, eip};

/// One change in place.
#[derive(Clone, Debug, PartialEq)]
pub enum Amendment {
    /// Another name for an EIP.
    Name(String),
    /// Another shared bandwidth for an EIP, or none.
    Shared(Option<String>),
    /// Another bandwidth for an EIP, in Mbps.
    Bandwidth(i64),
    /// Another name or description for a disk.
    Attributes(DiskAttributes),
    /// Other operations a second for a disk, beyond those that come with it.
    Iops(i64),
    /// Whether the snapshots of a disk go with it.
    SnapshotsGo(bool),
    /// A larger disk, in GB.
    Size(i64),
}

/// Where a disk is mounted: the group and its name for the volume.
pub type Mount = (ContainerGroupId, String);

/// What leads an EIP or a disk to what is wanted, where these attributes differ: the quick
/// ones first.
pub fn amendments(kind: Kind, desired: &Map, changed: &[Path]) -> Vec<Amendment> {
    match kind {
        Kind::ContainerGroup => Vec::new(),
        Kind::Eip => of_eip(desired, changed),
        Kind::Volume => match desired.get("disk").and_then(Value::as_map) {
            Some(disk) => of_disk(disk, changed),
            None => Vec::new(),
        },
    }
}

fn of_eip(desired: &Map, changed: &[Path]) -> Vec<Amendment> {
    let differs = |name: &str| changed.iter().any(|path| path.attribute() == Some(name));
    let mut all = Vec::new();
    if let (true, Some(name)) = (differs("name"), text(desired, "name")) {
        all.push(Amendment::Name(name));
    }
    let (moves, shared) = (differs("bandwidth_id"), text(desired, "bandwidth_id"));
    if moves {
        all.push(Amendment::Shared(shared.clone()));
    }
    // Within a shared bandwidth there is none of its own; whoever leaves it has as much as was
    // shared.
    let own = differs("bandwidth") || moves;
    if let (true, None, Some(mbps)) = (own, shared, integer(desired, "bandwidth")) {
        all.push(Amendment::Bandwidth(mbps));
    }
    all
}

fn of_disk(disk: &Map, changed: &[Path]) -> Vec<Amendment> {
    let parts: BTreeSet<&str> = changed
        .iter()
        .filter_map(|path| match &path.0[..] {
            [Step::Name(whole), Step::Name(part), ..] if &**whole == "disk" => Some(&**part),
            _ => None,
        })
        .collect();
    let mut all = Vec::new();
    if parts.contains("name") || parts.contains("description") {
        let describes = parts.contains("description");
        let description = text(disk, "description").unwrap_or_default();
        all.push(Amendment::Attributes(DiskAttributes {
            // Older clients demand the name.
            disk_name: text(disk, "name"),
            volume_description: describes.then_some(description),
            ..DiskAttributes::default()
        }));
    }
    if parts.contains("provisioned_iops") {
        all.push(Amendment::Iops(
            integer(disk, "provisioned_iops").unwrap_or(0),
        ));
    }
    if parts.contains("delete_snap_with_ebs") {
        let go = disk.get("delete_snap_with_ebs").and_then(Value::as_bool);
        all.push(Amendment::SnapshotsGo(go.unwrap_or(false)));
    }
    if let (true, Some(size)) = (parts.contains("size"), integer(disk, "size")) {
        all.push(Amendment::Size(size));
    }
    all
}

fn text(entries: &Map, name: &str) -> Option<String> {
    let value = entries.get(name)?.reveal().0;
    value.as_str().map(str::to_owned)
}

fn integer(entries: &Map, name: &str) -> Option<i64> {
    entries.get(name)?.reveal().0.as_number()?.as_i64()
}

/// As the end of a sentence: `the size 60 GB`.
impl std::fmt::Display for Amendment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // It may be sensitive.
            Amendment::Name(_) => f.write_str("the name"),
            Amendment::Shared(Some(id)) => write!(f, "the shared bandwidth {id}"),
            Amendment::Shared(None) => f.write_str("a bandwidth of its own"),
            Amendment::Bandwidth(mbps) => write!(f, "the bandwidth {mbps} Mbps"),
            Amendment::Attributes(_) => f.write_str("the name or description"),
            Amendment::Iops(iops) => write!(f, "{iops} provisioned operations a second"),
            Amendment::SnapshotsGo(go) => write!(f, "delete_snap_with_ebs = {go}"),
            Amendment::Size(size) => write!(f, "the size {size} GB"),
        }
    }
}

impl Amendment {
    /// Whether the cloud tells afterwards that it is so: it never tells a description, and
    /// nothing about snapshots where the region has none.
    pub fn is_told(&self, look: &Look) -> bool {
        match (self, &look.told) {
            (Amendment::Attributes(wanted), _) => wanted.volume_description.is_none(),
            (Amendment::SnapshotsGo(_), Told::Disk(disk)) => {
                !is_silent(&disk.raw, "deleteSnapWithEbs")
            }
            _ => true,
        }
    }

    /// Whether it is so already, as far as the cloud tells; a description it does not tell.
    pub fn is_so(&self, look: &Look) -> bool {
        let disk = look.attributes.get("disk");
        let told = |name: &str| disk.and_then(|disk| disk.get(name));
        match self {
            Amendment::Name(name) => {
                let told = look.attributes.get("name").and_then(Value::as_str);
                told == Some(name)
            }
            Amendment::Shared(wanted) => eip::shared(look) == wanted.as_deref(),
            Amendment::Bandwidth(mbps) => eip::bandwidth(look) == Some(*mbps),
            Amendment::Attributes(wanted) => {
                let name = told("name").and_then(Value::as_str);
                wanted.volume_description.is_none() && name == wanted.disk_name.as_deref()
            }
            Amendment::Iops(wanted) => {
                let told = told("provisioned_iops").and_then(|it| it.as_number()?.as_i64());
                told.unwrap_or(0) == *wanted
            }
            Amendment::SnapshotsGo(wanted) => {
                // What is implied is not among the attributes.
                let told = told("delete_snap_with_ebs").and_then(Value::as_bool);
                told.unwrap_or(false) == *wanted
            }
            Amendment::Size(wanted) => disk::size(look).is_some_and(|size| size >= *wanted),
        }
    }

    /// The order that makes it so, where it is ordered: a disk that a group has mounted is
    /// grown by the group's own call.
    pub fn order(&self, id: &ThingId, mount: Option<&Mount>) -> Option<Order> {
        match (self, id) {
            (Amendment::Bandwidth(mbps), ThingId::Eip(id)) => {
                Some(Order::Bandwidth(id.clone(), *mbps))
            }
            (Amendment::Size(size), ThingId::Disk(id)) if mount.is_none() => {
                Some(Order::Size(id.clone(), *size))
            }
            _ => None,
        }
    }
}

impl<A: Cloud> Provider<A> {
    /// Makes a change that is not ordered. Repeating it does no harm.
    ///
    /// # Errors
    /// The call's.
    pub async fn amend(
        &self,
        token: &ClientToken,
        (id, mount): (&ThingId, Option<&Mount>),
        amendment: &Amendment,
    ) -> Result<(), CallError> {
        let api = self.api();
        match (amendment, id) {
            (Amendment::Name(name), ThingId::Eip(id)) => {
                self.again(Operation::RenameEip, || api.rename_eip(token, id, name))
                    .await
            }
            (Amendment::Shared(wanted), ThingId::Eip(id)) => {
                self.share(token, id, wanted.as_deref()).await
            }
            (Amendment::Attributes(attributes), ThingId::Disk(id)) => {
                self.again(Operation::UpdateDisk, || api.update_disk(id, attributes))
                    .await
            }
            (Amendment::Iops(iops), ThingId::Disk(id)) => {
                self.again(Operation::SetDiskIops, || api.set_disk_iops(id, *iops))
                    .await
            }
            (Amendment::SnapshotsGo(go), ThingId::Disk(id)) => {
                self.again(Operation::SetDiskDeletePolicy, || {
                    api.set_disk_delete_policy(id, *go)
                })
                .await
            }
            (Amendment::Size(size), ThingId::Disk(id)) => {
                let Some((group, volume)) = mount else {
                    return Ok(());
                };
                let request = ResizeContainerGroupVolume {
                    container_group_id: group.clone(),
                    volume_name: volume.clone(),
                    volume_handle: id.clone(),
                    new_size: *size,
                };
                let call = || api.resize_container_group_volume(&request);
                self.again(Operation::ResizeContainerGroupVolume, call)
                    .await
                    .map(drop)
            }
            // No other change is made of the description of this kind.
            _ => Ok(()),
        }
    }
}
