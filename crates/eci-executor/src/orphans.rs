//! Resources that a state created and does not contain.
//!
//! | kind | how a resource created by this state is recognized |
//! |---|---|
//! | container group | by its operation tag |
//! | disk | by the label that holds the operation's short form |
//! | EIP | if an earlier snapshot of the state records its creation: it can carry no mark |
//!
//! So an EIP of which no snapshot is left is not an orphan, whatever its name: it may belong to
//! someone else.

use std::collections::{BTreeMap, HashSet};

use eci_api::types::{ClientToken, DiskId, EipId, OrderOutcome};
use eci_api::{CallError, Status};
use eci_core::kinds::existing_id;
use eci_core::{Lineage, OperationTag, Value};
use eci_planner::has_automatic_eip;
use eci_provider::{Cloud, RemoteId, RemoteObject, ResourceProvider};
use eci_state::{IntentKind, Snapshot};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::options::ApplyOptions;
use crate::recognize::{CLOCKS, is_after};

/// A resource that a state created and does not know.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Orphan {
    /// Its id.
    pub id: RemoteId,
    /// The report of the cloud.
    pub remote: RemoteObject,
    /// The operation that created it: its tag, or the short form of that.
    pub operation: String,
}

impl Orphan {
    /// Returns its name in the cloud.
    pub fn name(&self) -> &str {
        let attributes = &self.remote.attributes;
        let disk = attributes.get("disk").and_then(Value::as_map);
        let name = disk.unwrap_or(attributes).get("name");
        name.and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns whether a group carries the tag by which it was found: no one has taken it over.
    fn is_still_ours(&self, remote: &RemoteObject) -> bool {
        let is_tagged = remote.kind().properties().is_tagged();
        !is_tagged || remote.operation_mark() == Some(&*self.operation)
    }

    /// Returns the time of its creation.
    pub fn created(&self) -> Option<Timestamp> {
        self.remote.created_at()
    }
}

/// The reason why an orphan was not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeleteFailure {
    /// The orphan still exists when the time for its delete is up.
    StillThere,
    /// An object that is not an orphan has it.
    InUse(String),
    /// The order failed, in the cloud's word.
    NotOrdered(String),
    /// The object belongs to another state since it was found.
    TakenOver,
}

/// Returns all resources that creates of this state created and that it does not contain, in the
/// order of their creation. `past` are earlier snapshots of it.
///
/// Every group and every disk of the region is read: no call finds tags by a part of their value,
/// and labels are reported for one disk at a time.
///
/// Cancel safe: nothing but reads is performed.
///
/// # Errors
/// The call's.
pub async fn find<A: Cloud + 'static>(
    snapshot: &Snapshot,
    past: &[Snapshot],
    provider: &ResourceProvider<A>,
) -> Result<Vec<Orphan>, CallError> {
    let mut all = groups(&snapshot.lineage, provider).await?;
    all.extend(disks(snapshot, provider).await?);
    all.extend(eips(snapshot, past, provider).await?);
    let mut orphans = not_in_state(snapshot, all);
    orphans.sort_by_cached_key(|orphan| (orphan.created(), orphan.remote.id.clone()));
    Ok(orphans)
}

async fn groups<A: Cloud>(
    lineage: &Lineage,
    provider: &ResourceProvider<A>,
) -> Result<Vec<Orphan>, CallError> {
    let groups = provider.tagged([]).await?.into_iter();
    let ours = groups.filter_map(|group| {
        let operation = group.operation.clone()?;
        let is_ours = operation.is_of(lineage) && group.status != Status::Terminating;
        is_ours.then(|| orphan(group.into(), operation.to_string()))?
    });
    Ok(ours.collect())
}

async fn disks<A: Cloud>(
    snapshot: &Snapshot,
    provider: &ResourceProvider<A>,
) -> Result<Vec<Orphan>, CallError> {
    let known = ids(snapshot);
    let mut orphans = Vec::new();
    for listed in provider.all_disks().await? {
        let Ok(id) = DiskId::new(listed.id.clone()) else {
            continue;
        };
        if known.contains(&*listed.id) || listed.is_deleting() {
            continue;
        }
        let Some(remote) = provider.disk(&id).await? else {
            continue;
        };
        let ours = remote
            .operation_mark()
            .filter(|mark| OperationTag::is_short_of(mark, &snapshot.lineage));
        if let Some(operation) = ours.map(str::to_owned) {
            orphans.extend(orphan(remote, operation));
        }
    }
    Ok(orphans)
}

