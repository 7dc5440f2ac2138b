//! What `eci explain` shows is true: each wrong example is told by its own code, and the right
//! one is not.

#![allow(clippy::unwrap_used)]

use eci_config::Variables;
use eci_core::{Code, Diagnostics, codes};
use eci_planner::{Observed, PlanOptions, plan};
use eci_state::Snapshot;

/// All that is told about a directory with this one manifest and an empty cloud.
fn told(manifest: &str) -> Diagnostics {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("example.eci.toml"), manifest).unwrap();
    match eci_config::load(directory.path(), &Variables::default()) {
        Err(diagnostics) => diagnostics,
        Ok(configuration) => {
            let planned = plan(
                &configuration,
                &Snapshot::new_random().unwrap(),
                &Observed::empty(),
                &PlanOptions::default(),
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

fn tells(example: &str, code: &Code) -> bool {
    let told = told(example);
    told.0.iter().any(|diagnostic| diagnostic.code == code)
}

#[test]
fn a_wrong_example_is_told_by_its_own_code() {
    for code in codes::all().filter(|code| !is_session(code.bad_example)) {
        assert!(
            tells(code.bad_example, code),
            "{code:?}: {}\nis not told about\n{}",
            told(code.bad_example),
            code.bad_example
        );
    }
}

#[test]
fn a_right_example_is_not_told_by_its_code() {
    for code in codes::all().filter(|code| !is_session(code.good_example)) {
        assert!(
            !tells(code.good_example, code),
            "{code:?}:\n{}",
            code.good_example
        );
        assert!(
            !tells(code.good_example, codes::TOML) && !tells(code.good_example, codes::SYNTAX),
            "{code:?} cannot be read:\n{}",
            code.good_example
        );
    }
}
