//! What an earlier run left open.

mod eip_binding;
mod orders;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use eci_api::CallError;
use eci_core::quote::shell_word;
use eci_core::{Address, Kind, Map, OperationTag, Value};
use eci_planner::attachment::{self, Attachable};
use eci_planner::{OwnerMark, changed_since, redact_observed};
use eci_provider::{Cloud, Provider, RemoteId, RemoteObject, RemoteReport, Seen, group_id};
use eci_state::{
    IntentKind, IntentOutcome, OpenIntent, Record, ResourceState, Snapshot, StateError, Store,
    failpoint,
};
use tokio::time::Instant;

use crate::event::{Event, Recovery, Reporter};
use crate::settings::{ApplyOptions, RunContext, next_delay};
use crate::tagged::Tagged;
use orders::Found;

pub(crate) use orders::{find_order_by_label as look_for_order, is_young};

/// Why what an earlier run left open cannot be settled.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The cloud could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The state cannot be written.
    #[error(transparent)]
    State(#[from] StateError),
    /// Several things could be what one create made.
    #[error(
        "{address}: any of {} could be what an earlier run made; take it over with an `[[import]]` \
         and run `eci state rm {}` before that, or delete all of them, then run again",
        ids.join(", "),
        shell_word(address)
    )]
    Ambiguous {
        /// The resource.
        address: String,
        /// Their ids.
        ids: Vec<String>,
    },
}

/// Settles every call whose end an earlier run did not see, before anything is planned: what
/// a create made is found by its operation tag and adopted.
///
/// **Invariant:** it only reads from the cloud. What cannot be settled by that stays open, and is
/// part of the next plan: an order of unknown outcome, and what was replaced.
///
/// # Errors
/// If the cloud cannot be asked or the state not be written; what was settled until then is.
pub async fn recover<A: Cloud + 'static>(
    store: &mut dyn Store,
    provider: &Provider<A>,
    (settings, effects): (&ApplyOptions, &RunContext),
    reporter: &dyn Reporter,
) -> Result<(), RecoverError> {
    let open = store.snapshot().open_intents.iter().cloned();
    // What is known by its order is not taken for what another one made.
    let is_identified = |open: &OpenIntent| {
        let creates = matches!(open.kind, IntentKind::Create { .. });
        !creates || open.order.is_some() || open.address.kind().properties().is_tagged()
    };
    let (known, unknown): (Vec<_>, Vec<_>) = open.partition(is_identified);
    let mut open: VecDeque<OpenIntent> = known.into_iter().chain(unknown).collect();
    let now = Instant::now();
    // However old an intent is, its call may have been made only just before the other run ended.
    let settled_by = now + settings.consistency_window;
    let visible_by = now + settings.visible_within;
    while let Some(intent) = open.pop_front() {
        let kind = intent.address.kind();
        let mut extra = Vec::new();
        let mut left = Vec::new();
        let (outcome, recovery) = match &intent.kind {
            IntentKind::Create {
                operation,
                planned: asked,
                ..
            } if kind.properties().is_tagged() => {
                let mut found = provider.find(operation).await?;
                if found.is_empty() {
                    let attached = attachment::attached(&asked.applied);
                    found.extend(by_attachment(provider, operation, &attached).await?);
                }
                let Some(Tagged { seen, others }) = Tagged::oldest(found) else {
                    // It may still take effect, however old its intent is: it had to wait for its turn,
                    // or the machine slept. The plan goes on with it.
                    continue;
                };
                // Something on the way sent the create again: the next plan deletes the younger.
                left.extend(others);
                let id = seen.id.clone();
                let adopt = Adopt {
                    kind,
                    asked,
                    id: &id,
                    look: Some(&RemoteObject::from(seen)),
                };
                adopted(store, provider, &adopt)
            }
            IntentKind::Create {
                operation,
                planned: asked,
                ..
            } => {
                let what = (&intent, operation, &*asked.applied);
                let snapshot = store.snapshot();
                let work = (settings, effects);
                match orders::found(provider, snapshot, what, work, visible_by).await? {
                    // The plan goes on with it.
                    Found::Pending => continue,
                    Found::Made(id) => {
                        let look =
                            wait_until_visible(provider, &id, visible_by, settings.poll).await?;
                        let adopt = Adopt {
                            kind,
                            asked,
                            id: id.as_str(),
                            look: look.as_ref(),
                        };
                        adopted(store, provider, &adopt)
                    }
                    Found::Nothing => not_made(),
                }
            }
            IntentKind::Update {
                attributes,
                ready_by,
                unreported,
                ..
            } => {
                // Whether it took effect decides what is replaced.
                if !intent.triggers.is_empty() {
                    tokio::time::sleep_until(settled_by).await;
                }
                if let Some(Ok(id)) = intent.id.as_deref().map(|id| RemoteId::new(kind, id))
                    && let Some(look) = settled(provider, &id, settings).await?
                {
                    let change = Change {
                        intent: &intent,
                        attributes,
                        ready_by,
                        unreported: unreported.as_ref(),
                    };
                    extra = changed(store.snapshot(), &change, &look);
                }
                replan()
            }
            IntentKind::Delete { id } => {
                let Ok(id) = RemoteId::new(kind, id) else {
                    continue;
                };
                match settled(provider, &id, settings).await? {
                    None => (IntentOutcome::Done { state: None }, Recovery::Deleted),
                    Some(_) if is_known(store.snapshot(), id.as_str()) => replan(),
                    Some(look) if is_of_another(store.snapshot(), &look) => left_to_other(id),
                    // It was replaced, and the plan deletes it.
                    Some(_) => continue,
                }
            }
        };
        let (outcome, recovery) = match recorded_elsewhere(store.snapshot(), &intent, &outcome) {
            Some(elsewhere) => elsewhere,
            None => (outcome, recovery),
        };
        let replaced = replaced(store.snapshot(), &intent.address, &outcome);
        let mut records = vec![Record::IntentFinished {
            intent: intent.intent,
            address: intent.address.clone(),
            outcome,
        }];
        records.extend(extra);
        // From the record on that has the new one, an intent has the old one.
        left.extend(replaced);
        for id in left {
            let left = OpenIntent {
                intent: store.next_intent(),
                address: intent.address.clone(),
                kind: IntentKind::Delete { id: id.clone() },
                id: Some(id),
                started_at: (effects.clock)(),
                token: None,
                order: None,
                triggers: Vec::new(),
            };
            records.push(Record::Intent {
                intent: left.intent,
                address: left.address.clone(),
                kind: left.kind.clone(),
                time: left.started_at.clone(),
                token: None,
            });
            open.push_back(left);
        }
        failpoint::point("found-out");
        store.append(&records)?;
        store.flush()?;
        reporter.report(&Event::Recovered {
            address: intent.address,
            recovery,
        });
    }
    Ok(())
}

