//! What the cloud has, for the planner.

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

use crate::settings::ApplyOptions;

/// The pause before something is looked for again that was made and never seen.
const PAUSE: Duration = Duration::from_secs(1);

/// The questions of a configuration to the cloud, beside those about the state.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    imports: &'a [Import],
    /// The ids of existing EIPs whose addresses are read by the groups that have them.
    own_eips: Vec<EipId>,
    /// The ids of all existing EIPs.
    existing_eips: Vec<EipId>,
}

impl<'a> Asked<'a> {
    /// Returns what this configuration asks.
    pub fn by(configuration: &'a Configuration) -> Asked<'a> {
        let valid = |ids: Vec<String>| {
            let ids = ids.into_iter();
            ids.filter_map(|id| EipId::new(id).ok()).collect()
        };
        Asked {
            imports: &configuration.imports,
            own_eips: valid(ids_of_own_eips(configuration)),
            existing_eips: valid(ids_of_existing_eips(configuration)),
        }
    }

    /// Returns what these imports ask.
    pub fn for_imports(imports: &'a [Import]) -> Asked<'a> {
        Asked {
            imports,
            own_eips: Vec::new(),
            existing_eips: Vec::new(),
        }
    }
}

/// Asks the cloud about every resource of the state that it made, and about what a configuration
/// asks beside these, many at a time.
///
/// # Errors
/// The first call that fails.
pub async fn observe<A: Cloud + 'static>(
    snapshot: &Snapshot,
    beside: &Asked<'_>,
    provider: &Provider<A>,
) -> Result<Observed, CallError> {
    let mut observed = Observed::empty();
    let (mut asked, mut ids) = (Vec::new(), Vec::new());
    for import in beside.imports {
        let state = snapshot.resources.get(&import.to);
        if state.is_some_and(|state| state.id.is_some()) {
            continue;
        }
        match RemoteId::new(import.to.kind(), &import.id) {
            // Alone it tells more than among many, and now all of it counts.
            Ok(id @ RemoteId::Disk(_)) => {
                let look = provider.describe(&id).await?;
                let sight = look.map(|look| ReadResult::new(provider, &look, None));
                ReadResult::note(sight, &import.to, &mut observed);
            }
            Ok(id) => {
                asked.push((&import.to, None));
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
            asked.push((address, Some(state)));
            ids.push(id);
        }
    }
    let mut sights = Reads {
        ids: &ids,
        // Two can ask about the same thing, an import and the address that it moves from: what
        // only the state tells counts for both.
        known: ids.iter().zip(asked.iter().map(|(_, state)| *state)).fold(
            HashMap::with_capacity(ids.len()),
            |mut known, (id, state)| {
                let entry = known.entry(id).or_insert(state);
                *entry = entry.or(state);
                known
            },
        ),
        seen: HashMap::with_capacity(ids.len()),
    };
    sights.look(provider, &ids).await?;
    sights.wait_for_creates(provider).await?;
    sights.wait_for_deletes(provider).await?;
    let read = sights.eips_to_read(snapshot, beside);
    sights.bind(provider, snapshot, &read, &mut observed).await;
    for ((address, _), id) in asked.into_iter().zip(&ids) {
        ReadResult::note(sights.seen.get(id).cloned(), address, &mut observed);
    }
    Ok(observed)
}

/// The part of a report that is kept.
#[derive(Clone)]
struct ReadResult {
    /// Its attributes, with what only the state tells.
    attributes: Arc<Map>,
    is_leaving: bool,
    /// The mark of the state that owns it. The label of a disk says who made it, and no call
    /// changes it: of one that the state has it tells nothing.
    mark: Option<OwnerMark>,
    /// The holder of an EIP or a disk that is not changing.
    holder: Option<Option<String>>,
}

impl ReadResult {
    /// Keeps a report. A resource without a state is to be imported.
    fn new<A: Cloud>(
        provider: &Provider<A>,
        look: &RemoteObject,
        state: Option<&ResourceState>,
    ) -> ReadResult {
        let attributes = match state {
            Some(state) => provider.attributes_after(look, &state.applied, &state.observed),
            None => provider.attributes_with_terms(look),
        };
        let is_group = matches!(look.report, RemoteReport::Group(..));
        let mark = look
            .operation_mark()
            .filter(|_| is_group || state.is_none());
        ReadResult {
            attributes: Arc::new(attributes),
            is_leaving: look.is_deleting(),
            // Somebody else may have put anything there.
            mark: mark.map(|mark| {
                if provider.api().quotes(mark) {
                    OwnerMark::new(provider.api().redacted(mark))
                } else {
                    OwnerMark::new(mark)
                }
            }),
            holder: binding::holder(look),
        }
    }

    /// Notes what was seen of a resource; nothing of one that is gone.
    fn note(sight: Option<ReadResult>, address: &Address, observed: &mut Observed) {
        let mark = sight.as_ref().and_then(|sight| sight.mark.clone());
        if let Some(mark) = mark {
            observed.insert_mark(address.clone(), mark);
        }
        let observation = match sight {
            Some(sight)
                if !(sight.is_leaving && address.kind().properties().is_missing_while_deleting) =>
            {
                Observation::Present(sight.attributes)
            }
            _ => Observation::Missing,
        };
        observed.insert(address.clone(), observation);
    }
}

/// The reports so far.
struct Reads<'a> {
    /// The resources that are asked about.
    ids: &'a [RemoteId],
    /// Their states, where there are any.
    known: HashMap<&'a RemoteId, Option<&'a ResourceState>>,
    seen: HashMap<RemoteId, ReadResult>,
}

impl Reads<'_> {
    async fn look<A: Cloud + 'static>(
        &mut self,
        provider: &Provider<A>,
        ids: &[RemoteId],
    ) -> Result<(), CallError> {
        let Reads { known, seen, .. } = self;
        let see = |id: RemoteId, look: RemoteObject| {
            let state = known.get(&id).copied().flatten();
            let sight = ReadResult::new(provider, &look, state);
            seen.insert(id, sight);
        };
        provider.describe_each(ids, see).await
    }

    /// Waits until what was made and never seen since appears, or it is certain that it is gone:
    /// what was just made may not be visible everywhere yet, and whoever took it for gone would
    /// make it again.
    async fn wait_for_creates<A: Cloud + 'static>(
        &mut self,
        provider: &Provider<A>,
    ) -> Result<(), CallError> {
        let until = Instant::now() + ApplyOptions::default().visible_within;
        // This is all that the answer to a create tells.
        let told = |name: &str| matches!(name, "id" | "order_id");
        let never_seen = |id: &&RemoteId| {
            let state = self.known.get(id).copied().flatten();
            state.is_some_and(|state| state.observed.keys().all(|name| told(name)))
        };
        let mut missing: Vec<RemoteId> = self.ids.iter().filter(never_seen).cloned().collect();
        loop {
            missing.retain(|id| !self.seen.contains_key(id));
            if missing.is_empty() || Instant::now() >= until {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
            self.look(provider, &missing).await?;
        }
    }

    /// Waits a while until EIPs and disks that are being deleted are gone: as long as they are
    /// not, their end may still fail, and another one of the name may be refused.
    async fn wait_for_deletes<A: Cloud + 'static>(
        &mut self,
        provider: &Provider<A>,
    ) -> Result<(), CallError> {
        let until = Instant::now() + ApplyOptions::default().visible_within;
        loop {
            let is_leaving = |id: &&RemoteId| {
                let sight = self.seen.get(id);
                sight.is_some_and(|sight| sight.is_leaving)
                    && !id.kind().properties().is_missing_while_deleting
            };
            let leaving: Vec<RemoteId> = self.ids.iter().filter(is_leaving).cloned().collect();
            if leaving.is_empty() || Instant::now() >= until {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
            self.seen.retain(|id, _| !leaving.contains(id));
            self.look(provider, &leaving).await?;
        }
    }
}
