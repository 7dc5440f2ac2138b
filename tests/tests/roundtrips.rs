//! Random configurations are applied, edited and destroyed while calls fail and processes die.
//!
//! `SEED=7 cargo test -p eci-tests --test roundtrips` plays one round trip and prints what
//! happened; `SEEDS=10000` plays so many; `FEATURES=moves,marks` plays with
//! these only, and `FEATURES=all` with all that there is.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU64, Ordering};

use eci_tests::roundtrip::{Draws, Features, play};

/// How many round trips the normal tests play.
const SEEDS: u64 = 50;

/// What the normal tests play with.
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
    let (next, limit) = (AtomicU64::new(0), variable("SEEDS").unwrap_or(SEEDS));
    let work = || {
        let mut found = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= limit {
                return found;
            }
            if let Err((what, _)) = played(seed) {
                found.push((seed, what.chars().take(600).collect::<String>()));
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut found: Vec<(u64, String)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let found = workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap());
        found.collect()
    });
    found.sort();
    assert!(
        found.is_empty(),
        "{} round trips went wrong; play one again with SEED=n: {found:#?}",
        found.len()
    );
}
