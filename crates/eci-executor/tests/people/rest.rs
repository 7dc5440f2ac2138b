//! The end of a history: good times, until there is nothing left to do.

use std::time::Duration;

use eci_core::Address;
use eci_executor::{ApplyOutcome, TaskError};
use tokio::time::sleep;

use crate::crash_point::Fuse;
use crate::history::{CallConditions, History};
use crate::run::{End, Order};
use crate::state::DueReplacement;

impl History {
    /// Good times, until there is nothing left to do.
    pub(crate) async fn rest(&mut self, at: usize) -> Result<(), String> {
        let name = self.states[at].name;
        self.cloud.note(|| format!("=== {name} comes to rest"));
        // What is still in progress comes to its end.
        sleep(Duration::from_secs(60)).await;
        for group in self.states[at].config.groups.values_mut() {
            group.image = group.image.replace("typo", "app");
        }
        // An output that cannot be computed is fixed.
        self.states[at].config.outputs.remove("bad");
        let (mut tidied, mut unprotected, mut runs) = (false, false, 0);
        let mut order = Order::default();
        self.states[at].hide();
        while runs < 8 {
            runs += 1;
            if runs == 3 {
                // What uses an EIP or a disk to be deleted is named, and removed.
                self.delete_orphans(at, CallConditions::Good).await?;
            }
            self.give_up_lost(at);
            let end = self.run(at, &order, CallConditions::Good).await?;
            order.options.replace.clear();
            match end {
                End::Idle if self.states[at].snapshot().open_intents.is_empty() => return Ok(()),
                End::NotPlanned(why) if !tidied => {
                    tidied = true;
                    self.cloud.note(|| format!("    tidied up after {why}"));
                    let config = &mut self.states[at].config;
                    config.moved.clear();
                    config.imports.clear();
                    for group in config.groups.values_mut() {
                        group.protected = Some(false);
                        group.ignored.clear();
                    }
                    self.delete_orphans(at, CallConditions::Good).await?;
                    self.states[at].tidy();
                }
                // What is protected, and would be replaced, goes where that is said.
                End::NotPlanned(why) if !unprotected => {
                    unprotected = true;
                    self.cloud.note(|| format!("    unprotected after {why}"));
                    self.unprotect(at);
                }
                End::NotPlanned(why) => {
                    return Err(format!("5: it cannot be planned at last: {why}"));
                }
                // A group that was taken over is not replaced by itself where it is never ready.
                End::Done(outcome) => order.options.replace = never_ready(&outcome),
                _ => {}
            }
        }
        Err("5: eight runs without any fault, and there still is work to do".to_owned())
    }

    /// Declares what is protected no longer, and says that it may go.
    fn unprotect(&mut self, at: usize) {
        let state = &mut self.states[at];
        for (address, resource) in state.snapshot().resources {
            let is_guarded = |id: &String| state.guarded.contains(id);
            if resource.prevent_destroy == Some(true)
                || resource.id.as_ref().is_some_and(is_guarded)
            {
                let address = address.to_string();
                state.config.forget(&address);
                state.config.removed.insert(address, true);
            }
        }
        state.tidy();
    }

    /// At rest everything is somebody's, and nothing is listed that is not orphaned.
    pub(crate) async fn check_at_rest(&mut self, at: usize) -> Result<(), String> {
        let state = &self.states[at];
        if let Some((address, DueReplacement { id, by })) = state.owed.first_key_value() {
            return Err(format!(
                "5: {by}, which triggers {address}, has changed, and that is {id} still"
            ));
        }
        let cloud = self.cloud.reached(0, &Fuse::never());
        let provider =
            eci_provider::ResourceProvider::new(cloud, eci_provider::Throttle::default());
        let snapshot = state.snapshot();
        let found = eci_executor::orphans::find(&snapshot, &state.past, &provider).await;
        let found = found.map_err(|error| format!("the orphans cannot be listed: {error}"))?;
        for orphan in found {
            let id = orphan.id.as_str();
            if !state.orphaned.contains(id) {
                let name = state.name;
                return Err(format!("4: {id} is listed as an orphan of {name}"));
            }
        }
        Ok(())
    }
}

/// The groups that a run has waited for in vain.
fn never_ready(outcome: &ApplyOutcome) -> Vec<Address> {
    let failed = outcome.failed.iter();
    failed
        .filter(|failure| matches!(failure.problem, TaskError::NotReady(_)))
        .map(|failure| failure.address.clone())
        .collect()
}
