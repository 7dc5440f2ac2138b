//! Any bytes as input of the programs: a fuzzer runs this for hours, and tests for a second.
//!
//! No input may make a program panic, or take it longer than [`MOST_TIME`].

mod answers;
mod files;

use std::time::{Duration, Instant};

use eci_api::types::DescribedGroup;

use crate::expressions::{Bench, written};
use crate::roundtrip::{Draws, Features, play};

pub use answers::answers;
pub use files::{journal, manifest, plan, snapshot};

/// The longest that one input may take.
pub const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 5 });

/// A kind of input.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Reads any bytes as that, and panics on an error.
    pub run: fn(&[u8]),
}

/// All kinds of input: each is a fuzz target of this name in `fuzz/`.
pub const TARGETS: [Target; 8] = [
    Target {
        name: "answers",
        run: answers,
    },
    Target {
        name: "journal",
        run: journal,
    },
    Target {
        name: "snapshot",
        run: snapshot,
    },
    Target {
        name: "plan",
        run: plan,
    },
    Target {
        name: "manifest",
        run: manifest,
    },
    Target {
        name: "expression",
        run: expression,
    },
    Target {
        name: "report",
        run: report,
    },
    Target {
        name: "roundtrip",
        run: roundtrip,
    },
];

/// Runs a target within its budget.
///
/// # Panics
///
/// If it panics or takes too long.
pub fn run(target: Target, bytes: &[u8]) {
    let start = Instant::now();
    (target.run)(bytes);
    let took = start.elapsed();
    assert!(took < MOST_TIME, "{} took {took:?}", target.name);
}

/// Any text as an expression and as a template, against a small configuration; every other input is
/// a random expression that follows from the bytes.
///
/// # Panics
///
/// If it takes too much, or discloses a secret.
pub fn expression(bytes: &[u8]) {
    thread_local! {
        static BENCH: Bench = Bench::new();
    }
    let text = match bytes {
        [first, rest @ ..] if first % 2 == 0 => String::from_utf8_lossy(rest).into_owned(),
        bytes => written(&mut Draws::from_bytes(bytes)),
    };
    if let Err(wrong) = BENCH.with(|bench| bench.check(&text)) {
        panic!("{wrong}");
    }
}

/// Reads any JSON as the report of a group.
pub fn report(bytes: &[u8]) {
    let Ok(report) = serde_json::from_slice(bytes) else {
        return;
    };
    if let Ok(group) = DescribedGroup::from_report(report) {
        let _ = (group.is_ready(), group.tag("eci:operation"));
    }
}

/// Applies, edits and destroys a configuration with resources of all kinds, while calls fail and
/// processes die: all of it follows from the bytes.
///
/// # Panics
///
/// If a guarantee is violated.
pub fn roundtrip(bytes: &[u8]) {
    if let Err(violation) = play(&mut Draws::from_bytes(bytes), Features::ALL) {
        panic!("{violation}");
    }
}
