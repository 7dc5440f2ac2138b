//! What an earlier run left open.

mod binding;
mod ordered;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use eci_api::CallError;
use eci_core::quote::shell_word;
use eci_core::{Address, Kind, Map, OperationTag, Value};
use eci_planner::attachment::{self, Attachable};
use eci_planner::{OwnerMark, changed_since, sealed};
use eci_provider::{Cloud, Look, Provider, Seen, ThingId, Told, group_id};
use eci_state::{
    Deed, OpenIntent, Record, ResourceState, Settlement, Snapshot, StateError, Store, crash,
};
use tokio::time::Instant;

use crate::event::{Event, Recovery, Reporter};
use crate::settings::{Effects, Settings, longer};
use crate::tagged::Tagged;
use ordered::Found;

pub(crate) use ordered::{is_young, look_for as look_for_order};

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
    (settings, effects): (&Settings, &Effects),
    reporter: &dyn Reporter,
) -> Result<(), RecoverError> {
    let open = store.snapshot().open.iter().cloned();
    // What is known by its order is not taken for what another one made.
    let is_identified = |open: &OpenIntent| {
        let creates = matches!(open.deed, Deed::Create { .. });
        !creates || open.order.is_some() || open.address.kind() == Kind::ContainerGroup
    };
    let (known, unknown): (Vec<_>, Vec<_>) = open.partition(is_identified);
    let mut open: VecDeque<OpenIntent> = known.into_iter().chain(unknown).collect();
    let now = Instant::now();
    // However old an intent is, its call may have been made only just before the other run ended.
    let settled_by = now + settings.settle_window;
    let visible_by = now + settings.visible_within;
    while let Some(intent) = open.pop_front() {
        let kind = intent.address.kind();
        let mut extra = Vec::new();
        let mut left = Vec::new();
        let (outcome, recovery) = match &intent.deed {
            Deed::Create {
                operation, asked, ..
            } if kind == Kind::ContainerGroup => {
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
                    look: Some(&Look::from(seen)),
                };
                adopted(store, provider, &adopt)
            }
            Deed::Create {
                operation, asked, ..
            } => {
                let what = (&intent, operation, &*asked.applied);
                let snapshot = store.snapshot();
                let work = (settings, effects);
                match ordered::found(provider, snapshot, what, work, visible_by).await? {
                    // The plan goes on with it.
                    Found::Pending => continue,
                    Found::Made(id) => {
                        let look = visible(provider, &id, visible_by, settings.poll).await?;
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
            Deed::Update {
                attributes,
                ready_by,
                unreported,
                ..
            } => {
                // Whether it took effect decides what is replaced.
                if !intent.triggers.is_empty() {
                    tokio::time::sleep_until(settled_by).await;
                }
                if let Some(Ok(id)) = intent.id.as_deref().map(|id| ThingId::new(kind, id))
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
                again()
            }
            Deed::Delete { id } => {
                let Ok(id) = ThingId::new(kind, id) else {
                    continue;
                };
                match settled(provider, &id, settings).await? {
                    None => (Settlement::Done { state: None }, Recovery::Deleted),
                    Some(_) if is_known(store.snapshot(), id.as_str()) => again(),
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
        let mut records = vec![Record::Settled {
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
                deed: Deed::Delete { id: id.clone() },
                id: Some(id),
                at: (effects.now)(),
                token: None,
                order: None,
                triggers: Vec::new(),
            };
            records.push(Record::Intent {
                intent: left.intent,
                address: left.address.clone(),
                deed: left.deed.clone(),
                at: left.at.clone(),
                token: None,
            });
            open.push_back(left);
        }
        crash::point("found-out");
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
        let kind = if object.is_disk() {
            Kind::Volume
        } else {
            Kind::Eip
        };
        let Ok(id) = ThingId::new(kind, object.id()) else {
            continue;
        };
        let user = provider.look(&id).await?.and_then(|look| look.user());
        let Some(Ok(group)) = user.map(|user| group_id(&user)) else {
            continue;
        };
        let seen = provider.seen(&group).await?;
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
fn changed(snapshot: &Snapshot, change: &Change<'_>, look: &Look) -> Vec<Record> {
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
    let corrected = binding::corrected(snapshot, intent, attributes, look);
    let attribute = |path: &String| path.split(['.', '[']).next().unwrap_or_default().to_owned();
    let sent: BTreeSet<String> = attributes.iter().map(attribute).collect();
    let (kind, key) = (intent.address.kind(), &snapshot.digest_key);
    let seen = look.attributes_after(&recorded.applied, &recorded.observed);
    let seen = sealed(kind, recorded, &Arc::new(seen), key);
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
    Record::Recorded {
        address: address.clone(),
        state: Box::new(state),
    }
}

/// The end of a create whose result the state has at another address, because it was imported there
/// before the outcome was known: no id is recorded twice.
fn recorded_elsewhere(
    snapshot: &Snapshot,
    intent: &OpenIntent,
    outcome: &Settlement,
) -> Option<(Settlement, Recovery)> {
    let (Deed::Create { .. }, Settlement::Done { state: Some(state) }) = (&intent.deed, outcome)
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
    Some((Settlement::Failed { message }, recovery))
}

/// The id of the group whose place is taken by what was adopted: it was to be made before the
/// old one is deleted.
pub(crate) fn replaced(
    snapshot: &Snapshot,
    address: &Address,
    outcome: &Settlement,
) -> Option<String> {
    let Settlement::Done { state: Some(state) } = outcome else {
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
fn is_of_another(snapshot: &Snapshot, look: &Look) -> bool {
    let mark = look.operation_mark().map(OwnerMark::new);
    let is_group = matches!(look.told, Told::Group(..));
    is_group && mark.is_some_and(|mark| !mark.is_of(&snapshot.lineage))
}

fn left_to_other(id: ThingId) -> (Settlement, Recovery) {
    let id = id.to_string();
    let recovery = Recovery::LeftToOther { id };
    (Settlement::Done { state: None }, recovery)
}

/// How something is once it does not change by itself any more, or the time for that is up;
/// none if it is gone.
async fn settled<A: Cloud>(
    provider: &Provider<A>,
    id: &ThingId,
    settings: &Settings,
) -> Result<Option<Look>, CallError> {
    let start = Instant::now();
    let mut pause = settings.poll.0;
    loop {
        let look = provider.look(id).await?;
        let changing = look.as_ref().is_some_and(Look::is_changing);
        if !changing || start.elapsed() >= settings.update_timeout {
            return Ok(look);
        }
        tokio::time::sleep(pause).await;
        pause = longer(pause, settings.poll);
    }
}

/// How something is that was made; none if it does not show until then.
async fn visible<A: Cloud>(
    provider: &Provider<A>,
    id: &ThingId,
    until: Instant,
    poll: (Duration, Duration),
) -> Result<Option<Look>, CallError> {
    let mut pause = poll.0;
    loop {
        let asked = Instant::now();
        let look = provider.look(id).await?;
        if look.is_some() || asked >= until {
            return Ok(look);
        }
        tokio::time::sleep_until(until.min(Instant::now() + pause)).await;
        pause = longer(pause, poll);
    }
}

/// A change or delete whose end is not known is simply planned again: neither does harm twice.
fn again() -> (Settlement, Recovery) {
    let message = "its end was not seen; it is planned again if it is still needed".to_owned();
    (Settlement::Failed { message }, Recovery::PlannedAgain)
}

fn not_made() -> (Settlement, Recovery) {
    let message = "what it would have made was not found".to_owned();
    (Settlement::Failed { message }, Recovery::NotMade)
}

/// What turned out to have been created.
pub(crate) struct Adopt<'a> {
    pub(crate) kind: Kind,
    /// What it was asked to be.
    pub(crate) asked: &'a ResourceState,
    pub(crate) id: &'a str,
    /// None if it is not visible yet.
    pub(crate) look: Option<&'a Look>,
}

/// What a create made is taken over.
pub(crate) fn adopted<A: Cloud>(
    store: &dyn Store,
    provider: &Provider<A>,
    adopt: &Adopt<'_>,
) -> (Settlement, Recovery) {
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
        observed: sealed(kind, asked, &attributes, key),
        ..asked.clone()
    };
    let outcome = Settlement::Done {
        state: Some(Box::new(state)),
    };
    (outcome, Recovery::Adopted { id: id.to_owned() })
}
