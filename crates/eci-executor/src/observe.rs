//! Observation of the cloud for the planner.

mod binding;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use eci_api::CallError;
use eci_api::types::EipId;
use eci_config::{Configuration, Import};
use eci_core::{Address, Map};
use eci_planner::{Observation, Observed, OwnerMark, ids_of_existing_eips, ids_of_own_eips};
use eci_provider::{Cloud, Provider, RemoteId, RemoteObject, RemoteReport};
use eci_state::{ResourceState, Snapshot};
use tokio::time::Instant;

use crate::options::ApplyOptions;

/// The pause before looking again for a created resource that was never observed.
const PAUSE: Duration = Duration::from_secs(1);

/// The objects that a configuration requires to be read in addition to the resources of the state.
#[derive(Clone, Debug, Default)]
pub struct AdditionalReads<'a> {
    imports: &'a [Import],
    /// The ids of existing EIPs whose addresses are read by the groups that have them.
    own_eips: Vec<EipId>,
    /// The ids of all existing EIPs.
    existing_eips: Vec<EipId>,
}

impl<'a> AdditionalReads<'a> {
    /// Returns what this configuration asks.
    pub fn by(configuration: &'a Configuration) -> AdditionalReads<'a> {
        let valid = |ids: Vec<String>| {
            let ids = ids.into_iter();
            ids.filter_map(|id| EipId::new(id).ok()).collect()
        };
        AdditionalReads {
            imports: &configuration.imports,
            own_eips: valid(ids_of_own_eips(configuration)),
            existing_eips: valid(ids_of_existing_eips(configuration)),
        }
    }

    /// Returns what these imports ask.
    pub fn for_imports(imports: &'a [Import]) -> AdditionalReads<'a> {
        AdditionalReads {
            imports,
            own_eips: Vec::new(),
            existing_eips: Vec::new(),
        }
    }
}

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
    provider: &Provider<A>,
) -> Result<Observed, CallError> {
    let mut observed = Observed::empty();
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

/// The part of a report that is kept.
#[derive(Clone)]
struct ReadResult {
    /// Its attributes, with what only the state knows.
    attributes: Arc<Map>,
    is_leaving: bool,
    /// The mark of the state that owns it. The label of a disk names its creator, and no call
    /// changes it: for one in the state it has no meaning.
    mark: Option<OwnerMark>,
    /// The holder of an EIP or a disk that is not changing.
    holder: Option<Option<String>>,
}

impl ReadResult {
    /// Keeps a report. A resource without a state is to be imported.
    fn new<A: Cloud>(
        provider: &Provider<A>,
        remote: &RemoteObject,
        state: Option<&ResourceState>,
    ) -> ReadResult {
        let attributes = match state {
            Some(state) => provider.attributes_with_prior(remote, &state.applied, &state.observed),
            None => provider.attributes_with_terms(remote),
        };
        let is_group = matches!(remote.report, RemoteReport::Group(..));
        let mark = remote
            .operation_mark()
            .filter(|_| is_group || state.is_none());
        ReadResult {
            attributes: Arc::new(attributes),
            is_leaving: remote.is_deleting(),
            // Somebody else may have put anything there.
            mark: mark.map(|mark| {
                if provider.api().quotes(mark) {
                    OwnerMark::new(provider.api().redacted(mark))
                } else {
                    OwnerMark::new(mark)
                }
            }),
            holder: binding::holder(remote),
        }
    }

    /// Notes the observation of a resource; none of a missing one.
    fn note(result: Option<ReadResult>, address: &Address, observed: &mut Observed) {
        let mark = result.as_ref().and_then(|result| result.mark.clone());
        if let Some(mark) = mark {
            observed.insert_mark(address.clone(), mark);
        }
        let observation = match result {
            Some(result)
                if !(result.is_leaving
                    && address.kind().properties().is_missing_while_deleting) =>
            {
                Observation::Present(result.attributes)
            }
            _ => Observation::Missing,
        };
        observed.insert(address.clone(), observation);
    }
}

/// The reports so far.
struct Reads<'a> {
    /// The resources to read.
    ids: &'a [RemoteId],
    /// Their states, where there are any.
    known: HashMap<&'a RemoteId, Option<&'a ResourceState>>,
    results: HashMap<RemoteId, ReadResult>,
}

impl Reads<'_> {
    async fn read<A: Cloud + 'static>(
        &mut self,
        provider: &Provider<A>,
        ids: &[RemoteId],
    ) -> Result<(), CallError> {
        let Reads { known, results, .. } = self;
        let see = |id: RemoteId, remote: RemoteObject| {
            let state = known.get(&id).copied().flatten();
            let result = ReadResult::new(provider, &remote, state);
            results.insert(id, result);
        };
        provider.describe_each(ids, see).await
    }

    /// Waits until what was created and never observed since appears, or it is certain that it no
    /// longer exists: a new resource may not be visible everywhere yet, and treating it as missing
    /// would create it again.
    async fn wait_for_creates<A: Cloud + 'static>(
        &mut self,
        provider: &Provider<A>,
    ) -> Result<(), CallError> {
        let until = Instant::now() + ApplyOptions::default().visible_within;
        // This is all that the answer to a create contains.
        let is_in_answer = |name: &str| matches!(name, "id" | "order_id");
        let never_observed = |id: &&RemoteId| {
            let state = self.known.get(id).copied().flatten();
            state.is_some_and(|state| state.observed.keys().all(|name| is_in_answer(name)))
        };
        let mut missing: Vec<RemoteId> = self.ids.iter().filter(never_observed).cloned().collect();
        loop {
            missing.retain(|id| !self.results.contains_key(id));
            if missing.is_empty() || Instant::now() >= until {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
            self.read(provider, &missing).await?;
        }
    }

    /// Waits a while until EIPs and disks that are being deleted no longer exist: until then, their
    /// deletion may still fail, and another one of the name may be refused.
    async fn wait_for_deletes<A: Cloud + 'static>(
        &mut self,
        provider: &Provider<A>,
    ) -> Result<(), CallError> {
        let until = Instant::now() + ApplyOptions::default().visible_within;
        loop {
            let is_leaving = |id: &&RemoteId| {
                let result = self.results.get(id);
                result.is_some_and(|result| result.is_leaving)
                    && !id.kind().properties().is_missing_while_deleting
            };
            let leaving: Vec<RemoteId> = self.ids.iter().filter(is_leaving).cloned().collect();
            if leaving.is_empty() || Instant::now() >= until {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
            self.results.retain(|id, _| !leaving.contains(id));
            self.read(provider, &leaving).await?;
        }
    }
}
