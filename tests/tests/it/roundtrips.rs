//! Random configurations are applied, edited and destroyed while calls fail and processes die.
//!
//! `SEED=7 cargo test -p eci-tests --test it roundtrips::` plays one round trip and prints what
//! happened; `SEEDS=10000` plays that many; `FEATURES=moves,marks` plays with these only, and
//! `FEATURES=all` with all that there is.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::panic::catch_unwind;

use eci_tests::roundtrip::{Draws, Features, play};
use eci_tests::seeds;

/// The number of round trips that the normal tests play.
const SEEDS: u64 = 50;

/// The features of the normal tests.
const FEATURES: &str = "transfers,eip-kinds,moves,marks,ignores,unready,selections,secrecy";

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn features() -> Features {
    Features::named(std::env::var("FEATURES").as_deref().unwrap_or(FEATURES))
}

/// Plays a round trip; what went wrong and what led to it. A panic is wrong, too.
fn played(seed: u64) -> Result<(), (String, Vec<String>)> {
    let played = catch_unwind(|| play(&mut Draws::from_seed(seed), features()));
    match played {
        Ok(played) => played.map_err(|violation| (violation.what, violation.history)),
        Err(_) => Err(("a panic".to_owned(), Vec::new())),
    }
}

#[test]
fn a_round_trip_ends_where_it_began_whatever_happens_on_the_way() {
    if let Some(seed) = variable("SEED") {
        let (what, history) = played(seed).err().unzip();
        for line in history.unwrap_or_default() {
            eprintln!("{line}");
        }
        assert_eq!(what, None, "SEED={seed}");
        return;
    }
    let wrong = |(): &(), seed| {
        let (what, _) = played(seed).err()?;
        Some(what.chars().take(600).collect::<String>())
    };
    let found = seeds::find(variable("SEEDS").unwrap_or(SEEDS), || (), wrong);
    assert!(
        found.is_empty(),
        "{} round trips went wrong; play one again with SEED=n: {found:#?}",
        found.len()
    );
}
