//! Assumptions of a replacement about what it replaces.

use std::sync::Arc;

use eci_config::IgnoreChanges;
use eci_core::{DigestKey, Map};
use eci_planner::diff::AttributeChange;
use eci_planner::{IgnoreRules, KnownAttributes, PlannedAttributes};
use eci_provider::{Cloud, RemoteId};
use eci_state::ResourceState;

use crate::error::TaskError;
use crate::task::TaskRunner;

/// The assumption of a plan about a replaced resource: what is ignored goes over to its replacement as it was
/// when the plan was created.
pub(crate) struct ReplacementAssumption {
    /// The replaced resource.
    pub(crate) id: RemoteId,
    /// The attributes of its replacement.
    pub(crate) planned: Arc<Map>,
    /// The changes of the plan.
    pub(crate) changes: Vec<AttributeChange>,
    pub(crate) ignore: IgnoreChanges,
    pub(crate) recorded: ResourceState,
    /// The key of the digests in the record.
    pub(crate) key: DigestKey,
}

impl<A: Cloud> TaskRunner<A> {
    /// Returns whether the resource to be replaced still is what the plan assumed.
    ///
    /// A missing one has nothing that could be lost.
    pub(crate) async fn check(&self, assumed: ReplacementAssumption) -> Result<(), TaskError> {
        let ReplacementAssumption {
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
        let now = KnownAttributes {
            applied: &recorded.applied,
            reported: &reported,
        };
        let expected = PlannedAttributes {
            planned: &planned,
            changes: &changes,
        };
        let rules = IgnoreRules {
            kind: id.kind(),
            key: &key,
            changes: &ignore,
        };
        match rules.changed_meanwhile(expected, now) {
            Some(attribute) => Err(TaskError::ChangedWhileIgnored { attribute }),
            None => Ok(()),
        }
    }
}
