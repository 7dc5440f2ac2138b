//! Operations that an earlier run left open: what remains of them is part of the plan.
//!
//! Recovery only reads. What it cannot resolve that way would change the cloud, and is displayed
//! first:
//!
//! * an order that was placed and is not complete is followed to its end;
//! * one that, as far as reads show, was never placed is sent again under its own token where the
//!   same is still desired, which orders nothing twice;
//! * the result of any other create is looked for until the create can no longer take effect;
//! * the old object of a completed replacement is deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use eci_core::kinds::is_standalone;
use eci_core::{Address, DigestKey};
use eci_state::{IntentId, IntentKind, OpenIntent, ResourceState, Snapshot};

use crate::action::{Action, Reason};
use crate::diff::{DiffScope, Sides, diff};
use crate::moves::Moves;
use crate::observed::Observations;
use crate::step::Step;

/// The pending operations that a plan goes on with.
#[derive(Debug, Default)]
pub(crate) struct PendingOperations {
    /// The orders that were placed, by the addresses that the state has them under.
    orders: BTreeMap<Address, PendingOrder>,
    /// The creates of which reads found no order, with those addresses.
    unplaced: Vec<(Address, PendingOrder)>,
    /// The creates of container groups that reads did not find, with those addresses.
    unobserved: Vec<(Address, IntentId)>,
    predecessors: Vec<Predecessor>,
    /// The intents that the plan knows of.
    known: BTreeSet<IntentId>,
}

#[derive(Debug)]
struct PendingOrder {
    intent: IntentId,
    requested: ResourceState,
}

/// A replaced object that is not deleted yet.
#[derive(Debug)]
struct Predecessor {
    address: Address,
    id: String,
    /// The intent to delete it; none as long as its replacement is an order of unknown outcome.
    intent: Option<IntentId>,
}

/// The inputs to plan with in place of the real ones: as if the orders that were placed had been completed.
pub(crate) struct AssumedInputs {
    pub(crate) snapshot: Snapshot,
    pub(crate) observed: Observations,
}

impl PendingOperations {
    pub(crate) fn new(snapshot: &Snapshot) -> PendingOperations {
        let mut pending = PendingOperations::default();
        for open in &snapshot.open_intents {
            pending.add(snapshot, open);
        }
        pending
    }

    fn add(&mut self, snapshot: &Snapshot, open: &OpenIntent) {
        let kind = open.address.kind();
        match &open.kind {
            IntentKind::Create {
                planned: requested, ..
            } => {
                if !kind.properties().is_ordered {
                    self.unobserved.push((open.address.clone(), open.intent));
                    self.known.insert(open.intent);
                    return;
                }
                // Recovery resolves all others.
                if !is_standalone(kind, &requested.applied)
                    || self.orders.contains_key(&open.address)
                {
                    return;
                }
                let order = PendingOrder {
                    intent: open.intent,
                    requested: ResourceState::clone(requested),
                };
                if open.order.is_none() {
                    self.unplaced.push((open.address.clone(), order));
                    self.known.insert(open.intent);
                    return;
                }
                let held = snapshot.resources.get(&open.address);
                let held = held.and_then(|state| state.id.clone());
                self.predecessors.extend(held.map(|id| Predecessor {
                    address: open.address.clone(),
                    id,
                    intent: None,
                }));
                self.orders.insert(open.address.clone(), order);
            }
            IntentKind::Delete { id } => {
                let mut resources = snapshot.resources.iter();
                let is_known = resources.any(|(address, state)| {
                    address.kind() == kind && state.id.as_deref() == Some(id)
                });
                if is_known {
                    return;
                }
                self.predecessors.push(Predecessor {
                    address: open.address.clone(),
                    id: id.clone(),
                    intent: Some(open.intent),
                });
            }
            IntentKind::Update { .. } => return,
        }
        self.known.insert(open.intent);
    }

    /// Returns the intents that the plan knows of: a run refuses a plan that does not know of one.
    pub(crate) fn known(&self) -> BTreeSet<IntentId> {
        self.known.clone()
    }

