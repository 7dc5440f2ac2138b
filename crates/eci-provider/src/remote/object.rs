//! A group, an EIP or a disk as the cloud reports it, whatever its kind.

use std::sync::Arc;

use eci_api::Status;
use eci_api::types::{DescribedDisk, DescribedEip, DescribedGroup, DiskStatus, EipStatus};
use eci_core::{Kind, Map, OperationTag, Value};

use super::disk::OperationLabel;
use super::{disk, eip};
use crate::order::Order;
use crate::readiness::{Readiness, Wait, readiness};
use crate::seen::Seen;

/// An object as the cloud reports it, in terms of its attributes.
#[derive(Clone, Debug)]
pub struct RemoteObject {
    /// The cloud's id.
    pub id: String,
    /// Its status, in the cloud's words.
    pub status: String,
    /// Its attributes in normal form, read-only ones included, without what eci added to them.
    pub attributes: Map,
    /// All that the cloud tells.
    pub report: RemoteReport,
}

/// A report by the cloud, whole.
#[derive(Clone, Debug)]
pub enum RemoteReport {
    /// About a container group, with the tag of the create that made it.
    Group(Box<DescribedGroup>, Option<OperationTag>),
    /// About an EIP.
    Eip(Box<DescribedEip>),
    /// About a disk.
    Disk(Box<DescribedDisk>),
}

impl From<Seen> for RemoteObject {
    fn from(seen: Seen) -> RemoteObject {
        RemoteObject {
            id: seen.id,
            status: seen.status.to_string(),
            attributes: seen.attributes,
            report: RemoteReport::Group(Box::new(seen.group), seen.operation),
        }
    }
}

impl From<DescribedEip> for RemoteObject {
    fn from(eip: DescribedEip) -> RemoteObject {
        RemoteObject {
            id: eip.id.to_string(),
            status: eip.status.to_string(),
            attributes: eip::attributes(&eip),
            report: RemoteReport::Eip(Box::new(eip)),
        }
    }
}

impl From<DescribedDisk> for RemoteObject {
    fn from(disk: DescribedDisk) -> RemoteObject {
        RemoteObject {
            id: disk.id.to_string(),
            status: disk::status(&disk),
            attributes: disk::attributes(&disk),
            report: RemoteReport::Disk(Box::new(disk)),
        }
    }
}

impl RemoteObject {
    /// Returns the kind of the resources that it is one of.
    pub fn kind(&self) -> Kind {
        match &self.report {
            RemoteReport::Group(..) => Kind::ContainerGroup,
            RemoteReport::Eip(_) => Kind::Eip,
            RemoteReport::Disk(_) => Kind::Volume,
        }
    }

    /// The attributes, with what this answer does not tell and is known from before: what was
    /// asked for, or told by an earlier answer.
    #[must_use]
    pub fn attributes_with_prior(&self, applied: &Map, observed: &Map) -> Map {
        match &self.report {
            RemoteReport::Group(..) => Seen::with_order(&self.attributes, observed),
            RemoteReport::Eip(eip) => eip::with_unreported(&self.attributes, &eip.raw, applied),
            RemoteReport::Disk(disk) => disk::with_unreported(&self.attributes, &disk.raw, applied),
        }
    }

    /// The attributes, with how it is paid for as far as that can be inferred: what an order
    /// says of that is not reported.
    #[must_use]
    pub fn attributes_with_billing(&self) -> Map {
        let mut whole = self.attributes.clone();
        match &self.report {
            RemoteReport::Group(..) => {}
            RemoteReport::Eip(eip) => whole.extend(eip::terms(&eip.raw)),
            RemoteReport::Disk(disk) => {
                if let Some(Value::Map(parts)) = whole.get_mut("disk") {
                    Arc::make_mut(parts).extend(disk::terms(&disk.raw));
                }
            }
        }
        whole
    }

