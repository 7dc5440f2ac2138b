//! Container groups that carry the operation tag of one create: looked for until some are found,
//! and the oldest accepted as what it created. The end of a run reports the others.

use eci_api::CallError;
use eci_core::OperationTag;
use eci_provider::{Cloud, CreatedObject, ObservedGroup, RemoteId, ResourceProvider, group_id};
use tokio::time::Instant;

use crate::error::TaskError;
use crate::options::PollInterval;
use crate::recognize::age_order;

/// The container groups that carry one tag: the oldest, and the others.
pub(crate) struct TaggedGroups {
    pub(crate) group: ObservedGroup,
    /// The ids of the others.
    pub(crate) others: Vec<String>,
}

impl TaggedGroups {
    pub(crate) fn oldest(mut found: Vec<ObservedGroup>) -> Option<TaggedGroups> {
        found.sort_by_key(age_order);
        let mut found = found.into_iter();
        Some(TaggedGroups {
            group: found.next()?,
            others: found.map(|group| group.id).collect(),
        })
    }

    /// Returns its id.
    ///
    /// # Errors
    /// If what the cloud reports cannot be the id of a container group.
    pub(crate) fn id(&self) -> Result<RemoteId, TaskError> {
        let id = group_id(&self.group.id);
        id.map(RemoteId::from).map_err(|_| TaskError::UnexpectedId {
            id: self.group.id.clone(),
        })
    }

    /// Returns the answer that the create would have given.
    pub(crate) fn created(&self) -> CreatedObject {
        CreatedObject {
            id: self.group.id.clone(),
            attributes: self.group.attributes.clone().into(),
        }
    }
}

/// Looks for groups that carry a tag until one is found or the time is over.
pub(crate) async fn find_by_operation_tag<A: Cloud>(
    provider: &ResourceProvider<A>,
    operation: &OperationTag,
    until: Instant,
    poll: PollInterval,
) -> Result<Option<TaggedGroups>, CallError> {
    let mut pause = poll.initial;
    loop {
        // What is answered is as old as the question.
        let called_at = Instant::now();
        let found = provider.find(operation).await?;
        if !found.is_empty() || called_at >= until {
            return Ok(TaggedGroups::oldest(found));
        }
        tokio::time::sleep_until(until.min(Instant::now() + pause)).await;
        pause = poll.after(pause);
    }
}
