//! Runs a plan: order, concurrency, journal, readiness.
//!
//! * [`observe()`]: asks the cloud what it has, for the planner;
//! * [`recover()`]: settles what an earlier run left open;
//! * [`apply()`]: runs a plan and records what came of it;
//! * [`orphans`]: finds what a state made and does not know;
//! * [`restart()`]: restarts a group;
//! * [`cost`]: what a plan would cost, by the month;
//! * [`event`]: what a run tells while it works;
//! * [`error`]: why work on a resource failed;
//! * [`settings`]: how a run works, and what it takes from outside.
//!
//! One loop owns the state. Work on resources runs beside it and sends messages in: a group was
//! made, a phase was reached, the work is over. What they say is appended to the journal in the
//! order in which it comes in; every intent is on disk before its call is made.

mod ambiguous_create;
mod apply_error;
mod assumed;
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
mod order_request;
mod order_task;
pub mod orphans;
mod outcome;
mod recognize;
mod records;
mod recover;
mod refusal;
mod restart;
mod run;
mod schedule;
pub mod settings;
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
pub use error::{NotReady, TaskError};
pub use event::{Event, NullReporter, RecoveryOutcome, Reporter};
pub use observe::{Asked, observe};
pub use outcome::{FailedOutput, Failure, Outcome, Skipped};
pub use recover::{RecoverError, recover};
pub use restart::{Restart, restart};
pub use run::apply;
pub use settings::{ApplyOptions, PollInterval};
pub use stop::{StopHandle, Urgency};
