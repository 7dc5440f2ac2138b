//! The one loop that runs a plan.

mod duplicates;
mod earlier;
mod fill_in;
mod look_again;
mod prepare;
mod refused;
mod resume;
mod settle;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use eci_api::CallError;
use eci_api::types::{ClientToken, ContainerGroupId, CreateContainerGroup, UpdateContainerGroup};
use eci_core::{Address, DigestKey, Kind, Map, OperationTag};
use eci_planner::{Action, Deed, Known, Mode, Plan, Step};
use eci_provider::{Amendment, Cloud, Mount, Order, Provider, ThingId, Wait};
use eci_state::{IntentId, Names, OutputState, Record, ResourceState, StateError, Store, crash};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::detach::Detach;
use crate::event::{Event, Reporter};
use crate::order;
use crate::problem::Problem;
use crate::rehearsal;
use crate::schedule::{Next, Schedule};
use crate::settings::{Effects, Settings, Stopped, Urgency};
use crate::work::{Finish, Message, Work, telling};

pub(crate) use earlier::{Earlier, Found, Repeat};
pub(crate) use refused::{LookUp, Refused};

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many resources were changed, by what was done.
    pub done: BTreeMap<&'static str, usize>,
    /// What failed.
    pub failed: Vec<Failure>,
    /// What was left alone because something that it needs failed, with what failed.
    pub skipped: Vec<(Address, Address)>,
    /// The outputs that failed once their values were known: they keep their old values.
    pub failed_outputs: Vec<FailedOutput>,
    /// How the run was asked to end before its time, also if all was done by then.
    pub stopped: Urgency,
    /// How many changes were not started, because the run was asked to end.
    pub not_begun: usize,
}

impl Outcome {
    /// Whether everything that was planned is done.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
            && self.skipped.is_empty()
            && self.failed_outputs.is_empty()
            && self.not_begun == 0
    }
}

/// Something that failed.
#[derive(Debug)]
pub struct Failure {
    /// The resource.
    pub address: Address,
    /// What was to be done.
    pub deed: Deed,
    /// Why it was not.
    pub problem: Problem,
}

/// An output that failed once its values were known.
#[derive(Debug)]
pub struct FailedOutput {
    /// Its name.
    pub name: String,
    /// Why.
    pub problem: Problem,
}

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
    OtherState {
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
    (settings, effects): (&Settings, &Effects),
    reporter: &dyn Reporter,
    stopped: Stopped,
) -> Result<Outcome, ApplyError> {
    let snapshot = store.snapshot();
    if snapshot.lineage != *plan.lineage() || snapshot.serial != plan.serial() {
        return Err(ApplyError::OtherState {
            lineage: plan.lineage().to_string(),
            planned: plan.serial().0,
            found: snapshot.serial.0,
        });
    }
    let unknown = snapshot.open.iter();
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
    let mut known = Known::new(resources);
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
            .filter(|task| task.deed == Deed::Bind)
            .map(|task| task.step)
            .collect(),
        reading: HashMap::new(),
        under_way: HashMap::new(),
        predecessors: HashMap::new(),
        broken: HashSet::new(),
        completed: 0,
        refused: Vec::new(),
        exhausted: HashMap::new(),
        work: JoinSet::new(),
        tasks: HashMap::new(),
        settled_by: Instant::now() + settings.settle_window,
        settled: HashSet::new(),
        created: Vec::new(),
        records: Vec::new(),
        to_spawn: Vec::new(),
        outcome: Outcome::default(),
    };
    run.begin()?;
    run.work_off().await?;
    run.settle_earlier().await?;
    run.find_duplicates().await?;
    run.look_again().await?;
    run.fill_in_outputs().await?;
    run.end()
}

