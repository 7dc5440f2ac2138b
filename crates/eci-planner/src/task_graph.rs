//! The tasks of a plan, and what each of them waits for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use eci_core::{Address, Value};
use eci_state::ResourceState;

use crate::action::{Action, Reason};
use crate::options::Mode;
use crate::step::Step;
use crate::task::{Task, TaskKind};

/// A task that detaches a resource before another task deletes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Release {
    pub(crate) delete: usize,
    pub(crate) detach: usize,
}

/// The tasks of each step.
struct TaskIndex {
    /// The first task that leaves a part of the resource as planned.
    first: Vec<Option<usize>>,
    /// The task after which the resource is as planned.
    main: Vec<Option<usize>>,
    /// The task that deletes it.
    delete: Vec<Option<usize>>,
}

/// Returns the tasks of these steps, and what has to be detached from a resource before it is
/// deleted. `dependencies` contains the recorded dependencies of each resource.
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
        .filter(|(_, step)| !step.is_of_predecessor())
        .map(|(at, step)| (&step.address, at))
        .collect();
    for (at, step) in steps.iter().enumerate() {
        let Some(first) = numbers.first[at] else {
            continue;
        };
        let before = step
            .dependencies
            .iter()
            .filter_map(|dependency| index.get(dependency));
        let mut waits_for: BTreeSet<usize> =
            before.filter_map(|other| numbers.main[*other]).collect();
        match (numbers.delete[at], step.create_before_destroy) {
            (Some(delete), true) => tasks[delete].depends_on.extend(numbers.main[at]),
            (Some(delete), false) => {
                waits_for.insert(delete);
            }
            (None, _) => {}
        }
        tasks[first].depends_on.extend(waits_for);
    }
    let mut releases = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        // What was replaced waits for what has taken its place, unless that goes as well.
        if step.is_of_predecessor() && stays(steps, &index, &step.address) {
            continue;
        }
        let dependencies_in_state = dependencies.get(&step.address).into_iter().flatten();
        for other in dependencies_in_state.filter_map(|dependency| index.get(*dependency).copied())
        {
            let Some(delete) = numbers.delete[other] else {
                continue;
            };
            let detach = match steps[other].action {
                // A replacement that deletes first cannot wait for those that wait for it.
                Action::Replace if !steps[other].create_before_destroy => numbers.delete[at],
                _ => numbers.delete[at].or(numbers.main[at]),
            };
            let detach = detach.filter(|detach| *detach != delete);
            releases.extend(detach.map(|detach| Release { delete, detach }));
        }
    }
    for (at, step) in steps.iter().enumerate() {
        if let Some(delete) = numbers.delete[at].filter(|_| step.is_of_predecessor()) {
            let successor = index.get(&step.address).copied();
            let taker =
                successor.filter(|other| takes_over(&steps[*other]) || binds(&steps[*other]));
            if let Some(taker) =
                taker.filter(|_| step.address.kind().properties().holds_attachments)
            {
                let (first, main) = (numbers.first[taker], numbers.main[taker]);
                tasks[delete]
                    .depends_on
                    .extend(first.filter(|_| first != main));
                if let Some(main) = main {
                    tasks[main].depends_on.push(delete);
                }
                continue;
            }
            let before = before_predecessor(steps, &index, step);
            let before = before.filter_map(|other| numbers.main[other].or(numbers.delete[other]));
            tasks[delete].depends_on.extend(before);
        }
    }
    (tasks, releases)
}

/// Delays the delete of a triggered replacement until the change that triggers it is complete: one
/// that fails, or whose outcome is unknown, triggers nothing. Where the change itself waits for the
/// delete, for example for an EIP, the delete is first all the same.
pub(crate) fn after_triggers(steps: &[Step], tasks: &mut [Task]) {
    let of = |changed: &Address, kinds: &[TaskKind]| {
        let mut tasks = tasks.iter();
        tasks.position(|task| {
            let step = &steps[task.step];
            step.address == *changed && !step.is_of_predecessor() && kinds.contains(&task.kind)
        })
    };
    let triggered = steps.iter().filter_map(|step| {
        let Some(Reason::Triggered { by }) = &step.reason else {
            return None;
        };
        let delete = of(&step.address, &[TaskKind::Delete])?;
        let change = of(by, &[TaskKind::Update, TaskKind::Create])?;
        Some((delete, change))
    });
    for (delete, change) in triggered.collect::<Vec<_>>() {
        if change != delete && !all_before(tasks, change).contains(&delete) {
            tasks[delete].depends_on.push(change);
        }
    }
}

/// Returns all tasks that a task waits for.
pub(crate) fn all_before(tasks: &[Task], task: usize) -> HashSet<usize> {
    let mut before = HashSet::new();
    let mut next = vec![task];
    while let Some(task) = next.pop() {
        for dependency in &tasks[task].depends_on {
            if before.insert(*dependency) {
                next.push(*dependency);
            }
        }
    }
    before
}

/// Returns whether a change gives a container group what the one that it has replaced may still have.
///
/// Then that is deleted first, once the group is ready, and otherwise last.
fn takes_over(step: &Step) -> bool {
    let attaches = |name: Option<&str>| matches!(name, Some("eip" | "volumes"));
    let mut changes = step.changes.iter();
    step.action == Action::Update && changes.any(|change| attaches(change.path.attribute()))
}

