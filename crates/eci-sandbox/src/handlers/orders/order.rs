//! The calls for orders and jobs.

use serde_json::json;

use super::call::{AnswerResult, ParsedCall, Reply};
use crate::engine::cloud::Engine;
use crate::model::change::ObjectKind;
use crate::model::clock::Timing;
use crate::model::operation::ApiOperation;
use crate::model::order_error::{Code, OrderApiError};

/// Statuses of orders, numbers in text.
const COMPLETE: &str = "3";
const FAILED: &str = "5";
const PROVISIONING: &str = "14";

/// Answers both spellings of the query for an order.
pub(super) fn query(
    cloud: &Engine,
    ParsedCall {
        call,
        realm,
        fields,
    }: ParsedCall<'_>,
) -> AnswerResult {
    let instances = call.operation == ApiOperation::QueryOrder;
    let id = fields.required(if instances {
        "masterOrderID"
    } else {
        "masterOrderId"
    })?;
    let ((order, is_reported, now), pending) = cloud.alter(|world, Timing { now, .. }| {
        let (order, is_reported) = world.query_order(&realm.account, id, now).ok_or_else(|| {
            OrderApiError::new(Code::OrderNotThere, format!("there is no order {id}"))
        })?;
        Ok::<_, OrderApiError>(((order, is_reported, now), None))
    })?;
    let status = match (order.is_over(now), order.fails) {
        (false, _) => PROVISIONING,
        (true, true) => FAILED,
        (true, false) => COMPLETE,
    };
    let ids = if is_reported {
        vec![order.subject]
    } else {
        Vec::new()
    };
    let resource = match order.kind {
        ObjectKind::Eip => "EIP",
        ObjectKind::Disk => "EBS",
        ObjectKind::ContainerGroup => "ECI",
    };
    let object = if instances {
        json!({ "orderStatus": status, "instanceIDList": ids })
    } else {
        json!({ "orderStatus": status, "resourceType": resource, "resourceUUID": ids })
    };
    Ok((Reply::Object(object), Some(pending)))
}

pub(super) fn job(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
) -> AnswerResult {
    let id = fields.required("jobID")?;
    let object = cloud.read(|world, Timing { now, .. }| {
        let job = world.job(realm, id).ok_or_else(|| {
            OrderApiError::new(Code::JobNotThere, format!("there is no job {id}"))
        })?;
        let (status, word) = if job.complete <= now {
            (1, "success")
        } else {
            (0, "executing")
        };
        Ok::<_, OrderApiError>(json!({
            "jobID": job.id,
            "status": status,
            "jobStatus": word,
            "resourceId": job.disk,
            "fields": { "taskName": job.task },
        }))
    })?;
    Ok((Reply::Object(object), None))
}
