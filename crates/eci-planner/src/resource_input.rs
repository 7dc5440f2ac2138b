//! Input for planning one resource.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_config::Resource;
use eci_core::{Address, DigestKey, Lineage, Map, Path};
use eci_state::ResourceState;

use crate::action::{Action, Reason};
use crate::bindings::{Bound, ImportedEip};
use crate::observed::{Observation, OwnerMark};

/// The facts from which the action on a resource is decided.
pub(crate) struct ResourceInput<'a> {
    pub(crate) resource: &'a Arc<Resource>,
    pub(crate) desired: Arc<Map>,
    pub(crate) state: Option<&'a ResourceState>,
    pub(crate) observation: Option<&'a Observation>,
    pub(crate) key: &'a DigestKey,
    /// A changing resource that its `replace_triggered_by` names.
    pub(crate) trigger: Option<Address>,
    /// The EIP that it has, where it differs from the last-applied one.
    pub(crate) bound: Option<Bound>,
    /// A volume that it mounts and whose disk has to be free, because it is replaced.
    pub(crate) replaced_disk: Option<Address>,
    /// Whether the command line requests its replacement.
    pub(crate) requested: bool,
    /// The address that the state has it under, if it moves.
    pub(crate) moved_from: Option<Address>,
    /// The cloud's ID of the object to import, if there is one.
    pub(crate) import: Option<String>,
    /// The paths that were sensitive in the state's record of the address before, if it is
    /// imported.
    pub(crate) formerly_sensitive: BTreeSet<Path>,
    /// The EIP of a group that is imported.
    pub(crate) imported_eip: ImportedEip,
    /// The state to which it belongs by its own report, if that was read.
    pub(crate) mark: Option<&'a OwnerMark>,
    /// The lineage of this state.
    pub(crate) lineage: &'a Lineage,
    pub(crate) dependencies: Vec<Address>,
}

/// A resource of the state that is to go, and the reason.
#[derive(Clone)]
pub(crate) struct Removal<'a> {
    pub(crate) address: Address,
    pub(crate) state: &'a ResourceState,
    /// Its table, if it is declared.
    pub(crate) resource: Option<&'a Arc<Resource>>,
    pub(crate) action: Action,
    pub(crate) reason: Reason,
}
