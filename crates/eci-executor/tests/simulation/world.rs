//! The objects in the cloud of a simulation, and their course.

use std::collections::{BTreeMap, BTreeSet};

use eci_api::types::{
    Acknowledgement, ContainerGroupCreated, ContainerGroupFilter, ContainerGroupId, DescribedGroup,
};
use eci_api::{CallError, Operation, StatusReason};
use eci_core::OperationTag;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::cloud::{INVISIBLE, refused};
use crate::log::Call;
use crate::rng::Draws;
use crate::services::Services;

/// The start of a group.
#[derive(Clone, Copy, Debug)]
enum Start {
    Well,
    Fails,
    Never,
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) report: Value,
    pub(super) visible_from: Instant,
    ready_from: Instant,
    addressed_from: Instant,
    first_image: Value,
    start: Start,
    pub(super) deleted_at: Option<Instant>,
}

/// All that the cloud has.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) services: Services,
    created: usize,
    /// The operation tags of creates of groups, and the tokens of orders for what is new, that
    /// were sent and are not done yet.
    pub(super) sent: BTreeSet<String>,
    /// Violations of rules of the cloud.
    pub(super) wrong: Vec<String>,
    pub(super) trace: Option<Vec<String>>,
    /// Groups have no address before they are up.
    pub(super) late_addresses: bool,
    /// Groups are reported with the image with which they were created.
    pub(super) stale_images: bool,
    /// The writing calls, where they are recorded.
    pub(super) log: Option<Vec<Call>>,
}

