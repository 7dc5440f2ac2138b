//! A model of the cloud and of the disk, in memory and in virtual time.
#![allow(unreachable_pub, dead_code)]

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eci_api::types::{
    Acknowledgement, ClientToken, ContainerGroupCreated, ContainerGroupFilter, ContainerGroupId,
    ContainerGroupPage, ContainerLog, CreateContainerGroup, DeleteMode, DescribedGroup, EventPage,
    ExecAnswer, ExecContainerCommand, GroupIds, LogExcerpt, Price, PriceQuery,
    ResizeContainerGroupVolume, StatusPage, UpdateContainerGroup,
};
use eci_api::{Api, CallError, CallErrorKind, FieldNames, Operation, Refusal, StatusReason};
use eci_core::{Address, Kind};
use eci_executor::{ApplyOptions, Effects, Event, PollInterval, Reporter};
use eci_provider::RemoteId;
use eci_state::{Durability, IntentId, MemoryStore, Record, Snapshot, StateError, Store};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::services::{self, Lie, Services};

/// The outcome of a create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateOutcome {
    /// The connection is cut before anything is done.
    CutBefore,
    /// Done, and the connection is cut before the answer.
    CutAfter,
    /// The connection is cut, and it is done a while later.
    Late,
    /// The cloud refuses it.
    Refused,
    /// The cloud refuses it for this reason, with this code.
    RefusedFor(&'static str, i64),
    /// Done, and the answer is a refusal for this reason, with this code.
    DoneAndRefused(&'static str, i64),
    /// Done, and a proxy sends it once more: there is one already.
    SentTwice,
    /// Done twice, under one tag, and the answer names the second.
    Doubled,
    /// Done twice, and the connection is cut before the answer.
    DoubledAndCut,
    /// There is another one already.
    Taken,
    /// There are too many calls, whatever was done before.
    Busy,
    /// Done, and the answer names another object.
    Named(&'static str),
    /// Done, and the group never becomes ready.
    NeverReady,
    /// Done, and the group has no address until it is [pulled](Cloud::pull).
    NoAddress,
    /// Done, and the group restarts for ever.
    Restarts,
    /// Done, and the group fails.
    Fails,
}

#[derive(Default)]
struct World {
    groups: BTreeMap<String, Value>,
    services: Services,
    create_outcomes: HashMap<String, VecDeque<CreateOutcome>>,
    /// Groups that will be there.
    late: Vec<(Instant, String, Value)>,
    log: Vec<String>,
    /// The number of intents on disk.
    intents: usize,
    /// Calls before their intents were on disk.
    early: Vec<String>,
    /// Whether nothing can be looked up by its tag.
    blind: bool,
    /// Whether a writing call is a mistake: nothing is approved yet.
    only_read: bool,
}

/// A guard during whose life a writing call is a mistake.
pub struct ReadOnlyGuard(Cloud);

impl Drop for ReadOnlyGuard {
    fn drop(&mut self) {
        if let Ok(mut world) = self.0.0.lock() {
            world.only_read = false;
        }
    }
}

/// The EIP and the disks that a group names.
fn claims(group: &Value) -> impl Iterator<Item = &str> {
    let volumes = group["volumes"].as_array().into_iter().flatten();
    let disks = volumes.map(|volume| &volume["diskVolume"]["volumeHandle"]);
    let claims = disks.chain([&group["eip"]["eipInstanceId"]]);
    claims.filter_map(Value::as_str)
}

/// Refuses what another group has.
fn check_free(
    world: &World,
    desired: &Value,
    own: Option<&str>,
    operation: Operation,
) -> Result<(), CallError> {
    let bound = world.bound();
    let mut taken = claims(desired).filter_map(|id| bound.get(id));
    if taken.any(|holder| Some(holder.as_str()) != own) {
        Err(refused(operation, "ECI.Openapi.StatusReasonConflict", 409))
    } else {
        Ok(())
    }
}

impl World {
    /// The code with which a completed call is refused, if that is its outcome.
    fn lie_again(&mut self, what: &str) -> Option<&'static str> {
        let create_outcomes = self.create_outcomes.get_mut(what)?;
        let Some(CreateOutcome::DoneAndRefused(code, _)) = create_outcomes.front().copied() else {
            return None;
        };
        create_outcomes.pop_front();
        Some(code)
    }

    fn catch_up(&mut self) {
        let due = |late: &mut (Instant, String, Value)| late.0 <= Instant::now();
        for (_, id, group) in self.late.extract_if(.., due) {
            self.groups.insert(id, group);
        }
        self.services.catch_up();
        self.services.bound = self.bound();
    }

    /// Returns the groups of EIPs and disks.
    fn bound(&self) -> HashMap<String, String> {
        let mut bound = HashMap::new();
        for (group, report) in &self.groups {
            for id in claims(report) {
                bound.insert(id.to_owned(), group.clone());
            }
        }
        bound
    }

    fn note(&mut self, call: String) {
        assert!(!self.only_read, "{call} is not approved");
        self.log.push(call.clone());
        if self.log.len() > self.intents {
            self.early.push(call);
        }
    }
}

/// A cloud in which every call takes a second.
#[derive(Clone, Default)]
pub struct Cloud(Arc<Mutex<World>>);

impl Cloud {
    /// The next create of a group of that name has this outcome, or the next change of the group
    /// with that id.
    pub fn set_outcome(&self, name: &str, create_outcome: CreateOutcome) {
        let mut world = self.0.lock().unwrap();
        world
            .create_outcomes
            .entry(name.to_owned())
            .or_default()
            .push_back(create_outcome);
    }

    /// Nothing more happens to calls about what has this name.
    pub fn heal(&self, name: &str) {
        self.0.lock().unwrap().create_outcomes.remove(name);
    }

    /// All groups become ready after all.
    pub fn pull(&self) {
        for (id, group) in &mut self.0.lock().unwrap().groups {
            group["status"] = json!("Running");
            group["intranetIp"] = json!(format!("10.0.0.{}", &id[4..]));
        }
    }

    /// A group is moved by the cloud, and has no address until it is [pulled](Cloud::pull).
    pub fn unready(&self, id: &str) {
        let groups = &mut self.0.lock().unwrap().groups;
        let group = groups.get_mut(id).unwrap();
        group["status"] = json!("Pending");
        group["intranetIp"] = Value::Null;
    }

    /// A group has no mark of the state that created it.
    pub fn unmark(&self, id: &str) {
        let groups = &mut self.0.lock().unwrap().groups;
        groups.get_mut(id).unwrap()["tags"] = json!([]);
    }

    /// The report of a group.
    pub fn report(&self, id: &str) -> Value {
        self.0.lock().unwrap().groups[id].clone()
    }

    /// Nothing is approved until what is returned is dropped.
    pub fn read_only(&self) -> ReadOnlyGuard {
        self.0.lock().unwrap().only_read = true;
        ReadOnlyGuard(self.clone())
    }

    /// The writing calls, in order: `create web`.
    pub fn log(&self) -> Vec<String> {
        self.0.lock().unwrap().log.clone()
    }

    /// The calls before their intents were on disk.
    pub fn early(&self) -> Vec<String> {
        self.0.lock().unwrap().early.clone()
    }

    /// The names of the groups that there are.
    pub fn names(&self) -> Vec<String> {
        let world = self.0.lock().unwrap();
        let name = |group: &Value| group["containerGroupName"].as_str().unwrap().to_owned();
        world.groups.values().map(name).collect()
    }

    /// Somebody gives a group another EIP, or none.
    pub fn rebind(&self, group: &str, eip: Option<&str>) {
        let mut world = self.0.lock().unwrap();
        let World {
            groups, services, ..
        } = &mut *world;
        let mut groups = groups.values_mut();
        let group = groups.find(|it| it["containerGroupName"] == group).unwrap();
        group["eip"] = eip.map_or(json!({}), |id| json!({ "eipInstanceId": id }));
        report_attachments(services, group);
    }

    /// Somebody edits a group.
    pub fn edit(&self, group: &str, edit: impl FnOnce(&mut Value)) {
        let mut world = self.0.lock().unwrap();
        let mut groups = world.groups.values_mut();
        edit(groups.find(|it| it["containerGroupName"] == group).unwrap());
    }

    /// Another state gives a group its own operation tag.
    pub fn take_over(&self, id: &str, tag: &str) {
        let mut world = self.0.lock().unwrap();
        let group = world.groups.get_mut(id).unwrap();
        group["tags"] = json!([{ "key": "eci:operation", "value": tag }]);
    }

    /// An EIP that was there before.
    pub fn add_eip(&self, id: &str) {
        let eip = json!({
            "ID": id, "name": id, "bandwidth": 1, "status": "DOWN", "eipAddress": "198.18.0.99",
        });
        let mut world = self.0.lock().unwrap();
        world.services.eips.insert(id.to_owned(), eip);
    }

    /// An EIP of this name, as it is ordered without more, that was created at this time.
    pub fn add_namesake(&self, id: &str, name: &str, created: &str) {
        let eip = json!({
            "ID": id, "name": name, "bandwidth": 5, "status": "DOWN", "eipAddress": "198.18.0.98",
            "createdAt": created,
        });
        let mut world = self.0.lock().unwrap();
        world.services.eips.insert(id.to_owned(), eip);
    }

    /// A disk that was there before, with a label of others.
    pub fn add_disk(&self, id: &str) {
        let disk = json!({
            "diskID": id, "diskName": id, "diskSize": 40, "diskType": "SATA", "diskMode": "VBD",
            "diskStatus": "available", "labels": [{ "key": "team", "value": "a" }],
        });
        let mut world = self.0.lock().unwrap();
        world.services.disks.insert(id.to_owned(), disk);
    }

    /// All orders name this instead of what they make.
    pub fn name_in_orders(&self, id: Option<&'static str>) {
        self.0.lock().unwrap().services.named = id;
    }

    /// The names of the groups that have EIPs and disks, by the ids of these.
    pub fn bound(&self) -> BTreeMap<String, String> {
        let world = self.0.lock().unwrap();
        let name = |id: &String| world.groups[id]["containerGroupName"].as_str().unwrap();
        let bound = world.bound();
        let bound = bound.iter();
        bound
            .map(|(id, group)| (id.clone(), name(group).to_owned()))
            .collect()
    }

    /// The existing EIPs and disks, for example `eip front 5` and `disk data 40`.
    pub fn objects(&self) -> Vec<String> {
        self.0.lock().unwrap().services.standing()
    }

    /// The name and the description of the only disk.
    pub fn disk(&self) -> (String, String) {
        let world = self.0.lock().unwrap();
        let disk = world.services.disks.values().next().unwrap();
        let text = |name: &str| disk[name].as_str().unwrap_or_default().to_owned();
        (text("diskName"), text("volumeDescription"))
    }

    /// The next order for an object of that name fails.
    pub fn fail_order(&self, name: &str) {
        let mut world = self.0.lock().unwrap();
        world.services.failing.push(name.to_owned());
    }

    /// From now on nothing can be looked up by its tag, or again.
    pub fn blind(&self, blind: bool) {
        self.0.lock().unwrap().blind = blind;
    }

    /// From now on lists are not what they should be.
    pub fn lie(&self, lie: Option<Lie>) {
        self.0.lock().unwrap().services.lie = lie;
    }

    /// Many groups, EIPs and disks, in the form of their ids.
    pub fn fill(&self, count: usize) -> Vec<RemoteId> {
        let mut world = self.0.lock().unwrap();
        let mut ids = Vec::new();
        for number in 0..count {
            let [group, eip, disk] =
                ["eci", "eip", "disk"].map(|kind| format!("{kind}-{number:03}"));
            let report = json!({ "containerGroupId": group, "status": "Running" });
            world.groups.insert(group.clone(), report);
            let report = json!({ "ID": eip, "name": eip, "status": "DOWN" });
            world.services.eips.insert(eip.clone(), report);
            let report = json!({ "diskID": disk, "diskName": disk, "diskStatus": "available" });
            world.services.disks.insert(disk.clone(), report);
            let kinds = [Kind::ContainerGroup, Kind::Eip, Kind::Volume];
            let new = kinds.into_iter().zip([group, eip, disk]);
            ids.extend(new.map(|(kind, id)| RemoteId::new(kind, &id).unwrap()));
        }
        ids
    }

    /// Somebody deletes this.
    pub fn remove(&self, id: &str) {
        let mut world = self.0.lock().unwrap();
        world.groups.remove(id);
        world.services.eips.remove(id);
        world.services.disks.remove(id);
    }

    /// From now on no client token of before is known.
    pub fn forget_tokens(&self) {
        self.0.lock().unwrap().services.forgetful = true;
    }

    /// A call of the other services.
    ///
    /// A writing call is noted once, however often it is sent with its token.
    async fn serve<T>(
        &self,
        operation: Operation,
        token: Option<&ClientToken>,
        what: &str,
        act: impl FnOnce(&mut Services) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        self.call(|world| {
            let create_outcomes = world.create_outcomes.get_mut(what);
            if let Some(create_outcomes) =
                create_outcomes.filter(|it| it.front() == Some(&CreateOutcome::Busy))
            {
                create_outcomes.pop_front();
                let code = "ECI.Openapi.StatusReasonTooManyRequests";
                return Err(refused(operation, code, 429));
            }
            let again = token.is_some_and(|token| world.services.knows(token));
            assert!(
                !operation.changes() || !world.only_read,
                "{operation} is not approved"
            );
            let refused_again = again.then(|| world.lie_again(what)).flatten();
            if let Some(code) = refused_again {
                return Err(services::refused(operation, code));
            }
            if !operation.changes() || again {
                return act(&mut world.services);
            }
            world.note(format!("{operation} {what}"));
            match world
                .create_outcomes
                .get_mut(what)
                .and_then(VecDeque::pop_front)
            {
                Some(CreateOutcome::CutBefore) => Err(cut(operation)),
                Some(CreateOutcome::Refused) => {
                    Err(services::refused(operation, "Openapi.Eip.Quota"))
                }
                Some(CreateOutcome::RefusedFor(code, _)) => Err(services::refused(operation, code)),
                Some(CreateOutcome::DoneAndRefused(code, _)) => {
                    let _ = act(&mut world.services);
                    Err(services::refused(operation, code))
                }
                Some(CreateOutcome::CutAfter) => {
                    let _ = act(&mut world.services);
                    Err(cut(operation))
                }
                _ => act(&mut world.services),
            }
        })
        .await
    }

    async fn call<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut world = self.0.lock().unwrap();
        world.catch_up();
        act(&mut world)
    }
}

