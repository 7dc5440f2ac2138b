//! The work on one resource: its call, and the wait until the cloud has done it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use eci_api::types::{ContainerGroupId, UpdateContainerGroup};
use eci_api::{CallError, CallOutcome};
use eci_core::{Address, DigestKey, Map};
use eci_planner::marked;
use eci_provider::{
    Cloud, CreatedObject, Readiness, RemoteId, RemoteObject, RemoteReport, ResourceProvider, Wait,
};
use eci_state::{OpenIntent, ResourceState, failpoint};
use eci_text::{Text, text};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

use crate::earlier_create::FoundCreate;
use crate::error::{ReadinessFailure, TaskError};
use crate::event::{Event, Reporter};
use crate::options::{ApplyOptions, PollInterval};
use crate::refusal::{CreateLookup, RefusedCreate};

/// A report of a task that is being performed.
pub(crate) enum TaskEvent {
    /// The beginning of another phase.
    Progress { task: usize, phase: Text },
    /// The cloud created the resource.
    Created { task: usize, created: CreatedObject },
    /// The call was answered by an order.
    Ordered { task: usize, order: String },
}

/// The outcome of a task.
pub(crate) enum TaskOutcome {
    /// The object is as desired.
    Ready(Box<RemoteObject>),
    /// The object exists and did not become ready.
    NotReady(Box<ReadinessFailure>, Option<Box<RemoteObject>>),
    /// The object no longer exists.
    Deleted,
    /// All EIPs of the region.
    Listed(Vec<RemoteObject>),
    /// An EIP or a disk was detached from its group.
    Unbound,
    /// The attributes that were missing were read again.
    Watched(Vec<RemoteObject>),
    /// EIPs and disks were detached from it, and this was observed of it then.
    Detached(Box<RemoteObject>),
    /// The call did nothing.
    NotApplied(TaskError),
    /// A create was refused, and had no effect unless a lookup finds its result.
    Refused(Box<RefusedCreate>),
    /// The outcome of an earlier create at its address.
    Awaited(Box<(OpenIntent, Option<FoundCreate>)>),
    /// The call was done, and its result could not be read.
    Unverified(TaskError),
    /// The outcome of the call is unknown.
    Unknown(TaskError),
}

/// The data that all tasks share.
pub(crate) struct TaskRunner<A> {
    pub(crate) task: usize,
    pub(crate) provider: ResourceProvider<A>,
    pub(crate) messages: UnboundedSender<TaskEvent>,
    pub(crate) poll: PollInterval,
    /// The time limit of a task.
    pub(crate) limit: Duration,
    /// The time after which a call without a clear answer no longer takes effect.
    pub(crate) window: Duration,
    /// The time after which a created object is visible.
    pub(crate) visible_within: Duration,
}

impl<A: Cloud> TaskRunner<A> {
    /// Creates a runner of tasks outside of a plan, with the events of their phases.
    pub(crate) fn standalone(
        provider: &ResourceProvider<A>,
        options: &ApplyOptions,
        limit: Duration,
    ) -> (TaskRunner<A>, UnboundedReceiver<TaskEvent>) {
        let (messages, heard) = mpsc::unbounded_channel();
        let work = TaskRunner {
            task: 0,
            provider: reporting(provider, 0, messages.clone()),
            messages,
            poll: options.poll,
            limit,
            window: options.consistency_window,
            visible_within: options.visible_within,
        };
        (work, heard)
    }
}

/// Returns a provider whose calls for a task report when they are repeated.
pub(crate) fn reporting<A: Cloud>(
    provider: &ResourceProvider<A>,
    task: usize,
    messages: UnboundedSender<TaskEvent>,
) -> ResourceProvider<A> {
    provider.with_retry_listener(move |again| {
        let phase = Text::of(&again);
        // Without a receiver, the run is over.
        let _ = messages.send(TaskEvent::Progress { task, phase });
    })
}

/// Receives what work outside of a plan reports until it ends.
///
/// # Errors
/// That of `hear`.
pub(crate) async fn forward_events<T, E>(
    working: impl Future<Output = T>,
    mut heard: UnboundedReceiver<TaskEvent>,
    mut hear: impl FnMut(TaskEvent) -> Result<(), E>,
) -> Result<T, E> {
    tokio::pin!(working);
    loop {
        tokio::select! {
            biased;
            Some(message) = heard.recv() => hear(message)?,
            finish = &mut working => return Ok(finish),
        }
    }
}

