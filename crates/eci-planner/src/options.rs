//! The options of a plan.

use eci_core::{Address, Subject};
use serde::{Deserialize, Serialize};

/// The options of a plan.
///
/// ```
/// use eci_planner::{Mode, PlannerOptions};
///
/// let options = PlannerOptions::default().with_mode(Mode::Destroy);
/// assert_eq!(options.mode, Mode::Destroy);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlannerOptions {
    /// The goal of the plan.
    pub mode: Mode,
    /// The only subjects that it covers, with their dependencies; all if there are none.
    pub targets: Vec<Subject>,
    /// The subjects that it leaves out, with their dependents.
    pub exclude: Vec<Subject>,
    /// The resources that it replaces, whatever they are like.
    pub replace: Vec<Address>,
    /// Whether the cloud was not read, so that the plan trusts the state.
    #[serde(default)]
    pub trusts_state: bool,
}

impl PlannerOptions {
    /// Returns these options with another goal.
    #[must_use]
    pub fn with_mode(self, mode: Mode) -> PlannerOptions {
        PlannerOptions { mode, ..self }
    }

    /// Returns these options with other targets.
    #[must_use]
    pub fn with_targets(self, targets: Vec<Subject>) -> PlannerOptions {
        PlannerOptions { targets, ..self }
    }

    /// Returns these options with other exclusions.
    #[must_use]
    pub fn with_exclude(self, exclude: Vec<Subject>) -> PlannerOptions {
        PlannerOptions { exclude, ..self }
    }

    /// Returns these options with other resources to replace.
    #[must_use]
    pub fn with_replace(self, replace: Vec<Address>) -> PlannerOptions {
        PlannerOptions { replace, ..self }
    }

    /// Returns these options for a plan that trusts the state, or does not.
    #[must_use]
    pub fn with_trusts_state(self, trusts_state: bool) -> PlannerOptions {
        PlannerOptions {
            trusts_state,
            ..self
        }
    }
}

/// The goal of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The state of the configuration.
    #[default]
    Apply,
    /// All resources of the state are deleted.
    Destroy,
    /// The actual state is recorded in the state, and nothing else.
    RefreshOnly,
}