async fn eips<A: Cloud + 'static>(
    snapshot: &Snapshot,
    past: &[Snapshot],
    provider: &ResourceProvider<A>,
) -> Result<Vec<Orphan>, CallError> {
    let known = ids(snapshot);
    let ours = past.iter().filter(|past| past.lineage == snapshot.lineage);
    let states = ours.flat_map(|past| &past.resources);
    let mut created = BTreeMap::new();
    for (_, state) in states.filter(|(address, _)| address.kind().properties().is_unmarked()) {
        // An imported one was created by someone else.
        if let (Some(id), Some(operation)) = (&state.id, &state.operation)
            && operation.is_of(&snapshot.lineage)
            && !known.contains(&**id)
            && let Ok(id) = EipId::new(id.clone())
        {
            created.insert(id, operation.to_string());
        }
    }
    let eip_ids: Vec<EipId> = created.keys().cloned().collect();
    let mut orphans = Vec::new();
    for remote in provider.eips(&eip_ids).await? {
        let operation = EipId::new(remote.id.clone())
            .ok()
            .and_then(|id| created.remove(&id));
        if let (Some(operation), false) = (operation, remote.is_deleting()) {
            orphans.extend(orphan(remote, operation));
        }
    }
    Ok(orphans)
}

/// Returns EIPs that may belong to lost records: the state knows none of them, and they were
/// created since the run began whose records were lost. Anyone may have created them: an EIP
/// carries no mark. Where no record was lost, the result is empty.
///
/// The automatic EIP of a container group in the state is not included: it belongs to the group.
///
/// Cancel safe: nothing but reads is performed.
///
/// # Errors
/// The call's.
pub async fn unclaimed_eips<A: Cloud>(
    snapshot: &Snapshot,
    provider: &ResourceProvider<A>,
) -> Result<Vec<Orphan>, CallError> {
    let Some(lost) = &snapshot.lost else {
        return Ok(Vec::new());
    };
    let since = lost.since.as_deref().and_then(|since| since.parse().ok());
    let known = ids(snapshot);
    let automatic = groups_with_automatic_eips(snapshot);
    let is_own = |remote: &RemoteObject| {
        remote
            .attached_to()
            .is_some_and(|user| automatic.contains(&*user))
    };
    let remotes = provider.all_eips().await?.into_iter();
    let orphans = remotes
        .filter(|remote| !known.contains(&*remote.id) && !remote.is_deleting() && !is_own(remote))
        .filter_map(|remote| orphan(remote, String::new()));
    let is_in_range =
        |orphan: &Orphan| since.is_none() || is_after(orphan.created(), since, CLOCKS);
    Ok(orphans.filter(is_in_range).collect())
}

/// Returns the ids of the container groups of a state that were created with their EIP.
fn groups_with_automatic_eips(snapshot: &Snapshot) -> HashSet<&str> {
    let states = snapshot.resources.values();
    let automatic = states.filter(|state| has_automatic_eip(&state.applied));
    automatic.filter_map(|state| state.id.as_deref()).collect()
}

fn orphan(remote: RemoteObject, operation: String) -> Option<Orphan> {
    // An object with an invalid ID cannot be read.
    let id = RemoteId::new(remote.kind(), &remote.id).ok()?;
    Some(Orphan {
        id,
        remote,
        operation,
    })
}

/// Returns the ids that a state has or uses, that it is about to delete, or that were deliberately removed
/// from it: those may have another owner since.
fn ids(snapshot: &Snapshot) -> HashSet<&str> {
    let mut ids = HashSet::new();
    for (address, state) in &snapshot.resources {
        ids.extend(state.id.as_deref());
        ids.extend(existing_id(address.kind(), &state.applied));
    }
    for open in &snapshot.open_intents {
        ids.extend(open.id.as_deref());
        if let IntentKind::Delete { id } = &open.kind {
            ids.insert(id);
        }
    }
    ids.extend(snapshot.removed.keys().map(String::as_str));
    ids
}

