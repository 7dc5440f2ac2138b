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

use crate::arguments::CiCommand;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;

/// Runs a command in a pipeline.
pub(crate) async fn ci(context: &Context, ci: &CiCommand) -> Result<ExitStatus, CommandError> {
    match ci {
        CiCommand::Plan(args) => plan::plan(context, args).await,
        CiCommand::Apply(args) => apply::apply(context, args).await,
        CiCommand::Drift(args) => drift::drift(context, args).await,
    }
}
