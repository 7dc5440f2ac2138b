//! A project, its cloud, and processes that work on them, in virtual time.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use eci_api::types::{ContainerGroupFilter, DescribedDisk, DescribedEip, DiskFilter, EipFilter};
use eci_api::{Api as _, Client, ClientConfig, Credentials, DiskApi as _, EipApi as _, Endpoints};
use eci_config::Variables;
use eci_core::Diagnostics;
use eci_executor::{
    AdditionalReads, ApplyOptions, Effects, Event, PollInterval, Reporter, RunContext, StopHandle,
};
use eci_planner::saved::PlanOrigin;
use eci_planner::{Mode, PlannerOptions, SavedPlan, SavedPlanInputs, plan};
use eci_provider::{ResourceProvider, RetryConfig, Throttle};
use eci_sandbox::{Config, Faults, Rule, SandboxServer, SimulatedCloud, Speed};
use eci_state::{Holder, LocalStore, Snapshot, Store as _};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::Violation;
use super::desired::DesiredObjects;
use super::gate::{Death, Gate, Traffic};
use crate::REGION;

/// The begin of time: 2026-01-01T00:00:00Z.
const BEGIN: i64 = 1_767_225_600_000;

/// The faults of a run.
#[derive(Debug, Default)]
pub(super) struct RunFaults {
    pub(super) death: Option<Death>,
    /// The time at which the user interrupts it, and whether twice.
    pub(super) interrupted: Option<(Duration, bool)>,
    pub(super) faults: Vec<Rule>,
}

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// There were no changes, not even to the record.
    Idle,
    /// Nothing but the record had to be changed, and that is done.
    Recorded,
    /// All is done.
    Complete,
    /// An action failed, or the run was stopped.
    Incomplete,
    /// The cloud did not let it begin.
    Refused,
    /// The process died.
    Died,
}

/// The content of the cloud at one time.
#[derive(Debug)]
pub(super) struct CloudContent {
    pub(super) groups: Vec<Value>,
    pub(super) eips: Vec<DescribedEip>,
    pub(super) disks: Vec<DescribedDisk>,
}

/// A project, its cloud, and the records of the runs.
pub(super) struct World {
    directory: TempDir,
    running: SandboxServer,
    traffic: Arc<Traffic>,
    began: Instant,
    effects: Effects,
    pub(super) desired: DesiredObjects,
    /// Whether the cloud and the state have it.
    pub(super) is_converged: bool,
    /// The values that were plain and must not be shown any more.
    pub(super) hidden: BTreeSet<String>,
    variables: Variables,
    /// The events, for the report of a failure.
    pub(super) history: Vec<String>,
    /// All that was shown or saved since it was checked last.
    pub(super) output: Vec<String>,
}

impl World {
    /// Creates a new project and an empty cloud. Must be called in a runtime whose clock is paused.
    pub(super) async fn new(desired: DesiredObjects) -> World {
        let began = Instant::now();
        let config = Config {
            speed: Speed::Times(1.0),
            ..Config::default()
        };
        let sandbox = SimulatedCloud::open_at(config, move || now(began)).unwrap();
        let running = SandboxServer::of(sandbox).await.unwrap();
        let traffic = Arc::new(Traffic::default());
        let slowing = Arc::clone(&traffic);
        // Ends with the runtime.
        tokio::spawn(async move { slowing.slow_time_down().await });
        let unique = AtomicU64::new(0);
        let world = World {
            directory: directory(),
            running,
            traffic,
            began,
            effects: Effects {
                clock: Arc::new(move || now(began)),
                ids: Arc::new(move || format!("op{}", unique.fetch_add(1, Ordering::Relaxed))),
            },
            variables: desired.variables(),
            desired,
            is_converged: false,
            hidden: BTreeSet::new(),
            history: Vec::new(),
            output: Vec::new(),
        };
        std::fs::create_dir(world.directory.path().join("side")).unwrap();
        world.write();
        world
    }

    /// Sets another desired state.
    pub(super) fn desire(&mut self, desired: DesiredObjects) {
        if !self.is_converged {
            // A value that was plain may still be recorded in other places than it is desired in.
            self.hidden.clear();
        } else if desired.is_marked_otherwise(&self.desired) {
            self.hidden = desired.published.clone();
        }
        self.is_converged = false;
        self.variables = desired.variables();
        self.desired = desired;
        self.write();
    }

    fn write(&self) {
        for (path, text) in self.desired.manifests() {
            std::fs::write(self.directory.path().join(path), text).unwrap();
        }
    }

