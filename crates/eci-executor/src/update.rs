//! Updating a container group in place.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_api::CallOutcome;
use eci_api::types::{ContainerGroupId, UpdateContainerGroup};
use eci_config::IgnoreChanges;
use eci_core::kinds::GROUP_EIP;
use eci_core::{DigestKey, Kind, Map, OperationTag};
use eci_planner::{IgnoreRules, KnownAttributes, with_eip};
use eci_provider::{Cloud, RemoteId, Wait, update_request};
use eci_state::{ResourceState, failpoint};

use crate::error::TaskError;
use crate::task::{TaskOutcome, TaskRunner};

/// An update of a container group.
pub(crate) struct Update {
    pub(crate) request: UpdateContainerGroup,
    /// The parts from which the request is composed again, where `ignore_changes` keeps values.
    pub(crate) kept: Option<PartialUpdate>,
    pub(crate) wait: Wait,
}

/// The attributes that an update sends, and those that it leaves as others have set them.
pub(crate) struct PartialUpdate {
    pub(crate) desired: Arc<Map>,
    /// The attributes that are sent.
    pub(crate) changed: BTreeSet<String>,
    pub(crate) operation: Option<OperationTag>,
    pub(crate) ignore: IgnoreChanges,
    pub(crate) recorded: ResourceState,
    /// The key of the digests in the record.
    pub(crate) key: DigestKey,
}

impl<A: Cloud> TaskRunner<A> {
    pub(crate) async fn update(self, id: ContainerGroupId, update: Update) -> TaskOutcome {
        let group = RemoteId::from(id.clone());
        let Update {
            mut request,
            kept,
            wait,
        } = update;
        if let Some(kept) = kept {
            match self.with_kept(&group, kept).await {
                Ok(Some(composed)) => request = composed,
                // It no longer exists: the call detects that.
                Ok(None) => {}
                Err(problem) => return TaskOutcome::NotApplied(problem),
            }
        }
        let answer = self.provider.update(&id, &request).await;
        failpoint::hit("update-answered");
        match answer {
            Ok(()) => self.ready(&group, wait).await,
            Err(error) if error.outcome() == CallOutcome::NotDone => {
                TaskOutcome::NotApplied(TaskError::Call(error))
            }
            Err(error) => TaskOutcome::Unknown(TaskError::Call(error)),
        }
    }

    /// Returns the request with what is ignored as the group has it now: the plan may have been
    /// created a while ago, and an update sends whole lists.
    async fn with_kept(
        &self,
        group: &RemoteId,
        kept: PartialUpdate,
    ) -> Result<Option<UpdateContainerGroup>, TaskError> {
        let PartialUpdate {
            mut desired,
            changed,
            operation,
            ignore,
            recorded,
            key,
        } = kept;
        let Some(reported) = self.reported(group, &recorded, &key).await? else {
            return Ok(None);
        };
        let now = KnownAttributes {
            applied: &recorded.applied,
            reported: &reported,
        };
        let planned = desired.get(GROUP_EIP).cloned();
        let rules = IgnoreRules {
            kind: Kind::ContainerGroup,
            key: &key,
            changes: &ignore,
        };
        rules.keep_reported(&mut desired, now);
        // An ignored EIP changes only where the group takes it over from the one that it replaces.
        if changed.contains(GROUP_EIP) && desired.get(GROUP_EIP) != planned.as_ref() {
            let eip = planned.unwrap_or_default();
            desired = Arc::new(with_eip(&desired, &eip));
        }
        self.provider.hide(&desired);
        let changed = changed.iter().map(String::as_str).collect();
        update_request(&desired, &changed, operation.as_ref()).map_err(TaskError::from)
    }
}
