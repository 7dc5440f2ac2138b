//! The adapter of volumes: the reads and orders of the disks of those that have one, and their
//! reports in terms of attributes.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_api::types::{
    ClientToken, CreateDisk, DescribedDisk, DiskAttributes, DiskFilter, DiskId, DiskLabel,
    DiskStatus, OrderOutcome, ResizeContainerGroupVolume, SnapshotPolicy,
};
use eci_api::{CallError, Operation};
use eci_core::kinds::{DISK, VOLUME, is_standalone};
use eci_core::path::PathStep;
use eci_core::{Kind, Map, OperationTag, Path, Value, truncate};
use eci_text::FixedText;
use jiff::Timestamp;
use serde_json::Value as Json;

use super::adapter::{Adapter, PriorAttributes};
use crate::complete_list::{is_incomplete, whole};
use crate::in_place_change::{ChangeTarget, InPlaceChange, integer, text};
use crate::many::{concurrently, distinct, split_requested};
use crate::order::{DiskOrder, Order, with_id};
use crate::price::{PriceError, PriceRequest};
use crate::provider::ResourceProvider;
use crate::readiness::{Readiness, Wait, status_text};
use crate::remote::{RemoteId, RemoteObject, RemoteReport};
use crate::request::{RequestError, read_as};
use crate::services::Cloud;
use crate::wire::{decode_own, encode_own, is_unreported};

/// The number of disks that are described one by one.
///
/// More are read in pages, which report less of each.
const MOST_SINGLE: usize = 50;

/// The adapter of volumes with a disk.
pub(crate) struct DiskAdapter;

