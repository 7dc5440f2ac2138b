//! The calls of cloud disks.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::call::{
    AnswerResult, OrderCall, ParsedCall, PlacedOrder, Reply, order_failed, page_size, place,
};
use super::eip::{paged, pages};
use super::fields::Fields;
use super::report::{Detail, disk_status};
use super::{limits, report};
use crate::engine::cloud::Engine;
use crate::model::change::{Actor, ChangeKind};
use crate::model::clock::{SimTime, Timing};
use crate::model::disk::NewDisk;
use crate::model::order_error::{Code, OrderApiError};
use crate::model::request::{is_set, text};
use crate::model::{Disk, OrderRequest, Subject};
use crate::storage::audit_log::AuditEntry;

/// The range of page sizes.
const PAGE: RangeInclusive<i64> = 1..=300;
const TOKEN_PAGE: RangeInclusive<i64> = 1..=1000;
const USUAL_PAGE: i64 = 10;
/// Longest key and value of a label.
const LONGEST_LABEL: usize = 32;

fn entry(disk: &Disk, kind: ChangeKind, now: SimTime) -> AuditEntry {
    AuditEntry::of_disk(disk, kind, Actor::Client, now)
}

/// Returns the order that a call places.
fn placing(parsed: ParsedCall<'_>) -> Result<OrderRequest, OrderApiError> {
    let mut placing = parsed.placing(parsed.fields.token()?);
    placing.behavior.at_once |= parsed.call.api_behavior.disk_orders_at_once;
    Ok(placing)
}

/// Returns the answer of a call that orders.
fn ordered(PlacedOrder { order, disk, now }: PlacedOrder) -> Result<Reply, OrderApiError> {
    match (order.is_over(now), order.fails, disk) {
        (false, _, _) => Ok(Reply::InProgress(
            Code::DiskInProgress,
            report::disk_order(&order),
        )),
        (true, false, Some(disk)) => Ok(Reply::Object(report::disk_order_done(&order, &disk))),
        (true, _, _) => Err(order_failed(&order.id)),
    }
}

/// Returns the attributes that a disk keeps from its order, in the cloud's spelling.
fn spec(fields: &Fields) -> Result<Map<String, Value>, OrderApiError> {
    let mut spec = Map::new();
    for name in [
        "diskType",
        "diskMode",
        "azName",
        "projectID",
        "kmsUUID",
        "multiAttach",
        "isEncrypt",
    ] {
        if let Some(value) = fields.get(name) {
            spec.insert(name.to_owned(), value.clone());
        }
    }
    for name in ["azName", "projectID", "kmsUUID"] {
        fields.text(name)?;
    }
    if let Some(labels) = fields.get("labels") {
        spec.insert("labels".to_owned(), checked_labels(fields, labels)?);
    }
    Ok(spec)
}

fn checked_labels(fields: &Fields, labels: &Value) -> Result<Value, OrderApiError> {
    let wrong = || {
        fields.invalid(format!(
            "labels must be an array of {{key, value}}, each a string of at most {LONGEST_LABEL} \
             characters"
        ))
    };
    let mut listed = Vec::new();
    for (at, label) in labels.as_array().ok_or_else(wrong)?.iter().enumerate() {
        let part = |name: &str| {
            let text = label.get(name).and_then(Value::as_str);
            text.filter(|text| text.chars().count() <= LONGEST_LABEL)
                .ok_or_else(wrong)
        };
        let (key, value) = (part("key")?, part("value")?);
        listed.push(json!({ "key": key, "value": value, "labelId": format!("label-{at}") }));
    }
    Ok(Value::Array(listed))
}

/// Returns the months of the term; `None` for pay-as-you-go.
fn months(fields: &Fields, spec: &mut Map<String, Value>) -> Result<Option<i32>, OrderApiError> {
    if fields.flag("onDemand")?.unwrap_or(true) {
        return Ok(None);
    }
    fields.required("cycleType")?;
    let cycle = fields.word("cycleType", &["month", "year"])?;
    let (count, months) = match cycle {
        "month" => {
            let count = fields.within("cycleCount", 1..=60, None)?;
            (count, count)
        }
        _ => {
            let count = fields.within("cycleCount", 1..=5, None)?;
            (count, count * 12)
        }
    };
    spec.insert("cycleType".to_owned(), json!(cycle));
    spec.insert("cycleCount".to_owned(), json!(count));
    Ok(i32::try_from(months).ok())
}

pub(super) fn create(cloud: &Engine, parsed: ParsedCall<'_>) -> AnswerResult {
    let ParsedCall { call, fields, .. } = parsed;
    let placing = placing(parsed)?;
    let size = limits::disk(fields)?;
    let mut spec = spec(fields)?;
    let draft = NewDisk {
        id: Uuid::new_v4().to_string(),
        name: limits::disk_name(fields)?.to_owned(),
        size,
        iops: limits::iops(fields, &spec, size)?,
        months: months(fields, &mut spec)?,
        delete_snapshots: fields.flag("deleteSnapWithEbs")?.unwrap_or(false),
        spec,
    };
    let most = call.api_behavior.most_disks;
    let (placed, pending) = place(cloud, placing, |world, placing, at| {
        let (order, created) = world.create_disk(draft, placing, most, at)?;
        let entry = created.map(|disk| entry(&disk, ChangeKind::Create, at.now));
        Ok((order, entry))
    })?;
    Ok((ordered(placed)?, Some(pending)))
}

