//! The elastic IPs of the world: how they are ordered, bound, changed and released.

use std::net::Ipv4Addr;

use super::World;
use super::collection::Entity;
use super::eip::{BINDING, Eip, EipWork, Holder, NewEip, SHARED};
use super::ids::internet_ip;
use super::order::{Order, OrderRequest};
use super::realm::{Realm, Subject};
use crate::model::change::ObjectKind;
use crate::model::clock::{SimTime, Timing};
use crate::model::order_error::{Code, OrderApiError};

impl World {
    /// Returns the elastic IP with this ID in this realm.
    pub(crate) fn eip(&self, realm: &Realm, id: &str, now: SimTime) -> Result<Eip, OrderApiError> {
        self.eips.visible(realm, id, now).ok_or_else(|| {
            OrderApiError::new(Code::EipNotFound, format!("eip {id} does not exist"))
        })
    }

    /// Returns all EIPs that are visible to this realm, the oldest first.
    pub(crate) fn eips(&self, realm: &Realm, now: SimTime) -> Vec<Eip> {
        let present = self.eips.present(realm, now);
        present.filter(|eip| eip.is_visible(now)).collect()
    }

    pub(super) fn put_eip(&mut self, eip: Eip) -> Eip {
        self.eips.put(eip.clone());
        self.touched.push(eip.clone().into());
        eip
    }

    /// Orders an elastic IP.
    ///
    /// A failed order creates nothing.
    pub(crate) fn create_eip(
        &mut self,
        draft: NewEip,
        placing: OrderRequest,
        most: usize,
        at: Timing,
    ) -> Result<(Order, Option<Eip>), OrderApiError> {
        let Timing { now, .. } = at;
        let realm = placing.realm.clone();
        if self.eips.present(&realm, now).count() >= most {
            return Err(OrderApiError::new(
                Code::EipQuota,
                format!("the quota of {most} eips in this region is used up"),
            ));
        }
        let address = self.free_address(&draft, now)?;
        let (behavior, complete) = (placing.behavior, placing.complete(at));
        let order = self.place_order(placing, ObjectKind::Eip, &draft.id, at);
        if behavior.fails {
            return Ok((order, None));
        }
        let months = draft.terms.months;
        let eip = Eip {
            number: self.eips.next(),
            id: draft.id,
            realm,
            address,
            name: draft.name,
            bandwidth: draft.bandwidth,
            terms: draft.terms,
            created: complete,
            visible_from: complete.plus(behavior.unseen),
            updated: complete,
            expires: months.map(|months| complete.plus_months(months)),
            frozen: false,
            broken: false,
            holder: None,
            work: None,
            deleted_at: None,
            with_group: false,
        };
        Ok((order, Some(self.put_eip(eip))))
    }

    /// Returns the requested address, or a different one for each ID.
    fn free_address(&self, draft: &NewEip, now: SimTime) -> Result<Ipv4Addr, OrderApiError> {
        let taken = |address| self.eips.all(now).any(|eip| eip.address == address);
        if let Some(address) = draft.address {
            if taken(address) {
                return Err(OrderApiError::new(
                    Code::AddressTaken,
                    format!("ipAddress {address} is used already"),
                ));
            }
            return Ok(address);
        }
        let mut seed = draft.id.clone();
        loop {
            let address = internet_ip(seed.as_bytes());
            if !taken(address) {
                return Ok(address);
            }
            seed.push('+');
        }
    }

    pub(crate) fn rename_eip(
        &mut self,
        subject: Subject<'_>,
        name: &str,
        now: SimTime,
    ) -> Result<Eip, OrderApiError> {
        let id = subject.id;
        let mut eip = self.eip(subject.realm, id, now)?;
        name.clone_into(&mut eip.name);
        eip.updated = now;
        Ok(self.put_eip(eip))
    }

    /// Orders another bandwidth.
    pub(crate) fn change_eip(
        &mut self,
        id: &str,
        bandwidth: i64,
        placing: OrderRequest,
        at: Timing,
    ) -> Result<(Order, Eip), OrderApiError> {
        let mut eip = self.eip(&placing.realm, id, at.now)?;
        eip.at_rest(at.now, "changed")?;
        if !eip.terms.shared.is_empty() {
            return Err(OrderApiError::new(
                Code::EipBusy,
                format!("eip {id} has the bandwidth of {}", eip.terms.shared),
            ));
        }
        let fails = placing.behavior.fails;
        let order = self.place_order(placing, ObjectKind::Eip, id, at);
        eip.work = Some((EipWork::Change { bandwidth, fails }, order.complete));
        Ok((order, self.put_eip(eip)))
    }

