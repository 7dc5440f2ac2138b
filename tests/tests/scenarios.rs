//! Plays every scenario of `tests/scenarios`: see [`eci_tests::scenario`].

#![allow(clippy::unwrap_used)]

use std::env;

use eci_tests::scenario;

#[test]
fn every_scenario_goes_as_its_folder_says() {
    let wanted = env::var("SCENARIO").unwrap_or_default();
    let update = env::var_os("UPDATE").is_some_and(|value| value != "0");
    let scenarios = scenario::scenarios(&wanted);
    assert!(!scenarios.is_empty(), "no scenario is named {wanted:?}");
    let failures = scenario::run(&scenarios, update);
    let told = failures
        .iter()
        .map(|(name, failure)| format!("── {name}\n{failure}\n"));
    let told: String = told.collect();
    assert!(
        failures.is_empty(),
        "{told}{} of {} scenarios went otherwise than expected",
        failures.len(),
        scenarios.len()
    );
}
