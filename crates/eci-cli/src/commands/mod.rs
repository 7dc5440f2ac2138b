//! One module a command.

mod apply;
mod approve;
mod completions;
mod graph;
mod import;
mod output;
mod plan;
mod planning;
mod running;
mod sandbox;
mod saved;
mod show;
mod state;
mod validate;

pub(crate) use apply::{What, apply};
pub(crate) use completions::completions;
pub(crate) use graph::graph;
pub(crate) use import::import;
pub(crate) use output::output;
pub(crate) use plan::plan;
pub(crate) use running::{events, exec, logs, restart, status};
pub(crate) use sandbox::sandbox;
pub(crate) use show::show;
pub(crate) use state::state;
pub(crate) use validate::validate;