    /// Returns the directory of the state.
    pub(super) fn state_directory(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// Returns the state as it is on disk.
    pub(super) fn state(&self) -> Result<Snapshot, Violation> {
        LocalStore::read(&self.state_directory()).map_err(|error| self.violation(error))
    }

    pub(super) fn sandbox(&self) -> &SimulatedCloud {
        self.running.sandbox()
    }

    pub(super) fn note(&mut self, what: impl AsRef<str>) {
        self.note_at(Instant::now(), what.as_ref());
    }

    fn note_at(&mut self, at: Instant, what: &str) {
        let at = (at - self.began).as_secs_f64();
        self.history.push(format!("{at:>8.3} {what}"));
    }

    pub(super) fn violation(&self, what: impl std::fmt::Display) -> Violation {
        let manifest = &self.desired.manifests()[0].1;
        let mut history = self.history.clone();
        history.push(format!("at last desired:\n{manifest}"));
        Violation {
            what: what.to_string(),
            history,
        }
    }

    fn client(&self) -> Client {
        let began = self.began;
        let config = ClientConfig {
            endpoints: Endpoints::all_at(self.running.endpoint()),
            clock: Arc::new(move || now(began)),
            ..ClientConfig::new(Credentials::new("sandbox", "sandbox"), REGION)
        };
        Client::new(config).unwrap()
    }

    /// Returns the content of the cloud.
    pub(super) async fn there(&self) -> CloudContent {
        self.fail(Vec::new());
        let gate = Gate::new(self.client(), None, &self.traffic);
        let filter = ContainerGroupFilter::default();
        let groups = gate.list_container_groups(&filter);
        let groups = groups.await.unwrap().into_iter().map(|group| group.raw);
        let leaving = |group: &Value| group["status"] == "Terminating";
        let mut eips = gate.list_all_eips(&EipFilter::default()).await.unwrap();
        // Automatic EIPs come and go with their groups.
        let ledger = self.sandbox().audit_log();
        eips.retain(|eip| ledger.iter().any(|entry| entry.id == eip.id.as_str()));
        CloudContent {
            groups: groups.filter(|group| !leaving(group)).collect(),
            eips,
            disks: gate.list_all_disks(&DiskFilter::default()).await.unwrap(),
        }
    }

    fn fail(&self, rules: Vec<Rule>) {
        self.sandbox().set_faults(Faults { rules }).unwrap();
    }

    /// Returns one process, from the beginning to its end.
    pub(super) async fn run(
        &mut self,
        options: &PlannerOptions,
        faults_of_run: RunFaults,
    ) -> Result<End, Violation> {
        self.note(format!("--- a run: {options:?} {faults_of_run:?}"));
        self.fail(faults_of_run.faults);
        let gate = Gate::new(self.client(), faults_of_run.death, &self.traffic);
        let opened = LocalStore::open(
            &self.state_directory(),
            Holder::current_process("eci apply"),
        );
        let mut store = opened.map_err(|error| self.violation(error))?;
        let stop = StopHandle::new();
        let stopped = stop.clone();
        let listener = Listener::default();
        let process = Process {
            directory: self.directory.path().to_owned(),
            variables: &self.variables,
            effects: &self.effects,
            options,
            listener: &listener,
        };
        let stopping = async {
            if let Some((after, twice)) = faults_of_run.interrupted {
                sleep(after).await;
                stop.request_stop();
                if twice {
                    sleep(after).await;
                    stop.request_stop();
                }
            }
            std::future::pending::<()>().await;
        };
        let ended = tokio::select! {
            biased;
            () = gate.died() => Ok(End::Died),
            () = stopping => Ok(End::Died),
            ended = process.run(&gate, &mut store, stopped) => ended,
        };
        drop(store);
        // Running work is canceled.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        for (at, line) in listener.take() {
            // A plan is too long for a history, which has its steps.
            if !line.starts_with('{') {
                self.note_at(at, &line);
            }
            self.output.push(line);
        }
        let end = ended.map_err(|what| self.violation(what))?;
        self.note(format!("--- it ended: {end:?}"));
        Ok(end)
    }
}

/// Returns a clock that goes with virtual time.
fn now(began: Instant) -> Timestamp {
    let passed = i64::try_from(began.elapsed().as_millis()).unwrap();
    Timestamp::from_millisecond(BEGIN + passed).unwrap()
}

/// Returns a directory in memory where the system has such, since nothing here has to outlive it.
fn directory() -> TempDir {
    let named = |builder: &mut tempfile::Builder<'_, '_>| {
        builder.prefix("eci-roundtrip-");
    };
    let mut builder = tempfile::Builder::new();
    named(&mut builder);
    builder
        .tempdir_in("/dev/shm")
        .or_else(|_| builder.tempdir())
        .unwrap()
}