impl Adapter for DiskAdapter {
    const KIND: Kind = Kind::Volume;
    const PRICED_BY: &'static [&'static str] = &["disk.size", "disk.provisioned_iops"];
    type Id = DiskId;
    type Report = DescribedDisk;
    type Order = DiskOrder;

    fn id(text: &str) -> Result<RemoteId, RequestError> {
        Ok(RemoteId::Disk(DiskId::new(text)?))
    }

    async fn read<A: Cloud>(
        provider: &ResourceProvider<A>,
        id: &DiskId,
    ) -> Result<Option<RemoteObject>, CallError> {
        provider.disk(id).await
    }

    async fn read_many<A: Cloud + 'static>(
        provider: &ResourceProvider<A>,
        ids: &[DiskId],
        see: impl FnMut(RemoteObject),
    ) -> Result<(), CallError> {
        provider.disks(ids).await?.into_iter().for_each(see);
        Ok(())
    }

    async fn list<A: Cloud>(
        provider: &ResourceProvider<A>,
    ) -> Result<Vec<RemoteObject>, CallError> {
        provider.all_disks().await
    }

    async fn reach<A: Cloud>(provider: &ResourceProvider<A>) -> Result<(), CallError> {
        let smallest = DiskFilter {
            page_size: Some(1),
            ..DiskFilter::default()
        };
        provider
            .call_idempotent(|| provider.api().list_disks(&smallest))
            .await
            .map(drop)
    }

    fn create_order(attributes: &Map, operation: &OperationTag) -> Result<Order, RequestError> {
        let request = Box::new(disk_request(attributes, operation)?);
        Ok(Order::Disk(DiskOrder::Create(request)))
    }

    /// Returns the order that deletes a disk.
    ///
    /// Where the region has snapshots, the cloud requires that those of a disk are deleted with it;
    /// elsewhere the request must not mention them.
    fn delete_order(report: &DescribedDisk) -> Option<Order> {
        Some(Order::Disk(DiskOrder::Delete {
            id: report.id.clone(),
            snapshots: report.delete_snap_with_ebs.map(|_| SnapshotPolicy::Delete),
        }))
    }

    async fn place<A: Cloud>(
        provider: &ResourceProvider<A>,
        token: &ClientToken,
        order: &DiskOrder,
    ) -> Result<OrderOutcome<Option<String>>, CallError> {
        let api = provider.api();
        Ok(match order {
            DiskOrder::Create(request) => {
                let call = || api.create_disk(token, request);
                let placed = provider.call_with_token(Operation::CreateDisk, call);
                with_id(placed.await?, |id| Some(id.to_string()))
            }
            DiskOrder::Resize(id, size) => {
                let call = || api.resize_disk(token, id, *size);
                let placed = provider.call_with_token(Operation::ResizeDisk, call);
                with_id(placed.await?, |()| None)
            }
            DiskOrder::Delete { id, snapshots } => {
                let call = || api.refund_disk(token, id, *snapshots);
                let placed = provider.call_with_token(Operation::RefundDisk, call);
                with_id(placed.await?, |()| None)
            }
        })
    }

    fn updates(desired: &Map, changed: &[Path]) -> Vec<InPlaceChange> {
        let disk = desired.get("disk").and_then(Value::as_map);
        disk.map(|disk| updates(disk, changed)).unwrap_or_default()
    }

    async fn update<A: Cloud>(
        provider: &ResourceProvider<A>,
        target: ChangeTarget<'_, DiskId>,
        change: &InPlaceChange,
    ) -> Result<(), CallError> {
        let ChangeTarget { id, mount, .. } = target;
        let api = provider.api();
        match change {
            InPlaceChange::Attributes(attributes) => {
                let call = || api.update_disk(id, attributes);
                provider.call_with_token(Operation::UpdateDisk, call).await
            }
            InPlaceChange::Iops(iops) => {
                let call = || api.set_disk_iops(id, *iops);
                provider.call_with_token(Operation::SetDiskIops, call).await
            }
            InPlaceChange::DeleteSnapshotsWithDisk(delete) => {
                let policy = if *delete {
                    SnapshotPolicy::Delete
                } else {
                    SnapshotPolicy::Keep
                };
                let call = || api.set_disk_delete_policy(id, policy);
                let set = provider.call_with_token(Operation::SetDiskDeletePolicy, call);
                set.await
            }
            InPlaceChange::Size(size) => {
                let Some(mount) = mount else {
                    return Ok(());
                };
                let request = ResizeContainerGroupVolume {
                    container_group_id: mount.group.clone(),
                    volume_name: mount.volume.clone(),
                    volume_handle: id.clone(),
                    new_size: *size,
                };
                let call = || api.resize_container_group_volume(&request);
                provider
                    .call_with_token(Operation::ResizeContainerGroupVolume, call)
                    .await
                    .map(drop)
            }
            // Volumes have no other changes.
            _ => Ok(()),
        }
    }

    fn readiness(report: &DescribedDisk, status: &str, _: Wait) -> Readiness {
        if report.status == DiskStatus::Error {
            return Readiness::Ended;
        }
        if Self::is_transitional(report) {
            let phase = status_text(Self::phase(report), status);
            return Readiness::Waiting { phase };
        }
        Readiness::Ready
    }

    fn phase(report: &DescribedDisk) -> Option<FixedText> {
        report.status.words()
    }

    fn is_transitional(report: &DescribedDisk) -> bool {
        report.status.is_transitional()
    }

    fn is_deleting(report: &DescribedDisk) -> bool {
        report.status == DiskStatus::Deleting
    }

    fn created_at(report: &DescribedDisk) -> Option<Timestamp> {
        Timestamp::from_millisecond(report.create_time?).ok()
    }

    fn operation_mark(report: &DescribedDisk) -> Option<&str> {
        match OperationLabel::of(report) {
            OperationLabel::Present(operation) => Some(operation),
            OperationLabel::Absent | OperationLabel::Unknown => None,
        }
    }

    fn is_created_by(report: &DescribedDisk, operation: &OperationTag) -> Option<bool> {
        match OperationLabel::of(report) {
            OperationLabel::Unknown => None,
            OperationLabel::Absent => Some(false),
            OperationLabel::Present(label) => Some(label == operation.short()),
        }
    }

    fn attached_to(report: &DescribedDisk) -> Option<String> {
        attached_to(report)
    }

    fn complete(report: &DescribedDisk, attributes: &mut Map, prior: PriorAttributes<'_>) {
        let applied = prior.applied.get("disk").and_then(Value::as_map);
        let (Some(Value::Map(parts)), Some(applied)) = (attributes.get_mut("disk"), applied) else {
            return;
        };
        let parts = Arc::make_mut(parts);
        for field in DISK.fields {
            let silent = field
                .response_path
                .is_some_and(|place| is_unreported(&report.raw, place));
            if let (true, Some(value)) = (silent, applied.get(field.name)) {
                parts.entry(field.name.into()).or_insert(value.clone());
            }
        }
    }

    fn add_billing(report: &DescribedDisk, attributes: &mut Map) {
        if let Some(Value::Map(parts)) = attributes.get_mut("disk") {
            Arc::make_mut(parts).extend(terms(&report.raw));
        }
    }

    fn price_request(attributes: &Map) -> Result<Option<PriceRequest>, PriceError> {
        if is_standalone(Self::KIND, attributes) {
            return Err(PriceError::Disk);
        }
        Ok(None)
    }
}

