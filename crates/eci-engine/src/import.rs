//! Import of resources that exist in the cloud and are declared.
//!
//! Nothing but the state is written: what the configuration declares otherwise, and the operation tag of
//! this state, are for the next plan, which is part of the outcome.

use std::collections::HashMap;

use eci_config::{Configuration, Import, check_id};
use eci_core::suggest::nearest_address;
use eci_core::{Address, Diagnostics, Map, OperationTag, codes};
use eci_executor::orphans::Orphan;
use eci_planner::{Action, Observation, Observations, Plan, Step, other_owner};
use eci_state::{IntentKind, Record, ResourceState, Snapshot, StateError, Store as _};

use crate::error::EngineError;
use crate::import_error::ImportError;
use crate::pending::check_no_pending;
use crate::refresh::{PlanInputs, RefreshOptions};
use crate::run::Run;

/// A resource that exists in the cloud, and the address under which the state takes it over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Adoption {
    /// The address.
    pub address: Address,
    /// The cloud's ID.
    pub id: String,
    /// Whether it may carry the tag or label of another state.
    pub take_over: bool,
    /// The operation that created it, where it is not known by its tag.
    pub operation: Option<OperationTag>,
}

impl Adoption {
    /// Returns the adoption of a resource that no other state has.
    pub fn new(address: Address, id: impl Into<String>) -> Adoption {
        Adoption {
            address,
            id: id.into(),
            take_over: false,
            operation: None,
        }
    }

    /// Returns this adoption of a resource that may carry the tag or label of another state, or may not.
    #[must_use]
    pub fn with_take_over(self, take_over: bool) -> Adoption {
        Adoption { take_over, ..self }
    }

    /// Returns this adoption of an orphaned resource, with the operation that created it.
    ///
    /// # Errors
    /// If it is none of the orphaned resources.
    pub fn of_orphan(self, orphans: &[Orphan]) -> Result<Adoption, ImportError> {
        let mut orphans = orphans.iter();
        match orphans.find(|orphan| orphan.id.as_str() == self.id) {
            Some(orphan) => Ok(Adoption {
                operation: Some(OperationTag::from_recorded(&*orphan.operation)),
                ..self
            }),
            None => Err(ImportError::NotOrphaned {
                address: self.address,
                id: self.id,
            }),
        }
    }

    /// Returns whether the state already has the resource under this address, and is to take it
    /// back from another state that has taken it over.
    fn is_retaken(&self, snapshot: &Snapshot) -> bool {
        let state = snapshot.resources.get(&self.address);
        self.take_over && state.is_some_and(|state| state.id.as_deref() == Some(&*self.id))
    }
}

/// Checks that each ID is adopted under one address, and one under each address: of two, the second
/// would be deleted as undeclared.
///
/// # Errors
/// The first adoption that contradicts an earlier one.
pub fn check_distinct(adoptions: &[Adoption]) -> Result<(), ImportError> {
    let mut addresses: HashMap<&str, &Address> = HashMap::new();
    let mut ids: HashMap<&Address, &str> = HashMap::new();
    for Adoption { address, id, .. } in adoptions {
        if let Some(first) = ids.insert(address, id) {
            let (address, id) = (address.clone(), id.clone());
            return Err(if first == id {
                ImportError::Duplicate { address, id }
            } else {
                ImportError::SeveralIds {
                    address,
                    first: first.to_owned(),
                    second: id,
                }
            });
        }
        if let Some(first) = addresses.insert(id, address) {
            return Err(ImportError::SeveralAddresses {
                id: id.clone(),
                first: first.clone(),
                second: address.clone(),
            });
        }
    }
    Ok(())
}

/// The outcome of an import.
#[derive(Debug)]
#[non_exhaustive]
pub struct ImportOutcome {
    /// The resources that were imported together with container groups.
    pub companions: Vec<Address>,
    /// Warnings about the imported resources, beyond those of the configuration.
    pub warnings: Diagnostics,
    /// The next plan.
    ///
    /// Where one resource is imported after another, the plan in between may be impossible.
    pub next_plan: Result<Plan, Diagnostics>,
    /// The EIPs that the next plan would replace.
    pub replaced_eips: Vec<ReplacedEip>,
}

/// An EIP that a container group was imported with, and that the next plan replaces by a new one,
/// because it was not imported itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplacedEip {
    /// The container group.
    pub group: Address,
    /// The address of the EIP.
    pub eip: Address,
    /// Its IP address.
    ///
    /// No container group reports the ID.
    pub ip: String,
}

