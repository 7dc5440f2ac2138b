use eci_core::kinds::EIP;
use eci_core::schema::normalize_config;
use eci_core::{Kind, Map, Value};
use serde_json::{Value as Json, json};

use super::*;
use crate::adapters::{is_priced_by, price_request as priced, priced_by};

fn attributes(manifest: Json) -> Map {
    let given: Value = serde_json::from_value(manifest).unwrap();
    given.as_map().unwrap().clone()
}

fn eip_of(manifest: Json) -> Map {
    let conformed = normalize_config(&EIP, &attributes(manifest));
    assert_eq!(conformed.violations, Vec::new());
    conformed.value.as_map().unwrap().clone()
}

fn query(manifest: Json) -> (Json, bool) {
    match priced(Kind::ContainerGroup, &attributes(manifest)) {
        Ok(Some(PriceRequest::Group { query, rounded })) => {
            (serde_json::to_value(query).unwrap(), rounded)
        }
        other => panic!("{other:?}"),
    }
}

fn message_of(kind: Kind, map: &Map) -> String {
    priced(kind, map).unwrap_err().to_string()
}

#[test]
fn the_price_of_a_group_is_requested_by_its_size_or_its_flavor() {
    assert_eq!(
        query(json!({ "cpu": 0.5, "memory": 1, "az_name": "z", "ephemeral_volume": 60 })),
        (
            json!({ "cpu": 0.5, "memory": 1, "azName": "z", "ephemeralStorage": 60 }),
            false
        )
    );
    let flavor = json!({ "flavor_name": "s7.large.2", "cpu": 2, "memory": 4 });
    assert_eq!(
        query(flavor),
        (json!({ "flavorName": "s7.large.2" }), false)
    );
}

#[test]
fn without_a_size_a_group_is_at_least_as_large_as_its_containers() {
    let group = json!({
        "containers": [{ "cpu": 0.1, "memory": 0.5 }, { "cpu": 0.2, "memory": 1 }],
        "init_containers": [{ "cpu": 1, "memory": 0.5 }],
    });
    assert_eq!(query(group), (json!({ "cpu": 1, "memory": 1.5 }), true));
    // No noise of binary fractions is sent.
    let group = json!({ "containers": [
        { "cpu": 0.1, "memory": 0.1 }, { "cpu": 0.2, "memory": 0.2 },
    ] });
    assert_eq!(query(group), (json!({ "cpu": 0.3, "memory": 0.3 }), true));
}

#[test]
fn a_price_that_cannot_be_requested_has_a_reason() {
    let group = |manifest| message_of(Kind::ContainerGroup, &attributes(manifest));
    for unsized_group in [
        json!({ "cpu": 1 }),
        json!({ "containers": [{ "cpu": 1 }] }),
        json!({ "containers": [] }),
    ] {
        assert!(group(unsized_group).starts_with("the cloud chooses its size"));
    }
    assert_eq!(
        group(json!({ "cpu": 1e300, "memory": 1 })),
        "`cpu` is out of range"
    );
    let traffic = eip_of(json!({ "name": "front", "demand_billing_type": "upflowc" }));
    assert_eq!(
        message_of(Kind::Eip, &traffic),
        "the EIP is billed by traffic"
    );
    let automatic = eip_of(json!({ "auto": true }));
    assert!(message_of(Kind::Eip, &automatic).contains("created with a container group"));
    let disk = attributes(json!({ "disk": { "size": 10 } }));
    assert!(message_of(Kind::Volume, &disk).contains("price of a disk"));
}

#[test]
fn no_price_is_requested_for_objects_that_cost_nothing() {
    let existing = eip_of(json!({ "id": "eip-1" }));
    assert_eq!(priced(Kind::Eip, &existing), Ok(None));
    let volume = attributes(json!({ "type": "EmptyDirVolume" }));
    assert_eq!(priced(Kind::Volume, &volume), Ok(None));
}

