//! How much an evaluation may cost.
//!
//! Expressions cannot loop for ever, but a few lines of them can ask for more than any machine
//! has: a `for` within a `for` within a `for`, or twenty locals each of which holds the one
//! before twice. Nothing that describes container groups comes near these limits.

use std::cell::Cell;

use eci_core::Value;

/// How many steps the evaluation of one setting may take, with all the locals behind it.
const MOST_STEPS: usize = 2_000_000;

/// How much one value may hold, in bytes of text; whatever is no text counts for some.
pub(crate) const LARGEST_VALUE: usize = 16 << 20;

/// What a value counts for that is no text.
const ONE_VALUE: usize = 16;

thread_local! {
    /// The steps that are left to the evaluation that is going on in this thread. An evaluation
    /// leads to others, of the locals that it names, and they all draw on one budget.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Ends the budget with the evaluation, be it by a panic.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        LEFT.set(None);
    }
}

/// Evaluates something within the budget of the evaluation that it is a part of, or one of its
/// own.
pub(super) fn within<T>(evaluate: impl FnOnce() -> T) -> T {
    if LEFT.get().is_some() {
        return evaluate();
    }
    LEFT.set(Some(MOST_STEPS));
    let _end = End;
    evaluate()
}

/// Takes steps; whether they were left.
pub(super) fn spend(steps: usize) -> bool {
    match LEFT.get() {
        None => true,
        Some(left) => {
            LEFT.set(Some(left.saturating_sub(steps)));
            left > steps
        }
    }
}

/// Whether values hold more together than one may.
pub(super) fn is_too_large<'a>(values: impl IntoIterator<Item = &'a Value>) -> bool {
    let mut left = LARGEST_VALUE;
    let fits = values.into_iter().all(|value| weigh(value, &mut left));
    // To look through a value is work too, though less than to evaluate one. Whoever has
    // spent too much learns it at the next step.
    spend((LARGEST_VALUE - left) / (16 * ONE_VALUE));
    !fits
}

/// Takes from `left` what the value holds; whether that was enough. Never looks further than
/// that: what holds a value many times may be small and look endless.
fn weigh(value: &Value, left: &mut usize) -> bool {
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
    fn an_evaluation_within_another_draws_on_its_budget() {
        within(|| {
            assert!(spend(MOST_STEPS - 10));
            within(|| assert!(!spend(20)));
            assert!(!spend(1));
        });
        within(|| assert!(spend(1)));
    }
}
