//! Changes of EIPs and disks in place, one call each.

use eci_api::types::{ClientToken, ContainerGroupId, DiskAttributes};
use eci_core::{Map, Value};
use eci_text::messages;

use crate::order::{DiskOrder, EipOrder, Order};
use crate::remote::{RemoteId, RemoteObject, RemoteReport};
use crate::wire::is_unreported;

/// One update in place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InPlaceChange {
    /// A new name for an EIP.
    Name(String),
    /// A new shared bandwidth for an EIP, or none.
    Shared(Option<String>),
    /// A new bandwidth for an EIP, in Mbps.
    Bandwidth(i64),
    /// A new name or description for a disk.
    Attributes(DiskAttributes),
    /// Other operations a second for a disk, beyond those that come with it.
    Iops(i64),
    /// The setting whether the snapshots of a disk are deleted with it.
    DeleteSnapshotsWithDisk(bool),
    /// A larger disk, in GB.
    Size(i64),
}

/// The place at which a disk is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The group that has it.
    pub group: ContainerGroupId,
    /// The name of the volume in that group.
    pub volume: String,
}

/// The object that an in-place change applies to.
#[derive(Clone, Copy, Debug)]
pub struct ChangeTarget<'a, I = RemoteId> {
    /// The client token of the call.
    pub token: &'a ClientToken,
    /// The cloud's id.
    pub id: &'a I,
    /// The place at which it is mounted, if it is a disk that a group has.
    pub mount: Option<&'a Mount>,
}

/// Returns a text among the attributes, sensitive or not.
pub(crate) fn text(entries: &Map, name: &str) -> Option<String> {
    let value = entries.get(name)?.reveal().0;
    value.as_str().map(str::to_owned)
}

/// Returns an integer among the attributes, sensitive or not.
pub(crate) fn integer(entries: &Map, name: &str) -> Option<i64> {
    entries.get(name)?.reveal().0.as_number()?.as_i64()
}

// What the cloud should report after the change, as a noun.
messages! { InPlaceChange:
    // A name may be sensitive.
    InPlaceChange::Name(_) => en("the new name"), zh("新的名称");
    InPlaceChange::Shared(Some(id)) => en("the shared bandwidth {id}"), zh("共享带宽 {id}");
    InPlaceChange::Shared(None) =>
        en("the removal from the shared bandwidth"), zh("移出共享带宽的结果");
    InPlaceChange::Bandwidth(mbps) => en("a bandwidth of {mbps} Mbps"), zh("{mbps} Mbps 的带宽");
    InPlaceChange::Attributes(_) =>
        en("the new name or description"), zh("新的名称或描述");
    InPlaceChange::Iops(iops) => en("{iops} provisioned IOPS"), zh("{iops} 的预配置 IOPS");
    InPlaceChange::DeleteSnapshotsWithDisk(go) =>
        en("`delete_snap_with_ebs = {go}`"), zh("`delete_snap_with_ebs = {go}`");
    InPlaceChange::Size(size) => en("a size of {size} GB"), zh("{size} GB 的容量");
}

impl InPlaceChange {
    /// Returns whether the cloud reports the change afterwards: it never reports a description, and
    /// nothing about snapshots where the region has none.
    pub fn is_reported(&self, remote: &RemoteObject) -> bool {
        match (self, &remote.report) {
            (InPlaceChange::Attributes(desired), _) => desired.volume_description.is_none(),
            (InPlaceChange::DeleteSnapshotsWithDisk(_), RemoteReport::Disk(disk)) => {
                !is_unreported(&disk.raw, "deleteSnapWithEbs")
            }
            _ => true,
        }
    }

    /// Returns whether the change is already in effect, as far as the cloud reports it.
    pub fn is_applied(&self, remote: &RemoteObject) -> bool {
        let disk = remote.attributes.get("disk");
        let observed = |name: &str| disk.and_then(|disk| disk.get(name));
        match self {
            InPlaceChange::Name(name) => {
                let observed = remote.attributes.get("name").and_then(Value::as_str);
                observed == Some(name)
            }
            InPlaceChange::Shared(desired) => remote.shared_bandwidth() == desired.as_deref(),
            InPlaceChange::Bandwidth(mbps) => remote.bandwidth() == Some(*mbps),
            InPlaceChange::Attributes(desired) => {
                let name = observed("name").and_then(Value::as_str);
                desired.volume_description.is_none() && name == desired.disk_name.as_deref()
            }
            InPlaceChange::Iops(desired) => {
                let iops = observed("provisioned_iops").and_then(|it| it.as_number()?.as_i64());
                iops.unwrap_or(0) == *desired
            }
            InPlaceChange::DeleteSnapshotsWithDisk(desired) => {
                // What is implied is not among the attributes.
                let delete = observed("delete_snap_with_ebs").and_then(Value::as_bool);
                delete.unwrap_or(false) == *desired
            }
            InPlaceChange::Size(desired) => remote.disk_size().is_some_and(|size| size >= *desired),
        }
    }

    /// Returns the order that performs the change, if it is ordered: a disk that a group has
    /// mounted is expanded by the group's own call.
    pub fn order(&self, id: &RemoteId, mount: Option<&Mount>) -> Option<Order> {
        match (self, id) {
            (InPlaceChange::Bandwidth(mbps), RemoteId::Eip(id)) => {
                Some(Order::Eip(EipOrder::ChangeBandwidth(id.clone(), *mbps)))
            }
            (InPlaceChange::Size(size), RemoteId::Disk(id)) if mount.is_none() => {
                Some(Order::Disk(DiskOrder::Resize(id.clone(), *size)))
            }
            _ => None,
        }
    }
}
