//! What has to happen, and what each part of it waits for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use eci_core::Address;
use eci_state::ResourceState;

use crate::action::Action;
use crate::document::Step;
use crate::planning::Mode;

/// What one task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Nothing: it stands for a resource that stays as it is.
    Keep,
    /// Waits until a resource that stays as it is, is ready: the run that made or changed it
    /// ended before it saw that.
    Wait,
    /// Makes the resource.
    Create,
    /// Changes it in place.
    Update,
    /// Detaches EIPs and disks from a container group ahead of its own change, for a task that
    /// comes before that.
    Detach,
    /// Takes what only one resource can have from the one that is replaced.
    Unbind,
    /// Gives it to the one that takes its place.
    Bind,
    /// Deletes it.
    Delete,
    /// Takes over what is there already.
    Import,
    /// Lets it go, without a call.
    Forget,
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

/// A task that lets go of a resource before another one deletes that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Release {
    pub(crate) delete: usize,
    pub(crate) lets_go: usize,
}

/// The tasks of each step.
struct Numbers {
    /// The first task that leaves something of the resource as planned.
    first: Vec<Option<usize>>,
    /// The task after which the resource is as planned.
    main: Vec<Option<usize>>,
    /// The task that deletes it.
    delete: Vec<Option<usize>>,
}

/// The tasks of these steps, and what has to let go of a resource before it is deleted.
/// `dependencies` gives what the state says each resource needs.
pub(crate) fn tasks(
    steps: &[Step],
    mode: Mode,
    dependencies: &BTreeMap<&Address, Vec<&Address>>,
) -> (Vec<Task>, Vec<Release>) {
    let mut tasks = Vec::with_capacity(steps.len());
    let numbers = number(steps, mode, &mut tasks);
    let index: HashMap<&Address, usize> = steps
        .iter()
        .enumerate()
        .map(|(at, step)| (&step.address, at))
        .collect();
    for (at, step) in steps.iter().enumerate() {
        let Some(first) = numbers.first[at] else {
            continue;
        };
        let before = step.needs.iter().filter_map(|need| index.get(need));
        let mut needs: BTreeSet<usize> = before.filter_map(|other| numbers.main[*other]).collect();
        match (numbers.delete[at], step.create_first) {
            (Some(delete), true) => tasks[delete].needs.extend(numbers.main[at]),
            (Some(delete), false) => {
                needs.insert(delete);
            }
            (None, _) => {}
        }
        tasks[first].needs.extend(needs);
    }
    let mut releases = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let needed = dependencies.get(&step.address).into_iter().flatten();
        for other in needed.filter_map(|needed| index.get(*needed).copied()) {
            let Some(delete) = numbers.delete[other] else {
                continue;
            };
            let lets_go = match steps[other].action {
                // A replacement that deletes first cannot wait for those that wait for it.
                Action::Replace if !steps[other].create_first => numbers.delete[at],
                _ => numbers.delete[at].or(numbers.main[at]),
            };
            let lets_go = lets_go.filter(|lets_go| *lets_go != delete);
            releases.extend(lets_go.map(|lets_go| Release { delete, lets_go }));
        }
    }
    (tasks, releases)
}

fn number(steps: &[Step], mode: Mode, tasks: &mut Vec<Task>) -> Numbers {
    let mut numbers = Numbers {
        first: Vec::with_capacity(steps.len()),
        main: Vec::with_capacity(steps.len()),
        delete: Vec::with_capacity(steps.len()),
    };
    for (step, planned) in steps.iter().enumerate() {
        let mut add = |deed, needs: Option<usize>| {
            tasks.push(Task {
                step,
                deed,
                needs: needs.into_iter().collect(),
            });
            Some(tasks.len() - 1)
        };
        let (first, main, delete) = match planned.action {
            Action::NoOp | Action::Move if mode == Mode::Apply && waits(planned) => {
                one(add(Deed::Wait, None))
            }
            Action::NoOp | Action::Move => one(add(Deed::Keep, None)),
            Action::Create => one(add(Deed::Create, None)),
            Action::Update if planned.import.is_some() => {
                let import = add(Deed::Import, None);
                (import, add(Deed::Update, import), None)
            }
            Action::Update => one(add(Deed::Update, None)),
            Action::Import => one(add(Deed::Import, None)),
            Action::Forget => one(add(Deed::Forget, None)),
            Action::Delete => (None, None, add(Deed::Delete, None)),
            Action::Replace if planned.create_first => {
                let create = add(Deed::Create, None);
                let main = match planned.rebinds {
                    true => {
                        let unbind = add(Deed::Unbind, create);
                        add(Deed::Bind, unbind)
                    }
                    false => create,
                };
                (create, main, add(Deed::Delete, None))
            }
            Action::Replace => {
                let delete = add(Deed::Delete, None);
                let create = add(Deed::Create, None);
                (create, create, delete)
            }
        };
        numbers.first.push(first);
        numbers.main.push(main);
        numbers.delete.push(delete);
    }
    numbers
}

fn waits(step: &Step) -> bool {
    let is_waited_for = |state: &Arc<ResourceState>| state.id.is_some() && state.ready_by.is_some();
    step.state.as_ref().is_some_and(is_waited_for)
}

fn one(task: Option<usize>) -> (Option<usize>, Option<usize>, Option<usize>) {
    (task, task, None)
}
