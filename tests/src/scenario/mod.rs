//! Scenarios: what a team does to its cloud step by step, written as data.
//!
//! A scenario is a directory of `tests/scenarios`, named for what it shows:
//!
//! | in it | holds |
//! |---|---|
//! | `scenario.toml` | the steps, see [`script`] |
//! | `1/`, `2/`, … | the whole configuration of each step; where a step has none, that of the step before stays |
//! | `expected/N.plan.txt` | what `eci-plan` says in step N |
//! | `expected/N.calls.txt` | the calls of step N that change the cloud, in order, see [`calls`] |
//! | `expected/N.apply.txt` | what `eci-apply` says, if it does not exit with 0 |
//! | `expected/N.before.txt`, `expected/N.after.txt` | further commands of step N and what they say |
//!
//! Each scenario has a separate cloud, in which every change is immediate. What differs from run to
//! run is masked: see [`mask`].
//!
//! `UPDATE=1` writes what is expected instead of comparing it: read the difference before it
//! is committed. `SCENARIO=tag` runs only those whose name has `tag` in it.

pub mod calls;
pub mod expected;
pub mod mask;
pub mod runner;
pub mod script;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub use runner::PlayMode;

use crate::binaries;

/// One scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The directory that it is in.
    pub directory: PathBuf,
}

/// The unexpected results, by scenario.
pub type Failures = Vec<(String, String)>;

/// Returns all scenarios whose names have `part` in them, by name.
///
/// # Panics
///
/// If they cannot be listed.
pub fn scenarios(part: &str) -> Vec<Scenario> {
    let folder = binaries::workspace().join("tests/scenarios");
    let mut found: Vec<Scenario> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|directory| Scenario {
            name: name_of(&directory),
            directory,
        })
        .filter(|scenario| scenario.name.contains(part))
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// Runs scenarios, several at a time, and returns those with an unexpected result.
///
/// # Panics
///
/// If a thread cannot be started.
pub fn run(scenarios: &[Scenario], mode: PlayMode) -> Failures {
    let workers = thread::available_parallelism().map_or(2, |count| count.get() + 1);
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Failures::new()));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = run_one(scenario, mode) {
                        let mut failures = failures.lock().unwrap();
                        failures.push((scenario.name.clone(), failure));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    failures
}

fn run_one(scenario: &Scenario, mode: PlayMode) -> Result<(), String> {
    // The harness panics where it cannot go on; the other scenarios can.
    match catch_unwind(AssertUnwindSafe(|| runner::play(scenario, mode))) {
        Ok(result) => result,
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "it panicked".to_owned())),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
