//! Random cases, each drawn from a seed, on all processors at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Checks the seeds below `limit` and returns what was found with which of them, in their order.
///
/// Each processor has a separate bench.
///
/// # Panics
///
/// If a check does.
pub fn find<B, T: Send>(
    limit: u64,
    bench: impl Fn() -> B + Sync,
    check: impl Fn(&B, u64) -> Option<T> + Sync,
) -> Vec<(u64, T)> {
    let (next, found) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let work = || {
        let bench = bench();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= limit {
                return;
            }
            if let Some(it) = check(&bench, seed) {
                found.lock().unwrap().push((seed, it));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort_by_key(|(seed, _)| *seed);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_is_checked_once_and_what_is_found_is_in_order() {
        let found = find(100, || (), |(), seed| (seed % 7 == 3).then_some(seed * 2));
        let expected: Vec<(u64, u64)> = (0..14).map(|n| (7 * n + 3, 14 * n + 6)).collect();
        assert_eq!(found, expected);
    }
}
