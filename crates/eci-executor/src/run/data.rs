//! Data that a run keeps track of.

use std::collections::{HashMap, HashSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use eci_api::CallError;
use eci_api::types::{ClientToken, ContainerGroupId, CreateContainerGroup, UpdateContainerGroup};
use eci_core::{Address, Kind, Map, OperationTag};
use eci_planner::{KnownValues, Plan, Step};
use eci_provider::{RemoteId, RemoteObject, ResourceProvider, Wait};
use eci_state::{IntentId, Record, ResourceState, StateError, Store};
use futures::stream::FuturesOrdered;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use crate::detach::DetachCall;
use crate::earlier_create::{EarlierCreate, RepeatedCreate};
use crate::effects::Effects;
use crate::event::Reporter;
use crate::options::ApplyOptions;
use crate::order_request::{InPlaceUpdate, OrderRequest};
use crate::outcome::ApplyOutcome;
use crate::refusal::RefusedCreate;
use crate::replacement_assumption::ReplacementAssumption;
use crate::schedule::Schedule;
use crate::stop::StopSignal;
use crate::task::{TaskEvent, TaskOutcome};
use crate::update::Update;

/// A run of a plan, and what it keeps track of.
pub(super) struct Run<'a, A> {
    pub(super) plan: &'a Plan,
    pub(super) provider: &'a ResourceProvider<A>,
    pub(super) store: &'a mut dyn Store,
    pub(super) options: &'a ApplyOptions,
    pub(super) effects: &'a Effects,
    pub(super) reporter: &'a dyn Reporter,
    pub(super) stopped: StopSignal,
    pub(super) sender: UnboundedSender<TaskEvent>,
    pub(super) messages: UnboundedReceiver<TaskEvent>,
    pub(super) schedule: Schedule,
    pub(super) known: KnownValues,
    /// The steps of the plan.
    pub(super) steps: HashMap<&'a Address, &'a Step>,
    /// The steps that give a new group its EIP in a separate task.
    pub(super) binds: HashSet<usize>,
    /// The waits of tasks for attributes that they read.
    pub(super) reading: HashMap<usize, AttributeWait>,
    /// The EIPs that existed before this run ordered one.
    pub(super) listing: Listing,
    /// The tasks whose work is in flight.
    pub(super) in_flight: HashMap<usize, InFlightTask>,
    /// The intents to delete what was replaced, by the numbers of their steps.
    pub(super) predecessors: HashMap<usize, (IntentId, Option<ClientToken>)>,
    /// The steps of which a part failed or was skipped.
    pub(super) failed_steps: HashSet<usize>,
    /// The assumptions of tasks about the groups that they replace.
    pub(super) assumed: HashMap<usize, ReplacementAssumption>,
    /// The changing steps that are done.
    pub(super) completed: HashSet<usize>,
    /// The changing steps of which a part is done, for example the delete of a replacement.
    pub(super) begun: HashSet<usize>,
    /// The tasks whose creates were refused, until they are looked up.
    pub(super) refused: Vec<(usize, RefusedCreate)>,
    /// The kinds of which no more can be created, with the tasks and refusals that say so.
    pub(super) exhausted: HashMap<Kind, (usize, CallError)>,
    pub(super) work: JoinSet<(usize, TaskOutcome)>,
    /// The task of each piece of work.
    pub(super) tasks: HashMap<Id, usize>,
    /// The time from which no call of an earlier run can take effect any more: all had ended before this one
    /// began.
    pub(super) effective_by: Instant,
    /// The creates of earlier runs whose outcome this run has found out.
    pub(super) resolved: HashSet<IntentId>,
    /// The container groups that were created.
    pub(super) created: Vec<Address>,
    /// The records that are to be appended to the journal next.
    pub(super) records: Vec<Record>,
    /// Work whose intents are among those records.
    pub(super) to_spawn: Vec<ReadyTask>,
    /// Work whose intents are being written.
    pub(super) writing: FuturesOrdered<Pin<Box<dyn Future<Output = DurableWork> + Send>>>,
    /// Work whose intents are durable and that waits until fewer calls are in flight.
    pub(super) durable: VecDeque<ReadyTask>,
    /// Whether intents take time to become durable, so that those of the next calls are written ahead.
    pub(super) writes_ahead: bool,
    pub(super) outcome: ApplyOutcome,
}

/// The work of a task in flight.
pub(super) struct InFlightTask {
    /// The open intent; none where there is none, or where it is recovered already: the group was created.
    pub(super) intent: Option<IntentId>,
    /// Whether the intent was recorded for the call that is prepared, which was not sent yet.
    pub(super) is_new_intent: bool,
    pub(super) since: Instant,
    /// The desired attributes, everything known; empty for a delete.
    pub(super) desired: Arc<Map>,
    /// The state that it will have; its id and what was observed are still missing.
    pub(super) state: Option<ResourceState>,
}

impl InFlightTask {
    /// Returns work that records no state, under an intent of an earlier run if there is one.
    pub(super) fn without_state(intent: Option<IntentId>) -> InFlightTask {
        InFlightTask {
            intent,
            is_new_intent: false,
            since: Instant::now(),
            desired: Arc::default(),
            state: None,
        }
    }
}

/// Work whose intents are durable.
pub(super) type DurableWork = Result<Vec<ReadyTask>, StateError>;

/// Work that is ready to begin.
pub(super) struct ReadyTask {
    pub(super) task: usize,
    pub(super) kind: TaskCall,
    pub(super) limit: Duration,
}

/// The call of a task.
pub(super) enum TaskCall {
    Create(Box<CreateContainerGroup>, OperationTag, Wait),
    /// A create where an earlier one may still take effect.
    Repeat(Box<RepeatedCreate>),
    /// No call: a search for what an earlier create created.
    Await(Box<EarlierCreate>),
    Update(ContainerGroupId, Box<Update>),
    Unbind(ContainerGroupId, Box<UpdateContainerGroup>),
    Detach(ContainerGroupId, Box<DetachCall>),
    Delete(ContainerGroupId),
    /// No call: a wait for what another run created.
    Wait(RemoteId, Wait),
    /// No call: another read of what lacks attributes, after this pause.
    Watch(Vec<RemoteId>, Duration),
    /// The list of all EIPs.
    List,
    /// An order for an EIP or a disk.
    Order(Box<OrderRequest>),
    /// A change of an EIP or a disk in place.
    Amend(Box<InPlaceUpdate>),
    /// The release of an EIP or a disk.
    Release(RemoteId, ClientToken),
    /// A release where an earlier order may have failed under its token.
    ReleaseAgain(RemoteId, ClientToken),
    /// No call: a search for what a refused create created.
    LookUp(Box<RefusedCreate>),
}

/// The progress of a run with the list of EIPs, which it reads once, before its first order.
#[derive(Default)]
pub(super) enum Listing {
    /// The list was not required yet, or could not be read.
    #[default]
    Unread,
    /// The list is being read for the first of these tasks; the others wait as well.
    Reading(Vec<usize>),
    /// All EIPs of the region.
    Read(Vec<RemoteObject>),
}

/// The wait of a task for attributes that it reads.
pub(super) struct AttributeWait {
    pub(super) since: Instant,
    pub(super) pause: Duration,
}
