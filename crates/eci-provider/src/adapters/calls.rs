//! Calls about resources of any kind, by the adapter of their kind.

use std::collections::HashMap;

use eci_api::CallError;
use eci_api::types::{ClientToken, OrderId, OrderOutcome, OrderState};
use eci_core::Kind;

use super::adapter::Adapter;
use super::container_group::ContainerGroupAdapter;
use super::disk::DiskAdapter;
use super::eip::EipAdapter;
use super::registry::{for_kind, for_object};
use crate::in_place_change::{ChangeTarget, InPlaceChange};
use crate::order::Order;
use crate::provider::ResourceProvider;
use crate::remote::{RemoteId, RemoteObject};
use crate::services::Cloud;

impl<A: Cloud> ResourceProvider<A> {
    /// Reads an object as it is now; `None` if it no longer exists.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn describe(&self, id: &RemoteId) -> Result<Option<RemoteObject>, CallError> {
        for_object!(RemoteId, id, (Adapted, id) => Adapted::read(self, id).await)
    }

    /// Lists all objects of a kind in the region, of which less may be reported than of each alone.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The first error of a page.
    pub async fn list(&self, kind: Kind) -> Result<Vec<RemoteObject>, CallError> {
        for_kind!(kind, Adapted => Adapted::list(self).await)
    }

    /// Makes the smallest call to the service that has resources of this kind.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn reach(&self, kind: Kind) -> Result<(), CallError> {
        for_kind!(kind, Adapted => Adapted::reach(self).await)
    }

    /// Places an order, or queries it if it was placed under this token before.
    ///
    /// Returns the ID of the created object, once that is reported.
    ///
    /// Cancel safe: repeated with the same token, it orders nothing more and reports the order.
    ///
    /// # Errors
    /// The call's.
    pub async fn place(
        &self,
        token: &ClientToken,
        order: &Order,
    ) -> Result<OrderOutcome<Option<String>>, CallError> {
        match order {
            Order::Eip(order) => EipAdapter::place(self, token, order).await,
            Order::Disk(order) => DiskAdapter::place(self, token, order).await,
        }
    }

    /// Returns the state of an order.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn order_state(&self, order: &OrderId) -> Result<OrderState, CallError> {
        self.call_idempotent(|| self.api().order_state(order)).await
    }

    /// Makes a change that is not ordered.
    ///
    /// Repeating it does no harm.
    ///
    /// Cancel safe: the call can be repeated.
    ///
    /// # Errors
    /// The call's.
    pub async fn amend(
        &self,
        target: ChangeTarget<'_>,
        amendment: &InPlaceChange,
    ) -> Result<(), CallError> {
        let ChangeTarget { token, id, mount } = target;
        for_object!(RemoteId, id, (Adapted, id) => {
            let target = ChangeTarget { token, id, mount };
            Adapted::update(self, target, amendment).await
        })
    }
}

impl<A: Cloud + 'static> ResourceProvider<A> {
    /// Reads many objects as they are now; those that no longer exist are missing.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn describe_many(
        &self,
        ids: &[RemoteId],
    ) -> Result<HashMap<RemoteId, RemoteObject>, CallError> {
        let mut remotes = HashMap::with_capacity(ids.len());
        self.describe_each(ids, |id, remote| {
            remotes.insert(id, remote);
        })
        .await?;
        Ok(remotes)
    }

    /// Reads many objects and hands on each as it arrives: many groups with all that is reported
    /// of them take a lot of memory.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn describe_each(
        &self,
        ids: &[RemoteId],
        mut see: impl FnMut(RemoteId, RemoteObject),
    ) -> Result<(), CallError> {
        let (mut groups, mut eips, mut disks) = (Vec::new(), Vec::new(), Vec::new());
        for id in ids {
            match id {
                RemoteId::Group(id) => groups.push(id.clone()),
                RemoteId::Eip(id) => eips.push(id.clone()),
                RemoteId::Disk(id) => disks.push(id.clone()),
            }
        }
        let mut see = |remote: RemoteObject| {
            // An invalid ID was not requested.
            if let Ok(id) = RemoteId::new(remote.kind(), &remote.id) {
                see(id, remote);
            }
        };
        ContainerGroupAdapter::read_many(self, &groups, &mut see).await?;
        EipAdapter::read_many(self, &eips, &mut see).await?;
        DiskAdapter::read_many(self, &disks, &mut see).await
    }
}
