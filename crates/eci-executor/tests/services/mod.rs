//! EIPs, disks and their orders, in memory and in virtual time, for the clouds of these tests.
#![allow(unreachable_pub, dead_code)]

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use eci_api::types::{
    ClientToken, CreateDisk, CreateEip, DescribedDisk, DescribedEip, DiskAttributes, DiskId, EipId,
    OrderId, OrderProgress, OrderStatus, Placed,
};
use eci_api::{CallError, Operation, Reason, Refusal};
use serde_json::{Value, json};
use tokio::time::Instant;

/// How long an order takes.
const ORDER: Duration = Duration::from_secs(7);

#[derive(Clone, Debug)]
enum Deed {
    MakeEip(Value),
    MakeDisk(Value),
    Bandwidth(String, i64),
    Size(String, i64),
    ReleaseEip(String),
    ReleaseDisk(String),
}

#[derive(Debug)]
struct Order {
    deed: Deed,
    done_at: Instant,
    fails: bool,
    made: Option<String>,
    over: bool,
}

/// EIPs, disks and their orders.
#[derive(Debug, Default)]
pub struct Services {
    pub eips: BTreeMap<String, Value>,
    pub disks: BTreeMap<String, Value>,
    orders: BTreeMap<String, Order>,
    /// The order of each client token.
    tokens: HashMap<String, String>,
    /// What has each EIP and disk.
    pub bound: HashMap<String, String>,
    /// The next orders fail, by what they make.
    pub failing: Vec<String>,
    /// Nobody knows these tokens any more.
    pub forgetful: bool,
    count: usize,
}