/// Reports the phases of work outside of a plan until it ends.
pub(crate) async fn report_progress<T>(
    working: impl Future<Output = T>,
    heard: UnboundedReceiver<TaskEvent>,
    address: &Address,
    reporter: &dyn Reporter,
) -> T {
    let hear = |message| {
        if let TaskEvent::Progress { phase, .. } = message {
            let address = address.clone();
            reporter.report(&Event::Progress { address, phase });
        }
        Ok::<_, Infallible>(())
    };
    match forward_events(working, heard, hear).await {
        Ok(ended) => ended,
        Err(never) => match never {},
    }
}

impl<A: Cloud> TaskRunner<A> {
    /// Reads several objects after a pause.
    pub(crate) async fn watch(self, ids: &[RemoteId], pause: Duration) -> TaskOutcome {
        tokio::time::sleep(pause).await;
        let mut remotes = Vec::new();
        for id in ids {
            match self.provider.describe(id).await {
                Ok(Some(remote)) => remotes.push(remote),
                Ok(None) => {
                    return TaskOutcome::NotApplied(TaskError::Disappeared {
                        noun: id.noun(),
                        id: id.to_string(),
                    });
                }
                Err(error) => return TaskOutcome::NotApplied(TaskError::Call(error)),
            }
        }
        TaskOutcome::Watched(remotes)
    }

    pub(crate) async fn restart(self, id: &ContainerGroupId, wait: Wait) -> TaskOutcome {
        match self.provider.restart(id).await {
            Ok(()) => self.ready(&RemoteId::from(id.clone()), wait).await,
            Err(error) => TaskOutcome::NotApplied(TaskError::Call(error)),
        }
    }

    /// Returns the attributes that the cloud reports now, with those marked that the record says to
    /// be sensitive; `None` if the object no longer exists.
    pub(crate) async fn reported(
        &self,
        id: &RemoteId,
        recorded: &ResourceState,
        key: &DigestKey,
    ) -> Result<Option<Arc<Map>>, TaskError> {
        let remote = self.provider.describe(id).await.map_err(TaskError::Call)?;
        Ok(remote.map(|remote| marked(id.kind(), recorded, &Arc::new(remote.attributes), key)))
    }

    pub(crate) async fn unbind(
        self,
        id: ContainerGroupId,
        request: UpdateContainerGroup,
    ) -> TaskOutcome {
        let answer = self.provider.update(&id, &request).await;
        failpoint::hit("unbind-answered");
        match answer {
            Ok(()) => TaskOutcome::Unbound,
            Err(error) if error.outcome() == CallOutcome::NotDone => {
                TaskOutcome::NotApplied(TaskError::Call(error))
            }
            Err(error) => TaskOutcome::Unknown(TaskError::Call(error)),
        }
    }

    pub(crate) async fn delete(self, id: ContainerGroupId) -> TaskOutcome {
        let answer = self.provider.delete(&id).await;
        failpoint::hit("delete-answered");
        let id = RemoteId::from(id);
        if let Err(error) = answer {
            return match error.outcome() {
                // A refusal may have been answered after the commit.
                _ if self.is_being_deleted(&id).await => self.wait_until_deleted(&id).await,
                CallOutcome::NotDone => TaskOutcome::NotApplied(TaskError::Call(error)),
                CallOutcome::Unknown => TaskOutcome::Unknown(TaskError::Call(error)),
            };
        }
        self.wait_until_deleted(&id).await
    }

    /// Returns whether an object is deleted or being deleted.
    pub(crate) async fn is_being_deleted(&self, id: &RemoteId) -> bool {
        match self.provider.describe(id).await {
            Ok(None) => true,
            Ok(Some(remote)) => remote.is_deleting(),
            Err(_) => false,
        }
    }