    /// Returns the inputs to plan with, if some orders are not complete.
    pub(crate) fn assumed_inputs(
        &self,
        snapshot: &Snapshot,
        observed: &Observations,
    ) -> Option<AssumedInputs> {
        if self.orders.is_empty() {
            return None;
        }
        let mut assumed = AssumedInputs {
            snapshot: snapshot.clone(),
            observed: Observations::empty(),
        };
        for (address, order) in &self.orders {
            let resources = &mut assumed.snapshot.resources;
            resources.insert(address.clone(), order.requested.clone());
        }
        // The observation at that address is that of the replaced object.
        for (address, observation) in observed.iter() {
            if !self.orders.contains_key(address) {
                assumed
                    .observed
                    .insert(address.clone(), observation.clone());
            }
        }
        for (object, holder) in observed.holders() {
            let holder = holder.map(str::to_owned);
            assumed.observed.hold(object.clone(), holder);
        }
        for (id, address) in observed.eip_addresses() {
            assumed.observed.insert_eip_address(id, address);
        }
        for (id, bandwidth) in observed.eip_bandwidths() {
            assumed.observed.insert_eip_bandwidth(id, *bandwidth);
        }
        for (address, mark) in observed.marks() {
            if !self.orders.contains_key(address) {
                assumed.observed.insert_mark(address.clone(), mark.clone());
            }
        }
        Some(assumed)
    }

    /// Makes the creates that ask for the same as one of which reads found no order send that again,
    /// and returns the intents of the others: what they may still bring about is looked for.
    pub(crate) fn resend(
        &mut self,
        steps: &mut [Step],
        moves: &Moves<'_>,
        key: &DigestKey,
        has: impl Fn(&Address) -> bool,
    ) -> BTreeSet<IntentId> {
        let mut awaited = BTreeSet::new();
        for (address, order) in mem::take(&mut self.unplaced) {
            let address = moves.now(&address);
            if !has(address) {
                continue;
            }
            let mut steps = steps.iter_mut();
            match steps.find(|step| step.address == *address && is_same(step, &order, key)) {
                None => {
                    awaited.insert(order.intent);
                }
                Some(step) => {
                    step.pending = Some(order.intent);
                    step.resends = true;
                    if step.action == Action::Create {
                        step.reason = Some(Reason::Resumed);
                    }
                }
            }
        }
        for (address, intent) in mem::take(&mut self.unobserved) {
            let address = moves.now(&address);
            if !has(address) {
                continue;
            }
            awaited.insert(intent);
            let mut steps = steps.iter_mut();
            let step = steps.find(|step| {
                step.address == *address
                    && step.action == Action::Create
                    && step.reason == Some(Reason::New)
            });
            if let Some(step) = step {
                step.reason = Some(Reason::Awaited);
            }
        }
        awaited
    }

    /// Makes the steps go on with the orders that were placed.
    pub(crate) fn resume(&self, steps: &mut [Step], moves: &Moves<'_>) {
        let orders = self.orders.iter();
        let orders: BTreeMap<&Address, &PendingOrder> = orders
            .map(|(address, order)| (moves.now(address), order))
            .collect();
        if orders.is_empty() {
            return;
        }
        for step in steps {
            let Some(order) = orders.get(&step.address) else {
                continue;
            };
            step.pending = Some(order.intent);
            if matches!(step.action, Action::NoOp | Action::Move) {
                step.action = Action::Create;
                step.reason = Some(Reason::Resumed);
            }
        }
    }

    /// Returns the steps that delete what was replaced.
    pub(crate) fn deletes(&self, moves: &Moves<'_>, has: impl Fn(&Address) -> bool) -> Vec<Step> {
        let predecessors = self.predecessors.iter();
        let selected = predecessors.filter(|it| has(moves.now(&it.address)));
        let step = |it: &Predecessor| Step {
            address: moves.now(&it.address).clone(),
            action: Action::Delete,
            reason: Some(Reason::Replaced),
            place: None,
            id: Some(it.id.clone()),
            state: None,
            changes: Vec::new(),
            planned: None,
            desired: None,
            dependencies: Vec::new(),
            create_before_destroy: false,
            transfers_eip: false,
            moved_from: None,
            import: None,
            pending: it.intent,
            resends: false,
            detaches: Vec::new(),
            resource: None,
        };
        selected.map(step).collect()
    }
}

/// Returns whether a step creates exactly what an order requests.
fn is_same(step: &Step, order: &PendingOrder, key: &DigestKey) -> bool {
    let kind = step.address.kind();
    let creates = matches!(step.action, Action::Create | Action::Replace);
    let is_same = step.desired.as_deref().is_some_and(|desired| {
        is_standalone(kind, desired)
            && diff(
                kind.schema(),
                key,
                Sides {
                    before: &order.requested.applied,
                    after: desired,
                },
                DiffScope::Given,
            )
            .is_empty()
    });
    creates && is_same && !step.is_of_predecessor() && step.pending.is_none()
}
