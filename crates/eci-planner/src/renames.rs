//! Container groups that were probably renamed: one is deleted, and another one with the same
//! attributes is created.

use std::collections::HashMap;

use eci_core::{Address, Map, Value};

use crate::action::Action;
use crate::model::Plan;
use crate::step::Step;

/// No more pairs are compared: so many changes at once are not renames by hand.
const MOST_PAIRS: usize = 10_000;

/// A delete and a create that a `[[moved]]` would replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rename<'a> {
    /// The address of what is deleted.
    pub from: &'a Address,
    /// The address of what is created.
    pub to: &'a Address,
}

/// Returns the pairs of which each side fits no other one, in the order of the plan.
pub fn probable_renames(plan: &Plan) -> Vec<Rename<'_>> {
    let of = |action| {
        let steps = plan.steps().iter();
        let steps = steps.filter(move |step| step.action == action && is_of_root(step));
        steps.collect::<Vec<&Step>>()
    };
    let (deleted, created) = (of(Action::Delete), of(Action::Create));
    if deleted.len().saturating_mul(created.len()) > MOST_PAIRS {
        return Vec::new();
    }
    let mut pairs = Vec::new();
    let mut fits: HashMap<&Address, usize> = HashMap::new();
    for new in &created {
        for old in deleted.iter().filter(|old| is_same(old, new)) {
            for address in [&old.address, &new.address] {
                *fits.entry(address).or_default() += 1;
            }
            pairs.push(Rename {
                from: &old.address,
                to: &new.address,
            });
        }
    }
    pairs.retain(|pair| fits.get(pair.from) == Some(&1) && fits.get(pair.to) == Some(&1));
    pairs
}

/// Returns a container group that no module has: a module's own `[[moved]]` is written elsewhere.
fn is_of_root(step: &Step) -> bool {
    step.address.kind().properties().is_always_standalone() && step.address.modules().is_empty()
}

fn is_same(old: &Step, new: &Step) -> bool {
    match (&old.state, &new.desired) {
        (Some(state), Some(desired)) if old.id.is_some() => agree(&state.applied, desired),
        _ => false,
    }
}

/// Returns whether all attributes but the name are equal.
fn agree(applied: &Map, desired: &Map) -> bool {
    let keys = || applied.keys().chain(desired.keys());
    let mut keys = keys().filter(|key| &***key != "name");
    keys.all(|key| match (applied.get(key), desired.get(key)) {
        (Some(applied), Some(desired)) => alike(applied, desired),
        (Some(value), None) | (None, Some(value)) => value.is_null(),
        (None, None) => true,
    })
}

/// Returns whether two values can be equal.
///
/// Secrets are not compared: this is for a hint only.
fn alike(applied: &Value, desired: &Value) -> bool {
    let is_open = |value: &Value| {
        matches!(
            value,
            Value::Unknown | Value::Sensitive(_) | Value::Digest(_)
        )
    };
    match (applied, desired) {
        (applied, desired) if is_open(applied) || is_open(desired) => true,
        (Value::List(applied), Value::List(desired)) => {
            let mut pairs = applied.iter().zip(desired.iter());
            applied.len() == desired.len()
                && pairs.all(|(applied, desired)| alike(applied, desired))
        }
        (Value::Map(applied), Value::Map(desired)) => {
            let mut keys = applied.keys().chain(desired.keys());
            keys.all(|key| {
                let value = |map: &Map| map.get(key).cloned().unwrap_or_default();
                alike(&value(applied), &value(desired))
            })
        }
        (applied, desired) => applied == desired,
    }
}