/// The container group that carries a tag, found by an EIP or a disk that its create asked for: a list may
/// not show the group yet, while what it has is no longer free.
async fn by_attachment<A: Cloud>(
    provider: &Provider<A>,
    operation: &OperationTag,
    attached: &[Attachable],
) -> Result<Option<Seen>, CallError> {
    for object in attached {
        let Ok(id) = RemoteId::new(object.kind(), object.id()) else {
            continue;
        };
        let user = provider
            .describe(&id)
            .await?
            .and_then(|look| look.attached_to());
        let Some(Ok(group)) = user.map(|user| group_id(&user)) else {
            continue;
        };
        let seen = provider.describe_group(&group).await?;
        if let Some(seen) = seen.filter(|seen| seen.operation.as_ref() == Some(operation)) {
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

/// A change whose outcome is unknown.
struct Change<'a> {
    intent: &'a OpenIntent,
    attributes: &'a [String],
    ready_by: &'a Option<String>,
    unreported: Option<&'a BTreeSet<String>>,
}

/// What is known now of a resource whose change was cut off.
fn changed(snapshot: &Snapshot, change: &Change<'_>, look: &RemoteObject) -> Vec<Record> {
    let Change {
        intent,
        attributes,
        ready_by,
        unreported,
    } = *change;
    let recorded = snapshot.resources.get(&intent.address);
    let Some(recorded) = recorded.filter(|state| state.id == intent.id) else {
        return Vec::new();
    };
    let corrected = eip_binding::corrected(snapshot, intent, attributes, look);
    let attribute = |path: &String| path.split(['.', '[']).next().unwrap_or_default().to_owned();
    let sent: BTreeSet<String> = attributes.iter().map(attribute).collect();
    let (kind, key) = (intent.address.kind(), &snapshot.digest_key);
    let seen = look.attributes_with_prior(&recorded.applied, &recorded.observed);
    let seen = redact_observed(kind, recorded, &Arc::new(seen), key);
    let took_effect =
        corrected.is_some() || !changed_since(kind, key, recorded, &seen).is_disjoint(&sent);
    let mut state = corrected.unwrap_or_else(|| recorded.clone());
    // The cloud may have the new values of what it does not report, or the old ones.
    match unreported {
        Some(unreported) => state.uncertain.extend(unreported.iter().cloned()),
        None => state.uncertain.extend(attributes.iter().cloned()),
    }
    if ready_by.is_some() {
        // It may have been changed, and nobody has seen whether it is ready after that.
        state.was_ready = recorded.has_been_ready();
        state.ready_by.clone_from(ready_by);
    }
    state.unconfirmed.extend(sent);
    let mut records = Vec::new();
    if state != *recorded {
        records.push(recorded_as(&intent.address, state));
    }
    if took_effect {
        records.extend(triggered(snapshot, intent));
    }
    records
}

/// What a change that took effect is to replace is replaced by the next plan, although no run saw
/// the end of that change.
fn triggered(snapshot: &Snapshot, intent: &OpenIntent) -> impl Iterator<Item = Record> {
    let dependents = intent.triggers.iter();
    let dependents = dependents.filter(|dependent| **dependent != intent.address);
    dependents.filter_map(|dependent| {
        let state = ResourceState {
            replacement_pending: Some(intent.address.clone()),
            ..snapshot.resources.get(dependent)?.clone()
        };
        Some(recorded_as(dependent, state))
    })
}

fn recorded_as(address: &Address, state: ResourceState) -> Record {
    Record::ResourceUpdated {
        address: address.clone(),
        state: Box::new(state),
    }
}

/// The end of a create whose result the state has at another address, because it was imported there
/// before the outcome was known: no id is recorded twice.
fn recorded_elsewhere(
    snapshot: &Snapshot,
    intent: &OpenIntent,
    outcome: &IntentOutcome,
) -> Option<(IntentOutcome, Recovery)> {
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
    let message = format!("what it created is recorded as {address}");
    let address = address.clone();
    let recovery = Recovery::Recorded { id, address };
    Some((IntentOutcome::Failed { message }, recovery))
}

/// The id of the group whose place is taken by what was adopted: it was to be made before the
/// old one is deleted.
pub(crate) fn replaced(
    snapshot: &Snapshot,
    address: &Address,
    outcome: &IntentOutcome,
) -> Option<String> {
    let IntentOutcome::Done { state: Some(state) } = outcome else {
        return None;
    };
    let held = snapshot.resources.get(address)?.id.clone();
    held.filter(|held| state.id.as_ref() != Some(held))
}

/// Whether a resource has what was to be deleted, so that it is planned again. It may have moved.
fn is_known(snapshot: &Snapshot, id: &str) -> bool {
    let mut resources = snapshot.resources.values();
    resources.any(|state| state.id.as_deref() == Some(id))
}

/// Whether a group carries the operation tag of another state, which has taken it over. The label
/// of a disk says only who made it.
fn is_of_another(snapshot: &Snapshot, look: &RemoteObject) -> bool {
    let mark = look.operation_mark().map(OwnerMark::new);
    let is_group = matches!(look.report, RemoteReport::Group(..));
    is_group && mark.is_some_and(|mark| !mark.is_of(&snapshot.lineage))
}

fn left_to_other(id: RemoteId) -> (IntentOutcome, Recovery) {
    let id = id.to_string();
    let recovery = Recovery::LeftToOther { id };
    (IntentOutcome::Done { state: None }, recovery)
}

/// How something is once it does not change by itself any more, or the time for that is up;
/// none if it is gone.
async fn settled<A: Cloud>(
    provider: &Provider<A>,
    id: &RemoteId,
    settings: &ApplyOptions,
) -> Result<Option<RemoteObject>, CallError> {
    let start = Instant::now();
    let mut pause = settings.poll.0;
    loop {
        let look = provider.describe(id).await?;
        let changing = look.as_ref().is_some_and(RemoteObject::is_transitional);
        if !changing || start.elapsed() >= settings.update_timeout {
            return Ok(look);
        }
        tokio::time::sleep(pause).await;
        pause = next_delay(pause, settings.poll);
    }
}

/// How something is that was made; none if it does not show until then.
async fn wait_until_visible<A: Cloud>(
    provider: &Provider<A>,
    id: &RemoteId,
    until: Instant,
    poll: (Duration, Duration),
) -> Result<Option<RemoteObject>, CallError> {
    let mut pause = poll.0;
    loop {
        let asked = Instant::now();
        let look = provider.describe(id).await?;
        if look.is_some() || asked >= until {
            return Ok(look);
        }
        tokio::time::sleep_until(until.min(Instant::now() + pause)).await;
        pause = next_delay(pause, poll);
    }
}

/// A change or delete whose end is not known is simply planned again: neither does harm twice.
fn replan() -> (IntentOutcome, Recovery) {
    let message = "its end was not seen; it is planned again if it is still needed".to_owned();
    (IntentOutcome::Failed { message }, Recovery::Replanned)
}

fn not_made() -> (IntentOutcome, Recovery) {
    let message = "what it would have made was not found".to_owned();
    (IntentOutcome::Failed { message }, Recovery::NotCreated)
}

/// What turned out to have been created.
pub(crate) struct Adopt<'a> {
    pub(crate) kind: Kind,
    /// What it was asked to be.
    pub(crate) asked: &'a ResourceState,
    pub(crate) id: &'a str,
    /// None if it is not visible yet.
    pub(crate) look: Option<&'a RemoteObject>,
}

/// What a create made is taken over.
pub(crate) fn adopted<A: Cloud>(
    store: &dyn Store,
    provider: &Provider<A>,
    adopt: &Adopt<'_>,
) -> (IntentOutcome, Recovery) {
    let Adopt {
        kind,
        asked,
        id,
        look,
    } = *adopt;
    let key = &store.snapshot().digest_key;
    let attributes = match look {
        Some(look) => provider.attributes_after(look, &asked.applied, &asked.observed),
        None => Map::from_iter([("id".into(), Value::from(id))]),
    };
    let attributes = Arc::new(attributes);
    let state = ResourceState {
        id: Some(id.to_owned()),
        observed: redact_observed(kind, asked, &attributes, key),
        ..asked.clone()
    };
    let outcome = IntentOutcome::Done {
        state: Some(Box::new(state)),
    };
    (outcome, Recovery::Adopted { id: id.to_owned() })
}
