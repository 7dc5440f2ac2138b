//! Budget for the evaluation of a configuration.
//!
//! Expressions cannot loop for ever, but a few lines of them can ask for more than any machine
//! has: a `for` within a `for` within a `for`, or twenty locals each of which holds the one
//! before twice. All expressions of a configuration draw on one budget, so that what one of them
//! may do cannot be had a thousand times. Nothing that describes container groups comes near it.
//!
//! The budget pays for work: steps, bytes that are read or created, and processor time where these
//! are not sufficient. As created bytes are paid for too, the budget bounds memory as well.
//!
//! In addition to evaluations, the work for each instance of a table or a module with each of its
//! values draws on it, and so does every diagnostic that is found in an instance.

mod balance;
mod meter;

use eci_core::diagnostic::Span;
use eci_core::{Diagnostic, Value, codes};
use eci_text::text;

pub use balance::Budget;
pub(super) use balance::exhausted;
pub use meter::{spend, within};
pub(crate) use meter::{tick, timed};

/// The work of a diagnostic, without its size.
const WORK_FOR_DIAGNOSTIC: usize = 64;

/// The largest size of one value, in bytes of text; other values count for a fixed size.
pub(crate) const LARGEST_VALUE: usize = 16 << 20;

/// The size that counts for a value other than text.
pub(super) const ONE_VALUE: usize = 16;

/// The size of a list or a map without its elements.
pub(super) const ONE_LIST: usize = 64;

/// The size of an entry of a map, with its key.
pub(super) const ONE_ENTRY: usize = 128;

impl Budget {
    /// Takes work outside of evaluations that belongs to no place; whether it was left.
    pub fn charge_anywhere(&self, work: usize) -> bool {
        let is_left = !self.is_exhausted() && meter::spend_from(self, work);
        if !is_left {
            self.exhaust();
        }
        is_left
    }

    /// Takes work outside of evaluations; whether it was left.
    ///
    /// Where the first to find nothing left is at work is what the report names.
    pub fn charge(&self, work: usize, place: impl FnOnce() -> Span) -> bool {
        self.charge_or(work, || exhausted().at(place()))
    }

    /// Takes the work of diagnostics that were found in an instance: each of them is kept, compared
    /// and perhaps drawn; whether it was left.
    pub fn charge_found(&self, found: &[Diagnostic]) -> bool {
        let Some(last) = found.last() else {
            return true;
        };
        let bytes: usize = found.iter().map(Diagnostic::size).sum();
        self.charge_or(WORK_FOR_DIAGNOSTIC * found.len() + bytes / 16, || {
            let error = Diagnostic::new(
                codes::TOO_MUCH,
                text!(
                    en: "checking stopped here because of too many errors",
                    zh: "错误过多，检查在此处停止",
                ),
            )
            .help(text!(
                en: "fix the errors found so far; there may be more",
                zh: "修复已发现的错误，之后可能还有其他错误",
            ));
            match &last.primary {
                Some(label) => error.at(label.place.clone()),
                None => error,
            }
        })
    }

    fn charge_or(&self, work: usize, error: impl FnOnce() -> Diagnostic) -> bool {
        let is_left = !self.is_exhausted() && meter::spend_from(self, work);
        if !is_left {
            self.exhaust();
            self.error().get_or_insert_with(|| Box::new(error()));
        }
        is_left
    }
}

/// Pays for created bytes, which take memory.
pub(super) fn charge(bytes: usize) -> bool {
    spend(bytes / 16)
}

/// Pays for a traversal of values, each of which has at most the size that one may have.
pub(super) fn look_through<'a>(values: impl IntoIterator<Item = &'a Value>) -> bool {
    let sizes = values.into_iter().map(|value| {
        let mut left = LARGEST_VALUE;
        weigh(value, &mut left);
        LARGEST_VALUE - left
    });
    spend(sizes.sum::<usize>() / (4 * ONE_VALUE))
}

/// Returns whether values hold more together than one may.
pub(super) fn is_too_large<'a>(values: impl IntoIterator<Item = &'a Value>) -> bool {
    let mut left = LARGEST_VALUE;
    let fits = values.into_iter().all(|value| weigh(value, &mut left));
    // Traversing a value is work too, though less than evaluating one. An exceeded budget is
    // noticed at the next step.
    spend((LARGEST_VALUE - left) / (4 * ONE_VALUE));
    !fits
}

