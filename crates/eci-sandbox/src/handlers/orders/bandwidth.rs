//! Shared bandwidths: elastic IPs join and leave them.
//!
//! The sandbox cannot create one: each ID of that form identifies an existing one of a fixed size,
//! and any other ID none.

use super::call::{AnswerResult, ParsedCall, Reply};
use super::eip::entry;
use super::fields::Fields;
use super::shared_bandwidth;
use crate::engine::cloud::Engine;
use crate::model::Subject;
use crate::model::change::ChangeKind;
use crate::model::clock::Timing;
use crate::model::order_error::OrderApiError;

/// EIPs of a call.
const MOST: usize = 50;

fn ids(fields: &Fields) -> Result<(&str, Vec<&str>), OrderApiError> {
    fields.required_token()?;
    let bandwidth = fields.required("bandwidthID")?;
    let eips = fields.texts("eipIDs")?;
    if eips.is_empty() || eips.len() > MOST {
        return Err(fields.invalid(format!(
            "eipIDs must be 1 to {MOST} ids, found {}",
            eips.len()
        )));
    }
    shared_bandwidth::check(bandwidth)?;
    Ok((bandwidth, eips))
}

pub(super) fn join(cloud: &Engine, call: ParsedCall<'_>) -> AnswerResult {
    change(cloud, call, true)
}

pub(super) fn leave(cloud: &Engine, call: ParsedCall<'_>) -> AnswerResult {
    change(cloud, call, false)
}

/// Adds EIPs to a shared bandwidth, or removes them.
///
/// Nothing is changed if one of them cannot be. The audit log records the last of them.
fn change(
    cloud: &Engine,
    ParsedCall { realm, fields, .. }: ParsedCall<'_>,
    joins: bool,
) -> AnswerResult {
    let (bandwidth, eips) = ids(fields)?;
    let ((), pending) = cloud.alter(|world, Timing { now, .. }| {
        for id in &eips {
            world.may_share(Subject { realm, id }, bandwidth, joins, now)?;
        }
        let mut entries = None;
        for id in &eips {
            let eip = world.share(Subject { realm, id }, bandwidth, joins, now)?;
            entries = Some(entry(&eip, ChangeKind::Update, now));
        }
        Ok(((), entries))
    })?;
    Ok((Reply::Nothing, Some(pending)))
}