impl From<DescribedDisk> for RemoteObject {
    fn from(disk: DescribedDisk) -> RemoteObject {
        RemoteObject {
            id: disk.id.to_string(),
            status: status(&disk),
            attributes: attributes(&disk),
            report: RemoteReport::Disk(Box::new(disk)),
        }
    }
}

/// Returns the order for the disk of a volume of these attributes.
///
/// Its label is found again where the answer is lost.
///
/// # Errors
/// If an attribute is unknown, or only its digest is left.
pub fn disk_request(
    attributes: &Map,
    operation: &OperationTag,
) -> Result<CreateDisk, RequestError> {
    let mut request: CreateDisk = read_as(encode_own(&VOLUME, attributes)?)?;
    request.labels.push(DiskLabel {
        key: OperationTag::KEY.to_owned(),
        value: operation.short(),
    });
    Ok(request)
}

fn updates(disk: &Map, changed: &[Path]) -> Vec<InPlaceChange> {
    let parts: BTreeSet<&str> = changed
        .iter()
        .filter_map(|path| match &path.0[..] {
            [PathStep::Name(whole), PathStep::Name(part), ..] if &**whole == "disk" => {
                Some(&**part)
            }
            _ => None,
        })
        .collect();
    let mut all = Vec::new();
    if parts.contains("name") || parts.contains("description") {
        let describes = parts.contains("description");
        let description = text(disk, "description").unwrap_or_default();
        all.push(InPlaceChange::Attributes(DiskAttributes {
            // Older clients demand the name.
            disk_name: text(disk, "name"),
            volume_description: describes.then_some(description),
            ..DiskAttributes::default()
        }));
    }
    if parts.contains("provisioned_iops") {
        all.push(InPlaceChange::Iops(
            integer(disk, "provisioned_iops").unwrap_or(0),
        ));
    }
    if parts.contains("delete_snap_with_ebs") {
        let value = disk.get("delete_snap_with_ebs").and_then(Value::as_bool);
        all.push(InPlaceChange::DeleteSnapshotsWithDisk(
            value.unwrap_or(false),
        ));
    }
    if let (true, Some(size)) = (parts.contains("size"), integer(disk, "size")) {
        all.push(InPlaceChange::Size(size));
    }
    all
}

impl<A: Cloud> ResourceProvider<A> {
    /// Returns the present state of a disk; `None` if it no longer exists.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn disk(&self, id: &DiskId) -> Result<Option<RemoteObject>, CallError> {
        found(self.call_idempotent(|| self.api().describe_disk(id)).await)
    }

    /// Returns the present state of the disk with this name, if there is one.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn disk_named(&self, name: &str) -> Result<Option<RemoteObject>, CallError> {
        found(
            self.call_idempotent(|| self.api().describe_disk_by_name(name))
                .await,
        )
    }

    /// Returns all disks of the region, with fewer attributes than when each is read alone.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The first error of a page.
    pub async fn all_disks(&self) -> Result<Vec<RemoteObject>, CallError> {
        let all = whole(|| {
            eci_api::api::every_disk(DiskFilter::default(), |filter| async move {
                self.call_idempotent(|| self.api().list_disks(&filter))
                    .await
            })
        });
        Ok(all.await?.into_iter().map(RemoteObject::from).collect())
    }
}

