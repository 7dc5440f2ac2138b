//! EIPs, disks and their orders, in memory and in virtual time, for the clouds of these tests.
#![allow(unreachable_pub, dead_code)]

mod orders;
mod served;

use std::collections::{BTreeMap, HashMap};

use eci_api::types::{
    ClientToken, CreateDisk, CreateEip, DescribedDisk, DescribedEip, DiskAttributes, DiskId, EipId,
    OrderOutcome,
};
use eci_api::{CallError, Operation, Refusal, StatusReason};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

pub use orders::NextOrder;
use orders::{Order, OrderAction};

/// The time at which the clocks of these tests begin: 2026-01-01T00:00:00Z.
const BEGIN: i64 = 1_767_225_600_000;

/// EIPs, disks and their orders.
#[derive(Debug, Default)]
pub struct Services {
    pub eips: BTreeMap<String, Value>,
    pub disks: BTreeMap<String, Value>,
    orders: BTreeMap<String, Order>,
    /// The order of each client token, and when it was placed.
    tokens: HashMap<String, (String, Instant)>,
    /// The token under which each EIP and disk was ordered, and when it becomes visible.
    makers: HashMap<String, (String, Instant)>,
    /// The outcome of the next order.
    pub next_order: NextOrder,
    /// The begin of virtual time, where the clock goes on with it.
    pub began: Option<Instant>,
    /// The group that has each EIP and disk.
    pub bound: HashMap<String, String>,
    /// The next orders fail, by what they make.
    pub failing: Vec<String>,
    /// The distortion of lists.
    pub lie: Option<Lie>,
    /// The ID that all orders name instead of the one that they create.
    pub named: Option<&'static str>,
    /// These tokens are not remembered.
    pub forgetful: bool,
    count: usize,
}

/// A distortion of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Its first row is missing.
    Dropped,
    /// An empty list.
    Empty,
    /// A list of two rows at most that says nothing of more.
    Capped,
    /// Each row is there twice.
    Twice,
}

impl Lie {
    /// The list as it is reported.
    pub fn bend<T: Clone>(self, mut rows: Vec<T>) -> Vec<T> {
        match self {
            Lie::Dropped => rows.drain(..rows.len().min(1)).for_each(drop),
            Lie::Empty => rows.clear(),
            Lie::Capped => rows.truncate(2),
            Lie::Twice => rows.extend(rows.clone()),
        }
        rows
    }
}

pub fn refused(operation: Operation, code: &str) -> CallError {
    let refusal = Refusal {
        reason: if code.ends_with("NotFound") || code.ends_with("notExists") {
            StatusReason::NotFound
        } else {
            StatusReason::of(code, 900)
        },
        status_code: 900,
        error: code.to_owned(),
        message: "no".to_owned(),
        description: String::new(),
        access_key: String::new(),
    };
    CallError::new(operation, refusal.into())
}

type Answer<T> = Result<T, CallError>;

impl Services {
    /// Returns the existing objects, by name: `eip front`, `disk data 40`.
    pub fn standing(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let eips = self
            .eips
            .values()
            .map(|it| format!("eip {} {}", text(&it["name"]), it["bandwidth"]));
        let disks = self
            .disks
            .values()
            .map(|it| format!("disk {} {}", text(&it["diskName"]), it["diskSize"]));
        eips.chain(disks).collect()
    }

    /// The time on the clock.
    fn now(&self) -> Timestamp {
        let passed = self.began.map(|began| began.elapsed().as_millis());
        let passed = i64::try_from(passed.unwrap_or_default()).unwrap();
        Timestamp::from_millisecond(BEGIN + passed).unwrap()
    }

    /// Returns what was created or is being created: the ID, where it has one, and the token of its order.
    pub fn makings(&self) -> Vec<(Option<String>, String)> {
        let created = self.makers.iter();
        let there = |id: &str| self.eips.contains_key(id) || self.disks.contains_key(id);
        let created = created
            .filter(|(id, _)| there(id))
            .map(|(id, (token, _))| (Some(id.clone()), token.clone()));
        let making = self.in_progress().map(|token| (None, token));
        created.chain(making).collect()
    }

    /// Everything that was ever created, with the token of its order.
    pub fn ever_created(&self) -> impl Iterator<Item = (&String, &String)> {
        self.makers.iter().map(|(id, (token, _))| (id, token))
    }

    /// Returns whether a group can have this: one that was never created here belongs to someone else.
    pub fn is_free(&self, id: &str) -> bool {
        if self.makers.contains_key(id) {
            let there = self.eips.contains_key(id) || self.disks.contains_key(id);
            there && self.work_on(id).is_none()
        } else {
            true
        }
    }

    fn is_visible(&self, id: &str) -> bool {
        let maker = self.makers.get(id);
        maker.is_none_or(|(_, from)| *from <= Instant::now())
    }

    /// Refuses what must wait until an order about the same object is over.
    fn at_rest(&self, operation: Operation, id: &str) -> Answer<()> {
        match self.work_on(id) {
            None => Ok(()),
            Some(_) => Err(refused(operation, "Openapi.Test.Busy")),
        }
    }