fn cut(operation: Operation) -> CallError {
    let detail = "the model cut it".to_owned();
    CallError::new(
        operation,
        CallErrorKind::ConnectionClosed {
            detail: eci_text::Text::verbatim(detail),
        },
    )
}

fn refused(operation: Operation, code: &str, status: i64) -> CallError {
    let refusal = Refusal {
        reason: StatusReason::of(code, status),
        status_code: status,
        error: code.to_owned(),
        message: "containers[0].image is not what it should be".to_owned(),
        description: String::new(),
        access_key: String::new(),
    };
    CallError::new(operation, CallErrorKind::Refused(Box::new(refusal)))
}

fn exists(operation: Operation) -> CallError {
    refused(operation, "ECI.Openapi.StatusReasonAlreadyExists", 409)
}

fn create(
    world: &mut World,
    request: &CreateContainerGroup,
) -> Result<ContainerGroupCreated, CallError> {
    let name = request.container_group_name.clone();
    world.note(format!("create {name}"));
    let create_outcome = world
        .create_outcomes
        .get_mut(&name)
        .and_then(VecDeque::pop_front);
    let operation = Operation::CreateContainerGroup;
    match create_outcome {
        Some(CreateOutcome::CutBefore) => return Err(cut(operation)),
        Some(CreateOutcome::Refused) => {
            return Err(refused(operation, "ECI.Openapi.StatusReasonInvalid", 422));
        }
        Some(CreateOutcome::RefusedFor(reason, status)) => {
            let code = format!("ECI.Openapi.StatusReason{reason}");
            return Err(refused(operation, &code, status));
        }
        Some(CreateOutcome::Taken) => return Err(exists(operation)),
        Some(CreateOutcome::Busy) => {
            let code = "ECI.Openapi.StatusReasonTooManyRequests";
            return Err(refused(operation, code, 429));
        }
        _ => {}
    }
    let id = format!("eci-{}", world.log.len());
    let mut group = request.body(FieldNames::Documented).unwrap();
    check_free(world, &group, None, operation)?;
    group["containerGroupId"] = json!(id);
    group["intranetIp"] = json!(format!("10.0.0.{}", world.log.len()));
    if create_outcome == Some(CreateOutcome::NoAddress) {
        group["intranetIp"] = Value::Null;
    }
    get_ready(&mut group, create_outcome);
    report_attachments(&world.services, &mut group);
    if create_outcome == Some(CreateOutcome::Late) {
        let then = Instant::now() + Duration::from_secs(60);
        world.late.push((then, id, group));
        return Err(cut(operation));
    }
    if matches!(
        create_outcome,
        Some(CreateOutcome::Doubled | CreateOutcome::DoubledAndCut)
    ) {
        let mut first = group.clone();
        first["containerGroupId"] = json!(format!("{id}0"));
        first["creationTime"] = json!("2025-12-31T23:59:58Z");
        group["creationTime"] = json!("2025-12-31T23:59:59Z");
        world.groups.insert(format!("{id}0"), first);
    }
    world.groups.insert(id.clone(), group);
    match create_outcome {
        Some(CreateOutcome::CutAfter | CreateOutcome::DoubledAndCut) => Err(cut(operation)),
        Some(CreateOutcome::DoneAndRefused(reason, status)) => {
            let code = format!("ECI.Openapi.StatusReason{reason}");
            Err(refused(operation, &code, status))
        }
        Some(CreateOutcome::SentTwice) => Err(exists(operation)),
        _ => Ok(ContainerGroupCreated {
            request_id: None,
            container_group_id: ContainerGroupId::new(match create_outcome {
                Some(CreateOutcome::Named(other)) => other.to_owned(),
                _ => id,
            })
            .unwrap(),
            master_order_id: Some("order-1".to_owned()),
        }),
    }
}

