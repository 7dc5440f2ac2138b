//! Changes of EIPs and disks in place, one call each.

use std::collections::BTreeSet;

use eci_api::types::{ClientToken, ContainerGroupId, DiskAttributes, ResizeContainerGroupVolume};
use eci_api::{CallError, Operation};
use eci_core::path::Step;
use eci_core::{Kind, Map, Path, Value};

use crate::order::Order;
use crate::provider::Provider;
use crate::remote::{RemoteId, RemoteObject, RemoteReport};
use crate::services::Cloud;
use crate::wire::is_silent;

/// One change in place.
#[derive(Clone, Debug, PartialEq)]
pub enum InPlaceChange {
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
    DeleteSnapshotsWithDisk(bool),
    /// A larger disk, in GB.
    Size(i64),
}

/// Where a disk is mounted: the group and its name for the volume.
pub type Mount = (ContainerGroupId, String);

/// What leads an EIP or a disk to what is wanted, where these attributes differ: the quick
/// ones first.
pub fn amendments(kind: Kind, desired: &Map, changed: &[Path]) -> Vec<InPlaceChange> {
    match kind {
        Kind::ContainerGroup => Vec::new(),
        Kind::Eip => of_eip(desired, changed),
        Kind::Volume => match desired.get("disk").and_then(Value::as_map) {
            Some(disk) => of_disk(disk, changed),
            None => Vec::new(),
        },
    }
}

fn of_eip(desired: &Map, changed: &[Path]) -> Vec<InPlaceChange> {
    let differs = |name: &str| changed.iter().any(|path| path.attribute() == Some(name));
    let mut all = Vec::new();
    if let (true, Some(name)) = (differs("name"), text(desired, "name")) {
        all.push(InPlaceChange::Name(name));
    }
    let (moves, shared) = (differs("bandwidth_id"), text(desired, "bandwidth_id"));
    if moves {
        all.push(InPlaceChange::Shared(shared.clone()));
    }
    // Within a shared bandwidth there is none of its own; whoever leaves it has as much as was
    // shared.
    let own = differs("bandwidth") || moves;
    if let (true, None, Some(mbps)) = (own, shared, integer(desired, "bandwidth")) {
        all.push(InPlaceChange::Bandwidth(mbps));
    }
    all
}

fn of_disk(disk: &Map, changed: &[Path]) -> Vec<InPlaceChange> {
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
        all.push(InPlaceChange::Attributes(DiskAttributes {
            // Older clients demand the name.
            disk_name: text(disk, "name"),
            volume_description: describes.then_some(description),
            ..DiskAttributes::default()
        }));
    }
    if parts.contains("provisioned_iops") {
        all.push(InPlaceChange::Iops(
            integer(disk, "provisioned_iops").unwrap_or(0),
        ));
    }
    if parts.contains("delete_snap_with_ebs") {
        let go = disk.get("delete_snap_with_ebs").and_then(Value::as_bool);
        all.push(InPlaceChange::DeleteSnapshotsWithDisk(go.unwrap_or(false)));
    }
    if let (true, Some(size)) = (parts.contains("size"), integer(disk, "size")) {
        all.push(InPlaceChange::Size(size));
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
impl std::fmt::Display for InPlaceChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // It may be sensitive.
            InPlaceChange::Name(_) => f.write_str("the name"),
            InPlaceChange::Shared(Some(id)) => write!(f, "the shared bandwidth {id}"),
            InPlaceChange::Shared(None) => f.write_str("a bandwidth of its own"),
            InPlaceChange::Bandwidth(mbps) => write!(f, "the bandwidth {mbps} Mbps"),
            InPlaceChange::Attributes(_) => f.write_str("the name or description"),
            InPlaceChange::Iops(iops) => write!(f, "{iops} provisioned operations a second"),
            InPlaceChange::DeleteSnapshotsWithDisk(go) => write!(f, "delete_snap_with_ebs = {go}"),
            InPlaceChange::Size(size) => write!(f, "the size {size} GB"),
        }
    }
}

