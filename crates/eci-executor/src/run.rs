//! The one loop that runs a plan.

mod begin;
mod data;
mod duplicates;
mod earlier;
mod end;
mod fill_in;
mod limits;
mod listing;
mod prepare;
mod record_outcome;
mod refresh_outputs;
mod refused;
mod resume;
mod write_ahead;

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use eci_core::Address;
use eci_core::kinds::Mark;
use eci_planner::{KnownValues, Plan, Step, TaskKind};
use eci_provider::{Cloud, GuardRefusal};
use eci_state::{Record, RemoteError, Snapshot, StateError, failpoint};
use eci_text::Text;
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::apply_error::ApplyError;
use crate::context::RunContext;
use crate::error::TaskError;
use crate::event::Event;
use crate::failpoints;
use crate::options::ApplyOptions;
use crate::outcome::{ApplyOutcome, SkippedResource};
use crate::schedule::{NextStep, Schedule};
use crate::stop::{StopHandle, StopMode};
use crate::task::{TaskOutcome, TaskRunner, reporting};
use data::{Listing, ReadyTask, Run, TaskCall};

/// Applies a plan to the state from which it was created, and records the outcome.
///
/// A resource that fails does not stop what does not depend on it. The plan is consumed, also if
/// the run is dropped before its end: continuing after that requires a new plan, from what the run
/// has recorded.
///
/// Whatever fails is part of the outcome: a run that could not go on has its reason in
/// [`ApplyOutcome::error`].
///
/// Not cancel safe in one sense: dropping the future stops at once, and the next run recovers the
/// operations in progress. Nothing is lost, because every intent is on disk before its call.
pub async fn apply<A: Cloud + 'static>(
    plan: Plan,
    context: RunContext<'_, A>,
    options: &ApplyOptions,
    stop: &StopHandle,
) -> ApplyOutcome {
    let RunContext {
        provider,
        store,
        effects,
        reporter,
    } = context;
    if let Err(error) = check(&plan, store.snapshot()) {
        return ApplyOutcome {
            error: Some(error),
            ..ApplyOutcome::default()
        };
    }
    let (sender, messages) = mpsc::unbounded_channel();
    let resources = plan
        .steps()
        .iter()
        .filter_map(|step| step.resource.as_deref());
    let guard = store.guard();
    let guard = move || {
        guard().map_err(refusal)?;
        failpoint::hit("call-checked");
        Ok(())
    };
    let provider = provider.for_run().guarded(guard);
    let mut known = KnownValues::new(resources);
    for step in plan.steps() {
        if let Some(desired) = &step.desired {
            known.keep_names(&step.address, desired);
        }
        known.set_public_ip(&step.address, step.public_ip());
    }
    let mut run = Run {
        plan: &plan,
        provider: &provider,
        store,
        options,
        effects,
        reporter,
        stopped: stop.signal(),
        sender,
        messages,
        schedule: Schedule::new(plan.tasks()),
        known,
        steps: plan
            .steps()
            .iter()
            .filter(|step| !step.is_of_predecessor())
            .map(|step| (&step.address, step))
            .collect(),
        binds: plan
            .tasks()
            .iter()
            .filter(|task| task.kind == TaskKind::Bind)
            .map(|task| task.step)
            .collect(),
        reading: HashMap::new(),
        listing: Listing::default(),
        in_flight: HashMap::new(),
        predecessors: HashMap::new(),
        failed_steps: HashSet::new(),
        assumed: HashMap::new(),
        completed: HashSet::new(),
        begun: HashSet::new(),
        refused: Vec::new(),
        exhausted: HashMap::new(),
        work: JoinSet::new(),
        tasks: HashMap::new(),
        effective_by: Instant::now() + options.consistency_window,
        resolved: HashSet::new(),
        created: Vec::new(),
        records: Vec::new(),
        to_spawn: Vec::new(),
        writing: FuturesOrdered::new(),
        durable: VecDeque::new(),
        writes_ahead: false,
        outcome: ApplyOutcome::default(),
    };
    run.outcome.error = run.perform().await.err();
    run.outcome
}

/// Returns the refusal of a call because of the state.
///
/// A lease that has not ended may be renewed.
fn refusal(error: StateError) -> GuardRefusal {
    let left = match &error {
        StateError::Remote(RemoteError::LeaseExpired { left, .. }) => *left,
        _ => Duration::ZERO,
    };
    GuardRefusal {
        reason: Text::of(&error),
        may_pass: !left.is_zero(),
    }
}

