//! The price of an elastic IP.
//!
//! The tariff is fictitious; its form is the cloud's.

use serde_json::{Value, json};

/// Ten-thousandths of a yuan an hour for each Mbps.
const PER_MBPS: i64 = 630;
/// The hourly price of an address that is billed by traffic.
const PER_ADDRESS: i64 = 200;
/// Hours that a month is paid for.
const MONTH: i64 = 720;

/// Returns the price of a bandwidth: by the hour, or for a number of months.
pub(super) fn of_eip(bandwidth: i64, by_traffic: bool, months: Option<i32>) -> Value {
    let hourly = if by_traffic {
        PER_ADDRESS
    } else {
        PER_MBPS.saturating_mul(bandwidth)
    };
    let hours = months.map_or(1, |months| MONTH * i64::from(months));
    let price = hourly.saturating_mul(hours);
    let text = format!("{}.{:04}", price / 10_000, price % 10_000);
    // Exact to the fourth decimal place for every possible price.
    let number = price as f64 / 10_000.0;
    json!({
        "totalPrice": number,
        "discountPrice": 0,
        "finalPrice": number,
        "subOrderPrices": [{
            "serviceTag": "HWS",
            "totalPrice": number,
            "finalPrice": number,
            "orderItemPrices": [
                { "resourceType": "NETWORK", "totalPrice": text, "finalPrice": text },
            ],
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_the_same_as_a_number_and_as_text() {
        let price = of_eip(5, false, None);
        assert_eq!(price["finalPrice"], 0.315);
        let item = &price["subOrderPrices"][0]["orderItemPrices"][0];
        assert_eq!(item["finalPrice"], "0.3150");
        assert_eq!(of_eip(5, false, Some(1))["totalPrice"], 226.8);
        assert_eq!(of_eip(300, true, None)["totalPrice"], 0.02);
    }
}