#[test]
fn no_price_is_requested_for_an_unknown_or_secret_size() {
    let container = Value::map(Map::from_iter([
        ("cpu".into(), Value::from(1)),
        ("memory".into(), Value::Unknown),
    ]));
    let group = Map::from_iter([("containers".into(), Value::list(vec![container]))]);
    assert_eq!(
        message_of(Kind::ContainerGroup, &group),
        "`containers[0].memory` is known after apply"
    );
    for secret in [Value::from(4).into_sensitive(), Value::Digest("k".into())] {
        let mut eip = eip_of(json!({ "name": "front" }));
        eip.insert("bandwidth".into(), secret.clone());
        let message = "`bandwidth` is sensitive, and the price would reveal it";
        assert_eq!(message_of(Kind::Eip, &eip), message);
        let group = Map::from_iter([("cpu".into(), secret), ("memory".into(), 1.into())]);
        assert!(message_of(Kind::ContainerGroup, &group).starts_with("`cpu` is sensitive"));
    }
}

#[test]
fn a_month_is_730_hours_or_a_part_of_a_subscription() {
    let group = PriceRequest::Group {
        query: PriceQuery::default(),
        rounded: false,
    };
    let price = group
        .price([Some("0.1300"), Some("9")], Some("CNY"))
        .unwrap();
    assert_eq!(
        (price.monthly.to_string(), price.currency.as_str()),
        ("94.9000".to_owned(), "CNY")
    );
    let year = eip_of(json!({ "name": "front", "cycle_type": "year", "cycle_count": 2 }));
    let year = priced(Kind::Eip, &year).unwrap().unwrap();
    let price = year.price([None, Some("240.48")], None).unwrap();
    assert_eq!(
        (price.monthly.to_string().as_str(), &*price.currency),
        ("10.02", "CNY")
    );
}

#[test]
fn an_answer_without_a_price_is_none() {
    let group = PriceRequest::Group {
        query: PriceQuery::default(),
        rounded: false,
    };
    let price = |amount| group.price([amount, None], Some("CNY"));
    for amount in [
        None,
        Some(""),
        Some("free"),
        Some("-1"),
        Some("1e400"),
        Some("NaN"),
    ] {
        assert_eq!(price(amount), Err(PriceError::Unreadable), "{amount:?}");
    }
    // An amount that overflows when multiplied is not a price either.
    let most = Decimal::MAX.to_string();
    assert_eq!(price(Some(&most)), Err(PriceError::Unreadable));
    assert_eq!(price(Some("1e-4")).unwrap().monthly.to_string(), "0.0730");
    assert_eq!(
        group.price([Some("1"), None], Some(" ")),
        Err(PriceError::NoCurrency)
    );
}

#[test]
fn equal_requests_have_equal_prices() {
    let of = |name: &str, bandwidth: i64| {
        let eip = eip_of(json!({
            "name": name, "bandwidth": bandwidth, "cycle_type": "month", "cycle_count": 1,
            "pay_voucher_price": "1.00", "ip_address": name,
        }));
        priced(Kind::Eip, &eip).unwrap().unwrap()
    };
    assert_eq!(of("a1", 5).key(), of("b2", 5).key());
    assert_ne!(of("a1", 5).key(), of("a1", 6).key());
    let PriceRequest::Eip(request) = of("a1", 5) else {
        panic!("not an EIP");
    };
    assert_eq!(
        (request.pay_voucher_price, request.ip_address),
        (None, None)
    );
}

#[test]
fn what_the_price_depends_on_is_described() {
    let root = Path::root();
    let disk = root.name("disk");
    assert!(is_priced_by(Kind::Volume, &disk.name("size")));
    assert!(!is_priced_by(Kind::Volume, &disk.name("name")));
    assert!(is_priced_by(Kind::Eip, &root.name("bandwidth")));
    assert!(!is_priced_by(
        Kind::ContainerGroup,
        &root.name("containers")
    ));
    for kind in Kind::ALL {
        for name in priced_by(kind) {
            let first = name.split('.').next().unwrap();
            assert!(kind.schema().fields.iter().any(|field| field.name == first));
        }
    }
}
