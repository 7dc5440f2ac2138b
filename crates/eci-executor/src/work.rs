//! The work on one resource: its call, and the wait until the cloud has done it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use eci_api::types::{ContainerGroupId, UpdateContainerGroup};
use eci_api::{CallError, Outcome};
use eci_core::{Address, DigestKey, Map};
use eci_planner::marked;
use eci_provider::{Cloud, Look, Made, Provider, Readiness, ThingId, Told, Wait};
use eci_state::{OpenIntent, ResourceState, crash};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

use crate::event::{Event, Reporter};
use crate::problem::{NotReady, Problem};
use crate::run::{Found, LookUp, Refused};
use crate::settings::{Settings, longer};

/// What work says while it is under way.
pub(crate) enum Message {
    /// It came into another phase.
    Progress { task: usize, phase: String },
    /// The cloud made the resource.
    Made { task: usize, made: Made },
    /// The call was answered by an order.
    Ordered { task: usize, order: String },
}

/// How work ended.
pub(crate) enum Finish {
    /// It is as wanted.
    Ready(Box<Look>),
    /// It is there, and did not become ready.
    NotReady(Box<NotReady>, Option<Box<Look>>),
    /// It is gone.
    Gone,
    /// All EIPs of the region.
    Listed(Vec<Look>),
    /// What only one group can have was taken from it.
    Unbound,
    /// Another look at what lacks attributes.
    Watched(Vec<Look>),
    /// EIPs and disks were detached from it, and this is what was seen of it then.
    Detached(Box<Look>),
    /// The call did nothing.
    NotDone(Problem),
    /// A create was refused, and has done nothing unless a look-up finds what it made.
    Refused(Box<Refused>),
    /// The outcome of an earlier create at its address.
    Awaited(Box<(OpenIntent, Option<Found>)>),
    /// The call was done, and what came of it could not be read.
    Unseen(Problem),
    /// Whether the call was done is not known.
    Unknown(Problem),
}

/// What all work has.
pub(crate) struct Work<A> {
    pub(crate) task: usize,
    pub(crate) provider: Provider<A>,
    pub(crate) messages: UnboundedSender<Message>,
    pub(crate) poll: (Duration, Duration),
    /// How long it may take.
    pub(crate) limit: Duration,
    /// How long a call without a clear answer may still take effect.
    pub(crate) window: Duration,
    /// How long what was made may not show.
    pub(crate) visible_within: Duration,
}

impl<A: Cloud> Work<A> {
    /// Work outside of a plan, which tells of its phases.
    pub(crate) fn alone(
        provider: &Provider<A>,
        settings: &Settings,
        limit: Duration,
    ) -> (Work<A>, UnboundedReceiver<Message>) {
        let (messages, heard) = mpsc::unbounded_channel();
        let work = Work {
            task: 0,
            provider: telling(provider, 0, messages.clone()),
            messages,
            poll: settings.poll,
            limit,
            window: settings.settle_window,
            visible_within: settings.visible_within,
        };
        (work, heard)
    }
}

/// A provider whose calls for a task tell when they are made again.
pub(crate) fn telling<A: Cloud>(
    provider: &Provider<A>,
    task: usize,
    messages: UnboundedSender<Message>,
) -> Provider<A> {
    provider.telling(move |again| {
        let phase = again.to_string();
        // If nobody listens, the run is over.
        let _ = messages.send(Message::Progress { task, phase });
    })
}

