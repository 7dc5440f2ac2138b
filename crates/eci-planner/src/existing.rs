//! EIPs and disks that the configuration declares as existing ones: they are used and never
//! deleted, also where this state has created them.

use std::collections::HashMap;

use eci_core::kinds::{existing_id, is_standalone};
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Map, Value, codes};
use eci_text::text;

use crate::action::{Action, Reason};
use crate::diagnostics::at_its_table;
use crate::diff::AttributeChange;
use crate::model::Plan;
use crate::step::Step;
use crate::task::{Task, TaskKind};
use crate::task_graph::all_before;

/// The resources that declare each existing EIP and disk.
#[derive(Debug, Default)]
pub(crate) struct ExistingObjects {
    by: HashMap<(Kind, String), Address>,
}

impl ExistingObjects {
    /// Notes what a resource of these attributes declares, if it is an existing EIP or disk.
    pub(crate) fn add(&mut self, address: &Address, attributes: &Map) {
        let kind = address.kind();
        if let Some(id) = existing_id(kind, attributes) {
            let id = (kind, id.to_owned());
            self.by.entry(id).or_insert_with(|| address.clone());
        }
    }

    /// Returns all of them, each with the resource that declares it.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Kind, &str, &Address)> {
        let declared = self.by.iter();
        declared.map(|((kind, id), by)| (*kind, id.as_str(), by))
    }

    /// Returns the resource that declares the EIP or the disk of an id as existing.
    pub(crate) fn declared_by(&self, kind: Kind, id: Option<&str>) -> Option<&Address> {
        if self.by.is_empty() {
            return None;
        }
        self.by.get(&(kind, id?.to_owned()))
    }
}

/// Returns whether this is a change of the id by which an existing EIP or disk is named.
pub(crate) fn is_identity(kind: Kind, change: &AttributeChange) -> bool {
    let name = kind.properties().existing_by;
    name.is_some() && change.path.attribute() == name
}

/// Returns whether these are the attributes of an existing EIP or disk whose id is unknown.
pub(crate) fn is_undetermined(kind: Kind, attributes: &Map) -> bool {
    let name = kind.properties().existing_by;
    let id = name.and_then(|name| attributes.get(name));
    id.is_some_and(Value::is_unknown) && !is_standalone(kind, attributes)
}

impl Plan {
    /// Returns the resources that declare an EIP or a disk as existing whose id is unknown:
    /// it may turn out to be one that the plan deletes.
    pub fn undetermined(&self) -> impl Iterator<Item = &Address> {
        let steps = self
            .steps()
            .iter()
            .filter(|step| declares_undetermined(step));
        steps.map(|step| &step.address)
    }
}

fn declares_undetermined(step: &Step) -> bool {
    let desired = step.desired.as_deref();
    desired.is_some_and(|desired| is_undetermined(step.address.kind(), desired))
}

/// Lets EIPs and disks be deleted only once the ids of all existing ones are known: the run does not
/// delete what turns out to be declared as existing.
pub(crate) fn before_deletes(steps: &[Step], tasks: &mut [Task], problems: &mut Diagnostics) {
    for step in steps.iter().filter(|step| declares_undetermined(step)) {
        let is_its = |task: &Task| {
            let other = &steps[task.step];
            other.address == step.address
                && other.desired.is_some()
                && task.kind != TaskKind::Delete
        };
        let Some(known) = tasks.iter().position(is_its) else {
            continue;
        };
        let before = all_before(tasks, known);
        for at in 0..tasks.len() {
            let deleted = &steps[tasks[at].step];
            let is_alike = deleted.address.kind() == step.address.kind();
            if tasks[at].kind != TaskKind::Delete || !is_alike {
                continue;
            }
            if !before.contains(&at) {
                tasks[at].depends_on.push(known);
                continue;
            }
            // What refers to what is replaced gets the id of the new one.
            let is_new =
                deleted.action == Action::Replace && step.dependencies.contains(&deleted.address);
            if !is_new {
                problems.push(not_deletable_yet(deleted, step));
            }
        }
    }
}

/// Turns a replacement by what is not managed into one that deletes nothing.
pub(crate) fn without_delete(step: &mut Step, by: Address) {
    let kind = step.address.kind();
    step.action = Action::Update;
    step.reason = Some(Reason::DeclaredExisting { by });
    step.create_before_destroy = false;
    step.transfers_eip = false;
    step.changes.retain(|change| is_identity(kind, change));
}

/// Returns the diagnostic for a deletion that an existing EIP or disk has to wait for before its id is
/// known.
fn not_deletable_yet(deleted: &Step, by: &Step) -> Diagnostic {
    let (address, declares) = (&deleted.address, &by.address);
    let name = declares.kind().properties().existing_by.unwrap_or_default();
    let message = text!(
        en: "cannot delete {address}: {declares} may declare it as existing, but its `{name}` is known only after apply",
        zh: "无法删除 {address}：{declares} 可能将其声明为已有资源，而其 `{name}` 应用后才可知",
        address = address,
        declares = declares,
        name = name
    );
    let help = text!(
        en: "write the ID as a literal in `{name}` of {declares}, or add `--exclude {address}` to keep what would be deleted",
        zh: "在 {declares} 的 `{name}` 中将 ID 写为字面量；如需保留将删除的资源，添加 `--exclude {address}`",
        name = name,
        declares = declares,
        address = address.in_shell()
    );
    at_its_table(
        Diagnostic::new(codes::PREVENT_DESTROY, message).help(help),
        by,
    )
}

/// Returns the diagnostic for a replacement that would delete what another resource declares as existing.
pub(crate) fn not_replaceable(step: &Step, by: &Address) -> Diagnostic {
    let address = &step.address;
    let id = step.id.as_deref().unwrap_or_default();
    let message = text!(
        en: "cannot replace {address}: {id} would be deleted, but {by} declares it as existing",
        zh: "无法替换 {address}：{id} 将会删除，而 {by} 将其声明为已有资源",
        address = address,
        id = id,
        by = by
    );
    let name = address.kind().properties().existing_by.unwrap_or_default();
    let help = text!(
        en: "first apply {address} with `{name} = \"{id}\"` in place of its other keys, so that eci keeps the object and no longer manages it; then restore its table",
        zh: "先将 {address} 的其他键替换为 `{name} = \"{id}\"` 并应用，使 eci 保留该对象且不再管理；然后还原其表",
        address = address,
        name = name,
        id = id
    );
    at_its_table(
        Diagnostic::new(codes::PREVENT_DESTROY, message).help(help),
        step,
    )
}