    /// Refuses to put an elastic IP into a shared bandwidth, or to take it out, where that cannot
    /// be done.
    pub(crate) fn may_share(
        &self,
        subject: Subject<'_>,
        bandwidth: &str,
        joins: bool,
        now: SimTime,
    ) -> Result<(), OrderApiError> {
        let id = subject.id;
        let eip = self.eip(subject.realm, id, now)?;
        eip.at_rest(now, "changed")?;
        let shared = &eip.terms.shared;
        let denied = |code, message: String| Err(OrderApiError::new(code, message));
        if joins && eip.terms.months.is_some() {
            return denied(
                Code::EipNotOnDemand,
                format!("eip {id} is a subscription and cannot join a shared bandwidth"),
            );
        }
        if joins && !shared.is_empty() {
            return denied(Code::EipShared, format!("eip {id} is in {shared} already"));
        }
        if !joins && shared != bandwidth {
            return denied(
                Code::EipNotShared,
                format!("eip {id} is not in {bandwidth}"),
            );
        }
        Ok(())
    }

    /// Puts an elastic IP into a shared bandwidth, or takes it out: then it has as much for
    /// itself, and is paid for by traffic.
    pub(crate) fn share(
        &mut self,
        subject: Subject<'_>,
        bandwidth: &str,
        joins: bool,
        now: SimTime,
    ) -> Result<Eip, OrderApiError> {
        let id = subject.id;
        let mut eip = self.eip(subject.realm, id, now)?;
        if joins {
            bandwidth.clone_into(&mut eip.terms.shared);
        } else {
            eip.terms.shared.clear();
            eip.terms.by_traffic = true;
            eip.bandwidth = SHARED;
        }
        eip.updated = now;
        Ok(self.put_eip(eip))
    }

    pub(crate) fn bind_eip(
        &mut self,
        realm: &Realm,
        id: &str,
        holder: Holder,
        at: Timing,
    ) -> Result<Eip, OrderApiError> {
        let mut eip = self.eip(realm, id, at.now)?;
        eip.is_free(at.now)?;
        let taken = self.eips.present(realm, at.now);
        let mut taken =
            taken.filter(|other| other.holder.as_ref().is_some_and(|it| it.id == holder.id));
        if let Some(other) = taken.next() {
            return Err(OrderApiError::new(
                Code::EipBound,
                format!("{} has eip {} already", holder.id, other.id),
            ));
        }
        drop(taken);
        eip.holder = Some(holder);
        eip.work = Some((EipWork::Bind, at.after(BINDING)));
        Ok(self.put_eip(eip))
    }

    /// Unbinds what another call than a group's has bound.
    pub(crate) fn unbind_eip(
        &mut self,
        realm: &Realm,
        id: &str,
        at: Timing,
    ) -> Result<Eip, OrderApiError> {
        let mut eip = self.eip(realm, id, at.now)?;
        eip.at_rest(at.now, "unbound")?;
        let group = self.group_with(id);
        match (&eip.holder, group) {
            (None, _) => Err(OrderApiError::new(
                Code::EipNotBound,
                format!("eip {id} is bound to nothing"),
            )),
            (Some(_), Some(group)) => Err(OrderApiError::new(
                Code::EipBound,
                format!("eip {id} is bound to container group {group}, which must unbind it first"),
            )),
            (Some(_), None) => {
                eip.holder = None;
                eip.work = Some((EipWork::Bind, at.after(BINDING)));
                Ok(self.put_eip(eip))
            }
        }
    }

    /// Gives it back.
    ///
    /// One that is bound is not taken back (assumed).
    pub(crate) fn delete_eip(
        &mut self,
        id: &str,
        placing: OrderRequest,
        at: Timing,
    ) -> Result<(Order, Eip), OrderApiError> {
        let mut eip = self.eip(&placing.realm, id, at.now)?;
        eip.at_rest(at.now, "deleted")?;
        if let Some(holder) = &eip.holder {
            return Err(OrderApiError::new(
                Code::EipBound,
                format!("eip {id} is bound to {} and cannot be deleted", holder.id),
            ));
        }
        let fails = placing.behavior.fails;
        let order = self.place_order(placing, ObjectKind::Eip, id, at);
        eip.work = Some((EipWork::Delete { fails }, order.complete));
        Ok((order, self.put_eip(eip)))
    }
}
