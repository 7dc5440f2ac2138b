//! `eci ci`: plans and applies in pipelines of a code host.
//!
//! [`job`] collects what a pipeline knows, [`plan`], [`apply`] and [`drift`] are the commands. What they
//! run is what `eci plan` and `eci apply` run.

mod access;
mod apply;
mod artifacts;
mod directories;
mod drift;
mod git;
mod job;
mod modules;
mod order;
mod plan;
mod revisions;
mod same_state;
mod transport;

use crate::arguments::Ci;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;

/// Runs a command in a pipeline.
pub(crate) async fn ci(context: &Context, ci: &Ci) -> Result<ExitStatus, CommandError> {
    match ci {
        Ci::Plan(args) => plan::plan(context, args).await,
        Ci::Apply(args) => apply::apply(context, args).await,
        Ci::Drift(args) => drift::drift(context, args).await,
    }
}