pub(super) fn show(
    cloud: &Engine,
    ParsedCall {
        call,
        realm,
        fields,
    }: ParsedCall<'_>,
) -> AnswerResult {
    let id = fields.required("diskID")?;
    let report = cloud.read(|world, Timing { now, .. }| {
        let disk = world.disk(realm, id, now)?;
        Ok(report::disk(&disk, call.api_behavior, Detail::One, now))
    })?;
    Ok((Reply::Object(report), None))
}

pub(super) fn show_by_name(
    cloud: &Engine,
    ParsedCall {
        call,
        realm,
        fields,
    }: ParsedCall<'_>,
) -> AnswerResult {
    let name = fields.required("diskName")?;
    let age = call.lie.age;
    let (disks, now) = cloud.look_back(age, |world, Timing { now, .. }| {
        (world.disks(realm, now), now)
    });
    let disk = disks.iter().find(|disk| disk.name == name).ok_or_else(|| {
        OrderApiError::new(
            Code::DiskNotThere,
            format!("there is no disk of the name {name:?}"),
        )
    })?;
    let report = report::disk(disk, call.api_behavior, Detail::One, now);
    Ok((Reply::Object(report), None))
}

/// Returns whether a disk matches the filters of a list.
fn holds(
    call: &OrderCall<'_>,
    fields: &Fields,
    disk: &Disk,
    now: SimTime,
) -> Result<bool, OrderApiError> {
    let spec = &disk.spec;
    let status = disk_status(disk.status(now), call.api_behavior);
    let filters = [
        ("diskStatus", status.as_str()),
        ("diskType", text(spec, "diskType")),
        ("diskMode", text(spec, "diskMode")),
        ("azName", disk.zone()),
    ];
    for (name, value) in filters {
        let given = fields.text(name)?;
        if !given.is_empty() && given != value {
            return Ok(false);
        }
    }
    for name in ["multiAttach", "isEncrypt"] {
        if fields
            .flag(name)?
            .is_some_and(|given| given != is_set(spec, name))
        {
            return Ok(false);
        }
    }
    if fields.flag("isSystemVolume")? == Some(true) {
        return Ok(false);
    }
    let content = fields.text("queryContent")?;
    let places = [&disk.id, &disk.name].into_iter().chain(&disk.holders);
    Ok(content.is_empty() || places.into_iter().any(|place| place.contains(content)))
}

pub(super) fn list(
    cloud: &Engine,
    ParsedCall {
        call,
        realm,
        fields,
    }: ParsedCall<'_>,
) -> AnswerResult {
    let (disks, now) = cloud.read(|world, Timing { now, .. }| (world.disks(realm, now), now));
    let mut holding = Vec::new();
    for disk in disks {
        if holds(call, fields, &disk, now)? {
            let report = report::disk(&disk, call.api_behavior, Detail::Many, now);
            holding.push((disk.number, report));
        }
    }
    let total = holding.len();
    // A token, the number of the last disk of the page before, replaces the number of a page.
    let by_token = fields.whole("maxResults")?.is_some();
    let (mut page, size, next) = if by_token {
        let size = page_size(call, fields.within("maxResults", TOKEN_PAGE, None)?);
        let after = match fields.text("nextToken")? {
            "" => None,
            token => Some(token.parse::<u64>().map_err(|_| {
                fields.invalid(format!("nextToken {token:?} is none that a page gave"))
            })?),
        };
        let rest = holding
            .into_iter()
            .filter(|(number, _)| after.is_none_or(|after| *number < after));
        let rest: Vec<(u64, Value)> = rest.collect();
        let most = usize::try_from(size).unwrap_or(usize::MAX);
        let next = (rest.len() > most).then(|| rest[most - 1].0.to_string());
        let page = rest.into_iter().take(most).map(|(_, disk)| disk).collect();
        (page, size, next)
    } else {
        let number = fields.within("pageNo", 1..=i64::MAX, Some(1))?;
        let size = page_size(call, fields.within("pageSize", PAGE, Some(USUAL_PAGE))?);
        let all = holding.into_iter().map(|(_, disk)| disk).collect();
        (paged(all, number, size), size, None)
    };
    call.lie.distort(&mut page);
    let mut object = json!({
        "diskTotal": total,
        "totalCount": total,
        "currentCount": page.len(),
        "totalPage": pages(total, size),
        "diskList": page,
    });
    if let (Some(next), Value::Object(fields)) = (next, &mut object) {
        fields.insert("nextToken".to_owned(), json!(next));
    }
    Ok((Reply::Object(object), None))
}

