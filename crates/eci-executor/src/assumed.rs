//! What a replacement assumes of what it replaces.

use std::sync::Arc;

use eci_config::IgnoreChanges;
use eci_core::{DigestKey, Map};
use eci_planner::diff::AttributeChange;
use eci_planner::{Expected, Reported, changed_while_ignored};
use eci_provider::{Cloud, RemoteId};
use eci_state::ResourceState;

use crate::error::TaskError;
use crate::task::TaskRunner;

/// What is ignored goes over to what takes its place, as it was when the plan was made.
pub(crate) struct Assumed {
    /// What is replaced.
    pub(crate) id: RemoteId,
    /// What the new one is created with.
    pub(crate) planned: Arc<Map>,
    /// What the plan changes.
    pub(crate) changes: Vec<AttributeChange>,
    pub(crate) ignore: IgnoreChanges,
    pub(crate) recorded: ResourceState,
    /// The key of the digests in the record.
    pub(crate) key: DigestKey,
}

impl<A: Cloud> TaskRunner<A> {
    /// Whether what is replaced still is what the plan took it for. What is gone has nothing that could
    /// be lost.
    pub(crate) async fn check(&self, assumed: Assumed) -> Result<(), TaskError> {
        let Assumed {
            id,
            planned,
            changes,
            ignore,
            recorded,
            key,
        } = assumed;
        let Some(reported) = self.reported(&id, &recorded, &key).await? else {
            return Ok(());
        };
        let now = Reported {
            applied: &recorded.applied,
            reported: &reported,
        };
        let expected = Expected {
            planned: &planned,
            changes: &changes,
        };
        match changed_while_ignored(id.kind(), &key, expected, &ignore, now) {
            Some(attribute) => Err(TaskError::ChangedWhileIgnored { attribute }),
            None => Ok(()),
        }
    }
}
