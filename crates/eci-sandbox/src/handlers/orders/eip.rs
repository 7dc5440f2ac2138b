//! The calls of elastic IPs.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::call::{AnswerResult, ParsedCall, PlacedOrder, Reply, page_size, place};
use super::fields::Fields;
use super::{limits, price as tariff, report, shared_bandwidth};
use crate::engine::cloud::Engine;
use crate::model::change::{Actor, ChangeKind};
use crate::model::clock::{SimTime, Timing};
use crate::model::eip::{Holder, NewEip, Terms};
use crate::model::operation::ApiOperation;
use crate::model::order_error::{Code, OrderApiError};
use crate::model::{Eip, Subject, letters_and_digits};
use crate::storage::audit_log::AuditEntry;

/// Mbps that a client may ask for (vendor's client).
const BANDWIDTH: RangeInclusive<i64> = 1..=1024;
/// The range of page sizes (not confirmed).
const PAGE: RangeInclusive<i64> = 1..=50;
const USUAL_PAGE: i64 = 10;

pub(super) fn entry(eip: &Eip, kind: ChangeKind, now: SimTime) -> AuditEntry {
    AuditEntry::of_eip(eip, kind, Actor::Client, now)
}

/// Returns the billing of an EIP, and the other attributes that it keeps from its order.
fn terms(fields: &Fields) -> Result<Terms, OrderApiError> {
    fields.required("cycleType")?;
    let cycle = fields.word("cycleType", &["on_demand", "month", "year"])?;
    let months = match cycle {
        "month" => Some(fields.within("cycleCount", 1..=11, None)?),
        "year" => Some(fields.within("cycleCount", 1..=3, None)? * 12),
        _ => None,
    };
    let shared = fields.text("bandwidthID")?.to_owned();
    if months.is_some() && !shared.is_empty() {
        return Err(fields.invalid("bandwidthID goes with cycleType on_demand only"));
    }
    if !shared.is_empty() {
        shared_bandwidth::check(&shared)?;
    }
    if months.is_none() {
        fields.required("demandBillingType")?;
    }
    let billing = fields.word("demandBillingType", &["bandwidth", "upflowc"])?;
    Ok(Terms {
        months: months.and_then(|months| i32::try_from(months).ok()),
        by_traffic: months.is_none() && billing == "upflowc",
        line: fields
            .word("lineType", &["163", "bgp", "chinamobile", "chinaunicom"])?
            .to_owned(),
        shared,
        project: fields.text("projectID")?.to_owned(),
    })
}

pub(super) fn create(cloud: &Engine, parsed: ParsedCall<'_>) -> AnswerResult {
    let ParsedCall { call, fields, .. } = parsed;
    let token = fields.required_token()?;
    let address = match call.operation {
        ApiOperation::CreateEipAt => {
            let given = fields.required("ipAddress")?;
            let read = given.parse::<Ipv4Addr>();
            Some(read.map_err(|_| {
                fields.invalid(format!(
                    "ipAddress must be an IPv4 address, found {given:?}"
                ))
            })?)
        }
        _ => None,
    };
    let draft = NewEip {
        id: format!("eip-{}", letters_and_digits(10)),
        name: limits::eip_name(fields)?.to_owned(),
        bandwidth: fields.within("bandwidth", BANDWIDTH, Some(1))?,
        terms: terms(fields)?,
        address,
    };
    let placing = parsed.placing(Some(token));
    let most = call.api_behavior.most_eips;
    let (placed, pending) = place(cloud, placing, |world, placing, at| {
        let (order, created) = world.create_eip(draft, placing, most, at)?;
        let entry = created.map(|eip| entry(&eip, ChangeKind::Create, at.now));
        Ok((order, entry))
    })?;
    let reply = ordered(&placed, "started", call.behavior.in_progress);
    Ok((reply, Some(pending)))
}

/// Returns the answer of a call that orders.
fn ordered(placed: &PlacedOrder, over: &str, in_progress: bool) -> Reply {
    let PlacedOrder { order, now, .. } = placed;
    if in_progress && !order.is_over(*now) {
        Reply::InProgress(Code::EipInProgress, json!({ "masterOrderID": order.id }))
    } else {
        Reply::Object(report::eip_order(order, over, *now))
    }
}

pub(super) fn show(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    let id = fields.required("eipID")?;
    let report = cloud.read(|world, Timing { now, .. }| {
        world.eip(realm, id, now).map(|eip| report::eip(&eip, now))
    })?;
    Ok((Reply::Object(report), None))
}