    pub fn create_eip(&mut self, token: &ClientToken, request: &CreateEip) -> OrderOutcome<EipId> {
        let line = request.line_type.as_deref().unwrap_or("163");
        let eip = json!({
            "name": request.name, "bandwidth": request.bandwidth, "status": "DOWN",
            "bandwidthID": request.bandwidth_id, "lineType": line, "projectID": "0",
            "createdAt": self.now().to_string(),
        });
        let placed = self.place(token, OrderAction::MakeEip(eip), &request.name);
        mapped(placed, |id| EipId::new(id.unwrap()).unwrap())
    }

    pub fn describe_eip(&mut self, id: &EipId) -> Answer<DescribedEip> {
        match self.eips.get(id.as_str()) {
            Some(eip) if self.is_visible(id.as_str()) => Ok(self.eip(eip)),
            _ => Err(refused(Operation::DescribeEip, "Openapi.Eip.NotFound")),
        }
    }

    fn eip(&self, eip: &Value) -> DescribedEip {
        let mut eip = eip.clone();
        let id = eip["ID"].as_str().unwrap().to_owned();
        if let Some(user) = self.bound.get(&id) {
            eip["status"] = json!("ACTIVE");
            eip["associationID"] = json!(user);
        }
        match self.work_on(&id) {
            Some(OrderAction::ReleaseEip(_)) => eip["status"] = json!("DELETING"),
            Some(_) => eip["status"] = json!("UPDATING"),
            None => {}
        }
        DescribedEip::from_report(eip).unwrap()
    }

    pub fn list_eips(&mut self, ids: &[EipId]) -> Vec<DescribedEip> {
        let named = |id: &str| ids.is_empty() || ids.iter().any(|it| it.as_str() == id);
        let eips = self.eips.iter();
        let eips = eips.filter(|(id, _)| named(id) && self.is_visible(id));
        let eips = eips.map(|(_, eip)| self.eip(eip)).collect();
        self.listed(eips)
    }

    fn listed<T: Clone>(&self, rows: Vec<T>) -> Vec<T> {
        match self.lie {
            Some(lie) => lie.bend(rows),
            None => rows,
        }
    }

    pub fn rename_eip(&mut self, id: &EipId, name: &str) -> Answer<()> {
        match self.eips.get_mut(id.as_str()) {
            Some(eip) => eip["name"] = json!(name),
            None => return Err(refused(Operation::RenameEip, "Openapi.Eip.NotFound")),
        }
        Ok(())
    }

    /// Puts EIPs into a shared bandwidth of 100 Mbps, or out of it where none is named.
    pub fn share_bandwidth(&mut self, ids: &[EipId], bandwidth: &str) -> Answer<()> {
        for id in ids {
            let Some(eip) = self.eips.get_mut(id.as_str()) else {
                let operation = Operation::JoinBandwidth;
                return Err(refused(operation, "Openapi.Eip.NotFound"));
            };
            eip["bandwidthID"] = json!(bandwidth);
            eip["bandwidth"] = json!(100);
        }
        Ok(())
    }

    pub fn change_eip_bandwidth(
        &mut self,
        token: &ClientToken,
        id: &EipId,
        mbps: i64,
    ) -> Answer<OrderOutcome<()>> {
        if !self.knows(token) {
            if !self.eips.contains_key(id.as_str()) {
                let operation = Operation::ChangeEipBandwidth;
                return Err(refused(operation, "Openapi.Eip.NotFound"));
            }
            self.at_rest(Operation::ChangeEipBandwidth, id.as_str())?;
        }
        let placed = self.place(token, OrderAction::Bandwidth(id.to_string(), mbps), "");
        Ok(mapped(placed, |_| ()))
    }

    pub fn delete_eip(&mut self, token: &ClientToken, id: &EipId) -> Answer<OrderOutcome<()>> {
        if !self.knows(token) {
            if !self.eips.contains_key(id.as_str()) {
                return Err(refused(Operation::DeleteEip, "Openapi.Eip.NotFound"));
            }
            if self.bound.contains_key(id.as_str()) {
                return Err(refused(Operation::DeleteEip, "Openapi.Eip.Bound"));
            }
            self.at_rest(Operation::DeleteEip, id.as_str())?;
        }
        let placed = self.place(token, OrderAction::ReleaseEip(id.to_string()), id.as_str());
        Ok(mapped(placed, |_| ()))
    }

    pub fn create_disk(
        &mut self,
        token: &ClientToken,
        request: &CreateDisk,
    ) -> Answer<OrderOutcome<DiskId>> {
        let mut disks = self.disks.values();
        let taken = disks.any(|disk| disk["diskName"] == request.disk_name.as_str());
        if taken && !self.knows(token) {
            return Err(refused(Operation::CreateDisk, "ebs.ebs.nameTaken"));
        }
        let disk = json!({
            "diskName": request.disk_name, "diskSize": request.disk_size,
            "diskType": request.disk_type, "diskMode": request.disk_mode,
            "diskStatus": "available", "projectID": "0", "labels": request.labels,
            "createTime": self.now().as_millisecond(), "multiAttach": false, "isEncrypt": false,
            "volumeDescription": request.volume_description,
        });
        let placed = self.place(token, OrderAction::MakeDisk(disk), &request.disk_name);
        Ok(mapped(placed, |id| DiskId::new(id.unwrap()).unwrap()))
    }