struct Run<'a, A> {
    plan: &'a Plan,
    provider: &'a Provider<A>,
    store: &'a mut dyn Store,
    settings: &'a Settings,
    effects: &'a Effects,
    reporter: &'a dyn Reporter,
    stopped: Stopped,
    sender: UnboundedSender<Message>,
    messages: UnboundedReceiver<Message>,
    schedule: Schedule,
    known: Known,
    /// The steps of the plan.
    steps: HashMap<&'a Address, &'a Step>,
    /// The steps that give a new group its EIP in a task of its own.
    binds: HashSet<usize>,
    /// The waits of tasks for attributes that they read.
    reading: HashMap<usize, fill_in::Reading>,
    /// The tasks whose work is under way.
    under_way: HashMap<usize, UnderWay>,
    /// The intents to delete what was replaced, by the numbers of their steps.
    predecessors: HashMap<usize, (IntentId, Option<ClientToken>)>,
    /// The steps of which a part failed or was left alone.
    broken: HashSet<usize>,
    /// How many steps are done that change something.
    completed: usize,
    /// The tasks whose creates were refused, until they are looked up.
    refused: Vec<(usize, Refused)>,
    /// The kinds of which no more can be created, with the tasks and refusals that say so.
    exhausted: HashMap<Kind, (usize, CallError)>,
    work: JoinSet<(usize, Finish)>,
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
    to_spawn: Vec<Prepared>,
    outcome: Outcome,
}

struct UnderWay {
    /// None where there is none, or where it is settled already: the group was made.
    intent: Option<IntentId>,
    since: Instant,
    /// What is wanted, everything known; empty for a delete.
    desired: Arc<Map>,
    /// The state that it will have; its id and what was observed are still missing.
    state: Option<ResourceState>,
}

/// An order that makes an EIP or a disk.
pub(crate) struct Ordering {
    pub(crate) kind: Kind,
    pub(crate) order: Order,
    pub(crate) token: ClientToken,
    /// How far an earlier run has come with it.
    pub(crate) earlier: Option<order::Earlier>,
    pub(crate) operation: OperationTag,
    pub(crate) asked: Arc<Map>,
    /// The key of the digests in it.
    pub(crate) key: DigestKey,
    /// When it was intended.
    pub(crate) since: String,
}

/// Work that is ready to begin.
struct Prepared {
    task: usize,
    kind: Calls,
    limit: Duration,
}

enum Calls {
    Create(Box<CreateContainerGroup>, OperationTag, Wait),
    /// The same where an earlier create may still take effect.
    Repeat(Box<Repeat>),
    /// None: what an earlier create may have created.
    Await(Box<Earlier>),
    Update(ContainerGroupId, Box<UpdateContainerGroup>, Wait),
    Unbind(ContainerGroupId, Box<UpdateContainerGroup>),
    Detach(ContainerGroupId, Detach),
    Delete(ContainerGroupId),
    /// None: another run has made them.
    Wait(ThingId, Wait),
    /// None: another look at what lacks attributes, after this pause.
    Watch(Vec<ThingId>, Duration),
    /// What makes an EIP or a disk.
    Order(Box<Ordering>),
    /// What changes one in place.
    Amend(ThingId, Option<Mount>, Vec<Amendment>, ClientToken),
    /// What gives one back.
    Release(ThingId, ClientToken),
    /// The same, where an earlier order may have failed under its token.
    ReleaseAgain(ThingId, ClientToken),
    /// None: what a refused create may have made.
    LookUp(Box<Refused>),
}

