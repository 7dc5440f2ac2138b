//! What `plan` and `apply` have in common: the cloud is asked and the plan is made.

use std::time::Duration;

use eci_api::Api as _;
use eci_api::types::ContainerGroupFilter;
use eci_config::Configuration;
use eci_core::Address;
use eci_core::kinds::is_managed;
use eci_executor::{Cost, Costing};
use eci_planner::{Observed, Plan, Step};
use eci_state::{ResourceState, Snapshot};

use crate::context::{Access, Context};
use crate::failure::Failure;

/// How long the cloud may take before that is worth a word.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the cloud what it has, if the state has anything to ask for.
pub(super) async fn observe(
    context: &Context,
    access: &mut Access<'_>,
    (configuration, snapshot): (&Configuration, &Snapshot),
    wanted: bool,
) -> Result<Observed, Failure> {
    // What only travels inside groups has no id.
    let asked = |(_, state): (&Address, &ResourceState)| state.id.is_some();
    let adopts = !configuration.imports.is_empty();
    if !wanted || !(adopts || snapshot.resources.iter().any(asked)) {
        return Ok(Observed::nothing());
    }
    let provider = access.provider().await?.clone();
    let observing = eci_executor::observe(snapshot, &configuration.imports, &provider);
    tokio::pin!(observing);
    let observed = match tokio::time::timeout(PATIENCE, &mut observing).await {
        Ok(observed) => observed?,
        Err(_) => {
            context.note("Waiting for the cloud to say what it has …");
            observing.await?
        }
    };
    access.answered();
    Ok(observed)
}

/// Asks the cloud what a plan would cost. What it does not tell is unknown, and no reason to
/// fail.
pub(super) async fn cost(
    context: &Context,
    access: &mut Access<'_>,
    plan: &Plan,
) -> Result<Cost, Failure> {
    let costing = Costing::new(plan);
    let provider = match costing.asks() {
        true => access.provider().await.cloned(),
        false => return Ok(costing.unanswered("there is nothing to ask for")),
    };
    let provider = match provider {
        Ok(provider) => provider,
        Err(Failure::Error { error, .. }) => return Ok(costing.unanswered(&format!("{error:#}"))),
        Err(failure) => return Err(failure),
    };
    let asking = costing.ask(&provider);
    tokio::pin!(asking);
    Ok(match tokio::time::timeout(PATIENCE, &mut asking).await {
        Ok(cost) => cost,
        Err(_) => {
            context.note("Waiting for the cloud to say what it costs …");
            asking.await
        }
    })
}

/// Whether it is to have a life of its own in the cloud.
fn is_made(step: &Step) -> bool {
    let wanted = step.desired.as_deref();
    wanted.is_some_and(|wanted| is_managed(step.address.kind(), wanted))
}

/// Makes sure that the cloud answers before anything is begun that needs it: wrong credentials,
/// an unknown region and a network that is down are one error, not one a resource.
pub(super) async fn greet(
    context: &Context,
    access: &mut Access<'_>,
    plan: &Plan,
) -> Result<(), Failure> {
    let calls = |step: &Step| step.action.is_change() && (step.id.is_some() || is_made(step));
    if access.has_answered() || !plan.steps().iter().any(calls) {
        return Ok(());
    }
    let provider = access.provider().await?;
    let smallest = ContainerGroupFilter {
        limit: Some(1),
        ..ContainerGroupFilter::default()
    };
    match provider.api().describe_container_groups(&smallest).await {
        Err(error) if error.is_retryable() => {
            context.note(&format!("{error}; trying again"));
            provider
                .read(|| provider.api().describe_container_groups(&smallest))
                .await?;
            Ok(())
        }
        answered => Ok(answered.map(drop)?),
    }
}
