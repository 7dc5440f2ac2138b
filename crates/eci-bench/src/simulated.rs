//! The simulated cloud of a measurement: its latency, and a client of it.

use std::time::Duration;

use eci_api::{Client, ClientConfig, Credentials, Endpoints};
use eci_sandbox::{Fault, Faults, Rule};

/// Returns faults that delay every call by this latency.
pub fn slow(latency: Duration) -> Faults {
    let rule = Rule {
        fault: None,
        latency: Some(latency),
        ..Rule::new("*", Fault::Hang)
    };
    Faults { rules: vec![rule] }
}

/// Returns a client of a simulated cloud.
pub(crate) fn client(endpoint: String) -> anyhow::Result<Client> {
    let region = "bb9fdb42056f11eda1610242ac110002";
    Ok(Client::new(ClientConfig {
        endpoints: Endpoints::all_at(endpoint),
        ..ClientConfig::new(Credentials::new("sandbox", "sandbox"), region)
    })?)
}
