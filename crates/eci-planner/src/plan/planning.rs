//! The data of a plan that is being created.

use std::collections::{BTreeMap, HashMap};

use eci_config::Configuration;
use eci_core::{Address, Diagnostics};
use eci_state::Snapshot;

use crate::action::Action;
use crate::assumptions::Assumptions;
use crate::bindings::Bindings;
use crate::existing::ExistingObjects;
use crate::imports::Imports;
use crate::known_values::KnownValues;
use crate::model::{Drift, RecordUpdate};
use crate::moves::Moves;
use crate::observed::Observations;
use crate::options::PlannerOptions;
use crate::pending::PendingOperations;
use crate::protection::Protection;
use crate::selection::Selection;
use crate::step::Step;

/// The dependencies of the resources of the configuration while they are destroyed; empty otherwise.
pub(super) type DeclaredDependencies = HashMap<Address, Vec<Address>>;

/// A plan that is being created, with all that it is created from.
pub(super) struct PlanDraft<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) snapshot: &'a Snapshot,
    pub(super) observed: &'a Observations,
    pub(super) options: &'a PlannerOptions,
    pub(super) bindings: Bindings<'a>,
    pub(super) moves: Moves<'a>,
    pub(super) pending: PendingOperations,
    pub(super) imports: Imports<'a>,
    pub(super) selection: Selection,
    pub(super) steps: Vec<Step>,
    pub(super) actions: HashMap<Address, Action>,
    pub(super) known: KnownValues,
    /// The objects that the configuration declares as existing.
    pub(super) existing: ExistingObjects,
    /// The volumes whose disks must be free, because they are replaced, with the ids of those.
    pub(super) disks_to_free: HashMap<Address, String>,
    pub(super) drift: Vec<Drift>,
    pub(super) refreshed: Vec<RecordUpdate>,
    pub(super) protections: Vec<Protection>,
    pub(super) declared: DeclaredDependencies,
    /// The dependencies that the state is to record for what stays as it is.
    pub(super) dependencies: BTreeMap<Address, Vec<Address>>,
    pub(super) problems: Diagnostics,
    pub(super) warnings: Diagnostics,
    pub(super) assumptions: Assumptions,
}
