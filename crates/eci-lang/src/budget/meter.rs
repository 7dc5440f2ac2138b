//! Meter of a thread, for the evaluation or the other work on a configuration that goes on in it.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::balance::Budget;

/// A unit for this much time, where the time is what is paid for.
const TIME_OF_ONE: Duration = Duration::from_nanos(40);

/// The work that a thread takes from the budget at once.
pub(super) const CHUNK: usize = 4096;

/// The number of function calls after which their time is paid for.
const CALLS: usize = 64;

/// The work that goes on in a thread.
///
/// Evaluations lead to others, of the locals that they name.
struct Meter {
    budget: Arc<Budget>,
    /// The work taken from the budget and not spent.
    left: usize,
    /// Up to when time was paid for; none before the first chunk is spent.
    ///
    /// Most evaluations take less, and to ask for the time would take longer than they do.
    paid: Option<Duration>,
    has_chunk: bool,
    /// The number of function calls since then.
    calls: usize,
}

thread_local! {
    static METER: RefCell<Option<Meter>> = const { RefCell::new(None) };
}

/// A guard that ends the evaluation, be it by a panic.
struct MeterGuard;

impl Drop for MeterGuard {
    fn drop(&mut self) {
        let meter = METER.with(|meter| meter.try_borrow_mut().ok()?.take());
        if let Some(meter) = meter {
            meter.budget.work.fetch_add(meter.left, Ordering::Relaxed);
            if let Some(paid) = meter.paid {
                meter
                    .budget
                    .take_time(processor_time().saturating_sub(paid));
            }
        }
    }
}

/// Works within the work that it is a part of, or on its own.
///
/// Time is paid for too.
pub fn within<T>(budget: &Arc<Budget>, evaluate: impl FnOnce() -> T) -> T {
    let is_part = METER.with(|meter| meter.borrow().is_some());
    if is_part {
        return evaluate();
    }
    let meter = Meter {
        budget: Arc::clone(budget),
        left: 0,
        paid: None,
        has_chunk: false,
        calls: 0,
    };
    METER.set(Some(meter));
    let _end = MeterGuard;
    evaluate()
}

/// Takes work from the budget of what goes on in this thread, or from this one where that is none
/// of its; whether it was left.
pub(super) fn spend_from(budget: &Budget, work: usize) -> bool {
    METER.with(|meter| match &mut *meter.borrow_mut() {
        Some(meter) if std::ptr::eq(&*meter.budget, budget) => meter.spend(work),
        _ => budget.take(work),
    })
}

/// Takes work; whether it was left.
///
/// Outside of work on a configuration there always is.
pub fn spend(work: usize) -> bool {
    METER.with(|meter| match &mut *meter.borrow_mut() {
        None => true,
        Some(meter) => meter.spend(work),
    })
}

impl Meter {
    fn pay_time(&mut self) -> bool {
        let now = processor_time();
        let paid = self.paid.replace(now).unwrap_or(now);
        self.budget.take_time(now.saturating_sub(paid))
    }

    fn spend(&mut self, work: usize) -> bool {
        if let Some(left) = self.left.checked_sub(work) {
            self.left = left;
            return true;
        }
        let missing = work - self.left;
        self.left = 0;
        let is_first = !std::mem::replace(&mut self.has_chunk, true);
        if !(is_first || self.pay_time()) || !self.budget.take(missing) {
            self.budget.exhaust();
            return false;
        }
        // The last chunk is smaller.
        let chunk = CHUNK.min(self.budget.work.load(Ordering::Relaxed));
        if self.budget.take(chunk) {
            self.left = chunk;
        }
        true
    }
}

/// Pays for the time that has passed, once per a number of function calls: a function may take long
/// without a large result. Returns whether it was left.
pub(crate) fn tick() -> bool {
    METER.with(|meter| match &mut *meter.borrow_mut() {
        None => true,
        Some(meter) => {
            meter.calls = (meter.calls + 1) % CALLS;
            let is_left = meter.calls != 0 || meter.pay_time();
            if !is_left {
                meter.budget.exhaust();
                meter.left = 0;
            }
            is_left
        }
    })
}

/// Does work whose cost does not follow from a size, and pays for its time; returns whether that
/// was left.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, bool) {
    let begin = processor_time();
    let done = work();
    let took = processor_time().saturating_sub(begin);
    let units = took.as_nanos() / TIME_OF_ONE.as_nanos();
    (done, spend(usize::try_from(units).unwrap_or(usize::MAX)))
}

/// Returns the time that the processor has worked for this thread.
#[cfg(unix)]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Returns the time that has passed, where the system does not report the thread's share.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    static BEGIN: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    BEGIN.elapsed()
}
