//! Ownership: the state that has each object, and changes of it.

use std::collections::{BTreeMap, BTreeSet};

use eci_core::Address;
use eci_planner::{Action, Reason};
use eci_state::{Record, Snapshot, Store as _};

use crate::crash_point::Fuse;
use crate::history::History;
use crate::run::Report;

impl History {
    /// Returns the states that have each object.
    pub(crate) fn owners(&self) -> BTreeMap<String, Vec<usize>> {
        let mut owners: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, state) in self.states.iter().enumerate() {
            for resource in state.snapshot().resources.into_values() {
                if let Some(id) = resource.id {
                    owners.entry(id).or_default().push(at);
                }
            }
        }
        owners
    }

    /// The addresses of what a state has and the other one has taken over since: it carries the
    /// tag of that.
    pub(crate) fn lost(&self, at: usize) -> Vec<Address> {
        let (state, tags) = (&self.states[at], self.cloud.tags());
        let is_lost = |id: &String| {
            let tag = tags.get(id).filter(|_| id.starts_with("eci-"));
            tag.is_some_and(|tag| state.is_of_another(id, tag))
        };
        let resources = state.snapshot().resources.into_iter();
        let lost = resources.filter(|(_, it)| it.id.as_ref().is_some_and(is_lost));
        lost.map(|(address, _)| address).collect()
    }

    /// Removes from a state what the other one has taken over, and from its configuration.
    pub(crate) fn give_up_lost(&mut self, at: usize) {
        // What became of what is pending is found out first.
        let open = self.states[at].snapshot().open_intents;
        let is_pending = |address: &Address| open.iter().any(|it| it.address == *address);
        for address in self.lost(at) {
            if is_pending(&address) {
                continue;
            }
            self.cloud
                .note(|| format!("    {address} is removed from the state"));
            let state = &mut self.states[at];
            let id = state
                .snapshot()
                .resources
                .remove(&address)
                .and_then(|it| it.id);
            state.released.extend(id);
            state.owed.remove(&address.to_string());
            let mut store = state.disk.open(&Fuse::never());
            let removed = Record::Removed {
                address: address.clone(),
                time: (self.effects.clock)().to_string(),
            };
            store.append(&[removed]).unwrap();
            store.compact().unwrap();
            drop(store);
            state.config.forget(&address.to_string());
            state.tidy();
        }
    }

    /// Notes what the plan removes from the state deliberately.
    pub(crate) fn note_removed(&mut self, at: usize, report: &Report) {
        let Some(shown) = &report.shown else {
            return;
        };
        let removed = shown
            .steps
            .iter()
            .filter(|step| step.action == Action::Forget && step.reason == Some(Reason::Removed));
        let ids: Vec<String> = removed.filter_map(|step| step.id.clone()).collect();
        let state = &mut self.states[at];
        state.released.extend(ids);
        let snapshot = state.snapshot();
        let held: BTreeSet<&str> = snapshot
            .resources
            .values()
            .filter_map(|it| it.id.as_deref())
            .collect();
        state.released.retain(|id| !held.contains(id.as_str()));
        state.orphaned.retain(|id| !held.contains(id.as_str()));
    }

    /// Accepts objects that are imported under the tag of another state.
    pub(crate) fn take_over(
        &mut self,
        at: usize,
        before: &Snapshot,
        tags: &BTreeMap<String, String>,
    ) {
        let state = &mut self.states[at];
        let has = |snapshot: &Snapshot, id: &String| {
            let mut resources = snapshot.resources.values();
            resources.any(|it| it.id.as_ref() == Some(id))
        };
        let after = state.snapshot();
        for import in state.config.imports.values().filter(|it| it.take_over) {
            let id = &import.id;
            if has(&after, id) && !has(before, id) {
                let tag = tags.get(id).cloned().unwrap_or_default();
                state.taken_over.insert(id.clone(), tag);
            }
        }
    }
}
