//! The work and the time that are left.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eci_core::{Diagnostic, Diagnostics, codes};
use eci_text::text;

/// The work that the evaluation of a configuration may take; a unit takes some 40 to 120 ns.
///
/// Programs that are built for tests are slower.
pub(super) const MOST_WORK: usize = if cfg!(debug_assertions) {
    2_000_000
} else {
    8_000_000
};

/// The work that every byte of the manifests adds: reading the manifests themselves is not
/// excessive work.
pub(super) const WORK_FOR_BYTE: usize = 8;

/// The manifests whose evaluation may take [`MOST_TIME`]; larger ones may take longer in proportion.
const BYTES_FOR_TIME: usize = 1 << 20;

/// The factor of work that the plan and the apply of a checked configuration may take.
///
/// The time is not multiplied: all of it takes five seconds at most.
pub(super) const TIMES_AFTER_LOADING: u32 = 3;

/// The time of a processor that it may take.
///
/// The work ends before, unless the processor is very slow or the work is of a kind that was not
/// thought of.
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 40 } else { 2 });

/// The work that is left to the evaluation of a configuration.
///
/// **Invariant:** once a request exceeds the rest, nothing is left until [`Budget::renew`],
/// whatever other threads return. So no evaluation that discards its diagnostics, or whose error an
/// expression catches, can lose the exhaustion: the caller calls [`Budget::report`] at the end.
#[derive(Debug)]
pub struct Budget {
    /// The size of the manifests.
    bytes: AtomicUsize,
    pub(super) work: AtomicUsize,
    pub(super) nanoseconds: AtomicU64,
    is_exhausted: AtomicBool,
    /// The error of the evaluation that was the first to find nothing left.
    error: Mutex<Option<Box<Diagnostic>>>,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            bytes: AtomicUsize::new(0),
            work: AtomicUsize::new(MOST_WORK),
            nanoseconds: AtomicU64::new(nanoseconds(MOST_TIME)),
            is_exhausted: AtomicBool::new(false),
            error: Mutex::default(),
        }
    }
}

impl Budget {
    /// Says how large the manifests are: more may be done with more of them.
    pub fn extend(&self, bytes: usize) {
        self.bytes.store(bytes, Ordering::Relaxed);
        if !self.is_exhausted() {
            self.fill(1);
        }
    }

    /// Resets the budget: the checked expressions are evaluated again.
    pub fn renew(&self) {
        self.fill(TIMES_AFTER_LOADING);
    }

    fn fill(&self, times: u32) {
        let bytes = self.bytes.load(Ordering::Relaxed);
        let work = MOST_WORK.saturating_add(WORK_FOR_BYTE.saturating_mul(bytes));
        let work = work.saturating_mul(times as usize);
        let times_of_size = u32::try_from(bytes / BYTES_FOR_TIME).unwrap_or(u32::MAX);
        let time = MOST_TIME.saturating_mul(times_of_size.max(1));
        self.work.store(work, Ordering::Relaxed);
        self.nanoseconds.store(nanoseconds(time), Ordering::Relaxed);
        self.is_exhausted.store(false, Ordering::Relaxed);
        *self.error() = None;
    }

    /// Returns whether more was requested than was left.
    pub fn is_exhausted(&self) -> bool {
        self.is_exhausted.load(Ordering::Relaxed)
    }

    /// Remembers the error of an evaluation that found nothing left; the first one is reported.
    pub(crate) fn record(&self, error: &Diagnostic) {
        self.error().get_or_insert_with(|| Box::new(error.clone()));
    }

    /// Reports the exhaustion once, in the place of all reports of it: after the first one,
    /// everything else finds nothing left as well.
    pub fn report(&self, diagnostics: &mut Diagnostics) {
        if !self.is_exhausted() {
            return;
        }
        let error = self.error().clone();
        let error = error.unwrap_or_else(|| Box::new(exhausted()));
        diagnostics.0.retain(|it| it.code != codes::TOO_MUCH);
        diagnostics.push(*error);
    }

    pub(super) fn error(&self) -> MutexGuard<'_, Option<Box<Diagnostic>>> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves nothing.
    pub(super) fn exhaust(&self) {
        self.is_exhausted.store(true, Ordering::Relaxed);
    }

    /// Takes as much, or all that is left; whether that was enough.
    pub(super) fn take(&self, work: usize) -> bool {
        let taken = self
            .work
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(work))
            });
        taken.is_ok_and(|left| left >= work) && !self.is_exhausted()
    }

    /// Takes time; whether there was enough.
    pub(super) fn take_time(&self, time: Duration) -> bool {
        let time = nanoseconds(time);
        let left = &self.nanoseconds;
        let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            Some(left.saturating_sub(time))
        });
        taken.is_ok_and(|left| left > time)
    }
}

/// Returns the error for a configuration that takes too much work.
pub(crate) fn exhausted() -> Diagnostic {
    let message = text!(
        en: "the evaluation of the configuration exceeds its limit",
        zh: "配置的计算量超出上限",
    );
    Diagnostic::new(codes::TOO_MUCH, message).help(text!(
        en: "iterate over fewer values, or move repeated work into a local",
        zh: "减少迭代的元素，或将重复的计算移到局部值中",
    ))
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
