//! Operations that an earlier run left open: what remains of them is part of the plan.
//!
//! Recovery only reads. What it cannot settle by that would change the cloud, and is shown first:
//!
//! * an order of unknown outcome is placed again under its own token, which orders nothing twice;
//! * what was replaced is deleted once it has been replaced.

use std::collections::{BTreeMap, BTreeSet};

use eci_core::kinds::is_managed;
use eci_core::{Address, Kind};
use eci_state::{Deed, IntentId, OpenIntent, ResourceState, Snapshot};

use crate::action::{Action, Reason};
use crate::document::Step;
use crate::moves::Moves;
use crate::observed::Observed;

/// The open operations that a plan goes on with.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// The orders of unknown outcome, by the addresses that the state has them under.
    orders: BTreeMap<Address, Order>,
    predecessors: Vec<Predecessor>,
    /// The intents that the plan knows of.
    known: BTreeSet<IntentId>,
}

#[derive(Debug)]
struct Order {
    intent: IntentId,
    asked: ResourceState,
}

/// Something that was replaced and is not deleted yet.
#[derive(Debug)]
struct Predecessor {
    address: Address,
    id: String,
    /// None as long as what takes its place is an order of unknown outcome.
    intent: Option<IntentId>,
}

/// What to plan with in place of what is: as if the orders of unknown outcome had been completed.
pub(crate) struct Assumed {
    pub(crate) snapshot: Snapshot,
    pub(crate) observed: Observed,
}

impl Pending {
    pub(crate) fn new(snapshot: &Snapshot) -> Pending {
        let mut pending = Pending::default();
        for open in &snapshot.open {
            pending.add(snapshot, open);
        }
        pending
    }

    fn add(&mut self, snapshot: &Snapshot, open: &OpenIntent) {
        let kind = open.address.kind();
        match &open.deed {
            Deed::Create { asked, .. } => {
                let is_order = kind != Kind::ContainerGroup && is_managed(kind, &asked.applied);
                // Recovery settles all others.
                if !is_order || self.orders.contains_key(&open.address) {
                    return;
                }
                let held = snapshot.resources.get(&open.address);
                let held = held.and_then(|state| state.id.clone());
                self.predecessors.extend(held.map(|id| Predecessor {
                    address: open.address.clone(),
                    id,
                    intent: None,
                }));
                let order = Order {
                    intent: open.intent,
                    asked: ResourceState::clone(asked),
                };
                self.orders.insert(open.address.clone(), order);
            }
            Deed::Delete { id } => {
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
            Deed::Update { .. } => return,
        }
        self.known.insert(open.intent);
    }

    /// The intents that the plan knows of: a run refuses a plan that does not know of one.
    pub(crate) fn known(&self) -> BTreeSet<IntentId> {
        self.known.clone()
    }

    /// What to plan with, if some orders are of unknown outcome.
    pub(crate) fn assumed(&self, snapshot: &Snapshot, observed: &Observed) -> Option<Assumed> {
        if self.orders.is_empty() {
            return None;
        }
        let mut assumed = Assumed {
            snapshot: snapshot.clone(),
            observed: Observed::nothing(),
        };
        for (address, order) in &self.orders {
            let resources = &mut assumed.snapshot.resources;
            resources.insert(address.clone(), order.asked.clone());
        }
        // What was seen there is what was replaced.
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
        for (address, mark) in observed.marks() {
            if !self.orders.contains_key(address) {
                assumed.observed.insert_mark(address.clone(), mark.clone());
            }
        }
        Some(assumed)
    }

    /// Makes the steps go on with the orders of unknown outcome.
    pub(crate) fn resume(&self, steps: &mut [Step], moves: &Moves<'_>) {
        let orders = self.orders.iter();
        let orders: BTreeMap<&Address, &Order> = orders
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
            match step.action {
                Action::NoOp | Action::Move => {
                    step.action = Action::Create;
                    step.reason = Some(Reason::Resumed);
                }
                // What may exist is not let go before that is known.
                Action::Forget => step.action = Action::Delete,
                _ => {}
            }
        }
    }

    /// The steps that delete what was replaced.
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
            needs: Vec::new(),
            create_first: false,
            rebinds: false,
            moved_from: None,
            import: None,
            pending: it.intent,
            detaches: Vec::new(),
            resource: None,
        };
        selected.map(step).collect()
    }
}