    pub fn describe_disk(&mut self, id: &str) -> Answer<DescribedDisk> {
        match self.disks.get(id) {
            Some(disk) if self.is_visible(id) => Ok(self.disk(disk)),
            _ => Err(refused(Operation::DescribeDisk, "ebs.ebsInfo.notExists")),
        }
    }

    pub fn describe_disk_by_name(&mut self, name: &str) -> Answer<DescribedDisk> {
        let mut disks = self.disks.iter();
        match disks.find(|(id, disk)| disk["diskName"] == name && self.is_visible(id)) {
            Some((_, disk)) => Ok(self.disk(disk)),
            None => Err(refused(
                Operation::DescribeDiskByName,
                "ebs.ebsInfo.notExists",
            )),
        }
    }

    pub fn list_disks(&mut self) -> Vec<DescribedDisk> {
        let disks = self.disks.iter();
        let disks = disks.filter(|(id, _)| self.is_visible(id));
        self.listed(disks.map(|(_, disk)| self.disk(disk)).collect())
    }

    fn disk(&self, disk: &Value) -> DescribedDisk {
        let mut disk = disk.clone();
        // The vendor's disk service does not report it.
        disk.as_object_mut().unwrap().remove("volumeDescription");
        let id = disk["diskID"].as_str().unwrap().to_owned();
        if let Some(user) = self.bound.get(&id) {
            disk["diskStatus"] = json!("in-use");
            disk["attachments"] = json!([{ "instanceID": user }]);
        }
        match self.work_on(&id) {
            Some(OrderAction::ReleaseDisk(_)) => disk["diskStatus"] = json!("deleting"),
            Some(_) => disk["diskStatus"] = json!("extending"),
            None => {}
        }
        DescribedDisk::from_report(disk).unwrap()
    }

    pub fn update_disk(&mut self, id: &DiskId, attributes: &DiskAttributes) -> Answer<()> {
        let Some(disk) = self.disks.get_mut(id.as_str()) else {
            return Err(refused(Operation::UpdateDisk, "ebs.ebsInfo.notExists"));
        };
        if let Some(name) = &attributes.disk_name {
            disk["diskName"] = json!(name);
        }
        if let Some(description) = &attributes.volume_description {
            disk["volumeDescription"] = json!(description);
        }
        Ok(())
    }

    pub fn resize_disk(
        &mut self,
        token: &ClientToken,
        id: &str,
        size: i64,
    ) -> Answer<OrderOutcome<()>> {
        if !self.knows(token) {
            self.check_growth(Operation::ResizeDisk, id, size)?;
        }
        let placed = self.place(token, OrderAction::Size(id.to_owned(), size), "");
        Ok(mapped(placed, |_| ()))
    }

    /// Grows a disk by the call of the group that has it mounted.
    pub fn grow_mounted(&mut self, id: &str, size: i64) -> Answer<()> {
        self.check_growth(Operation::ResizeContainerGroupVolume, id, size)?;
        self.disks.get_mut(id).unwrap()["diskSize"] = json!(size);
        Ok(())
    }

    fn check_growth(&self, operation: Operation, id: &str, size: i64) -> Answer<()> {
        let Some(disk) = self.disks.get(id) else {
            return Err(refused(operation, "ebs.ebsInfo.notExists"));
        };
        self.at_rest(operation, id)?;
        if disk["diskSize"].as_i64() < Some(size) {
            Ok(())
        } else {
            Err(refused(operation, "ebs.ebs.noGrowth"))
        }
    }

    pub fn refund_disk(&mut self, token: &ClientToken, id: &DiskId) -> Answer<OrderOutcome<()>> {
        if !self.knows(token) {
            if !self.disks.contains_key(id.as_str()) {
                return Err(refused(Operation::RefundDisk, "ebs.ebsInfo.notExists"));
            }
            if self.bound.contains_key(id.as_str()) {
                return Err(refused(Operation::RefundDisk, "ebs.ebs.inUse"));
            }
            self.at_rest(Operation::RefundDisk, id.as_str())?;
        }
        let placed = self.place(token, OrderAction::ReleaseDisk(id.to_string()), "");
        Ok(mapped(placed, |_| ()))
    }
}

fn mapped<T>(
    placed: OrderOutcome<Option<String>>,
    created: impl Fn(Option<String>) -> T,
) -> OrderOutcome<T> {
    match placed {
        OrderOutcome::InProgress { order } => OrderOutcome::InProgress { order },
        OrderOutcome::Failed { order, word } => OrderOutcome::Failed { order, word },
        OrderOutcome::Done { order, created: id } => OrderOutcome::Done {
            order,
            created: created(id),
        },
    }
}
