//! What `plan` and `apply` have in common: the cloud is asked and the plan is made.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use eci_api::types::{ContainerGroupFilter, Region};
use eci_api::{Api, CallError, Client};
use eci_config::{Configuration, EmptyScope, Import};
use eci_core::kinds::is_standalone;
use eci_core::{Address, Kind, Value, truncate};
use eci_executor::{Asked, Cost, CostQuery, NullReporter, RunContext, orphans};
use eci_planner::{
    MostlyMissing, Observed, Plan, Step, TaskKind, mostly_missing, needs_owner, unknown_zones,
};
use eci_provider::Provider;
use eci_state::{LocalStore, MemoryStore, Snapshot};

use super::apply::effects;
use crate::context::{CloudAccess, Context};
use crate::error::CommandError;

/// How long the cloud may take before that is worth a word.
const SLOW_CLOUD_NOTICE: Duration = Duration::from_secs(2);

/// How the cloud is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking {
    /// Whether it is asked at all.
    pub(crate) refresh: bool,
    /// Whether it is believed that most of the state is gone.
    pub(crate) allow_missing: bool,
}

/// What the cloud answered.
pub(super) struct Answered {
    /// The resources.
    pub(super) observed: Observed,
    /// The region; none if nothing was asked.
    region: Option<Region>,
}

/// Returns what the state would have once what an earlier run left open is settled, as far as
/// reads settle it. Nothing is written.
pub(super) async fn recovered(
    context: &Context,
    access: &mut CloudAccess<'_>,
    (configuration, snapshot): (&Configuration, &Snapshot),
) -> Result<Snapshot, CommandError> {
    let settings = context.settings();
    if !snapshot.open_intents.is_empty() {
        verify_region(access).await?;
    }
    let provider = access.provider().await?;
    hide(provider, configuration);
    let mut copy = MemoryStore::new(snapshot.clone());
    let effects = effects(provider.api());
    let run = RunContext {
        provider,
        store: &mut copy,
        effects: &effects,
        reporter: &NullReporter,
    };
    eci_executor::recover(run, &settings).await?;
    Ok(copy.into_snapshot())
}

/// Hides what is sensitive in what is asked for, as far as it is known already: a refusal may quote it,
/// and so may any answer.
pub(super) fn hide<A: Api>(provider: &Provider<A>, configuration: &Configuration) {
    let desired = configuration.resources.iter();
    let desired = desired.filter_map(|resource| resource.evaluate(&EmptyScope).ok());
    desired.for_each(|desired| provider.hide(&desired));
}

/// Asks the cloud what it has, and at the same time what the region offers, which verifies the
/// credentials and the region also where the state has nothing to ask for.
pub(super) async fn observe(
    context: &Context,
    access: &mut CloudAccess<'_>,
    (configuration, snapshot): (&Configuration, &Snapshot),
    asking: Asking,
) -> Result<Answered, CommandError> {
    let nothing = Answered {
        observed: Observed::empty(),
        region: None,
    };
    let empty = configuration.resources.is_empty()
        && configuration.imports.is_empty()
        && snapshot.resources.is_empty();
    if empty {
        return Ok(nothing);
    }
    if !asking.refresh {
        return Ok(nothing);
    }
    let provider = access.provider().await?.clone();
    hide(&provider, configuration);
    let asked = Asked::by(configuration);
    let observing = async {
        let (observed, region) = tokio::join!(
            eci_executor::observe(snapshot, &asked, &provider),
            region(&provider),
        );
        // What is wrong with credentials, region or network is told by the call that verifies them.
        let region = region?;
        Ok::<_, CallError>((observed?, region))
    };
    tokio::pin!(observing);
    let (observed, region) = match tokio::time::timeout(SLOW_CLOUD_NOTICE, &mut observing).await {
        Ok(answered) => answered?,
        Err(_) => {
            context.note("Reading the actual state from the cloud …");
            observing.await?
        }
    };
    access.answered();
    if let Some(missing) = mostly_missing(snapshot, &observed)
        && !asking.allow_missing
    {
        return Err(mostly_gone(access, &missing));
    }
    Ok(Answered {
        observed,
        region: Some(region),
    })
}

