//! `eci graph`

use eci_render::graph::Graph;

use crate::arguments::{self, GraphFormat};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, print_stdout};

/// Shows the dependencies between resources.
pub(crate) fn graph(
    context: &Context,
    args: &arguments::GraphArgs,
) -> Result<ExitStatus, CommandError> {
    let configuration = context.load(&args.variables)?;
    context.warn(&configuration);
    let graph = Graph::of(&configuration);
    match args.format {
        GraphFormat::Dot => print_stdout(&graph.dot())?,
        GraphFormat::Mermaid => print_stdout(&graph.mermaid())?,
        GraphFormat::Json => document(&graph.json())?,
    }
    Ok(ExitStatus::Done)
}
