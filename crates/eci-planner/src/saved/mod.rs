//! A saved plan, applied later exactly as it was displayed.
//!
//! It is bound to its inputs: the state with its version, and the manifests, files and variables.
//! To apply it, load the manifests, check all of that, create the plan once more from the observation
//! in the saved plan, and compare:
//!
//! ```no_run
//! # use eci_planner::{plan, saved::{SavedError, SavedPlan}};
//! # fn check(
//! #     text: &[u8],
//! #     configuration: &eci_config::Configuration,
//! #     variables: &eci_config::Variables,
//! #     snapshot: &eci_state::Snapshot,
//! # ) -> Result<eci_planner::Plan, Box<dyn std::error::Error>> {
//! let saved = SavedPlan::from_document(text)?;
//! saved.check_state(snapshot)?;
//! saved.check_inputs(configuration, variables, snapshot)?;
//! let plan = plan(configuration, snapshot, &saved.observed(), &saved.options)?;
//! saved.check_plan(&plan, snapshot)?;
//! # Ok(plan)
//! # }
//! ```
//!
//! It contains no secret, neither in clear nor as a digest that could be guessed at without the key
//! of the state: sensitive values, and the contents of manifests and files, are digests with that
//! key.

mod document;
mod error;
mod format;
mod inputs;
mod location;
mod secrets;
mod serialize;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use eci_config::{Configuration, Outline, Variables};
use eci_core::{Address, Diagnostics, DigestKey, Kind, Lineage, Map, Serial};
use eci_state::{ResourceState, Revision, Snapshot};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attachable::Attachable;
use crate::mask::Marks;
use crate::model::{PartialScope, Plan, PlanParts, Step};
use crate::observed::{Observation, Observations, OwnerMark};
use crate::options::PlannerOptions;
use crate::outline::outline;

pub use error::{Difference, PlainValues, SavedError};
pub use format::FORMAT;
use inputs::Inputs;
use serialize::{Parts, PlanContent, StoredObservation, StoredPart};

/// A saved plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The state from which it was created.
    pub lineage: Lineage,
    /// The version of that state.
    pub serial: Serial,
    /// The options that the plan was created with.
    pub options: PlannerOptions,
    /// The place and time of its creation.
    #[serde(flatten)]
    pub origin: PlanOrigin,
    inputs: Inputs,
    observed: BTreeMap<Address, StoredObservation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partial: Option<PartialScope>,
    /// The users of EIPs and disks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    holders: Vec<(Attachable, Option<String>)>,
    /// The addresses of existing EIPs, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    eip_addresses: BTreeMap<String, String>,
    /// The bandwidths of EIPs that are not managed, by ID.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    eip_bandwidths: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    marks: BTreeMap<Address, OwnerMark>,
    /// The manifests without secrets: to be shown.
    #[serde(default)]
    outline: Outline,
    #[serde(rename = "result")]
    parts: Parts,
}

/// The place and the time of the creation of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOrigin {
    /// The caller's name for the cloud to which it applies, for example its region.
    pub cloud: String,
    /// Whether that is the simulated cloud inside the program.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sandbox: bool,
    /// The time of its creation, by the clock of the machine.
    pub created: Timestamp,
}

/// The inputs of a plan.
#[derive(Clone, Copy, Debug)]
pub struct SavedPlanInputs<'a> {
    /// The configuration.
    pub configuration: &'a Configuration,
    /// The variables that it was loaded with.
    pub variables: &'a Variables,
    /// The state.
    pub snapshot: &'a Snapshot,
    /// The observation.
    pub observed: &'a Observations,
}

impl SavedPlan {
    /// Saves a plan with all its inputs.
    pub fn new(plan: &Plan, inputs: SavedPlanInputs<'_>, origin: PlanOrigin) -> SavedPlan {
        let SavedPlanInputs {
            configuration,
            variables,
            snapshot,
            observed,
        } = inputs;
        let key = &snapshot.digest_key;
        let steps = plan.steps().iter();
        let steps: HashMap<&Address, &Step> = steps
            .map(|step| (step.moved_from.as_ref().unwrap_or(&step.address), step))
            .collect();
        let stored = observed.iter().map(|(address, observation)| {
            let step = steps.get(address).copied();
            let imported = step.filter(|step| step.import.is_some());
            let imported = imported.and_then(|step| step.state.as_deref());
            let known = snapshot.resources.get(address).or(imported);
            let desired = step.and_then(|step| step.desired.as_deref());
            let stored = match observation {
                Observation::Missing => StoredObservation::Missing,
                Observation::Present(stored) => {
                    let known = KnownResource {
                        kind: address.kind(),
                        state: known,
                        desired,
                    };
                    StoredObservation::Present(StoredPart::map(known.seal(stored, key)))
                }
            };
            (address.clone(), stored)
        });
        SavedPlan {
            lineage: plan.lineage().clone(),
            serial: plan.serial(),
            options: plan.options().clone(),
            origin,
            inputs: Inputs::new(configuration, variables, key),
            observed: stored.collect(),
            partial: plan.partial().cloned(),
            holders: observed
                .holders()
                .map(|(object, holder)| (object.clone(), holder.map(str::to_owned)))
                .collect(),
            eip_addresses: observed.eip_addresses().clone(),
            eip_bandwidths: observed.eip_bandwidths().clone(),
            marks: observed
                .marks()
                .map(|(address, mark)| (address.clone(), mark.clone()))
                .collect(),
            outline: outline(configuration, plan),
            parts: Parts::new(plan, key),
        }
    }

