//! Objects to read, and the reports of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use eci_api::CallError;
use eci_api::types::EipId;
use eci_config::{Configuration, Import};
use eci_core::{Address, Map};
use eci_planner::{Observation, Observations, OwnerMark, ids_of_existing_eips, ids_of_own_eips};
use eci_provider::{Cloud, RemoteId, RemoteObject, ResourceProvider};
use eci_state::ResourceState;
use tokio::time::Instant;

use crate::options::ApplyOptions;

/// The pause before looking again for a created resource that was never observed.
const PAUSE: Duration = Duration::from_secs(1);

/// The objects that a configuration requires to be read in addition to the resources of the state.
#[derive(Clone, Debug, Default)]
pub struct AdditionalReads<'a> {
    pub(super) imports: &'a [Import],
    /// The ids of existing EIPs whose addresses are read by the groups that have them.
    pub(super) own_eips: Vec<EipId>,
    /// The ids of all existing EIPs.
    pub(super) existing_eips: Vec<EipId>,
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

/// The part of a report that is kept.
#[derive(Clone)]
pub(super) struct ReadResult {
    /// Its attributes, with what only the state knows.
    pub(super) attributes: Arc<Map>,
    pub(super) is_leaving: bool,
    /// The mark of the state that owns it.
    ///
    /// The label of a disk names its creator, and no call changes it: for one in the state it has
    /// no meaning.
    pub(super) mark: Option<OwnerMark>,
    /// The holder of an EIP or a disk that is not changing.
    pub(super) holder: Option<Option<String>>,
}

impl ReadResult {
    /// Keeps a report.
    ///
    /// A resource without a state is to be imported.
    pub(super) fn new<A: Cloud>(
        provider: &ResourceProvider<A>,
        remote: &RemoteObject,
        state: Option<&ResourceState>,
    ) -> ReadResult {
        let attributes = match state {
            Some(state) => provider.attributes_with_prior(remote, &state.applied, &state.observed),
            None => provider.attributes_with_terms(remote),
        };
        let is_tagged = remote.kind().properties().is_tagged();
        let mark = remote
            .operation_mark()
            .filter(|_| is_tagged || state.is_none());
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
            holder: holder(remote),
        }
    }

    /// Notes the observation of a resource; none of a missing one.
    pub(super) fn note(result: Option<ReadResult>, address: &Address, observed: &mut Observations) {
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
pub(super) struct Reads<'a> {
    /// The resources to read.
    pub(super) ids: &'a [RemoteId],
    /// Their states, where there are any.
    pub(super) known: HashMap<&'a RemoteId, Option<&'a ResourceState>>,
    pub(super) results: HashMap<RemoteId, ReadResult>,
}

impl Reads<'_> {
    pub(super) async fn read<A: Cloud + 'static>(
        &mut self,
        provider: &ResourceProvider<A>,
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
    pub(super) async fn wait_for_creates<A: Cloud + 'static>(
        &mut self,
        provider: &ResourceProvider<A>,
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
    pub(super) async fn wait_for_deletes<A: Cloud + 'static>(
        &mut self,
        provider: &ResourceProvider<A>,
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

/// Returns what has an EIP or a disk; the outer `None` while that is changing, and for a group.
pub(super) fn holder(remote: &RemoteObject) -> Option<Option<String>> {
    let is_attachable = !remote.kind().properties().holds_attachments;
    (is_attachable && !remote.is_transitional()).then(|| remote.attached_to())
}
