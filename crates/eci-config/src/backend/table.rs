//! Tables with the settings of a backend, or keys.

use std::ops::Range;
use std::sync::Arc;

use eci_core::diagnostic::{Source, Span};
use eci_lang::Roots;
use eci_text::Text;

use crate::environment::Environment;
use crate::evaluation::Context;
use crate::parse::{Block, Node};

pub(super) static BACKEND_TABLE: Text = Text::fixed("the backend configuration", "后端配置");

/// Returns the context of the settings of a state: where it is must be known before its resources are,
/// so that they may depend on variables, locals, the workspace and the environment.
pub(super) fn settings_context(environment: &Environment) -> Context<'_> {
    Context {
        roots: Roots::NoResources(&BACKEND_TABLE),
        reads_environment: true,
        ..Context::plain(environment)
    }
}

/// A table with the settings of a backend, or keys.
#[derive(Clone, Copy)]
pub(super) struct BackendTable<'a> {
    pub(super) name: &'a str,
    pub(super) source: &'a Arc<Source>,
    pub(super) node: &'a Node,
    /// The header around it: an excerpt of it shows no value.
    pub(super) header: &'a Range<usize>,
}

impl<'a> BackendTable<'a> {
    pub(super) fn of(block: &'a Block) -> BackendTable<'a> {
        BackendTable {
            name: &block.name,
            source: &block.source,
            node: &block.node,
            header: &block.node.range,
        }
    }

    pub(super) fn place(&self) -> Span {
        Span::new(self.source, self.header.clone())
    }
}