/// Disks are reported with other keys than they are requested, and an EIP with its address.
fn report_attachments(services: &Services, group: &mut Value) {
    let eip = group["eip"]["eipInstanceId"].as_str();
    let eip = eip.and_then(|eip| services.eips.get(eip));
    group["internetIp"] = eip.map_or(Value::Null, |eip| eip["eipAddress"].clone());
    for volume in group["volumes"].as_array_mut().into_iter().flatten() {
        volume["diskVolumeId"] = volume["diskVolume"]["volumeHandle"].clone();
        volume["diskVolumeFsType"] = volume["diskVolume"]["fsType"].clone();
    }
}

fn get_ready(group: &mut Value, create_outcome: Option<CreateOutcome>) {
    group["status"] = json!(match create_outcome {
        Some(CreateOutcome::NeverReady | CreateOutcome::NoAddress) => "Pending",
        Some(CreateOutcome::Restarts) => "Restarting",
        Some(CreateOutcome::Fails) => "Failed",
        _ => "Running",
    });
    for container in group["containers"].as_array_mut().unwrap() {
        container["ready"] = json!(true);
    }
}

fn page(world: &World, filter: &ContainerGroupFilter) -> ContainerGroupPage {
    let has = |group: &Value, tag: &eci_api::types::Tag| {
        let tag = json!({"key": tag.key, "value": tag.value});
        group["tags"]
            .as_array()
            .is_some_and(|tags| tags.contains(&tag))
    };
    let named = |id: &str| {
        filter.container_group_ids.is_empty()
            || filter
                .container_group_ids
                .iter()
                .any(|named| named.as_str() == id)
    };
    let groups = world
        .groups
        .iter()
        .filter(|(id, group)| named(id) && filter.tags.iter().all(|tag| has(group, tag)))
        .map(|(_, group)| DescribedGroup::from_report(group.clone()).unwrap());
    let groups: Vec<DescribedGroup> = groups.collect();
    let total = i64::try_from(groups.len()).ok();
    ContainerGroupPage {
        total_count: total,
        container_groups: match world.services.lie {
            Some(lie) => lie.bend(groups),
            None => groups,
        },
        ..ContainerGroupPage::default()
    }
}

