//! The disks of the world: how they are ordered, attached, expanded and released.

use super::World;
use super::collection::Entity;
use super::disk::{ATTACHING, Disk, DiskWork, NewDisk};
use super::order::{Job, Order, OrderRequest};
use super::realm::{Realm, Subject};
use crate::model::change::ObjectKind;
use crate::model::clock::{SimTime, Timing};
use crate::model::order_error::{Code, OrderApiError};

impl World {
    /// Returns the disk with this ID in this realm.
    pub(crate) fn disk(
        &self,
        realm: &Realm,
        id: &str,
        now: SimTime,
    ) -> Result<Disk, OrderApiError> {
        self.disks.visible(realm, id, now).ok_or_else(|| {
            OrderApiError::new(Code::DiskNotThere, format!("disk {id} does not exist"))
        })
    }

    /// Returns the disk with this ID, wherever it is, deleted or not.
    pub(crate) fn any_disk(&self, id: &str, now: SimTime) -> Option<Disk> {
        self.disks.get(id, now)
    }

    /// Returns all disks that are visible to this realm, the newest first.
    pub(crate) fn disks(&self, realm: &Realm, now: SimTime) -> Vec<Disk> {
        let present = self.disks.present(realm, now);
        let mut visible: Vec<Disk> = present.filter(|disk| disk.is_visible(now)).collect();
        visible.reverse();
        visible
    }

    pub(super) fn put_disk(&mut self, disk: Disk) -> Disk {
        self.disks.put(disk.clone());
        self.touched.push(disk.clone().into());
        disk
    }

    fn check_disk_name(
        &self,
        realm: &Realm,
        name: &str,
        now: SimTime,
    ) -> Result<(), OrderApiError> {
        match self
            .disks
            .present(realm, now)
            .find(|disk| disk.name == name)
        {
            None => Ok(()),
            Some(disk) => Err(OrderApiError::new(
                Code::DiskNameTaken,
                format!("diskName {name:?} is the name of disk {}", disk.id),
            )),
        }
    }

    /// Orders a disk.
    ///
    /// A failed order creates nothing.
    pub(crate) fn create_disk(
        &mut self,
        draft: NewDisk,
        placing: OrderRequest,
        most: usize,
        at: Timing,
    ) -> Result<(Order, Option<Disk>), OrderApiError> {
        let Timing { now, .. } = at;
        let realm = placing.realm.clone();
        self.check_disk_name(&realm, &draft.name, now)?;
        if self.disks.present(&realm, now).count() >= most {
            return Err(OrderApiError::new(
                Code::DiskQuota,
                format!("the quota of {most} disks in this region is used up"),
            ));
        }
        let behavior = placing.behavior;
        let order = self.place_order(placing, ObjectKind::Disk, &draft.id, at);
        if behavior.fails {
            return Ok((order, None));
        }
        let ready = order.complete;
        let disk = Disk {
            number: self.disks.next(),
            id: draft.id,
            realm,
            name: draft.name,
            size: draft.size,
            spec: draft.spec,
            iops: draft.iops,
            delete_snapshots: draft.delete_snapshots,
            created: now,
            ready,
            visible_from: if behavior.unseen.is_zero() {
                now
            } else {
                ready.plus(behavior.unseen)
            },
            updated: ready,
            expires: draft.months.map(|months| ready.plus_months(months)),
            frozen: false,
            broken: false,
            holders: Vec::new(),
            work: None,
            deleted_at: None,
        };
        Ok((order, Some(self.put_disk(disk))))
    }

    /// Applies a change that takes no time.
    pub(crate) fn alter_disk(
        &mut self,
        realm: &Realm,
        id: &str,
        now: SimTime,
        alter: impl FnOnce(&mut Disk) -> Result<(), OrderApiError>,
    ) -> Result<Disk, OrderApiError> {
        let mut disk = self.disk(realm, id, now)?;
        disk.at_rest(now, "changed")?;
        let name = disk.name.clone();
        alter(&mut disk)?;
        if disk.name != name {
            self.check_disk_name(realm, &disk.name, now)?;
        }
        disk.updated = now;
        Ok(self.put_disk(disk))
    }

