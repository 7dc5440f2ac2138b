//! What has a life of its own in the cloud, of whatever kind.

use std::fmt;
use std::sync::Arc;

use eci_api::Status;
use eci_api::types::{
    ContainerGroupId, DescribedDisk, DescribedEip, DescribedGroup, DiskId, DiskStatus, EipId,
    EipStatus,
};
use eci_core::{Kind, Map, OperationTag, Value};

use crate::disk::OperationLabel;
use crate::order::Order;
use crate::readiness::{Readiness, Wait, readiness};
use crate::request::RequestError;
use crate::seen::Seen;
use crate::{disk, eip};

/// The cloud's id of something, with what kind of thing it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RemoteId {
    /// A container group.
    Group(ContainerGroupId),
    /// A managed EIP.
    Eip(EipId),
    /// A managed disk.
    Disk(DiskId),
}

impl RemoteId {
    /// The id of a resource of this kind, as the state has it.
    ///
    /// # Errors
    /// If it is none.
    pub fn new(kind: Kind, id: &str) -> Result<RemoteId, RequestError> {
        Ok(match kind {
            Kind::ContainerGroup => RemoteId::Group(ContainerGroupId::new(id)?),
            Kind::Eip => RemoteId::Eip(EipId::new(id)?),
            Kind::Volume => RemoteId::Disk(DiskId::new(id)?),
        })
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        match self {
            RemoteId::Group(id) => id.as_str(),
            RemoteId::Eip(id) => id.as_str(),
            RemoteId::Disk(id) => id.as_str(),
        }
    }

    /// What kind of thing it is.
    pub fn kind(&self) -> Kind {
        match self {
            RemoteId::Group(_) => Kind::ContainerGroup,
            RemoteId::Eip(_) => Kind::Eip,
            RemoteId::Disk(_) => Kind::Volume,
        }
    }

    /// What a person calls what it is the id of.
    pub fn noun(&self) -> &'static str {
        match self {
            RemoteId::Group(_) => "group",
            RemoteId::Eip(_) => "EIP",
            RemoteId::Disk(_) => "disk",
        }
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something as the cloud tells about it, in terms of its attributes.
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

/// All that the cloud tells about something.
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

impl RemoteObject {
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

    /// How far it is on its way to be used.
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

    /// Its status in words for people: the cloud's own differ in spelling.
    pub fn phase(&self) -> &str {
        let words = match &self.report {
            RemoteReport::Group(..) => None,
            RemoteReport::Eip(eip) => eip.status.words(),
            RemoteReport::Disk(disk) => disk.status.words(),
        };
        words.unwrap_or(&self.status)
    }

    /// Whether it changes by itself soon, so that it is better to wait than to act.
    pub fn is_transitional(&self) -> bool {
        match &self.report {
            RemoteReport::Group(..) => false,
            RemoteReport::Eip(eip) => eip.status.is_transitional(),
            RemoteReport::Disk(disk) => disk.status.is_transitional(),
        }
    }

    /// Whether it is about to be gone.
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

    /// What has it: an EIP is bound to one thing, a disk attached to one.
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
            RemoteReport::Eip(_) => crate::eip::bandwidth(self),
            RemoteReport::Group(..) | RemoteReport::Disk(_) => None,
        }
    }

    fn is_broken(&self) -> bool {
        match &self.report {
            RemoteReport::Group(..) => false,
            RemoteReport::Eip(eip) => eip.status == EipStatus::Error,
            RemoteReport::Disk(disk) => disk.status == DiskStatus::Error,
        }
    }
}
