//! `eci graph`

use crate::answer::{answer, document};
use crate::arguments::{self, GraphFormat};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::graph::Graph;

/// Shows which resource needs which.
pub(crate) fn graph(context: &Context, asked: &arguments::Graph) -> Result<Exit, Failure> {
    let configuration = context.load(&asked.variables)?;
    context.warn(&configuration);
    let graph = Graph::of(&configuration);
    match asked.format {
        GraphFormat::Dot => answer(&graph.dot())?,
        GraphFormat::Mermaid => answer(&graph.mermaid())?,
        GraphFormat::Json => document(&graph.json())?,
    }
    Ok(Exit::Done)
}
