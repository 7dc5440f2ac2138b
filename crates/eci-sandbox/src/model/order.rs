//! Orders and jobs: what was asked for and comes about later.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::World;
use super::index::Realm;
use crate::audit_log::Kind;
use crate::clock::{SimTime, TimeScale};
use crate::operation::Operation;
use crate::order_error::{Code, OrderApiError};

/// From an order until it is complete (assumed).
pub(crate) const ORDERING: Duration = Duration::from_secs(3);
/// How long the same token is the same request (vendor's page).
const TOKENS_KEPT: Duration = Duration::from_secs(24 * 3600);

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
    /// What it is about.
    pub(crate) kind: Kind,
    pub(crate) subject: String,
    pub(crate) placed: SimTime,
    /// When it is complete, or has failed.
    pub(crate) complete: SimTime,
    pub(crate) fails: bool,
    /// How many more answers to a query say that it is complete, without saying what it made.
    pub(crate) silent: u32,
}

/// How an order goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OrderBehavior {
    /// It takes so much longer.
    pub(crate) delay: Duration,
    pub(crate) fails: bool,
    /// The first query that finds it complete learns nothing more.
    pub(crate) silent: bool,
    /// For so long after it is complete, what it made is not seen.
    pub(crate) unseen: Duration,
    /// It is complete at once.
    pub(crate) at_once: bool,
    /// The answer that places it is that it is in progress.
    pub(crate) in_progress: bool,
}

/// An order as a call places it.
#[derive(Clone, Debug)]
pub(crate) struct OrderRequest {
    pub(crate) operation: Operation,
    pub(crate) token: Option<String>,
    /// The call without its token, to tell a repeated one from another one.
    pub(crate) body: String,
    pub(crate) fate: OrderBehavior,
    /// For what is new: its id and the order's, made outside of the world.
    pub(crate) order: String,
}

impl OrderRequest {
    /// When it will be complete.
    pub(super) fn complete(&self, (now, pace): (SimTime, TimeScale)) -> SimTime {
        match self.fate.at_once {
            true => now,
            false => now.plus(pace.takes(ORDERING)).plus(self.fate.delay),
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
    orders: Vec<Order>,
    ids: HashMap<String, usize>,
    /// The last order of each account and token.
    tokens: HashMap<(String, String), usize>,
    jobs: Vec<Job>,
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

    fn insert(&mut self, order: Order) {
        let at = self.orders.len();
        self.ids.insert(order.id.clone(), at);
        if let Some(token) = &order.token {
            let account = order.realm.account.clone();
            self.tokens.insert((account, token.clone()), at);
        }
        self.orders.push(order);
    }
}

impl World {
    /// The order that the same call has placed already. The same token with another call is
    /// refused (our choice: the vendor does not say).
    pub(crate) fn placed_before(
        &self,
        realm: &Realm,
        placing: &OrderRequest,
        now: SimTime,
    ) -> Result<Option<Order>, OrderApiError> {
        let Some(token) = &placing.token else {
            return Ok(None);
        };
        let key = (realm.account.clone(), token.clone());
        let known = self.orders.tokens.get(&key);
        let known = known.and_then(|at| self.orders.orders.get(*at));
        let Some(order) = known.filter(|order| now < order.placed.plus(TOKENS_KEPT)) else {
            return Ok(None);
        };
        if order.call == placing.operation.name() && order.body == placing.body {
            return Ok(Some(order.clone()));
        }
        Err(OrderApiError::new(
            Code::token_reused(placing.operation.family()),
            format!(
                "clientToken {token:?} was used for {} with other parameters",
                order.call
            ),
        ))
    }

    /// Places an order about something.
    pub(super) fn place_order(
        &mut self,
        realm: &Realm,
        placing: OrderRequest,
        (kind, subject): (Kind, &str),
        at: (SimTime, TimeScale),
    ) -> Order {
        let order = Order {
            number: self.orders.orders.len() as u64,
            complete: placing.complete(at),
            id: placing.order,
            realm: realm.clone(),
            call: placing.operation.name().to_owned(),
            token: placing.token,
            body: placing.body,
            kind,
            subject: subject.to_owned(),
            placed: at.0,
            fails: placing.fate.fails,
            silent: u32::from(placing.fate.silent),
        };
        self.orders.insert(order.clone());
        self.touched.push(order.clone().into());
        order
    }

    /// The order of this id in any region of the account, as a query sees it: with whether it
    /// is told what it made.
    pub(crate) fn query_order(
        &mut self,
        account: &str,
        id: &str,
        now: SimTime,
    ) -> Option<(Order, bool)> {
        let at = *self.orders.ids.get(id)?;
        let order = self.orders.orders.get_mut(at)?;
        if order.realm.account != account {
            return None;
        }
        let told = order.is_over(now) && !order.fails;
        if !told || order.silent == 0 {
            return Some((order.clone(), told));
        }
        order.silent -= 1;
        let order = order.clone();
        self.touched.push(order.clone().into());
        Some((order, false))
    }

    /// Begins a job.
    pub(super) fn begin(&mut self, job: Job) -> Job {
        self.orders.jobs.push(job.clone());
        self.touched.push(job.clone().into());
        job
    }

    /// The number of the next job.
    pub(super) fn next_job(&self) -> u64 {
        self.orders.jobs.len() as u64
    }

    /// The job of this id.
    pub(crate) fn job(&self, realm: &Realm, id: &str) -> Option<&Job> {
        let mut jobs = self.orders.jobs.iter().rev();
        jobs.find(|job| job.id == id && job.realm == *realm)
    }
}
