//! Orders, the tokens that they were placed under, and what comes of them.

use std::time::Duration;

use eci_api::Operation;
use eci_api::types::{ClientToken, OrderId, OrderOutcome, OrderProgress, OrderStatus};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Answer, Services, refused};

/// The time for which a call with the same token is the same call.
const TOKENS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Clone, Debug)]
pub(super) enum OrderAction {
    MakeEip(Value),
    MakeDisk(Value),
    Bandwidth(String, i64),
    Size(String, i64),
    ReleaseEip(String),
    ReleaseDisk(String),
}

impl OrderAction {
    /// The ID of its subject; none where it is created.
    fn subject(&self) -> Option<&str> {
        match self {
            OrderAction::MakeEip(_) | OrderAction::MakeDisk(_) => None,
            OrderAction::Bandwidth(id, _)
            | OrderAction::Size(id, _)
            | OrderAction::ReleaseEip(id)
            | OrderAction::ReleaseDisk(id) => Some(id),
        }
    }
}

#[derive(Debug)]
pub(super) struct Order {
    action: OrderAction,
    token: String,
    done_at: Instant,
    /// The time after that in which its result is not visible.
    hidden_for: Duration,
    fails: bool,
    created: Option<String>,
    over: bool,
}

/// The outcome of an order that is placed next.
#[derive(Clone, Copy, Debug)]
pub struct NextOrder {
    /// The time that it takes.
    pub takes: Duration,
    /// Whether it fails.
    pub fails: bool,
    /// The time after that in which its result is not visible.
    pub hidden_for: Duration,
}

impl Default for NextOrder {
    fn default() -> NextOrder {
        NextOrder {
            takes: Duration::from_secs(7),
            fails: false,
            hidden_for: Duration::ZERO,
        }
    }
}

impl Services {
    /// Returns whether an order with that token was placed: one that is sent again changes nothing.
    pub fn knows(&self, token: &ClientToken) -> bool {
        let placed = self.tokens.get(token.as_str());
        !self.forgetful && placed.is_some_and(|(_, at)| at.elapsed() < TOKENS_KEPT)
    }

    /// The action of an order in progress on this object.
    pub(super) fn work_on(&self, id: &str) -> Option<&OrderAction> {
        let mut open = self.orders.values().filter(|order| !order.over);
        open.find(|order| order.action.subject() == Some(id))
            .map(|order| &order.action)
    }

    /// The tokens of the orders in progress that create an object.
    pub(super) fn in_progress(&self) -> impl Iterator<Item = String> {
        let orders = self.orders.values();
        let making = orders.filter(|it| !it.over && !it.fails && it.action.subject().is_none());
        making.map(|order| order.token.clone())
    }

    pub fn catch_up(&mut self) {
        let now = Instant::now();
        let due = |order: &Order| !order.over && order.done_at <= now;
        let due: Vec<String> = self
            .orders
            .iter()
            .filter(|(_, order)| due(order))
            .map(|(id, _)| id.clone())
            .collect();
        for id in due {
            let order = &self.orders[&id];
            let (action, fails) = (order.action.clone(), order.fails);
            let created = (!fails).then(|| self.fulfill(action)).flatten();
            let order = self.orders.get_mut(&id).unwrap();
            order.over = true;
            order.created.clone_from(&created);
            if let Some(created) = created {
                let maker = (order.token.clone(), order.done_at + order.hidden_for);
                self.makers.insert(created, maker);
            }
        }
    }

    fn fulfill(&mut self, action: OrderAction) -> Option<String> {
        self.count += 1;
        match action {
            OrderAction::MakeEip(mut eip) => {
                let id = format!("eip-{:010}", self.count);
                eip["ID"] = json!(id);
                eip["eipAddress"] = json!(format!("198.51.100.{}", self.count));
                self.eips.insert(id.clone(), eip);
                return Some(id);
            }
            OrderAction::MakeDisk(mut disk) => {
                let id = format!("disk-{}", self.count);
                disk["diskID"] = json!(id);
                self.disks.insert(id.clone(), disk);
                return Some(id);
            }
            OrderAction::Bandwidth(id, mbps) => self.eips.get_mut(&id)?["bandwidth"] = json!(mbps),
            OrderAction::Size(id, size) => self.disks.get_mut(&id)?["diskSize"] = json!(size),
            OrderAction::ReleaseEip(id) => drop(self.eips.remove(&id)),
            OrderAction::ReleaseDisk(id) => drop(self.disks.remove(&id)),
        }
        None
    }

    pub(super) fn place(
        &mut self,
        token: &ClientToken,
        action: OrderAction,
        name: &str,
    ) -> OrderOutcome<Option<String>> {
        let known = if self.knows(token) {
            self.tokens.get(token.as_str()).map(|(id, _)| id.clone())
        } else {
            None
        };
        let id = known.unwrap_or_else(|| {
            self.count += 1;
            let id = format!("order-{}", self.count);
            let fails = self.failing.iter().position(|it| it == name);
            let fails = fails.map(|at| self.failing.remove(at)).is_some();
            let order = Order {
                action,
                token: token.to_string(),
                done_at: Instant::now() + self.next_order.takes,
                hidden_for: self.next_order.hidden_for,
                fails: fails || self.next_order.fails,
                created: None,
                over: false,
            };
            self.orders.insert(id.clone(), order);
            let placed = (id.clone(), Instant::now());
            self.tokens.insert(token.to_string(), placed);
            id
        });
        let order = &self.orders[&id];
        let created = self.named_by(order);
        let named = OrderId::new(id).unwrap();
        match (order.over, order.fails) {
            (false, _) => OrderOutcome::InProgress { order: named },
            (true, true) => OrderOutcome::Failed {
                order: Some(named),
                word: "failed".to_owned(),
            },
            (true, false) => OrderOutcome::Done {
                order: Some(named),
                created,
            },
        }
    }

    /// The object that an order names as its result.
    fn named_by(&self, order: &Order) -> Option<String> {
        let other = self.named.map(str::to_owned);
        order
            .created
            .as_ref()
            .map(|created| other.unwrap_or_else(|| created.clone()))
    }

    pub fn query_order(&mut self, id: &OrderId) -> Answer<OrderProgress> {
        let Some(order) = self.orders.get(id.as_str()) else {
            return Err(refused(Operation::QueryOrder, "ecs.order.unknown"));
        };
        Ok(OrderProgress {
            status: match (order.over, order.fails) {
                (false, _) => OrderStatus::Provisioning,
                (true, true) => OrderStatus::Failed,
                (true, false) => OrderStatus::Complete,
            },
            ids: self.named_by(order).into_iter().collect(),
            resource_type: None,
        })
    }
}
