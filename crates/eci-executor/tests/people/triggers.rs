//! Checks of groups that are replaced with others.

use std::collections::{BTreeMap, BTreeSet};

use eci_core::Address;
use eci_planner::{Action, Reason};
use eci_state::Snapshot;

use crate::history::History;
use crate::log::Call;
use crate::objects;
use crate::run::Report;
use crate::shown::changed;
use crate::state::DueReplacement;

impl History {
    /// A group is replaced after its trigger has changed, and not because that one moved, was
    /// imported or created.
    pub(crate) fn check_triggers(&mut self, at: usize, report: &Report) -> Result<(), String> {
        let Some(shown) = &report.shown else {
            return Ok(());
        };
        // A change whose end no run has observed counts as well.
        let calls = self.cloud.calls_from(report.calls.0);
        let effects = calls.iter().filter(|call| !is_delete(call));
        let effects = effects.filter_map(|call| call.effect.as_ref());
        let effects = effects.filter(|effect| effect.refused.is_none());
        let edited: BTreeSet<&str> = effects
            .flat_map(|effect| changed(effect).into_iter().map(|(id, _)| id))
            .collect();
        let state = &mut self.states[at];
        let after = state.snapshot();
        let id = |snapshot: &Snapshot, address: &Address| {
            snapshot.resources.get(address).and_then(|it| it.id.clone())
        };
        // What is owed follows the group and its trigger.
        let moved = shown.steps.iter();
        let moved: BTreeMap<String, String> = moved
            .filter_map(|step| Some((step.moved_from.as_ref()?, &step.address)))
            .map(|(from, to)| (from.to_string(), to.to_string()))
            .collect();
        let now = |address: String| moved.get(&address).cloned().unwrap_or(address);
        let owed = std::mem::take(&mut state.owed).into_iter();
        state.owed = owed
            .map(|(address, DueReplacement { id, by })| {
                (now(address), DueReplacement { id, by: now(by) })
            })
            .collect();
        state.begun = std::mem::take(&mut state.begun)
            .into_iter()
            .map(now)
            .collect();
        for step in &shown.steps {
            let owed = state.owed.get(&step.address.to_string());
            if let Some(Reason::Triggered { by }) = &step.reason
                && let Some(trigger) = shown.step(by)
                && matches!(
                    trigger.action,
                    Action::Move | Action::Import | Action::Create
                )
                && owed.is_none_or(|owed| owed.by != by.to_string())
                && !state.begun.contains(&by.to_string())
            {
                let action = trigger.action.name();
                return Err(format!(
                    "1: {} is replaced because {by} is changed by {action}",
                    step.address
                ));
            }
        }
        let begun = shown.steps.iter();
        let begun = begun.filter(|step| matches!(step.action, Action::Update | Action::Replace));
        state
            .begun
            .extend(begun.map(|step| step.address.to_string()));
        // What is triggered by another one by now, or by none, is not replaced for the old one.
        state.owed.retain(|address, owed| {
            let declared = state.config.groups.iter();
            let is_triggered = declared
                .filter(|(place, _)| place.address() == *address)
                .filter_map(|(_, group)| group.trigger)
                .any(|label| objects::trigger(label) == owed.by);
            let address = address.parse().ok();
            is_triggered && address.and_then(|it| id(&after, &it)).as_ref() == Some(&owed.id)
        });
        for (place, group) in &state.config.groups {
            let Some(trigger) = group.trigger else {
                continue;
            };
            let address: Option<Address> = place.address().parse().ok();
            let by: Option<Address> = objects::trigger(trigger).parse().ok();
            let (Some(address), Some(by)) = (address, by) else {
                continue;
            };
            let has_changed = shown.step(&by).is_some_and(|step| {
                let was = report
                    .planned_from
                    .as_ref()
                    .and_then(|it| it.resources.get(&by));
                let is = after.resources.get(&by);
                let was_edited = was
                    .and_then(|it| it.id.as_deref())
                    .is_some_and(|id| edited.contains(id));
                matches!(step.action, Action::Update | Action::Replace)
                    && step.import.is_none()
                    && step.moved_from.is_none()
                    && (was_edited && step.action == Action::Update
                        || was.map(|it| (&it.id, &it.applied))
                            != is.map(|it| (&it.id, &it.applied)))
            });
            let before = report.planned_from.as_ref().and_then(|it| id(it, &address));
            if let (true, Some(before)) = (has_changed, before)
                && id(&after, &address).as_ref() == Some(&before)
            {
                let owed = DueReplacement {
                    id: before,
                    by: by.to_string(),
                };
                state.owed.insert(place.address(), owed);
            }
        }
        Ok(())
    }
}

fn is_delete(call: &Call) -> bool {
    use eci_api::Operation;
    matches!(
        call.operation,
        Operation::DeleteContainerGroup | Operation::DeleteEip | Operation::RefundDisk
    )
}