    /// Orders a larger size.
    pub(crate) fn resize_disk(
        &mut self,
        id: &str,
        size: i64,
        placing: OrderRequest,
        at: Timing,
    ) -> Result<(Order, Disk), OrderApiError> {
        let mut disk = self.disk(&placing.realm, id, at.now)?;
        disk.can_grow(size, at.now)?;
        let fails = placing.behavior.fails;
        let order = self.place_order(placing, ObjectKind::Disk, id, at);
        disk.work = Some((DiskWork::Grow { size, fails }, order.complete));
        Ok((order, self.put_disk(disk)))
    }

    /// Attaches it to a machine.
    pub(crate) fn attach_disk(
        &mut self,
        subject: Subject<'_>,
        machine: &str,
        job: &str,
        at: Timing,
    ) -> Result<(Job, Disk), OrderApiError> {
        let id = subject.id;
        let mut disk = self.disk(subject.realm, id, at.now)?;
        disk.is_free(at.now)?;
        if disk.holders.iter().any(|holder| holder == machine) {
            return Err(OrderApiError::new(
                Code::DiskAttached,
                format!("disk {id} is attached to {machine} already"),
            ));
        }
        let until = at.after(ATTACHING);
        disk.holders.push(machine.to_owned());
        disk.work = Some((DiskWork::Attach, until));
        let job = self.job_on(&disk, job, "EBS_ATTACH", until);
        Ok((job, self.put_disk(disk)))
    }

    /// Detaches it from a machine; where none is named, from the only one.
    pub(crate) fn detach_disk(
        &mut self,
        subject: Subject<'_>,
        machine: &str,
        job: &str,
        at: Timing,
    ) -> Result<(Job, Disk), OrderApiError> {
        let id = subject.id;
        let mut disk = self.disk(subject.realm, id, at.now)?;
        disk.at_rest(at.now, "detached")?;
        let group = self.group_on(id).map(str::to_owned);
        let found = match (machine, &*disk.holders) {
            ("", [only]) => Some(only.clone()),
            (named, holders) => holders.iter().find(|holder| *holder == named).cloned(),
        };
        let found = found.ok_or_else(|| {
            let message = match machine {
                "" => format!("disk {id} is not attached to one machine: name which"),
                named => format!("disk {id} is not attached to {named}"),
            };
            OrderApiError::new(Code::DiskNotAttached, message)
        })?;
        if group.as_deref() == Some(&*found) {
            return Err(OrderApiError::new(
                Code::DiskAttached,
                format!(
                    "disk {id} is mounted by container group {found}, which must detach it first"
                ),
            ));
        }
        let until = at.after(ATTACHING);
        disk.holders.retain(|holder| *holder != found);
        disk.work = Some((DiskWork::Detach, until));
        let job = self.job_on(&disk, job, "EBS_DETACH", until);
        Ok((job, self.put_disk(disk)))
    }

    fn job_on(&mut self, disk: &Disk, id: &str, task: &str, complete: SimTime) -> Job {
        let job = Job {
            number: self.next_job(),
            id: id.to_owned(),
            realm: disk.realm.clone(),
            disk: disk.id.clone(),
            task: task.to_owned(),
            complete,
        };
        self.begin(job)
    }

    /// Releases it.
    ///
    /// One that has a holder cannot be released.
    pub(crate) fn refund_disk(
        &mut self,
        id: &str,
        placing: OrderRequest,
        at: Timing,
    ) -> Result<(Order, Disk), OrderApiError> {
        let mut disk = self.disk(&placing.realm, id, at.now)?;
        disk.at_rest(at.now, "refunded")?;
        if let Some(holder) = disk.holders.first() {
            return Err(OrderApiError::new(
                Code::DiskAttached,
                format!("disk {id} is attached to {holder} and cannot be refunded"),
            ));
        }
        let fails = placing.behavior.fails;
        let order = self.place_order(placing, ObjectKind::Disk, id, at);
        disk.work = Some((DiskWork::Delete { fails }, order.complete));
        Ok((order, self.put_disk(disk)))
    }
}
