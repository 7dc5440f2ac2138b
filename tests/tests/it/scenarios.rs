//! Plays every scenario of `tests/scenarios`: see [`eci_tests::scenario`].

#![allow(clippy::unwrap_used)]

use std::env;

use eci_tests::scenario::{self, PlayMode, Scenario};

#[test]
fn every_scenario_goes_as_its_folder_says() {
    let filter = env::var("SCENARIO").unwrap_or_default();
    let mode = if env::var_os("UPDATE").is_some_and(|value| value != "0") {
        PlayMode::Update
    } else {
        PlayMode::Compare
    };
    play(&scenario::scenarios(&filter), mode);
}

/// `CHINESE=all` plays all of them so.
#[test]
fn scenarios_have_no_sentence_in_english_in_chinese() {
    let part = env::var("SCENARIO").unwrap_or_default();
    let all = env::var("CHINESE").is_ok_and(|chinese| chinese == "all") || !part.is_empty();
    let step = if all { 1 } else { 5 };
    let scenarios = scenario::scenarios(&part).into_iter().step_by(step);
    play(&scenarios.collect::<Vec<_>>(), PlayMode::InChinese);
}

/// `LIES=all` plays all of them so.
#[test]
fn scenarios_go_the_same_in_a_cloud_that_lies() {
    let filter = env::var("SCENARIO").unwrap_or_default();
    let all = env::var("LIES").is_ok_and(|lies| lies == "all") || !filter.is_empty();
    let mut scenarios = scenario::scenarios(&filter);
    if !all {
        scenarios = scenarios.into_iter().step_by(10).collect();
    }
    play(&scenarios, PlayMode::WithLies);
}

#[track_caller]
fn play(scenarios: &[Scenario], mode: PlayMode) {
    assert!(!scenarios.is_empty(), "no scenario has that name");
    let failures = scenario::run(scenarios, mode);
    let report = failures
        .iter()
        .map(|(name, failure)| format!("── {name}\n{failure}\n"));
    let report: String = report.collect();
    assert!(
        failures.is_empty(),
        "{report}{} of {} scenarios went otherwise than expected",
        failures.len(),
        scenarios.len()
    );
}
