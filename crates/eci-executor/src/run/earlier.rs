//! Creates of earlier runs that may still take effect.
//!
//! A call can take effect as long as the client that sent it would have waited, although reads show
//! nothing of it yet. Until then, nothing else is created at its address; the rest of the run goes on.
//! What nothing is created at is looked for before the run ends.

use eci_planner::{Step, TaskKind};
use eci_provider::{Cloud, Wait, create_request};
use eci_state::{IntentKind, IntentOutcome, OpenIntent, Record};
use eci_text::{Text, text};
use tokio::time::Instant;

use super::data::{InFlightTask, ReadyTask, Run, TaskCall};
use super::limits::limit;
use crate::apply_error::ApplyError;
use crate::earlier_create::{EarlierCreate, FoundCreate, RepeatedCreate, unknown};
use crate::error::TaskError;
use crate::event::Event;
use crate::recover::{self, AdoptedResource};
use crate::stop::StopMode;
use crate::tagged::find_by_operation_tag;
use crate::task::{TaskOutcome, TaskRunner};

/// The phase of a create that waits for the outcome of an earlier one.
const PHASE: Text = Text::fixed(
    "checking whether an earlier run created it",
    "正在检查先前的运行是否已创建该资源",
);

impl<'a, A: Cloud + 'static> Run<'a, A> {
    /// Creates an object where an earlier create may still take effect: if it requested the same,
    /// the same is created under its tag. Otherwise its outcome is awaited first.
    pub(super) fn create_after(
        &mut self,
        task: usize,
        step: &Step,
        open: OpenIntent,
    ) -> Result<(), TaskError> {
        let IntentKind::Create {
            operation,
            planned: requested,
            ..
        } = &open.kind
        else {
            return Err(TaskError::Internal(text!(
                en: "the pending operation is not a create",
                zh: "未完成的操作不是创建",
            )));
        };
        let kind = step.address.kind();
        if !kind.properties().is_ordered {
            let desired = self.to_create(task, step)?;
            let (_, state) = self.create_intent(step, &desired, operation);
            if state.applied == requested.applied {
                let request = create_request(&desired, operation).map_err(TaskError::from)?;
                let repeat = RepeatedCreate {
                    request,
                    operation: operation.clone(),
                    wait: Wait::of(&desired),
                    until: self.effective_by,
                };
                let work = InFlightTask {
                    intent: Some(open.intent),
                    is_new_intent: false,
                    since: Instant::now(),
                    desired,
                    state: Some(state),
                };
                self.in_flight.insert(task, work);
                self.to_spawn.push(ReadyTask {
                    task,
                    kind: TaskCall::Repeat(Box::new(repeat)),
                    limit: limit(step, TaskKind::Create, self.options),
                });
                return Ok(());
            }
        }
        let work = InFlightTask::without_state(None);
        self.in_flight.insert(task, work);
        let earlier = self.earlier(open);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Await(Box::new(earlier)),
            limit: limit(step, TaskKind::Create, self.options),
        });
        Ok(())
    }

    /// Goes on with a task that has waited for an earlier create at its address.
    pub(super) fn awaited(&mut self, task: usize, open: &OpenIntent, found: Option<FoundCreate>) {
        self.in_flight.remove(&task);
        match found {
            None => {
                self.not_created(open);
                // Nothing new begins once the run is to end.
                if self.stopped.mode() == StopMode::Run {
                    self.begin_task(task);
                }
            }
            Some(found) => {
                let id = found.id.to_string();
                self.adopt(open, found);
                self.fail(task, TaskError::CreatedMeanwhile { id });
            }
        }
    }

    /// Looks for what the creates of earlier runs brought about at addresses at which this run creates
    /// nothing.
    pub(super) async fn resolve_earlier(&mut self) -> Result<(), ApplyError> {
        let open = self.store.snapshot().open_intents.iter();
        let awaited: Vec<OpenIntent> = open.filter(|open| self.is_awaited(open)).cloned().collect();
        for open in awaited {
            let address = open.address.clone();
            self.reporter.report(&Event::Progress {
                address: address.clone(),
                phase: PHASE,
            });
            let earlier = self.earlier(open.clone());
            let search = earlier.created(self.provider);
            let found = tokio::select! {
                biased;
                () = self.stopped.changed() => return Ok(()),
                found = search => found,
            };
            match found {
                Ok(None) => self.not_created(&open),
                Ok(Some(found)) => {
                    let id = found.id.to_string();
                    self.adopt(&open, found);
                    self.report_failure(
                        address,
                        TaskKind::Create,
                        TaskError::CreatedMeanwhile { id },
                    );
                }
                Err(problem) => self.report_failure(address, TaskKind::Create, problem),
            }
            self.append()?;
        }
        Ok(())
    }

    /// Returns the create of an earlier run that may still take effect at the address of a step.
    pub(super) fn earlier_at(&self, step: &Step) -> Option<OpenIntent> {
        let mut open = self.store.snapshot().open_intents.iter();
        open.find(|open| open.address == step.address && self.is_awaited(open))
            .cloned()
    }

    fn is_awaited(&self, open: &OpenIntent) -> bool {
        self.plan.awaited().contains(&open.intent) && !self.resolved.contains(&open.intent)
    }

    fn earlier(&self, open: OpenIntent) -> EarlierCreate {
        EarlierCreate {
            open,
            snapshot: self.store.snapshot().clone(),
            until: self.effective_by,
            poll: self.options.poll,
        }
    }

    fn not_created(&mut self, open: &OpenIntent) {
        self.resolved.insert(open.intent);
        self.records.push(Record::IntentFinished {
            intent: open.intent,
            address: open.address.clone(),
            outcome: IntentOutcome::Failed {
                message: "not created".to_owned(),
            },
        });
    }

    /// Records what an earlier create turned out to have created, and intents to delete what takes its
    /// place or carries its tag as well.
    fn adopt(&mut self, open: &OpenIntent, found: FoundCreate) {
        self.resolved.insert(open.intent);
        let IntentKind::Create {
            planned: requested, ..
        } = &open.kind
        else {
            return;
        };
        let id = found.id.to_string();
        let adopt = AdoptedResource {
            kind: open.address.kind(),
            requested,
            id: &id,
            remote: found.remote.as_ref(),
        };
        let outcome = recover::adopted(&*self.store, self.provider, &adopt).outcome;
        let mut left = found.others;
        left.extend(recover::replaced(
            self.store.snapshot(),
            &open.address,
            &outcome,
        ));
        self.records.push(Record::IntentFinished {
            intent: open.intent,
            address: open.address.clone(),
            outcome,
        });
        for id in left {
            self.leave_to_delete(&open.address, id);
        }
    }
}

impl<A: Cloud> TaskRunner<A> {
    /// Waits for the outcome of an earlier create.
    pub(crate) async fn outcome_of(self, earlier: EarlierCreate) -> TaskOutcome {
        self.progress(PHASE);
        match earlier.created(&self.provider).await {
            Ok(found) => TaskOutcome::Awaited(Box::new((earlier.open, found))),
            Err(problem) => TaskOutcome::Unknown(problem),
        }
    }

    /// Creates a container group, unless an earlier create turns out to have created it.
    pub(crate) async fn repeat(self, repeat: RepeatedCreate) -> TaskOutcome {
        self.progress(PHASE);
        let RepeatedCreate {
            request,
            operation,
            wait,
            until,
        } = repeat;
        match find_by_operation_tag(&self.provider, &operation, until, self.poll).await {
            Ok(None) => self.create(request, operation, wait).await,
            Ok(Some(found)) => match found.id() {
                Ok(id) => {
                    self.report_created(found.created());
                    self.ready(&id, wait).await
                }
                Err(problem) => TaskOutcome::Unknown(problem),
            },
            Err(error) => TaskOutcome::Unknown(unknown(error)),
        }
    }
}
