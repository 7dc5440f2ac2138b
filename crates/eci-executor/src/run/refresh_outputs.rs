//! The values of EIPs and disks in outputs at the end of a run.

use std::collections::HashMap;
use std::sync::Arc;

use eci_core::Address;
use eci_core::kinds::is_standalone;
use eci_planner::{Step, redact_observed, with_computed};
use eci_provider::{Cloud, RemoteId, RemoteObject};
use eci_state::ResourceState;
use tokio::time::Instant;

use super::data::Run;
use crate::apply_error::ApplyError;
use crate::records::resource_updated;
use crate::stop::StopMode;

impl<'a, A: Cloud + 'static> Run<'a, A> {
    /// Reads again the EIPs and disks that outputs refer to, where groups have changed: they were
    /// observed before a group attached or detached them, and their status has changed since.
    /// Otherwise the next plan would have another value for the output.
    pub(super) async fn refresh_outputs(&mut self) -> Result<(), ApplyError> {
        let mut steps = self.plan.steps().iter();
        let is_group = |step: &Step| step.address.kind().properties().holds_attachments;
        if !steps.any(|step| is_group(step) && step.action.is_change()) {
            return Ok(());
        }
        let referenced = self.referenced_by_outputs();
        let until = Instant::now() + self.options.visible_within;
        let mut pause = self.options.poll.initial;
        let mut left: Vec<RemoteId> = referenced.keys().cloned().collect();
        while !left.is_empty() && self.stopped.mode() == StopMode::Run {
            let remotes = match self.provider.describe_many(&left).await {
                Ok(remotes) => remotes,
                Err(error) => {
                    // All is done: the next plan shows what has changed.
                    tracing::debug!(%error, "cannot read what outputs refer to");
                    break;
                }
            };
            let last = Instant::now() >= until;
            for (id, remote) in &remotes {
                if (last || !remote.is_transitional())
                    && let Some(step) = referenced.get(id)
                {
                    self.record_again(step, remote);
                }
            }
            left.retain(|id| !last && remotes.get(id).is_some_and(RemoteObject::is_transitional));
            if !left.is_empty() {
                tokio::time::sleep(pause).await;
                pause = self.options.poll.after(pause);
            }
        }
        self.append()
    }

    /// Returns the EIPs and disks of the state that outputs refer to, with their steps.
    fn referenced_by_outputs(&self) -> HashMap<RemoteId, &'a Step> {
        let outputs = self.plan.outputs().iter();
        let outputs = outputs.filter_map(|change| change.output.as_ref());
        let referenced: Vec<&Address> = outputs.flat_map(|output| &output.references).collect();
        let resources = &self.store.snapshot().resources;
        let steps = self.plan.steps().iter().filter(|step| {
            !step.address.kind().properties().holds_attachments
                && referenced.contains(&&step.address)
        });
        let remote_id = |step: &Step| {
            let state = resources.get(&step.address)?;
            let kind = step.address.kind();
            let id = state
                .id
                .as_deref()
                .filter(|_| is_standalone(kind, &state.applied))?;
            RemoteId::new(kind, id).ok()
        };
        steps
            .filter_map(|step| Some((remote_id(step)?, step)))
            .collect()
    }

    pub(super) fn record_again(&mut self, step: &Step, remote: &RemoteObject) {
        let snapshot = self.store.snapshot();
        let (Some(state), Ok(desired)) =
            (snapshot.resources.get(&step.address), self.desired(step))
        else {
            return;
        };
        let kind = step.address.kind();
        let attributes = Arc::new(self.provider.attributes_with_prior(
            remote,
            &state.applied,
            &state.observed,
        ));
        let key = &snapshot.digest_key;
        let observed = redact_observed(kind, state, &attributes, key);
        let state = ResourceState {
            observed,
            ..state.clone()
        };
        let values = with_computed(kind, &desired, &attributes);
        self.known.set(step.address.clone(), values);
        self.records.push(resource_updated(&step.address, state));
    }
}
