//! What an earlier run has replaced and could not give back.

use eci_core::Kind;
use eci_planner::{Action, Deed, Step};
use eci_provider::{Cloud, ThingId};
use eci_state::{Deed as Intended, OpenIntent, Record, ResourceState, Settlement, crash};
use tokio::time::Instant;

use super::{ApplyError, Failure, Run};
use crate::event::Event;
use crate::problem::Problem;
use crate::recover;
use crate::settings::Urgency;

impl<A: Cloud + 'static> Run<'_, A> {
    /// Deletes the groups that an earlier run has replaced and that go with what took their place:
    /// what they have bound has to be free for what this run deletes.
    pub(super) async fn clear(&mut self) -> Result<(), ApplyError> {
        let (now, later): (Vec<_>, _) = std::mem::take(&mut self.left_over)
            .into_iter()
            .partition(|intent| self.goes_anyway(intent));
        self.left_over = later;
        self.give_all_back(now).await
    }

    /// Gives back what an earlier run has replaced: groups whose successors are of use now that
    /// all is done, and EIPs and disks, as what had them still when this run began has the new
    /// ones. Where something failed, they are left to the next run.
    pub(super) async fn give_back(&mut self) -> Result<(), ApplyError> {
        let left = std::mem::take(&mut self.left_over);
        self.give_all_back(left).await
    }

    async fn give_all_back(&mut self, left: Vec<OpenIntent>) -> Result<(), ApplyError> {
        for intent in left {
            let Intended::Delete { id } = &intent.deed else {
                continue;
            };
            let thing = ThingId::new(intent.address.kind(), id);
            let (true, Ok(thing)) = (self.is_due(&intent, id), thing) else {
                continue;
            };
            if !self.outcome.failed.is_empty() || self.stopped.urgency() != Urgency::None {
                break;
            }
            self.give_one_back(&intent, &thing).await?;
        }
        Ok(())
    }

    /// Whether it is a group whose successor is gone or goes.
    fn goes_anyway(&self, intent: &OpenIntent) -> bool {
        let of_it = |step: &&Step| step.address == intent.address;
        let stays = match self.plan.steps().iter().find(of_it) {
            Some(step) => step.action != Action::Delete,
            None => self
                .store
                .snapshot()
                .resources
                .contains_key(&intent.address),
        };
        intent.address.kind() == Kind::ContainerGroup && !stays
    }

    /// Whether it is still to go, and nothing needs it any more.
    fn is_due(&self, intent: &OpenIntent, id: &str) -> bool {
        let snapshot = self.store.snapshot();
        let is_open = |open: &OpenIntent| open.intent == intent.intent;
        let has_it = |state: &ResourceState| state.id.as_deref() == Some(id);
        if !snapshot.open.iter().any(is_open) || snapshot.resources.values().any(has_it) {
            return false;
        }
        let successor = snapshot.resources.get(&intent.address);
        match (intent.address.kind(), successor) {
            (Kind::ContainerGroup, Some(successor)) => {
                self.goes_anyway(intent) || (!successor.tainted && successor.ready_by.is_none())
            }
            _ => true,
        }
    }

    async fn give_one_back(
        &mut self,
        intent: &OpenIntent,
        thing: &ThingId,
    ) -> Result<(), ApplyError> {
        let (address, deed) = (intent.address.clone(), Deed::Delete);
        let since = Instant::now();
        self.reporter.report(&Event::Started {
            address: address.clone(),
            deed,
        });
        let (provider, settings) = (self.provider, self.settings);
        let released = tokio::select! {
            biased;
            () = at_once(&mut self.stopped) => Err(Box::new(Problem::Interrupted)),
            released = recover::give_back(provider, intent, thing, settings) => released,
        };
        let Err(problem) = released else {
            crash::point("left-over-gone");
            self.records.push(Record::Settled {
                intent: intent.intent,
                address: address.clone(),
                outcome: Settlement::Done { state: None },
            });
            self.commit()?;
            self.reporter.report(&Event::Done {
                address,
                deed,
                id: None,
                took: since.elapsed(),
            });
            return Ok(());
        };
        self.reporter.report(&Event::Failed {
            address: address.clone(),
            deed,
            problem: (*problem).clone(),
        });
        self.outcome.stopped = self.stopped.urgency();
        self.outcome.failed.push(Failure {
            address,
            deed,
            problem: *problem,
        });
        Ok(())
    }
}

/// Returns once the run is to end at once.
async fn at_once(stopped: &mut crate::settings::Stopped) {
    while stopped.urgency() != Urgency::AtOnce {
        stopped.changed().await;
    }
}