/// Applies a change that is in effect at once.
fn altered(
    cloud: &Engine,
    subject: Subject<'_>,
    alter: impl FnOnce(&mut Disk) -> Result<(), OrderApiError>,
) -> AnswerResult {
    let ((), pending) = cloud.alter(|world, Timing { now, .. }| {
        let disk = world.alter_disk(subject.realm, subject.id, now, alter)?;
        Ok::<_, OrderApiError>(((), Some(entry(&disk, ChangeKind::Update, now))))
    })?;
    Ok((Reply::Nothing, Some(pending)))
}

pub(super) fn update(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    let id = fields.required("diskID")?;
    let deletes_snapshots = fields.flag("deleteSnapWithEbs")?;
    fields.text("volumeDescription")?;
    fields.flag("deleteDiskWithInstance")?;
    let name = match fields.get("diskName") {
        Some(_) => Some(limits::disk_name(fields)?),
        None => None,
    };
    altered(cloud, Subject { realm, id }, |disk| {
        if let Some(name) = name {
            name.clone_into(&mut disk.name);
        }
        disk.delete_snapshots = deletes_snapshots.unwrap_or(disk.delete_snapshots);
        Ok(())
    })
}

pub(super) fn set_iops(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    let id = fields.required("diskID")?;
    if fields.whole("provisionedIops")?.is_none() {
        return Err(fields.invalid("provisionedIops is required"));
    }
    altered(cloud, Subject { realm, id }, |disk| {
        disk.iops = limits::iops(fields, &disk.spec, disk.size)?;
        Ok(())
    })
}

pub(super) fn set_policy(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    let id = fields.required("diskID")?;
    let go = fields.flag("deleteSnapWithEbs")?;
    let go = go.ok_or_else(|| fields.invalid("deleteSnapWithEbs is required"))?;
    let (_, pending) = altered(cloud, Subject { realm, id }, |disk| {
        disk.delete_snapshots = go;
        Ok(())
    })?;
    let object = json!({ "setDeletePolicyJobResult": "success" });
    Ok((Reply::Object(object), pending))
}

pub(super) fn resize(cloud: &Engine, parsed: ParsedCall<'_>) -> AnswerResult {
    let ParsedCall { realm, fields, .. } = parsed;
    let placing = placing(parsed)?;
    let id = fields.required("diskID")?;
    let (placed, pending) = place(cloud, placing, |world, placing, at| {
        let kind = world.disk(realm, id, at.now)?;
        let size = limits::size_of(fields, text(&kind.spec, "diskType"), "diskSize")?;
        let fails = placing.behavior.fails;
        let (order, disk) = world.resize_disk(id, size, placing, at)?;
        let entry = (!fails).then(|| entry(&disk, ChangeKind::Resize, at.now));
        Ok((order, entry))
    })?;
    Ok((ordered(placed)?, Some(pending)))
}

pub(super) fn attach(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    let (id, machine) = (fields.required("diskID")?, fields.required("instanceID")?);
    if machine.starts_with("eci-") {
        return Err(OrderApiError::new(
            Code::MachineNotThere,
            format!("{machine} is not a machine; a container group mounts a disk by its own call"),
        ));
    }
    let job = Uuid::new_v4().to_string();
    let (job, pending) = cloud.alter(|world, at| {
        let (job, disk) = world.attach_disk(Subject { realm, id }, machine, &job, at)?;
        Ok::<_, OrderApiError>((job, Some(entry(&disk, ChangeKind::Update, at.now))))
    })?;
    let object = json!({ "diskJobID": job.id, "diskRequestID": job.id });
    Ok((Reply::Object(object), Some(pending)))
}

pub(super) fn detach(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    let (id, machine) = (fields.required("diskID")?, fields.text("instanceID")?);
    let job = Uuid::new_v4().to_string();
    let (job, pending) = cloud.alter(|world, at| {
        let (job, disk) = world.detach_disk(Subject { realm, id }, machine, &job, at)?;
        Ok::<_, OrderApiError>((job, Some(entry(&disk, ChangeKind::Update, at.now))))
    })?;
    let object = json!({ "diskJobID": job.id, "diskRequestID": job.id });
    Ok((Reply::Object(object), Some(pending)))
}

/// Snapshots are not simulated, so that whether they go may be said or not.
pub(super) fn refund(cloud: &Engine, parsed: ParsedCall<'_>) -> AnswerResult {
    let ParsedCall { call, fields, .. } = parsed;
    let placing = placing(parsed)?;
    let id = fields.required("diskID")?;
    match fields.flag("deleteSnapWithEbs")? {
        Some(false) => return Err(fields.invalid("deleteSnapWithEbs can only be true")),
        Some(true) if call.api_behavior.no_snapshots => {
            return Err(fields.invalid("deleteSnapWithEbs: there are no snapshots in this region"));
        }
        Some(true) | None => {}
    }
    let (placed, pending) = place(cloud, placing, |world, placing, at| {
        let fails = placing.behavior.fails;
        let (order, disk) = world.refund_disk(id, placing, at)?;
        let entry = (!fails).then(|| entry(&disk, ChangeKind::Delete, at.now));
        Ok((order, entry))
    })?;
    Ok((ordered(placed)?, Some(pending)))
}
