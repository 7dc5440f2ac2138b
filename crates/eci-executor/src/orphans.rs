//! Groups that a state made and does not know.

use std::collections::HashSet;

use eci_api::types::ContainerGroupId;
use eci_api::{Api, CallError, Status};
use eci_core::{Lineage, OperationTag};
use eci_provider::{Provider, Seen};
use eci_state::{Deed, Snapshot};
use tokio::time::Instant;

use crate::settings::Settings;

/// The groups in the cloud that creates of this lineage made, as their operation tags say, but
/// for those that are about to be gone.
///
/// Every group of the account is looked at: no call finds tags by a part of their value.
///
/// # Errors
/// The call's.
pub async fn made_by<A: Api>(
    lineage: &Lineage,
    provider: &Provider<A>,
) -> Result<Vec<Seen>, CallError> {
    let mut groups = provider.tagged([]).await?;
    groups.retain(|group| {
        let operation = group.operation.as_ref();
        operation.is_some_and(|operation| operation.is_of(lineage))
            && group.status != Status::Terminating
    });
    Ok(groups)
}

/// Those of the groups that are in no resource of the state, and that no open intent speaks of:
/// what that one made or removes is found out by [`recover`](crate::recover()).
pub fn unknown_to(snapshot: &Snapshot, mut groups: Vec<Seen>) -> Vec<Seen> {
    let mut ids: HashSet<&str> = snapshot
        .resources
        .values()
        .filter_map(|state| state.id.as_deref())
        .collect();
    let mut operations: HashSet<&OperationTag> = HashSet::new();
    for open in &snapshot.open {
        ids.extend(open.id.as_deref());
        match &open.deed {
            Deed::Create { operation, .. } => {
                operations.insert(operation);
            }
            Deed::Delete { id } => {
                ids.insert(id);
            }
            Deed::Update { .. } => {}
        }
    }
    groups.retain(|group| {
        let operation = group.operation.as_ref();
        !ids.contains(group.id.as_str())
            && operation.is_none_or(|operation| !operations.contains(operation))
    });
    groups
}

/// Deletes groups that no state has, and waits until they are gone; those of the ids that are
/// not gone when the time for that is up.
///
/// # Errors
/// The first call that fails. What was begun until then goes on.
pub async fn remove<A: Api>(
    provider: &Provider<A>,
    ids: Vec<ContainerGroupId>,
    settings: &Settings,
) -> Result<Vec<ContainerGroupId>, CallError> {
    for id in &ids {
        provider.delete(id).await?;
    }
    let start = Instant::now();
    let mut left = ids;
    let mut pause = settings.poll.0;
    loop {
        let mut still = Vec::new();
        for id in left {
            if provider.seen(&id).await?.is_some() {
                still.push(id);
            }
        }
        if still.is_empty() || start.elapsed() >= settings.delete_timeout {
            return Ok(still);
        }
        left = still;
        tokio::time::sleep(pause).await;
        pause = pause.mul_f64(1.5).min(settings.poll.1);
    }
}
