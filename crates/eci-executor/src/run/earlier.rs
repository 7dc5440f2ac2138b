//! Creates of earlier runs that may still take effect.
//!
//! A call can take effect as long as the client that sent it would have waited, although reads show
//! nothing of it yet. Until then, nothing else is created at its address; the rest of the run goes on.
//! What nothing is created at is looked for before the run ends.

use std::time::Duration;

use eci_api::CallError;
use eci_api::types::CreateContainerGroup;
use eci_core::{Kind, OperationTag};
use eci_planner::{Deed, Step};
use eci_provider::{Cloud, Look, Provider, ThingId, Wait, create_request};
use eci_state::{Deed as Intended, OpenIntent, Record, Settlement, Snapshot};
use tokio::time::Instant;

use super::prepare::limit;
use super::{ApplyError, Calls, Prepared, Run, UnderWay};
use crate::event::Event;
use crate::problem::Problem;
use crate::recover::{self, Adopt, RecoverError};
use crate::settings::Urgency;
use crate::tagged::look_for;
use crate::work::{Finish, Work};

/// What a run says while it waits.
const PHASE: &str = "looking for what an earlier run may have created";

/// A container group to be created, under the tag of an earlier create that asked for the same.
pub(crate) struct Repeat {
    request: CreateContainerGroup,
    operation: OperationTag,
    wait: Wait,
    until: Instant,
}

/// A create of an earlier run, and what it takes to recognize what it created.
pub(crate) struct Earlier {
    open: OpenIntent,
    snapshot: Snapshot,
    until: Instant,
    poll: (Duration, Duration),
}

/// What an earlier create turned out to have created.
pub(crate) struct Found {
    id: ThingId,
    look: Option<Look>,
    /// What else carries its tag.
    others: Vec<String>,
}

impl<'a, A: Cloud + 'static> Run<'a, A> {
    /// Creates something where an earlier create may still take effect: if it asked for the same, the
    /// same is created under its tag. Otherwise its outcome comes first.
    pub(super) fn create_after(
        &mut self,
        task: usize,
        step: &Step,
        open: OpenIntent,
    ) -> Result<(), Problem> {
        let Intended::Create {
            operation, asked, ..
        } = &open.deed
        else {
            return Err(Problem::Broken(
                "the open operation is no create".to_owned(),
            ));
        };
        let kind = step.address.kind();
        if kind == Kind::ContainerGroup {
            let desired = self.to_create(task, step)?;
            let (_, state) = self.to_make(step, &desired, operation);
            if state.applied == asked.applied {
                let request = create_request(&desired, operation).map_err(Problem::from)?;
                let repeat = Repeat {
                    request,
                    operation: operation.clone(),
                    wait: Wait::of(&desired),
                    until: self.settled_by,
                };
                let under_way = UnderWay {
                    intent: Some(open.intent),
                    since: Instant::now(),
                    desired,
                    state: Some(state),
                };
                self.under_way.insert(task, under_way);
                self.to_spawn.push(Prepared {
                    task,
                    kind: Calls::Repeat(Box::new(repeat)),
                    limit: limit(step, Deed::Create, self.settings),
                });
                return Ok(());
            }
        }
        let under_way = UnderWay::without_state(None);
        self.under_way.insert(task, under_way);
        let earlier = self.earlier(open);
        self.to_spawn.push(Prepared {
            task,
            kind: Calls::Await(Box::new(earlier)),
            limit: limit(step, Deed::Create, self.settings),
        });
        Ok(())
    }

    /// Goes on with a task that has waited for an earlier create at its address.
    pub(super) fn awaited(&mut self, task: usize, open: &OpenIntent, found: Option<Found>) {
        self.under_way.remove(&task);
        match found {
            None => {
                self.not_created(open);
                // Nothing new begins once the run is to end.
                if self.stopped.urgency() == Urgency::None {
                    self.begin_task(task);
                }
            }
            Some(found) => {
                let id = found.id.to_string();
                self.adopt(open, found);
                self.fail(task, Problem::CreatedMeanwhile { id });
            }
        }
    }

    /// Looks for what the creates of earlier runs brought about at addresses at which this run creates
    /// nothing.
    pub(super) async fn settle_earlier(&mut self) -> Result<(), ApplyError> {
        let open = self.store.snapshot().open.iter();
        let awaited: Vec<OpenIntent> = open.filter(|open| self.is_awaited(open)).cloned().collect();
        for open in awaited {
            let address = open.address.clone();
            self.reporter.report(&Event::Progress {
                address: address.clone(),
                phase: PHASE.to_owned(),
            });
            let earlier = self.earlier(open.clone());
            let looking = earlier.created(self.provider);
            let found = tokio::select! {
                biased;
                () = self.stopped.changed() => return Ok(()),
                found = looking => found,
            };
            match found {
                Ok(None) => self.not_created(&open),
                Ok(Some(found)) => {
                    let id = found.id.to_string();
                    self.adopt(&open, found);
                    self.report_failure(address, Deed::Create, Problem::CreatedMeanwhile { id });
                }
                Err(problem) => self.report_failure(address, Deed::Create, problem),
            }
            self.commit()?;
        }
        Ok(())
    }

    /// The create of an earlier run that may still take effect at the address of a step.
    pub(super) fn earlier_at(&self, step: &Step) -> Option<OpenIntent> {
        let mut open = self.store.snapshot().open.iter();
        open.find(|open| open.address == step.address && self.is_awaited(open))
            .cloned()
    }

    fn is_awaited(&self, open: &OpenIntent) -> bool {
        self.plan.awaited().contains(&open.intent) && !self.settled.contains(&open.intent)
    }

    fn earlier(&self, open: OpenIntent) -> Earlier {
        Earlier {
            open,
            snapshot: self.store.snapshot().clone(),
            until: self.settled_by,
            poll: self.settings.poll,
        }
    }

    fn not_created(&mut self, open: &OpenIntent) {
        self.settled.insert(open.intent);
        self.records.push(Record::Settled {
            intent: open.intent,
            address: open.address.clone(),
            outcome: Settlement::Failed {
                message: "it was not carried out".to_owned(),
            },
        });
    }

    /// Records what an earlier create turned out to have created, and intents to delete what takes its
    /// place or carries its tag as well.
    fn adopt(&mut self, open: &OpenIntent, found: Found) {
        self.settled.insert(open.intent);
        let Intended::Create { asked, .. } = &open.deed else {
            return;
        };
        let id = found.id.to_string();
        let adopt = Adopt {
            kind: open.address.kind(),
            asked,
            id: &id,
            look: found.look.as_ref(),
        };
        let (outcome, _) = recover::adopted(&*self.store, self.provider, &adopt);
        let mut left = found.others;
        left.extend(recover::replaced(
            self.store.snapshot(),
            &open.address,
            &outcome,
        ));
        self.records.push(Record::Settled {
            intent: open.intent,
            address: open.address.clone(),
            outcome,
        });
        for id in left {
            self.leave_to_delete(&open.address, id);
        }
    }
}

