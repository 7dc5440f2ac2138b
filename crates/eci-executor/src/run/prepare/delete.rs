//! The preparation of deletes, and removal of missing or removed resources from the state.

use std::sync::Arc;

use eci_config::KeptNames;
use eci_core::kinds::existing_id;
use eci_core::{Address, Kind};
use eci_planner::{Action, Reason, Step, TaskKind};
use eci_provider::{Cloud, RemoteId};
use eci_state::{IntentKind, IntentOutcome, Names, Record};
use eci_text::text;

use super::NewIntent;
use crate::error::TaskError;
use crate::run::data::{InFlightTask, ReadyTask, Run, TaskCall};
use crate::run::limits::limit;

impl<A: Cloud + 'static> Run<'_, A> {
    /// Refuses to delete what a table turned out to declare as existing once its expressions were
    /// known.
    pub(in crate::run) fn check_existing(&self, kind: Kind, id: &str) -> Result<(), TaskError> {
        let resources = &self.store.snapshot().resources;
        let declares = |by: &&Address| {
            let state = resources.get(*by).filter(|_| by.kind() == kind);
            state.is_some_and(|state| existing_id(kind, &state.applied) == Some(id))
        };
        match self.plan.undetermined().find(declares) {
            Some(by) => Err(TaskError::DeclaredExisting {
                id: id.to_owned(),
                by: by.clone(),
            }),
            None => Ok(()),
        }
    }

    pub(super) fn delete(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        if let (true, Some(intent)) = (step.is_of_predecessor(), step.pending) {
            return self.delete_predecessor(task, step, intent);
        }
        let number = self.plan.tasks()[task].step;
        // By now the state has what has taken its place.
        let id = match self.predecessors.get(&number) {
            Some((intent, _)) => self.open_intent(Some(*intent)).and_then(|open| open.id),
            None => self.id_of(step),
        };
        let Some(id) = id else {
            return self.forget(task, step);
        };
        let id = id.as_str();
        let kind = step.address.kind();
        self.check_existing(kind, id)?;
        let remote_id = RemoteId::new(kind, id).map_err(TaskError::from)?;
        // What took its place in the meantime has been checked before it was created.
        if !step.create_before_destroy {
            self.assume(task, step)?;
        }
        let predecessor = self.predecessors.remove(&number);
        let token = match &predecessor {
            Some((_, token)) => token.clone(),
            None => self.token_for(kind),
        };
        match predecessor {
            // Its intent was recorded together with the one that takes its place.
            Some((intent, _)) => {
                let work = InFlightTask::without_state(Some(intent));
                self.in_flight.insert(task, work);
            }
            None => {
                self.keep_names(step);
                let intent = NewIntent {
                    kind: IntentKind::Delete { id: id.to_owned() },
                    token: token.clone(),
                    desired: Arc::default(),
                    state: None,
                };
                self.record_intent(task, step, intent);
            }
        }
        let calls = match (remote_id, token) {
            (RemoteId::Group(group), _) => TaskCall::Delete(group),
            (remote_id, Some(token)) => TaskCall::Release(remote_id, token),
            (_, None) => {
                return Err(TaskError::Internal(text!(
                    en: "the client token is missing",
                    zh: "缺少幂等令牌",
                )));
            }
        };
        self.to_spawn.push(ReadyTask {
            task,
            kind: calls,
            limit: limit(step, TaskKind::Delete, self.options),
        });
        Ok(())
    }

    /// Records what is deleted, and the names that what takes its place is to get: until that is
    /// created, nothing else in the state has them.
    fn keep_names(&mut self, step: &Step) {
        let recorded = self.store.snapshot().resources.get(&step.address);
        // An imported resource may not be recorded yet.
        let (Action::Replace, Some(state)) = (step.action, recorded.or(step.state.as_deref()))
        else {
            return;
        };
        let kept = KeptNames::of(&state.applied);
        let text = |name: Option<Arc<str>>| name.map(|name| name.to_string());
        self.records.push(Record::Names {
            address: step.address.clone(),
            names: Names {
                name: text(kept.name),
                disk: text(kept.disk),
                deleted: state.id.clone(),
            },
        });
    }

    pub(super) fn forget(&mut self, task: usize, step: &Step) -> Result<(), TaskError> {
        let address = step.address.clone();
        if step.is_of_predecessor() {
            // What has taken its place stays as it is.
            self.records
                .extend(step.pending.map(|intent| Record::IntentFinished {
                    intent,
                    address,
                    outcome: IntentOutcome::Done { state: None },
                }));
            self.done(task, None);
            return Ok(());
        }
        self.records.push(match step.reason {
            Some(Reason::Missing) => Record::Missing { address },
            _ => Record::Removed {
                address,
                time: self.effects.now(),
            },
        });
        self.known.forget(&step.address);
        self.done(task, None);
        Ok(())
    }
}
