//! What has to happen, and what each part of it waits for.

use std::collections::{BTreeMap, BTreeSet};

use eci_core::Address;

use crate::action::Action;
use crate::document::Step;

/// What one task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Nothing: it stands for a resource that stays as it is.
    Keep,
    /// Makes the resource.
    Create,
    /// Changes it in place.
    Update,
    /// Deletes it.
    Delete,
}

/// One part of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The number of the step that it is part of.
    pub step: usize,
    /// What it does.
    pub deed: Deed,
    /// The numbers of the tasks that must be done first.
    pub needs: Vec<usize>,
}

/// The tasks of each step: a replacement is a delete and a create, every other one task.
struct Numbers {
    /// The task that leaves the resource as planned.
    main: Vec<Option<usize>>,
    /// The task that deletes it.
    delete: Vec<Option<usize>>,
}

/// The tasks of these steps. `dependencies` gives what the state says each resource needs.
pub(crate) fn tasks(steps: &[Step], dependencies: &BTreeMap<&Address, &[Address]>) -> Vec<Task> {
    let mut tasks = Vec::with_capacity(steps.len());
    let numbers = number(steps, &mut tasks);
    let index: BTreeMap<&Address, usize> = steps
        .iter()
        .enumerate()
        .map(|(at, step)| (&step.address, at))
        .collect();
    for (at, step) in steps.iter().enumerate() {
        let Some(main) = numbers.main[at] else {
            continue;
        };
        let before = step.needs.iter().filter_map(|need| index.get(need));
        let mut needs: BTreeSet<usize> = before.filter_map(|other| numbers.main[*other]).collect();
        needs.extend(numbers.delete[at]);
        tasks[main].needs.extend(needs);
    }
    // What needs a resource goes before it does.
    for (at, step) in steps.iter().enumerate() {
        for needed in dependencies.get(&step.address).copied().unwrap_or_default() {
            let Some(other) = index.get(needed).copied() else {
                continue;
            };
            let Some(delete) = numbers.delete[other] else {
                continue;
            };
            // A replacement cannot wait for those that wait for it.
            let lets_go = match steps[other].action {
                Action::Delete => numbers.delete[at].or(numbers.main[at]),
                _ => numbers.delete[at],
            };
            if let Some(first) = lets_go {
                tasks[delete].needs.push(first);
            }
        }
    }
    tasks
}

fn number(steps: &[Step], tasks: &mut Vec<Task>) -> Numbers {
    let mut numbers = Numbers {
        main: Vec::with_capacity(steps.len()),
        delete: Vec::with_capacity(steps.len()),
    };
    for (step, planned) in steps.iter().enumerate() {
        let mut add = |deed| {
            tasks.push(Task {
                step,
                deed,
                needs: Vec::new(),
            });
            Some(tasks.len() - 1)
        };
        let (delete, main) = match planned.action {
            Action::NoOp => (None, add(Deed::Keep)),
            Action::Create => (None, add(Deed::Create)),
            Action::Update => (None, add(Deed::Update)),
            Action::Replace => (add(Deed::Delete), add(Deed::Create)),
            Action::Delete => (add(Deed::Delete), None),
        };
        numbers.delete.push(delete);
        numbers.main.push(main);
    }
    numbers
}
