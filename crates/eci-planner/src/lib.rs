//! The pure planner: determines the actions that turn the actual state into the desired state.
//!
//! * [`plan()`]: the entry point; it does no input or output;
//! * [`action`]: the action on a resource, and its reason;
//! * [`attachment`]: EIPs and disks that one container group at a time can have;
//! * [`diff`]: the differences between two values, attribute by attribute;
//! * [`model`]: the plan as data;
//! * [`graph`]: dependencies, their order, and the cycles in them;
//! * [`known_values`]: the values that references resolve to while a plan is created or applied;
//! * [`IgnoreRules`]: attributes whose changes are ignored;
//! * [`probable_renames`]: a delete and a create that a `[[moved]]` would replace;
//! * [`mostly_missing`]: whether most resources of a state seem to be missing;
//! * [`unknown_zones`]: zones that the region does not have;
//! * [`observed`]: the actual state;
//! * [`saved`]: a plan in a file, applied later exactly as it was displayed;
//! * [`task`]: the work of a plan, and what each part of it waits for.
//!
//! ```
//! use eci_planner::{Action, Observations, PlannerOptions, plan};
//! use eci_state::Snapshot;
//!
//! # let directory = tempfile::tempdir()?;
//! # let directory = directory.path();
//! let manifest = "[eip.web]\nname = \"web-eip\"\nbandwidth = 5\n";
//! std::fs::write(directory.join("main.eci.toml"), manifest)?;
//! let configuration = eci_config::load(directory, &eci_config::Variables::default())?;
//!
//! let empty = Snapshot::new_random()?;
//! let plan = plan(&configuration, &empty, &Observations::empty(), &PlannerOptions::default())?;
//! assert_eq!(plan.steps()[0].action, Action::Create);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A plan compares the *desired* state (the configuration), the *applied* values (what the state
//! records as last requested) and the *observed* state (what the cloud reports now). Desired
//! against applied is a change; observed against applied is drift.

pub mod action;
mod assumptions;
mod attachable;
pub mod attachment;
mod automatic;
mod bindings;
mod create_before_destroy;
mod current;
mod diagnostics;
pub mod diff;
mod exclusive_attachments;
mod existing;
pub mod graph;
mod ignore;
mod imports;
mod in_use;
pub mod known_values;
mod mask;
mod missing;
pub mod model;
mod moves;
mod names;
pub mod observed;
mod options;
mod outline;
mod outputs;
mod own_eip;
mod ownership;
mod partial;
mod pending;
mod plan;
mod plan_resource;
mod prior_state;
mod probable_secrets;
mod protection;
mod recall;
mod renames;
mod resource_input;
mod reveal;
pub mod saved;
mod selection;
mod standalone;
mod step;
pub mod task;
mod task_graph;
mod transfer_diagnostics;
mod uncertain;
mod zones;

pub use action::{Action, Reason};
pub use attachable::Attachable;
pub use automatic::has_automatic_eip;
pub use bindings::{changed_address, with_eip};
pub use current::{current_attributes, differing};
pub use diagnostics::not_importable;
pub use ignore::{IgnoreRules, KnownAttributes, PlannedAttributes};
pub use known_values::{KnownValues, is_compatible};
pub use mask::{marked, redact_observed};
pub use missing::{MissingResources, mostly_missing};
pub use model::{
    Detachment, Drift, InvalidPlan, OmittedDependent, OutputChange, PartialScope, Plan, PlanParts,
    RecordUpdate, Step, Summary,
};
pub use observed::{Observation, Observations, OwnerMark};
pub use options::{Mode, PlannerOptions};
pub use outline::outline;
pub use own_eip::{ids_of_existing_eips, ids_of_own_eips};
pub use ownership::{check_owner, check_owners, other_owner, requires_owner};
pub use plan::plan;
pub use plan_resource::{actual, leave_open, with_computed};
pub use protection::Protection;
pub use recall::recalled;
pub use renames::{Rename, probable_renames};
pub use reveal::{Secrets, revealed};
pub use saved::{SavedError, SavedPlan, SavedPlanInputs};
pub use task::{Task, TaskKind};
pub use uncertain::{changed_since, sent_units, unreported};
pub use zones::unknown_zones;
