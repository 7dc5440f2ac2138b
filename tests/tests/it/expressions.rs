//! Random expressions stay within their budget and disclose no secret.
//!
//! `SEED=7 cargo test -p eci-tests --test it expressions::` checks one and prints it; `SEEDS=100000`
//! checks that many.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use eci_tests::expressions::{Bench, written};
use eci_tests::roundtrip::Draws;
use eci_tests::seeds;

/// The number of expressions that the normal tests check.
const SEEDS: u64 = 2_000;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Checks the expression of a seed; what is wrong with it.
fn checked(bench: &Bench, seed: u64) -> Option<String> {
    let text = written(&mut Draws::from_seed(seed));
    match catch_unwind(AssertUnwindSafe(|| bench.check(&text))) {
        Ok(Ok(())) => None,
        Ok(Err(wrong)) => Some(wrong.to_string().chars().take(1000).collect()),
        Err(_) => Some(format!("{text:?} panics")),
    }
}

#[test]
fn no_expression_exceeds_its_budget_or_discloses_a_secret() {
    if let Some(seed) = variable("SEED") {
        eprintln!("{}", written(&mut Draws::from_seed(seed)));
        assert_eq!(checked(&Bench::new(), seed), None, "SEED={seed}");
        return;
    }
    let found = seeds::find(variable("SEEDS").unwrap_or(SEEDS), Bench::new, checked);
    assert!(
        found.is_empty(),
        "{} expressions are wrong; check one again with SEED=n: {found:#?}",
        found.len()
    );
}
