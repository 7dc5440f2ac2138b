//! Runs a plan: order, concurrency, journal, readiness.
//!
//! * [`observe()`]: reads the actual state, for the planner;
//! * [`recover()`]: resolves what an earlier run left open;
//! * [`apply()`]: runs a plan and records its outcome;
//! * [`orphans`]: finds resources that a state created and does not contain;
//! * [`restart()`]: restarts a group;
//! * [`cost`]: the monthly cost of a plan;
//! * [`event`]: the progress that a run reports;
//! * [`error`]: why work on a resource failed;
//! * [`options`]: the options of a run.
//!
//! ```no_run
//! use eci_executor::{
//!     AdditionalReads, ApplyOptions, Effects, NullReporter, RunContext, StopHandle, apply, observe,
//! };
//! use eci_state::Store as _;
//!
//! # async fn example(
//! #     configuration: &eci_config::Configuration,
//! #     provider: &eci_provider::ResourceProvider<eci_api::Client>,
//! #     store: &mut eci_state::LocalStore,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let reads = AdditionalReads::by(configuration);
//! let observed = observe(store.snapshot(), &reads, provider).await?;
//! let options = eci_planner::PlannerOptions::default();
//! let plan = eci_planner::plan(configuration, store.snapshot(), &observed, &options)?;
//! let context = RunContext {
//!     provider,
//!     store,
//!     effects: &Effects::default(),
//!     reporter: &NullReporter,
//! };
//! let outcome = apply(plan, context, &ApplyOptions::default(), &StopHandle::default()).await;
//! println!("{outcome}");
//! # Ok(())
//! # }
//! ```
//!
//! One loop owns the state. Work on resources runs concurrently and sends messages to it: a group
//! was created, a phase was reached, the work is over. Their content is appended to the journal in
//! the order of their arrival; every intent is on disk before its call.

mod ambiguous_create;
mod apply_error;
mod context;
pub mod cost;
mod create;
mod detach;
mod earlier_create;
mod effects;
pub mod error;
pub mod event;
mod failpoints;
mod observe;
mod open_order;
pub mod options;
mod order_request;
mod order_task;
pub mod orphans;
mod outcome;
mod recognize;
mod records;
mod recover;
mod recover_error;
mod refusal;
mod replacement_assumption;
mod restart;
mod run;
mod schedule;
mod stop;
mod tagged;
mod task;
mod update;
mod verify;

pub use ambiguous_create::AmbiguousCreate;
pub use apply_error::ApplyError;
pub use context::RunContext;
pub use cost::{Cost, CostQuery};
pub use effects::Effects;
pub use error::{ReadinessFailure, TaskError};
pub use event::{Event, NullReporter, RecoveryOutcome, Reporter};
pub use observe::{AdditionalReads, observe};
pub use options::{ApplyOptions, PollInterval};
pub use outcome::{ApplyOutcome, FailedOutput, Failure, SkippedResource};
pub use recover::recover;
pub use recover_error::RecoverError;
pub use restart::{Restart, restart};
pub use run::apply;
pub use stop::{StopHandle, StopMode};