crate::serve!(Cloud);

impl Api for Cloud {
    fn knows_time(&self) -> bool {
        true
    }

    async fn create_container_group(
        &self,
        request: &CreateContainerGroup,
    ) -> Result<ContainerGroupCreated, CallError> {
        self.call(|world| create(world, request)).await
    }

    async fn describe_container_group(
        &self,
        id: &ContainerGroupId,
    ) -> Result<DescribedGroup, CallError> {
        self.call(|world| match world.groups.get(id.as_str()) {
            Some(group) => Ok(DescribedGroup::from_report(group.clone()).unwrap()),
            None => Err(refused(
                Operation::DescribeContainerGroup,
                "ECI.Openapi.StatusReasonNotFound",
                404,
            )),
        })
        .await
    }

    async fn describe_container_groups(
        &self,
        filter: &ContainerGroupFilter,
    ) -> Result<ContainerGroupPage, CallError> {
        if self.0.lock().unwrap().blind && !filter.tags.is_empty() {
            return Err(cut(Operation::DescribeContainerGroups));
        }
        self.call(|world| Ok(page(world, filter))).await
    }

    async fn update_container_group(
        &self,
        id: &ContainerGroupId,
        request: &UpdateContainerGroup,
    ) -> Result<Acknowledgement, CallError> {
        self.call(|world| {
            world.note(format!("update {id}"));
            let create_outcomes = world.create_outcomes.get_mut(id.as_str());
            let create_outcome = create_outcomes.and_then(VecDeque::pop_front);
            let operation = Operation::UpdateContainerGroup;
            match create_outcome {
                Some(CreateOutcome::CutBefore) => return Err(cut(operation)),
                Some(CreateOutcome::Refused) => {
                    let code = "ECI.Openapi.StatusReasonInvalid";
                    return Err(refused(operation, code, 422));
                }
                _ => {}
            }
            let changes = request.body(FieldNames::Documented).unwrap();
            check_free(world, &changes, Some(id.as_str()), operation)?;
            let group = world.groups.get_mut(id.as_str()).unwrap();
            for (name, value) in changes.as_object().unwrap() {
                group[name] = value.clone();
            }
            // What has no address yet does not run for being changed.
            let create_outcome = if group["intranetIp"].is_null() {
                create_outcome.or(Some(CreateOutcome::NoAddress))
            } else {
                create_outcome
            };
            get_ready(group, create_outcome);
            report_attachments(&world.services, group);
            match create_outcome {
                Some(CreateOutcome::CutAfter) => Err(cut(operation)),
                _ => Ok(Acknowledgement::default()),
            }
        })
        .await
    }

