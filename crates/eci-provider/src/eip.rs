//! Managed EIPs.

use eci_api::types::{ClientToken, CreateEip, DescribedEip, EipFilter, EipId, EipStatus};
use eci_api::{CallError, Operation};
use eci_core::kinds::EIP;
use eci_core::{Map, Value};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::Value as Json;

use crate::many::whole;
use crate::provider::Provider;
use crate::request::{RequestError, read_as};
use crate::services::Cloud;
use crate::thing::{RemoteObject, RemoteReport};
use crate::wire::{decode_own, encode_own, is_silent};

/// The order for an EIP of these attributes.
///
/// # Errors
/// If an attribute is not known yet, or only its digest is left.
pub fn eip_request(attributes: &Map) -> Result<CreateEip, RequestError> {
    read_as(encode_own(&EIP, attributes)?)
}

impl<A: Cloud> Provider<A> {
    /// An EIP as it is now; `None` if it is gone.
    ///
    /// # Errors
    /// The call's.
    pub async fn eip(&self, id: &EipId) -> Result<Option<RemoteObject>, CallError> {
        match self.call_idempotent(|| self.api().describe_eip(id)).await {
            Ok(eip) if eip.status == EipStatus::Deleted => Ok(None),
            Ok(eip) => Ok(Some(look(eip))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The EIPs that have an address: one, or none that may be read.
    ///
    /// # Errors
    /// The first error of a page.
    pub async fn eips_at(&self, address: &str) -> Result<Vec<RemoteObject>, CallError> {
        let filter = EipFilter {
            ip: Some(address.to_owned()),
            ..EipFilter::default()
        };
        let mut looks = self.listed_eips(filter).await?;
        // That the filter counts is not confirmed.
        looks.retain(|look| {
            let found = look.attributes.get("address");
            found.and_then(Value::as_str) == Some(address)
        });
        Ok(looks)
    }

    /// All EIPs of the region.
    ///
    /// # Errors
    /// The first error of a page.
    pub async fn all_eips(&self) -> Result<Vec<RemoteObject>, CallError> {
        self.listed_eips(EipFilter::default()).await
    }

    /// Takes an EIP out of the shared bandwidth that it is in, and puts it into this one.
    /// Repeating it does no harm.
    ///
    /// # Errors
    /// The call's.
    pub(crate) async fn share(
        &self,
        token: &ClientToken,
        id: &EipId,
        wanted: Option<&str>,
    ) -> Result<(), CallError> {
        let Some(look) = self.eip(id).await? else {
            return Ok(());
        };
        let (is, only) = (shared(&look), std::slice::from_ref(id));
        if is == wanted {
            return Ok(());
        }
        let api = self.api();
        if let Some(left) = is {
            // Another call, and so a token of its own.
            let other = ClientToken::new(format!("{token}-left"));
            let token = other.as_ref().unwrap_or(token);
            self.call_with_token(Operation::LeaveBandwidth, || {
                api.leave_bandwidth(token, left, only)
            })
            .await?;
        }
        match wanted {
            Some(joined) => {
                self.call_with_token(Operation::JoinBandwidth, || {
                    api.join_bandwidth(token, joined, only)
                })
                .await
            }
            None => Ok(()),
        }
    }

    async fn listed_eips(&self, filter: EipFilter) -> Result<Vec<RemoteObject>, CallError> {
        let eips = whole(|| {
            eci_api::api::every_eip(filter.clone(), |filter| async move {
                let token = ClientToken::random();
                self.call_idempotent(|| self.api().list_eips(&token, &filter))
                    .await
            })
        });
        Ok(there(eips.await?))
    }

    /// The EIPs on one page.
    pub(crate) async fn page_of_listed_eips(
        &self,
        filter: &EipFilter,
    ) -> Result<Vec<RemoteObject>, CallError> {
        let token = ClientToken::random();
        let page = self
            .call_idempotent(|| self.api().list_eips(&token, filter))
            .await?;
        Ok(there(page.eips))
    }
}

/// Those that are not gone.
fn there(eips: Vec<DescribedEip>) -> Vec<RemoteObject> {
    let there = |eip: &DescribedEip| eip.status != EipStatus::Deleted;
    eips.into_iter().filter(there).map(look).collect()
}

/// An EIP in terms of its attributes.
pub(crate) fn look(eip: DescribedEip) -> RemoteObject {
    RemoteObject {
        id: eip.id.to_string(),
        status: eip.status.to_string(),
        attributes: decode_own(&EIP, &told(&eip.raw)),
        report: RemoteReport::Eip(Box::new(eip)),
    }
}

/// A bandwidth of 0 is what old lists tell of an EIP that is paid on demand: it says nothing.
fn told(raw: &Json) -> Json {
    let mut told = raw.clone();
    if let Some(entries) = told.as_object_mut()
        && entries.get("bandwidth").and_then(Json::as_i64) == Some(0)
    {
        entries.remove("bandwidth");
    }
    told
}

/// The attributes with those that were asked for and that the answer keeps silent about.
pub(crate) fn with_unreported(attributes: &Map, raw: &Json, applied: &Map) -> Map {
    let mut whole = attributes.clone();
    let raw = told(raw);
    for field in EIP.fields {
        let silent = field.service_request_path.is_some()
            && field
                .service_response_path
                .is_some_and(|place| is_silent(&raw, place));
        if let (true, Some(value)) = (silent, applied.get(field.name)) {
            whole.entry(field.name.into()).or_insert(value.clone());
        }
    }
    whole
}

/// The most that can be paid ahead in one order: months, and years.
const LONGEST: (i64, i64) = (11, 3);

/// How it is paid for, as the vendor's own provider infers it. A term that is longer than one
/// order buys was renewed: then it is the longest that can be ordered.
pub(crate) fn terms(raw: &Json) -> Map {
    let text = |name: &str| {
        raw.get(name)
            .and_then(Json::as_str)
            .filter(|it| !it.is_empty())
    };
    let mut terms = Map::new();
    match text("billingMethod") {
        Some("on_demand") => {
            terms.insert("cycle_type".into(), Value::from("on_demand"));
            if let Some(kind) = text("bandwidthType") {
                let by = if kind.ends_with("standalone") {
                    "bandwidth"
                } else {
                    "upflowc"
                };
                terms.insert("demand_billing_type".into(), Value::from(by));
            }
        }
        Some("periodic") => {
            let months = months_between(text("createdAt"), text("expiredAt")).unwrap_or(1);
            let (cycle, count) = match months {
                ..1 => ("month", 1),
                _ if months % 12 == 0 => ("year", (months / 12).min(LONGEST.1)),
                _ => ("month", months.min(LONGEST.0)),
            };
            terms.insert("cycle_type".into(), Value::from(cycle));
            terms.insert("cycle_count".into(), Value::from(count));
        }
        _ => {}
    }
    terms
}

fn months_between(from: Option<&str>, to: Option<&str>) -> Option<i64> {
    let day = |text: Option<&str>| {
        let moment: Timestamp = text?.parse().ok()?;
        Some(moment.to_zoned(TimeZone::UTC).date())
    };
    let span = day(from)?.until((Unit::Month, day(to)?)).ok()?;
    Some(i64::from(span.get_months()))
}

/// The shared bandwidth that it is in, if it is in one.
pub(crate) fn shared(look: &RemoteObject) -> Option<&str> {
    look.attributes.get("bandwidth_id").and_then(Value::as_str)
}

/// The bandwidth that is told, in Mbps.
pub(crate) fn bandwidth(look: &RemoteObject) -> Option<i64> {
    look.attributes
        .get("bandwidth")
        .and_then(Value::as_number)?
        .as_i64()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::schema::normalize_config;
    use serde_json::json;

    use super::*;

    fn attributes(manifest: Json) -> Map {
        let given: Value = serde_json::from_value(manifest).unwrap();
        let conformed = normalize_config(&EIP, given.as_map().unwrap());
        assert_eq!(conformed.violations, Vec::new());
        conformed.value.as_map().unwrap().clone()
    }

    /// Each field of the manifest with its place on the wire.
    #[test]
    fn every_field_is_sent_to_the_service_of_eips() {
        let ahead = attributes(json!({
            "name": "front", "bandwidth": 5, "cycle_type": "month", "cycle_count": 3,
            "line_type": "bgp", "segment_id": "s", "exclusive_name": "e",
            "ip_address": "198.18.0.7", "project_id": "p", "pay_voucher_price": "1.50",
        }));
        assert_eq!(
            serde_json::to_value(eip_request(&ahead).unwrap()).unwrap(),
            json!({
                "name": "front", "bandwidth": 5, "cycleType": "month", "cycleCount": 3,
                "lineType": "bgp", "segmentID": "s", "exclusiveName": "e",
                "ipAddress": "198.18.0.7", "projectID": "p", "payVoucherPrice": "1.50",
            })
        );
        let on_demand = attributes(json!({ "name": "front", "bandwidth_id": "bw-1" }));
        assert_eq!(
            serde_json::to_value(eip_request(&on_demand).unwrap()).unwrap(),
            json!({
                "name": "front", "bandwidth": 1, "cycleType": "on_demand",
                "demandBillingType": "bandwidth", "bandwidthID": "bw-1",
            })
        );
    }

    #[test]
    fn what_an_answer_keeps_silent_about_is_as_it_was_asked_for() {
        let applied = attributes(json!({
            "name": "front", "bandwidth": 5, "line_type": "163", "bandwidth_id": "bw-1",
        }));
        let report = json!({
            "ID": "eip-1", "name": "front", "bandwidth": 0, "bandwidthID": "", "status": "DOWN",
            "eipAddress": "198.18.0.7",
        });
        let seen = look(DescribedEip::from_report(report).unwrap());
        let whole = seen.attributes_with_prior(&applied, &Map::new());
        assert_eq!(whole[&"line_type".into()], Value::from("163"));
        assert_eq!(whole[&"bandwidth".into()], Value::from(5));
        // It is said that it is in no shared bandwidth.
        assert_eq!(whole.get("bandwidth_id"), None);
        assert_eq!(
            (&whole[&"id".into()], &whole[&"status".into()]),
            (&"eip-1".into(), &"DOWN".into())
        );
        assert_eq!(whole[&"address".into()], Value::from("198.18.0.7"));
    }

    #[test]
    fn how_it_is_paid_for_is_inferred_from_what_is_told() {
        let terms = |report: Json| serde_json::to_value(Value::map(terms(&report))).unwrap();
        let on_demand =
            |kind: &str| terms(json!({ "billingMethod": "on_demand", "bandwidthType": kind }));
        for (kind, by) in [
            ("standalone", "bandwidth"),
            ("bgp_standalone", "bandwidth"),
            ("upflowc", "upflowc"),
        ] {
            let inferred = json!({ "cycle_type": "on_demand", "demand_billing_type": by });
            assert_eq!(on_demand(kind), inferred);
        }
        let until = |end: &str| {
            terms(json!({
                "billingMethod": "periodic", "createdAt": "2025-01-31T10:00:00Z", "expiredAt": end,
            }))
        };
        for (end, cycle, count) in [
            ("2025-02-28T10:00:00Z", "month", 1),
            ("2025-07-31T10:00:00Z", "month", 6),
            ("2027-01-31T10:00:00Z", "year", 2),
            // Renewed: no order is that long.
            ("2026-03-31T10:00:00Z", "month", 11),
        ] {
            assert_eq!(
                until(end),
                json!({ "cycle_type": cycle, "cycle_count": count }),
                "{end}"
            );
        }
        assert_eq!(terms(json!({ "status": "DOWN" })), json!({}));
    }
}
