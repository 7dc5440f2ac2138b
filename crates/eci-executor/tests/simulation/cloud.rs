//! A cloud of which every call may fail in every way, in virtual time.
//!
//! A call that was sent lives its own life: it is done even if whoever sent it has died or
//! given up on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::services::Services;
use eci_api::types::{
    Acknowledged, ClientToken, ContainerGroupCreated, ContainerGroupFilter, ContainerGroupId,
    ContainerGroupPage, ContainerLog, CreateContainerGroup, DescribedGroup, EventPage, ExecAnswer,
    ExecContainerCommand, GroupIds, LogExcerpt, Price, PriceQuery, ResizeContainerGroupVolume,
    StatusPage, UpdateContainerGroup,
};
use eci_api::{Api, CallError, CallErrorKind, FieldNames, Operation, Reason, Refusal};
use eci_core::OperationTag;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::disk::Disk;
use crate::draws::Draws;
use crate::fuse::Fuse;

/// The longest that a request is under way, in milliseconds.
const ON_THE_WAY: usize = 2_000;
/// The longest that a call is done after it was given up on, and that a group which was made
/// stays invisible. Together with the way they are shorter than the settle window.
const LATE: usize = 12_000;
const INVISIBLE: usize = 5_000;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Good,
    CutBefore,
    CutAfter,
    TooMany,
    Conflict,
    BrokenBefore,
    BrokenAfter,
    TimedOut,
}

/// How a group comes up.
#[derive(Clone, Copy, Debug)]
enum Start {
    Well,
    Fails,
    Never,
}

#[derive(Debug)]
struct Group {
    report: Value,
    visible_from: Instant,
    ready_from: Instant,
    start: Start,
    gone_from: Option<Instant>,
}

#[derive(Debug, Default)]
struct World {
    groups: BTreeMap<String, Group>,
    services: Services,
    made: usize,
    /// The operation tags of creates that were sent and are not done yet.
    sent: BTreeSet<String>,
    /// What must not be, and was.
    wrong: Vec<String>,
    trace: Option<Vec<String>>,
}

/// The cloud, as one process reaches it.
#[derive(Clone)]
pub(crate) struct Cloud {
    world: Arc<Mutex<World>>,
    draws: Draws,
    disk: Disk,
    began: Instant,
    /// In how many calls of a hundred something goes wrong.
    trouble: usize,
    fuse: Fuse,
}

/// A group as the checks see it.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) vpc: String,
    pub(crate) tag: String,
}

impl Cloud {
    pub(crate) fn new(draws: &Draws, disk: &Disk, traced: bool) -> Cloud {
        let world = World {
            trace: traced.then(Vec::new),
            ..World::default()
        };
        Cloud {
            world: Arc::new(Mutex::new(world)),
            draws: draws.clone(),
            disk: disk.clone(),
            began: Instant::now(),
            trouble: 0,
            fuse: Fuse::never(),
        }
    }

    /// The same cloud for the next process.
    pub(crate) fn reached(&self, trouble: usize, fuse: &Fuse) -> Cloud {
        Cloud {
            trouble,
            fuse: fuse.clone(),
            ..self.clone()
        }
    }