impl InPlaceChange {
    /// Whether the cloud tells afterwards that it is so: it never tells a description, and
    /// nothing about snapshots where the region has none.
    pub fn is_reported(&self, look: &RemoteObject) -> bool {
        match (self, &look.report) {
            (InPlaceChange::Attributes(wanted), _) => wanted.volume_description.is_none(),
            (InPlaceChange::DeleteSnapshotsWithDisk(_), RemoteReport::Disk(disk)) => {
                !is_silent(&disk.raw, "deleteSnapWithEbs")
            }
            _ => true,
        }
    }

    /// Whether it is so already, as far as the cloud tells; a description it does not tell.
    pub fn is_applied(&self, look: &RemoteObject) -> bool {
        let disk = look.attributes.get("disk");
        let told = |name: &str| disk.and_then(|disk| disk.get(name));
        match self {
            InPlaceChange::Name(name) => {
                let told = look.attributes.get("name").and_then(Value::as_str);
                told == Some(name)
            }
            InPlaceChange::Shared(wanted) => look.shared_bandwidth() == wanted.as_deref(),
            InPlaceChange::Bandwidth(mbps) => look.bandwidth() == Some(*mbps),
            InPlaceChange::Attributes(wanted) => {
                let name = told("name").and_then(Value::as_str);
                wanted.volume_description.is_none() && name == wanted.disk_name.as_deref()
            }
            InPlaceChange::Iops(wanted) => {
                let told = told("provisioned_iops").and_then(|it| it.as_number()?.as_i64());
                told.unwrap_or(0) == *wanted
            }
            InPlaceChange::DeleteSnapshotsWithDisk(wanted) => {
                // What is implied is not among the attributes.
                let told = told("delete_snap_with_ebs").and_then(Value::as_bool);
                told.unwrap_or(false) == *wanted
            }
            InPlaceChange::Size(wanted) => look.disk_size().is_some_and(|size| size >= *wanted),
        }
    }

    /// The order that makes it so, where it is ordered: a disk that a group has mounted is
    /// grown by the group's own call.
    pub fn order(&self, id: &RemoteId, mount: Option<&Mount>) -> Option<Order> {
        match (self, id) {
            (InPlaceChange::Bandwidth(mbps), RemoteId::Eip(id)) => {
                Some(Order::ChangeBandwidth(id.clone(), *mbps))
            }
            (InPlaceChange::Size(size), RemoteId::Disk(id)) if mount.is_none() => {
                Some(Order::Resize(id.clone(), *size))
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
        (id, mount): (&RemoteId, Option<&Mount>),
        amendment: &InPlaceChange,
    ) -> Result<(), CallError> {
        let api = self.api();
        match (amendment, id) {
            (InPlaceChange::Name(name), RemoteId::Eip(id)) => {
                self.call_with_token(Operation::RenameEip, || api.rename_eip(token, id, name))
                    .await
            }
            (InPlaceChange::Shared(wanted), RemoteId::Eip(id)) => {
                self.share(token, id, wanted.as_deref()).await
            }
            (InPlaceChange::Attributes(attributes), RemoteId::Disk(id)) => {
                self.call_with_token(Operation::UpdateDisk, || api.update_disk(id, attributes))
                    .await
            }
            (InPlaceChange::Iops(iops), RemoteId::Disk(id)) => {
                self.call_with_token(Operation::SetDiskIops, || api.set_disk_iops(id, *iops))
                    .await
            }
            (InPlaceChange::DeleteSnapshotsWithDisk(go), RemoteId::Disk(id)) => {
                self.call_with_token(Operation::SetDiskDeletePolicy, || {
                    api.set_disk_delete_policy(id, *go)
                })
                .await
            }
            (InPlaceChange::Size(size), RemoteId::Disk(id)) => {
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
                self.call_with_token(Operation::ResizeContainerGroupVolume, call)
                    .await
                    .map(drop)
            }
            // No other change is made of the description of this kind.
            _ => Ok(()),
        }
    }
}
