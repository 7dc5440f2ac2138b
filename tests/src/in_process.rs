//! The libraries at work in the process of a test: manifests are planned and applied against
//! a simulated cloud over HTTP, without the programs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use eci_api::{CallError, Client, ClientConfig, Credentials, Endpoints};
use eci_config::{Configuration, Variables};
use eci_executor::{
    AdditionalReads, ApplyOptions, ApplyOutcome, Effects, NullReporter, PollInterval, RunContext,
    StopHandle,
};
use eci_planner::{Mode, Observations, Plan, PlannerOptions};
use eci_provider::{ResourceProvider, RetryConfig, Throttle};
use eci_state::{MemoryStore, Snapshot, Store as _};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{Cloud, REGION};

/// A cloud, a state in memory, and the libraries between them.
#[derive(Debug)]
pub struct Lab {
    /// The cloud.
    pub cloud: Cloud,
    runtime: Runtime,
    provider: ResourceProvider<Client>,
    store: MemoryStore,
    settings: ApplyOptions,
    effects: Effects,
}

impl Lab {
    /// Creates an empty cloud and a new state.
    ///
    /// # Panics
    ///
    /// If they cannot be created.
    pub fn new() -> Lab {
        let cloud = Cloud::in_memory();
        let config = ClientConfig {
            endpoints: Endpoints::all_at(cloud.endpoint()),
            ..ClientConfig::new(Credentials::new("sandbox", "sandbox"), REGION)
        };
        // Nothing fails by chance here: what is refused is refused for good.
        let retry = RetryConfig {
            max_attempts: 1,
            ..RetryConfig::default()
        };
        let unique = AtomicU64::new(0);
        Lab {
            cloud,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
            provider: ResourceProvider::new(
                Client::new(config).unwrap(),
                Throttle::new(None, retry, 0),
            ),
            store: MemoryStore::new(Snapshot::new_random().unwrap()),
            settings: ApplyOptions::default()
                .with_poll(PollInterval {
                    initial: Duration::from_millis(1),
                    max: Duration::from_millis(20),
                })
                .with_timeout(Duration::from_secs(5)),
            effects: Effects {
                clock: Arc::new(|| "2026-01-01T00:00:00Z".parse().unwrap_or_default()),
                ids: Arc::new(move || unique.fetch_add(1, Ordering::Relaxed).to_string()),
            },
        }
    }

    /// Returns the plan for a manifest.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and with the plan.
    ///
    /// # Panics
    ///
    /// If the cloud does not answer.
    pub fn plan(&self, manifest: &str, mode: Mode) -> Result<Plan, String> {
        let configuration = configuration(manifest)?;
        let observed = self.observe(&configuration).unwrap();
        self.plan_with(&configuration, &observed, mode)
    }

    /// Observes the resources of a configuration and of the state.
    ///
    /// # Errors
    ///
    /// If a call fails.
    pub fn observe(&self, configuration: &Configuration) -> Result<Observations, CallError> {
        let reads = AdditionalReads::by(configuration);
        let observing = eci_executor::observe(self.store.snapshot(), &reads, &self.provider);
        self.runtime.block_on(observing)
    }

    /// Returns the plan after a reading of the cloud.
    ///
    /// # Errors
    ///
    /// If it is invalid.
    pub fn plan_with(
        &self,
        configuration: &Configuration,
        observed: &Observations,
        mode: Mode,
    ) -> Result<Plan, String> {
        let options = PlannerOptions::default().with_mode(mode);
        eci_planner::plan(configuration, self.store.snapshot(), observed, &options)
            .map_err(|problems| format!("{problems:#?}"))
    }

    /// Applies a plan and compacts the state.
    ///
    /// # Errors
    ///
    /// If an action fails.
    ///
    /// # Panics
    ///
    /// If the state cannot be written.
    pub fn apply(&mut self, plan: Plan) -> Result<(), String> {
        let context = RunContext {
            provider: &self.provider,
            store: &mut self.store,
            effects: &self.effects,
            reporter: &NullReporter,
        };
        let stop = StopHandle::new();
        let applied = eci_executor::apply(plan, context, &self.settings, &stop);
        let outcome = self.runtime.block_on(applied).into_result().unwrap();
        self.store.compact().unwrap();
        if outcome.is_complete() {
            Ok(())
        } else {
            Err(describe_failures(&outcome))
        }
    }

    /// Returns the state.
    pub fn state(&self) -> &Snapshot {
        self.store.snapshot()
    }

    /// Returns how often a group of each name was created.
    pub fn created(&self) -> BTreeMap<String, usize> {
        let mut created = BTreeMap::new();
        for name in self.cloud.created() {
            *created.entry(name).or_default() += 1;
        }
        created
    }
}

impl Default for Lab {
    fn default() -> Lab {
        Lab::new()
    }
}

/// Returns one manifest, read.
///
/// # Errors
///
/// If it is invalid.
///
/// # Panics
///
/// If the state directory cannot be created.
pub fn configuration(manifest: &str) -> Result<Configuration, String> {
    let directory = TempDir::with_prefix("eci-lab-").unwrap();
    std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
    eci_config::load(directory.path(), &Variables::default())
        .map_err(|problems| format!("{problems:#?}"))
}

fn describe_failures(outcome: &ApplyOutcome) -> String {
    let failed = outcome.failed.iter().map(|failure| {
        format!(
            "{} {:?}: {}\n",
            failure.address, failure.action, failure.problem
        )
    });
    let skipped = outcome
        .skipped
        .iter()
        .map(|it| format!("{} skipped because of {}\n", it.address, it.cause));
    failed.chain(skipped).collect()
}
