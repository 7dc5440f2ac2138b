//! Recovery of what an earlier run left open.

mod adopt;
mod change;
mod eip_binding;
mod orders;
mod reads;
mod resolution;

use std::collections::VecDeque;

use eci_core::{Address, OperationTag};
use eci_planner::OwnerMark;
use eci_planner::attachment;
use eci_provider::{Cloud, RemoteId, RemoteObject};
use eci_state::{
    IntentKind, IntentOutcome, OpenIntent, Record, ResourceState, Snapshot, Store, failpoint,
};
use tokio::time::Instant;

use crate::context::RunContext;
use crate::effects::Effects;
use crate::event::{Event, RecoveryOutcome, Reporter};
use crate::open_order::OpenOrder;
use crate::options::ApplyOptions;
use crate::recover_error::RecoverError;
use crate::tagged::TaggedGroups;
use change::{PendingChange, changed};
use orders::OrderFinding;
use reads::RecoveryReads;
use resolution::Resolution;

pub(crate) use adopt::{AdoptedResource, adopted, replaced};

/// Resolves every call whose end an earlier run did not observe, before anything is planned: the
/// result of a create is found by its operation tag and adopted.
///
/// **Invariant:** it only reads from the cloud. What cannot be resolved that way stays open, and is
/// part of the next plan: an order of unknown outcome, and what was replaced.
///
/// Cancel safe: what was resolved by then is recorded, and the next recovery goes on from there.
///
/// # Errors
/// If the cloud cannot be read or the state not be written; what was resolved until then is
/// recorded.
pub async fn recover<'a, A: Cloud + 'static>(
    context: RunContext<'a, A>,
    options: &'a ApplyOptions,
) -> Result<(), RecoverError> {
    Recovery::new(context, options).run().await
}

/// A recovery of a state.
struct Recovery<'a, A> {
    store: &'a mut dyn Store,
    effects: &'a Effects,
    reporter: &'a dyn Reporter,
    reads: RecoveryReads<'a, A>,
}