/// Returns those that are in no resource of the state and no open intent: what such an intent
/// creates or removes is found by [`recover`](crate::recover()).
pub fn not_in_state(snapshot: &Snapshot, mut orphans: Vec<Orphan>) -> Vec<Orphan> {
    let ids = ids(snapshot);
    let mut operations: HashSet<String> = HashSet::new();
    for open in &snapshot.open_intents {
        if let IntentKind::Create { operation, .. } = &open.kind {
            operations.extend([operation.to_string(), operation.short()]);
        }
    }
    orphans.retain(|orphan| {
        !ids.contains(orphan.id.as_str()) && !operations.contains(&orphan.operation)
    });
    orphans
}

/// Deletes orphans, and waits until they no longer exist: groups first, unless another state has
/// taken them over meanwhile, and EIPs and disks once they are free. Returns those that are left,
/// with the reasons.
///
/// Cancel safe: deletions that were begun go on, and removing the rest again does no harm.
///
/// # Errors
/// The first call that fails. What was begun until then goes on.
pub async fn remove<A: Cloud>(
    provider: &ResourceProvider<A>,
    orphans: &[Orphan],
    options: &ApplyOptions,
) -> Result<Vec<(RemoteId, DeleteFailure)>, CallError> {
    let mut pending = Vec::new();
    let mut left = Vec::new();
    for orphan in orphans {
        let id = orphan.id.clone();
        if let RemoteId::Group(group) = &orphan.id {
            let remote = provider.describe(&id).await?;
            if remote.is_some_and(|remote| !orphan.is_still_ours(&remote)) {
                left.push((id, DeleteFailure::TakenOver));
                continue;
            }
            provider.delete(group).await?;
        }
        pending.push(PendingDelete::new(id));
    }
    let start = Instant::now();
    let mut pause = options.poll.initial;
    loop {
        let users: HashSet<String> = pending.iter().map(|it| it.id.to_string()).collect();
        let mut still = Vec::new();
        for mut one in pending {
            match one.step(provider, &users).await? {
                SearchStep::Deleted => {}
                SearchStep::Pending => still.push(one),
                SearchStep::Left(why) => left.push((one.id, why)),
            }
        }
        if still.is_empty() || start.elapsed() >= options.delete_timeout {
            left.extend(
                still
                    .into_iter()
                    .map(|one| (one.id, DeleteFailure::StillThere)),
            );
            return Ok(left);
        }
        pending = still;
        tokio::time::sleep(pause).await;
        pause = options.poll.after(pause);
    }
}

/// An orphan that is being deleted.
struct PendingDelete {
    id: RemoteId,
    /// The client token of its delete: the same each time, so that it is ordered once.
    token: ClientToken,
    ordered: bool,
}

enum SearchStep {
    Deleted,
    Pending,
    Left(DeleteFailure),
}

impl PendingDelete {
    fn new(id: RemoteId) -> PendingDelete {
        PendingDelete {
            id,
            token: ClientToken::random(),
            ordered: false,
        }
    }

    /// Reads it, and orders its deletion once nothing has it.
    async fn step<A: Cloud>(
        &mut self,
        provider: &ResourceProvider<A>,
        users: &HashSet<String>,
    ) -> Result<SearchStep, CallError> {
        let Some(remote) = provider.describe(&self.id).await? else {
            return Ok(SearchStep::Deleted);
        };
        match remote.attached_to() {
            // That one goes first.
            Some(user) if users.contains(&user) => return Ok(SearchStep::Pending),
            Some(user) if !self.ordered => return Ok(SearchStep::Left(DeleteFailure::InUse(user))),
            _ => {}
        }
        let waits = self.ordered || remote.is_deleting() || remote.is_transitional();
        let Some(order) = remote.delete_order().filter(|_| !waits) else {
            return Ok(SearchStep::Pending);
        };
        match provider.place(&self.token, &order).await {
            Ok(OrderOutcome::Failed { word, .. }) => {
                Ok(SearchStep::Left(DeleteFailure::NotOrdered(word)))
            }
            Ok(OrderOutcome::InProgress { .. } | OrderOutcome::Done { .. }) => {
                self.ordered = true;
                Ok(SearchStep::Pending)
            }
            Err(error) if error.is_not_found() => Ok(SearchStep::Deleted),
            Err(error) => Err(error),
        }
    }
}