/// Makes sure that no other state has taken over what a plan changes or deletes since it was made.
pub(super) async fn check_owners(
    access: &mut CloudAccess<'_>,
    plan: &Plan,
    (configuration, snapshot): (&Configuration, &Snapshot),
) -> Result<(), CommandError> {
    let steps = plan.steps().iter();
    let groups = steps.filter(|step| step.address.kind().properties().is_tagged());
    let groups: HashMap<&Address, &Step> = groups
        .filter(|step| needs_owner(step))
        .map(|step| (step.moved_from.as_ref().unwrap_or(&step.address), step))
        .collect();
    if groups.is_empty() {
        return Ok(());
    }
    let mut known = snapshot.clone();
    known
        .resources
        .retain(|address, _| groups.contains_key(address));
    let imports = configuration.imports.iter();
    let imports: Vec<Import> = imports
        .filter(|import| groups.get(&import.to).is_some_and(|it| it.import.is_some()))
        .cloned()
        .collect();
    let provider = access.provider().await?;
    let observed = eci_executor::observe(&known, &Asked::for_imports(&imports), provider).await?;
    Ok(eci_planner::check_owners(plan, &observed)?)
}

/// What the region offers. The path of this call is known from the published client alone: where
/// the cloud does not have it, or does not say which region the answer is about, a read of container
/// groups verifies the same, but for the zones.
async fn region(provider: &Provider<Client>) -> Result<Region, CallError> {
    let region = match provider.region().await {
        Ok(region) if region.region_id.is_some() => return Ok(region),
        Ok(region) => region,
        Err(error) if error.is_not_found() => Region::default(),
        Err(error) => return Err(error),
    };
    let smallest = smallest();
    provider
        .call_idempotent(|| provider.api().describe_container_groups(&smallest))
        .await?;
    Ok(region)
}

/// Verifies credentials and region before anything is concluded from what is not found there. The
/// answer tells the cloud's time, by which the age of what is pending is judged.
pub(crate) async fn verify_region(access: &mut CloudAccess<'_>) -> Result<(), CommandError> {
    let provider = access.provider().await?;
    region(provider).await?;
    Ok(())
}

/// How many of many addresses are named.
const MOST_NAMED: usize = 10;

fn mostly_gone(access: &CloudAccess<'_>, missing: &MostlyMissing<'_>) -> CommandError {
    let named = missing.gone.iter().take(MOST_NAMED);
    let named: Vec<String> = named.map(ToString::to_string).collect();
    let more = match missing.gone.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    CommandError::new(
        format!(
            "most of the state seems to be gone: {} has {} of its {} resources no longer: {}{more}",
            access.name(),
            missing.gone.len(),
            missing.known,
            named.join(", "),
        ),
        "check that the credentials are those of the account that has them; if they were really \
         deleted, go on with --allow-missing",
    )
}

/// Verifies what a plan relies on: the zones of what it creates, and each service that it is going
/// to use and that the refresh had nothing to ask of.
pub(super) async fn verify(
    access: &mut CloudAccess<'_>,
    plan: &Plan,
    (configuration, snapshot): (&Configuration, &Snapshot),
    answered: &Answered,
) -> Result<(), CommandError> {
    let Some(region) = &answered.region else {
        return Ok(());
    };
    let problems = unknown_zones(plan, region.region_id.as_deref(), &region.zones);
    if problems.has_errors() {
        return Err(problems.into());
    }
    let is_new = |kind: Kind| {
        let mut steps = plan.steps().iter();
        let mut known = snapshot.resources.iter();
        let mut imports = configuration.imports.iter();
        steps.any(|step| step.address.kind() == kind && step.action.is_change() && is_made(step))
            && !known.any(|(address, state)| address.kind() == kind && state.id.is_some())
            && !imports.any(|import| import.to.kind() == kind)
    };
    for kind in Kind::ALL {
        if kind.properties().is_ordered && is_new(kind) {
            access.provider().await?.reach(kind).await?;
        }
    }
    Ok(())
}

