//! The calls of elastic IPs.

use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::{Answered, Reply, Request, limits, page_size, price as tariff, report};
use crate::engine::cloud::Engine;
use crate::model::change::{Actor, ChangeKind};
use crate::model::clock::SimTime;
use crate::model::eip::{Holder, NewEip, Terms};
use crate::model::operation::Operation;
use crate::model::order_error::{Code, OrderApiError};
use crate::model::{Eip, Order, letters_and_digits};
use crate::storage::audit_log::AuditEntry;

/// Mbps that a client may ask for (vendor's client).
const BANDWIDTH: (i64, i64) = (1, 1024);
/// The range of page sizes (not confirmed).
const PAGE: (i64, i64) = (1, 50);
const USUAL_PAGE: i64 = 10;

pub(super) fn entry(eip: &Eip, kind: ChangeKind, now: SimTime) -> AuditEntry {
    AuditEntry::of_eip(eip, kind, Actor::Client, now)
}

/// Returns the billing of an EIP, and the other attributes that it keeps from its order.
fn terms(fields: &Fields) -> Result<Terms, OrderApiError> {
    fields.required("cycleType")?;
    let cycle = fields.word("cycleType", &["on_demand", "month", "year"])?;
    let months = match cycle {
        "month" => Some(fields.within("cycleCount", (1, 11), None)?),
        "year" => Some(fields.within("cycleCount", (1, 3), None)? * 12),
        _ => None,
    };
    let shared = fields.text("bandwidthID")?.to_owned();
    if months.is_some() && !shared.is_empty() {
        return Err(fields.invalid("bandwidthID goes with cycleType on_demand only"));
    }
    if !shared.is_empty() {
        super::bandwidth::check(&shared)?;
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

pub(super) fn create(cloud: &Engine, (call, realm, fields): Request<'_>) -> Answered {
    let token = fields.required_token()?;
    let address = match call.operation {
        Operation::CreateEipAt => {
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
    let placing = call.placing(fields, Some(token));
    let most = call.habits.most_eips;
    let ((order, now), pending) = cloud.alter(|world, at| {
        if let Some(order) = world.placed_before(realm, &placing, at.0)? {
            return Ok(((order, at.0), None));
        }
        let (order, created) = world.create_eip(realm, draft, placing, (most, at))?;
        let entry = created.map(|eip| entry(&eip, ChangeKind::Create, at.0));
        Ok(((order, at.0), entry))
    })?;
    let reply = ordered(&order, "started", call.fate.in_progress, now);
    Ok((reply, Some(pending)))
}

/// Returns the answer of a call that orders.
fn ordered(order: &Order, over: &str, in_progress: bool, now: SimTime) -> Reply {
    match in_progress && !order.is_over(now) {
        true => Reply::InProgress(Code::EipInProgress, json!({ "masterOrderID": order.id })),
        false => Reply::Object(report::eip_order(order, over, now)),
    }
}

pub(super) fn show(cloud: &Engine, (_, realm, fields): Request<'_>) -> Answered {
    let id = fields.required("eipID")?;
    let report = cloud
        .look(|world, (now, _)| world.eip(realm, id, now).map(|eip| report::eip(&eip, now)))?;
    Ok((Reply::Object(report), None))
}

pub(super) fn list(cloud: &Engine, (call, realm, fields): Request<'_>) -> Answered {
    fields.required_token()?;
    let number = match fields.whole("pageNo")? {
        Some(_) => fields.within("pageNo", (1, i64::MAX), None)?,
        None => fields.within("page", (1, i64::MAX), Some(1))?,
    };
    let size = page_size(call, fields.within("pageSize", PAGE, Some(USUAL_PAGE))?);
    let ids = fields.texts("ids")?;
    let named = |name: &str, value: &str| -> Result<bool, OrderApiError> {
        let filter = fields.text(name)?;
        Ok(filter.is_empty() || filter == value)
    };
    let (eips, now) = cloud.look_back(call.lie.age, |world, (now, _)| {
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
        Operation::ListEipsOld => {
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

pub(super) fn rename(cloud: &Engine, (_, realm, fields): Request<'_>) -> Answered {
    fields.required_token()?;
    let (id, name) = (fields.required("eipID")?, limits::eip_name(fields)?);
    let ((), pending) = cloud.alter(|world, (now, _)| {
        let eip = world.rename_eip(realm, (id, name), now)?;
        Ok(((), Some(entry(&eip, ChangeKind::Update, now))))
    })?;
    Ok((Reply::Nothing, Some(pending)))
}

pub(super) fn modify(cloud: &Engine, (call, realm, fields): Request<'_>) -> Answered {
    let token = fields.required_token()?;
    let id = fields.required("eipID")?;
    let bandwidth = fields.within("bandwidth", BANDWIDTH, None)?;
    let placing = call.placing(fields, Some(token));
    let ((order, now), pending) = cloud.alter(|world, at| {
        if let Some(order) = world.placed_before(realm, &placing, at.0)? {
            return Ok(((order, at.0), None));
        }
        let fails = placing.fate.fails;
        let (order, eip) = world.change_eip(realm, (id, bandwidth), placing, at)?;
        let entry = (!fails).then(|| entry(&eip, ChangeKind::Resize, at.0));
        Ok(((order, at.0), entry))
    })?;
    let reply = ordered(&order, "changed", call.fate.in_progress, now);
    Ok((reply, Some(pending)))
}

pub(super) fn bind(cloud: &Engine, (_, realm, fields): Request<'_>) -> Answered {
    fields.required_token()?;
    let (id, to) = (fields.required("eipID")?, fields.required("associationID")?);
    let number = fields.within("associationType", (1, 4), None)?;
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
        Ok(((), Some(entry(&eip, ChangeKind::Update, at.0))))
    })?;
    Ok((Reply::Nothing, Some(pending)))
}

pub(super) fn unbind(cloud: &Engine, (_, realm, fields): Request<'_>) -> Answered {
    fields.required_token()?;
    let id = fields.required("eipID")?;
    let ((), pending) = cloud.alter(|world, at| {
        let eip = world.unbind_eip(realm, id, at)?;
        Ok(((), Some(entry(&eip, ChangeKind::Update, at.0))))
    })?;
    Ok((Reply::Nothing, Some(pending)))
}

pub(super) fn delete(cloud: &Engine, (call, realm, fields): Request<'_>) -> Answered {
    let token = fields.required_token()?;
    let id = fields.required("eipID")?;
    let placing = call.placing(fields, Some(token));
    let ((order, now), pending) = cloud.alter(|world, at| {
        if let Some(order) = world.placed_before(realm, &placing, at.0)? {
            return Ok(((order, at.0), None));
        }
        let fails = placing.fate.fails;
        let (order, eip) = world.delete_eip(realm, id, placing, at)?;
        let entry = (!fails).then(|| entry(&eip, ChangeKind::Delete, at.0));
        Ok(((order, at.0), entry))
    })?;
    let reply = ordered(&order, "refunded", call.fate.in_progress, now);
    Ok((reply, Some(pending)))
}

pub(super) fn price((_, _, fields): Request<'_>) -> Answered {
    fields.required_token()?;
    let terms = terms(fields)?;
    let bandwidth = fields.within("bandwidth", (1, 300), Some(1))?;
    let price = tariff::of_eip(bandwidth, terms.by_traffic, terms.months);
    Ok((Reply::Object(price), None))
}
