//! Rebuilding of a damaged state, and search for what its lost records were about.

use std::collections::BTreeSet;
use std::path::PathBuf;

use eci_backend::{Backend, EncryptedDirectory, LockWait, OpenOptions, OpenState, Salvage};
use eci_core::Address;
use eci_executor::RunContext;
use eci_executor::orphans::{self, Orphan};
use eci_planner::{Observations, other_owner};
use eci_state::{Holder, LocalStore, Record, RepairBase, RepairReport, Snapshot, Store as _};
use eci_text::{Text, Verbatim, text};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::notice::NoticeListener;
use crate::provider::effects;
use crate::rebuild_error::RebuildError;
use crate::state::notify_of_waits;

/// A state that is locked, and rebuilt if it was damaged.
#[derive(Debug)]
#[non_exhaustive]
pub struct RebuiltState {
    /// The state, with its lock.
    pub store: OpenState,
    /// The damage.
    pub report: DamageReport,
}

impl From<RebuiltState> for OpenState {
    fn from(rebuilt: RebuiltState) -> OpenState {
        rebuilt.store
    }
}

/// The damage of a state, and the parts from which it was rebuilt.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DamageReport {
    /// The damaged and missing parts.
    ///
    /// Empty: the state was left as it is.
    pub defects: Vec<Text>,
    /// The snapshot that the state was rebuilt from, as a part of a sentence; `None` if none is
    /// readable: the key of its digests is new then, so that every secret counts as changed once.
    pub base: Option<Text>,
    /// The number of lines or entries of the journal that were applied to that.
    pub journal_entries: usize,
    /// The resources with damaged records, as far as that is known.
    pub damaged: BTreeSet<Address>,
    /// The directory to which the damaged files were moved.
    pub kept: Option<PathBuf>,
}

impl DamageReport {
    fn of_directory(report: RepairReport) -> DamageReport {
        DamageReport {
            defects: report.defects.iter().map(Text::of).collect(),
            base: (report.base != RepairBase::Nothing).then(|| Text::of(&report.base)),
            journal_entries: report.lines,
            damaged: report.about,
            kept: report.kept,
        }
    }

    fn of_shared(salvage: Salvage) -> DamageReport {
        let base = |serial| {
            text!(
                en: "the snapshot with serial {serial}",
                zh: "序列号为 {serial} 的状态快照",
                serial = Verbatim(serial),
            )
        };
        DamageReport {
            defects: salvage.defects,
            base: salvage.base.map(base),
            journal_entries: salvage.entries,
            damaged: BTreeSet::new(),
            kept: None,
        }
    }

    /// Returns whether nothing is damaged.
    pub fn is_sound(&self) -> bool {
        self.defects.is_empty()
    }

    /// Returns the resources with damaged records of which the state has no other record.
    pub fn lost(&self, snapshot: &Snapshot) -> BTreeSet<&Address> {
        let damaged = self.damaged.iter();
        let is_lost = |address: &&Address| {
            !snapshot.resources.contains_key(*address) && !is_pending(snapshot, address)
        };
        damaged.filter(is_lost).collect()
    }
}

/// Returns whether an operation on the resource is pending.
fn is_pending(snapshot: &Snapshot, address: &Address) -> bool {
    let mut open = snapshot.open_intents.iter();
    open.any(|open| open.address == *address)
}

/// Locks a state, and rebuilds it first if it is damaged.
///
/// The cloud is not read: [`Engine::recover_unrecorded`] does that.
///
/// Cancel safe: a state that is opened after the future was dropped is closed at once.
///
/// # Errors
/// If the state is not found or cannot be rebuilt, or another run holds it for longer than the options
/// say.
pub async fn rebuild_state(
    state: &Backend,
    options: OpenOptions,
    listener: Option<NoticeListener>,
) -> Result<RebuiltState, EngineError> {
    state.check_form()?;
    let state = state.clone();
    let mut waits = notify_of_waits(listener);
    let rebuilding = tokio::task::spawn_blocking(move || match state {
        Backend::Local(directory) => {
            let parts = ["state.json", "journal.jsonl", "flushed", "backups"];
            if !parts.iter().any(|part| directory.join(part).exists()) {
                let state = Backend::Local(directory).location();
                return Err(RebuildError::NoState { state }.into());
            }
            let waiting = |holder: Option<&Holder>| waits(LockWait::Held(holder));
            let OpenOptions {
                holder, timeout, ..
            } = options;
            let (store, report) =
                LocalStore::rebuild_waiting(&directory, holder, timeout, waiting)?;
            Ok(RebuiltState {
                store: OpenState::Local(store),
                report: DamageReport::of_directory(report),
            })
        }
        Backend::Encrypted(place) => {
            if !EncryptedDirectory::is_in(place.directory()) {
                let state = Backend::Encrypted(place).location();
                return Err(RebuildError::NoState { state }.into());
            }
            let (store, salvage) = place.rebuild(options, waits)?;
            Ok(RebuiltState {
                store: OpenState::Shared(store),
                report: DamageReport::of_shared(salvage),
            })
        }
        Backend::Shared(backend) => {
            let (store, salvage) = backend.rebuild(options, waits)?;
            Ok(RebuiltState {
                store: OpenState::Shared(store),
                report: DamageReport::of_shared(salvage),
            })
        }
        _ => Err(RebuildError::Document.into()),
    });
    rebuilding.await?
}