/// Makes sure that a plan creates nothing a second time where records of the state were lost: what
/// this state made and does not know is looked for first.
pub(super) async fn account(
    access: &mut CloudAccess<'_>,
    (plan, snapshot): (&Plan, &Snapshot),
    state: &Path,
) -> Result<(), CommandError> {
    let creates = plan
        .tasks()
        .iter()
        .any(|task| task.kind == TaskKind::Create);
    if snapshot.lost.is_none() || !creates {
        return Ok(());
    }
    let past = LocalStore::backups(state)?;
    let provider = access.provider().await?;
    let mut found = orphans::find(snapshot, &past, provider).await?;
    let eips: HashSet<&str> = plan.steps().iter().filter_map(created_eip).collect();
    for eip in orphans::unclaimed_eips(snapshot, provider).await? {
        let is_new = !found.iter().any(|orphan| orphan.id == eip.id);
        if is_new && eips.contains(eip.name()) {
            found.push(eip);
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let named = found.iter().map(|orphan| {
        let noun = orphan.id.noun();
        format!("{noun} {} ({})", orphan.id, truncate(orphan.name()))
    });
    let named: Vec<String> = named.collect();
    Err(CommandError::new(
        format!(
            "records of this state were lost, and the cloud has what it may have created: {}",
            named.join(", ")
        ),
        "adopt those that the configuration declares with `eci orphans --adopt ADDR=ID`, or an EIP \
         that this does not list with `eci import ADDR ID`; delete the others with `eci orphans \
         --delete`, or give the EIP of the manifest another name",
    ))
}

/// The name of the EIP that a step creates, if it does.
fn created_eip(step: &Step) -> Option<&str> {
    let creates =
        step.address.kind().properties().is_unmarked() && step.action.is_change() && is_made(step);
    let desired = step.desired.as_deref().filter(|_| creates)?;
    desired.get("name").and_then(Value::as_str)
}

/// Asks the cloud what a plan would cost. What it does not tell is unknown, and no reason to
/// fail.
pub(super) async fn cost(
    context: &Context,
    access: &mut CloudAccess<'_>,
    plan: &Plan,
) -> Result<Cost, CommandError> {
    let costing = CostQuery::new(plan);
    let provider = match costing.asks() {
        true => access.provider().await.cloned(),
        false => return Ok(costing.unanswered("there is nothing to ask for")),
    };
    let provider = match provider {
        Ok(provider) => provider,
        Err(CommandError::Error { error, .. }) => {
            return Ok(costing.unanswered(&format!("{error:#}")));
        }
        Err(failure) => return Err(failure),
    };
    let asking = costing.ask(&provider);
    tokio::pin!(asking);
    Ok(
        match tokio::time::timeout(SLOW_CLOUD_NOTICE, &mut asking).await {
            Ok(cost) => cost,
            Err(_) => {
                context.note("Querying prices …");
                asking.await
            }
        },
    )
}

/// Whether it is to have a life of its own in the cloud.
fn is_made(step: &Step) -> bool {
    let wanted = step.desired.as_deref();
    wanted.is_some_and(|wanted| is_standalone(step.address.kind(), wanted))
}

/// Makes sure that the cloud answers before anything is begun that needs it: wrong credentials,
/// an unknown region and a network that is down are one error, not one a resource.
pub(super) async fn check_connectivity(
    context: &Context,
    access: &mut CloudAccess<'_>,
    plan: &Plan,
) -> Result<(), CommandError> {
    let calls = |step: &Step| step.action.is_change() && (step.id.is_some() || is_made(step));
    if access.has_answered() || !plan.steps().iter().any(calls) {
        return Ok(());
    }
    let provider = access.provider().await?;
    let smallest = smallest();
    match provider.api().describe_container_groups(&smallest).await {
        Err(error) if error.is_retryable() => {
            context.note(&format!("{error}; trying again"));
            provider
                .call_idempotent(|| provider.api().describe_container_groups(&smallest))
                .await?;
            Ok(())
        }
        answered => Ok(answered.map(drop)?),
    }
}

/// The smallest read of container groups.
fn smallest() -> ContainerGroupFilter {
    ContainerGroupFilter {
        limit: Some(1),
        ..ContainerGroupFilter::default()
    }
}