/// Returns why a plan cannot be applied to a state, if it cannot.
fn check(plan: &Plan, snapshot: &Snapshot) -> Result<(), ApplyError> {
    if snapshot.lineage != *plan.lineage() {
        return Err(ApplyError::OtherState {
            planned: plan.lineage().to_string(),
            found: snapshot.lineage.to_string(),
        });
    }
    if snapshot.serial != plan.serial() {
        return Err(ApplyError::StalePlan {
            planned: plan.serial().0,
            found: snapshot.serial.0,
        });
    }
    let unknown = snapshot.open_intents.iter();
    let unknown = unknown.filter(|open| !plan.pending().contains(&open.intent));
    let resources: Vec<String> = unknown.map(|open| open.address.to_string()).collect();
    if !resources.is_empty() {
        return Err(ApplyError::Pending { resources });
    }
    if !snapshot.revision.is(plan.revision()) {
        return Err(ApplyError::Outdated);
    }
    Ok(())
}

/// Returns whether a record says what became of an object that carries no tag: without the record, only
/// its client token finds it, for a day.
fn is_hard_to_find_again(record: &Record) -> bool {
    match record {
        Record::OrderPlaced { address, .. } | Record::IntentFinished { address, .. } => {
            address.kind().properties().mark == Mark::None
        }
        _ => false,
    }
}

