//! What an earlier run left open.

use std::time::Duration;

use eci_api::{Api, CallError};
use eci_core::{Kind, OperationTag};
use eci_planner::sealed;
use eci_provider::{Provider, Seen, group_id};
use eci_state::{Deed, OpenIntent, Record, ResourceState, Settlement, StateError, Store};
use tokio::time::Instant;

use crate::event::{Event, Recovery, Reporter};
use crate::settings::Settings;

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
    settings: &Settings,
    reporter: &dyn Reporter,
) -> Result<(), RecoverError> {
    let open = store.snapshot().open.clone();
    let start = Instant::now();
    for intent in open {
        let (outcome, recovery) = match &intent.deed {
            Deed::Create { operation, asked } => {
                let left = settings.settle_window.saturating_sub(start.elapsed());
                let found = look_for(provider, operation, left, settings.poll).await?;
                created(store, &intent, asked, found)?
            }
            Deed::Update { .. } => again(),
            Deed::Delete { id } => match group_id(id) {
                Ok(group) if provider.seen(&group).await?.is_none() => {
                    (Settlement::Done { state: None }, Recovery::Deleted)
                }
                _ => again(),
            },
        };
        store.append(&[Record::Settled {
            intent: intent.intent,
            address: intent.address.clone(),
            outcome,
        }])?;
        store.flush()?;
        reporter.report(&Event::Recovered {
            address: intent.address,
            recovery,
        });
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
    window: Duration,
    poll: (Duration, Duration),
) -> Result<Vec<Seen>, CallError> {
    let start = Instant::now();
    let mut pause = poll.0;
    loop {
        let found = provider.find(operation).await?;
        if !found.is_empty() || start.elapsed() >= window {
            return Ok(found);
        }
        tokio::time::sleep(pause).await;
        pause = pause.mul_f64(1.5).min(poll.1);
    }
}
