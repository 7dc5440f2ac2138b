//! What an earlier run left open.

use std::collections::VecDeque;
use std::time::Duration;

use eci_api::types::ContainerGroupId;
use eci_api::{Api, CallError};
use eci_core::{Address, Kind, OperationTag};
use eci_planner::sealed;
use eci_provider::{Provider, Seen, group_id};
use eci_state::{
    Deed, OpenIntent, Record, ResourceState, Settlement, Snapshot, StateError, Store, crash,
};
use tokio::time::Instant;

use crate::event::{Event, Recovery, Reporter};
use crate::settings::{Effects, Settings};

/// Why what an earlier run left open cannot be settled.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The cloud could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The state cannot be written.
    #[error(transparent)]
    State(#[from] StateError),
    /// Several groups carry the tag of one create.
    #[error(
        "{} groups carry the operation tag of {address}: {}; delete all but one of them, then run again",
        ids.len(), ids.join(", ")
    )]
    Several {
        /// The resource.
        address: String,
        /// The groups.
        ids: Vec<String>,
    },
}

/// Settles every call whose end an earlier run did not see, before anything is planned: what
/// a create made is found by its operation tag and adopted.
///
/// # Errors
/// If the cloud cannot be asked or the state not be written; what was settled until then is.
pub async fn recover<A: Api>(
    store: &mut dyn Store,
    provider: &Provider<A>,
    (settings, effects): (&Settings, &Effects),
    reporter: &dyn Reporter,
) -> Result<(), RecoverError> {
    let mut open: VecDeque<OpenIntent> = store.snapshot().open.iter().cloned().collect();
    // However old an intent is, its call may have been made only just before the other run
    // ended: it may have had to wait for its turn, or been made again.
    let until = Instant::now() + settings.settle_window;
    while let Some(intent) = open.pop_front() {
        let (outcome, recovery) = match &intent.deed {
            Deed::Create { operation, asked } => {
                let found = look_for(provider, operation, until, settings.poll).await?;
                created(store, &intent, asked, found)?
            }
            Deed::Update { .. } => again(),
            Deed::Delete { id } => {
                let Ok(group) = group_id(id) else {
                    continue;
                };
                let left = provider.seen(&group).await?.is_some();
                match (left, standing(store.snapshot(), &intent.address, id)) {
                    (false, _) => (Settlement::Done { state: None }, Recovery::Deleted),
                    (true, Standing::Known) => again(),
                    (true, Standing::Needed) => continue,
                    (true, Standing::Replaced) => {
                        provider.delete(&group).await?;
                        gone(provider, &group, settings).await?;
                        (Settlement::Done { state: None }, Recovery::Deleted)
                    }
                }
            }
        };
        let replaced = replaced(store.snapshot(), &intent.address, &outcome);
        let mut records = vec![Record::Settled {
            intent: intent.intent,
            address: intent.address.clone(),
            outcome,
        }];
        if let Some(id) = replaced {
            // From the record on that has the new one, an intent has the old one.
            let deed = Deed::Delete { id: id.clone() };
            let left = OpenIntent {
                intent: store.next_intent(),
                address: intent.address.clone(),
                deed: deed.clone(),
                id: Some(id),
                at: (effects.now)(),
            };
            records.push(Record::Intent {
                intent: left.intent,
                address: left.address.clone(),
                deed,
                at: left.at.clone(),
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

/// The id of the group whose place is taken by what was adopted: it was to be made before the
/// old one is deleted.
fn replaced(snapshot: &Snapshot, address: &Address, outcome: &Settlement) -> Option<String> {
    let Settlement::Done { state: Some(state) } = outcome else {
        return None;
    };
    let held = snapshot.resources.get(address)?.id.clone();
    held.filter(|held| state.id.as_ref() != Some(held))
}

/// What a group is to the state that was to be deleted and is still there.
enum Standing {
    /// A resource still, so that it is planned again.
    Known,
    /// One that was replaced, and the new one is of no use: the old one stays for now.
    Needed,
    /// One that was replaced. Nobody else knows of it, even if the new one is gone by now.
    Replaced,
}

fn standing(snapshot: &Snapshot, address: &Address, id: &str) -> Standing {
    let has_it = |state: &ResourceState| state.id.as_deref() == Some(id);
    match snapshot.resources.get(address) {
        // It may have moved since.
        _ if snapshot.resources.values().any(has_it) => Standing::Known,
        Some(successor) if successor.tainted => Standing::Needed,
        _ => Standing::Replaced,
    }
}

/// Waits until a group is gone, or the time for that is up: it was deleted all the same.
async fn gone<A: Api>(
    provider: &Provider<A>,
    group: &ContainerGroupId,
    settings: &Settings,
) -> Result<(), CallError> {
    let start = Instant::now();
    let mut pause = settings.poll.0;
    while start.elapsed() < settings.delete_timeout && provider.seen(group).await?.is_some() {
        tokio::time::sleep(pause).await;
        pause = pause.mul_f64(1.5).min(settings.poll.1);
    }
    Ok(())
}

/// A change or delete whose end is not known is simply planned again: neither does harm twice.
fn again() -> (Settlement, Recovery) {
    let message = "its end was not seen; it is planned again if it is still needed".to_owned();
    (Settlement::Failed { message }, Recovery::PlannedAgain)
}

fn created(
    store: &dyn Store,
    intent: &OpenIntent,
    asked: &ResourceState,
    found: Vec<Seen>,
) -> Result<(Settlement, Recovery), RecoverError> {
    let seen = match &found[..] {
        [] => {
            let message = "what it would have made was not found".to_owned();
            return Ok((Settlement::Failed { message }, Recovery::NotMade));
        }
        [seen] => seen,
        // Only someone who copies our tags makes a second one.
        several => {
            return Err(RecoverError::Several {
                address: intent.address.to_string(),
                ids: several.iter().map(|seen| seen.id.clone()).collect(),
            });
        }
    };
    let key = &store.snapshot().digest_key;
    let schema = Kind::ContainerGroup.schema();
    let state = ResourceState {
        id: Some(seen.id.clone()),
        observed: sealed(schema, &asked.applied, &seen.attributes, key),
        ..asked.clone()
    };
    let outcome = Settlement::Done {
        state: Some(Box::new(state)),
    };
    Ok((
        outcome,
        Recovery::Adopted {
            id: seen.id.clone(),
        },
    ))
}

/// Looks until something is found or the window is over: a create that timed out may still be
/// done.
async fn look_for<A: Api>(
    provider: &Provider<A>,
    operation: &OperationTag,
    until: Instant,
    poll: (Duration, Duration),
) -> Result<Vec<Seen>, CallError> {
    let mut pause = poll.0;
    loop {
        // What is answered is as old as the question.
        let asked = Instant::now();
        let found = provider.find(operation).await?;
        if !found.is_empty() || asked >= until {
            return Ok(found);
        }
        tokio::time::sleep_until(until.min(Instant::now() + pause)).await;
        pause = pause.mul_f64(1.5).min(poll.1);
    }
}