    /// Waits until it is deleted.
    pub(crate) async fn wait_until_deleted(&self, id: &RemoteId) -> TaskOutcome {
        let start = Instant::now();
        let mut pause = self.poll.initial;
        let mut reported = Text::default();
        loop {
            let status = match self.provider.describe(id).await {
                Ok(None) => return TaskOutcome::Deleted,
                Ok(Some(remote)) => remote.phase_of_delete(),
                Err(error) => return TaskOutcome::Unknown(TaskError::Call(error)),
            };
            let waited = start.elapsed();
            if waited >= self.limit {
                return TaskOutcome::Unknown(TaskError::DeleteTimedOut { waited, status });
            }
            if status != reported {
                reported.clone_from(&status);
                self.progress(status);
            }
            tokio::time::sleep(pause).await;
            pause = self.next_delay(pause);
        }
    }

    /// Waits until it is as far as is to be waited for.
    pub(crate) async fn ready(&self, id: &RemoteId, wait: Wait) -> TaskOutcome {
        self.ready_after(None, id, wait).await
    }

    /// Returns the same after a first read.
    pub(crate) async fn ready_after(
        &self,
        mut first: Option<RemoteObject>,
        id: &RemoteId,
        wait: Wait,
    ) -> TaskOutcome {
        let start = Instant::now();
        let mut pause = self.poll.initial;
        let mut reported = Text::default();
        loop {
            let object = match first.take() {
                Some(object) => Some(object),
                None => match self.provider.describe(id).await {
                    Ok(object) => object,
                    Err(error) => return TaskOutcome::Unverified(TaskError::ReadFailed(error)),
                },
            };
            // A new object may not be visible everywhere yet.
            let (state, limit) = match &object {
                Some(object) => (object.readiness(wait), self.limit),
                None => (not_visible(), self.limit.min(self.visible_within)),
            };
            let waited = start.elapsed();
            let (state, object) = match (state, object) {
                (Readiness::Ready, Some(object)) => return TaskOutcome::Ready(Box::new(object)),
                (Readiness::Waiting { phase }, object) if waited < limit => {
                    if phase != reported {
                        reported.clone_from(&phase);
                        self.progress(phase);
                    }
                    drop(object);
                    tokio::time::sleep(pause.min(limit.saturating_sub(waited))).await;
                    pause = self.next_delay(pause);
                    continue;
                }
                last => last,
            };
            return self.not_ready(id, waited, state, object).await;
        }
    }

    async fn not_ready(
        &self,
        id: &RemoteId,
        waited: Duration,
        state: Readiness,
        object: Option<RemoteObject>,
    ) -> TaskOutcome {
        let (status, explanation) = match &object {
            Some(object) => {
                let explanation = match &object.report {
                    RemoteReport::Group(report) => self.provider.explain(&report.group).await,
                    RemoteReport::Eip(_) | RemoteReport::Disk(_) => Default::default(),
                };
                (Some(object.status.as_str()), explanation)
            }
            None => (None, Default::default()),
        };
        let not_ready = ReadinessFailure {
            noun: id.noun(),
            id: id.to_string(),
            status: status.map(|status| self.provider.api().redacted(status)),
            ended: state == Readiness::Ended,
            waited,
            tainted: None,
            explanation,
        };
        TaskOutcome::NotReady(Box::new(not_ready), object.map(Box::new))
    }

    /// Reports that an object was created: from now on the state knows it.
    pub(crate) fn report_created(&self, created: CreatedObject) {
        let task = self.task;
        // Without a receiver, the run is over, and the open intent records this.
        let _ = self.messages.send(TaskEvent::Created { task, created });
    }

    pub(crate) fn progress(&self, phase: Text) {
        let task = self.task;
        let phase = phase.map(|part| self.provider.api().redacted(&part).into());
        // Without a receiver, the run is over.
        let _ = self.messages.send(TaskEvent::Progress { task, phase });
    }

    pub(crate) fn next_delay(&self, pause: Duration) -> Duration {
        self.poll.after(pause)
    }
}

/// Returns the outcome of a create whose error says that nothing was done.
///
/// A call that was never sent was not done; a refusal may have been answered after the commit.
pub(crate) fn refused(error: CallError, look_up: CreateLookup) -> TaskOutcome {
    let answered = error.refusal().is_some();
    let problem = TaskError::Call(error);
    if answered {
        TaskOutcome::Refused(Box::new(RefusedCreate {
            problem,
            look_up,
            reading: None,
        }))
    } else {
        TaskOutcome::NotApplied(problem)
    }
}

fn not_visible() -> Readiness {
    Readiness::Waiting {
        phase: text!(en: "not visible yet", zh: "尚不可见"),
    }
}
