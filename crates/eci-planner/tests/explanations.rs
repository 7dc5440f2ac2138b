//! The examples of `eci explain` are correct: each wrong example is reported with its own code, and
//! the right one is not.

#![allow(clippy::unwrap_used)]

use eci_config::Variables;
use eci_core::{Code, Diagnostics, codes};
use eci_planner::{Observations, PlannerOptions, plan};
use eci_state::Snapshot;

/// Returns all diagnostics about a directory with this one manifest and an empty cloud.
fn diagnostics_of(manifest: &str) -> Diagnostics {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("example.eci.toml"), manifest).unwrap();
    match eci_config::load(directory.path(), &Variables::default()) {
        Err(diagnostics) => diagnostics,
        Ok(configuration) => {
            let planned = plan(
                &configuration,
                &Snapshot::new_random().unwrap(),
                &Observations::empty(),
                &PlannerOptions::default(),
            );
            let mut all = configuration.warnings;
            all.0.extend(planned.err().unwrap_or_default().0);
            all
        }
    }
}

fn is_session(example: &str) -> bool {
    example.starts_with("$ ")
}

fn reports(example: &str, code: &Code) -> bool {
    let diagnostics = diagnostics_of(example);
    diagnostics
        .0
        .iter()
        .any(|diagnostic| diagnostic.code == code)
}

#[test]
fn a_wrong_example_is_reported_with_its_own_code() {
    for code in codes::all().filter(|code| !is_session(code.bad_example)) {
        assert!(
            reports(code.bad_example, code),
            "{code:?}: {}\nis not reported for\n{}",
            diagnostics_of(code.bad_example),
            code.bad_example
        );
    }
}

#[test]
fn a_right_example_is_not_reported_with_its_code() {
    for code in codes::all().filter(|code| !is_session(code.good_example)) {
        assert!(
            !reports(code.good_example, code),
            "{code:?}:\n{}",
            code.good_example
        );
        assert!(
            !reports(code.good_example, codes::TOML) && !reports(code.good_example, codes::SYNTAX),
            "{code:?} cannot be read:\n{}",
            code.good_example
        );
    }
}
