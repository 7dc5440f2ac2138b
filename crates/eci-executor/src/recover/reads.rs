//! The reads of a recovery.

use eci_api::CallError;
use eci_core::OperationTag;
use eci_planner::attachment::Attachable;
use eci_provider::{Cloud, ObservedGroup, RemoteId, RemoteObject, ResourceProvider, group_id};
use tokio::time::Instant;

use crate::effects::Effects;
use crate::options::ApplyOptions;

/// The reads by which a recovery determines the outcome of calls.
///
/// They share nothing with the state, so that a recovery can be moved between threads while it reads.
pub(super) struct RecoveryReads<'a, A> {
    pub(super) provider: &'a ResourceProvider<A>,
    pub(super) options: &'a ApplyOptions,
    pub(super) effects: &'a Effects,
    /// The time from which no call of the earlier run can take effect any more.
    pub(super) effective_by: Instant,
    /// The time by which everything that the earlier run created is visible.
    pub(super) visible_by: Instant,
}

impl<A: Cloud> RecoveryReads<'_, A> {
    /// Waits until the status of a resource is final, or the time for that is up.
    ///
    /// Returns its last report; none if it no longer exists.
    pub(super) async fn at_rest(&self, id: &RemoteId) -> Result<Option<RemoteObject>, CallError> {
        let start = Instant::now();
        let poll = self.options.poll;
        let mut pause = poll.initial;
        loop {
            let remote = self.provider.describe(id).await?;
            let changing = remote.as_ref().is_some_and(RemoteObject::is_transitional);
            if !changing || start.elapsed() >= self.options.update_timeout {
                return Ok(remote);
            }
            tokio::time::sleep(pause).await;
            pause = poll.after(pause);
        }
    }

    /// Waits until an object whose delete has begun no longer exists, or the time for that is up.
    ///
    /// Returns its last report; none if it no longer exists.
    pub(super) async fn wait_until_deleted(
        &self,
        id: &RemoteId,
    ) -> Result<Option<RemoteObject>, CallError> {
        let until = Instant::now() + self.options.delete_timeout;
        self.wait_until(until, id, |remote| remote.is_none()).await
    }

    /// Waits until a resource that was created is visible.
    ///
    /// Returns none after the timeout.
    pub(super) async fn wait_until_visible(
        &self,
        id: &RemoteId,
    ) -> Result<Option<RemoteObject>, CallError> {
        let until = self.visible_by;
        self.wait_until(until, id, |remote| remote.is_some()).await
    }

    /// Waits until a condition holds for the report of a resource, or the time for that is up: the last read is
    /// requested no earlier.
    ///
    /// Returns its last report.
    async fn wait_until(
        &self,
        until: Instant,
        id: &RemoteId,
        condition: impl Fn(Option<&RemoteObject>) -> bool,
    ) -> Result<Option<RemoteObject>, CallError> {
        let poll = self.options.poll;
        let mut pause = poll.initial;
        loop {
            let requested = Instant::now();
            let remote = self.provider.describe(id).await?;
            if condition(remote.as_ref()) || requested >= until {
                return Ok(remote);
            }
            tokio::time::sleep_until(until.min(Instant::now() + pause)).await;
            pause = poll.after(pause);
        }
    }

    /// Finds the container group with a tag by an EIP or a disk that its create requested: a list
    /// may not show the group yet, while what it has is no longer free.
    pub(super) async fn group_by_attachment(
        &self,
        operation: &OperationTag,
        attached: &[Attachable],
    ) -> Result<Option<ObservedGroup>, CallError> {
        for object in attached {
            let Ok(id) = RemoteId::new(object.kind(), object.id()) else {
                continue;
            };
            let user = self
                .provider
                .describe(&id)
                .await?
                .and_then(|remote| remote.attached_to());
            let Some(Ok(group)) = user.map(|user| group_id(&user)) else {
                continue;
            };
            let found = self.provider.describe_group(&group).await?;
            if let Some(found) = found.filter(|found| found.operation.as_ref() == Some(operation)) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
