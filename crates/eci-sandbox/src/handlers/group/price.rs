//! The hourly price of a group.
//!
//! The tariff is fictitious; its form is the cloud's.

use serde_json::{Map, Value, json};

use crate::model::flavors::Size;
use crate::model::group_error::GroupApiError;
use crate::model::request::{decimal, text, whole};

/// Yuan per hour.
const PER_CORE: f64 = 0.13;
const PER_GIB: f64 = 0.065;
const PER_EPHEMERAL_GB: f64 = 0.0005;
/// GB of ephemeral storage that cost nothing.
const FREE_EPHEMERAL: i64 = 40;

/// Returns the `priceInfo` of a body that has its shape.
pub(crate) fn price_info(body: &Map<String, Value>) -> Result<Value, GroupApiError> {
    let flavor = text(body, "flavorName");
    let size = match (decimal(body, "cpu"), decimal(body, "memory")) {
        (Some(cpu), Some(memory)) if cpu > 0.0 && memory > 0.0 => Size { cpu, memory },
        (None, None) if !flavor.is_empty() => size_of(flavor)
            .ok_or_else(|| GroupApiError::invalid(format!("flavorName {flavor:?} is not sold")))?,
        _ => {
            return Err(GroupApiError::invalid(
                "cpu and memory must both be given and more than 0, or else a flavorName",
            ));
        }
    };
    let paid = whole(body, "ephemeralStorage").unwrap_or(0) - FREE_EPHEMERAL;
    let details = [
        ("cpu", size.cpu * PER_CORE),
        ("memory", size.memory * PER_GIB),
        ("ephemeralStorage", paid.max(0) as f64 * PER_EPHEMERAL_GB),
    ];
    let total: f64 = details.iter().map(|(_, price)| price).sum();
    let details: Vec<Value> = details
        .iter()
        .map(|(resource, price)| {
            let mut detail = prices(*price);
            detail.insert("resourceType".to_owned(), json!(resource));
            Value::Object(detail)
        })
        .collect();
    let mut price = prices(total);
    price.insert("currency".to_owned(), json!("CNY"));
    price.insert("detailInfos".to_owned(), Value::Array(details));
    Ok(json!({"price": price}))
}

/// Prices are decimal strings.
fn prices(price: f64) -> Map<String, Value> {
    let price = format!("{price:.4}");
    [
        ("originalPrice", price.clone()),
        ("discountPrice", "0.0000".to_owned()),
        ("tradePrice", price),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), Value::String(value)))
    .collect()
}

/// Returns the size in the name of a flavor: one like `s7.2xlarge.4` is named for its vCPUs and for
/// the GiB that go with each.
fn size_of(flavor: &str) -> Option<Size> {
    let mut parts = flavor.split('.');
    let (_family, size, ratio) = (parts.next()?, parts.next()?, parts.next()?);
    let cpu = match size {
        "small" | "medium" => 1.0,
        "large" => 2.0,
        "xlarge" => 4.0,
        _ => {
            size.strip_suffix("xlarge")?
                .parse::<u16>()
                .ok()
                .map(f64::from)?
                * 4.0
        }
    };
    let ratio: u16 = ratio.parse().ok()?;
    Some(Size {
        cpu,
        memory: cpu * f64::from(ratio),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn price_of(body: Value) -> Result<Value, GroupApiError> {
        price_info(body.as_object().unwrap())
    }

    #[test]
    fn prices_are_decimal_strings_that_add_up() {
        let info = price_of(json!({"cpu": 2, "memory": 4, "ephemeralStorage": 60})).unwrap();
        assert_eq!(info["price"]["originalPrice"], "0.5300");
        let details = info["price"]["detailInfos"].as_array().unwrap();
        let sum: f64 = details
            .iter()
            .map(|detail| {
                detail["tradePrice"]
                    .as_str()
                    .unwrap()
                    .parse::<f64>()
                    .unwrap()
            })
            .sum();
        assert!((sum - 0.53).abs() < 1e-9);
    }

    #[test]
    fn a_flavor_has_the_price_of_its_size() {
        let flavor = price_of(json!({"flavorName": "s7.2xlarge.4"})).unwrap();
        let size = price_of(json!({"cpu": 8, "memory": 32})).unwrap();
        assert_eq!(flavor, size);
        assert!(price_of(json!({"flavorName": "tiny"})).is_err());
    }

    #[test]
    fn half_a_size_has_no_price() {
        assert!(price_of(json!({"cpu": 1})).is_err());
        assert!(price_of(json!({"cpu": 0, "memory": 1})).is_err());
    }
}
