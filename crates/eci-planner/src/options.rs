//! The options of a plan.

use eci_core::{Address, Subject};
use serde::{Deserialize, Serialize};

/// The options of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOptions {
    /// What is to become of everything.
    pub mode: Mode,
    /// Only these, and what they need.
    pub targets: Vec<Subject>,
    /// Not these, nor what needs them.
    pub exclude: Vec<Subject>,
    /// Replace these, whatever they are like.
    pub replace: Vec<Address>,
    /// Whether the cloud was not asked, so that the plan trusts the state.
    #[serde(default)]
    pub trusts_state: bool,
}

/// The goal of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// What the configuration says.
    #[default]
    Apply,
    /// Everything that the state has is deleted.
    Destroy,
    /// The state learns what the cloud says, and nothing else.
    RefreshOnly,
}
