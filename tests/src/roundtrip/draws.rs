//! Everything that is left to chance: drawn from a seed, or from the bytes of a fuzzer.

use std::time::Duration;

use fastrand::Rng;

/// A source of choices.
#[derive(Debug)]
pub struct Draws(Source);

#[derive(Debug)]
enum Source {
    Random(Box<Rng>),
    Bytes { bytes: Vec<u8>, at: usize },
}

impl Draws {
    /// Choices that follow from a seed.
    pub fn from_seed(seed: u64) -> Draws {
        Draws(Source::Random(Box::new(Rng::with_seed(seed))))
    }

    /// Choices that follow from bytes: a byte or two for each. After the last byte the first of all
    /// possibilities is chosen, and optional events do not happen.
    pub fn from_bytes(bytes: &[u8]) -> Draws {
        Draws(Source::Bytes {
            bytes: bytes.to_vec(),
            at: 0,
        })
    }

    /// Chooses a number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = limit.max(1);
        match &mut self.0 {
            Source::Random(random) => random.usize(..limit),
            Source::Bytes { bytes, at } => {
                let width = if limit > 256 { 2 } else { 1 };
                let mut drawn = 0;
                for _ in 0..width {
                    let byte = bytes.get(*at).copied().unwrap_or_default();
                    drawn = drawn << 8 | usize::from(byte);
                    *at += 1;
                }
                drawn % limit
            }
        }
    }

    /// Decides whether an event of this probability in percent happens.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) + chance >= 100
    }

    /// Chooses one of these.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Chooses a time below this many milliseconds, most often a short one.
    pub fn time(&mut self, limit: usize) -> Duration {
        let limit = if self.percent(20) { limit } else { limit / 10 };
        Duration::from_millis(self.below(limit) as u64)
    }
}
