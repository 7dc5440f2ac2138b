//! What must be true of a state after certain runs.

use std::collections::BTreeMap;

use eci_core::Address;
use eci_planner::{Mode, Options};
use eci_state::Snapshot;

use crate::history::History;
use crate::run::{End, Order};
use crate::truth::differences;

impl History {
    /// Everything is as declared.
    pub(crate) fn check_truth(&self, at: usize) -> Result<(), String> {
        let state = &self.states[at];
        let truth = self.cloud.truth();
        let addresses = self.cloud.public_addresses();
        let found = differences(&state.config, &state.snapshot(), &truth, &addresses);
        match found.first() {
            None => Ok(()),
            Some(first) => Err(format!(
                "7: everything is said to be done, and {} {}",
                first.address, first.what
            )),
        }
    }

    /// A plan after a complete run is empty.
    pub(crate) async fn check_empty(&mut self, at: usize, was_idle: bool) -> Result<(), String> {
        let _ = was_idle;
        let order = Order {
            only_plans: true,
            ..Order::default()
        };
        let (report, end) = self.look(at, &order).await?;
        let shown = report.shown.unwrap_or_default();
        if let Some(step) = shown.steps.iter().find(|step| step.action.is_change()) {
            return Err(format!(
                "5: after a complete run the plan says: {} {} because {:?}",
                step.action.name(),
                step.address,
                step.reason
            ));
        }
        match end {
            End::NotPlanned(why) => Err(format!("5: after a complete run: {why}")),
            _ => Ok(()),
        }
    }

    /// After a refresh there is nothing that would have to be told again.
    pub(crate) async fn check_refreshed(&mut self, at: usize) -> Result<(), String> {
        let order = Order {
            options: Options {
                mode: Mode::RefreshOnly,
                ..Options::default()
            },
            only_plans: true,
            ..Order::default()
        };
        let (report, _) = self.look(at, &order).await?;
        let shown = report.shown.unwrap_or_default();
        match shown.news() {
            None => Ok(()),
            Some(drift) => Err(format!(
                "7: after a refresh the next one tells of {} again",
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
        if before.resources.is_empty() && before.open.is_empty() {
            return Ok(());
        }
        if self.elsewhere.calls() > 0 {
            return Err("1: a run in another region made calls there".to_owned());
        }
        match ids(before) == ids(&after) {
            true => Ok(()),
            false => Err("3: a run in another region changed the state".to_owned()),
        }
    }
}
