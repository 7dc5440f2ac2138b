//! `eci graph`

use eci_render::graph::Graph;

use crate::arguments::{self, GraphFormat};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, print_stdout};

/// Shows which resource needs which.
pub(crate) fn graph(
    context: &Context,
    asked: &arguments::GraphArgs,
) -> Result<ExitStatus, CommandError> {
    let configuration = context.load(&asked.variables)?;
    context.warn(&configuration);
    let graph = Graph::of(&configuration);
    match asked.format {
        GraphFormat::Dot => print_stdout(&graph.dot())?,
        GraphFormat::Mermaid => print_stdout(&graph.mermaid())?,
        GraphFormat::Json => document(&graph.json())?,
    }
    Ok(ExitStatus::Done)
}