impl<'a, A: Cloud + 'static> Recovery<'a, A> {
    fn new(context: RunContext<'a, A>, options: &'a ApplyOptions) -> Recovery<'a, A> {
        let RunContext {
            provider,
            store,
            effects,
            reporter,
        } = context;
        let now = Instant::now();
        Recovery {
            store,
            effects,
            reporter,
            reads: RecoveryReads {
                provider,
                options,
                effects,
                // However old an intent is, its call may have been sent only just before the other
                // run ended.
                effective_by: now + options.consistency_window,
                visible_by: now + options.visible_within,
            },
        }
    }

    async fn run(mut self) -> Result<(), RecoverError> {
        let open = self.store.snapshot().open_intents.iter().cloned();
        // A resource identified by its order is not accepted as the result of another one.
        let is_identified = |open: &OpenIntent| {
            let creates = matches!(open.kind, IntentKind::Create { .. });
            !creates || open.order.is_some() || open.address.kind().properties().is_tagged()
        };
        let (known, unknown): (Vec<_>, Vec<_>) = open.partition(is_identified);
        let mut open: VecDeque<OpenIntent> = known.into_iter().chain(unknown).collect();
        while let Some(intent) = open.pop_front() {
            let resolution = match &intent.kind {
                IntentKind::Create {
                    operation, planned, ..
                } if intent.address.kind().properties().is_tagged() => {
                    self.resolve_group_create(&intent, operation, planned)
                        .await?
                }
                IntentKind::Create {
                    operation, planned, ..
                } => self.resolve_order(&intent, operation, planned).await?,
                IntentKind::Update {
                    attributes,
                    ready_by,
                    unreported,
                    ..
                } => {
                    let change = PendingChange {
                        intent: &intent,
                        attributes,
                        ready_by,
                        unreported: unreported.as_ref(),
                    };
                    Some(self.resolve_update(change).await?)
                }
                IntentKind::Delete { id } => self.resolve_delete(&intent, id).await?,
            };
            // What reads cannot determine is part of the next plan.
            if let Some(resolution) = resolution {
                open.extend(self.record(intent, resolution).await?);
            }
        }
        Ok(())
    }

    /// Looks for the container group that a create created.
    ///
    /// Returns none if it is not found: it may still take effect, however old its intent is, as it had to
    /// wait for its turn or the machine slept.
    async fn resolve_group_create(
        &mut self,
        intent: &OpenIntent,
        operation: &OperationTag,
        planned: &ResourceState,
    ) -> Result<Option<Resolution>, RecoverError> {
        let mut found = self.reads.provider.find(operation).await?;
        if found.is_empty() {
            let attached = attachment::attached(&planned.applied);
            let by_attachment = self.reads.group_by_attachment(operation, &attached);
            found.extend(by_attachment.await?);
        }
        let Some(TaggedGroups { group, others }) = TaggedGroups::oldest(found) else {
            return Ok(None);
        };
        let id = group.id.clone();
        let adopt = AdoptedResource {
            kind: intent.address.kind(),
            requested: planned,
            id: &id,
            remote: Some(&RemoteObject::from(group)),
        };
        let adopted = adopted(&*self.store, self.reads.provider, &adopt);
        Ok(Some(Resolution {
            // A proxy sent the create again: the next plan deletes the younger.
            to_delete: others,
            ..adopted
        }))
    }

    /// Looks for the EIP or the disk that an order created.
    ///
    /// Returns none if the order is not complete or may not have been placed.
    async fn resolve_order(
        &mut self,
        intent: &OpenIntent,
        operation: &OperationTag,
        planned: &ResourceState,
    ) -> Result<Option<Resolution>, RecoverError> {
        let order = OpenOrder {
            snapshot: self.store.snapshot(),
            intent,
            operation,
            requested: &planned.applied,
        };
        let at_rest = match self.reads.find_order(&order).await? {
            OrderFinding::Pending => return Ok(None),
            OrderFinding::Created(id) => {
                let remote = self.reads.wait_until_visible(&id).await?;
                let adopt = AdoptedResource {
                    kind: intent.address.kind(),
                    requested: planned,
                    id: id.as_str(),
                    remote: remote.as_ref(),
                };
                adopted(&*self.store, self.reads.provider, &adopt)
            }
            OrderFinding::NotFound => not_created(),
        };
        Ok(Some(at_rest))
    }

    /// Plans a change again, and records what is known by now of its resource.
    async fn resolve_update(
        &mut self,
        change: PendingChange<'_>,
    ) -> Result<Resolution, RecoverError> {
        let intent = change.intent;
        // Whether it took effect decides what is replaced.
        if !intent.triggers.is_empty() {
            tokio::time::sleep_until(self.reads.effective_by).await;
        }
        let mut records = Vec::new();
        let id = intent.id.as_deref();
        if let Some(Ok(id)) = id.map(|id| RemoteId::new(intent.address.kind(), id))
            && let Some(remote) = self.reads.at_rest(&id).await?
        {
            records = changed(self.store.snapshot(), &change, &remote);
        }
        Ok(Resolution {
            records,
            ..replan()
        })
    }

    /// Determines whether a delete was done.
    ///
    /// Returns none if it deletes what was replaced and still exists.
    async fn resolve_delete(
        &mut self,
        intent: &OpenIntent,
        id: &str,
    ) -> Result<Option<Resolution>, RecoverError> {
        let Ok(id) = RemoteId::new(intent.address.kind(), id) else {
            return Ok(None);
        };
        let mut remote = self.reads.at_rest(&id).await?;
        let is_own = is_known(self.store.snapshot(), id.as_str());
        if is_own && remote.as_ref().is_some_and(is_leaving) {
            // It counts as missing already, and no one else deleted it.
            self.reporter.report(&Event::Recovered {
                address: intent.address.clone(),
                recovery: RecoveryOutcome::Deleting,
            });
            remote = self.reads.wait_until_deleted(&id).await?;
        }
        let snapshot = self.store.snapshot();
        let at_rest = match remote {
            None => Resolution::new(
                IntentOutcome::Done { state: None },
                RecoveryOutcome::Deleted,
            ),
            Some(_) if is_own => replan(),
            Some(remote) if is_of_another(snapshot, &remote) => left_to_other(id),
            Some(_) => return Ok(None),
        };
        Ok(Some(at_rest))
    }

    /// Records the end of an intent.
    ///
    /// Returns the intents to delete that take its place.
    async fn record(
        &mut self,
        intent: OpenIntent,
        resolution: Resolution,
    ) -> Result<Vec<OpenIntent>, RecoverError> {
        let Resolution {
            outcome,
            recovery,
            records: extra,
            to_delete: mut left,
        } = resolution;
        let snapshot = self.store.snapshot();
        let (outcome, recovery) =
            recorded_elsewhere(snapshot, &intent, &outcome).unwrap_or((outcome, recovery));
        // From the record on that has the new one, an intent has the old one.
        left.extend(replaced(snapshot, &intent.address, &outcome));
        let mut records = vec![Record::IntentFinished {
            intent: intent.intent,
            address: intent.address.clone(),
            outcome,
        }];
        records.extend(extra);
        let mut open = Vec::with_capacity(left.len());
        for id in left {
            let left = self.delete_intent(&intent.address, id);
            records.push(Record::Intent {
                intent: left.intent,
                address: left.address.clone(),
                kind: left.kind.clone(),
                time: left.started_at.clone(),
                token: None,
            });
            open.push(left);
        }
        failpoint::hit("found-out");
        self.store.append(&records)?;
        self.store.flush().await?;
        self.reporter.report(&Event::Recovered {
            address: intent.address,
            recovery,
        });
        Ok(open)
    }

    fn delete_intent(&mut self, address: &Address, id: String) -> OpenIntent {
        OpenIntent {
            intent: self.store.next_intent(),
            address: address.clone(),
            kind: IntentKind::Delete { id: id.clone() },
            id: Some(id),
            started_at: self.effects.now(),
            token: None,
            order: None,
            triggers: Vec::new(),
        }
    }
}

