//! The reads of a run: the actual state, and what a plan relies on.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use eci_api::Api as _;
use eci_api::types::Region;
use eci_backend::Backend;
use eci_config::{Configuration, EmptyScope, Import};
use eci_core::kinds::is_standalone;
use eci_core::{Address, Kind, Value, truncate};
use eci_executor::{AdditionalReads, Cost, CostQuery, orphans};
use eci_planner::{
    MissingResources, Observations, Plan, Step, TaskKind, mostly_missing, requires_owner,
    unknown_zones,
};
use eci_state::Snapshot;
use eci_text::{List, Text, Verbatim, text};

use crate::error::{ConnectError, EngineError};
use crate::notice::Notice;
use crate::provider::Provider;
use crate::region::smallest;

/// The time after which a read is announced by a notice.
const SLOW_CLOUD_NOTICE: Duration = Duration::from_secs(2);

/// Options of a refresh.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RefreshOptions {
    /// Whether the actual state is read from the cloud; without, the state is used as it is.
    pub refresh: bool,
    /// Whether the run goes on where most of the state no longer exists in the cloud.
    pub allow_missing: bool,
}

impl Default for RefreshOptions {
    fn default() -> RefreshOptions {
        RefreshOptions {
            refresh: true,
            allow_missing: false,
        }
    }
}

/// The configuration and the state from which a plan is created.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PlanInputs<'a> {
    /// The configuration.
    pub configuration: &'a Configuration,
    /// The state.
    pub snapshot: &'a Snapshot,
}

impl<'a> PlanInputs<'a> {
    /// Returns the inputs of a plan.
    pub fn new(configuration: &'a Configuration, snapshot: &'a Snapshot) -> PlanInputs<'a> {
        PlanInputs {
            configuration,
            snapshot,
        }
    }
}

/// The answer of the cloud to a refresh.
#[derive(Debug)]
#[non_exhaustive]
pub struct RefreshResult {
    /// The resources.
    pub observed: Observations,
    /// The region; `None` if nothing was read.
    region: Option<Region>,
}

/// Hides the secrets of the configuration, as far as they are known already: a refusal may quote
/// them, and so may any answer.
pub(crate) fn hide(provider: &Provider, configuration: &Configuration) {
    let desired = configuration.resources.iter();
    provider.hide(desired.filter_map(|resource| resource.evaluate(&EmptyScope).ok()));
}

impl Provider {
    /// Reads the actual state of the resources of a configuration and a state, and at the same
    /// time what the region offers. The latter verifies the credentials and the region also where
    /// the state has nothing to read.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the cloud cannot be reached, a read fails, or most of the state is missing.
    pub async fn refresh(
        &self,
        inputs: PlanInputs<'_>,
        options: &RefreshOptions,
    ) -> Result<RefreshResult, EngineError> {
        let PlanInputs {
            configuration,
            snapshot,
        } = inputs;
        let is_empty = configuration.resources.is_empty()
            && configuration.imports.is_empty()
            && snapshot.resources.is_empty();
        if is_empty || !options.refresh {
            return Ok(RefreshResult {
                observed: Observations::empty(),
                region: None,
            });
        }
        let adapter = self.adapter().await?.clone();
        hide(self, configuration);
        let additional = AdditionalReads::by(configuration);
        let observing = async {
            let (observed, region) = tokio::join!(
                eci_executor::observe(snapshot, &additional, &adapter),
                self.read_region(),
            );
            // Errors of credentials, region or network are reported by the call that verifies them.
            let region = region?;
            Ok::<_, EngineError>((observed?, region))
        };
        tokio::pin!(observing);
        let answered = tokio::time::timeout(SLOW_CLOUD_NOTICE, &mut observing).await;
        let (observed, region) = match answered {
            Ok(answered) => answered?,
            Err(_) => {
                self.notify(&Notice::Reading);
                observing.await?
            }
        };
        self.set_answered();
        self.notify_of_clock(&adapter);
        if let Some(missing) = mostly_missing(snapshot, &observed)
            && !options.allow_missing
        {
            return Err(mostly_missing_error(self, &missing));
        }
        Ok(RefreshResult {
            observed,
            region: Some(region),
        })
    }
}

/// Checks that no other state has taken over what a plan changes or deletes since it was created.
pub(crate) async fn check_owners(
    provider: &Provider,
    plan: &Plan,
    inputs: PlanInputs<'_>,
) -> Result<(), EngineError> {
    let PlanInputs {
        configuration,
        snapshot,
    } = inputs;
    let steps = plan.steps().iter();
    let groups = steps.filter(|step| step.address.kind().properties().is_tagged());
    let groups: HashMap<&Address, &Step> = groups
        .filter(|step| requires_owner(step))
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
    let adapter = provider.adapter().await?;
    let observed =
        eci_executor::observe(&known, &AdditionalReads::for_imports(&imports), adapter).await?;
    Ok(eci_planner::check_owners(plan, &observed)?)
}

/// The number of missing resources that an error names.
const MOST_NAMED: usize = 10;

