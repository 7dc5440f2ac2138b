//! The monthly cost of a plan.
//!
//! [`CostQuery::new`] determines which resources of a plan change the cost, and which prices are
//! required for that; [`CostQuery::ask`] queries them. Neither ever fails: without an
//! answer, the cost is unknown and has a reason.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use eci_core::{Address, Map};
use eci_planner::{Action, Plan, Step, with_computed};
use eci_provider::{
    Cloud, Price, PriceError, PriceRequest, ResourceProvider, is_priced_by, price_request,
};
use eci_text::{Text, text};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use eci_provider::price::HOURS_A_MONTH;
pub use rust_decimal::{Decimal, RoundingStrategy};

/// The number of prices that are queried at a time.
const MOST_CALLS: usize = 4;

/// The time for all prices: a plan must not hang on them.
const LIMIT: Duration = Duration::from_secs(60);

/// The cost of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Each resource that changes what is paid, in the order of the plan.
    pub resources: Vec<ResourceCost>,
}

/// The monthly cost of a resource, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceCost {
    /// The resource.
    pub address: Address,
    /// The action on it.
    pub action: Action,
    /// For a replacement: whether the new object is created before the old one is deleted.
    pub create_before_destroy: bool,
    /// The cost now.
    pub before: CostSide,
    /// The cost afterwards.
    pub after: CostSide,
}

/// One side of a difference.
#[derive(Clone, Debug, PartialEq)]
pub enum CostSide {
    /// No cost.
    Nothing,
    /// The price is known.
    Known(Price),
    /// The price is not known, for this reason.
    Unknown(Text),
}

/// The relation of an amount to what is really paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountPrecision {
    /// The amount is exact.
    Exact,
    /// The real amount may be higher.
    AtLeast,
    /// The real amount may be lower.
    AtMost,
    /// The real amount may be higher or lower.
    Open,
}

impl AmountPrecision {
    /// Returns the precision of an amount that may be higher, lower, both or neither.
    pub fn of(more: bool, less: bool) -> AmountPrecision {
        match (more, less) {
            (false, false) => AmountPrecision::Exact,
            (true, false) => AmountPrecision::AtLeast,
            (false, true) => AmountPrecision::AtMost,
            (true, true) => AmountPrecision::Open,
        }
    }
}

impl CostSide {
    /// Returns the price, if there is one.
    pub fn price(&self) -> Option<&Price> {
        match self {
            CostSide::Known(price) => Some(price),
            CostSide::Nothing | CostSide::Unknown(_) => None,
        }
    }

    /// Returns whether it may be more than it is known to be.
    fn is_open(&self) -> bool {
        match self {
            CostSide::Nothing => false,
            CostSide::Known(price) => price.at_least,
            CostSide::Unknown(_) => true,
        }
    }
}

impl ResourceCost {
    /// Returns the additional cost and its currency; none where that is not known.
    pub fn difference(&self) -> Option<(Decimal, &str)> {
        let (before, after) = match (&self.before, &self.after) {
            (CostSide::Unknown(_), _) | (_, CostSide::Unknown(_)) => return None,
            (before, after) => (before.price(), after.price()),
        };
        match (before, after) {
            (None, None) => None,
            (None, Some(after)) => Some((after.monthly, &after.currency)),
            (Some(before), None) => Some((-before.monthly, &before.currency)),
            (Some(before), Some(after)) if before.currency == after.currency => {
                let difference = after.monthly.checked_sub(before.monthly)?;
                Some((difference, &after.currency))
            }
            (Some(_), Some(_)) => None,
        }
    }

    /// Returns the reason why the difference is not known.
    pub fn reason(&self) -> Option<Text> {
        match (&self.before, &self.after, self.difference()) {
            (_, _, Some(_)) => None,
            (_, CostSide::Unknown(reason), None) => Some(reason.clone()),
            (CostSide::Unknown(reason), _, None) => Some(reason.clone()),
            (CostSide::Known(before), CostSide::Known(after), None) => Some(text!(
                en: "it is billed in {now} now and in {then} after the change",
                zh: "当前以 {now} 计费，变更后以 {then} 计费",
                now = before.currency,
                then = after.currency,
            )),
            (_, _, None) => None,
        }
    }

    /// Returns the relation of the difference to what is really paid.
    pub fn bound(&self) -> AmountPrecision {
        // What two currencies differ by may be more or less than nothing.
        let apart = self.difference().is_none()
            && matches!(
                (&self.before, &self.after),
                (CostSide::Known(_), CostSide::Known(_))
            );
        AmountPrecision::of(
            apart || self.after.is_open(),
            apart || self.before.is_open(),
        )
    }
}

impl Cost {
    /// Returns the differences that are known, added up by currency.
    pub fn totals(&self) -> BTreeMap<&str, Decimal> {
        let mut totals = BTreeMap::new();
        for (amount, currency) in self.resources.iter().filter_map(ResourceCost::difference) {
            let total = totals.entry(currency).or_insert(Decimal::ZERO);
            *total = total.saturating_add(amount);
        }
        totals
    }

    /// Returns the relation of the sums to what is really paid.
    pub fn bound(&self) -> AmountPrecision {
        let any = |either: AmountPrecision| {
            let mut bounds = self.resources.iter().map(ResourceCost::bound);
            bounds.any(|bound| bound == either || bound == AmountPrecision::Open)
        };
        AmountPrecision::of(any(AmountPrecision::AtLeast), any(AmountPrecision::AtMost))
    }

