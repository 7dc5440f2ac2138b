//! Intents that are written ahead of their calls.
//!
//! A store behind a network can require as much time for an intent as the cloud for a call. While the calls of
//! some tasks are in flight, the intents of the next ones are written, so that a call that ends is followed
//! by another one at once.

use eci_provider::Cloud;
use eci_state::IntentOutcome;
use tokio::time::Instant;

use super::data::Run;
use crate::apply_error::ApplyError;

/// The reason that is recorded for a call that a stop has prevented.
const WITHDRAWN: &str = "not sent: the run was stopped";

impl<A: Cloud + 'static> Run<'_, A> {
    /// Returns how many calls may be in flight at once.
    fn most_in_flight(&self) -> usize {
        self.options.parallelism.max(1)
    }

    /// Returns how many tasks may be prepared or in flight at once: where intents take time, twice as many
    /// as calls.
    pub(super) fn most_prepared(&self) -> usize {
        if self.writes_ahead {
            2 * self.most_in_flight()
        } else {
            self.most_in_flight()
        }
    }

    /// Begins the calls whose intents are durable, as many as may be in flight.
    pub(super) fn spawn_durable(&mut self) {
        while self.tasks.len() < self.most_in_flight()
            && let Some(ready) = self.durable.pop_front()
        {
            if let Some(work) = self.in_flight.get_mut(&ready.task)
                && work.is_new_intent
            {
                work.since = Instant::now();
            }
            self.spawn(ready);
        }
    }

    /// Takes back the intents of calls that are not going to be sent, because the run is to stop.
    ///
    /// An intent of an earlier run stays open: the next one recovers it.
    pub(super) fn withdraw(&mut self) -> Result<(), ApplyError> {
        for ready in std::mem::take(&mut self.durable) {
            let is_new = self.in_flight.get(&ready.task);
            if is_new.is_some_and(|work| work.is_new_intent) {
                let message = WITHDRAWN.to_owned();
                self.finish_intent(ready.task, IntentOutcome::Failed { message });
            }
            self.in_flight.remove(&ready.task);
        }
        self.append()
    }
}