/// Hears what work outside of a plan tells until it ends.
///
/// # Errors
/// That of `hear`.
pub(crate) async fn followed<T, E>(
    working: impl Future<Output = T>,
    mut heard: UnboundedReceiver<Message>,
    mut hear: impl FnMut(Message) -> Result<(), E>,
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
pub(crate) async fn reported<T>(
    working: impl Future<Output = T>,
    heard: UnboundedReceiver<Message>,
    (address, reporter): (&Address, &dyn Reporter),
) -> T {
    let hear = |message| {
        if let Message::Progress { phase, .. } = message {
            let address = address.clone();
            reporter.report(&Event::Progress { address, phase });
        }
        Ok::<_, Infallible>(())
    };
    match followed(working, heard, hear).await {
        Ok(ended) => ended,
        Err(never) => match never {},
    }
}

impl<A: Cloud> Work<A> {
    /// Looks at several things after a pause.
    pub(crate) async fn watch(self, ids: &[ThingId], pause: Duration) -> Finish {
        tokio::time::sleep(pause).await;
        let mut looks = Vec::new();
        for id in ids {
            match self.provider.look(id).await {
                Ok(Some(look)) => looks.push(look),
                Ok(None) => {
                    return Finish::NotDone(Problem::Vanished {
                        noun: id.noun(),
                        id: id.to_string(),
                    });
                }
                Err(error) => return Finish::NotDone(Problem::Call(error)),
            }
        }
        Finish::Watched(looks)
    }

    pub(crate) async fn restart(self, id: &ContainerGroupId, wait: Wait) -> Finish {
        match self.provider.restart(id).await {
            Ok(()) => self.ready(&ThingId::Group(id.clone()), wait).await,
            Err(error) => Finish::NotDone(Problem::Call(error)),
        }
    }

    /// What the cloud reports of something now, with what its record says to be sensitive marked; none
    /// if it is gone.
    pub(crate) async fn reported(
        &self,
        id: &ThingId,
        recorded: &ResourceState,
        key: &DigestKey,
    ) -> Result<Option<Arc<Map>>, Problem> {
        let look = self.provider.look(id).await.map_err(Problem::Call)?;
        Ok(look.map(|look| marked(id.kind(), recorded, &Arc::new(look.attributes), key)))
    }

    pub(crate) async fn unbind(
        self,
        id: ContainerGroupId,
        request: UpdateContainerGroup,
    ) -> Finish {
        let answer = self.provider.update(&id, &request).await;
        crash::point("unbind-answered");
        match answer {
            Ok(()) => Finish::Unbound,
            Err(error) if error.outcome() == Outcome::NotDone => {
                Finish::NotDone(Problem::Call(error))
            }
            Err(error) => Finish::Unknown(Problem::Call(error)),
        }
    }

    pub(crate) async fn delete(self, id: ContainerGroupId) -> Finish {
        let answer = self.provider.delete(&id).await;
        crash::point("delete-answered");
        let id = ThingId::Group(id);
        if let Err(error) = answer {
            return match error.outcome() {
                // A refusal may have been answered after the commit.
                _ if self.is_going(&id).await => self.gone(&id).await,
                Outcome::NotDone => Finish::NotDone(Problem::Call(error)),
                Outcome::Unknown => Finish::Unknown(Problem::Call(error)),
            };
        }
        self.gone(&id).await
    }

    /// Whether something is gone, or on its way.
    pub(crate) async fn is_going(&self, id: &ThingId) -> bool {
        match self.provider.look(id).await {
            Ok(None) => true,
            Ok(Some(look)) => look.is_leaving(),
            Err(_) => false,
        }
    }

    /// Waits until it is gone.
    pub(crate) async fn gone(&self, id: &ThingId) -> Finish {
        let start = Instant::now();
        let mut pause = self.poll.0;
        let mut told = String::new();
        loop {
            let status = match self.provider.look(id).await {
                Ok(None) => return Finish::Gone,
                Ok(Some(look)) => look.phase().to_owned(),
                Err(error) => return Finish::Unknown(Problem::Call(error)),
            };
            let waited = start.elapsed();
            if waited >= self.limit {
                return Finish::Unknown(Problem::NotGone { waited, status });
            }
            if status != told {
                told.clone_from(&status);
                self.progress(status);
            }
            tokio::time::sleep(pause).await;
            pause = self.longer(pause);
        }
    }

    /// Waits until it is as far as is to be waited for.
    pub(crate) async fn ready(&self, id: &ThingId, wait: Wait) -> Finish {
        self.ready_after(None, id, wait).await
    }

    /// The same after a first look at it.
    pub(crate) async fn ready_after(
        &self,
        mut first: Option<Look>,
        id: &ThingId,
        wait: Wait,
    ) -> Finish {
        let start = Instant::now();
        let mut pause = self.poll.0;
        let mut told = String::new();
        loop {
            let seen = match first.take() {
                Some(seen) => Some(seen),
                None => match self.provider.look(id).await {
                    Ok(seen) => seen,
                    Err(error) => return Finish::Unseen(Problem::Unwatched(error)),
                },
            };
            // What was just made may not be visible everywhere yet.
            let (state, limit) = match &seen {
                Some(seen) => (seen.readiness(wait), self.limit),
                None => (not_visible(), self.limit.min(self.visible_within)),
            };
            let waited = start.elapsed();
            let ended = match (state, seen) {
                (Readiness::Ready, Some(seen)) => return Finish::Ready(Box::new(seen)),
                (Readiness::Waiting { phase }, seen) if waited < limit => {
                    if phase != told {
                        told.clone_from(&phase);
                        self.progress(phase);
                    }
                    drop(seen);
                    tokio::time::sleep(pause.min(limit.saturating_sub(waited))).await;
                    pause = self.longer(pause);
                    continue;
                }
                (state, seen) => (state == Readiness::Ended, seen),
            };
            return self.not_ready(id, ended, waited).await;
        }
    }

    async fn not_ready(
        &self,
        id: &ThingId,
        (ended, seen): (bool, Option<Look>),
        waited: Duration,
    ) -> Finish {
        let (status, explanation) = match &seen {
            Some(seen) => {
                let explanation = match &seen.told {
                    Told::Group(group, _) => self.provider.explain(group).await,
                    Told::Eip(_) | Told::Disk(_) => Default::default(),
                };
                (seen.status.clone(), explanation)
            }
            None => ("not found".to_owned(), Default::default()),
        };
        let not_ready = NotReady {
            noun: id.noun(),
            id: id.to_string(),
            status: self.provider.api().covered(&status),
            ended,
            waited,
            tainted: false,
            explanation,
        };
        Finish::NotReady(Box::new(not_ready), seen.map(Box::new))
    }

    /// Tells that something was made: from now on the state knows it.
    pub(crate) fn made(&self, made: Made) {
        let task = self.task;
        // If nobody listens, the run is over, and the open intent tells of this.
        let _ = self.messages.send(Message::Made { task, made });
    }

    pub(crate) fn progress(&self, phase: String) {
        let task = self.task;
        let phase = self.provider.api().covered(&phase);
        // If nobody listens, the run is over.
        let _ = self.messages.send(Message::Progress { task, phase });
    }

    pub(crate) fn longer(&self, pause: Duration) -> Duration {
        longer(pause, self.poll)
    }
}

/// How work ends after an error of a create that says that nothing was done. What was never sent
/// was not done; a refusal may have been answered after the commit.
pub(crate) fn refused(error: CallError, look_up: LookUp) -> Finish {
    let answered = error.refusal().is_some();
    let problem = Problem::Call(error);
    match answered {
        true => Finish::Refused(Box::new(Refused {
            problem,
            look_up,
            reading: None,
        })),
        false => Finish::NotDone(problem),
    }
}

fn not_visible() -> Readiness {
    Readiness::Waiting {
        phase: "not visible yet".to_owned(),
    }
}
