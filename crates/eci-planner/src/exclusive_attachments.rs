//! Transfers: an EIP or a disk must be free before another container group can have it.
//!
//! Edges between tasks are of two sorts. *Dependencies* follow from references and are acyclic.
//! *Transfers* lead from the task that frees an object to the task that takes it, and may close
//! cycles: two groups that swap their EIPs, or one that hands its EIP to what it depends on.
//! Where they do, a separate task without dependencies detaches the object from the group that has
//! it, so that the edge is no longer required and everything else keeps its order.

use std::collections::{HashMap, HashSet};

use eci_core::kinds::existing_id;
use eci_core::{Address, Diagnostic, Diagnostics, codes};
use eci_text::{List, text};

use crate::action::Action;
use crate::attachable::Attachable;
use crate::attachment::{Holders, attached, is_detachable};
use crate::create_before_destroy::not_mountable_twice;
use crate::diagnostics::at_its_table;
use crate::graph::DependencyGraph;
use crate::in_use::{attachment_of, not_deletable};
use crate::reveal::lost_volumes;
use crate::step::{Detachment, Step};
use crate::task::{Task, TaskKind};
use crate::task_graph::Release;
use crate::transfer_diagnostics::{foreign_holder, include, left_out};

/// The tasks of a plan while transfers are worked into them.
pub(crate) struct Handover<'a> {
    pub(crate) steps: &'a mut [Step],
    pub(crate) tasks: &'a mut Vec<Task>,
    pub(crate) holders: &'a Holders,
    pub(crate) problems: &'a mut Diagnostics,
}

/// One object that passes from the task that frees it to the task that requires it.
#[derive(Clone, Debug)]
struct Transfer {
    object: Attachable,
    giver: usize,
    taker: usize,
}