impl Run<'_> {
    /// Records resources that exist in the cloud under the addresses that the configuration declares,
    /// all or none, and creates the next plan.
    ///
    /// Cancel safe: nothing changes in the cloud, and nothing is recorded before everything is read.
    ///
    /// # Errors
    /// If the state belongs to another cloud, a resource cannot be imported, the configuration is not
    /// valid in the light of what the cloud reports, a read fails, or the state cannot be written.
    pub async fn import(&mut self, adoptions: &[Adoption]) -> Result<ImportOutcome, EngineError> {
        check_distinct(adoptions)?;
        let configuration = self.configuration;
        let snapshot = self.store.snapshot();
        self.provider.check(&self.state, snapshot)?;
        check(snapshot, adoptions)?;
        let mut importing = configuration.clone();
        importing.imports = imports(configuration, adoptions)?;
        // Other deleted objects are reported by the next plan.
        let refresh = RefreshOptions {
            allow_missing: true,
            ..RefreshOptions::default()
        };
        let without = without(snapshot, adoptions)?;
        let inputs = PlanInputs::new(&importing, &without);
        let refreshed = self.provider.refresh(inputs, &refresh).await?;
        check_retaken(snapshot, adoptions, &refreshed.observed)?;
        check_pending(snapshot, adoptions, &refreshed.observed)?;
        let targets = adoptions.iter().map(|it| it.address.clone().into());
        let options = eci_planner::PlannerOptions::default().with_targets(targets.collect());
        let plan = eci_planner::plan(&importing, &without, &refreshed.observed, &options)?;
        let records = records(&plan, snapshot, adoptions);
        let mut next = snapshot.clone();
        for record in &records {
            next.apply(record).map_err(StateError::from)?;
        }
        let inputs = PlanInputs::new(configuration, &next);
        let refreshed = self.provider.refresh(inputs, &refresh).await?;
        let options = eci_planner::PlannerOptions::default();
        let next_plan = eci_planner::plan(configuration, &next, &refreshed.observed, &options);
        self.provider.record(&mut self.store)?;
        self.store.append(&records)?;
        self.store.flush().wait()?;
        self.store.compact()?;
        let along = records.iter().filter_map(Record::address);
        let along = along.filter(|address| !adoptions.iter().any(|it| it.address == **address));
        Ok(ImportOutcome {
            companions: along.cloned().collect(),
            warnings: warnings(&plan, configuration),
            replaced_eips: next_plan
                .as_ref()
                .map(|plan| replaced_eips(plan, adoptions))
                .unwrap_or_default(),
            next_plan,
        })
    }
}

/// Returns what the plan of the imports warns of beyond its configuration; a warning that the plan is
/// partial is left out, since that is the purpose.
fn warnings(plan: &Plan, configuration: &Configuration) -> Diagnostics {
    let known = configuration.warnings.0.len();
    let new = plan.warnings().0.iter().skip(known);
    let new = new.filter(|warning| warning.code != codes::PARTIAL);
    Diagnostics(new.cloned().collect())
}

fn check(snapshot: &Snapshot, adoptions: &[Adoption]) -> Result<(), EngineError> {
    for adoption in adoptions.iter().filter(|it| !it.is_retaken(snapshot)) {
        check_new(snapshot, &adoption.address)?;
    }
    Ok(check_no_pending(snapshot, |address| {
        adoptions.iter().any(|it| it.address == *address)
    })?)
}

/// Refuses to adopt what the state records already.
fn check_new(snapshot: &Snapshot, address: &Address) -> Result<(), ImportError> {
    let state = snapshot.resources.get(address);
    // An existing EIP or disk appears only in its groups, and may be managed from now on.
    match state.and_then(|state| state.id.as_ref()) {
        None => Ok(()),
        Some(id) => Err(ImportError::AlreadyInState {
            address: address.clone(),
            id: id.clone(),
        }),
    }
}

/// Returns the adoptions as imports of the configuration.
fn imports(
    configuration: &Configuration,
    adoptions: &[Adoption],
) -> Result<Vec<Import>, ImportError> {
    let import = |adoption: &Adoption| {
        let Adoption {
            address,
            id,
            take_over,
            ..
        } = adoption;
        check_id(address.kind(), id).map_err(|error| ImportError::InvalidId { error })?;
        let Some(resource) = configuration.resource(address) else {
            return Err(undeclared(configuration, address));
        };
        Ok(Import {
            to: address.clone(),
            id: id.clone(),
            take_over: *take_over,
            place: resource.place.clone(),
        })
    };
    adoptions.iter().map(import).collect()
}

fn undeclared(configuration: &Configuration, address: &Address) -> ImportError {
    let resources = configuration.resources.iter();
    let known: Vec<String> = resources.map(|it| it.address.to_string()).collect();
    let nearest = nearest_address(&address.to_string(), known.iter().map(String::as_str));
    ImportError::Undeclared {
        address: address.clone(),
        nearest: nearest.map(str::to_owned),
    }
}

/// Returns the state without the resources that are taken back from another state: these are
/// imported like any other, and what was sensitive in them stays remembered.
fn without(snapshot: &Snapshot, adoptions: &[Adoption]) -> Result<Snapshot, StateError> {
    let mut without = snapshot.clone();
    for adoption in adoptions.iter().filter(|it| it.is_retaken(snapshot)) {
        let address = adoption.address.clone();
        without.apply(&Record::Missing { address })?;
    }
    Ok(without)
}

/// Refuses to take back what no other state has.
fn check_retaken(
    snapshot: &Snapshot,
    adoptions: &[Adoption],
    observed: &Observations,
) -> Result<(), ImportError> {
    for Adoption { address, .. } in adoptions {
        let Some(state) = snapshot.resources.get(address) else {
            continue;
        };
        if other_owner(state, observed.mark(address), &snapshot.lineage).is_none() {
            check_new(snapshot, address)?;
        }
    }
    Ok(())
}

