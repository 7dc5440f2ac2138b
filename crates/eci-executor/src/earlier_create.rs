//! A create of an earlier run that may still take effect, and what it turned out to have created.

use eci_api::CallError;
use eci_api::types::CreateContainerGroup;
use eci_core::OperationTag;
use eci_provider::{Cloud, RemoteId, RemoteObject, ResourceProvider, Wait};
use eci_state::{IntentKind, OpenIntent, Snapshot};
use eci_text::Text;
use tokio::time::Instant;

use crate::error::TaskError;
use crate::open_order::OpenOrder;
use crate::options::PollInterval;
use crate::recover_error::RecoverError;
use crate::tagged::find_by_operation_tag;

/// A container group to be created, under the tag of an earlier create that requested the same.
pub(crate) struct RepeatedCreate {
    pub(crate) request: CreateContainerGroup,
    pub(crate) operation: OperationTag,
    pub(crate) wait: Wait,
    pub(crate) until: Instant,
}

/// A create of an earlier run, and what it takes to recognize what it created.
pub(crate) struct EarlierCreate {
    pub(crate) open: OpenIntent,
    pub(crate) snapshot: Snapshot,
    pub(crate) until: Instant,
    pub(crate) poll: PollInterval,
}

/// The resource that an earlier create turned out to have created.
pub(crate) struct FoundCreate {
    pub(crate) id: RemoteId,
    pub(crate) remote: Option<RemoteObject>,
    /// The IDs of others with its tag.
    pub(crate) others: Vec<String>,
}

impl EarlierCreate {
    /// Looks for what the create created until it can no longer take effect.
    pub(crate) async fn created<A: Cloud>(
        &self,
        provider: &ResourceProvider<A>,
    ) -> Result<Option<FoundCreate>, TaskError> {
        let (until, poll) = (self.until, self.poll);
        let IntentKind::Create {
            operation,
            planned: requested,
            ..
        } = &self.open.kind
        else {
            return Ok(None);
        };
        if self.open.address.kind().properties().is_tagged() {
            let found = find_by_operation_tag(provider, operation, until, poll).await;
            let found = found.map_err(unknown)?.map(|found| {
                Ok(FoundCreate {
                    id: found.id()?,
                    remote: Some(found.group.into()),
                    others: found.others,
                })
            });
            return found.transpose();
        }
        let order = OpenOrder {
            snapshot: &self.snapshot,
            intent: &self.open,
            operation,
            requested: &requested.applied,
        };
        let found = order.find(provider, until, poll).await;
        let found = found.map_err(|error| match error {
            RecoverError::Call(error) => unknown(error),
            RecoverError::Ambiguous(create) => TaskError::Ambiguous(create),
            RecoverError::State(error) => TaskError::Internal(Text::of(&error)),
        })?;
        let Some(id) = found else {
            return Ok(None);
        };
        let remote = provider.describe(&id).await.map_err(unknown)?;
        let others = Vec::new();
        Ok(Some(FoundCreate { id, remote, others }))
    }
}

/// Returns the error of a lookup that failed.
pub(crate) fn unknown(error: CallError) -> TaskError {
    TaskError::Unknown { error }
}
