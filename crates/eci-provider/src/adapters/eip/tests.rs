//! Tests of the adapter of EIPs.

use serde_json::json;

use super::*;
use crate::fixtures::eip;
use crate::remote::RemoteObject;

#[test]
fn attributes_missing_from_a_report_keep_their_last_applied_values() {
    let applied = eip(json!({
        "name": "front", "bandwidth": 5, "line_type": "163", "bandwidth_id": "bw-1",
    }));
    let report = json!({
        "ID": "eip-1", "name": "front", "bandwidth": 0, "bandwidthID": "", "status": "DOWN",
        "eipAddress": "198.18.0.7",
    });
    let object = RemoteObject::from(DescribedEip::from_report(report).unwrap());
    let whole = object.attributes_with_prior(&applied, &Map::new());
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
fn billing_terms_are_inferred_from_the_report() {
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

/// Lists each field of the manifest with its place on the wire.
#[test]
fn every_field_is_sent_to_the_service_of_eips() {
    let ahead = eip(json!({
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
    let on_demand = eip(json!({ "name": "front", "bandwidth_id": "bw-1" }));
    assert_eq!(
        serde_json::to_value(eip_request(&on_demand).unwrap()).unwrap(),
        json!({
            "name": "front", "bandwidth": 1, "cycleType": "on_demand",
            "demandBillingType": "bandwidth", "bandwidthID": "bw-1",
        })
    );
}
