//! Deterministic simulation: plans, runs, crashes and recoveries against a cloud and a disk
//! that fail, each history drawn from a seed and played in virtual time.
//!
//! `SEED=7 cargo test -p eci-executor --test simulation` plays one history and prints it;
//! `SEEDS=10000` plays that many.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod calls;
mod cloud;
mod crash_point;
mod desired_state;
#[allow(dead_code)] // Other simulations ask it more.
mod disk;
mod history;
#[allow(dead_code)] // Not read here.
mod log;
mod rng;
#[path = "../services/mod.rs"]
mod services;
mod world;

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU64, Ordering};

use disk::DiskBehavior;
use history::{Variant, Violation, play};

/// The number of histories that the normal tests play.
const SEEDS: u64 = 300;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays a history; a panic is a violation too.
fn played(seed: u64, variant: Variant) -> Result<Vec<String>, Violation> {
    catch_unwind(|| play(seed, variant)).unwrap_or_else(|_| {
        Err(Violation {
            what: "a panic".to_owned(),
            trace: Vec::new(),
        })
    })
}

/// The seeds below `limit` whose histories go wrong, found on every processor.
fn violations(limit: u64, variant: Variant) -> Vec<(u64, String)> {
    let next = AtomicU64::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= limit {
                return found;
            }
            if let Err(violation) = played(seed, variant) {
                found.push((seed, violation.what));
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
    found
}

#[test]
fn nothing_is_created_twice_and_nothing_is_lost() {
    check(DiskBehavior::Prompt);
}

#[test]
fn nothing_is_created_twice_or_lost_while_a_slow_store_is_writing() {
    check(DiskBehavior::Slow);
}

/// Plays the histories of a disk, or the one of `SEED`, with its trace.
fn check(disk: DiskBehavior) {
    let traced = Variant { traced: true, disk };
    if let Some(seed) = variable("SEED") {
        let (trace, what) = match played(seed, traced) {
            Ok(trace) => (trace, None),
            Err(violation) => (violation.trace, Some(violation.what)),
        };
        eprintln!("{}", trace.join("\n"));
        assert_eq!(what, None, "SEED={seed}");
        return;
    }
    let plain = Variant {
        traced: false,
        disk,
    };
    let found = violations(variable("SEEDS").unwrap_or(SEEDS), plain);
    let some: Vec<_> = found.iter().take(10).collect();
    assert!(
        found.is_empty(),
        "{} seeds went wrong; replay one with SEED=n: {some:#?}",
        found.len()
    );
}

#[test]
fn a_history_is_the_same_whenever_it_is_played() {
    let traced = Variant {
        traced: true,
        ..Variant::default()
    };
    for seed in 0..20 {
        let (one, other) = (played(seed, traced), played(seed, traced));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "SEED={seed}");
    }
}

#[test]
fn a_disk_that_does_not_flush_is_found_out() {
    for disk in [DiskBehavior::Lies, DiskBehavior::SlowAndLies] {
        let lying = Variant {
            traced: false,
            disk,
        };
        assert_ne!(violations(100, lying), [], "{disk:?}");
    }
}