    /// Returns whether all of it is known exactly.
    pub fn is_complete(&self) -> bool {
        self.bound() == AmountPrecision::Exact
    }
}

/// The prices to query for the cost of a plan.
#[derive(Debug)]
pub struct CostQuery {
    changes: Vec<PriceChange>,
}

#[derive(Debug)]
struct PriceChange {
    address: Address,
    action: Action,
    create_before_destroy: bool,
    before: Side,
    after: Side,
}

type Side = Result<Option<PriceRequest>, PriceError>;

impl CostQuery {
    /// Returns the resources of a plan that change what is paid.
    pub fn new(plan: &Plan) -> CostQuery {
        let changes = plan.steps().iter().filter_map(price_change);
        CostQuery {
            changes: changes.collect(),
        }
    }

    /// Returns whether any price has to be queried.
    pub fn asks(&self) -> bool {
        self.priced().next().is_some()
    }

    fn priced(&self) -> impl Iterator<Item = &PriceRequest> {
        let sides = self.changes.iter().flat_map(|it| [&it.before, &it.after]);
        sides.filter_map(|side| side.as_ref().ok()?.as_ref())
    }

    /// Asks the cloud, once for all that cost the same, a few queries at a time, and not for
    /// ever.
    ///
    /// Cancel safe: nothing but reads is performed.
    pub async fn ask<A: Cloud + 'static>(self, provider: &ResourceProvider<A>) -> Cost {
        let ask = |priced: PriceRequest| {
            let provider = provider.clone();
            async move { provider.price(&priced).await }
        };
        self.ask_by(ask).await
    }

    /// Returns the cost if the cloud cannot be reached.
    pub fn unanswered(self, why: &Text) -> Cost {
        self.answered(|_| Err(why.clone()))
    }

    async fn ask_by<F>(self, ask: impl Fn(PriceRequest) -> F) -> Cost
    where
        F: Future<Output = Result<Price, PriceError>> + Send + 'static,
    {
        let distinct: BTreeMap<String, &PriceRequest> =
            self.priced().map(|priced| (priced.key(), priced)).collect();
        let mut waiting = distinct.into_iter();
        let mut calls = JoinSet::new();
        let mut answers = HashMap::new();
        let until = Instant::now() + LIMIT;
        loop {
            while calls.len() < MOST_CALLS
                && let Some((key, priced)) = waiting.next()
            {
                let answer = ask(priced.clone());
                calls.spawn(async move { (key, answer.await) });
            }
            match tokio::time::timeout_at(until, calls.join_next()).await {
                Ok(None) | Err(_) => break,
                Ok(Some(Ok((key, answer)))) => {
                    answers.insert(key, answer.map_err(|error| Text::of(&error)));
                }
                // A query that panicked has no answer; no query is ever canceled.
                Ok(Some(Err(_))) => {}
            }
        }
        let late = || {
            Err(text!(
                en: "no answer within {limit} seconds",
                zh: "{limit} 秒内未响应",
                limit = LIMIT.as_secs(),
            ))
        };
        self.answered(|priced| answers.get(&priced.key()).cloned().unwrap_or_else(late))
    }

    fn answered(&self, answer: impl Fn(&PriceRequest) -> Result<Price, Text>) -> Cost {
        let share = |side: &Side| match side {
            Ok(None) => CostSide::Nothing,
            Ok(Some(priced)) => match answer(priced) {
                // The same size, which one is rounded up to and another one has.
                Ok(price) => CostSide::Known(Price {
                    at_least: priced.is_rounded(),
                    ..price
                }),
                Err(why) => CostSide::Unknown(why),
            },
            Err(why) => CostSide::Unknown(Text::of(why)),
        };
        let resources = self.changes.iter().map(|change| ResourceCost {
            address: change.address.clone(),
            action: change.action,
            create_before_destroy: change.create_before_destroy,
            before: share(&change.before),
            after: share(&change.after),
        });
        Cost {
            resources: resources.collect(),
        }
    }
}

/// Returns the change of the price by a step; `None` if what is paid does not change.
fn price_change(step: &Step) -> Option<PriceChange> {
    let kind = step.address.kind();
    let side = |map: Option<Arc<Map>>| map.map_or(Ok(None), |map| price_request(kind, &map));
    let now = || side(current(step));
    let then = || side(step.desired.clone());
    let priced = |step: &Step| {
        let mut paths = step.changes.iter().map(|change| &change.path);
        paths.any(|path| is_priced_by(kind, path))
    };
    let (before, after) = match step.action {
        Action::Create => (Ok(None), then()),
        Action::Delete => (now(), Ok(None)),
        Action::Replace => (now(), then()),
        Action::Update if priced(step) => (now(), then()),
        Action::Update | Action::NoOp | Action::Import | Action::Move | Action::Forget => {
            return None;
        }
    };
    if matches!((&before, &after), (Ok(None), Ok(None))) {
        return None;
    }
    Some(PriceChange {
        address: step.address.clone(),
        action: step.action,
        create_before_destroy: step.create_before_destroy,
        before,
        after,
    })
}

/// Returns the attributes that are paid for now.
///
/// The size of a group that was created without one is the one that the cloud chose.
fn current(step: &Step) -> Option<Arc<Map>> {
    let state = step.state.as_deref()?;
    let kind = step.address.kind();
    let applied = state.applied.clone();
    // An order says all that is paid for.
    if kind.properties().is_ordered {
        return Some(applied);
    }
    Some(with_computed(kind, &applied, &state.observed))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