impl<A: Cloud + 'static> ResourceProvider<A> {
    /// Returns the present state of many disks, in the order of their IDs; those that no longer
    /// exist are missing.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn disks(&self, ids: &[DiskId]) -> Result<Vec<RemoteObject>, CallError> {
        let ids = distinct(ids);
        let (mut remotes, missing) = if ids.len() > MOST_SINGLE {
            let listed = match self.all_disks().await {
                // Each that is missing is described.
                Err(error) if is_incomplete(&error) => Vec::new(),
                listed => listed?,
            };
            split_requested(ids, listed, |remote| DiskId::new(remote.id.clone()).ok())
        } else {
            (Vec::new(), ids)
        };
        let single = missing.into_iter().map(|id| {
            let provider = self.clone();
            async move { provider.disk(&id).await }
        });
        concurrently(single, |remote| remotes.extend(remote)).await?;
        remotes.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(remotes)
    }
}

fn found(answer: Result<DescribedDisk, CallError>) -> Result<Option<RemoteObject>, CallError> {
    match answer {
        Ok(disk) => Ok(Some(disk.into())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the attributes of the volume of a disk, without the label of eci.
fn attributes(disk: &DescribedDisk) -> Map {
    let mut attributes = decode_own(&VOLUME, &disk.raw);
    if let Some(Value::Map(parts)) = attributes.get_mut("disk") {
        without_ours(Arc::make_mut(parts));
    }
    attributes
}

/// Returns the cloud's own word for its status, which may be one of several for the same.
fn status(disk: &DescribedDisk) -> String {
    let word = disk.raw.get("diskStatus").and_then(Json::as_str);
    truncate(word.unwrap_or_default())
}

fn without_ours(parts: &mut Map) {
    let Some(Value::Map(labels)) = parts.get("labels") else {
        return;
    };
    let mut labels = (**labels).clone();
    labels.remove(OperationTag::KEY);
    if labels.is_empty() {
        parts.remove("labels");
    } else {
        parts.insert("labels".into(), Value::map(labels));
    }
}

/// The operation tag among the labels of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OperationLabel<'a> {
    /// The region has no labels, so it is unknown who created the disk.
    Unknown,
    /// No operation tag among the labels: eci did not create the disk.
    Absent,
    /// The short form of the operation that created the disk.
    Present(&'a str),
}

impl OperationLabel<'_> {
    fn of(disk: &DescribedDisk) -> OperationLabel<'_> {
        if disk.raw.get("labels").is_none_or(Json::is_null) {
            return OperationLabel::Unknown;
        }
        let mut labels = disk.labels.iter();
        match labels.find(|label| label.key == OperationTag::KEY) {
            Some(label) => OperationLabel::Present(&label.value),
            None => OperationLabel::Absent,
        }
    }
}

/// Returns what has a disk.
fn attached_to(disk: &DescribedDisk) -> Option<String> {
    if !disk.is_in_use() {
        return None;
    }
    let attached = disk
        .attachments
        .iter()
        .find_map(|it| it.instance_id.clone());
    let named = disk.instance_id.clone().filter(|id| !id.is_empty());
    Some(named.or(attached).unwrap_or_else(|| "something".to_owned()))
}

/// Returns the billing terms that a report of this disk alone contains.
///
/// A list contains fewer.
fn terms(raw: &Json) -> Map {
    let mut terms = Map::new();
    if raw.get("onDemand").and_then(Json::as_bool) == Some(true) {
        terms.insert("on_demand".into(), Value::from(true));
        return terms;
    }
    let cycle = raw.get("cycleType").and_then(Json::as_str);
    if let Some(cycle) = cycle.filter(|it| !it.is_empty()) {
        terms.insert("on_demand".into(), Value::from(false));
        terms.insert("cycle_type".into(), Value::from(cycle));
        if let Some(count) = raw.get("cycleCount").and_then(Json::as_i64) {
            terms.insert("cycle_count".into(), Value::from(count));
        }
    }
    terms
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