impl<'a, A: Cloud + 'static> Run<'a, A> {
    async fn perform(&mut self) -> Result<(), ApplyError> {
        self.begin()?;
        self.run_tasks().await?;
        self.resolve_earlier().await?;
        self.refresh_outputs().await?;
        self.fill_in_outputs().await?;
        self.record_end()?;
        self.find_duplicates().await?;
        self.end().await
    }

    async fn run_tasks(&mut self) -> Result<(), ApplyError> {
        let mut at_once = false;
        loop {
            // What arrived is recorded before anything else begins or is waited for.
            if self.may_record() {
                self.append()?;
            }
            if self.stopped.mode() == StopMode::Run {
                self.spawn_durable();
                self.start()?;
            } else {
                self.withdraw()?;
            }
            if self.work.is_empty() && self.writing.is_empty() && !self.look_up_refused() {
                return self.append();
            }
            // In this order, so that a run depends on nothing but what comes in and when.
            tokio::select! {
                biased;
                () = self.stopped.changed() => {
                    self.withdraw()?;
                    if self.outcome.stopped == StopMode::Run {
                        let in_progress = self.in_progress();
                        self.reporter.report(&Event::StopRequested { in_progress });
                    }
                    self.provider.begin_shutdown();
                    self.outcome.stopped = self.stopped.mode();
                    at_once = self.outcome.stopped == StopMode::Immediate;
                }
                Some(durable) = self.writing.next() => self.durable.extend(durable?),
                Some(message) = self.messages.recv() => self.on_event(message),
                Some(finished) = self.work.join_next_with_id() => self.on_task_joined(finished),
            }
            if at_once {
                self.abandon().await;
                return self.append();
            }
        }
    }

    /// Begins as many tasks as may be in flight, their intents durable before their calls.
    fn start(&mut self) -> Result<(), ApplyError> {
        while self.in_flight.len() - self.refused.len() < self.most_prepared() {
            match self.schedule.next() {
                None => break,
                Some(NextStep::Skip(task, because)) => self.skip(task, because),
                Some(NextStep::Begin(task)) => {
                    self.prepare(task);
                    // What was done without a call is in the state before the next task reads that.
                    if !self.in_flight.contains_key(&task) && self.may_record() {
                        self.append()?;
                    }
                }
            }
        }
        if failpoints::records_intents_late() {
            self.spawn_ready();
            return Ok(());
        }
        self.append()?;
        if self.to_spawn.is_empty() {
            return Ok(());
        }
        let durability = self.store.flush();
        if durability.is_done() {
            durability.wait()?;
            self.spawn_ready();
            return Ok(());
        }
        // The run continues while the intents are being written.
        self.writes_ahead = true;
        let ready = std::mem::take(&mut self.to_spawn);
        self.writing
            .push_back(Box::pin(async move { durability.await.map(|()| ready) }));
        Ok(())
    }

    fn spawn_ready(&mut self) {
        for ready in std::mem::take(&mut self.to_spawn) {
            self.spawn(ready);
        }
    }

    /// Returns whether what is to be recorded may be appended.
    ///
    /// A crash test of late intents keeps it back until all the work that it began is over.
    fn may_record(&self) -> bool {
        let is_at_rest = self.work.is_empty() && self.to_spawn.is_empty();
        !failpoints::records_intents_late() || is_at_rest
    }

    /// Appends what is to be recorded.
    fn append(&mut self) -> Result<(), ApplyError> {
        if self.records.is_empty() {
            return Ok(());
        }
        self.store.append(&self.records)?;
        if self.records.iter().any(is_hard_to_find_again) {
            self.store.hasten();
        }
        self.records.clear();
        Ok(())
    }

    pub(super) fn step(&self, task: usize) -> &'a Step {
        &self.plan.steps()[self.plan.tasks()[task].step]
    }

    fn spawn(&mut self, prepared: ReadyTask) {
        let ReadyTask { task, kind, limit } = prepared;
        let not_before = self.is_uncertain(task).then_some(self.effective_by);
        let work = TaskRunner {
            task,
            provider: reporting(self.provider, task, self.sender.clone()),
            messages: self.sender.clone(),
            poll: self.options.poll,
            limit,
            window: self.options.consistency_window,
            visible_within: self.options.visible_within,
        };
        let assumed = self.assumed.remove(&task);
        let handle = self.work.spawn(async move {
            if let Some(then) = not_before {
                tokio::time::sleep_until(then).await;
            }
            if let Some(assumed) = assumed
                && let Err(problem) = work.check(assumed).await
            {
                return (task, TaskOutcome::NotApplied(problem));
            }
            let finish = match kind {
                TaskCall::Create(request, operation, wait) => {
                    work.create(*request, operation, wait).await
                }
                TaskCall::Repeat(repeat) => work.repeat(*repeat).await,
                TaskCall::Await(earlier) => work.outcome_of(*earlier).await,
                TaskCall::Update(id, update) => work.update(id, *update).await,
                TaskCall::Unbind(id, request) => work.unbind(id, *request).await,
                TaskCall::Detach(id, detach) => work.detach(id, *detach).await,
                TaskCall::Delete(id) => work.delete(id).await,
                TaskCall::Wait(id, wait) => work.ready(&id, wait).await,
                TaskCall::Watch(ids, pause) => work.watch(&ids, pause).await,
                TaskCall::List => work.list().await,
                TaskCall::Order(ordering) => work.order(*ordering).await,
                TaskCall::Amend(update) => work.amend(*update).await,
                TaskCall::Release(id, token) => work.release(id, token).await,
                TaskCall::ReleaseAgain(id, token) => work.release_again(id, token).await,
                TaskCall::LookUp(refused) => work.look_up(*refused).await,
            };
            (task, finish)
        });
        self.tasks.insert(handle.id(), task);
    }

    fn on_task_joined(&mut self, finished: Result<(Id, (usize, TaskOutcome)), JoinError>) {
        // What the work said before it ended comes first.
        while let Ok(message) = self.messages.try_recv() {
            self.on_event(message);
        }
        match finished {
            Ok((id, (task, finish))) => {
                self.tasks.remove(&id);
                self.finish(task, finish);
            }
            Err(error) => {
                if let Some(task) = self.tasks.remove(&error.id()) {
                    self.finish(
                        task,
                        TaskOutcome::Unknown(TaskError::Internal(Text::of_error(&error))),
                    );
                }
            }
        }
    }

    fn skip(&mut self, task: usize, because: Address) {
        let step = self.step(task);
        let first = self.failed_steps.insert(self.plan.tasks()[task].step);
        if first && step.action.is_change() {
            let address = step.address.clone();
            self.reporter.report(&Event::TaskSkipped {
                address: address.clone(),
                cause: because.clone(),
            });
            self.outcome.skipped.push(SkippedResource {
                address,
                cause: because.clone(),
            });
        }
        self.schedule.over(task, Some(&because));
    }

    /// Returns the resources whose operations are in progress, each once, in the order of the plan.
    fn in_progress(&self) -> Vec<Address> {
        let mut steps: Vec<usize> = self
            .in_flight
            .keys()
            .map(|task| self.plan.tasks()[*task].step)
            .collect();
        steps.sort_unstable();
        // The parts of a replacement are two steps of one resource.
        let mut named = HashSet::new();
        let steps = steps
            .into_iter()
            .map(|step| &self.plan.steps()[step].address);
        steps
            .filter(|address| named.insert(*address))
            .cloned()
            .collect()
    }

    /// Leaves what is in flight: the intents stay open and the next run recovers them.
    async fn abandon(&mut self) {
        // No call begins after this.
        self.work.shutdown().await;
        while let Ok(message) = self.messages.try_recv() {
            self.on_event(message);
        }
        let mut left: Vec<usize> = self.in_flight.keys().copied().collect();
        left.sort_unstable();
        for task in left {
            match self.interruption(task) {
                Some(problem) => self.fail(task, problem),
                None => drop(self.in_flight.remove(&task)),
            }
        }
    }

    /// Returns the error of a task in flight that a stop ends; `None` if it had only read what it depends on.
    fn interruption(&self, task: usize) -> Option<TaskError> {
        let work = self.in_flight.get(&task)?;
        if work.intent.is_some() || self.earlier_at(self.step(task)).is_some() {
            return Some(TaskError::Interrupted);
        }
        let state = work.state.as_ref();
        state
            .is_some_and(|state| state.id.is_some())
            .then_some(TaskError::WaitInterrupted)
    }
}
