//! Stored orders and jobs: requested changes that complete later.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::realm::Realm;
use crate::model::change::ObjectKind;
use crate::model::clock::{SimTime, Timing};
use crate::model::operation::ApiOperation;

/// From an order until it is complete (assumed).
pub(crate) const ORDERING: Duration = Duration::from_secs(3);
/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The order of placing.
    pub(crate) number: u64,
    /// `masterOrderID`: 32 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) realm: Realm,
    /// The call that placed it, by its name.
    pub(crate) call: String,
    /// The token and the rest of that call, if it had a token.
    pub(crate) token: Option<String>,
    pub(crate) body: String,
    /// The kind of its object.
    pub(crate) kind: ObjectKind,
    pub(crate) subject: String,
    pub(crate) placed: SimTime,
    /// The time at which it is complete, or has failed.
    pub(crate) complete: SimTime,
    pub(crate) fails: bool,
    /// The number of further answers to a query that say that it is complete, without the object
    /// that it created.
    pub(crate) silent: u32,
}

/// The course of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OrderBehavior {
    /// The additional time that it takes.
    pub(crate) delay: Duration,
    pub(crate) fails: bool,
    /// The first query that finds it complete learns nothing more.
    pub(crate) silent: bool,
    /// The time after its completion in which the created object is not visible.
    pub(crate) unseen: Duration,
    /// Whether it is complete at once.
    pub(crate) at_once: bool,
    /// The answer that places it is that it is in progress.
    pub(crate) in_progress: bool,
}

/// An order as a call places it.
#[derive(Clone, Debug)]
pub(crate) struct OrderRequest {
    pub(crate) realm: Realm,
    pub(crate) operation: ApiOperation,
    pub(crate) token: Option<String>,
    /// The call without its token, to distinguish a repeated call from a different one.
    pub(crate) body: String,
    pub(crate) behavior: OrderBehavior,
    /// The IDs of a new object and its order, generated outside of the world.
    pub(crate) order: String,
}

impl OrderRequest {
    /// Returns the time at which the order will be complete.
    pub(super) fn complete(&self, at: Timing) -> SimTime {
        if self.behavior.at_once {
            at.now
        } else {
            at.after(ORDERING).plus(self.behavior.delay)
        }
    }
}

impl Order {
    pub(crate) fn is_over(&self, now: SimTime) -> bool {
        self.complete <= now
    }
}

/// A job on a disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) realm: Realm,
    pub(crate) disk: String,
    pub(crate) task: String,
    pub(crate) complete: SimTime,
}

/// All orders and jobs.
#[derive(Clone, Default)]
pub(crate) struct Orders {
    pub(super) orders: Vec<Order>,
    pub(super) ids: HashMap<String, usize>,
    /// The last order of each account and token.
    pub(super) tokens: HashMap<(String, String), usize>,
    pub(super) jobs: Vec<Job>,
}

impl Orders {
    pub(super) fn of(
        orders: impl IntoIterator<Item = Order>,
        jobs: impl IntoIterator<Item = Job>,
    ) -> Orders {
        let mut all = Orders::default();
        for order in orders {
            all.insert(order);
        }
        all.jobs.extend(jobs);
        all
    }

    pub(super) fn insert(&mut self, order: Order) {
        let at = self.orders.len();
        self.ids.insert(order.id.clone(), at);
        if let Some(token) = &order.token {
            let account = order.realm.account.clone();
            self.tokens.insert((account, token.clone()), at);
        }
        self.orders.push(order);
    }
}