pub(super) fn list(
    cloud: &Engine,
    ParsedCall {
        call,
        realm,
        fields,
    }: ParsedCall<'_>,
) -> AnswerResult {
    fields.required_token()?;
    let number = match fields.whole("pageNo")? {
        Some(_) => fields.within("pageNo", 1..=i64::MAX, None)?,
        None => fields.within("page", 1..=i64::MAX, Some(1))?,
    };
    let size = page_size(call, fields.within("pageSize", PAGE, Some(USUAL_PAGE))?);
    let ids = fields.texts("ids")?;
    let named = |name: &str, value: &str| -> Result<bool, OrderApiError> {
        let filter = fields.text(name)?;
        Ok(filter.is_empty() || filter == value)
    };
    let (eips, now) = cloud.look_back(call.lie.age, |world, Timing { now, .. }| {
        (world.eips(realm, now), now)
    });
    let mut holding = Vec::new();
    for eip in eips {
        let holder = eip.holder.as_ref().map_or("", |holder| &holder.id);
        let holds = (ids.is_empty() || ids.contains(&eip.id.as_str()))
            && named("status", eip.status(now))?
            && named("ip", &eip.address.to_string())?
            && named("associationID", holder)?
            && (fields.text("ipType")? != "ipv6");
        if holds {
            holding.push(report::eip(&eip, now));
        }
    }
    let total = holding.len();
    let mut page = paged(holding, number, size);
    call.lie.distort(&mut page);
    let counts = [
        ("totalCount", json!(total)),
        ("currentCount", json!(page.len())),
        ("totalPage", json!(pages(total, size))),
    ];
    let mut object = Map::from_iter([("eips".to_owned(), Value::Array(page))]);
    let counts = counts.map(|(name, count)| (name.to_owned(), count));
    // The old call has its counts next to the object and not in it.
    let reply = match call.operation {
        ApiOperation::ListEipsOld => {
            let mut fields = Map::from_iter(counts);
            fields.insert("returnObj".to_owned(), Value::Object(object));
            Reply::Fields(fields)
        }
        _ => {
            object.extend(counts);
            Reply::Object(Value::Object(object))
        }
    };
    Ok((reply, None))
}

/// Returns the items of a page.
pub(super) fn paged(items: Vec<Value>, number: i64, size: i64) -> Vec<Value> {
    let before = usize::try_from((number - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    items.into_iter().skip(before).take(size).collect()
}

/// Returns the number of pages.
pub(super) fn pages(total: usize, size: i64) -> usize {
    total.div_ceil(usize::try_from(size).unwrap_or(1).max(1))
}

pub(super) fn rename(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    fields.required_token()?;
    let (id, name) = (fields.required("eipID")?, limits::eip_name(fields)?);
    let ((), pending) = cloud.alter(|world, Timing { now, .. }| {
        let eip = world.rename_eip(Subject { realm, id }, name, now)?;
        Ok(((), Some(entry(&eip, ChangeKind::Update, now))))
    })?;
    Ok((Reply::Nothing, Some(pending)))
}

pub(super) fn modify(cloud: &Engine, parsed: ParsedCall<'_>) -> AnswerResult {
    let ParsedCall { call, fields, .. } = parsed;
    let token = fields.required_token()?;
    let id = fields.required("eipID")?;
    let bandwidth = fields.within("bandwidth", BANDWIDTH, None)?;
    let placing = parsed.placing(Some(token));
    let (placed, pending) = place(cloud, placing, |world, placing, at| {
        let fails = placing.behavior.fails;
        let (order, eip) = world.change_eip(id, bandwidth, placing, at)?;
        let entry = (!fails).then(|| entry(&eip, ChangeKind::Resize, at.now));
        Ok((order, entry))
    })?;
    let reply = ordered(&placed, "changed", call.behavior.in_progress);
    Ok((reply, Some(pending)))
}

pub(super) fn bind(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    fields.required_token()?;
    let (id, to) = (fields.required("eipID")?, fields.required("associationID")?);
    let number = fields.within("associationType", 1..=4, None)?;
    if to.starts_with("eci-") {
        let message = "a container group is bound by its own create or update, not by this call";
        return Err(fields.invalid(message));
    }
    let kind = match number {
        1 => "INSTANCE",
        2 => "VIP",
        3 => "PHYSICALINSTANCE",
        _ => "MEMBER_ENI",
    };
    let holder = Holder {
        id: to.to_owned(),
        kind: kind.to_owned(),
    };
    let ((), pending) = cloud.alter(|world, at| {
        let eip = world.bind_eip(realm, id, holder, at)?;
        Ok(((), Some(entry(&eip, ChangeKind::Update, at.now))))
    })?;
    Ok((Reply::Nothing, Some(pending)))
}

pub(super) fn unbind(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    fields.required_token()?;
    let id = fields.required("eipID")?;
    let ((), pending) = cloud.alter(|world, at| {
        let eip = world.unbind_eip(realm, id, at)?;
        Ok(((), Some(entry(&eip, ChangeKind::Update, at.now))))
    })?;
    Ok((Reply::Nothing, Some(pending)))
}

pub(super) fn delete(cloud: &Engine, parsed: ParsedCall<'_>) -> AnswerResult {
    let ParsedCall { call, fields, .. } = parsed;
    let token = fields.required_token()?;
    let id = fields.required("eipID")?;
    let placing = parsed.placing(Some(token));
    let (placed, pending) = place(cloud, placing, |world, placing, at| {
        let fails = placing.behavior.fails;
        let (order, eip) = world.delete_eip(id, placing, at)?;
        let entry = (!fails).then(|| entry(&eip, ChangeKind::Delete, at.now));
        Ok((order, entry))
    })?;
    let reply = ordered(&placed, "refunded", call.behavior.in_progress);
    Ok((reply, Some(pending)))
}

pub(super) fn price(ParsedCall { fields, .. }: ParsedCall<'_>) -> AnswerResult {
    fields.required_token()?;
    let terms = terms(fields)?;
    let bandwidth = fields.within("bandwidth", 1..=300, Some(1))?;
    let price = tariff::of_eip(bandwidth, terms.by_traffic, terms.months);
    Ok((Reply::Object(price), None))
}
