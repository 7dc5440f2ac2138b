//! What `plan` and `apply` have in common: the cloud is asked and the plan is made.

use eci_config::Configuration;
use eci_core::{Address, Kind};
use eci_planner::{Observed, Options, Plan, plan_with};
use eci_state::{ResourceState, Snapshot};

use crate::context::Access;
use crate::failure::Failure;

/// Asks the cloud what it has, if the state has anything to ask for.
pub(super) async fn observe(
    access: &mut Access<'_>,
    snapshot: &Snapshot,
    wanted: bool,
) -> Result<Observed, Failure> {
    let asked = |(address, state): (&Address, &ResourceState)| {
        address.kind() == Kind::ContainerGroup && state.id.is_some()
    };
    if !wanted || !snapshot.resources.iter().any(asked) {
        return Ok(Observed::nothing());
    }
    let provider = access.provider().await?;
    Ok(eci_executor::observe(snapshot, provider).await?)
}

/// The plan for what is configured, recorded and observed.
pub(super) fn make(
    configuration: &Configuration,
    snapshot: &Snapshot,
    observed: &Observed,
    destroy: bool,
) -> Result<Plan, Failure> {
    let options = Options { destroy };
    Ok(plan_with(configuration, snapshot, observed, &options)?)
}