impl Handover<'_> {
    /// Adds what tasks wait for because of objects that pass from one to another.
    ///
    /// **Invariant:** the tasks are acyclic afterwards, unless problems were added, and keep
    /// every dependency that is not itself part of a cycle of dependencies.
    pub(crate) fn order_attachments(mut self, releases: Vec<Release>) {
        let transfers = self.transfers();
        // A group that has a deleted object frees it: that edge can be replaced by a detachment.
        let pairs: HashSet<(usize, usize)> =
            transfers.iter().map(|it| (it.taker, it.giver)).collect();
        let dependencies = releases
            .into_iter()
            .filter(|release| !pairs.contains(&(release.delete, release.detach)))
            .collect();
        self.add_dependencies(dependencies);
        self.add_transfers(transfers);
        for task in self.tasks.iter_mut() {
            task.depends_on.sort_unstable();
            task.depends_on.dedup();
        }
    }

    /// Finds all transfers, and objects that no task frees.
    fn transfers(&mut self) -> Vec<Transfer> {
        let by_group = self.holders.by_group();
        let mut givers: HashMap<&Attachable, Vec<usize>> = HashMap::new();
        let mut deletes: HashMap<&str, usize> = HashMap::new();
        let tasks = self.tasks.iter();
        let binding = tasks.filter(|task| task.kind == TaskKind::Bind);
        let binding: HashSet<usize> = binding.map(|task| task.step).collect();
        for (at, task) in self.tasks.iter().enumerate() {
            let step = &self.steps[task.step];
            // What it has is not what its successor has.
            if step.is_of_predecessor() {
                let delete = (task.kind == TaskKind::Delete).then_some(at);
                deletes.extend(step.id.as_deref().zip(delete));
                continue;
            }
            if !matches!(task.kind, TaskKind::Delete | TaskKind::Update) {
                continue;
            }
            // A replacement is created with what it keeps, for example what it ignores: only its
            // own successor gets that.
            let kept = step.desired.as_deref().map(attached).unwrap_or_default();
            let has = by_group.get(&step.address).into_iter().flatten().copied();
            let frees = has.filter(|object| !kept.contains(object));
            for object in frees {
                givers.entry(object).or_default().push(at);
            }
        }
        let mut transfers = Vec::new();
        let mut refused = Vec::new();
        for (at, task) in self.tasks.iter().enumerate() {
            let step = &self.steps[task.step];
            for object in takes(step, task.kind, binding.contains(&task.step)) {
                let holders = self.holders.of(&object);
                // An update asks again for what the group has already.
                if task.kind == TaskKind::Update && holders.contains(&step.address) {
                    continue;
                }
                // Somebody may have mounted it there, and it may be kept because that is ignored.
                let is_first = task.kind == TaskKind::Create && step.create_before_destroy;
                if is_first && object.is_disk() && holders.contains(&step.address) {
                    refused.push(not_mountable_twice(step, object.id()));
                    continue;
                }
                let is_group = step.address.kind().properties().holds_attachments;
                if let (Some(foreign), true) = (self.holders.foreign(&object), is_group) {
                    refused.push(foreign_holder(&object, foreign, step));
                    continue;
                }
                if let (Some(foreign), TaskKind::Delete) =
                    (self.holders.foreign(&object), task.kind)
                    && !step.is_of_predecessor()
                {
                    refused.push(not_deletable(step, &object, foreign));
                    continue;
                }
                let from = givers.get(&object).map_or(&[][..], Vec::as_slice);
                let replaced = self.holders.replaced(&object);
                let deleted = replaced.and_then(|it| deletes.get(&*it.id));
                if let (Some(replaced), None, false) = (replaced, deleted, step.is_of_predecessor())
                {
                    refused.push(left_out(&object, replaced, step));
                    continue;
                }
                for giver in from.iter().chain(deleted) {
                    if self.tasks[*giver].step != task.step {
                        let object = object.clone();
                        transfers.push(Transfer {
                            object,
                            giver: *giver,
                            taker: at,
                        });
                    }
                }
                let is_freed = |holder: &Address| {
                    let mut from = from.iter();
                    from.any(|giver| self.steps[self.tasks[*giver].step].address == *holder)
                };
                let keeps = |holder: &&Address| **holder != step.address && !is_freed(holder);
                if let Some(holder) = holders.iter().find(keeps)
                    && (is_group || task.kind == TaskKind::Delete)
                {
                    refused.push(self.not_freed(&object, holder, step));
                }
            }
        }
        self.problems.0.extend(refused);
        transfers
    }

    /// Adds dependencies of deletes on the tasks that detach the deleted resource.
    ///
    /// Where those alone close a cycle, because a deleted and a created resource traded places, the
    /// resource to be updated is updated after the delete.
    fn add_dependencies(&mut self, mut releases: Vec<Release>) {
        while let Some(components) = self.cycles(releases.iter().map(|it| (it.delete, it.detach))) {
            let component = membership(&components, self.tasks.len());
            let mut chosen: Vec<Option<usize>> = vec![None; components.len()];
            for (at, release) in releases.iter().enumerate() {
                let Some(inside) = shared(&component, release.delete, release.detach) else {
                    continue;
                };
                let key = |at: usize| {
                    let Release { delete, detach } = releases[at];
                    let is_delete = self.tasks[detach].kind == TaskKind::Delete;
                    (is_delete, self.address(delete), self.address(detach))
                };
                if chosen[inside].is_none_or(|best| key(at) < key(best)) {
                    chosen[inside] = Some(at);
                }
            }
            if let Some(stuck) = chosen.iter().position(Option::is_none) {
                let stuck = self.stuck(&components[stuck]);
                self.problems.push(stuck);
                return;
            }
            let mut at = 0;
            releases.retain(|_| {
                at += 1;
                !chosen.contains(&Some(at - 1))
            });
        }
        for release in releases {
            self.tasks[release.delete].depends_on.push(release.detach);
        }
    }

    /// Adds transfers, and detaches one object after another as long as they close cycles.
    ///
    /// Each round removes at least one transfer, or lets a deletion wait for nothing, so that it
    /// ends.
    fn add_transfers(&mut self, mut transfers: Vec<Transfer>) {
        if transfers.is_empty() {
            return;
        }
        while let Some(components) = self.cycles(transfers.iter().map(|it| (it.taker, it.giver))) {
            let component = membership(&components, self.tasks.len());
            let mut chosen: Vec<Option<usize>> = vec![None; components.len()];
            for (at, transfer) in transfers.iter().enumerate() {
                let inside = shared(&component, transfer.giver, transfer.taker);
                let is_replaced = self.is_replaced(transfer.giver);
                let can_go = is_replaced || self.can_detach(transfer);
                let Some(inside) = inside.filter(|_| can_go) else {
                    continue;
                };
                let key = |at: usize| {
                    let Transfer {
                        object,
                        giver,
                        taker,
                    } = &transfers[at];
                    // What serves in place of another one is deleted ahead only if it must be.
                    let is_last = self.is_replaced(*giver);
                    (is_last, self.address(*giver), object, self.address(*taker))
                };
                if chosen[inside].is_none_or(|best| key(at) < key(best)) {
                    chosen[inside] = Some(at);
                }
            }
            if let Some(stuck) = chosen.iter().position(Option::is_none) {
                let stuck = self.stuck(&components[stuck]);
                self.problems.push(stuck);
                return;
            }
            let chosen: Vec<Transfer> = chosen
                .into_iter()
                .flatten()
                .map(|at| transfers[at].clone())
                .collect();
            for chosen in chosen {
                if self.is_replaced(chosen.giver) {
                    // It waits for nothing: that edge closes no cycle any more.
                    self.tasks[chosen.giver].depends_on.clear();
                } else {
                    self.detach(&chosen, &mut transfers);
                }
            }
        }
        for transfer in transfers {
            self.tasks[transfer.taker].depends_on.push(transfer.giver);
        }
    }

    /// Returns what is in cycles once these edges are added, if anything is.
    fn cycles(&self, edges: impl Iterator<Item = (usize, usize)>) -> Option<Vec<Vec<usize>>> {
        let mut edges_to: Vec<Vec<usize>> = self
            .tasks
            .iter()
            .map(|task| task.depends_on.clone())
            .collect();
        for (task, dependency) in edges {
            edges_to[task].push(dependency);
        }
        let components = DependencyGraph::new(&edges_to).components();
        (!components.is_empty()).then_some(components)
    }

    fn address(&self, task: usize) -> &Address {
        &self.steps[self.tasks[task].step].address
    }

    /// Returns whether a task deletes what an earlier run has replaced.
    fn is_replaced(&self, task: usize) -> bool {
        self.steps[self.tasks[task].step].is_of_predecessor()
    }

    fn can_detach(&self, transfer: &Transfer) -> bool {
        let step = &self.steps[self.tasks[transfer.giver].step];
        let state = step.state.as_deref();
        let state = state.filter(|state| state.id.is_some());
        state.is_some_and(|state| is_detachable(&state.applied, &transfer.object))
    }

    /// Frees an object by a separate task, in place of the one that would have.
    fn detach(&mut self, chosen: &Transfer, transfers: &mut Vec<Transfer>) {
        let step = self.tasks[chosen.giver].step;
        let detach = self.detach_task(step);
        let (through, rest): (Vec<Transfer>, Vec<Transfer>) = std::mem::take(transfers)
            .into_iter()
            .partition(|it| it.giver == chosen.giver && it.object == chosen.object);
        *transfers = rest;
        let resource = self.resource(&chosen.object);
        let mut volumes = Vec::new();
        // An update that takes a disk sends all volumes.
        if chosen.object.is_disk() {
            volumes = lost_volumes(&self.steps[step]);
        }
        for transfer in through {
            self.tasks[transfer.taker].depends_on.push(detach);
            let taker = self.address(transfer.taker).clone();
            self.steps[step].detaches.push(Detachment {
                object: transfer.object,
                resource: resource.clone(),
                taker,
                volumes: volumes.clone(),
            });
        }
    }

    /// Returns the one task of a step that detaches objects: they all go in one call, as an
    /// update replaces the whole list of volumes.
    fn detach_task(&mut self, step: usize) -> usize {
        let is_it = |task: &Task| task.step == step && task.kind == TaskKind::Detach;
        match self.tasks.iter().position(is_it) {
            Some(at) => at,
            None => {
                // All else that is done with the group comes after: one call at a time, and the
                // state has what it left before a successor takes its place there.
                let detach = self.tasks.len();
                let own = self.tasks.iter_mut().filter(|task| task.step == step);
                own.for_each(|task| task.depends_on.push(detach));
                self.tasks.push(Task {
                    step,
                    kind: TaskKind::Detach,
                    depends_on: Vec::new(),
                });
                detach
            }
        }
    }

    /// Returns the resource that an object is, if the plan has it.
    fn resource(&self, object: &Attachable) -> Option<Address> {
        let is_it = |step: &&Step| {
            let existing = step.desired.as_deref().and_then(|it| existing(step, it));
            existing.as_ref() == Some(object) || attachment_of(step).as_ref() == Some(object)
        };
        let step = self.steps.iter().find(is_it)?;
        Some(step.address.clone())
    }

    /// Returns the diagnostic for an object that a group requires, or that is to be deleted, and
    /// another group keeps.
    fn not_freed(&self, object: &Attachable, holder: &Address, taker: &Step) -> Diagnostic {
        let step = self.steps.iter().find(|step| step.address == *holder);
        let (why, help) = match step.map(|step| step.action) {
            None => (
                text!(
                    en: "{holder} uses it and is not part of this plan",
                    zh: "{holder} 正在使用，且不在此计划中",
                    holder = holder
                ),
                include(holder),
            ),
            Some(Action::Forget) => (
                text!(
                    en: "{holder} uses it and is only removed from the state",
                    zh: "{holder} 正在使用，且仅从状态中移除",
                    holder = holder
                ),
                text!(
                    en: "{detach} {object} from {holder} before removing it from the state, or set `destroy = true` in its `[[removed]]` table",
                    zh: "先从 {holder} {detach}{object}，再将其从状态中移除，或在其 `[[removed]]` 中设置 `destroy = true`",
                    detach = object.detach(),
                    object = object,
                    holder = holder
                ),
            ),
            Some(_) => (
                text!(
                    en: "{holder} uses it and keeps it",
                    zh: "{holder} 正在使用，且不会释放",
                    holder = holder
                ),
                text!(
                    en: "remove {object} from the table of {holder} and from its `ignore_changes`",
                    zh: "从 {holder} 的表及其 `ignore_changes` 中移除{object}",
                    object = object,
                    holder = holder
                ),
            ),
        };
        let address = &taker.address;
        let message = if address.kind().properties().holds_attachments {
            text!(
                en: "cannot attach {object} to {address}: {why}",
                zh: "无法将{object} 附加到 {address}：{why}",
                object = object,
                address = address,
                why = why
            )
        } else {
            text!(
                en: "cannot delete {address} ({object}): {why}",
                zh: "无法删除 {address}（{object}）：{why}",
                address = address,
                object = object,
                why = why
            )
        };
        at_its_table(Diagnostic::new(codes::TRANSFER, message).help(help), taker)
    }

    /// Returns the diagnostic for tasks that wait for each other, where nothing can be detached.
    fn stuck(&self, component: &[usize]) -> Diagnostic {
        let mut names: Vec<String> = component
            .iter()
            .map(|task| self.address(*task).to_string())
            .collect();
        names.sort();
        names.dedup();
        let message = text!(
            en: "{resources} wait for each other: no EIP or disk can be detached first",
            zh: "{resources} 相互等待：没有可先解绑的弹性 IP 或可先卸载的云硬盘",
            resources = List::and(names)
        );
        Diagnostic::new(codes::TRANSFER, message).help(text!(
            en: "apply the change in two steps: first remove the EIPs and disks from the container groups that have them, then add them to the others; a disk that init containers mount is free only after its container group is deleted, so remove `create_before_destroy` there",
            zh: "分两步应用变更：先从现有的容器组中移除弹性 IP 和云硬盘，再添加到其他容器组；Init 容器挂载的云硬盘在容器组删除后才释放，因此需删除其 `create_before_destroy`"
        ))
    }
}

