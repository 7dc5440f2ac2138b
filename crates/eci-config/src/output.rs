//! `[output.NAME]`.

use std::sync::Arc;

use eci_core::diagnostic::Place;
use eci_core::tables::OUTPUT;
use eci_core::{Address, Diagnostic, Diagnostics, Value, codes};

use crate::environment::Environment;
use crate::expression::{Context, Roots, evaluate_node, references_of};
use crate::manifest::{Block, TableReader};
use crate::scope::{NothingKnown, Scope};

/// `[output.NAME]`: a value for people and programs outside.
pub struct Output {
    /// Its name.
    pub name: String,
    /// The header of its table.
    pub place: Place,
    /// Whether it is never shown.
    pub sensitive: bool,
    /// What it is about.
    pub description: Option<String>,
    /// The resources it is computed from; sorted, each once.
    pub references: Vec<Address>,
    block: Block,
    environment: Arc<Environment>,
}

impl Output {
    /// Its value, as far as the scope knows what it is computed from; sensitive if the output
    /// is.
    ///
    /// # Errors
    ///
    /// What cannot be computed, with its place; also a sensitive value in an output that is not
    /// marked sensitive.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, Diagnostics> {
        let Some(node) = self.block.node.get("value") else {
            return Ok(Value::Null);
        };
        let context = context(&self.environment, scope);
        let mut diagnostics = Diagnostics::default();
        let value = evaluate_node(&context, node, &mut diagnostics);
        if value.has_sensitive() && !self.sensitive {
            let message = format!("the value of the output `{}` is sensitive", self.name);
            diagnostics.push(
                Diagnostic::new(codes::SENSITIVE_OUTPUT, message)
                    .at(self.block.at(&node.range), "")
                    .help("write sensitive = true, or nonsensitive(…) where it is no secret"),
            );
        }
        match diagnostics.has_errors() {
            true => Err(diagnostics),
            false if self.sensitive => Ok(value.into_sensitive()),
            false => Ok(value),
        }
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("name", &self.name)
            .field("place", &self.place)
            .field("sensitive", &self.sensitive)
            .field("references", &self.references)
            .finish_non_exhaustive()
    }
}

fn context<'a>(environment: &'a Environment, scope: &'a dyn Scope) -> Context<'a> {
    Context {
        environment,
        scope,
        each: None,
        roots: Roots::All,
    }
}

/// Reads all outputs.
pub(crate) fn read_outputs(
    environment: &Arc<Environment>,
    blocks: Vec<Block>,
    diagnostics: &mut Diagnostics,
) -> Vec<Output> {
    blocks
        .into_iter()
        .map(|block| read(environment, block, diagnostics))
        .collect()
}

fn read(environment: &Arc<Environment>, block: Block, diagnostics: &mut Diagnostics) -> Output {
    let plain = Context {
        roots: Roots::NoResources("this part of an output"),
        ..context(environment, &NothingKnown)
    };
    let mut reader = TableReader::new(plain, &block.source, &block.node, &OUTPUT, diagnostics);
    let sensitive = reader.truth("sensitive").unwrap_or(false);
    let description = reader.text("description");
    let mut found = Vec::new();
    match block.node.get("value") {
        Some(node) => node.templates(&mut |template| {
            let context = context(environment, &NothingKnown);
            references_of(template, &context, &mut found, diagnostics);
        }),
        None => diagnostics.push(
            Diagnostic::new(codes::MISSING_KEY, "this output needs `value`")
                .at(block.place(), "")
                .help("write value = '${…}'"),
        ),
    }
    Output {
        name: block.name.to_string(),
        place: block.place(),
        sensitive,
        description,
        references: environment.resources_behind(found).into_iter().collect(),
        block,
        environment: environment.clone(),
    }
}
