//! The literals from which a secret is computed: in locals, and in the inputs of the modules
//! around it.

use eci_core::Value;
use eci_lang::{mentions, mentions_as_sensitive};

use super::hidden::hide;
use crate::environment::{Environment, Modules};
use crate::parse::{Block, Data, Node};

/// The maximum depth of locals and inputs that refer to others; nothing deeper is hidden.
const DEEPEST: usize = 10;

/// Keeps literals from being shown from which a secret is computed.
pub(super) struct Origins<'a> {
    modules: &'a Modules,
    depth: usize,
}

impl<'a> Origins<'a> {
    pub(super) fn new(modules: &'a Modules) -> Origins<'a> {
        Origins { modules, depth: 0 }
    }

    /// Hides what is behind everything that a secret node names.
    pub(super) fn hide(&mut self, node: &Node, environment: &Environment) {
        let mut names = Vec::new();
        node.templates(&mut |template| mentions(template, &mut names));
        self.hide_named(&names, environment);
    }

    /// Hides what is behind the arguments of `sensitive` in a node.
    pub(super) fn hide_sensitive(&mut self, node: &Node, environment: &Environment) {
        let mut names = Vec::new();
        node.templates(&mut |template| mentions_as_sensitive(template, &mut names));
        self.hide_named(&names, environment);
    }

    fn hide_named(&mut self, names: &[String], environment: &Environment) {
        if self.depth == DEEPEST {
            return;
        }
        self.depth += 1;
        for name in names {
            match name.split_once('.') {
                Some(("local", name)) => {
                    if let Some(block) = environment.locals.block(name) {
                        self.hide_origin(&block.node, block, environment);
                    }
                }
                Some(("var", name)) => {
                    let called = environment.called.as_ref();
                    if let (Some(called), Some(node)) = (called, environment.input_node(name)) {
                        self.hide_origin(node, &called.block, self.modules.get(called.by));
                    }
                }
                _ => {}
            }
        }
        self.depth -= 1;
    }

    fn hide_origin(&mut self, node: &Node, block: &Block, environment: &Environment) {
        hide_literals(node, block);
        self.hide(node, environment);
    }
}

/// Hides texts and numbers; their quotes stay, so that the line still looks like one.
fn hide_literals(node: &Node, block: &Block) {
    match &node.data {
        Data::Literal(Value::String(_)) => hide(block, node),
        Data::Literal(Value::Number(_)) => block.source.hide(node.range.clone()),
        Data::Literal(_) | Data::Template(_) => {}
        Data::List(items) => items.iter().for_each(|item| hide_literals(item, block)),
        Data::Table(entries) => {
            for entry in entries {
                hide_literals(&entry.node, block);
            }
        }
    }
}