    /// The groups that are there and not about to go.
    pub(crate) fn standing(&self) -> Vec<Standing> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let world = self.lock();
        let groups = world.groups.iter();
        groups
            .filter(|(_, group)| group.gone_from.is_none())
            .map(|(id, group)| Standing {
                id: id.clone(),
                name: text(&group.report["containerGroupName"]),
                image: text(&group.report["containers"][0]["image"]),
                vpc: text(&group.report["vpcId"]),
                tag: tag(&group.report),
            })
            .collect()
    }

    /// The operation tags of creates that may still be done.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.lock().sent.iter().cloned().collect()
    }

    pub(crate) fn wrong(&self) -> Vec<String> {
        self.lock().wrong.clone()
    }

    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        let at = self.began.elapsed();
        if let Some(trace) = &mut self.lock().trace {
            trace.push(format!("{:>9.3} {}", at.as_secs_f64(), line()));
        }
    }

    pub(crate) fn trace(&self) -> Vec<String> {
        self.lock().trace.clone().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn fate(&self, operation: Operation) -> Fate {
        if !self.draws.percent(self.trouble) {
            return Fate::Good;
        }
        let any = [
            Fate::CutBefore,
            Fate::CutAfter,
            Fate::TooMany,
            Fate::BrokenBefore,
            Fate::BrokenAfter,
            Fate::TimedOut,
            Fate::Conflict,
        ];
        match self.draws.one(&any) {
            Fate::Conflict if !operation.changes() => Fate::TooMany,
            fate => fate,
        }
    }

    /// Makes a call: `act` is what the cloud does once the request has come in.
    async fn call<T: Send + 'static>(
        &self,
        operation: Operation,
        about: String,
        act: impl FnOnce(&mut World, &Draws) -> Result<T, CallError> + Send + 'static,
    ) -> Result<T, CallError> {
        self.fuse.pass().await;
        let fate = self.fate(operation);
        let (there, back) = (self.draws.time(ON_THE_WAY), self.draws.time(ON_THE_WAY));
        self.note(|| format!("{operation} {about} {fate:?}"));
        let no = match fate {
            Fate::CutBefore => Some(cut(operation)),
            Fate::TooMany => Some(self.too_many(operation)),
            Fate::Conflict => Some(refused(operation, Reason::Conflict, 409)),
            Fate::BrokenBefore => Some(refused(operation, Reason::InternalError, 500)),
            _ => None,
        };
        if let Some(error) = no {
            sleep(there + back).await;
            return Err(error);
        }
        let late = match fate {
            Fate::TimedOut => self.draws.time(LATE),
            _ => Duration::ZERO,
        };
        let answer = self.send(operation, about, there + late, act);
        if fate == Fate::TimedOut {
            sleep(there + back).await;
            let limit = there + back;
            return Err(CallError::new(operation, CallErrorKind::TimedOut { limit }));
        }
        let answer = answer.await.unwrap();
        self.fuse.pass().await;
        sleep(back).await;
        self.fuse.pass().await;
        match fate {
            Fate::CutAfter => Err(cut(operation)),
            Fate::BrokenAfter => Err(refused(operation, Reason::Timeout, 504)),
            _ => answer,
        }
    }

    /// Sends a request on its way, to be done whatever becomes of its sender.
    fn send<T: Send + 'static>(
        &self,
        operation: Operation,
        about: String,
        after: Duration,
        act: impl FnOnce(&mut World, &Draws) -> Result<T, CallError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, CallError>> {
        let (answered, answer) = oneshot::channel();
        if operation == Operation::CreateContainerGroup {
            self.lock().sent.insert(about.clone());
        }
        let cloud = self.clone();
        tokio::spawn(async move {
            sleep(after).await;
            let done = act(&mut cloud.lock(), &cloud.draws);
            if operation.changes() {
                cloud.note(|| format!("    {operation} {about} done, {}", done.is_ok()));
            }
            // Whoever sent it may have died.
            let _ = answered.send(done);
        });
        answer
    }

    fn too_many(&self, operation: Operation) -> CallError {
        let error = refused(operation, Reason::TooManyRequests, 429);
        match self.draws.percent(50) {
            true => error.with_retry_after(self.draws.time(40_000)),
            false => error,
        }
    }
}

fn cut(operation: Operation) -> CallError {
    let detail = "the model cut it".to_owned();
    CallError::new(operation, CallErrorKind::CutOff { detail })
}

fn refused(operation: Operation, reason: Reason, status_code: i64) -> CallError {
    let refusal = Refusal {
        error: format!("ECI.Openapi.StatusReason{reason}"),
        reason,
        status_code,
        message: "no".to_owned(),
        description: String::new(),
        access_key: String::new(),
    };
    CallError::new(operation, refusal.into())
}

