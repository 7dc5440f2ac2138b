//! Changes by someone who is not a client of the API.

use serde_json::{Map, Value};

use super::eip::Holder;
use super::{Disk, Eip, World};
use crate::model::change::{ChangeKind, ObjectKind};
use crate::model::clock::SimTime;

/// A change by someone who is not a client of the API.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum OutOfBandChange {
    /// The object is deleted at once, whatever has it.
    Delete,
    /// Of a group: these are its tags, keys and values, in place of all others.
    SetTags(Vec<(String, String)>),
    /// Of a group: it fails for good, as if the machine under it were lost.
    Fail,
    /// Of a group: it gets another size.
    Resize {
        /// vCPUs.
        cpu: f64,
        /// GiB.
        memory: f64,
    },
    /// Of a group: all its containers run again.
    Restart,
    /// Of a group: it was updated a while ago with this body of `updateContainerGroup`.
    Update(Map<String, Value>),
    /// Of an EIP or a disk: it gets another name.
    Rename(String),
    /// Binds an EIP to an object of this ID that is not a container group.
    Bind(String),
    /// Of an EIP: it gets another bandwidth, in Mbps.
    SetBandwidth(i64),
    /// Of a disk: it gets another size, in GB.
    SetSize(i64),
    /// Of an EIP or a disk: it is frozen for arrears, or no longer.
    Freeze(bool),
    /// Of an EIP or a disk: it breaks, and its status is that of an error from now on.
    Break,
    /// Of an EIP or a disk: its term ends now, if it has one.
    Expire,
}

impl OutOfBandChange {
    /// Returns whether the change applies to objects of a kind.
    pub(crate) fn is_for(&self, kind: ObjectKind) -> bool {
        match self {
            OutOfBandChange::Delete => true,
            OutOfBandChange::SetTags(_)
            | OutOfBandChange::Fail
            | OutOfBandChange::Resize { .. }
            | OutOfBandChange::Restart
            | OutOfBandChange::Update(_) => kind == ObjectKind::ContainerGroup,
            OutOfBandChange::Rename(_)
            | OutOfBandChange::Freeze(_)
            | OutOfBandChange::Break
            | OutOfBandChange::Expire => kind != ObjectKind::ContainerGroup,
            OutOfBandChange::SetBandwidth(_) | OutOfBandChange::Bind(_) => kind == ObjectKind::Eip,
            OutOfBandChange::SetSize(_) => kind == ObjectKind::Disk,
        }
    }

    /// Returns the name of the change in the audit log.
    pub(crate) fn change_kind(&self) -> ChangeKind {
        match self {
            OutOfBandChange::Delete => ChangeKind::Delete,
            OutOfBandChange::Restart => ChangeKind::Restart,
            OutOfBandChange::SetSize(_) => ChangeKind::Resize,
            _ => ChangeKind::Update,
        }
    }
}

impl World {
    /// Returns the kind of the object with this ID, anywhere.
    pub(crate) fn kind_of(&self, id: &str, now: SimTime) -> Option<ObjectKind> {
        let eip = || {
            self.eips
                .get(id, now)
                .filter(|eip| eip.deleted_at.is_none())
        };
        let disk = || {
            self.disks
                .get(id, now)
                .filter(|disk| disk.deleted_at.is_none())
        };
        if self.find_anywhere(id).is_ok() {
            return Some(ObjectKind::ContainerGroup);
        }
        let eip = eip().map(|_| ObjectKind::Eip);
        eip.or_else(|| disk().map(|_| ObjectKind::Disk))
    }

    /// Applies an out-of-band change of an elastic IP.
    pub(crate) fn outside_eip(
        &mut self,
        id: &str,
        change: OutOfBandChange,
        now: SimTime,
    ) -> Option<Eip> {
        let mut eip = self.eips.get(id, now)?;
        match change {
            OutOfBandChange::Delete => {
                eip.holder = None;
                eip.work = None;
                eip.deleted_at = Some(now);
            }
            OutOfBandChange::Rename(name) => eip.name = name,
            OutOfBandChange::Bind(id) => {
                eip.holder = Some(Holder {
                    id,
                    kind: "INSTANCE".to_owned(),
                });
                eip.work = None;
            }
            OutOfBandChange::SetBandwidth(bandwidth) => eip.bandwidth = bandwidth,
            OutOfBandChange::Freeze(frozen) => eip.frozen = frozen,
            OutOfBandChange::Break => eip.broken = true,
            OutOfBandChange::Expire => eip.expires = eip.expires.map(|_| now),
            _ => return None,
        }
        eip.updated = now;
        Some(self.put_eip(eip))
    }

    /// Applies an out-of-band change of a disk.
    pub(crate) fn outside_disk(
        &mut self,
        id: &str,
        change: OutOfBandChange,
        now: SimTime,
    ) -> Option<Disk> {
        let mut disk = self.disks.get(id, now)?;
        match change {
            OutOfBandChange::Delete => {
                disk.holders.clear();
                disk.work = None;
                disk.deleted_at = Some(now);
            }
            OutOfBandChange::Rename(name) => disk.name = name,
            OutOfBandChange::SetSize(size) => disk.size = size,
            OutOfBandChange::Freeze(frozen) => disk.frozen = frozen,
            OutOfBandChange::Break => disk.broken = true,
            OutOfBandChange::Expire => disk.expires = disk.expires.map(|_| now),
            _ => return None,
        }
        disk.updated = now;
        Some(self.put_disk(disk))
    }
}
