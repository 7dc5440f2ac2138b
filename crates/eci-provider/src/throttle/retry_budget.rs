//! A budget for the retries of a run.

use std::sync::atomic::{AtomicU64, Ordering};

/// The number of free repeats, so that a short outage costs nothing but time: as many as ten calls
/// at a time can make by default.
const RESERVE: u64 = 50;

/// Beyond that, the number of calls for each repeat: a cloud that is down for long is not stormed.
const CALLS_FOR_ONE: u64 = 5;

/// The repeats of a run: at most a fifth of its calls, and a reserve.
#[derive(Debug, Default)]
pub(super) struct Budget {
    calls: AtomicU64,
    repeats: AtomicU64,
}

impl Budget {
    /// Counts a call once, however often it will be sent.
    pub(super) fn call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes one repeat out, if there is one left.
    pub(super) fn repeat(&self) -> bool {
        let most = RESERVE + self.calls.load(Ordering::Relaxed) / CALLS_FOR_ONE;
        self.repeats
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |repeats| {
                (repeats < most).then_some(repeats + 1)
            })
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(budget: &Budget) -> u64 {
        let mut left = 0;
        while budget.repeat() {
            left += 1;
        }
        left
    }

    #[test]
    fn a_fifth_of_the_calls_and_a_reserve_may_be_repeated() {
        let budget = Budget::default();
        assert_eq!(left(&budget), RESERVE);
        for _ in 0..100 {
            budget.call();
        }
        assert_eq!(left(&budget), 20);
        assert_eq!(left(&budget), 0);
    }
}
