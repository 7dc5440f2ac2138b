//! The EIPs that existed before this run ordered one.
//!
//! An EIP can carry no mark, and clocks may differ. What the cloud listed before an order is
//! certainly not what that order created, whatever an answer names and however young it looks.

use std::time::Duration;

use eci_core::Map;
use eci_core::kinds::is_standalone;
use eci_planner::{Step, TaskKind};
use eci_provider::Cloud;
use eci_text::text;

use super::data::{InFlightTask, Listing, ReadyTask, Run, TaskCall};
use crate::error::TaskError;
use crate::recognize::is_alike;
use crate::stop::StopMode;
use crate::task::{TaskOutcome, TaskRunner};

impl<A: Cloud + 'static> Run<'_, A> {
    /// Begins to read the list where a task is about to order the first EIP of the run.
    ///
    /// Returns whether the task waits now.
    pub(super) fn waits_for_list(&mut self, task: usize, step: &Step) -> bool {
        if !self.orders_eip(task, step) {
            return false;
        }
        match &mut self.listing {
            Listing::Read(_) => return false,
            Listing::Reading(tasks) => tasks.push(task),
            Listing::Unread => {
                self.listing = Listing::Reading(vec![task]);
                self.to_spawn.push(ReadyTask {
                    task,
                    kind: TaskCall::List,
                    limit: Duration::ZERO,
                });
            }
        }
        self.in_flight
            .insert(task, InFlightTask::without_state(None));
        true
    }

    /// Returns whether a task is about to place its own order for an EIP.
    fn orders_eip(&self, task: usize, step: &Step) -> bool {
        let kind = step.address.kind();
        let is_standalone_eip = || {
            let desired = step.desired.as_deref();
            desired.is_some_and(|desired| is_standalone(kind, desired))
        };
        kind.properties().is_unmarked()
            && match self.plan.tasks()[task].kind {
                // What an earlier run created at its address is awaited first.
                TaskKind::Create if !step.resends => {
                    is_standalone_eip() && self.earlier_at(step).is_none()
                }
                TaskKind::Create => is_standalone_eip() && !self.resumes(step),
                TaskKind::Resume => !self.resumes(step),
                _ => false,
            }
    }

    /// Goes on with the tasks that wait for the list if this is the end of it.
    ///
    /// Returns any other end of a task.
    pub(super) fn end_listing(&mut self, task: usize, finish: TaskOutcome) -> Option<TaskOutcome> {
        let tasks = match &mut self.listing {
            Listing::Reading(tasks) if tasks.first() == Some(&task) => std::mem::take(tasks),
            _ => return Some(finish),
        };
        let read = match finish {
            TaskOutcome::Listed(remotes) => Ok(remotes),
            TaskOutcome::NotApplied(problem) | TaskOutcome::Unknown(problem) => Err(problem),
            _ => Err(TaskError::Internal(text!(
                en: "the list of EIPs is missing",
                zh: "缺少弹性 IP 的列表",
            ))),
        };
        let failed = match read {
            Ok(remotes) => {
                self.listing = Listing::Read(remotes);
                None
            }
            Err(problem) => {
                self.listing = Listing::Unread;
                Some(problem)
            }
        };
        for task in tasks {
            self.in_flight.remove(&task);
            match &failed {
                Some(problem) => self.fail(task, problem.clone()),
                // Nothing new begins once the run is to end.
                None if self.stopped.mode() == StopMode::Run => self.begin_task(task),
                None => {}
            }
        }
        None
    }

    /// Returns the ids of the listed EIPs that look like one that is about to be ordered.
    pub(super) fn listed_alike(&self, requested: &Map) -> Vec<String> {
        let Listing::Read(remotes) = &self.listing else {
            return Vec::new();
        };
        let key = &self.store.snapshot().digest_key;
        let alike = remotes
            .iter()
            .filter(|remote| is_alike(remote, requested, Some(key)));
        alike.map(|remote| remote.id.clone()).collect()
    }
}

impl<A: Cloud> TaskRunner<A> {
    /// Reads the list of EIPs.
    pub(crate) async fn list(self) -> TaskOutcome {
        match self.provider.all_eips().await {
            Ok(remotes) => TaskOutcome::Listed(remotes),
            Err(error) => TaskOutcome::NotApplied(TaskError::Call(error)),
        }
    }
}