    async fn delete_container_group(
        &self,
        id: &ContainerGroupId,
        _: DeleteMode,
    ) -> Result<Acknowledgement, CallError> {
        self.call(|world| {
            world.note(format!("delete {id}"));
            let group = world.groups.remove(id.as_str()).unwrap_or_default();
            let name = group["containerGroupName"].as_str().unwrap_or_default();
            match world.lie_again(name) {
                Some(reason) => {
                    let code = format!("ECI.Openapi.StatusReason{reason}");
                    Err(refused(Operation::DeleteContainerGroup, &code, 403))
                }
                None => Ok(Acknowledgement::default()),
            }
        })
        .await
    }

    async fn restart_container_group(
        &self,
        _: &ContainerGroupId,
    ) -> Result<Acknowledgement, CallError> {
        Err(cut(Operation::RestartContainerGroup))
    }

    async fn describe_container_group_status(&self, _: &GroupIds) -> Result<StatusPage, CallError> {
        Err(cut(Operation::DescribeContainerGroupStatus))
    }

    async fn describe_container_group_event(&self, _: &GroupIds) -> Result<EventPage, CallError> {
        Err(cut(Operation::DescribeContainerGroupEvent))
    }

    async fn describe_container_log(
        &self,
        _: &ContainerGroupId,
        _: &LogExcerpt,
    ) -> Result<ContainerLog, CallError> {
        Err(cut(Operation::DescribeContainerLog))
    }

