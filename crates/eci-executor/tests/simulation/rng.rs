//! Everything that is left to chance, drawn from one seed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A source of random numbers (SplitMix64).
///
/// Its copies draw from the same sequence.
#[derive(Clone, Debug)]
pub(crate) struct Draws(Arc<Mutex<u64>>);

impl Draws {
    pub(crate) fn new(seed: u64) -> Draws {
        Draws(Arc::new(Mutex::new(seed)))
    }

    fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap();
        usize::try_from(self.next() % limit).unwrap()
    }

    /// True in this percentage of cases.
    pub(crate) fn percent(&self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of these.
    pub(crate) fn one<T: Copy>(&self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A time below this many milliseconds, most often a short one.
    pub(crate) fn time(&self, limit: usize) -> Duration {
        let limit = if self.percent(80) { limit / 10 } else { limit };
        Duration::from_millis(u64::try_from(self.below(limit)).unwrap())
    }
}
