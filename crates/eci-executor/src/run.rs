//! The one loop that runs a plan.

mod begin;
mod duplicates;
mod earlier;
mod end;
mod fill_in;
mod listing;
mod prepare;
mod record_outcome;
mod refresh_outputs;
mod refused;
mod resume;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use eci_api::CallError;
use eci_api::types::{ClientToken, ContainerGroupId, CreateContainerGroup, UpdateContainerGroup};
use eci_core::{Address, DigestKey, Kind, Map, OperationTag};
use eci_planner::{KnownValues, Plan, Step, TaskKind};
use eci_provider::{Cloud, InPlaceChange, Mount, Order, Provider, RemoteId, Wait};
use eci_state::{IntentId, Record, ResourceState, StateError, Store};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::assumed::Assumed;
use crate::detach::Detach;
use crate::error::TaskError;
use crate::event::{Event, Reporter};
use crate::failpoints;
use crate::order_task;
use crate::outcome::Outcome;
use crate::schedule::{Next, Schedule};
use crate::settings::{ApplyOptions, RunContext, StopSignal, Urgency};
use crate::task::{TaskEvent, TaskOutcome, TaskRunner, telling};
use crate::update::Update;

pub(crate) use earlier::{Earlier, Found, Repeat};
use listing::Listing;
pub(crate) use refused::{LookUp, Refused};

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The state could not be written. Nothing new was started after that.
    #[error(transparent)]
    State(#[from] StateError),
    /// The plan is not one of this state, or the state has moved on since.
    #[error(
        "the plan was made from serial {planned} of state {lineage}, and the state is at serial {found}; plan again"
    )]
    StalePlan {
        /// The lineage of the plan.
        lineage: String,
        /// The serial of the plan.
        planned: u64,
        /// The serial of the state.
        found: u64,
    },
    /// The state has records that the plan does not know of.
    #[error("something was recorded in the state since the plan was made; plan again")]
    Outdated,
    /// Operations of an earlier run are open that the plan does not know of.
    #[error("an earlier run left operations on {} open; recover, and plan again", resources.join(", "))]
    Pending {
        /// The resources.
        resources: Vec<String>,
    },
}