/// The differences between the cloud and a state that was rebuilt.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UnrecordedObjects {
    /// The objects that the state created and does not contain.
    pub orphans: Vec<Orphan>,
    /// EIPs that may belong to the state: whether they do cannot be verified.
    pub eips: Vec<Orphan>,
    /// The resources that the state no longer contains, because another state has taken them over.
    pub released: Vec<ReleasedResource>,
}

/// A resource that another state has taken over, and that is therefore removed from this one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReleasedResource {
    /// The address.
    pub address: Address,
    /// The ID.
    pub id: String,
    /// The lineage of the other state.
    pub lineage: String,
}

impl Engine {
    /// Recovers the pending operations of a state that was rebuilt, removes from it what another state
    /// has taken over, and finds the objects that it does not record. Where nothing is found, no
    /// record counts as lost any longer.
    ///
    /// Cancel safe: nothing changes in the cloud, and what is recorded by then is correct.
    ///
    /// # Errors
    /// If the state belongs to another cloud or cannot be written, or a call fails.
    pub async fn recover_unrecorded(
        &self,
        state: &Backend,
        store: &mut OpenState,
    ) -> Result<UnrecordedObjects, EngineError> {
        let provider = self.provider();
        provider.check(state, store.snapshot())?;
        provider.record(store)?;
        provider.verify_region().await?;
        let adapter = provider.adapter().await?;
        let effects = effects(adapter.api());
        let context = RunContext {
            provider: adapter,
            store,
            effects: &effects,
            reporter: self.reporter(),
        };
        eci_executor::recover(context, &self.apply_options()).await?;
        let observed =
            eci_executor::observe(store.snapshot(), &Default::default(), adapter).await?;
        let time = || (effects.clock)().to_string();
        let released = released(store.snapshot(), &observed);
        let records = released.iter().map(|released| Record::Removed {
            address: released.address.clone(),
            time: time(),
        });
        let records: Vec<Record> = records.collect();
        store.append(&records)?;
        store.flush().wait()?;
        store.compact()?;
        let past = state.backups()?;
        let orphans = orphans::find(store.snapshot(), &past, adapter).await?;
        let mut eips = orphans::unclaimed_eips(store.snapshot(), adapter).await?;
        eips.retain(|eip| !orphans.iter().any(|orphan| orphan.id == eip.id));
        if orphans.is_empty() && eips.is_empty() && store.snapshot().lost.is_some() {
            store.append(&[Record::Accounted { time: time() }])?;
            store.compact()?;
        }
        Ok(UnrecordedObjects {
            orphans,
            eips,
            released,
        })
    }
}

/// Returns the resources that another state has taken over: the files from which a state was rebuilt may
/// be older than that. Where an operation is pending, the next run refuses to change the resource.
fn released(snapshot: &Snapshot, observed: &Observations) -> Vec<ReleasedResource> {
    let resources = snapshot.resources.iter();
    let released = resources.filter_map(|(address, state)| {
        let owner = other_owner(state, observed.mark(address), &snapshot.lineage)?;
        (!is_pending(snapshot, address)).then(|| ReleasedResource {
            address: address.clone(),
            id: state.id.clone().unwrap_or_default(),
            // Only container groups have an owner that can change, and their tags contain its lineage.
            lineage: owner.lineage().unwrap_or(owner.as_str()).to_owned(),
        })
    });
    released.collect()
}
