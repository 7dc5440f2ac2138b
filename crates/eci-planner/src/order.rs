//! Replacements that are made before what they replace is deleted.

use std::collections::HashMap;

use eci_core::{Address, Diagnostic, Diagnostics, Map, Value, codes};

use crate::action::Action;
use crate::document::Step;

/// Carries the order of a replacement over to what it needs: if the new one is made first,
/// what it needs must be there by then. Says what can be in only one of the two.
pub(crate) fn create_first(steps: &mut [Step], problems: &mut Diagnostics) {
    let index: HashMap<Address, usize> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.action == Action::Replace)
        .map(|(at, step)| (step.address.clone(), at))
        .collect();
    for at in (0..steps.len()).rev() {
        if !steps[at].create_first {
            steps[at].rebinds = false;
            continue;
        }
        let needs = std::mem::take(&mut steps[at].needs);
        for other in needs.iter().filter_map(|need| index.get(need)) {
            steps[*other].create_first = true;
        }
        steps[at].needs = needs;
        share(&mut steps[at], problems);
    }
}

/// What only one group can have at a time, and both would: an EIP changes hands in between;
/// for a disk there is no way.
fn share(step: &mut Step, problems: &mut Diagnostics) {
    let before = step.state.as_ref().map(|state| state.applied.clone());
    let (before, after) = (before.unwrap_or_default(), step.desired.as_deref());
    let Some(after) = after else {
        return;
    };
    step.rebinds |= eip(&before).is_some() && eip(&before) == eip(after);
    let held = disks(&before);
    for disk in disks(after).into_iter().filter(|disk| held.contains(disk)) {
        let mut diagnostic = Diagnostic::new(
            codes::CREATE_BEFORE_DESTROY,
            format!(
                "{} cannot be made before the old one is deleted: only one group at a time can mount the disk {disk}",
                step.address
            ),
        )
        .help("remove `create_before_destroy`, or give the new one another disk");
        if let Some(place) = &step.place {
            diagnostic = diagnostic.at(place.clone(), "");
        }
        problems.push(diagnostic);
    }
}

/// The existing EIP of a group.
pub(crate) fn eip(attributes: &Map) -> Option<&str> {
    attributes.get("eip")?.get("id")?.as_str()
}

/// The disks that a group has mounted, by their ids.
pub(crate) fn disks(attributes: &Map) -> Vec<&str> {
    let volumes = attributes.get("volumes").and_then(Value::as_list);
    let handles = volumes.into_iter().flatten();
    handles
        .filter_map(|volume| volume.get("volume_handle")?.as_str())
        .collect()
}