/// One process.
struct Process<'a> {
    directory: PathBuf,
    variables: &'a Variables,
    effects: &'a Effects,
    options: &'a PlannerOptions,
    listener: &'a Listener,
}

impl Process<'_> {
    /// Does what the command does: recovers, refreshes, plans and applies.
    async fn run(
        &self,
        gate: &Gate,
        store: &mut LocalStore,
        stopped: StopHandle,
    ) -> Result<End, String> {
        let listener = self.listener;
        let settings = settings();
        let retry = RetryConfig {
            max_attempts: 3,
            ..RetryConfig::default()
        };
        let provider = ResourceProvider::new(gate.clone(), Throttle::new(None, retry, 0));
        let loaded = eci_config::load(&self.directory, self.variables);
        let configuration = loaded.map_err(|problems| self.listed("not valid", &problems))?;
        for warning in &configuration.warnings.0 {
            listener.record(format!("warning: {warning}"));
        }
        if let Err(error) = eci_executor::recover(self.context(&provider, store), &settings).await {
            listener.record(format!("not recovered: {error}"));
            return Ok(End::Refused);
        }
        let snapshot = store.snapshot();
        let reads = AdditionalReads::by(&configuration);
        let observed = eci_executor::observe(snapshot, &reads, &provider).await;
        let observed = match observed {
            Ok(observed) => observed,
            Err(error) => {
                listener.record(format!("not observed: {error}"));
                return Ok(End::Refused);
            }
        };
        let plan = match plan(&configuration, snapshot, &observed, self.options) {
            Ok(plan) => plan,
            Err(problems) => {
                let refused = self.listed("it cannot be planned", &problems);
                // A part of it may depend on the rest.
                let is_partial =
                    !(self.options.targets.is_empty() && self.options.exclude.is_empty());
                return if is_partial {
                    Ok(End::Refused)
                } else {
                    Err(refused)
                };
            }
        };
        let inputs = SavedPlanInputs {
            configuration: &configuration,
            variables: self.variables,
            snapshot,
            observed: &observed,
        };
        let origin = PlanOrigin {
            is_sandbox: false,
            cloud: "cloud".to_owned(),
            created: Timestamp::UNIX_EPOCH,
        };
        let saved = SavedPlan::new(&plan, inputs, origin);
        listener.record(saved.to_document().map_err(|error| error.to_string())?);
        for step in plan.steps() {
            if step.action.is_change() {
                listener.record(format!("planned: {} {:?}", step.address, step.action));
            }
        }
        if plan.is_idle() {
            return Ok(End::Idle);
        }
        let is_empty = plan.is_empty();
        let context = self.context(&provider, store);
        let outcome = eci_executor::apply(plan, context, &settings, &stopped).await;
        let outcome = outcome.into_result();
        let outcome = outcome.map_err(|error| format!("the run could not go on: {error}"))?;
        listener.record(format!("{outcome:?}"));
        Ok(match (outcome.is_complete(), is_empty) {
            (true, true) => End::Recorded,
            (true, false) => End::Complete,
            (false, _) => End::Incomplete,
        })
    }

    fn context<'b>(
        &'b self,
        provider: &'b ResourceProvider<Gate>,
        store: &'b mut LocalStore,
    ) -> RunContext<'b, Gate> {
        RunContext {
            provider,
            store,
            effects: self.effects,
            reporter: self.listener,
        }
    }

    fn listed(&self, what: &str, problems: &Diagnostics) -> String {
        // What a diagnostic says, and besides all that is in it.
        self.listener.record(format!("{{{problems:?}"));
        let said: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
        let text = format!("{what}: {}", said.join("; "));
        self.listener.record(text.clone());
        text
    }
}

fn settings() -> ApplyOptions {
    ApplyOptions::default()
        .with_parallelism(3)
        .with_poll(PollInterval {
            initial: Duration::from_millis(500),
            max: Duration::from_secs(5),
        })
        .with_timeout(Duration::from_secs(120))
}

/// Keeps the events of a run with their times.
#[derive(Default)]
struct Listener(std::sync::Mutex<Vec<(Instant, String)>>);

impl Listener {
    fn record(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push((Instant::now(), text.into()));
    }

    fn take(&self) -> Vec<(Instant, String)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Reporter for Listener {
    fn report(&self, event: &Event) {
        let line = match event {
            Event::TaskFailed {
                address,
                error: problem,
                ..
            } => format!("failed: {address}: {problem}"),
            other => format!("{other:?}"),
        };
        self.record(line);
    }
}

/// Returns the options of a run that does all that is desired.
pub(super) fn everything(mode: Mode) -> PlannerOptions {
    PlannerOptions::default().with_mode(mode)
}