    async fn describe_container_group_price(&self, _: &PriceQuery) -> Result<Price, CallError> {
        Err(cut(Operation::DescribeContainerGroupPrice))
    }

    async fn exec_container_command(
        &self,
        _: &ExecContainerCommand,
    ) -> Result<ExecAnswer, CallError> {
        Err(cut(Operation::ExecContainerCommand))
    }

    async fn resize_container_group_volume(
        &self,
        request: &ResizeContainerGroupVolume,
    ) -> Result<Acknowledgement, CallError> {
        self.call(|world| {
            let id = request.volume_handle.as_str();
            let group = &request.container_group_id;
            world.note(format!("grow {id} by {group}"));
            if !world.groups.contains_key(group.as_str()) {
                let operation = Operation::ResizeContainerGroupVolume;
                let code = "ECI.Openapi.StatusReasonNotFound";
                return Err(refused(operation, code, 404));
            }
            world.services.grow_mounted(id, request.new_size)?;
            Ok(Acknowledgement::default())
        })
        .await
    }
}

/// A store that reports to the cloud how many intents are on disk.
pub struct Disk {
    store: MemoryStore,
    cloud: Cloud,
    /// The intents of earlier runs.
    before: usize,
    /// From this append on the disk is full.
    pub full_from: Option<usize>,
    appends: usize,
    /// All that was appended, with the time.
    pub records: Vec<(Instant, Record)>,
    /// The addresses in the last append before each request to write at once.
    pub hastened: Vec<String>,
    last: Vec<String>,
}

