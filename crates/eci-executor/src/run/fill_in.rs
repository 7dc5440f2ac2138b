//! Attributes that the cloud has not filled in yet, and those that wait for them.
//!
//! A group that is not waited for counts as created before it has an address. A dependent that
//! refers to the address waits for it: as null, it would be deployed as a wrong value.

use std::time::Duration;

use eci_config::Scope as _;
use eci_core::{Address, Value};
use eci_planner::{Mode, Step, TaskKind};
use eci_provider::{Cloud, RemoteId, RemoteObject};
use eci_text::{List, Text, text};
use tokio::time::Instant;

use super::data::{AttributeWait, InFlightTask, ReadyTask, Run, TaskCall};
use super::limits::limit;
use crate::apply_error::ApplyError;
use crate::error::TaskError;
use crate::outcome::FailedOutput;
use crate::stop::StopMode;

/// A resource that lacks attributes to which others refer.
struct UnfilledResource<'a> {
    id: RemoteId,
    step: &'a Step,
    /// The attributes that it lacks.
    attributes: Vec<String>,
}

impl<'a, A: Cloud + 'static> Run<'a, A> {
    /// Begins to wait where a step reads what the cloud has not filled in yet.
    ///
    /// Returns whether the task waits now.
    pub(super) fn waits_for_attributes(
        &mut self,
        task: usize,
        step: &Step,
    ) -> Result<bool, TaskError> {
        let reads = matches!(
            self.plan.tasks()[task].kind,
            TaskKind::Create | TaskKind::Update | TaskKind::Bind
        );
        let Some(resource) = step.resource.as_ref().filter(|_| reads) else {
            return Ok(false);
        };
        if !self.desired(step)?.values().any(Value::has_unknown) {
            self.reading.remove(&task);
            return Ok(false);
        }
        let unfilled = self.unfilled(&resource.references);
        if unfilled.is_empty() {
            return Ok(false);
        }
        let reading = self.reading.entry(task).or_insert(AttributeWait {
            since: Instant::now(),
            pause: self.options.poll.initial,
        });
        let (since, pause) = (reading.since, reading.pause);
        reading.pause = self.options.poll.after(pause);
        let waited = since.elapsed();
        if waited >= self.longest(&unfilled) {
            self.reading.remove(&task);
            return Err(not_filled_in(&unfilled, waited));
        }
        let work = InFlightTask {
            intent: None,
            is_new_intent: false,
            since,
            desired: Default::default(),
            state: None,
        };
        self.in_flight.insert(task, work);
        self.to_spawn.push(ReadyTask {
            task,
            kind: TaskCall::Watch(unfilled.into_iter().map(|it| it.id).collect(), pause),
            limit: Duration::ZERO,
        });
        Ok(true)
    }

    /// Continues a task that has read what it refers to.
    pub(super) fn watched(&mut self, task: usize, remotes: Vec<RemoteObject>) {
        self.in_flight.remove(&task);
        self.filled_in(&remotes);
        // Nothing new begins once the run is to end.
        if self.stopped.mode() == StopMode::Run {
            self.begin_task(task);
        }
    }

    /// Waits for what outputs read and the cloud has not filled in yet.
    ///
    /// An output whose attributes are not set before the timeout has failed. A refresh waits for
    /// nothing: they keep their values.
    pub(super) async fn fill_in_outputs(&mut self) -> Result<(), ApplyError> {
        if self.plan.options().mode == Mode::RefreshOnly {
            return Ok(());
        }
        let start = Instant::now();
        let mut pause = self.options.poll.initial;
        loop {
            let unfilled = self.unfilled_outputs();
            if unfilled.is_empty() {
                return Ok(());
            }
            if self.stopped.mode() != StopMode::Run {
                self.outcome.not_started += unfilled.len();
                return Ok(());
            }
            let all: Vec<&UnfilledResource<'_>> = unfilled.iter().flat_map(|(_, it)| it).collect();
            let longest = all.iter().map(|it| self.longest_of(it)).max();
            let waited = start.elapsed();
            if waited >= longest.unwrap_or_default() {
                let failed = unfilled.into_iter().map(|(name, unfilled)| FailedOutput {
                    name,
                    problem: not_filled_in(&unfilled, waited),
                });
                self.outcome.failed_outputs.extend(failed);
                return Ok(());
            }
            let ids: Vec<RemoteId> = all.iter().map(|it| it.id.clone()).collect();
            tokio::select! {
                biased;
                () = self.stopped.changed() => continue,
                () = tokio::time::sleep(pause) => {}
            }
            pause = self.options.poll.after(pause);
            match self.provider.describe_many(&ids).await {
                Ok(remotes) => {
                    let remotes: Vec<RemoteObject> = remotes.into_values().collect();
                    self.filled_in(&remotes);
                    self.append()?;
                }
                Err(error) => tracing::debug!(%error, "cannot read what outputs refer to"),
            }
        }
    }

    /// Returns the outputs that are unknown because the cloud has not filled in attributes, with
    /// those.
    fn unfilled_outputs(&self) -> Vec<(String, Vec<UnfilledResource<'a>>)> {
        let outputs = self.plan.outputs().iter().filter_map(|change| {
            let output = change.output.as_ref()?;
            let value = output.evaluate(&self.known).ok()?;
            let unfilled = value
                .has_unknown()
                .then(|| self.unfilled(&output.references));
            Some((change.name.clone(), unfilled?))
        });
        outputs.filter(|(_, it)| !it.is_empty()).collect()
    }

    /// Returns those of these resources that exist and lack attributes.
    ///
    /// The address of an EIP is what the group that holds it reports.
    fn unfilled<'r>(
        &self,
        addresses: impl IntoIterator<Item = &'r Address>,
    ) -> Vec<UnfilledResource<'a>> {
        let groups = addresses.into_iter().filter_map(|address| {
            let properties = address.kind().properties();
            if properties.is_filled_in_later {
                Some(address.clone())
            } else if properties.is_public_ip {
                self.known.holder(address).cloned()
            } else {
                None
            }
        });
        let lacks = groups.filter_map(|address| {
            let known = self.known.resource(&address)?;
            let entries = known.as_map()?.iter();
            let unknown = entries.filter(|(_, value)| value.is_unknown());
            let attributes: Vec<String> = unknown.map(|(name, _)| name.to_string()).collect();
            let state = self.store.snapshot().resources.get(&address)?;
            let id = RemoteId::new(address.kind(), state.id.as_deref()?).ok()?;
            let step = *self.steps.get(&address)?;
            (!attributes.is_empty()).then_some(UnfilledResource {
                id,
                step,
                attributes,
            })
        });
        lacks.collect()
    }

    /// Records the observations of groups that lacked attributes.
    fn filled_in(&mut self, remotes: &[RemoteObject]) {
        for remote in remotes {
            let resources = self.store.snapshot().resources.iter();
            let mut found = resources.filter(|(address, state)| {
                address.kind().properties().is_filled_in_later
                    && state.id.as_deref() == Some(remote.id.as_str())
            });
            let address = found.next().map(|(address, _)| address);
            if let Some(step) = address.and_then(|address| self.steps.get(address).copied()) {
                self.record_again(step, remote);
            }
        }
    }

    fn longest(&self, unfilled: &[UnfilledResource<'_>]) -> Duration {
        let limits = unfilled.iter().map(|it| self.longest_of(it));
        limits.max().unwrap_or_default()
    }

    fn longest_of(&self, unfilled: &UnfilledResource<'_>) -> Duration {
        limit(unfilled.step, TaskKind::Create, self.options)
    }
}

fn not_filled_in(unfilled: &[UnfilledResource<'_>], waited: Duration) -> TaskError {
    let missing = |it: &UnfilledResource<'_>| {
        text!(
            en: "{address} has no {attributes}",
            zh: "{address} 仍没有 {attributes}",
            address = it.step.address.to_string(),
            attributes = List::and(it.attributes.iter().map(|name| format!("`{name}`"))),
        )
    };
    let what = match unfilled {
        [one] => missing(one),
        several => Text::of(&List::and(several.iter().map(missing))),
    };
    TaskError::NotFilledIn { what, waited }
}