    /// Sets variables to the values with which the plan was created, unless a value that would
    /// replace them is given now.
    ///
    /// # Errors
    /// If sensitive variables are not given now: their values are not saved.
    pub fn give_variables(&self, variables: &mut Variables) -> Result<(), SavedError> {
        self.inputs.give(variables)
    }

    /// Checks that this is the state from which the plan was created, unchanged.
    ///
    /// # Errors
    /// The difference.
    pub fn check_state(&self, snapshot: &Snapshot) -> Result<(), SavedError> {
        if self.lineage != snapshot.lineage {
            return Err(SavedError::AnotherLineage {
                planned: self.lineage.clone(),
                found: snapshot.lineage.clone(),
            });
        }
        if self.serial != snapshot.serial {
            return Err(SavedError::AnotherSerial {
                planned: self.serial,
                found: snapshot.serial,
            });
        }
        Ok(())
    }

    /// Returns whether this is the cloud that the plan is for.
    ///
    /// # Errors
    /// It is another one.
    pub fn check_cloud(&self, cloud: &str) -> Result<(), SavedError> {
        if self.origin.cloud == cloud {
            return Ok(());
        }
        Err(SavedError::AnotherCloud {
            planned: self.origin.cloud.clone(),
            is_sandbox: self.origin.is_sandbox,
            found: cloud.to_owned(),
        })
    }

    /// Checks that manifests, files and variables are those from which the plan was created.
    ///
    /// # Errors
    /// The difference.
    pub fn check_inputs(
        &self,
        configuration: &Configuration,
        variables: &Variables,
        snapshot: &Snapshot,
    ) -> Result<(), SavedError> {
        let now = Inputs::new(configuration, variables, &snapshot.digest_key);
        self.inputs.compare(&now)
    }

    /// Checks that a plan has the same effect as this one.
    ///
    /// It has the same actions on the same attributes, from the same old to the same new values. What both leave as
    /// it is may have changed.
    ///
    /// # Errors
    /// The first resource or output whose change differs.
    pub fn check_plan(&self, plan: &Plan, snapshot: &Snapshot) -> Result<(), SavedError> {
        let now = Parts::new(plan, &snapshot.digest_key);
        self.parts.compare(&now)
    }

    /// Returns the observation from which the plan was created: enough to create it again.
    pub fn observed(&self) -> Observations {
        let mut observed = Observations::empty();
        for (address, stored) in &self.observed {
            let observation = match stored {
                StoredObservation::Missing => Observation::Missing,
                StoredObservation::Present(map) => Observation::Present(Arc::new(map.to_map())),
            };
            observed.insert(address.clone(), observation);
        }
        for (object, holder) in &self.holders {
            observed.hold(object.clone(), holder.clone());
        }
        for (id, address) in &self.eip_addresses {
            observed.insert_eip_address(id, address);
        }
        for (id, bandwidth) in &self.eip_bandwidths {
            observed.insert_eip_bandwidth(id, *bandwidth);
        }
        for (address, mark) in &self.marks {
            observed.insert_mark(address.clone(), mark.clone());
        }
        observed
    }

    /// Returns the manifests as they were when the plan was created.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Returns the plan for display.
    ///
    /// Of its tasks it has only those that wait: to apply it, create it again.
    pub fn plan(&self) -> Plan {
        let PlanContent {
            steps,
            drift,
            refreshed,
            outputs,
            tasks,
            protections,
        } = self.parts.to_plan();
        let variables = self.inputs.variables();
        Plan::sealed(PlanParts {
            lineage: self.lineage.clone(),
            serial: self.serial,
            revision: Revision::default(),
            pending: BTreeSet::new(),
            awaited: BTreeSet::new(),
            digest: String::new(),
            options: self.options.clone(),
            steps,
            tasks,
            drift,
            refreshed,
            outputs,
            variables: variables
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            moves: BTreeMap::new(),
            protections,
            dependencies: BTreeMap::new(),
            triggers: BTreeMap::new(),
            partial: self.partial.clone(),
            warnings: Diagnostics::default(),
        })
    }
}

/// A resource as the state and the configuration have it.
struct KnownResource<'a> {
    kind: Kind,
    state: Option<&'a ResourceState>,
    desired: Option<&'a Map>,
}

impl KnownResource<'_> {
    /// Returns the observation of the resource, with a digest for each value that is sensitive in
    /// the state or in the desired attributes.
    fn seal(&self, stored: &Arc<Map>, key: &DigestKey) -> Arc<Map> {
        let object = self.kind.schema();
        match (self.state, self.desired) {
            (Some(known), Some(desired)) => {
                Marks::to_show(object, key, desired, known).seal(stored)
            }
            (Some(known), None) => Marks::of_record(object, key, known).seal(stored),
            // The plan does not use it, and its secrets are unknown.
            (None, _) => Arc::default(),
        }
    }
}