fn tag(report: &Value) -> String {
    let tags = report["tags"].as_array().into_iter().flatten();
    let mut ours = tags.filter(|tag| tag["key"] == OperationTag::KEY);
    let value = ours.next().map(|tag| tag["value"].clone());
    value
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

impl World {
    /// What is over is over.
    fn advance(&mut self) {
        let now = Instant::now();
        self.groups
            .retain(|_, group| group.gone_from.is_none_or(|at| at > now));
    }

    /// An EIP can have one group.
    fn check_eip(
        &self,
        of: Option<&str>,
        body: &Value,
        operation: Operation,
    ) -> Result<(), CallError> {
        let eip = &body["eip"]["eipInstanceId"];
        let mut others = self.groups.iter().filter(|(id, _)| of != Some(id.as_str()));
        let holder = others.find(|(_, group)| group.report["eip"]["eipInstanceId"] == *eip);
        match holder {
            Some((holder, _)) if eip.is_string() => {
                let reason = Reason::Other(format!("{holder} has the EIP"));
                Err(refused(operation, reason, 422))
            }
            _ => Ok(()),
        }
    }

    fn create(
        &mut self,
        body: Value,
        trouble: bool,
        draws: &Draws,
    ) -> Result<ContainerGroupCreated, CallError> {
        self.advance();
        self.sent.remove(&tag(&body));
        self.check_eip(None, &body, Operation::CreateContainerGroup)?;
        self.made += 1;
        let id = format!("eci-{}", self.made);
        let now = Instant::now();
        let visible_from = match draws.percent(50) {
            true => now,
            false => now + draws.time(INVISIBLE),
        };
        let start = match draws.below(if trouble { 20 } else { 1 }) {
            1 => Start::Fails,
            2 => Start::Never,
            _ => Start::Well,
        };
        let mut report = body;
        report["containerGroupId"] = json!(id);
        report["intranetIp"] = json!(format!("10.0.0.{}", self.made));
        let group = Group {
            report,
            visible_from,
            ready_from: now + draws.time(6_000),
            start,
            gone_from: None,
        };
        self.groups.insert(id.clone(), group);
        Ok(ContainerGroupCreated {
            request_id: None,
            container_group_id: ContainerGroupId::new(id).unwrap(),
            master_order_id: Some(format!("order-{}", self.made)),
        })
    }

    fn update(
        &mut self,
        id: &str,
        changes: &Value,
        draws: &Draws,
    ) -> Result<Acknowledged, CallError> {
        let operation = Operation::UpdateContainerGroup;
        self.advance();
        self.check_eip(Some(id), changes, operation)?;
        let group = self
            .groups
            .get_mut(id)
            .ok_or_else(|| not_found(operation))?;
        if group.gone_from.is_some() {
            return Err(refused(operation, Reason::Conflict, 409));
        }
        for (name, value) in changes.as_object().unwrap() {
            group.report[name] = value.clone();
        }
        group.ready_from = Instant::now() + draws.time(6_000);
        Ok(Acknowledged::default())
    }

    fn delete(&mut self, id: &str, draws: &Draws) -> Result<Acknowledged, CallError> {
        self.advance();
        let group = self.groups.get_mut(id);
        let group = group.ok_or_else(|| not_found(Operation::DeleteContainerGroup))?;
        let gone_from = Instant::now() + draws.time(8_000);
        group.gone_from.get_or_insert(gone_from);
        Ok(Acknowledged::default())
    }

    fn visible(&mut self) -> impl Iterator<Item = (&String, &Group)> {
        self.advance();
        let now = Instant::now();
        let groups = self.groups.iter();
        groups.filter(move |(_, group)| group.visible_from <= now)
    }
}

fn not_found(operation: Operation) -> CallError {
    refused(operation, Reason::NotFound, 404)
}

impl Group {
    fn described(&self) -> DescribedGroup {
        let mut report = self.report.clone();
        let up = Instant::now() >= self.ready_from;
        let status = match (self.gone_from, self.start) {
            (Some(_), _) => "Terminating",
            (None, Start::Fails) if up => "Failed",
            (None, Start::Well) if up => "Running",
            _ => "Pending",
        };
        report["status"] = json!(status);
        if report["eip"]["eipInstanceId"].is_string() {
            report["internetIp"] = json!("198.51.100.7");
        }
        for container in report["containers"].as_array_mut().unwrap() {
            container["ready"] = json!(status == "Running");
        }
        DescribedGroup::from_report(report).unwrap()
    }
}

fn lets_through(filter: &ContainerGroupFilter, id: &str, group: &Group) -> bool {
    let named = |named: &ContainerGroupId| named.as_str() == id;
    let has = |tag: &eci_api::types::Tag| {
        let tag = json!({"key": tag.key, "value": tag.value});
        let tags = group.report["tags"].as_array();
        tags.is_some_and(|tags| tags.contains(&tag))
    };
    (filter.container_group_ids.is_empty() || filter.container_group_ids.iter().any(named))
        && filter.tags.iter().all(has)
}

impl Cloud {
    async fn serve<T: Send + 'static>(
        &self,
        operation: Operation,
        _: Option<&ClientToken>,
        what: &str,
        act: impl FnOnce(&mut Services) -> Result<T, CallError> + Send + 'static,
    ) -> Result<T, CallError> {
        self.call(operation, what.to_owned(), move |world, _| {
            world.services.catch_up();
            act(&mut world.services)
        })
        .await
    }
}

