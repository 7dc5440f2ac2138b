//! A cloud disk as it is kept, and what can be done to it in its status.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::collection::Entity;
use super::realm::Realm;
use crate::model::clock::SimTime;
use crate::model::order_error::{Code, OrderApiError};
use crate::model::request::{is_set, text};

/// From a call that attaches or detaches until it is so (assumed).
pub(crate) const ATTACHING: Duration = Duration::from_secs(2);

/// A cloud disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Disk {
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) realm: Realm,
    pub(crate) name: String,
    /// GB.
    pub(crate) size: i64,
    /// The attributes that it keeps from its order, in the cloud's spelling.
    pub(crate) spec: Map<String, Value>,
    pub(crate) iops: i64,
    pub(crate) delete_snapshots: bool,
    pub(crate) created: SimTime,
    /// The time at which its order is complete.
    pub(crate) ready: SimTime,
    /// The time from which it is visible.
    #[serde(alias = "seen")]
    pub(crate) visible_from: SimTime,
    pub(crate) updated: SimTime,
    /// The end of its term, if it has one.
    pub(crate) expires: Option<SimTime>,
    /// Frozen for arrears.
    pub(crate) frozen: bool,
    /// In error, for good.
    #[serde(default)]
    pub(crate) broken: bool,
    /// The IDs of its holders; several only where it is shared.
    pub(crate) holders: Vec<String>,
    /// The work in progress, and its end.
    pub(crate) work: Option<(DiskWork, SimTime)>,
    #[serde(alias = "gone")]
    pub(crate) deleted_at: Option<SimTime>,
}

/// Work on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum DiskWork {
    Attach,
    Detach,
    /// An expansion to this size, unless the order fails.
    Grow {
        size: i64,
        fails: bool,
    },
    /// A deletion, unless the order fails.
    Delete {
        fails: bool,
    },
}

/// A new disk as it is ordered.
#[derive(Clone, Debug)]
pub(crate) struct NewDisk {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) size: i64,
    pub(crate) spec: Map<String, Value>,
    pub(crate) iops: i64,
    pub(crate) delete_snapshots: bool,
    pub(crate) months: Option<i32>,
}

impl Entity for Disk {
    fn number(&self) -> u64 {
        self.number
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn realm(&self) -> &Realm {
        &self.realm
    }

    fn advance_to(&mut self, now: SimTime) {
        let Some((work, until)) = self.work.filter(|(_, until)| *until <= now) else {
            return;
        };
        self.work = None;
        match work {
            DiskWork::Grow { fails: true, .. } | DiskWork::Delete { fails: true } => return,
            DiskWork::Grow { size, .. } => self.size = size,
            DiskWork::Attach | DiskWork::Detach => {}
            DiskWork::Delete { .. } => self.deleted_at = Some(until),
        }
        self.updated = until;
    }

    fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    fn is_visible(&self, now: SimTime) -> bool {
        self.visible_from <= now
    }
}

impl Disk {
    /// Returns the present status, in the newer vocabulary.
    pub(crate) fn status(&self, now: SimTime) -> &'static str {
        match self.work {
            Some((DiskWork::Attach, _)) => "attaching",
            Some((DiskWork::Detach, _)) => "detaching",
            Some((DiskWork::Grow { .. }, _)) => "extending",
            Some((DiskWork::Delete { .. }, _)) => "deleting",
            None if now < self.ready => "creating",
            None if self.broken => "error",
            None if self.frozen => "freezing",
            None if self.expires.is_some_and(|end| end <= now) => "expired",
            None if self.holders.is_empty() => "available",
            None => "in-use",
        }
    }

    /// Returns the zone; empty where there is none.
    pub(crate) fn zone(&self) -> &str {
        text(&self.spec, "azName")
    }

    /// Refuses what must wait until it has come to rest.
    pub(super) fn at_rest(&self, now: SimTime, done: &str) -> Result<(), OrderApiError> {
        if self.work.is_none() && self.ready <= now {
            Ok(())
        } else {
            Err(self.busy(now, done))
        }
    }

    fn busy(&self, now: SimTime, done: &str) -> OrderApiError {
        let status = self.status(now);
        let message = format!("disk {} is {status} and cannot be {done}", self.id);
        OrderApiError::new(Code::DiskBusy, message)
    }

    /// Refuses to attach what is not free.
    pub(super) fn is_free(&self, now: SimTime) -> Result<(), OrderApiError> {
        self.at_rest(now, "attached")?;
        match (self.status(now), self.holders.first()) {
            ("available", _) => Ok(()),
            ("in-use", Some(_)) if is_set(&self.spec, "multiAttach") => Ok(()),
            ("in-use", Some(holder)) => Err(OrderApiError::new(
                Code::DiskAttached,
                format!("disk {} is attached to {holder}", self.id),
            )),
            _ => Err(self.busy(now, "attached")),
        }
    }
}

impl Disk {
    /// Refuses a size that is not larger than the current one, and any growth while the disk is
    /// busy.
    pub(super) fn can_grow(&self, size: i64, now: SimTime) -> Result<(), OrderApiError> {
        self.at_rest(now, "grown")?;
        if !matches!(self.status(now), "available" | "in-use") {
            return Err(self.busy(now, "grown"));
        }
        if size > self.size {
            Ok(())
        } else {
            Err(OrderApiError::new(
                Code::DiskInvalid,
                format!(
                    "diskSize must be more than the {} GB that disk {} has, found {size}",
                    self.size, self.id
                ),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_with_former_keys_is_read() {
        let disk = Disk {
            number: 1,
            id: "disk-1".to_owned(),
            realm: Realm {
                account: "ak".to_owned(),
                region: "r-1".to_owned(),
            },
            name: "data".to_owned(),
            size: 40,
            spec: Map::new(),
            iops: 0,
            delete_snapshots: false,
            created: SimTime::from_millis(1),
            ready: SimTime::from_millis(2),
            visible_from: SimTime::from_millis(3),
            updated: SimTime::from_millis(4),
            expires: None,
            frozen: false,
            broken: false,
            holders: Vec::new(),
            work: None,
            deleted_at: Some(SimTime::from_millis(5)),
        };
        crate::model::former_keys::check(&disk);
    }
}