/// Takes from `left` what the value holds; whether that was enough.
///
/// Never looks further than that: what holds a value many times may be small and look endless.
fn weigh(value: &Value, left: &mut usize) -> bool {
    // Text is not looked through.
    let own = match value {
        Value::String(text) => text.len(),
        _ => 0,
    };
    match left.checked_sub(own.saturating_add(ONE_VALUE)) {
        None => return false,
        Some(less) => *left = less,
    }
    match value {
        Value::List(items) => items.iter().all(|item| weigh(item, left)),
        Value::Map(entries) => entries.values().all(|item| weigh(item, left)),
        Value::Sensitive(inner) => weigh(inner.expose(), left),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use eci_core::Diagnostics;
    use eci_text::Text;

    use super::balance::{MOST_WORK, TIMES_AFTER_LOADING, WORK_FOR_BYTE};
    use super::meter::CHUNK;
    use super::*;

    fn doubled(times: usize) -> Value {
        (0..times).fold(Value::from("text"), |value, _| {
            Value::list(vec![value.clone(), value])
        })
    }

    #[test]
    fn what_holds_a_value_many_times_is_as_large_as_it_looks() {
        assert!(!is_too_large([&doubled(10)]));
        assert!(is_too_large([&doubled(60)]));
        assert!(is_too_large([&Value::from("x".repeat(LARGEST_VALUE))]));
    }

    #[test]
    fn all_evaluations_of_a_configuration_draw_on_one_budget() {
        let budget = Arc::new(Budget::default());
        within(&budget, || {
            assert!(spend(MOST_WORK / 2));
            within(&Arc::default(), || assert!(spend(MOST_WORK / 4)));
        });
        within(&budget, || assert!(!spend(MOST_WORK / 2)));
        within(&budget, || assert!(!spend(1)));
        within(&Arc::default(), || assert!(spend(1)));
        budget.renew();
        within(&budget, || {
            assert!(spend(TIMES_AFTER_LOADING as usize * MOST_WORK - 1))
        });
    }

    #[test]
    fn what_others_return_does_not_end_the_exhaustion() {
        let budget = Arc::new(Budget::default());
        let (to_other, to_this) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                within(&budget, || {
                    assert!(spend(1));
                    to_this.wait();
                    to_other.wait();
                });
            });
            to_this.wait();
            within(&budget, || assert!(!spend(MOST_WORK)));
            to_other.wait();
        });
        within(&budget, || assert!(!spend(1)));
        assert!(!budget.charge_anywhere(1));
        let mut diagnostics = Diagnostics::from(exhausted());
        diagnostics.push(exhausted());
        budget.report(&mut diagnostics);
        assert_eq!(diagnostics.0.len(), 1);
        budget.renew();
        assert!(budget.charge_anywhere(1));
    }

    #[test]
    fn what_is_found_is_paid_for_by_its_size_and_stops_the_check() {
        let one = || Diagnostic::new(codes::BAD_VALUE, Text::verbatim("x".repeat(1000)));
        let small = Diagnostic::new(codes::BAD_VALUE, Text::verbatim("x"));
        let found = |diagnostic: Diagnostic| {
            let budget = Budget::default();
            let found = vec![diagnostic; 100];
            let mut count = 0;
            while budget.charge_found(&found) {
                count += found.len();
            }
            let mut diagnostics = Diagnostics::default();
            budget.report(&mut diagnostics);
            assert!(
                diagnostics.0[0]
                    .message
                    .en()
                    .starts_with("checking stopped")
            );
            count
        };
        let (large, small) = (found(one()), found(small));
        assert!(large < MOST_WORK / 128 && small > large, "{large} {small}");
        assert!(Budget::default().charge_found(&[]));
    }

    #[test]
    fn more_may_be_done_with_larger_manifests() {
        let budget = Budget::default();
        budget.extend(1000);
        assert!(budget.charge_anywhere(MOST_WORK + 1000 * WORK_FOR_BYTE));
        assert!(!budget.charge_anywhere(1));
    }

    #[test]
    fn what_is_not_spent_goes_back() {
        let budget = Arc::new(Budget::default());
        for _ in 0..MOST_WORK {
            within(&budget, || assert!(spend(1)));
            if budget.work.load(Ordering::Relaxed) < MOST_WORK - 2 * CHUNK {
                return;
            }
        }
        unreachable!("the budget does not shrink");
    }

    #[test]
    fn time_is_paid_for() {
        let budget = Arc::new(Budget::default());
        budget.nanoseconds.store(1000, Ordering::Relaxed);
        let spent = within(&budget, || (0..10_000_000).position(|_| !spend(CHUNK)));
        assert!(spent.is_some_and(|at| at < MOST_WORK / CHUNK), "{spent:?}");
    }
}
