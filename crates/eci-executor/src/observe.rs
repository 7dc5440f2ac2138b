//! Observation of the cloud for the planner.

mod binding;
mod reads;

use std::collections::HashMap;

use eci_api::CallError;
use eci_planner::Observations;
use eci_provider::{Cloud, RemoteId, ResourceProvider};
use eci_state::Snapshot;

pub use reads::AdditionalReads;
use reads::{ReadResult, Reads};

/// Reads every created resource of the state, and what a configuration requires in addition, many
/// at a time.
///
/// Cancel safe: nothing but reads is performed.
///
/// # Errors
/// The first call that fails.
pub async fn observe<A: Cloud + 'static>(
    snapshot: &Snapshot,
    additional: &AdditionalReads<'_>,
    provider: &ResourceProvider<A>,
) -> Result<Observations, CallError> {
    let mut observed = Observations::empty();
    let (mut subjects, mut ids) = (Vec::new(), Vec::new());
    for import in additional.imports {
        let state = snapshot.resources.get(&import.to);
        if state.is_some_and(|state| state.id.is_some()) {
            continue;
        }
        match RemoteId::new(import.to.kind(), &import.id) {
            // Alone it reports more than among many, and here all of it counts.
            Ok(id @ RemoteId::Disk(_)) => {
                let remote = provider.describe(&id).await?;
                let result = remote.map(|remote| ReadResult::new(provider, &remote, None));
                ReadResult::note(result, &import.to, &mut observed);
            }
            Ok(id) => {
                subjects.push((&import.to, None));
                ids.push(id);
            }
            Err(_) => {}
        }
    }
    for (address, state) in &snapshot.resources {
        // What only travels inside groups has no id.
        let id = state
            .id
            .as_deref()
            .map(|id| RemoteId::new(address.kind(), id));
        if let Some(Ok(id)) = id {
            subjects.push((address, Some(state)));
            ids.push(id);
        }
    }
    let mut reads = Reads {
        ids: &ids,
        // An import and the address that it moves from can refer to the same object: what only the
        // state knows counts for both.
        known: ids
            .iter()
            .zip(subjects.iter().map(|(_, state)| *state))
            .fold(
                HashMap::with_capacity(ids.len()),
                |mut known, (id, state)| {
                    let entry = known.entry(id).or_insert(state);
                    *entry = entry.or(state);
                    known
                },
            ),
        results: HashMap::with_capacity(ids.len()),
    };
    reads.read(provider, &ids).await?;
    reads.wait_for_creates(provider).await?;
    reads.wait_for_deletes(provider).await?;
    let read = reads.eips_to_read(snapshot, additional);
    reads.bind(provider, snapshot, &read, &mut observed).await;
    for ((address, _), id) in subjects.into_iter().zip(&ids) {
        ReadResult::note(reads.results.get(id).cloned(), address, &mut observed);
    }
    Ok(observed)
}
