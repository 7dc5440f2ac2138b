//! Records after the last task.

use std::collections::BTreeMap;

use eci_core::Address;
use eci_planner::Mode;
use eci_provider::Cloud;
use eci_state::{Names, OutputState, Record, failpoint};

use super::data::Run;
use crate::apply_error::ApplyError;
use crate::error::TaskError;
use crate::outcome::FailedOutput;

impl<A: Cloud + 'static> Run<'_, A> {
    /// Records the outputs and the end of the run.
    ///
    /// A store that takes time to write them does so during the last calls of the run.
    pub(super) fn record_end(&mut self) -> Result<(), ApplyError> {
        let steps = self.plan.steps();
        let is_change = |step: &usize| steps[*step].action.is_change();
        let failed = self.failed_steps.iter().filter(|step| is_change(step));
        let over = self.completed.len() + failed.count();
        let begun = self.begun.difference(&self.completed);
        let begun = begun.filter(|step| !self.failed_steps.contains(step));
        self.outcome.partially_done = begun.count();
        let changes = (0..steps.len()).filter(is_change).count();
        self.outcome.not_started = changes.saturating_sub(over + self.outcome.partially_done);
        self.forget_names();
        let outputs = self.outputs();
        if outputs != self.store.snapshot().outputs {
            self.records.push(Record::Outputs { outputs });
        }
        self.records.push(Record::RunFinished {
            time: self.effects.now(),
        });
        self.append()?;
        self.store.hasten();
        Ok(())
    }

    /// Waits until everything is durable, and writes the state as a whole.
    pub(super) async fn end(&mut self) -> Result<(), ApplyError> {
        self.outcome.stopped = self.outcome.stopped.max(self.stopped.mode());
        self.store.flush().await?;
        failpoint::hit("run-over");
        self.store.compact()?;
        Ok(())
    }

    /// Forgets the names of what was deleted and is not to be created again.
    fn forget_names(&mut self) {
        let mode = self.plan.options().mode;
        // A refresh creates nothing and says nothing about what is to be created.
        if self.plan.partial().is_some() || mode == Mode::RefreshOnly {
            return;
        }
        let is_destroy = mode == Mode::Destroy;
        let names = self.store.snapshot().names.keys();
        let left = names.filter(|address| is_destroy || !self.steps.contains_key(address));
        let removed = left.map(|address| Record::Names {
            address: address.clone(),
            names: Names::default(),
        });
        self.records.extend(removed);
    }

    /// Returns the outputs as they are now.
    ///
    /// One that is not part of the plan, depends on what failed or fails itself keeps its old value. One of a
    /// resource that was deleted and not created again has none: its old value names what no longer exists.
    fn outputs(&mut self) -> BTreeMap<String, OutputState> {
        let snapshot = self.store.snapshot();
        let mut outputs = snapshot.outputs.clone();
        let is_complete = self.outcome.is_complete();
        for change in self.plan.outputs() {
            let Some(output) = &change.output else {
                // It goes when everything is done that goes with it.
                if is_complete {
                    outputs.remove(&change.name);
                }
                continue;
            };
            let value = match output.evaluate(&self.known) {
                Ok(value) => value,
                Err(problems) => {
                    self.outcome.failed_outputs.push(FailedOutput {
                        name: change.name.clone(),
                        problem: TaskError::Evaluation(problems),
                    });
                    continue;
                }
            };
            if value.has_unknown() {
                if output
                    .references
                    .iter()
                    .any(|address| self.is_deleted(address))
                {
                    outputs.remove(&change.name);
                }
                continue;
            }
            let value = if change.sensitive {
                value.into_sensitive()
            } else {
                value
            };
            let state = OutputState {
                value: snapshot.digest_key.redact(&value),
                sensitive: change.sensitive,
            };
            outputs.insert(change.name.clone(), state);
        }
        outputs
    }

    /// Returns whether the run has deleted a resource, and created none in its place.
    fn is_deleted(&self, address: &Address) -> bool {
        let existed = self
            .steps
            .get(address)
            .is_some_and(|step| step.id.is_some());
        let recorded = self.store.snapshot().resources.get(address);
        existed && recorded.is_none_or(|state| state.id.is_none())
    }
}
