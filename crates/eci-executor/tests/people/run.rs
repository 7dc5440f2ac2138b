//! One run, as the command does it: recover, observe, plan, approve, apply.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use eci_config::{Configuration, Import, Variables};
use eci_core::Diagnostics;
use eci_executor::{
    AdditionalReads, ApplyError, ApplyOptions, ApplyOutcome, Effects, NullReporter, RunContext,
    StopHandle, apply, observe, recover,
};
use eci_planner::saved::PlanOrigin;
use eci_planner::{
    Action, Mode, Plan, PlannerOptions, SavedPlan, SavedPlanInputs, mostly_missing, plan,
};
use eci_provider::{ResourceProvider, Throttle};
use eci_state::{CloudIdentity, Record, Snapshot, StateError, Store as _};
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use crate::cloud::Cloud;
use crate::disk::OpenedState;
use crate::secrets::{HiddenSecrets, shown_by};
use crate::shown::DisplayedPlan;

/// The region in which a run looks for the resources of the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Region {
    /// The region of the resources.
    ///
    /// There the report that most of them are missing is believed.
    #[default]
    Home,
    Elsewhere,
    AnotherEndpoint,
    AnotherAccount,
}

impl Region {
    fn identity(self) -> CloudIdentity {
        let (endpoint, region, account) = match self {
            Region::Home => ("https://eci.example", "r-1", "1"),
            Region::Elsewhere => ("https://eci.example", "r-2", "1"),
            Region::AnotherEndpoint => ("https://eci.test", "r-1", "1"),
            Region::AnotherAccount => ("https://eci.example", "r-1", "2"),
        };
        CloudIdentity {
            account: Some(account.to_owned()),
            ..CloudIdentity::new([("eci", endpoint)], region)
        }
    }
}

/// The work of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) options: PlannerOptions,
    /// Adopts these, by address and id, and does nothing else.
    pub(crate) adopts: Vec<(String, String)>,
    /// The time at which the user presses Ctrl-C, and whether twice.
    pub(crate) interrupted: Option<(Duration, bool)>,
    /// Only plans.
    pub(crate) only_plans: bool,
    pub(crate) place: Region,
}

impl Order {
    /// Returns whether the run is to reach the desired state.
    pub(crate) fn is_full(&self) -> bool {
        let PlannerOptions {
            mode,
            targets,
            exclude,
            ..
        } = &self.options;
        let all = targets.is_empty() && exclude.is_empty() && self.adopts.is_empty();
        *mode == Mode::Apply && all && !self.only_plans
    }
}

/// The end of a run.
#[derive(Debug)]
pub(crate) enum End {
    /// There were no changes.
    Idle,
    /// Only the plan was requested.
    Planned,
    /// The run did what it could.
    Done(Box<ApplyOutcome>),
    /// The cloud did not let it begin.
    Refused,
    /// No plan was possible.
    NotPlanned(Diagnostics),
    /// The plan was not applied at all.
    NotApplied(String),
    /// The process died.
    Died,
}

/// The output and the end of a run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) end: End,
    /// The plan that was approved; none where the run did not come so far.
    pub(crate) shown: Option<DisplayedPlan>,
    /// The texts of the plan that are written or printed.
    pub(crate) texts: Vec<String>,
    pub(crate) plan_secrets: Vec<String>,
    /// The numbers of the first call, and of the first one after the approval.
    pub(crate) calls: (usize, usize),
    /// The state at the start.
    pub(crate) before: Snapshot,
    /// The state from which the plan was created.
    pub(crate) planned_from: Option<Snapshot>,
}

impl Report {
    pub(crate) fn new(cloud: &Cloud, before: Snapshot) -> Report {
        let at = cloud.calls();
        Report {
            end: End::Died,
            shown: None,
            texts: Vec::new(),
            plan_secrets: Vec::new(),
            calls: (at, usize::MAX),
            before,
            planned_from: None,
        }
    }
}

/// A process that runs.
pub(crate) struct Process<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) store: &'a mut OpenedState,
    pub(crate) effects: &'a Effects,
    /// The secrets that its plan must not show.
    pub(crate) secrets: &'a HiddenSecrets,
}

