//! Random expressions take no more than they may, and tell no secret.
//!
//! `SEED=7 cargo test -p eci-tests --test expressions` checks one and prints it; `SEEDS=100000`
//! checks so many.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use eci_tests::expressions::{Bench, written};
use eci_tests::roundtrip::Draws;

/// How many expressions the normal tests check.
const SEEDS: u64 = 2_000;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn no_expression_takes_more_than_it_may_or_tells_a_secret() {
    let bench = Bench::new();
    let one = variable("SEED");
    let seeds = match one {
        Some(seed) => seed..seed + 1,
        None => 0..variable("SEEDS").unwrap_or(SEEDS),
    };
    let mut found = Vec::new();
    for seed in seeds {
        let text = written(&mut Draws::from_seed(seed));
        if one.is_some() {
            eprintln!("{text}");
        }
        match catch_unwind(AssertUnwindSafe(|| bench.check(&text))) {
            Ok(Ok(())) => {}
            Ok(Err(wrong)) => {
                let wrong: String = wrong.to_string().chars().take(1000).collect();
                found.push(format!("SEED={seed}: {wrong}"));
            }
            Err(_) => found.push(format!("SEED={seed}: {text:?} panics")),
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
