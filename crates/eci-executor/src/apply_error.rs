//! Why a run could not go on.

use eci_state::StateError;

/// The reason why a run could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The state could not be written. Nothing new was started after that.
    #[error(transparent)]
    State(#[from] StateError),
    /// The plan is not one of this state, or the state has moved on since.
    #[error(
        "the plan was made from serial {planned} of state {lineage}, and the state is at serial {found}; plan again"
    )]
    StalePlan {
        /// The lineage of the plan.
        lineage: String,
        /// The serial of the plan.
        planned: u64,
        /// The serial of the state.
        found: u64,
    },
    /// The state has records that the plan does not know of.
    #[error("something was recorded in the state since the plan was made; plan again")]
    Outdated,
    /// Operations of an earlier run are open that the plan does not know of.
    #[error("an earlier run left operations on {} open; recover, and plan again", resources.join(", "))]
    Pending {
        /// The resources.
        resources: Vec<String>,
    },
}