impl Earlier {
    /// What the create brought about, looked for until it can no longer take effect.
    async fn created<A: Cloud>(&self, provider: &Provider<A>) -> Result<Option<Found>, Problem> {
        let (until, poll) = (self.until, self.poll);
        let Intended::Create {
            operation, asked, ..
        } = &self.open.deed
        else {
            return Ok(None);
        };
        if self.open.address.kind() == Kind::ContainerGroup {
            let found = look_for(provider, operation, until, poll).await;
            let found = found.map_err(unknown)?.map(|found| {
                Ok(Found {
                    id: found.id()?,
                    look: Some(found.seen.into()),
                    others: found.others,
                })
            });
            return found.transpose();
        }
        let what = (&self.open, operation, &*asked.applied);
        let found = recover::look_for_order(provider, &self.snapshot, what, until, poll).await;
        let found = found.map_err(|error| match error {
            RecoverError::Call(error) => unknown(error),
            error => Problem::Ambiguous {
                message: error.to_string(),
            },
        })?;
        let Some(id) = found else {
            return Ok(None);
        };
        let look = provider.look(&id).await.map_err(unknown)?;
        let others = Vec::new();
        Ok(Some(Found { id, look, others }))
    }
}

impl<A: Cloud> Work<A> {
    /// Waits for the outcome of an earlier create.
    pub(crate) async fn outcome_of(self, earlier: Earlier) -> Finish {
        self.progress(PHASE.to_owned());
        match earlier.created(&self.provider).await {
            Ok(found) => Finish::Awaited(Box::new((earlier.open, found))),
            Err(problem) => Finish::Unknown(problem),
        }
    }

    /// Creates a container group, unless an earlier create turns out to have created it.
    pub(crate) async fn repeat(self, repeat: Repeat) -> Finish {
        self.progress(PHASE.to_owned());
        let Repeat {
            request,
            operation,
            wait,
            until,
        } = repeat;
        match look_for(&self.provider, &operation, until, self.poll).await {
            Ok(None) => self.create(request, operation, wait).await,
            Ok(Some(found)) => match found.id() {
                Ok(id) => {
                    self.made(found.made());
                    self.ready(&id, wait).await
                }
                Err(problem) => Finish::Unknown(problem),
            },
            Err(error) => Finish::Unknown(unknown(error)),
        }
    }
}

fn unknown(error: CallError) -> Problem {
    Problem::Unknown { error }
}
