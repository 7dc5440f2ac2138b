//! The plan that a run and a preview have in common.

use eci_backend::Backend;
use eci_config::Variables;
use eci_planner::{Observations, Plan, SavedPlan, plan};

use crate::error::EngineError;
use crate::options::PlanOptions;
use crate::provider::Provider;
use crate::refresh::{self, PlanInputs};

/// A plan, and its inputs.
pub(crate) struct PlanningResult {
    pub(crate) plan: Plan,
    pub(crate) observed: Observations,
}

/// Reads the actual state, compares, and verifies what the plan relies on.
pub(crate) async fn make(
    provider: &Provider,
    inputs: PlanInputs<'_>,
    options: &PlanOptions,
    state: &Backend,
) -> Result<PlanningResult, EngineError> {
    let PlanInputs {
        configuration,
        snapshot,
    } = inputs;
    let refreshed = provider.refresh(inputs, &options.refresh).await?;
    let plan = plan(
        configuration,
        snapshot,
        &refreshed.observed,
        &options.planner(),
    )?;
    refresh::verify(provider, &plan, inputs, &refreshed).await?;
    refresh::check_lost_records(provider, &plan, snapshot, state).await?;
    Ok(PlanningResult {
        plan,
        observed: refreshed.observed,
    })
}

/// Creates the plan of a saved plan once more, if none of its inputs has changed.
///
/// Secrets that it sends along and that only the cloud reports are read from there.
pub(crate) async fn remake(
    provider: &Provider,
    inputs: PlanInputs<'_>,
    saved: &SavedPlan,
    variables: &Variables,
) -> Result<Plan, EngineError> {
    let PlanInputs {
        configuration,
        snapshot,
    } = inputs;
    saved.check_state(snapshot)?;
    saved.check_inputs(configuration, variables, snapshot)?;
    let required = saved.addresses_with_secrets(configuration);
    let observed = if required.is_empty() {
        saved.observed()
    } else {
        let mut known = snapshot.clone();
        known
            .resources
            .retain(|address, _| required.contains(address));
        let adapter = provider.adapter().await?;
        let now = eci_executor::observe(&known, &Default::default(), adapter).await?;
        saved.observed_with(&now, &snapshot.digest_key)
    };
    let planned = plan(configuration, snapshot, &observed, &saved.options);
    let plan = planned.map_err(|problems| match saved.secret_moved(problems) {
        Ok(moved) => EngineError::Saved(moved),
        Err(problems) => problems.into(),
    })?;
    saved.check_plan(&plan, snapshot)?;
    Ok(plan)
}
