//! Ignored attributes stay as they are, also where the group that has them is replaced.

use std::collections::BTreeSet;

use eci_planner::Action;
use eci_state::IntentKind;
use serde_json::Value;

use crate::log::Truth;
use crate::oracle::EndedRun;
use crate::state::State;

/// A group whose EIP is ignored has after a complete run what it, or the group that it replaces, had
/// before.
pub(crate) fn eips_stay(ran: &EndedRun<'_>, after: &Truth, state: &State) -> Result<(), String> {
    if !ran.is_complete() || !ran.is_good {
        return Ok(());
    }
    let Some(shown) = &ran.report.shown else {
        return Ok(());
    };
    let snapshot = state.snapshot();
    for (place, group) in &state.config.groups {
        let address = place.address();
        let Some(step) = address.parse().ok().and_then(|it| shown.step(&it)) else {
            continue;
        };
        let Some(before) = step.state.as_ref().filter(|it| !it.tainted) else {
            continue;
        };
        let mut changes = step.changes.iter();
        if !group.ignores_eip()
            || !matches!(step.action, Action::Replace | Action::Update)
            || changes.any(|change| change.path.attribute() == Some("eip"))
        {
            continue;
        }
        let replaced = ran
            .report
            .before
            .open_intents
            .iter()
            .filter_map(|open| match &open.kind {
                IntentKind::Delete { id } if open.address.to_string() == address => {
                    Some(id.to_string())
                }
                _ => None,
            });
        let had: BTreeSet<&str> = replaced
            .chain(before.id.clone())
            .filter_map(|id| eip_of(ran.truth.get(&id)?))
            .collect();
        let now = snapshot.resources.get(&step.address);
        let now = now.and_then(|it| after.get(it.id.as_deref()?));
        let now = now.and_then(eip_of);
        if let Some(had) = had.first()
            && now != Some(had)
        {
            return Err(format!(
                "1: {address} had {had}, which is ignored, and has {now:?}"
            ));
        }
    }
    Ok(())
}

fn eip_of(group: &Value) -> Option<&str> {
    group["eip"]["eipInstanceId"].as_str()
}