pub fn refused(operation: Operation, code: &str) -> CallError {
    let refusal = Refusal {
        reason: match code.ends_with("NotFound") || code.ends_with("notExists") {
            true => Reason::NotFound,
            false => Reason::of(code, 900),
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
    /// What is there, by name: `eip front`, `disk data 40`.
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

    /// Whether an order with that token was placed: what is sent again changes nothing.
    pub fn knows(&self, token: &ClientToken) -> bool {
        !self.forgetful && self.tokens.contains_key(token.as_str())
    }

    pub fn catch_up(&mut self) {
        let now = Instant::now();
        let due: Vec<String> = self
            .orders
            .iter()
            .filter(|(_, order)| !order.over && order.done_at <= now)
            .map(|(id, _)| id.clone())
            .collect();
        for id in due {
            let (deed, fails) = (self.orders[&id].deed.clone(), self.orders[&id].fails);
            let made = (!fails).then(|| self.carry_out(deed)).flatten();
            let order = self.orders.get_mut(&id).unwrap();
            order.over = true;
            order.made = made;
        }
    }

    fn carry_out(&mut self, deed: Deed) -> Option<String> {
        self.count += 1;
        match deed {
            Deed::MakeEip(mut eip) => {
                let id = format!("eip-{:010}", self.count);
                eip["ID"] = json!(id);
                eip["eipAddress"] = json!(format!("198.51.100.{}", self.count));
                self.eips.insert(id.clone(), eip);
                return Some(id);
            }
            Deed::MakeDisk(mut disk) => {
                let id = format!("disk-{}", self.count);
                disk["diskID"] = json!(id);
                self.disks.insert(id.clone(), disk);
                return Some(id);
            }
            Deed::Bandwidth(id, mbps) => self.eips.get_mut(&id)?["bandwidth"] = json!(mbps),
            Deed::Size(id, size) => self.disks.get_mut(&id)?["diskSize"] = json!(size),
            Deed::ReleaseEip(id) => drop(self.eips.remove(&id)),
            Deed::ReleaseDisk(id) => drop(self.disks.remove(&id)),
        }
        None
    }

    fn place(&mut self, token: &ClientToken, deed: Deed, name: &str) -> Placed<Option<String>> {
        let known = match self.knows(token) {
            true => self.tokens.get(token.as_str()).cloned(),
            false => None,
        };
        let id = known.unwrap_or_else(|| {
            self.count += 1;
            let id = format!("order-{}", self.count);
            let fails = self.failing.iter().position(|it| it == name);
            let fails = fails.map(|at| self.failing.remove(at)).is_some();
            let order = Order {
                deed,
                done_at: Instant::now() + ORDER,
                fails,
                made: None,
                over: false,
            };
            self.orders.insert(id.clone(), order);
            self.tokens.insert(token.to_string(), id.clone());
            id
        });
        let order = &self.orders[&id];
        let named = OrderId::new(id).unwrap();
        match (order.over, order.fails) {
            (false, _) => Placed::InProgress { order: named },
            (true, true) => Placed::Failed {
                order: Some(named),
                word: "failed".to_owned(),
            },
            (true, false) => Placed::Done {
                order: Some(named),
                made: order.made.clone(),
            },
        }
    }

    pub fn create_eip(&mut self, token: &ClientToken, request: &CreateEip) -> Placed<EipId> {
        let eip = json!({
            "name": request.name, "bandwidth": request.bandwidth, "status": "DOWN",
            "bandwidthID": request.bandwidth_id, "lineType": "163", "projectID": "0",
            "createdAt": "2026-01-01T00:00:00Z",
        });
        let placed = self.place(token, Deed::MakeEip(eip), &request.name);
        mapped(placed, |id| EipId::new(id.unwrap()).unwrap())
    }

    pub fn describe_eip(&mut self, id: &EipId) -> Answer<DescribedEip> {
        match self.eips.get(id.as_str()) {
            Some(eip) => Ok(self.eip(eip)),
            None => Err(refused(Operation::DescribeEip, "Openapi.Eip.NotFound")),
        }
    }

    fn eip(&self, eip: &Value) -> DescribedEip {
        let mut eip = eip.clone();
        if let Some(user) = self.bound.get(eip["ID"].as_str().unwrap()) {
            eip["status"] = json!("ACTIVE");
            eip["associationID"] = json!(user);
        }
        DescribedEip::from_report(eip).unwrap()
    }

    pub fn list_eips(&mut self, ids: &[EipId]) -> Vec<DescribedEip> {
        let named = |id: &str| ids.is_empty() || ids.iter().any(|it| it.as_str() == id);
        let eips = self.eips.iter().filter(|(id, _)| named(id));
        eips.map(|(_, eip)| self.eip(eip)).collect()
    }

    pub fn rename_eip(&mut self, id: &EipId, name: &str) -> Answer<()> {
        match self.eips.get_mut(id.as_str()) {
            Some(eip) => eip["name"] = json!(name),
            None => return Err(refused(Operation::RenameEip, "Openapi.Eip.NotFound")),
        }
        Ok(())
    }

    pub fn change_eip_bandwidth(
        &mut self,
        token: &ClientToken,
        id: &EipId,
        mbps: i64,
    ) -> Placed<()> {
        let placed = self.place(token, Deed::Bandwidth(id.to_string(), mbps), "");
        mapped(placed, |_| ())
    }

    pub fn delete_eip(&mut self, token: &ClientToken, id: &EipId) -> Answer<Placed<()>> {
        if !self.knows(token) {
            if !self.eips.contains_key(id.as_str()) {
                return Err(refused(Operation::DeleteEip, "Openapi.Eip.NotFound"));
            }
            if self.bound.contains_key(id.as_str()) {
                return Err(refused(Operation::DeleteEip, "Openapi.Eip.Bound"));
            }
        }
        let placed = self.place(token, Deed::ReleaseEip(id.to_string()), id.as_str());
        Ok(mapped(placed, |_| ()))
    }

    pub fn create_disk(&mut self, token: &ClientToken, request: &CreateDisk) -> Placed<DiskId> {
        let disk = json!({
            "diskName": request.disk_name, "diskSize": request.disk_size,
            "diskType": request.disk_type, "diskMode": request.disk_mode,
            "diskStatus": "available", "projectID": "0", "labels": request.labels,
            "createTime": 1_767_225_600_000_i64, "multiAttach": false, "isEncrypt": false,
        });
        let placed = self.place(token, Deed::MakeDisk(disk), &request.disk_name);
        mapped(placed, |id| DiskId::new(id.unwrap()).unwrap())
    }

    pub fn describe_disk(&mut self, id: &str) -> Answer<DescribedDisk> {
        match self.disks.get(id) {
            Some(disk) => Ok(self.disk(disk)),
            None => Err(refused(Operation::DescribeDisk, "ebs.ebsInfo.notExists")),
        }
    }

    pub fn describe_disk_by_name(&mut self, name: &str) -> Answer<DescribedDisk> {
        match self.disks.values().find(|disk| disk["diskName"] == name) {
            Some(disk) => Ok(self.disk(disk)),
            None => Err(refused(
                Operation::DescribeDiskByName,
                "ebs.ebsInfo.notExists",
            )),
        }
    }

    fn disk(&self, disk: &Value) -> DescribedDisk {
        let mut disk = disk.clone();
        if let Some(user) = self.bound.get(disk["diskID"].as_str().unwrap()) {
            disk["diskStatus"] = json!("in-use");
            disk["attachments"] = json!([{ "instanceID": user }]);
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
        Ok(())
    }

    pub fn resize_disk(&mut self, token: &ClientToken, id: &str, size: i64) -> Placed<()> {
        let placed = self.place(token, Deed::Size(id.to_owned(), size), "");
        mapped(placed, |_| ())
    }

    pub fn refund_disk(&mut self, token: &ClientToken, id: &DiskId) -> Answer<Placed<()>> {
        if !self.knows(token) {
            if !self.disks.contains_key(id.as_str()) {
                return Err(refused(Operation::RefundDisk, "ebs.ebsInfo.notExists"));
            }
            if self.bound.contains_key(id.as_str()) {
                return Err(refused(Operation::RefundDisk, "ebs.ebs.inUse"));
            }
        }
        let placed = self.place(token, Deed::ReleaseDisk(id.to_string()), "");
        Ok(mapped(placed, |_| ()))
    }

    pub fn query_order(&mut self, id: &OrderId) -> Answer<OrderProgress> {
        let Some(order) = self.orders.get(id.as_str()) else {
            return Err(refused(Operation::QueryOrder, "ecs.order.unknown"));
        };
        Ok(OrderProgress {
            status: match (order.over, order.fails) {
                (false, _) => OrderStatus::Provisioning,
                (true, true) => OrderStatus::Failed,
                (true, false) => OrderStatus::Complete,
            },
            ids: order.made.clone().into_iter().collect(),
            resource_type: None,
        })
    }
}

fn mapped<T>(placed: Placed<Option<String>>, made: impl Fn(Option<String>) -> T) -> Placed<T> {
    match placed {
        Placed::InProgress { order } => Placed::InProgress { order },
        Placed::Failed { order, word } => Placed::Failed { order, word },
        Placed::Done { order, made: id } => Placed::Done {
            order,
            made: made(id),
        },
    }
}

/// The services of a cloud that has `serve(operation, token, what, |services| answer)`.
#[allow(clippy::crate_in_macro_def)]
#[macro_export]
macro_rules! serve {
    ($cloud:ty) => {
        mod served {
            use super::*;
            use eci_api::types::*;
            use eci_api::{CallError, DiskApi, EipApi, Operation, OrderApi};

            fn unserved<T>(operation: Operation) -> Result<T, CallError> {
                Err(crate::services::refused(operation, "Openapi.Test.Unserved"))
            }

            impl EipApi for $cloud {
                async fn create_eip(
                    &self,
                    token: &ClientToken,
                    request: &CreateEip,
                ) -> Result<Placed<EipId>, CallError> {
                    let own_token = token.clone();
                    let own_request = request.clone();

                    let name = request.name.clone();
                    self.serve(Operation::CreateEip, Some(token), &name, move |it| {
                        Ok(it.create_eip(&own_token, &own_request))
                    })
                    .await
                }

                async fn describe_eip(&self, id: &EipId) -> Result<DescribedEip, CallError> {
                    let own_id = id.clone();

                    self.serve(Operation::DescribeEip, None, id.as_str(), move |it| {
                        it.describe_eip(&own_id)
                    })
                    .await
                }

                async fn list_eips(
                    &self,
                    _: &ClientToken,
                    filter: &EipFilter,
                ) -> Result<EipPage, CallError> {
                    let own_filter = filter.clone();

                    self.serve(Operation::ListEips, None, "", move |it| {
                        Ok(EipPage {
                            eips: it.list_eips(&own_filter.ids),
                            total_count: None,
                            total_page: Some(1),
                        })
                    })
                    .await
                }

                async fn rename_eip(
                    &self,
                    _: &ClientToken,
                    id: &EipId,
                    name: &str,
                ) -> Result<(), CallError> {
                    let own_id = id.clone();
                    let own_name = name.to_owned();

                    self.serve(Operation::RenameEip, None, id.as_str(), move |it| {
                        it.rename_eip(&own_id, &own_name)
                    })
                    .await
                }

                async fn change_eip_bandwidth(
                    &self,
                    token: &ClientToken,
                    id: &EipId,
                    bandwidth: i64,
                ) -> Result<Placed<()>, CallError> {
                    let own_token = token.clone();
                    let own_id = id.clone();

                    let operation = Operation::ChangeEipBandwidth;
                    self.serve(operation, Some(token), id.as_str(), move |it| {
                        Ok(it.change_eip_bandwidth(&own_token, &own_id, bandwidth))
                    })
                    .await
                }

                async fn bind_eip(
                    &self,
                    _: &ClientToken,
                    _: &EipId,
                    _: (AssociationType, &str),
                ) -> Result<(), CallError> {
                    unserved(Operation::BindEip)
                }

                async fn unbind_eip(&self, _: &ClientToken, _: &EipId) -> Result<(), CallError> {
                    unserved(Operation::UnbindEip)
                }

                async fn delete_eip(
                    &self,
                    token: &ClientToken,
                    id: &EipId,
                ) -> Result<Placed<()>, CallError> {
                    let own_token = token.clone();
                    let own_id = id.clone();

                    self.serve(Operation::DeleteEip, Some(token), id.as_str(), move |it| {
                        it.delete_eip(&own_token, &own_id)
                    })
                    .await
                }

                async fn eip_create_price(
                    &self,
                    _: &ClientToken,
                    _: &CreateEip,
                ) -> Result<EipPrice, CallError> {
                    unserved(Operation::EipCreatePrice)
                }
            }

            impl DiskApi for $cloud {
                async fn create_disk(
                    &self,
                    token: &ClientToken,
                    request: &CreateDisk,
                ) -> Result<Placed<DiskId>, CallError> {
                    let own_token = token.clone();
                    let own_request = request.clone();

                    let name = request.disk_name.clone();
                    self.serve(Operation::CreateDisk, Some(token), &name, move |it| {
                        Ok(it.create_disk(&own_token, &own_request))
                    })
                    .await
                }

                async fn describe_disk(&self, id: &DiskId) -> Result<DescribedDisk, CallError> {
                    let own_id = id.clone();

                    self.serve(Operation::DescribeDisk, None, id.as_str(), move |it| {
                        it.describe_disk(own_id.as_str())
                    })
                    .await
                }

                async fn describe_disk_by_name(
                    &self,
                    name: &str,
                ) -> Result<DescribedDisk, CallError> {
                    let own_name = name.to_owned();

                    self.serve(Operation::DescribeDiskByName, None, name, move |it| {
                        it.describe_disk_by_name(&own_name)
                    })
                    .await
                }

                async fn list_disks(&self, _: &DiskFilter) -> Result<DiskPage, CallError> {
                    unserved(Operation::ListDisks)
                }

                async fn update_disk(
                    &self,
                    id: &DiskId,
                    attributes: &DiskAttributes,
                ) -> Result<(), CallError> {
                    let own_id = id.clone();
                    let own_attributes = attributes.clone();

                    self.serve(Operation::UpdateDisk, None, id.as_str(), move |it| {
                        it.update_disk(&own_id, &own_attributes)
                    })
                    .await
                }

                async fn resize_disk(
                    &self,
                    token: &ClientToken,
                    id: &DiskId,
                    size: i64,
                ) -> Result<Placed<()>, CallError> {
                    let own_token = token.clone();
                    let own_id = id.clone();

                    self.serve(Operation::ResizeDisk, Some(token), id.as_str(), move |it| {
                        Ok(it.resize_disk(&own_token, own_id.as_str(), size))
                    })
                    .await
                }

                async fn set_disk_iops(&self, _: &DiskId, _: i64) -> Result<(), CallError> {
                    unserved(Operation::SetDiskIops)
                }

                async fn set_disk_delete_policy(
                    &self,
                    _: &DiskId,
                    _: bool,
                ) -> Result<(), CallError> {
                    unserved(Operation::SetDiskDeletePolicy)
                }

                async fn attach_disk(&self, _: &DiskId, _: &str) -> Result<DiskJob, CallError> {
                    unserved(Operation::AttachDisk)
                }

                async fn detach_disk(
                    &self,
                    _: &DiskId,
                    _: Option<&str>,
                ) -> Result<DiskJob, CallError> {
                    unserved(Operation::DetachDisk)
                }

                async fn refund_disk(
                    &self,
                    token: &ClientToken,
                    id: &DiskId,
                    _: Option<bool>,
                ) -> Result<Placed<()>, CallError> {
                    let own_token = token.clone();
                    let own_id = id.clone();

                    self.serve(Operation::RefundDisk, Some(token), id.as_str(), move |it| {
                        it.refund_disk(&own_token, &own_id)
                    })
                    .await
                }
            }

            impl OrderApi for $cloud {
                async fn query_order(
                    &self,
                    _: OrderQuery,
                    id: &OrderId,
                ) -> Result<OrderProgress, CallError> {
                    let own_id = id.clone();

                    self.serve(Operation::QueryOrder, None, id.as_str(), move |it| {
                        it.query_order(&own_id)
                    })
                    .await
                }

                async fn describe_job(&self, _: &JobId) -> Result<JobProgress, CallError> {
                    unserved(Operation::DescribeJob)
                }
            }
        }
    };
}
