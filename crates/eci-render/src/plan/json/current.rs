//! The current state of each resource, in addition to the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::{Address, Map};
use eci_planner::{Action, Drift, Plan, Step, with_computed};

use super::align::{AlignedSides, ChosenValues, align};

/// The present attributes of each resource.
pub(super) struct CurrentAttributes<'a> {
    steps: BTreeMap<&'a Address, &'a Step>,
    observed: BTreeMap<&'a Address, &'a Map>,
    drift: BTreeMap<&'a Address, &'a Drift>,
}

impl<'a> CurrentAttributes<'a> {
    pub(super) fn new(plan: &'a Plan) -> CurrentAttributes<'a> {
        let refreshed = plan.refreshed().iter();
        CurrentAttributes {
            steps: plan
                .steps()
                .iter()
                .filter(|step| !step.is_of_predecessor())
                .map(|step| (&step.address, step))
                .collect(),
            observed: refreshed
                .map(|refreshed| (&refreshed.address, &*refreshed.observed))
                .collect(),
            drift: plan
                .drift()
                .iter()
                .map(|drift| (&drift.address, drift))
                .collect(),
        }
    }

    /// Returns the attributes in the state, before the cloud was read.
    fn recorded(&self, step: &Step) -> Option<Arc<Map>> {
        let state = step.state.as_deref()?;
        Some(with_computed(
            step.address.kind(),
            &state.applied,
            &state.observed,
        ))
    }

    /// Returns the present attributes: the applied ones, with those that the cloud chose and those
    /// that differ.
    fn current(&self, step: &Step) -> Option<Arc<Map>> {
        let state = step.state.as_deref()?;
        let observed = self
            .observed
            .get(&step.address)
            .copied()
            .unwrap_or(&state.observed);
        let mut current = with_computed(step.address.kind(), &state.applied, observed);
        let Some(drift) = self.drift.get(&step.address) else {
            return Some(current);
        };
        if drift.is_missing {
            return None;
        }
        let attributes = Arc::make_mut(&mut current);
        for change in drift.changes.iter().chain(&drift.ignored) {
            let Some(name) = change.path.attribute() else {
                continue;
            };
            // What has an EIP is reported by the EIP, and not among what its group reports.
            let whole = (change.path.0.len() == 1).then_some(&change.after);
            match observed.get(name).or(whole) {
                Some(value) if !value.is_null() => attributes.insert(name.into(), value.clone()),
                _ => attributes.remove(name),
            };
        }
        Some(current)
    }

    /// Returns the attributes of a resource before and after its step.
    ///
    /// Where the step changes nothing, both are equal, but for what is known only afterwards.
    pub(super) fn sides(&self, step: &Step) -> AlignedSides {
        let before = match step.action {
            Action::Create => None,
            Action::Delete if step.is_of_predecessor() => None,
            Action::Delete | Action::Forget => self.current(step).or_else(|| self.recorded(step)),
            Action::Update | Action::Replace => self.current(step),
            // Objects that are imported together with another may not be recorded.
            Action::NoOp | Action::Import | Action::Move => {
                self.current(step).or_else(|| step.planned.clone())
            }
        };
        let after = match step.action {
            Action::Delete | Action::Forget => None,
            _ => step.planned.clone(),
        };
        let chosen = match step.action {
            Action::Replace => ChosenValues::Again,
            _ => ChosenValues::Kept,
        };
        let sides = AlignedSides { before, after };
        align(step.address.kind(), sides, &step.changes, chosen)
    }

    /// Returns the recorded attributes of a resource, and the observed ones.
    pub(super) fn drifted(&self, drift: &Drift) -> AlignedSides {
        let step = self.steps.get(&drift.address).copied();
        let sides = AlignedSides {
            before: step.and_then(|step| self.recorded(step)),
            after: if drift.is_missing {
                None
            } else {
                step.and_then(|step| self.current(step))
            },
        };
        let changes = drift.changes.iter().chain(&drift.ignored).cloned();
        let changes: Vec<_> = changes.collect();
        align(drift.address.kind(), sides, &changes, ChosenValues::Kept)
    }

    /// Returns the existing resources, each with its step.
    pub(super) fn resources(&self) -> Vec<(&'a Step, Arc<Map>)> {
        let steps = self.steps.values();
        let there = steps.filter_map(|step| {
            let before = self.sides(step).before?;
            Some((*step, before))
        });
        there.collect()
    }
}
