//! Runs a plan: order, concurrency, journal, readiness.
//!
//! * [`observe()`]: asks the cloud what it has, for the planner;
//! * [`recover()`]: settles what an earlier run left open;
//! * [`apply()`]: runs a plan and records what came of it;
//! * [`orphans`]: finds what a state made and does not know;
//! * [`restart()`]: restarts a group;
//! * [`cost`]: what a plan would cost, by the month;
//! * [`event`]: what a run tells while it works;
//! * [`problem`]: why work on a resource failed;
//! * [`settings`]: how a run works, and what it takes from outside.
//!
//! One loop owns the state. Work on resources runs beside it and sends messages in: a group was
//! made, a phase was reached, the work is over. What they say is appended to the journal in the
//! order in which it comes in; every intent is on disk before its call is made.

mod assumed;
pub mod cost;
mod create;
mod detach;
pub mod event;
mod observe;
mod order;
pub mod orphans;
mod outcome;
pub mod problem;
mod recognize;
mod recover;
mod rehearsal;
mod restart;
mod run;
mod schedule;
pub mod settings;
mod tagged;
mod update;
mod work;

pub use cost::{Cost, Costing};
pub use event::{Event, Recovery, Reporter, Silent};
pub use observe::{Asked, observe};
pub use outcome::{FailedOutput, Failure, Outcome};
pub use problem::{NotReady, Problem};
pub use recover::{RecoverError, recover};
pub use restart::restart;
pub use run::{ApplyError, apply};
pub use settings::{Effects, Settings, Stop, Stopped, Urgency};
