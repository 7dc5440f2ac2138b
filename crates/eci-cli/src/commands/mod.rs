//! One module a command.

mod apply;
mod approve;
mod completions;
mod explain;
mod fmt;
mod force_unlock;
mod graph;
mod import;
mod orphans;
mod output;
mod plan;
mod planning;
mod running;
mod sandbox;
mod saved;
mod show;
mod state;
mod taint;
mod validate;

pub(crate) use apply::{What, apply};
pub(crate) use completions::completions;
pub(crate) use explain::explain;
pub(crate) use fmt::fmt;
pub(crate) use force_unlock::force_unlock;
pub(crate) use graph::graph;
pub(crate) use import::import;
pub(crate) use orphans::orphans;
pub(crate) use output::output;
pub(crate) use plan::plan;
pub(crate) use running::{events, exec, logs, restart, status};
pub(crate) use sandbox::sandbox;
pub(crate) use show::show;
pub(crate) use state::state;
pub(crate) use taint::taint;
pub(crate) use validate::validate;
