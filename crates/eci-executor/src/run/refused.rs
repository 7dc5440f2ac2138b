//! Refused creates: their results are looked for once, at the end of the run, before it reports
//! that nothing was created.
//!
//! An error can be returned after the commit, whatever its code. Believing it would create the same
//! again, which for an EIP is a second one to pay for.

use eci_api::{CallError, StatusReason};
use eci_core::OperationTag;
use eci_core::kinds::is_standalone;
use eci_planner::{Action, Step, TaskKind};
use eci_provider::{Cloud, DiskOrder, Order};
use eci_text::text;
use tokio::time::Instant;

use super::data::{ReadyTask, Run, TaskCall};
use super::limits::limit;
use crate::error::TaskError;
use crate::open_order::OpenOrder;
use crate::order_request::OrderRequest;
use crate::recover_error::RecoverError;
use crate::refusal::{CreateLookup, OpenCreate, RefusedCreate};
use crate::stop::StopMode;
use crate::tagged::{TaggedGroups, find_by_operation_tag};
use crate::task::{TaskOutcome, TaskRunner};

impl<A: Cloud + 'static> Run<'_, A> {
    /// Keeps a refused create until the end of the run.
    ///
    /// What depends on it waits for that.
    pub(super) fn refuse(&mut self, task: usize, refused: RefusedCreate) {
        // A cloud that takes no more calls would hold up a run that is to end: the next one looks.
        if self.stopped.mode() != StopMode::Run && refused.is_for_too_many_calls() {
            self.finish(task, TaskOutcome::Unknown(unknown(refused.problem)));
            return;
        }
        let address = self.step(task).address.clone();
        if let TaskError::Call(error) = &refused.problem
            && error.reason().is_some_and(StatusReason::is_exhausted)
        {
            let kind = address.kind();
            self.exhausted
                .entry(kind)
                .or_insert_with(|| (task, error.clone()));
        }
        self.reporter.report(&crate::event::Event::Progress {
            address,
            phase: text!(
                en: "refused, to be verified before the run ends",
                zh: "已拒绝，将在运行结束前核实",
            ),
        });
        self.refused.push((task, refused));
    }

    /// Looks up what was refused, as much of it at once as may be in flight.
    ///
    /// Returns whether there is any.
    pub(super) fn look_up_refused(&mut self) -> bool {
        let any = !self.refused.is_empty();
        let most = self.options.parallelism.max(1).min(self.refused.len());
        for (task, mut refused) in self.refused.drain(..most).collect::<Vec<_>>() {
            let intent = self.in_flight.get(&task).and_then(|it| it.intent);
            refused.reading = self.open_intent(intent).map(|open| {
                let snapshot = self.store.snapshot().clone();
                Box::new(OpenCreate { open, snapshot })
            });
            let limit = limit(self.step(task), TaskKind::Create, self.options);
            self.spawn(ReadyTask {
                task,
                kind: TaskCall::LookUp(Box::new(refused)),
                limit,
            });
        }
        any
    }

    /// Returns why a task is not started: a create of the same kind was refused for a reason that
    /// would refuse this one as well. A replaced object is not deleted for it either.
    pub(super) fn not_attempted(&self, action: TaskKind, step: &Step) -> Option<TaskError> {
        let kind = step.address.kind();
        let (_, error) = self.exhausted.get(&kind)?;
        let creates = kind.properties().is_always_standalone()
            || step
                .desired
                .as_deref()
                .is_some_and(|it| is_standalone(kind, it));
        let is_for_it = match action {
            TaskKind::Create => true,
            TaskKind::Delete => {
                step.action == Action::Replace
                    && !step.create_before_destroy
                    && !step.is_of_predecessor()
            }
            _ => false,
        };
        (creates && is_for_it).then(|| TaskError::NotAttempted {
            error: error.clone(),
        })
    }
}