/// Returns the end of a create whose result the state has at another address, because it was imported there
/// before the outcome was known: no id is recorded twice.
fn recorded_elsewhere(
    snapshot: &Snapshot,
    intent: &OpenIntent,
    outcome: &IntentOutcome,
) -> Option<(IntentOutcome, RecoveryOutcome)> {
    let (IntentKind::Create { .. }, IntentOutcome::Done { state: Some(state) }) =
        (&intent.kind, outcome)
    else {
        return None;
    };
    let mut resources = snapshot.resources.iter();
    let (address, _) = resources.find(|(address, other)| {
        **address != intent.address
            && address.kind() == intent.address.kind()
            && other.id.is_some()
            && other.id == state.id
    })?;
    let id = state.id.clone()?;
    let message = format!("the created object is recorded as {address}");
    let address = address.clone();
    let recovery = RecoveryOutcome::Recorded { id, address };
    Some((IntentOutcome::Failed { message }, recovery))
}

/// Returns whether a resource has what was to be deleted, so that it is planned again.
///
/// It may have moved.
fn is_known(snapshot: &Snapshot, id: &str) -> bool {
    let mut resources = snapshot.resources.values();
    resources.any(|state| state.id.as_deref() == Some(id))
}

/// Returns whether a group carries the operation tag of another state, which has taken it over.
///
/// The label of a disk only names its creator.
fn is_of_another(snapshot: &Snapshot, remote: &RemoteObject) -> bool {
    let mark = remote.operation_mark().map(OwnerMark::new);
    remote.kind().properties().is_tagged()
        && mark.is_some_and(|mark| !mark.is_of(&snapshot.lineage))
}

/// Returns whether an object is being deleted and counts as missing.
fn is_leaving(remote: &RemoteObject) -> bool {
    remote.is_deleting() && remote.kind().properties().is_missing_while_deleting
}

fn left_to_other(id: RemoteId) -> Resolution {
    let id = id.to_string();
    let recovery = RecoveryOutcome::LeftToOther { id };
    Resolution::new(IntentOutcome::Done { state: None }, recovery)
}

/// Plans a change or a delete again whose end is not known: neither does harm twice.
fn replan() -> Resolution {
    let message = "the outcome is unknown; planned again if still needed".to_owned();
    Resolution::new(
        IntentOutcome::Failed { message },
        RecoveryOutcome::Replanned,
    )
}

fn not_created() -> Resolution {
    let message = "not found in the cloud".to_owned();
    Resolution::new(
        IntentOutcome::Failed { message },
        RecoveryOutcome::NotCreated,
    )
}