fn mostly_missing_error(provider: &Provider, missing: &MissingResources<'_>) -> EngineError {
    let named = missing.resources.iter().take(MOST_NAMED);
    let named: Vec<String> = named.map(ToString::to_string).collect();
    let more = missing.resources.len().saturating_sub(MOST_NAMED);
    let named = if more == 0 {
        Text::of(&List::and(named))
    } else {
        text!(
            en: "{names}, and {more} more",
            zh: "{names}，其余 {more} 个",
            names = named.join(", "),
            more = more,
        )
    };
    EngineError::MostlyMissing {
        cloud: provider.title(),
        missing: missing.resources.len(),
        known: missing.known,
        named,
    }
}

/// Verifies what a plan relies on: the zones of what it creates, and each service that it is going
/// to use and that the refresh had nothing to ask of.
pub(crate) async fn verify(
    provider: &Provider,
    plan: &Plan,
    inputs: PlanInputs<'_>,
    refreshed: &RefreshResult,
) -> Result<(), EngineError> {
    let PlanInputs {
        configuration,
        snapshot,
    } = inputs;
    let Some(region) = &refreshed.region else {
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
        steps.any(|step| step.address.kind() == kind && step.action.is_change() && is_managed(step))
            && !known.any(|(address, state)| address.kind() == kind && state.id.is_some())
            && !imports.any(|import| import.to.kind() == kind)
    };
    for kind in Kind::ALL {
        if kind.properties().is_ordered && is_new(kind) {
            provider.adapter().await?.reach(kind).await?;
        }
    }
    Ok(())
}

/// Checks that a plan creates nothing a second time where records of the state were lost: what
/// this state created and does not know is looked for first.
pub(crate) async fn check_lost_records(
    provider: &Provider,
    plan: &Plan,
    snapshot: &Snapshot,
    state: &Backend,
) -> Result<(), EngineError> {
    let creates = plan
        .tasks()
        .iter()
        .any(|task| task.kind == TaskKind::Create);
    if snapshot.lost.is_none() || !creates {
        return Ok(());
    }
    let past = state.backups()?;
    let adapter = provider.adapter().await?;
    let mut found = orphans::find(snapshot, &past, adapter).await?;
    let eips: HashSet<&str> = plan.steps().iter().filter_map(created_eip).collect();
    for eip in orphans::unclaimed_eips(snapshot, adapter).await? {
        let is_new = !found.iter().any(|orphan| orphan.id == eip.id);
        if is_new && eips.contains(eip.name()) {
            found.push(eip);
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let named = found.iter().map(|orphan| {
        text!(
            en: "{noun} {id} ({name})",
            zh: "{noun} {id}（{name}）",
            noun = orphan.remote.kind().properties().nouns.in_all(),
            id = Verbatim(&orphan.id),
            name = truncate(orphan.name()),
        )
    });
    Err(EngineError::LostRecords {
        named: Text::of(&List::and(named)),
    })
}

/// Returns the name of the EIP that a step creates, if it does.
fn created_eip(step: &Step) -> Option<&str> {
    let creates = step.address.kind().properties().is_unmarked()
        && step.action.is_change()
        && is_managed(step);
    let desired = step.desired.as_deref().filter(|_| creates)?;
    desired.get("name").and_then(Value::as_str)
}

/// Queries what a plan would cost.
///
/// What the cloud does not report is unknown, and not a reason to fail.
pub(crate) async fn cost(provider: &Provider, plan: &Plan) -> Cost {
    let costing = CostQuery::new(plan);
    if !costing.asks() {
        return costing.unanswered(&Text::default());
    }
    let adapter = match provider.adapter().await {
        Ok(adapter) => adapter,
        Err(error) => return costing.unanswered(&with_causes(&error)),
    };
    let query = costing.ask(adapter);
    tokio::pin!(query);
    match tokio::time::timeout(SLOW_CLOUD_NOTICE, &mut query).await {
        Ok(cost) => cost,
        Err(_) => {
            provider.notify(&Notice::QueryingPrices);
            query.await
        }
    }
}

/// Returns an error with its causes, as one line.
fn with_causes(error: &ConnectError) -> Text {
    let mut text = Text::of(error);
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = text!(
            en: "{text}: {next}",
            zh: "{text}：{next}",
            text = text,
            next = Text::of_error(next),
        );
        cause = next.source();
    }
    text
}

/// Returns whether the step creates an object in the cloud.
fn is_managed(step: &Step) -> bool {
    let desired = step.desired.as_deref();
    desired.is_some_and(|desired| is_standalone(step.address.kind(), desired))
}

/// Checks that the cloud answers before any work that requires it: wrong credentials, an unknown
/// region and a network that is down are one error, not one for each resource.
pub(crate) async fn check_connectivity(
    provider: &Provider,
    plan: &Plan,
) -> Result<(), EngineError> {
    let calls = |step: &Step| step.action.is_change() && (step.id.is_some() || is_managed(step));
    if provider.has_answered() || !plan.steps().iter().any(calls) {
        return Ok(());
    }
    let adapter = provider.adapter().await?;
    let smallest = smallest();
    match adapter.api().describe_container_groups(&smallest).await {
        Err(error) if error.is_retryable() => {
            let message = Text::of(&error);
            provider.notify(&Notice::Reconnecting { message });
            adapter
                .call_idempotent(|| adapter.api().describe_container_groups(&smallest))
                .await?;
            Ok(())
        }
        answered => Ok(answered.map(drop)?),
    }
}
