//! An elastic IP as it is kept, and what can be done to it in its status.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::collection::Entity;
use super::realm::Realm;
use crate::model::clock::SimTime;
use crate::model::order_error::{Code, OrderApiError};

/// From a call that binds or unbinds until it is so (assumed).
pub(crate) const BINDING: Duration = Duration::from_secs(1);

/// An elastic IP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Eip {
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) realm: Realm,
    pub(crate) address: Ipv4Addr,
    pub(crate) name: String,
    /// Mbps.
    pub(crate) bandwidth: i64,
    pub(crate) terms: Terms,
    pub(crate) created: SimTime,
    /// The time from which it is visible.
    #[serde(alias = "seen")]
    pub(crate) visible_from: SimTime,
    pub(crate) updated: SimTime,
    /// The end of its term, if it has one.
    pub(crate) expires: Option<SimTime>,
    /// Frozen for arrears.
    pub(crate) frozen: bool,
    /// In error, for good.
    #[serde(default)]
    pub(crate) broken: bool,
    pub(crate) holder: Option<Holder>,
    /// The work in progress, and its end.
    pub(crate) work: Option<(EipWork, SimTime)>,
    #[serde(alias = "gone")]
    pub(crate) deleted_at: Option<SimTime>,
    /// Whether it was created with its group and is deleted with it.
    pub(crate) with_group: bool,
}

/// The attributes that an elastic IP keeps from its order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// `None`: pay-as-you-go.
    pub(crate) months: Option<i32>,
    /// Whether traffic is billed rather than bandwidth.
    pub(crate) by_traffic: bool,
    pub(crate) line: String,
    pub(crate) shared: String,
    pub(crate) project: String,
}

/// The object that an elastic IP is bound to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) id: String,
    /// The kind as it is reported.
    pub(crate) kind: String,
}

/// Work on an elastic IP.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum EipWork {
    /// A change to this bandwidth, unless the order fails.
    Change { bandwidth: i64, fails: bool },
    /// A binding or unbinding.
    Bind,
    /// A deletion, unless the order fails.
    Delete { fails: bool },
}

/// A new elastic IP as it is ordered.
#[derive(Clone, Debug)]
pub(crate) struct NewEip {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) bandwidth: i64,
    pub(crate) terms: Terms,
    /// The address that it is to have; otherwise one is chosen.
    pub(crate) address: Option<Ipv4Addr>,
}

impl Entity for Eip {
    fn number(&self) -> u64 {
        self.number
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn realm(&self) -> &Realm {
        &self.realm
    }

    fn advance_to(&mut self, now: SimTime) {
        let Some((work, until)) = self.work.filter(|(_, until)| *until <= now) else {
            return;
        };
        self.work = None;
        match work {
            EipWork::Change { fails: true, .. } | EipWork::Delete { fails: true } => return,
            EipWork::Change { bandwidth, .. } => self.bandwidth = bandwidth,
            EipWork::Bind => {}
            EipWork::Delete { .. } => self.deleted_at = Some(until),
        }
        self.updated = until;
    }

    fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    fn is_visible(&self, now: SimTime) -> bool {
        self.visible_from <= now
    }
}

/// Mbps of every shared bandwidth.
pub(super) const SHARED: i64 = 100;

impl Eip {
    /// Mbps; in a shared bandwidth those that are shared.
    pub(crate) fn shown_bandwidth(&self) -> i64 {
        if self.terms.shared.is_empty() {
            self.bandwidth
        } else {
            SHARED
        }
    }

    /// Returns the status in the cloud's spelling.
    pub(crate) fn status(&self, now: SimTime) -> &'static str {
        match (self.work, &self.holder) {
            (Some((EipWork::Change { .. }, _)), _) => "UPDATING",
            (Some((EipWork::Bind, _)), _) => "BANDING_OR_UNBANGDING",
            (Some((EipWork::Delete { .. }, _)), _) => "DELETING",
            (None, _) if self.broken => "ERROR",
            (None, _) if self.frozen => "FREEZING",
            (None, _) if self.expires.is_some_and(|end| end <= now) => "EXPIRED",
            (None, Some(_)) => "ACTIVE",
            (None, None) => "DOWN",
        }
    }

    /// Refuses what must wait until it has come to rest.
    pub(super) fn at_rest(&self, now: SimTime, done: &str) -> Result<(), OrderApiError> {
        match self.work {
            None => Ok(()),
            Some(_) => Err(self.busy(now, done)),
        }
    }

    fn busy(&self, now: SimTime, done: &str) -> OrderApiError {
        let status = self.status(now);
        let message = format!("eip {} is {status} and cannot be {done}", self.id);
        OrderApiError::new(Code::EipBusy, message)
    }

    /// Refuses to bind what is not free.
    pub(super) fn is_free(&self, now: SimTime) -> Result<(), OrderApiError> {
        self.at_rest(now, "bound")?;
        match &self.holder {
            Some(holder) => Err(OrderApiError::new(
                Code::EipBound,
                format!("eip {} is bound to {}", self.id, holder.id),
            )),
            None if self.status(now) == "DOWN" => Ok(()),
            None => Err(self.busy(now, "bound")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eip_with_former_keys_is_read() {
        let eip = Eip {
            number: 1,
            id: "eip-1".to_owned(),
            realm: Realm {
                account: "ak".to_owned(),
                region: "r-1".to_owned(),
            },
            address: Ipv4Addr::new(198, 18, 0, 1),
            name: "front".to_owned(),
            bandwidth: 5,
            terms: Terms::default(),
            created: SimTime::from_millis(1),
            visible_from: SimTime::from_millis(2),
            updated: SimTime::from_millis(3),
            expires: None,
            frozen: false,
            broken: false,
            holder: None,
            work: None,
            deleted_at: Some(SimTime::from_millis(4)),
            with_group: false,
        };
        crate::model::former_keys::check(&eip);
    }
}
