//! One run from manifests to outcome, as the command performs it.
//!
//! * [`Loader`]: loads the configuration of a directory of manifests;
//! * [`Provider`]: the connection to the cloud of a configuration;
//! * [`Engine`]: opens runs on a state with options and a reporter, finds and deletes orphaned
//!   resources, and recovers what a rebuilt state does not record;
//! * [`Run`]: holds the lock of the state, plans, applies and imports;
//! * [`rebuild_state`]: locks a state and rebuilds it first if it is damaged;
//! * [`Preview`]: plans without locking or writing the state;
//! * [`Notice`], [`Event`]: what a run reports as a whole, and of single resources;
//! * `Sandbox` (feature `sandbox`): the simulated cloud in this process.
//!
//! A resource that fails does not fail the run: it is part of the [`ApplyOutcome`]. A run is stopped by
//! a [`StopHandle`]: the first [`StopHandle::request_stop`] completes what is in progress, the second one
//! leaves it to the next run. Approval is between [`Run::plan`] and [`Run::apply`], and is up to the
//! caller.
//!
#![cfg_attr(feature = "sandbox", doc = "```")]
#![cfg_attr(not(feature = "sandbox"), doc = "```ignore")]
//! use eci_engine::{Engine, Loader, PlanOptions, Sandbox, StopHandle};
//!
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # runtime.block_on(async {
//! let directory = tempfile::tempdir()?;
//! std::fs::write(
//!     directory.path().join("web.eci.toml"),
//!     r#"
//!     [volume.conf]
//!     type = "ConfigFileVolume"
//!     files = [{ path = "a.conf", content = "a" }]
//!
//!     [container_group.web]
//!     vpc_id = "vpc-ctt6yag121"
//!     vswitch_id = "subnet-y9n723knrg"
//!     security_group_id = "sg-5bvqyvrmch"
//!     az_name = "cn-huadong1-jsnj1A-public-ctcloud"
//!     containers = [{ name = "nginx", image = "nginx:1.27", cpu = 1, memory = 2 }]
//!     "#,
//! )?;
//! let configuration = Loader::new(directory.path()).load()?;
//!
//! let sandbox = Sandbox::in_process().await?;
//! let provider = sandbox.connect(&configuration.provider).await?;
//! let engine = Engine::builder(provider).build();
//! let mut run = engine.open(&directory.path().join("state"), &configuration).await?;
//! let plan = run.plan(&PlanOptions::default()).await?;
//! let outcome = run.apply(plan, &StopHandle::default()).await?;
//! assert!(outcome.is_complete(), "{outcome}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backend;
mod belonging;
mod connect;
mod credentials;
mod endpoint;
mod engine;
mod error;
mod import;
mod import_error;
#[cfg(feature = "sandbox")]
mod in_process;
mod loader;
mod notice;
mod options;
mod orphans;
mod paths;
mod pending;
mod planning;
mod postgres_url;
mod preview;
mod provider;
mod rebuild;
mod rebuild_error;
mod refresh;
mod region;
mod run;
#[cfg(feature = "sandbox")]
mod sandbox;
mod state;

pub use backend::{
    BackendError, connect_other_state, connect_state, directory_state, state_without_keys,
};
pub use connect::ConnectOptions;
pub use credentials::CredentialsError;
pub use credentials::REGION_VARIABLE;
pub use endpoint::{ServiceEndpoint, ServiceEndpointError};
pub use engine::{Engine, EngineBuilder};
pub use error::{CloudMismatch, ConnectError, EngineError};
pub use import::{Adoption, ImportOutcome, ReplacedEip, check_distinct};
pub use import_error::ImportError;
#[cfg(feature = "sandbox")]
pub use in_process::Sandbox;
pub use loader::Loader;
pub use notice::{Notice, NoticeListener};
pub use options::{EngineOptions, PlanOptions};
pub use orphans::{OrphanDeletion, UndeletedOrphan};
pub use paths::strip_current_dir;
pub use pending::{PendingOperation, check_no_pending};
pub use preview::Preview;
pub use provider::{Adapter, Provider, effects};
pub use rebuild::{DamageReport, RebuiltState, ReleasedResource, UnrecordedObjects, rebuild_state};
pub use rebuild_error::RebuildError;
pub use refresh::{PlanInputs, RefreshOptions, RefreshResult};
pub use run::Run;
#[cfg(feature = "sandbox")]
pub use sandbox::{SANDBOX_KEY, SANDBOX_POLL, SandboxOptions, has_simulated_cloud};
pub use state::open_state;

pub use eci_backend::{
    Backend, EncryptedDirectory, KnownHeads, KnownPlace, KnownPlaces, LockRequest, LockWait,
    Migration, MigrationError, OpenOptions, OpenState, Places, Salvage, StoredPlan, WorkspaceSet,
    migrate,
};
pub use eci_executor::{
    ApplyOptions, ApplyOutcome, Event, Failure, NullReporter, PollInterval, Reporter, StopHandle,
    StopMode,
};
pub use eci_planner::{Mode, Plan, SavedPlan};
pub use eci_state::Provenance;