impl<'a, A: Cloud + 'static> Run<'a, A> {
    fn begin(&mut self) -> Result<(), ApplyError> {
        let snapshot = self.store.snapshot();
        self.records.push(Record::Begin {
            command: self.settings.command.clone(),
            at: (self.effects.now)(),
            serial: snapshot.serial,
            lineage: snapshot.lineage.clone(),
        });
        let cloud = self.settings.cloud.as_ref();
        let cloud = cloud.and_then(|cloud| snapshot.cloud_to_record(cloud));
        self.records
            .extend(cloud.map(|cloud| Record::Cloud { cloud }));
        self.follow_moves();
        self.commit()?;
        self.record_protections();
        self.commit()?;
        let snapshot = self.store.snapshot();
        for refreshed in self.plan.refreshed() {
            if let Some(state) = snapshot.resources.get(&refreshed.address) {
                let kind = refreshed.address.kind();
                let state = match &refreshed.applied {
                    Some(applied) => state.with_applied(kind, Arc::clone(applied)),
                    None => state.clone(),
                };
                self.records.push(recorded(
                    &refreshed.address,
                    ResourceState {
                        observed: refreshed.observed.clone(),
                        ..state
                    },
                ));
            }
        }
        let steps = self.plan.steps().iter();
        let changes = steps.filter(|step| step.action.is_change());
        self.reporter.report(&Event::Began {
            changes: changes.count(),
        });
        self.commit()
    }

    /// The state knows resources that moved under their new addresses before anything else: in the
    /// first line of the run, so that no end of the process comes between.
    fn follow_moves(&mut self) {
        let to = self.plan.moves();
        if to.is_empty() {
            return;
        }
        self.records.push(Record::Moved { to: to.clone() });
        // What changes besides is counted under that as well, as in the plan.
        let steps = self.plan.steps().iter();
        let moved = steps.filter(|step| step.moved_from.is_some()).count();
        if moved > 0 {
            self.outcome.done.insert(Action::Move.name(), moved);
        }
    }

    /// What is protected from now on, or no longer, is on record whatever becomes of the rest.
    fn record_protections(&mut self) {
        let snapshot = self.store.snapshot();
        for protection in self.plan.protections() {
            if let Some(state) = snapshot.resources.get(&protection.address) {
                self.records.push(recorded(
                    &protection.address,
                    ResourceState {
                        prevent_destroy: protection.prevent_destroy,
                        ..state.clone()
                    },
                ));
            }
        }
    }

    async fn work_off(&mut self) -> Result<(), ApplyError> {
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
                        self.reporter.report(&Event::Stopping);
                    }
                    self.provider.hurry();
                    self.outcome.stopped = self.stopped.urgency();
                    at_once = self.outcome.stopped == Urgency::AtOnce;
                }
                Some(message) = self.messages.recv() => self.hear(message),
                Some(finished) = self.work.join_next_with_id() => self.joined(finished),
            }
            if at_once {
                self.abandon().await;
                return self.commit();
            }
        }
    }

    /// Begins as many tasks as may be under way, their intents on disk before their calls.
    fn start(&mut self) -> Result<(), ApplyError> {
        while self.under_way.len() - self.refused.len() < self.settings.parallelism.max(1) {
            match self.schedule.next() {
                None => break,
                Some(Next::Skip(task, because)) => self.skip(task, because),
                Some(Next::Begin(task)) => {
                    self.prepare(task);
                    // What was done without a call is in the state before the next task reads that.
                    if !self.under_way.contains_key(&task) && self.may_record() {
                        self.append()?;
                    }
                }
            }
        }
        if !rehearsal::intents_are_late() {
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
        !rehearsal::intents_are_late() || is_at_rest
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

    fn spawn(&mut self, prepared: Prepared) {
        let Prepared { task, kind, limit } = prepared;
        let not_before = self.is_uncertain(task).then_some(self.settled_by);
        let work = Work {
            task,
            provider: telling(self.provider, task, self.sender.clone()),
            messages: self.sender.clone(),
            poll: self.settings.poll,
            limit,
            window: self.settings.settle_window,
            visible_within: self.settings.visible_within,
        };
        let handle = self.work.spawn(async move {
            if let Some(then) = not_before {
                tokio::time::sleep_until(then).await;
            }
            let finish = match kind {
                Calls::Create(request, operation, wait) => {
                    work.create(*request, operation, wait).await
                }
                Calls::Repeat(repeat) => work.repeat(*repeat).await,
                Calls::Await(earlier) => work.outcome_of(*earlier).await,
                Calls::Update(id, request, wait) => work.update(id, *request, wait).await,
                Calls::Unbind(id, request) => work.unbind(id, *request).await,
                Calls::Detach(id, detach) => work.detach(id, detach).await,
                Calls::Delete(id) => work.delete(id).await,
                Calls::Wait(id, wait) => work.ready(&id, wait).await,
                Calls::Watch(ids, pause) => work.watch(&ids, pause).await,
                Calls::Order(ordering) => work.order(*ordering).await,
                Calls::Amend(id, mount, amendments, token) => {
                    work.amend((id, mount), amendments, token).await
                }
                Calls::Release(id, token) => work.release(id, token).await,
                Calls::ReleaseAgain(id, token) => work.release_again(id, token).await,
                Calls::LookUp(refused) => work.look_up(*refused).await,
            };
            (task, finish)
        });
        self.tasks.insert(handle.id(), task);
    }

    fn joined(&mut self, finished: Result<(Id, (usize, Finish)), JoinError>) {
        // What the work said before it ended comes first.
        while let Ok(message) = self.messages.try_recv() {
            self.hear(message);
        }
        match finished {
            Ok((id, (task, finish))) => {
                self.tasks.remove(&id);
                self.finish(task, finish);
            }
            Err(error) => {
                if let Some(task) = self.tasks.remove(&error.id()) {
                    self.finish(task, Finish::Unknown(Problem::Broken(error.to_string())));
                }
            }
        }
    }

    fn skip(&mut self, task: usize, because: Address) {
        let step = self.step(task);
        let first = self.broken.insert(self.plan.tasks()[task].step);
        if first && step.action.is_change() {
            let address = step.address.clone();
            self.reporter.report(&Event::Skipped {
                address: address.clone(),
                because: because.clone(),
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
            self.hear(message);
        }
        let mut left: Vec<usize> = self.under_way.keys().copied().collect();
        left.sort_unstable();
        for task in left {
            self.fail(task, Problem::Interrupted);
        }
    }

    fn end(mut self) -> Result<Outcome, ApplyError> {
        let steps = self.plan.steps();
        let is_change = |step: &usize| steps[*step].action.is_change();
        let over = self.completed + self.broken.iter().filter(|step| is_change(step)).count();
        let changes = (0..steps.len()).filter(is_change).count();
        self.outcome.not_begun = changes.saturating_sub(over);
        self.outcome.stopped = self.outcome.stopped.max(self.stopped.urgency());
        self.forget_names();
        let outputs = self.outputs();
        if outputs != self.store.snapshot().outputs {
            self.records.push(Record::Outputs { outputs });
        }
        self.records.push(Record::End {
            at: (self.effects.now)(),
        });
        self.commit()?;
        self.store.flush()?;
        crash::point("run-over");
        self.store.compact()?;
        Ok(self.outcome)
    }

    /// Forgets the names of what was deleted and is not to be created again.
    fn forget_names(&mut self) {
        let mode = self.plan.options().mode;
        // A refresh creates nothing and says nothing about what is to be created.
        if self.plan.partial().is_some() || mode == Mode::RefreshOnly {
            return;
        }
        let is_destroy = mode == Mode::Destroy;
        let names = self.store.snapshot().names.keys();
        let left = names.filter(|address| is_destroy || !self.steps.contains_key(address));
        let forgotten = left.map(|address| Record::Names {
            address: address.clone(),
            names: Names::default(),
        });
        self.records.extend(forgotten);
    }

    /// The outputs as they are now. One that is not part of the plan, depends on what failed or
    /// fails itself keeps its old value.
    fn outputs(&mut self) -> BTreeMap<String, OutputState> {
        let snapshot = self.store.snapshot();
        let mut outputs = snapshot.outputs.clone();
        let is_complete = self.outcome.is_complete();
        for change in self.plan.outputs() {
            let Some(output) = &change.output else {
                // It goes when everything is done that goes with it.
                if is_complete {
                    outputs.remove(&change.name);
                }
                continue;
            };
            let value = match output.evaluate(&self.known) {
                Ok(value) => value,
                Err(problems) => {
                    self.outcome.failed_outputs.push(FailedOutput {
                        name: change.name.clone(),
                        problem: Problem::Evaluation(problems),
                    });
                    continue;
                }
            };
            if value.has_unknown() {
                continue;
            }
            let value = if change.sensitive {
                value.into_sensitive()
            } else {
                value
            };
            let state = OutputState {
                value: snapshot.digest_key.redact(&value),
                sensitive: change.sensitive,
            };
            outputs.insert(change.name.clone(), state);
        }
        outputs
    }
}

fn recorded(address: &Address, state: ResourceState) -> Record {
    Record::Recorded {
        address: address.clone(),
        state: Box::new(state),
    }
}