pub(super) fn tag(report: &Value) -> String {
    let tags = report["tags"].as_array().into_iter().flatten();
    let mut ours = tags.filter(|tag| tag["key"] == OperationTag::KEY);
    let value = ours.next().map(|tag| tag["value"].clone());
    value
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The ids of the EIP and the disks that a group has.
fn held(report: &Value) -> impl Iterator<Item = String> {
    let volumes = report["volumes"].as_array().into_iter().flatten();
    let disks = volumes.map(|volume| &volume["diskVolume"]["volumeHandle"]);
    let objects = disks.chain([&report["eip"]["eipInstanceId"]]);
    objects.filter_map(|id| id.as_str().map(str::to_owned))
}

impl World {
    /// Completes changes whose time is over.
    pub(super) fn advance(&mut self) {
        let now = Instant::now();
        self.groups
            .retain(|_, group| group.deleted_at.is_none_or(|at| at > now));
        self.services.catch_up();
        let groups = self.groups.iter();
        self.services.bound = groups
            .flat_map(|(id, group)| held(&group.report).map(move |object| (object, id.clone())))
            .collect();
    }

    /// An EIP or a disk can have one group; a managed one has to exist and be at rest.
    fn check_held(
        &self,
        of: Option<&str>,
        body: &Value,
        operation: Operation,
    ) -> Result<(), CallError> {
        for object in held(body) {
            let holder = self.services.bound.get(&object);
            if holder.is_some_and(|holder| of != Some(holder.as_str())) {
                let reason = StatusReason::Other(format!("{holder:?} has {object}"));
                return Err(refused(operation, reason, 422));
            }
            if holder.is_none() && !self.services.is_free(&object) {
                let reason = StatusReason::Other(format!("{object} is not there, or not free"));
                return Err(refused(operation, reason, 422));
            }
        }
        Ok(())
    }

    pub(super) fn create(
        &mut self,
        body: Value,
        has_faults: bool,
        draws: &Draws,
    ) -> Result<ContainerGroupCreated, CallError> {
        self.advance();
        self.sent.remove(&tag(&body));
        self.check_held(None, &body, Operation::CreateContainerGroup)?;
        self.created += 1;
        let id = format!("eci-{}", self.created);
        let now = Instant::now();
        let visible_from = if draws.percent(50) {
            now
        } else {
            now + draws.time(INVISIBLE)
        };
        let start = match draws.below(if has_faults { 20 } else { 1 }) {
            1 => Start::Fails,
            2 => Start::Never,
            _ => Start::Well,
        };
        let mut report = body;
        report["containerGroupId"] = json!(id);
        report["intranetIp"] = json!(format!("10.0.0.{}", self.created));
        let ready_from = now + draws.time(6_000);
        let group = Group {
            first_image: report["containers"][0]["image"].clone(),
            report,
            visible_from,
            ready_from,
            addressed_from: ready_from,
            start,
            deleted_at: None,
        };
        self.groups.insert(id.clone(), group);
        Ok(ContainerGroupCreated {
            request_id: None,
            container_group_id: ContainerGroupId::new(id).unwrap(),
            master_order_id: Some(format!("order-{}", self.created)),
        })
    }

    pub(super) fn update(
        &mut self,
        id: &str,
        changes: &Value,
        draws: &Draws,
    ) -> Result<Acknowledgement, CallError> {
        let operation = Operation::UpdateContainerGroup;
        self.advance();
        self.check_held(Some(id), changes, operation)?;
        let group = self
            .groups
            .get_mut(id)
            .ok_or_else(|| not_found(operation))?;
        if group.deleted_at.is_some() {
            return Err(refused(operation, StatusReason::Conflict, 409));
        }
        for (name, value) in changes.as_object().unwrap() {
            // The one name that a change spells otherwise than a create.
            let name = match name.as_str() {
                "imageRegistryCredentials" => "imageRegistryCredential",
                name => name,
            };
            group.report[name] = value.clone();
        }
        group.ready_from = Instant::now() + draws.time(6_000);
        Ok(Acknowledgement::default())
    }

    pub(super) fn delete(&mut self, id: &str, draws: &Draws) -> Result<Acknowledgement, CallError> {
        self.advance();
        let group = self.groups.get_mut(id);
        let group = group.ok_or_else(|| not_found(Operation::DeleteContainerGroup))?;
        let deleted_at = Instant::now() + draws.time(8_000);
        group.deleted_at.get_or_insert(deleted_at);
        Ok(Acknowledgement::default())
    }

    /// The groups that are reported, by their IDs.
    pub(super) fn visible(&mut self) -> impl Iterator<Item = (&String, DescribedGroup)> {
        self.advance();
        let now = Instant::now();
        let groups = self.groups.iter();
        let shown = groups.filter(move |(_, group)| group.visible_from <= now);
        let (services, late, stale) = (&self.services, self.late_addresses, self.stale_images);
        shown.map(move |(id, group)| {
            let mut report = group.report.clone();
            if late && now < group.addressed_from {
                report["intranetIp"] = Value::Null;
            }
            if stale {
                report["containers"][0]["image"] = group.first_image.clone();
            }
            (id, group.described(report, services))
        })
    }
}

/// Returns whether no registry has its image.
fn has_typo(report: &Value) -> bool {
    let image = report["containers"][0]["image"].as_str();
    image.is_some_and(|image| image.starts_with("typo:"))
}

pub(super) fn not_found(operation: Operation) -> CallError {
    refused(operation, StatusReason::NotFound, 404)
}

impl Group {
    /// The report of a group, from its actual attributes.
    fn described(&self, mut report: Value, services: &Services) -> DescribedGroup {
        let up = Instant::now() >= self.ready_from;
        let status = match (self.deleted_at, self.start) {
            (Some(_), _) => "Terminating",
            (None, Start::Fails) if up => "Failed",
            (None, _) if up && has_typo(&report) => "Failed",
            (None, Start::Well) if up => "Running",
            _ => "Pending",
        };
        report["status"] = json!(status);
        if let Some(eip) = report["eip"]["eipInstanceId"].as_str() {
            let created = services.eips.get(eip).map(|eip| eip["eipAddress"].clone());
            report["internetIp"] = created.unwrap_or_else(|| json!("203.0.113.7"));
        } else if report["eip"]["autoCreateEip"] == true {
            let id = report["containerGroupId"].as_str().unwrap_or_default();
            let number: usize = id.trim_start_matches("eci-").parse().unwrap_or_default();
            report["internetIp"] = json!(format!("198.51.{}.{}", number / 250, number % 250));
        }
        // Disks are reported with other keys than they are requested.
        for volume in report["volumes"].as_array_mut().into_iter().flatten() {
            volume["diskVolumeId"] = volume["diskVolume"]["volumeHandle"].clone();
            volume["diskVolumeFsType"] = volume["diskVolume"]["fsType"].clone();
        }
        for container in report["containers"].as_array_mut().unwrap() {
            container["ready"] = json!(status == "Running");
        }
        DescribedGroup::from_report(report).unwrap()
    }
}

pub(super) fn lets_through(filter: &ContainerGroupFilter, group: &DescribedGroup) -> bool {
    let named = |named: &ContainerGroupId| *named == group.container_group_id;
    let has = |tag: &eci_api::types::Tag| {
        let tag = json!({"key": tag.key, "value": tag.value});
        let tags = group.raw["tags"].as_array();
        tags.is_some_and(|tags| tags.contains(&tag))
    };
    (filter.container_group_ids.is_empty() || filter.container_group_ids.iter().any(named))
        && filter.tags.iter().all(has)
}
