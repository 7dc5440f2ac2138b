//! Checks of a state after certain runs.

use std::collections::BTreeMap;

use eci_core::Address;
use eci_planner::{Mode, PlannerOptions};
use eci_state::Snapshot;

use crate::dependencies::are_recorded;
use crate::history::History;
use crate::run::{End, Order};
use crate::truth::{Difference, differences};

impl History {
    /// Everything is as declared, and a plan is empty.
    ///
    /// What a call of an earlier run, which arrived too late, has changed is a change of the next
    /// plan.
    pub(crate) async fn check_complete(
        &mut self,
        at: usize,
        in_progress: &[usize],
        was_idle: bool,
    ) -> Result<(), String> {
        let state = &self.states[at];
        let (truth, snapshot) = (self.cloud.truth(), state.snapshot());
        let addresses = self.cloud.public_ips();
        let found = differences(&state.config, &snapshot, &truth, &addresses);
        let late = self.cloud.changed_by(in_progress);
        let is_late = |difference: &&Difference| {
            let address = difference.address.parse().ok();
            let id = address.and_then(|it| snapshot.resources.get(&it)?.id.as_ref());
            id.is_some_and(|id| late.contains(id))
        };
        let (overtaken, wrong): (Vec<_>, Vec<_>) = found.iter().partition(is_late);
        if let Some(first) = wrong.first() {
            return Err(format!(
                "7: everything is said to be done, and {} {}",
                first.address, first.what
            ));
        }
        if was_idle && overtaken.is_empty() {
            return Ok(());
        }
        let order = Order {
            only_plans: true,
            ..Order::default()
        };
        let (report, end) = self.observe_only(at, &order).await?;
        if let End::NotPlanned(why) = end {
            return Err(format!("5: after a complete run: {why}"));
        }
        let shown = report.shown.unwrap_or_default();
        let mut changes = shown.steps.iter().filter(|step| step.action.is_change());
        are_recorded(&shown)?;
        if overtaken.is_empty() && self.cloud.changed_by(in_progress) == late {
            return match changes.next() {
                None => Ok(()),
                Some(step) => Err(format!(
                    "5: after a complete run the plan says: {} {} because {:?}",
                    step.action.name(),
                    step.address,
                    step.reason
                )),
            };
        }
        self.states[at].troubled = true;
        let changes: Vec<String> = changes.map(|step| step.address.to_string()).collect();
        let mut hidden = overtaken.into_iter();
        let hidden = hidden.find(|it| it.is_reported() && !changes.contains(&it.address));
        match hidden {
            None => Ok(()),
            Some(Difference { address, what }) => Err(format!(
                "5: a late call has changed {address}, and no plan says so: {what}"
            )),
        }
    }

    /// After a refresh there is nothing to report again.
    pub(crate) async fn check_refreshed(&mut self, at: usize) -> Result<(), String> {
        let order = Order {
            options: PlannerOptions::default().with_mode(Mode::RefreshOnly),
            only_plans: true,
            ..Order::default()
        };
        let (report, _) = self.observe_only(at, &order).await?;
        let shown = report.shown.unwrap_or_default();
        match shown.news() {
            None => Ok(()),
            Some(drift) => Err(format!(
                "7: after a refresh the next one reports {} again",
                drift.address
            )),
        }
    }

    /// A run elsewhere takes nothing out of the state and creates nothing.
    pub(crate) fn check_elsewhere(&self, at: usize, before: &Snapshot) -> Result<(), String> {
        let after = self.states[at].snapshot();
        let ids = |snapshot: &Snapshot| -> BTreeMap<Address, Option<String>> {
            let resources = snapshot.resources.iter();
            resources
                .map(|(address, state)| (address.clone(), state.id.clone()))
                .collect()
        };
        if before.resources.is_empty() && before.open_intents.is_empty() {
            return Ok(());
        }
        if self.elsewhere.calls() > 0 {
            return Err("1: a run in another region sent calls there".to_owned());
        }
        if ids(before) == ids(&after) {
            Ok(())
        } else {
            Err("3: a run in another region changed the state".to_owned())
        }
    }
}
