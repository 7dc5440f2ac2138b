//! The report of an EIP, in terms of its attributes.

use eci_api::types::DescribedEip;
use eci_core::kinds::EIP;
use eci_core::{Map, Value};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::Value as Json;

use crate::wire::{decode_own, is_silent};

/// Returns the attributes of an EIP.
pub(super) fn attributes(eip: &DescribedEip) -> Map {
    decode_own(&EIP, &told(&eip.raw))
}

/// Removes a bandwidth of 0 from a report: old lists tell it of an EIP that is paid on demand, and it
/// says nothing.
fn told(raw: &Json) -> Json {
    let mut told = raw.clone();
    if let Some(entries) = told.as_object_mut()
        && entries.get("bandwidth").and_then(Json::as_i64) == Some(0)
    {
        entries.remove("bandwidth");
    }
    told
}

/// Returns the attributes with those that were asked for and that the answer keeps silent about.
pub(super) fn with_unreported(attributes: &Map, raw: &Json, applied: &Map) -> Map {
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

/// Returns how it is paid for, as the vendor's own provider infers it. A term that is longer than one
/// order buys was renewed: then it is the longest that can be ordered.
pub(super) fn terms(raw: &Json) -> Map {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixtures::eip;
    use crate::remote::RemoteObject;

    #[test]
    fn what_an_answer_keeps_silent_about_is_as_it_was_asked_for() {
        let applied = eip(json!({
            "name": "front", "bandwidth": 5, "line_type": "163", "bandwidth_id": "bw-1",
        }));
        let report = json!({
            "ID": "eip-1", "name": "front", "bandwidth": 0, "bandwidthID": "", "status": "DOWN",
            "eipAddress": "198.18.0.7",
        });
        let seen = RemoteObject::from(DescribedEip::from_report(report).unwrap());
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