impl Disk {
    pub fn new(snapshot: Snapshot, cloud: &Cloud) -> Disk {
        Disk {
            store: MemoryStore::new(snapshot),
            cloud: cloud.clone(),
            before: 0,
            full_from: None,
            appends: 0,
            records: Vec::new(),
            hastened: Vec::new(),
            last: Vec::new(),
        }
    }
}

impl Disk {
    /// The disk is full after this many more appends.
    pub fn fill_after(&mut self, appends: usize) {
        self.full_from = Some(self.appends + appends);
    }
}

impl Store for Disk {
    fn snapshot(&self) -> &Snapshot {
        self.store.snapshot()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        self.appends += 1;
        if self.full_from.is_some_and(|from| self.appends >= from) {
            return Err(StateError::NotWritable {
                path: "journal.jsonl".into(),
                cause: std::io::Error::other("no space left on device"),
            });
        }
        let now = Instant::now();
        self.records
            .extend(records.iter().map(|record| (now, record.clone())));
        let addresses = records.iter().filter_map(Record::address);
        self.last = addresses.map(ToString::to_string).collect();
        self.store.append(records)
    }

    fn hasten(&mut self) {
        self.hastened.append(&mut self.last);
    }

    fn flush(&mut self) -> Durability {
        let flushed = self.store.flush();
        let intents = self.store.flushed().iter();
        let intents = intents.filter(|record| matches!(record, Record::Intent { .. }));
        self.cloud.0.lock().unwrap().intents = self.before + intents.count();
        flushed
    }

    fn compact(&mut self) -> Result<(), StateError> {
        self.before = self.cloud.0.lock().unwrap().intents;
        self.store.compact()
    }

    fn next_intent(&mut self) -> IntentId {
        self.store.next_intent()
    }
}

/// Keeps the events of a run, one line each.
#[derive(Default)]
pub struct Listener(pub Mutex<Vec<String>>);

impl Reporter for Listener {
    fn report(&self, event: &Event) {
        let line = match event {
            Event::RunStarted { changes } => format!("began {changes}"),
            Event::TaskStarted { address, action } => format!("started {address} {action:?}"),
            Event::Progress { address, phase } => format!("progress {address} {phase}"),
            Event::ResourceCreated { address, id } => format!("created {address} {id}"),
            Event::TaskFinished {
                address, action, ..
            } => format!("done {address} {action:?}"),
            Event::TaskFailed {
                address,
                error: problem,
                ..
            } => format!("failed {address} {problem}"),
            Event::TaskSkipped {
                address,
                cause: because,
            } => format!("skipped {address} {because}"),
            Event::Recovered { address, recovery } => format!("recovered {address} {recovery:?}"),
            Event::StopRequested { in_progress } => {
                let names: Vec<_> = in_progress.iter().map(Address::to_string).collect();
                format!("stopping after {}", names.join(" "))
            }
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push(line);
    }
}

pub fn settings() -> ApplyOptions {
    ApplyOptions::default().with_poll(PollInterval {
        initial: Duration::from_secs(1),
        max: Duration::from_secs(5),
    })
}

/// A clock that does not advance and names that count up, over all runs.
pub fn effects() -> Effects {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    Effects {
        clock: Arc::new(|| "2026-01-01T00:00:00Z".parse().unwrap_or_default()),
        ids: Arc::new(|| format!("op{}", COUNT.fetch_add(1, Ordering::Relaxed))),
    }
}
