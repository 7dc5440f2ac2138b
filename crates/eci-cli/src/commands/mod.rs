//! One module a command.

mod apply;
mod approve;
mod completions;
mod output;
mod plan;
mod planning;
mod sandbox;
mod show;
mod state;
mod validate;

pub(crate) use apply::apply;
pub(crate) use completions::completions;
pub(crate) use output::output;
pub(crate) use plan::plan;
pub(crate) use sandbox::sandbox;
pub(crate) use show::show;
pub(crate) use state::state;
pub(crate) use validate::validate;