/// Returns whether a container group is created whose EIP the replaced group may still have.
///
/// Then it is created without the EIP, and gets it once the old group is deleted.
fn binds(step: &Step) -> bool {
    let is_created = matches!(step.action, Action::Create | Action::Replace);
    let eip = || {
        step.desired
            .as_deref()
            .and_then(|desired| desired.get("eip"))
    };
    let is_existing = |eip: &Value| *eip == Value::Unknown || eip.get("id").is_some();
    is_created
        && step.address.kind().properties().holds_attachments
        && eip().is_some_and(is_existing)
}

/// Returns whether the plan leaves a resource at an address.
fn stays(steps: &[Step], index: &HashMap<&Address, usize>, address: &Address) -> bool {
    let step = index.get(address).map(|at| &steps[*at]);
    step.is_some_and(|step| !matches!(step.action, Action::Delete | Action::Forget))
}

/// Returns the steps that precede the delete of a replaced object: that of its successor, and those
/// of its dependents or, for an EIP or a disk, of the groups that detach it.
fn before_predecessor<'a>(
    steps: &'a [Step],
    index: &HashMap<&Address, usize>,
    predecessor: &'a Step,
) -> impl Iterator<Item = usize> + 'a {
    let address = &predecessor.address;
    let successor = index.get(address).copied();
    let successor = successor.filter(|_| stays(steps, index, address));
    let is_user = move |step: &Step| {
        let held = step
            .state
            .as_ref()
            .map(|state| state.dependencies.contains(address));
        let is_concerned = if address.kind().properties().holds_attachments {
            step.address != *address && !step.is_of_predecessor()
        } else {
            step.address.kind().properties().holds_attachments
        };
        is_concerned && (step.dependencies.contains(address) || held == Some(true))
    };
    let users = steps
        .iter()
        .enumerate()
        .filter(move |(_, step)| is_user(step));
    successor.into_iter().chain(users.map(|(at, _)| at))
}

fn number(steps: &[Step], mode: Mode, tasks: &mut Vec<Task>) -> TaskIndex {
    let mut numbers = TaskIndex {
        first: Vec::with_capacity(steps.len()),
        main: Vec::with_capacity(steps.len()),
        delete: Vec::with_capacity(steps.len()),
    };
    let replaced: HashSet<&Address> = steps
        .iter()
        .filter(|step| step.is_of_predecessor())
        .map(|step| &step.address)
        .collect();
    for (step, planned) in steps.iter().enumerate() {
        let mut add = |kind, waits_for: Option<usize>| {
            tasks.push(Task {
                step,
                kind,
                depends_on: waits_for.into_iter().collect(),
            });
            Some(tasks.len() - 1)
        };
        let binds = replaced.contains(&planned.address) && binds(planned);
        let placed = planned.pending.filter(|_| !planned.resends);
        let (first, main, delete) = match planned.action {
            Action::NoOp | Action::Move if mode == Mode::Apply && waits(planned) => {
                one(add(TaskKind::Wait, None))
            }
            Action::NoOp | Action::Move => one(add(TaskKind::NoOp, None)),
            Action::Create if planned.pending.is_some() => one(add(TaskKind::Resume, None)),
            Action::Create => {
                let create = add(TaskKind::Create, None);
                let bind = binds.then(|| add(TaskKind::Bind, create));
                (create, bind.unwrap_or(create), None)
            }
            Action::Update if planned.pending.is_some() => {
                let resume = add(TaskKind::Resume, None);
                (resume, add(TaskKind::Update, resume), None)
            }
            Action::Update if replaced.contains(&planned.address) && takes_over(planned) => {
                let wait = if waits(planned) {
                    add(TaskKind::Wait, None)
                } else {
                    None
                };
                let update = add(TaskKind::Update, wait);
                (wait.or(update), update, None)
            }
            Action::Update if planned.import.is_some() => {
                let import = add(TaskKind::Import, None);
                (import, add(TaskKind::Update, import), None)
            }
            Action::Update => one(add(TaskKind::Update, None)),
            Action::Import => one(add(TaskKind::Import, None)),
            // An ordered resource is not removed from the state before its ID is known.
            Action::Forget if planned.pending.is_some() && !planned.is_of_predecessor() => {
                let resume = add(TaskKind::Resume, None);
                (resume, add(TaskKind::Forget, resume), None)
            }
            Action::Forget => one(add(TaskKind::Forget, None)),
            Action::Delete if planned.pending.is_some() && !planned.is_of_predecessor() => {
                let resume = add(TaskKind::Resume, None);
                (None, None, add(TaskKind::Delete, resume))
            }
            Action::Delete => (None, None, add(TaskKind::Delete, None)),
            Action::Replace if planned.create_before_destroy => {
                let resume = placed.and_then(|_| add(TaskKind::Resume, None));
                let create = add(TaskKind::Create, resume);
                let main = if planned.transfers_eip {
                    let unbind = add(TaskKind::Unbind, create);
                    add(TaskKind::Bind, unbind)
                } else if binds {
                    add(TaskKind::Bind, create)
                } else {
                    create
                };
                (create, main, add(TaskKind::Delete, None))
            }
            Action::Replace => {
                let resume = placed.and_then(|_| add(TaskKind::Resume, None));
                let delete = add(TaskKind::Delete, resume);
                let create = add(TaskKind::Create, None);
                let bind = binds.then(|| add(TaskKind::Bind, create));
                (create, bind.unwrap_or(create), delete)
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
