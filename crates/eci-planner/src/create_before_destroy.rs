//! Replacements whose new object is created before the old one is deleted.

use std::collections::HashMap;

use eci_core::{Address, Diagnostic, Diagnostics, Kind, Map, codes};
use eci_text::text;

use crate::action::Action;
use crate::attachment::{disks, eip};
use crate::diagnostics::at_its_table;
use crate::known_values::is_compatible;
use crate::step::Step;

/// Applies the order of a replacement to its dependencies too, also through resources that stay: if
/// the new object is created first, its dependencies must exist by then. Reports what only one of
/// the two objects can have.
pub(crate) fn create_first(steps: &mut [Step], problems: &mut Diagnostics) {
    if !steps.iter().any(|step| step.create_before_destroy) {
        steps.iter_mut().for_each(|step| step.transfers_eip = false);
        return;
    }
    let index: HashMap<Address, usize> = steps
        .iter()
        .enumerate()
        .map(|(at, step)| (step.address.clone(), at))
        .collect();
    let mut carries: Vec<bool> = steps
        .iter()
        .map(|step| step.create_before_destroy)
        .collect();
    for at in (0..steps.len()).rev() {
        let step = &mut steps[at];
        if carries[at] && step.action == Action::Replace {
            let kind = step.address.kind();
            let both = step.state.as_ref().zip(step.desired.as_ref());
            let keeps =
                both.is_some_and(|(state, desired)| keeps_name(kind, &state.applied, desired));
            step.create_before_destroy = !keeps;
        }
        let is_first = step.create_before_destroy && step.action == Action::Replace;
        if step.action == Action::Replace {
            carries[at] = is_first;
        }
        if carries[at] {
            for other in steps[at]
                .dependencies
                .iter()
                .filter_map(|dependency| index.get(dependency))
            {
                carries[*other] = true;
            }
        }
        if is_first {
            share(&mut steps[at], problems)
        } else {
            steps[at].transfers_eip = false
        }
    }
}

/// Returns whether a replaced disk keeps its name: then the new one can be ordered only after the
/// old one is deleted, as names are unique in an account and region (API reference).
pub(crate) fn keeps_name(kind: Kind, before: &Map, after: &Map) -> bool {
    let name = |attributes: &Map| attributes.get("disk")?.get("name").cloned();
    let (Some(before), Some(after)) = (name(before), name(after)) else {
        return false;
    };
    kind.properties().has_unique_names && is_compatible(&after, &before)
}

/// Resolves that both groups would have what only one can have at a time: an EIP is transferred in
/// between; for a disk, a problem is reported.
fn share(step: &mut Step, problems: &mut Diagnostics) {
    let before = step.state.as_ref().map(|state| state.applied.clone());
    let (before, after) = (before.unwrap_or_default(), step.desired.as_deref());
    let Some(after) = after else {
        return;
    };
    // One that was taken from it in the meantime, which the changes show, is free already.
    let mut changes = step.changes.iter();
    let has_lost_it = changes.any(|change| change.path.attribute() == Some("eip"));
    step.transfers_eip |= eip(&before).is_some() && eip(&before) == eip(after) && !has_lost_it;
    let held = disks(&before);
    for disk in disks(after).into_iter().filter(|disk| held.contains(disk)) {
        problems.push(not_mountable_twice(step, disk));
    }
}

/// Returns the diagnostic for a replacement that is to mount a disk before the old group is deleted, which
/// has it.
pub(crate) fn not_mountable_twice(step: &Step, disk: &str) -> Diagnostic {
    let message = text!(
        en: "cannot create the replacement of {address} before destroying it: only one container group at a time can mount disk {disk}",
        zh: "{address} 无法先创建后销毁：同一时间只有一个容器组可以挂载云硬盘 {disk}",
        address = step.address,
        disk = disk
    );
    at_its_table(
        Diagnostic::new(codes::CREATE_BEFORE_DESTROY, message).help(text!(
            en: "remove `create_before_destroy`, or use another disk in the new container group",
            zh: "删除 `create_before_destroy`，或为新容器组使用其他云硬盘"
        )),
        step,
    )
}