/// Runs a plan on the state that it was made from, and records what comes of it.
///
/// A resource that fails does not stop what does not need it. The plan is consumed, also if the
/// run is dropped before its end: whoever goes on after that plans again, from what the run has
/// recorded.
///
/// # Errors
/// If the plan is not one of this state, or the state cannot be written.
pub async fn apply<A: Cloud + 'static>(
    plan: Plan,
    provider: &Provider<A>,
    store: &mut dyn Store,
    (settings, effects): (&ApplyOptions, &RunContext),
    reporter: &dyn Reporter,
    stopped: StopSignal,
) -> Result<Outcome, ApplyError> {
    let snapshot = store.snapshot();
    if snapshot.lineage != *plan.lineage() || snapshot.serial != plan.serial() {
        return Err(ApplyError::StalePlan {
            lineage: plan.lineage().to_string(),
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
    let (sender, messages) = mpsc::unbounded_channel();
    let resources = plan
        .steps()
        .iter()
        .filter_map(|step| step.resource.as_deref());
    let guard = store.guard();
    let guard = move || guard().map_err(|error| error.to_string());
    let provider = provider.for_run().guarded(guard);
    let mut known = KnownValues::new(resources);
    for step in plan.steps() {
        if let Some(desired) = &step.desired {
            known.keep_names(&step.address, desired);
        }
        known.set_public_address(&step.address, step.public_address());
    }
    let mut run = Run {
        plan: &plan,
        provider: &provider,
        store,
        settings,
        effects,
        reporter,
        stopped,
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
        completed: 0,
        refused: Vec::new(),
        exhausted: HashMap::new(),
        work: JoinSet::new(),
        tasks: HashMap::new(),
        settled_by: Instant::now() + settings.consistency_window,
        settled: HashSet::new(),
        created: Vec::new(),
        records: Vec::new(),
        to_spawn: Vec::new(),
        outcome: Outcome::default(),
    };
    run.begin()?;
    run.run_tasks().await?;
    run.settle_earlier().await?;
    run.find_duplicates().await?;
    run.refresh_outputs().await?;
    run.fill_in_outputs().await?;
    run.end()
}

struct Run<'a, A> {
    plan: &'a Plan,
    provider: &'a Provider<A>,
    store: &'a mut dyn Store,
    settings: &'a ApplyOptions,
    effects: &'a RunContext,
    reporter: &'a dyn Reporter,
    stopped: StopSignal,
    sender: UnboundedSender<TaskEvent>,
    messages: UnboundedReceiver<TaskEvent>,
    schedule: Schedule,
    known: KnownValues,
    /// The steps of the plan.
    steps: HashMap<&'a Address, &'a Step>,
    /// The steps that give a new group its EIP in a task of its own.
    binds: HashSet<usize>,
    /// The waits of tasks for attributes that they read.
    reading: HashMap<usize, fill_in::Reading>,
    /// The EIPs that existed before this run ordered one.
    listing: Listing,
    /// The tasks whose work is under way.
    in_flight: HashMap<usize, InFlight>,
    /// The intents to delete what was replaced, by the numbers of their steps.
    predecessors: HashMap<usize, (IntentId, Option<ClientToken>)>,
    /// The steps of which a part failed or was left alone.
    failed_steps: HashSet<usize>,
    /// What tasks assume of the groups that they replace.
    assumed: HashMap<usize, Assumed>,
    /// How many steps are done that change something.
    completed: usize,
    /// The tasks whose creates were refused, until they are looked up.
    refused: Vec<(usize, Refused)>,
    /// The kinds of which no more can be created, with the tasks and refusals that say so.
    exhausted: HashMap<Kind, (usize, CallError)>,
    work: JoinSet<(usize, TaskOutcome)>,
    /// The task of each piece of work.
    tasks: HashMap<Id, usize>,
    /// When no call of an earlier run can take effect any more: all of them had ended before this one
    /// began.
    settled_by: Instant,
    /// The creates of earlier runs whose outcome this run has found out.
    settled: HashSet<IntentId>,
    /// The container groups that were created.
    created: Vec<Address>,
    /// What is to be appended to the journal next.
    records: Vec<Record>,
    /// Work whose intents are among those records.
    to_spawn: Vec<ReadyTask>,
    outcome: Outcome,
}

struct InFlight {
    /// None where there is none, or where it is settled already: the group was made.
    intent: Option<IntentId>,
    since: Instant,
    /// What is wanted, everything known; empty for a delete.
    desired: Arc<Map>,
    /// The state that it will have; its id and what was observed are still missing.
    state: Option<ResourceState>,
}

impl InFlight {
    /// Work that leaves nothing on record of its own, under an intent of an earlier run if there is one.
    fn without_state(intent: Option<IntentId>) -> InFlight {
        InFlight {
            intent,
            since: Instant::now(),
            desired: Arc::default(),
            state: None,
        }
    }
}

/// An order that makes an EIP or a disk.
pub(crate) struct Ordering {
    pub(crate) kind: Kind,
    pub(crate) order: Order,
    pub(crate) token: ClientToken,
    /// How far an earlier run has come with it.
    pub(crate) earlier: Option<order_task::Earlier>,
    pub(crate) operation: OperationTag,
    pub(crate) asked: Arc<Map>,
    /// The key of the digests in it.
    pub(crate) key: DigestKey,
    /// When it was intended.
    pub(crate) since: String,
    /// By how much that may differ from the time of the service.
    pub(crate) clocks: Duration,
    /// The EIPs that existed before.
    pub(crate) listed: Vec<String>,
}

/// Work that is ready to begin.
struct ReadyTask {
    task: usize,
    kind: TaskCall,
    limit: Duration,
}

enum TaskCall {
    Create(Box<CreateContainerGroup>, OperationTag, Wait),
    /// The same where an earlier create may still take effect.
    Repeat(Box<Repeat>),
    /// None: what an earlier create may have created.
    Await(Box<Earlier>),
    Update(ContainerGroupId, Box<Update>),
    Unbind(ContainerGroupId, Box<UpdateContainerGroup>),
    Detach(ContainerGroupId, Detach),
    Delete(ContainerGroupId),
    /// None: another run has made them.
    Wait(RemoteId, Wait),
    /// None: another look at what lacks attributes, after this pause.
    Watch(Vec<RemoteId>, Duration),
    /// None: the list of all EIPs.
    List,
    /// What makes an EIP or a disk.
    Order(Box<Ordering>),
    /// What changes one in place.
    Amend(RemoteId, Option<Mount>, Vec<InPlaceChange>, ClientToken),
    /// What gives one back.
    Release(RemoteId, ClientToken),
    /// The same, where an earlier order may have failed under its token.
    ReleaseAgain(RemoteId, ClientToken),
    /// None: what a refused create may have made.
    LookUp(Box<Refused>),
}

impl<'a, A: Cloud + 'static> Run<'a, A> {
    async fn run_tasks(&mut self) -> Result<(), ApplyError> {
        let mut at_once = false;
        loop {
            // What came in is on record before anything else begins or is waited for.
            if self.may_record() {
                self.commit()?;
            }
            if self.stopped.urgency() == Urgency::None {
                self.start()?;
            }
            if self.work.is_empty() && !self.look_up_refused() {
                return self.commit();
            }
            // In this order, so that a run depends on nothing but what comes in and when.
            tokio::select! {
                biased;
                () = self.stopped.changed() => {
                    if self.outcome.stopped == Urgency::None {
                        self.reporter.report(&Event::StopRequested);
                    }
                    self.provider.begin_shutdown();
                    self.outcome.stopped = self.stopped.urgency();
                    at_once = self.outcome.stopped == Urgency::AtOnce;
                }
                Some(message) = self.messages.recv() => self.on_event(message),
                Some(finished) = self.work.join_next_with_id() => self.on_task_joined(finished),
            }
            if at_once {
                self.abandon().await;
                return self.commit();
            }
        }
    }

    /// Begins as many tasks as may be under way, their intents on disk before their calls.
    fn start(&mut self) -> Result<(), ApplyError> {
        while self.in_flight.len() - self.refused.len() < self.settings.parallelism.max(1) {
            match self.schedule.next() {
                None => break,
                Some(Next::Skip(task, because)) => self.skip(task, because),
                Some(Next::Begin(task)) => {
                    self.prepare(task);
                    // What was done without a call is in the state before the next task reads that.
                    if !self.in_flight.contains_key(&task) && self.may_record() {
                        self.append()?;
                    }
                }
            }
        }
        if !failpoints::intents_are_late() {
            self.commit()?;
        }
        for prepared in std::mem::take(&mut self.to_spawn) {
            self.spawn(prepared);
        }
        Ok(())
    }

    /// Whether what is to be recorded may be appended. A rehearsal of late intents keeps it back until
    /// all the work that it began is over.
    fn may_record(&self) -> bool {
        let is_at_rest = self.work.is_empty() && self.to_spawn.is_empty();
        !failpoints::intents_are_late() || is_at_rest
    }

    /// Appends what is to be recorded.
    fn append(&mut self) -> Result<(), ApplyError> {
        if !self.records.is_empty() {
            self.store.append(&self.records)?;
            self.records.clear();
        }
        Ok(())
    }

    /// Appends what is to be recorded; flushes it if a call waits for that.
    fn commit(&mut self) -> Result<(), ApplyError> {
        self.append()?;
        if !self.to_spawn.is_empty() {
            self.store.flush()?;
        }
        Ok(())
    }

    fn step(&self, task: usize) -> &'a Step {
        &self.plan.steps()[self.plan.tasks()[task].step]
    }

    fn spawn(&mut self, prepared: ReadyTask) {
        let ReadyTask { task, kind, limit } = prepared;
        let not_before = self.is_uncertain(task).then_some(self.settled_by);
        let work = TaskRunner {
            task,
            provider: telling(self.provider, task, self.sender.clone()),
            messages: self.sender.clone(),
            poll: self.settings.poll,
            limit,
            window: self.settings.consistency_window,
            visible_within: self.settings.visible_within,
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
                TaskCall::Detach(id, detach) => work.detach(id, detach).await,
                TaskCall::Delete(id) => work.delete(id).await,
                TaskCall::Wait(id, wait) => work.ready(&id, wait).await,
                TaskCall::Watch(ids, pause) => work.watch(&ids, pause).await,
                TaskCall::List => work.list().await,
                TaskCall::Order(ordering) => work.order(*ordering).await,
                TaskCall::Amend(id, mount, amendments, token) => {
                    work.amend((id, mount), amendments, token).await
                }
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
                        TaskOutcome::Unknown(TaskError::Internal(error.to_string())),
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
            self.outcome.skipped.push((address, because.clone()));
        }
        self.schedule.over(task, Some(&because));
    }

    /// Leaves what is under way: the intents stay open and the next run settles them.
    async fn abandon(&mut self) {
        // No call begins after this.
        self.work.shutdown().await;
        while let Ok(message) = self.messages.try_recv() {
            self.on_event(message);
        }
        let mut left: Vec<usize> = self.in_flight.keys().copied().collect();
        left.sort_unstable();
        for task in left {
            self.fail(task, TaskError::Interrupted);
        }
    }
}

fn recorded(address: &Address, state: ResourceState) -> Record {
    Record::ResourceUpdated {
        address: address.clone(),
        state: Box::new(state),
    }
}
