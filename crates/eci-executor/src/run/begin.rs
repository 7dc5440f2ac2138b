//! Records before the first task.

use std::sync::Arc;

use eci_planner::Action;
use eci_provider::Cloud;
use eci_state::{Record, ResourceState};

use super::data::Run;
use crate::apply_error::ApplyError;
use crate::event::Event;
use crate::records::resource_updated;

impl<A: Cloud + 'static> Run<'_, A> {
    /// Records the beginning of the run, and all that requires no call.
    pub(super) fn begin(&mut self) -> Result<(), ApplyError> {
        let snapshot = self.store.snapshot();
        self.records.push(Record::RunStarted {
            command: self.options.command.clone(),
            time: self.effects.now(),
            serial: snapshot.serial,
            lineage: snapshot.lineage.clone(),
        });
        let cloud = self.options.cloud.as_ref();
        let cloud = cloud.and_then(|cloud| snapshot.cloud_to_record(cloud));
        self.records
            .extend(cloud.map(|cloud| Record::Cloud { cloud }));
        self.follow_moves();
        self.append()?;
        self.record_protections();
        self.append()?;
        let snapshot = self.store.snapshot();
        for refreshed in self.plan.refreshed() {
            if let Some(state) = snapshot.resources.get(&refreshed.address) {
                let kind = refreshed.address.kind();
                let state = match &refreshed.applied {
                    Some(applied) => state.with_applied(kind, Arc::clone(applied)),
                    None => state.clone(),
                };
                self.records.push(resource_updated(
                    &refreshed.address,
                    ResourceState {
                        observed: refreshed.observed.clone(),
                        ..state
                    },
                ));
            }
        }
        let steps = self.plan.steps().iter();
        let changes = steps.filter(|step| step.action.is_change());
        self.reporter.report(&Event::RunStarted {
            changes: changes.count(),
        });
        self.append()
    }

    /// Records the new addresses of resources that moved before anything else: in the
    /// first line of the run, so that no end of the process comes between.
    fn follow_moves(&mut self) {
        let to = self.plan.moves();
        if to.is_empty() {
            return;
        }
        self.records.push(Record::Moved { to: to.clone() });
        // What changes besides is counted under that as well, as in the plan.
        let steps = self.plan.steps().iter();
        let moved = steps.filter(|step| step.moved_from.is_some()).count();
        if moved > 0 {
            self.outcome.changed.insert(Action::Move.name(), moved);
        }
    }

    /// Records what is protected from now on, or no longer, whatever becomes of the rest.
    fn record_protections(&mut self) {
        let snapshot = self.store.snapshot();
        for protection in self.plan.protections() {
            if let Some(state) = snapshot.resources.get(&protection.address) {
                self.records.push(resource_updated(
                    &protection.address,
                    ResourceState {
                        prevent_destroy: protection.recorded,
                        ..state.clone()
                    },
                ));
            }
        }
    }
}