/// Runs, and writes into the report what it shows and how it ends.
///
/// A process that dies leaves the report as it was then.
pub(crate) async fn run(
    process: Process<'_>,
    mut configuration: Configuration,
    order: &Order,
    report: &mut Report,
) -> Result<(), String> {
    let Process {
        cloud,
        store,
        effects,
        secrets,
    } = process;
    let provider = ResourceProvider::new(cloud.clone(), Throttle::default());
    let settings = settings().with_cloud(Some(order.place.identity()));
    if let Err(error) = store.snapshot().belongs_to(&order.place.identity()) {
        cloud.note(|| format!("refused: {error}"));
        report.end = End::Refused;
        return Ok(());
    }
    let context = RunContext {
        provider: &provider,
        store: &mut *store,
        effects,
        reporter: &NullReporter,
    };
    if !order.only_plans
        && let Err(error) = recover(context, &settings).await
    {
        cloud.note(|| format!("refused: {error}"));
        report.end = End::Refused;
        return Ok(());
    }
    let mut options = order.options.clone();
    if !order.adopts.is_empty() {
        adopt(&mut configuration, order, &mut options)?;
    }
    let snapshot = store.snapshot();
    let additional = AdditionalReads::by(&configuration);
    let observed = match observe(snapshot, &additional, &provider).await {
        Ok(observed) => observed,
        Err(error) => {
            cloud.note(|| format!("refused: {error}"));
            report.end = End::Refused;
            return Ok(());
        }
    };
    if let Some(missing) = mostly_missing(snapshot, &observed)
        && order.place != Region::Home
    {
        cloud.note(|| format!("refused: {missing:?} are missing"));
        report.end = End::Refused;
        return Ok(());
    }
    let plan = match plan(&configuration, snapshot, &observed, &options) {
        Ok(plan) => plan,
        Err(diagnostics) => {
            report.end = End::NotPlanned(diagnostics);
            return Ok(());
        }
    };
    let shown = DisplayedPlan::of(&plan);
    for line in shown.lines() {
        cloud.note(|| format!("  plan: {line}"));
    }
    for drift in &shown.drift {
        cloud.note(|| {
            format!(
                "  drift: {} missing {} {:?}",
                drift.address,
                drift.is_missing,
                drift
                    .changes
                    .iter()
                    .map(|it| it.path.to_string())
                    .collect::<Vec<_>>()
            )
        });
    }
    let inputs = SavedPlanInputs {
        configuration: &configuration,
        variables: &Variables::default(),
        snapshot,
        observed: &observed,
    };
    let origin = PlanOrigin {
        is_sandbox: false,
        cloud: "the cloud".to_owned(),
        created: Timestamp::UNIX_EPOCH,
    };
    let kept = SavedPlan::new(&plan, inputs, origin);
    report.texts.push(serde_json::to_string(&kept).unwrap());
    report.plan_secrets = shown_by(&plan, secrets);
    report.shown = Some(shown);
    report.planned_from = Some(snapshot.clone());
    report.calls.1 = cloud.calls();
    if order.only_plans {
        report.end = End::Planned;
        return Ok(());
    }
    if !order.adopts.is_empty() {
        report.end = match record(&plan, store, &order.place.identity()) {
            Ok(()) => End::Done(Box::default()),
            Err(_) => End::Died,
        };
        return Ok(());
    }
    if plan.is_idle() {
        report.end = End::Idle;
        return Ok(());
    }
    let context = RunContext {
        provider: &provider,
        store,
        effects,
        reporter: &NullReporter,
    };
    report.end = perform(plan, context, &settings, order).await?;
    Ok(())
}

/// Records what is adopted, and calls nothing.
fn record(plan: &Plan, store: &mut OpenedState, cloud: &CloudIdentity) -> Result<(), StateError> {
    let steps = plan.steps().iter();
    let imported = steps.filter(|step| step.import.is_some() || step.action == Action::Import);
    let records: Vec<Record> = imported
        .filter_map(|step| {
            Some(Record::ResourceUpdated {
                address: step.address.clone(),
                state: Box::new(step.state.as_deref()?.clone()),
            })
        })
        .collect();
    let cloud = store.snapshot().cloud_to_record(cloud);
    let cloud = cloud.map(|cloud| Record::Cloud { cloud });
    store.append(&cloud.into_iter().chain(records).collect::<Vec<_>>())?;
    store.flush().wait()?;
    store.compact()
}

async fn perform(
    plan: Plan,
    context: RunContext<'_, Cloud>,
    options: &ApplyOptions,
    order: &Order,
) -> Result<End, String> {
    let stop = StopHandle::new();
    let stopping = async {
        if let Some((after, twice)) = order.interrupted {
            sleep(after).await;
            stop.request_stop();
            if twice {
                sleep(after).await;
                stop.request_stop();
            }
        }
        std::future::pending::<()>().await;
    };
    let applied = apply(plan, context, options, &stop);
    let outcome = tokio::select! {
        biased;
        () = stopping => return Err("a stop that never ends has ended".to_owned()),
        outcome = applied => outcome,
    };
    Ok(match outcome.into_result() {
        Ok(outcome) => End::Done(Box::new(outcome)),
        Err(ApplyError::State(_)) => End::Died,
        Err(error) => End::NotApplied(error.to_string()),
    })
}

/// Adds imports to a configuration, as `eci import ADDR ID` and `eci orphans --adopt` do.
fn adopt(
    configuration: &mut Configuration,
    order: &Order,
    options: &mut PlannerOptions,
) -> Result<(), String> {
    let mut imports = Vec::new();
    for (address, id) in &order.adopts {
        let address = address
            .parse()
            .map_err(|error| format!("{address}: {error}"))?;
        let resource = configuration.resource(&address);
        let resource = resource.ok_or_else(|| format!("{address} is not declared"))?;
        let place = resource.place.clone();
        imports.push(Import {
            to: address.clone(),
            id: id.clone(),
            take_over: false,
            place,
        });
        options.targets.push(address.into());
    }
    configuration.imports = imports;
    Ok(())
}

pub(crate) fn settings() -> ApplyOptions {
    ApplyOptions::default()
        .with_parallelism(3)
        .with_timeout(Duration::from_secs(40))
}

/// The clock of virtual time, and names that count up.
pub(crate) fn effects() -> Effects {
    let (began, count) = (Instant::now(), AtomicU64::new(0));
    Effects {
        clock: Arc::new(move || {
            let passed = i64::try_from(began.elapsed().as_millis()).unwrap();
            let at = jiff::Timestamp::from_millisecond(1_767_225_600_000 + passed);
            at.unwrap()
        }),
        ids: Arc::new(move || format!("op{}", count.fetch_add(1, Ordering::Relaxed))),
    }
}