    /// Returns how far it is on its way to be used.
    pub fn readiness(&self, wait: Wait) -> Readiness {
        match &self.report {
            RemoteReport::Group(group, _) => readiness(group, wait),
            _ if self.is_broken() => Readiness::Ended,
            _ if self.is_transitional() => Readiness::Waiting {
                phase: self.phase().to_owned(),
            },
            _ => Readiness::Ready,
        }
    }

    /// Returns its status in words for people: the cloud's own differ in spelling.
    pub fn phase(&self) -> &str {
        let words = match &self.report {
            RemoteReport::Group(..) => None,
            RemoteReport::Eip(eip) => eip.status.words(),
            RemoteReport::Disk(disk) => disk.status.words(),
        };
        words.unwrap_or(&self.status)
    }

    /// Returns whether it changes by itself soon, so that it is better to wait than to act.
    pub fn is_transitional(&self) -> bool {
        match &self.report {
            RemoteReport::Group(..) => false,
            RemoteReport::Eip(eip) => eip.status.is_transitional(),
            RemoteReport::Disk(disk) => disk.status.is_transitional(),
        }
    }

    /// Returns whether it is about to be gone.
    pub fn is_deleting(&self) -> bool {
        match &self.report {
            RemoteReport::Group(group, _) => group.status == Status::Terminating,
            RemoteReport::Eip(eip) => eip.status == EipStatus::Deleting,
            RemoteReport::Disk(disk) => disk.status == DiskStatus::Deleting,
        }
    }

    /// The order that gives it back; a group is not ordered. Where the region has snapshots, the
    /// cloud demands that those of a disk go with it, and elsewhere that nothing is said of them.
    pub fn delete_order(&self) -> Option<Order> {
        match &self.report {
            RemoteReport::Group(..) => None,
            RemoteReport::Eip(eip) => Some(Order::ReleaseEip(eip.id.clone())),
            RemoteReport::Disk(disk) => Some(Order::ReleaseDisk(
                disk.id.clone(),
                disk.delete_snap_with_ebs.map(|_| true),
            )),
        }
    }

    /// The operation that a group's tag or a disk's label names, in full or in its short form: it
    /// tells which state created it or took it over. An EIP carries nothing.
    pub fn operation_mark(&self) -> Option<&str> {
        match &self.report {
            RemoteReport::Group(_, operation) => operation.as_ref().map(OperationTag::as_str),
            RemoteReport::Eip(_) => None,
            RemoteReport::Disk(disk) => match OperationLabel::of(disk) {
                OperationLabel::Present(operation) => Some(operation),
                OperationLabel::Absent | OperationLabel::Unknown => None,
            },
        }
    }

    /// Returns what has it: an EIP is bound to one thing, a disk attached to one.
    pub fn attached_to(&self) -> Option<String> {
        match &self.report {
            RemoteReport::Group(..) => None,
            RemoteReport::Eip(eip) => eip.bound_to().map(str::to_owned),
            RemoteReport::Disk(disk) => disk::attached_to(disk),
        }
    }

    /// Returns the bandwidth of an EIP in Mbps, if it is reported.
    pub fn bandwidth(&self) -> Option<i64> {
        match &self.report {
            RemoteReport::Eip(_) => self.attributes.get("bandwidth")?.as_number()?.as_i64(),
            RemoteReport::Group(..) | RemoteReport::Disk(_) => None,
        }
    }

    /// Returns the id of the shared bandwidth that an EIP is in, if it is in one.
    pub(crate) fn shared_bandwidth(&self) -> Option<&str> {
        self.attributes.get("bandwidth_id").and_then(Value::as_str)
    }

    /// Returns the size of a disk in GB, if it is reported.
    pub(crate) fn disk_size(&self) -> Option<i64> {
        let size = self.attributes.get("disk")?.get("size")?;
        size.as_number()?.as_i64()
    }

    fn is_broken(&self) -> bool {
        match &self.report {
            RemoteReport::Group(..) => false,
            RemoteReport::Eip(eip) => eip.status == EipStatus::Error,
            RemoteReport::Disk(disk) => disk.status == DiskStatus::Error,
        }
    }
}
