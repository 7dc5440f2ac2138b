//! What must be true of groups that are replaced with others.

use std::collections::BTreeMap;

use eci_core::Address;
use eci_planner::{Action, Reason};
use eci_state::Snapshot;

use crate::config::Place;
use crate::history::History;
use crate::run::Report;
use crate::state::Owed;

impl History {
    /// A group is replaced after its trigger has changed, and not because that one moved, was
    /// imported or created.
    pub(crate) fn check_triggers(&mut self, at: usize, report: &Report) -> Result<(), String> {
        let Some(shown) = &report.shown else {
            return Ok(());
        };
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
            .map(|(address, Owed { id, by })| (now(address), Owed { id, by: now(by) }))
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
        let changed = shown.steps.iter();
        let changed =
            changed.filter(|step| matches!(step.action, Action::Update | Action::Replace));
        let changed = changed.map(|step| step.address.to_string());
        state.begun.extend(changed);
        // What is triggered by another one by now, or by none, is not replaced for the old one.
        state.owed.retain(|address, owed| {
            let declared = state.config.groups.iter();
            let is_triggered = declared
                .filter(|(place, _)| place.address() == *address)
                .filter_map(|(_, group)| group.trigger)
                .any(|label| Place::Root(label).address() == owed.by);
            let address = address.parse().ok();
            is_triggered && address.and_then(|it| id(&after, &it)).as_ref() == Some(&owed.id)
        });
        for (place, group) in &state.config.groups {
            let Some(trigger) = group.trigger else {
                continue;
            };
            let address: Option<Address> = place.address().parse().ok();
            let by: Option<Address> = format!("container_group.{trigger}").parse().ok();
            let (Some(address), Some(by)) = (address, by) else {
                continue;
            };
            let changed = shown.step(&by).is_some_and(|step| {
                let was = report
                    .planned_from
                    .as_ref()
                    .and_then(|it| it.resources.get(&by));
                let is = after.resources.get(&by);
                matches!(step.action, Action::Update | Action::Replace)
                    && step.import.is_none()
                    && step.moved_from.is_none()
                    && was.map(|it| (&it.id, &it.applied)) != is.map(|it| (&it.id, &it.applied))
            });
            let before = report.planned_from.as_ref().and_then(|it| id(it, &address));
            if let (true, Some(before)) = (changed, before)
                && id(&after, &address).as_ref() == Some(&before)
            {
                let owed = Owed {
                    id: before,
                    by: by.to_string(),
                };
                state.owed.insert(place.address(), owed);
            }
        }
        Ok(())
    }
}
