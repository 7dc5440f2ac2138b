//! Detachment of EIPs and disks from a container group before its own change.

use std::sync::Arc;

use eci_api::CallOutcome;
use eci_api::types::{ContainerGroupId, UpdateContainerGroup};
use eci_core::{DigestKey, Kind, Map};
use eci_planner::attachment::{Attachable, detached_attributes, without};
use eci_planner::{Secrets, current_attributes, revealed};
use eci_provider::{Cloud, RemoteId, RemoteObject, update_request};
use eci_state::{ResourceState, failpoint};
use tokio::time::Instant;

use crate::error::TaskError;
use crate::task::{TaskOutcome, TaskRunner};

/// The statuses in which a group is being changed (API reference).
const CHANGING: [&str; 2] = ["Updating", "Restarting"];

/// A detachment of objects from a container group.
pub(crate) struct DetachCall {
    /// The EIP and the disks.
    pub(crate) objects: Vec<Attachable>,
    /// The recorded state of the group.
    pub(crate) recorded: ResourceState,
    /// The desired attributes of the group, with the secrets that it does not report.
    pub(crate) desired: Arc<Map>,
    /// The key of the digests in the record.
    pub(crate) key: DigestKey,
}

impl<A: Cloud> TaskRunner<A> {
    /// Takes objects from a group by one update, and waits until they are free.
    pub(crate) async fn detach(self, id: ContainerGroupId, detach: DetachCall) -> TaskOutcome {
        let group = RemoteId::from(id.clone());
        let request = match self.detach_request(&group, &detach).await {
            Ok(Some(request)) => request,
            // It no longer exists, or has nothing attached: the objects are free.
            Ok(None) => return TaskOutcome::Unbound,
            Err(problem) => return TaskOutcome::NotApplied(problem),
        };
        let answer = self.provider.update(&id, &request).await;
        failpoint::hit("detach-answered");
        match answer {
            Ok(()) => self.free_after(&group, &detach.objects).await,
            Err(error) if error.outcome() == CallOutcome::NotDone => {
                TaskOutcome::NotApplied(TaskError::Call(error))
            }
            Err(error) => TaskOutcome::Unknown(TaskError::Call(error)),
        }
    }

    /// Puts the request together.
    ///
    /// An update sends whole lists: all else in them is sent as the group has it now, and secrets
    /// that it does not report, of which the state has digests only, as the manifest has them.
    async fn detach_request(
        &self,
        group: &RemoteId,
        detach: &DetachCall,
    ) -> Result<Option<UpdateContainerGroup>, TaskError> {
        let changed = detached_attributes(&detach.objects).into_iter().collect();
        let DetachCall {
            objects,
            recorded,
            desired,
            key,
        } = detach;
        let mut left = Map::clone(&recorded.applied);
        if objects.iter().any(Attachable::is_disk) {
            let Some(reported) = self.reported(group, recorded, key).await? else {
                return Ok(None);
            };
            let kind = Kind::ContainerGroup;
            let secrets = Secrets {
                reported: &reported,
                desired,
            };
            left = revealed(
                &current_attributes(kind, &recorded.applied, &reported),
                secrets,
            );
        }
        let left = without(&left, objects);
        update_request(&left, &changed, None).map_err(TaskError::from)
    }

    /// Waits until the group is at rest and the objects are free.
    ///
    /// What does not show that before the timeout is left to the task that requires it: its call is refused
    /// as long as it must be.
    async fn free_after(&self, group: &RemoteId, objects: &[Attachable]) -> TaskOutcome {
        let start = Instant::now();
        let mut pause = self.poll.initial;
        let limit = self.visible_within.min(self.limit);
        loop {
            let remote = match self.provider.describe(group).await {
                Ok(Some(remote)) => remote,
                Ok(None) => return TaskOutcome::Unbound,
                Err(error) => {
                    tracing::debug!(%error, "cannot read a group after a detachment");
                    return TaskOutcome::Unbound;
                }
            };
            let at_rest = !CHANGING.contains(&&*remote.status) && self.are_free(objects).await;
            if at_rest || start.elapsed() >= limit {
                return TaskOutcome::Detached(Box::new(remote));
            }
            self.progress(remote.phase());
            tokio::time::sleep(pause).await;
            pause = self.next_delay(pause);
        }
    }

    async fn are_free(&self, objects: &[Attachable]) -> bool {
        for object in objects {
            let Ok(id) = RemoteId::new(object.kind(), object.id()) else {
                continue;
            };
            // What cannot be read shows by the call that takes it.
            if let Ok(Some(remote)) = self.provider.describe(&id).await
                && is_held(&remote)
            {
                return false;
            }
        }
        true
    }
}

fn is_held(remote: &RemoteObject) -> bool {
    remote.is_transitional() || remote.attached_to().is_some()
}
