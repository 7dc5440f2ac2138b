//! Managed EIPs and disks that are attached to an object outside the state.
//!
//! Nothing is taken from an object outside the state. The attachment is drift all the same, and the
//! EIP or disk cannot be deleted until it is free.

use eci_core::{Diagnostic, Path, Value, codes, truncate};

use crate::action::Action;
use crate::attachable::Attachable;
use crate::attachment::Holders;
use crate::diagnostics::at_its_table;
use crate::diff::AttributeChange;
use crate::model::Drift;
use crate::step::Step;
use eci_core::kinds::is_standalone;
use eci_core::schema::Change;
use eci_text::text;

/// The name under which drift shows the use of such an EIP or disk; no attribute, since no manifest
/// gives it.
const IN_USE_BY: &str = "in_use_by";

/// Returns the object that a managed EIP or disk is to the groups that have it.
pub(crate) fn attachment_of(step: &Step) -> Option<Attachable> {
    let id = step.id.as_deref()?;
    let applied = step.state.as_ref().map(|state| &*state.applied)?;
    let kind = step.address.kind();
    Attachable::of(kind, id).filter(|_| is_standalone(kind, applied))
}

/// Adds attachments to objects outside the state to the drift.
///
/// Returns warnings that they are left as they are.
pub(crate) fn report(steps: &[Step], holders: &Holders, drift: &mut Vec<Drift>) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for step in steps.iter().filter(|step| !step.is_of_predecessor()) {
        let Some(object) = attachment_of(step) else {
            continue;
        };
        let Some(foreign) = holders.foreign(&object) else {
            continue;
        };
        let change = AttributeChange {
            path: Path::root().name(IN_USE_BY),
            before: Value::Null,
            after: Value::from(foreign),
            change: Change::InPlace,
        };
        match drift.iter_mut().find(|it| it.address == step.address) {
            Some(drift) => drift.changes.push(change),
            None => drift.push(Drift {
                address: step.address.clone(),
                is_missing: false,
                changes: vec![change],
                ignored: Vec::new(),
            }),
        }
        if step.action != Action::Forget {
            warnings.push(not_changed(step, &object, foreign));
        }
    }
    warnings
}

fn not_changed(step: &Step, object: &Attachable, foreign: &str) -> Diagnostic {
    let message = text!(
        en: "{address} is in use by {foreign}, which is not in this state; eci does not {detach} it",
        zh: "{address} 由 {foreign} 使用，而后者不在此状态中；eci 不会将其{detach}",
        detach = object.detach(),
        address = step.address,
        foreign = truncate(foreign)
    );
    let help = text!(
        en: "if this is not intended, {detach} {object} in the CTyun console",
        zh: "如非预期，在天翼云控制台中{detach}{object}",
        detach = object.detach(),
        object = object
    );
    at_its_table(Diagnostic::new(codes::STATUS, message).help(help), step)
}

/// Returns the diagnostic for an EIP or a disk that is to be deleted while an object outside the
/// state has it.
pub(crate) fn not_deletable(step: &Step, object: &Attachable, foreign: &str) -> Diagnostic {
    let address = &step.address;
    let message = text!(
        en: "cannot delete {address}: {object} is in use by {foreign}, which is not in this state",
        zh: "无法删除 {address}：{object} 由 {foreign} 使用，而后者不在此状态中",
        address = address,
        object = object,
        foreign = truncate(foreign)
    );
    let help = text!(
        en: "{detach} {object} in the CTyun console, or add `--exclude {address}` to keep it",
        zh: "在天翼云控制台中{detach}{object}；如需保留，添加 `--exclude {address}`",
        detach = object.detach(),
        object = object,
        address = address.in_shell()
    );
    at_its_table(Diagnostic::new(codes::TRANSFER, message).help(help), step)
}