/// Returns what must be free before a task.
///
/// Where a group gets its EIP in a separate task, which `binds` it, no other task takes it.
fn takes(step: &Step, kind: TaskKind, binds: bool) -> Vec<Attachable> {
    let desired = || step.desired.as_deref().map(attached).unwrap_or_default();
    match (kind, step.address.kind().properties().holds_attachments) {
        (TaskKind::Create, true) if binds => {
            let mut desired = desired();
            desired.retain(Attachable::is_disk);
            desired
        }
        (TaskKind::Create | TaskKind::Update, true) => desired(),
        (TaskKind::Bind, true) => {
            let mut desired = desired();
            desired.retain(|object| !object.is_disk());
            desired
        }
        (TaskKind::Delete, false) => attachment_of(step).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Returns the object that an existing EIP or disk is.
fn existing(step: &Step, desired: &eci_core::Map) -> Option<Attachable> {
    let kind = step.address.kind();
    Attachable::of(kind, existing_id(kind, desired)?)
}

/// Returns the number of the component that each task is in.
fn membership(components: &[Vec<usize>], tasks: usize) -> Vec<Option<usize>> {
    let mut component = vec![None; tasks];
    for (number, members) in components.iter().enumerate() {
        for member in members {
            component[*member] = Some(number);
        }
    }
    component
}

/// Returns the component that both tasks are in.
fn shared(component: &[Option<usize>], one: usize, other: usize) -> Option<usize> {
    component[one].filter(|_| component[one] == component[other])
}
