//! The orders and jobs of the world: how they are placed, begun and queried.

use std::time::Duration;

use super::World;
use super::order::{Job, Order, OrderRequest};
use super::realm::Realm;
use crate::model::change::ObjectKind;
use crate::model::clock::{SimTime, Timing};
use crate::model::order_error::{Code, OrderApiError};

/// The time for which the same token is the same request (API reference).
const TOKENS_KEPT: Duration = Duration::from_secs(24 * 3600);

impl World {
    /// Returns the order that the same call has placed already.
    ///
    /// The same token with another call is refused (our choice: the vendor does not say).
    pub(crate) fn placed_before(
        &self,
        placing: &OrderRequest,
        now: SimTime,
    ) -> Result<Option<Order>, OrderApiError> {
        let Some(token) = &placing.token else {
            return Ok(None);
        };
        let key = (placing.realm.account.clone(), token.clone());
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

    /// Places an order about an object.
    pub(super) fn place_order(
        &mut self,
        placing: OrderRequest,
        kind: ObjectKind,
        subject: &str,
        at: Timing,
    ) -> Order {
        let order = Order {
            number: self.orders.orders.len() as u64,
            complete: placing.complete(at),
            id: placing.order,
            realm: placing.realm,
            call: placing.operation.name().to_owned(),
            token: placing.token,
            body: placing.body,
            kind,
            subject: subject.to_owned(),
            placed: at.now,
            fails: placing.behavior.fails,
            silent: u32::from(placing.behavior.silent),
        };
        self.orders.insert(order.clone());
        self.touched.push(order.clone().into());
        order
    }

    /// Returns the order with this ID in any region of the account, and whether the query reports
    /// the object that it created.
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
        let is_reported = order.is_over(now) && !order.fails;
        if !is_reported || order.silent == 0 {
            return Some((order.clone(), is_reported));
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

    /// Returns the number of the next job.
    pub(super) fn next_job(&self) -> u64 {
        self.orders.jobs.len() as u64
    }

    /// Returns the job with this ID.
    pub(crate) fn job(&self, realm: &Realm, id: &str) -> Option<&Job> {
        let mut jobs = self.orders.jobs.iter().rev();
        jobs.find(|job| job.id == id && job.realm == *realm)
    }
}
