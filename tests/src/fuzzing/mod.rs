//! Any bytes as input of the programs: a fuzzer runs this for hours, and tests for a second.
//!
//! No input may make a program panic, or take it longer than [`MOST_TIME`].

mod answers;
mod files;

use std::time::{Duration, Instant};

use crate::expressions::{Bench, written};
use crate::roundtrip::Draws;

pub use answers::answers;
pub use files::{journal, manifest, plan, snapshot};

/// The longest that one input may take.
pub const MOST_TIME: Duration = Duration::from_secs(match cfg!(debug_assertions) {
    true => 20,
    false => 5,
});

/// A kind of input.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Reads any bytes as that, and panics on an error.
    pub run: fn(&[u8]),
}

/// All kinds of input but whole histories, see [`play`](crate::roundtrip::play).
pub const TARGETS: [Target; 6] = [
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