crate::serve!(Cloud);

impl Api for Cloud {
    async fn create_container_group(
        &self,
        request: &CreateContainerGroup,
    ) -> Result<ContainerGroupCreated, CallError> {
        let body = request.body(FieldNames::Documented).unwrap();
        let (tag, name) = (tag(&body), request.container_group_name.clone());
        if !self.disk.tells_of(&tag) {
            let wrong = format!("the create of {name} was sent before its intent was flushed");
            self.lock().wrong.push(wrong);
        }
        let trouble = self.trouble > 0;
        self.call(Operation::CreateContainerGroup, tag, move |world, draws| {
            world.create(body, trouble, draws)
        })
        .await
    }

    async fn describe_container_group(
        &self,
        id: &ContainerGroupId,
    ) -> Result<DescribedGroup, CallError> {
        let operation = Operation::DescribeContainerGroup;
        let named = id.to_string();
        self.call(operation, id.to_string(), move |world, _| {
            let mut visible = world.visible();
            let group = visible.find(|(id, _)| **id == named);
            let group = group.ok_or_else(|| not_found(operation))?;
            Ok(group.1.described())
        })
        .await
    }

    async fn describe_container_groups(
        &self,
        filter: &ContainerGroupFilter,
    ) -> Result<ContainerGroupPage, CallError> {
        let asked = filter.clone();
        let about = asked
            .tags
            .iter()
            .filter_map(|tag| tag.value.clone())
            .collect();
        self.call(
            Operation::DescribeContainerGroups,
            about,
            move |world, _| {
                let groups = world.visible();
                let groups = groups.filter(|(id, group)| lets_through(&asked, id, group));
                Ok(ContainerGroupPage {
                    container_groups: groups.map(|(_, group)| group.described()).collect(),
                    ..ContainerGroupPage::default()
                })
            },
        )
        .await
    }

    async fn update_container_group(
        &self,
        id: &ContainerGroupId,
        request: &UpdateContainerGroup,
    ) -> Result<Acknowledged, CallError> {
        let changes = request.body(FieldNames::Documented).unwrap();
        let named = id.to_string();
        self.call(
            Operation::UpdateContainerGroup,
            id.to_string(),
            move |world, draws| world.update(&named, &changes, draws),
        )
        .await
    }

    async fn delete_container_group(
        &self,
        id: &ContainerGroupId,
        _: bool,
    ) -> Result<Acknowledged, CallError> {
        let named = id.to_string();
        self.call(
            Operation::DeleteContainerGroup,
            id.to_string(),
            move |world, draws| world.delete(&named, draws),
        )
        .await
    }

    async fn restart_container_group(
        &self,
        _: &ContainerGroupId,
    ) -> Result<Acknowledged, CallError> {
        Err(cut(Operation::RestartContainerGroup))
    }

    async fn describe_container_group_status(&self, _: &GroupIds) -> Result<StatusPage, CallError> {
        Err(cut(Operation::DescribeContainerGroupStatus))
    }

    async fn describe_container_group_event(&self, _: &GroupIds) -> Result<EventPage, CallError> {
        Ok(EventPage::default())
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
        _: &ResizeContainerGroupVolume,
    ) -> Result<Acknowledged, CallError> {
        Err(cut(Operation::ResizeContainerGroupVolume))
    }
}