/// Refuses to import an object that an earlier create of unknown outcome may have created: once it
/// is recovered, the state would have it at two addresses.
///
/// An EIP carries no mark; recovery takes none that the state has.
fn check_pending(
    snapshot: &Snapshot,
    adoptions: &[Adoption],
    observed: &Observations,
) -> Result<(), ImportError> {
    for Adoption { address, id, .. } in adoptions {
        let mut open = snapshot.open_intents.iter();
        let pending = open.find(|open| match &open.kind {
            IntentKind::Create {
                operation, planned, ..
            } if open.address.kind() == address.kind() => {
                match (observed.mark(address), observed.get(address)) {
                    (Some(mark), _) => {
                        mark.as_str() == operation.as_str() || mark.as_str() == operation.short()
                    }
                    (None, Some(Observation::Present(observed))) => {
                        let name = disk_name(&planned.applied);
                        name.is_some() && name == disk_name(observed)
                    }
                    (None, _) => false,
                }
            }
            _ => false,
        });
        if let Some(open) = pending {
            return Err(ImportError::PendingCreate {
                pending: open.address.clone(),
                address: address.clone(),
                id: id.clone(),
            });
        }
    }
    Ok(())
}

/// Returns the name of a managed disk in the cloud, by which a disk without labels is recognized.
fn disk_name(attributes: &Map) -> Option<&str> {
    attributes.get("disk")?.get("name")?.as_str()
}

/// Returns the records of the imports, with the objects that are imported together with groups.
fn records(plan: &Plan, snapshot: &Snapshot, adoptions: &[Adoption]) -> Vec<Record> {
    let adoption_of = |address: &Address| adoptions.iter().find(|it| it.address == *address);
    let steps = plan.steps().iter().filter(|step| {
        let is_companion = step.action == Action::Import && step.import.is_none();
        is_companion || step.import.is_some() && adoption_of(&step.address).is_some()
    });
    let records = steps.filter_map(|step| {
        let state = step.state.as_deref()?.clone();
        // An EIP carries no mark of its create.
        let operation = adoption_of(&step.address).and_then(|it| it.operation.clone());
        let operation = operation.filter(|_| step.address.kind().properties().is_unmarked());
        Some(Record::ResourceUpdated {
            address: step.address.clone(),
            state: Box::new(ResourceState {
                operation: state.operation.clone().or(operation),
                // What is taken back stays protected.
                prevent_destroy: protection(step, &state, snapshot),
                ..state
            }),
        })
    });
    records.collect()
}

/// Returns the protection of an imported object.
///
/// It stays if it was there before, and only an apply lifts the one that a disk has by default.
fn protection(step: &Step, state: &ResourceState, snapshot: &Snapshot) -> Option<bool> {
    let before = snapshot.resources.get(&step.address);
    let before = before.and_then(|before| before.prevent_destroy);
    before.or(state.prevent_destroy).filter(|it| *it)
}

/// Returns the EIPs that groups were imported with and that the next plan replaces by new ones.
fn replaced_eips(plan: &Plan, adoptions: &[Adoption]) -> Vec<ReplacedEip> {
    let is_created = |address: &&Address| {
        let mut steps = plan.steps().iter();
        steps.any(|step| step.address == **address && step.action == Action::Create)
    };
    let groups = plan.steps().iter();
    let groups = groups.filter(|step| adoptions.iter().any(|it| it.address == step.address));
    let replaced = groups.filter_map(|step| {
        let links = step.resource.as_ref()?.links.iter();
        let eip = links
            .filter(|link| link.kind().properties().is_public_ip)
            .find(is_created)?;
        let ip = step.state.as_ref()?.observed.get("internet_ip")?.as_str()?;
        Some(ReplacedEip {
            group: step.address.clone(),
            eip: eip.clone(),
            ip: ip.to_owned(),
        })
    });
    replaced.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn checked(adoptions: &[[&str; 2]]) -> Result<(), String> {
        let adoption = |[address, id]: &[&str; 2]| Adoption::new(address.parse().unwrap(), *id);
        let adoptions: Vec<Adoption> = adoptions.iter().map(adoption).collect();
        check_distinct(&adoptions).map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_has_one_id_and_an_id_one_address() {
        let (web, db) = ("container_group.web", "container_group.db");
        checked(&[[web, "eci-1"], [db, "eci-2"]]).unwrap();
        let wrong = |adoptions: &[[&str; 2]]| checked(adoptions).unwrap_err();
        assert_eq!(
            wrong(&[[web, "eci-1"], [web, "eci-2"]]),
            "container_group.web cannot be both eci-1 and eci-2"
        );
        assert_eq!(
            wrong(&[[web, "eci-1"], [db, "eci-1"]]),
            "eci-1 cannot be both container_group.web and container_group.db"
        );
        assert_eq!(
            wrong(&[[web, "eci-1"], [web, "eci-1"]]),
            "duplicate `--adopt container_group.web=eci-1`"
        );
    }
}
