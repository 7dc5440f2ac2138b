//! What an earlier run has replaced and could not give back.

use eci_core::Kind;
use eci_planner::Deed;
use eci_provider::{Cloud, ThingId};
use eci_state::{Deed as Intended, OpenIntent, Record, Settlement, crash};
use tokio::time::Instant;

use super::{ApplyError, Failure, Run};
use crate::event::Event;
use crate::problem::Problem;
use crate::recover;
use crate::settings::Urgency;

impl<A: Cloud + 'static> Run<'_, A> {
    /// Gives back the EIPs and disks that an earlier run has replaced: what had them still when
    /// this run began has the new ones now that all is done. Where something failed, they are
    /// left to the next run.
    pub(super) async fn give_back(&mut self) -> Result<(), ApplyError> {
        for intent in std::mem::take(&mut self.left_over) {
            let is_open = |open: &OpenIntent| open.intent == intent.intent;
            let is_settled = !self.store.snapshot().open.iter().any(is_open);
            let kind = intent.address.kind();
            let Intended::Delete { id } = &intent.deed else {
                continue;
            };
            let (false, Ok(thing)) = (
                is_settled || kind == Kind::ContainerGroup,
                ThingId::new(kind, id),
            ) else {
                continue;
            };
            if !self.outcome.failed.is_empty() || self.stopped.urgency() != Urgency::None {
                break;
            }
            self.give_one_back(&intent, &thing).await?;
        }
        Ok(())
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
            released = recover::release(provider, intent, thing, settings) => released,
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