impl<A: Cloud> TaskRunner<A> {
    /// Looks for the result of a refused create, and continues with it as if it had not been
    /// refused.
    pub(crate) async fn look_up(self, refused: RefusedCreate) -> TaskOutcome {
        let RefusedCreate {
            problem,
            look_up,
            reading,
        } = refused;
        match look_up {
            CreateLookup::Tag(operation, wait) => match self.find_refused(&operation).await {
                Ok(Some(found)) => match found.id() {
                    Ok(id) => {
                        self.report_created(found.created());
                        self.ready(&id, wait).await
                    }
                    Err(problem) => TaskOutcome::Unknown(problem),
                },
                Ok(None) => TaskOutcome::NotApplied(problem),
                Err(error) => not_looked_up(problem, &error),
            },
            CreateLookup::Order(ordering) => self.look_up_order(*ordering, problem, reading).await,
        }
    }

    /// Returns the object that carries the tag of a refused create.
    ///
    /// One list may be outdated or incomplete, so it is read three times.
    async fn find_refused(
        &self,
        operation: &OperationTag,
    ) -> Result<Option<TaggedGroups>, CallError> {
        let pause = self.poll.initial;
        let until = Instant::now() + pause + self.next_delay(pause);
        find_by_operation_tag(&self.provider, operation, until, self.poll).await
    }

    async fn look_up_order(
        self,
        ordering: OrderRequest,
        problem: TaskError,
        reading: Option<Box<OpenCreate>>,
    ) -> TaskOutcome {
        let OrderRequest { order, token, .. } = &ordering;
        let labeled = match order {
            Order::Disk(DiskOrder::Create(request)) => {
                match self.provider.disk_named(&request.disk_name).await {
                    Ok(remote) => remote.and_then(|remote| {
                        let is_created = remote.is_created_by(&ordering.operation)?;
                        Some((is_created, remote.id.clone()))
                    }),
                    Err(error) => return not_looked_up(problem, &error),
                }
            }
            _ => None,
        };
        let created = match labeled {
            Some((true, id)) => Ok(Some(id)),
            // Somebody else's disk of that name.
            Some((false, _)) => return TaskOutcome::NotApplied(problem),
            // What was ordered may be on its way.
            None => self.placed(token, order, "create-answered").await,
        };
        let id = match created {
            Ok(Some(id)) => id,
            Ok(None) => return TaskOutcome::Unknown(problem),
            Err(finish) => match *finish {
                // That may have been answered after the commit as well.
                TaskOutcome::NotApplied(TaskError::Call(_)) => match self
                    .read(&ordering, reading)
                    .await
                {
                    Ok(Some(id)) => id,
                    Ok(None) if is_believed(&problem) => return TaskOutcome::NotApplied(problem),
                    // Reported as not created, and looked for by the next run.
                    Ok(None) => return TaskOutcome::Unknown(problem),
                    Err(error) => {
                        tracing::debug!(%error, "cannot look for the result of a refused order");
                        return TaskOutcome::Unknown(unknown(problem));
                    }
                },
                finish => return finish,
            },
        };
        self.ordered(&ordering, id).await
    }
}

impl<A: Cloud> TaskRunner<A> {
    /// Returns the object that an order created, as far as one read shows.
    async fn read(
        &self,
        ordering: &OrderRequest,
        reading: Option<Box<OpenCreate>>,
    ) -> Result<Option<String>, RecoverError> {
        let Some(reading) = reading else {
            return Ok(None);
        };
        let OpenCreate { open, snapshot } = *reading;
        let order = OpenOrder {
            snapshot: &snapshot,
            intent: &open,
            operation: &ordering.operation,
            requested: &ordering.requested,
        };
        let found = order
            .find(&self.provider, Instant::now(), self.poll)
            .await?;
        Ok(found.map(|id| id.to_string()))
    }
}

/// Returns the failure of a lookup: the intent stays open, and the next run repeats the lookup.
fn not_looked_up(problem: TaskError, error: &CallError) -> TaskOutcome {
    tracing::debug!(%error, "cannot look for the result of a refused create");
    TaskOutcome::Unknown(unknown(problem))
}

/// Returns whether the order system itself refused, and not a component before it.
fn is_believed(problem: &TaskError) -> bool {
    let TaskError::Call(error) = problem else {
        return true;
    };
    error.reason().is_none_or(|reason| {
        reason.is_of_value() || reason.is_exhausted() || matches!(reason, StatusReason::Other(_))
    })
}

/// Returns a refusal that is not believed.
fn unknown(problem: TaskError) -> TaskError {
    match problem {
        TaskError::Call(error) => TaskError::Unknown { error },
        problem => problem,
    }
}
