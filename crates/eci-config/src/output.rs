//! `[output.NAME]`.

use std::sync::Arc;

use eci_core::diagnostic::Span;
use eci_core::tables::OUTPUT;
use eci_core::{Address, Diagnostic, Diagnostics, Value, codes};
use eci_lang::{Reference, Roots, references_of};
use eci_text::{Text, text};

use crate::environment::Modules;
use crate::evaluation::{Context, TableReader, evaluate_node};
use crate::parse::Block;
use crate::scope::{EmptyScope, Scope};

/// `[output.NAME]`: an output value.
pub struct Output {
    /// Its name.
    pub name: String,
    /// The header of its table.
    pub place: Span,
    /// Whether it is never shown.
    pub sensitive: bool,
    /// The description, for people.
    pub description: Option<String>,
    /// The resources it is computed from; sorted, each once.
    pub references: Vec<Address>,
    block: Arc<Block>,
    modules: Arc<Modules>,
}

impl Output {
    /// Computes the value, as far as the scope knows what it depends on; sensitive if the output
    /// is.
    ///
    /// # Errors
    ///
    /// Values that cannot be computed, with places; a sensitive value in an output that is not
    /// marked sensitive.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, Diagnostics> {
        let Some(node) = self.block.node.get("value") else {
            return Ok(Value::Null);
        };
        let context = context(&self.modules, scope);
        let mut diagnostics = Diagnostics::default();
        let value = evaluate_node(&context, node, &mut diagnostics);
        if value.has_sensitive() && !self.sensitive {
            let message = text!(
                en: "output `{name}` has a sensitive value, but is not marked as sensitive",
                zh: "输出 `{name}` 的值是敏感值，但未标记为敏感",
                name = self.name,
            );
            diagnostics.push(
                Diagnostic::new(codes::SENSITIVE_OUTPUT, message)
                    .at(self.block.at(&node.range))
                    .help(text!(
                        en: "set `sensitive = true`, or use `nonsensitive(…)` if the value is not a secret",
                        zh: "设置 `sensitive = true`；如果该值不是机密信息，使用 `nonsensitive(…)`",
                    )),
            );
        }
        self.modules.budget().report(&mut diagnostics);
        if diagnostics.has_errors() {
            Err(diagnostics)
        } else if self.sensitive {
            Ok(value.into_sensitive())
        } else {
            Ok(value)
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

fn context<'a>(modules: &'a Modules, scope: &'a dyn Scope) -> Context<'a> {
    Context {
        scope,
        modules: Some(modules),
        ..Context::plain(modules.root())
    }
}

/// Reads the outputs of the configuration.
pub(crate) fn read_outputs(
    modules: &Arc<Modules>,
    blocks: &[Arc<Block>],
    diagnostics: &mut Diagnostics,
) -> Vec<Output> {
    let read = |block: &Arc<Block>| {
        let context = context(modules, &EmptyScope);
        let declared = declare_output(&context, block, diagnostics);
        let references = modules.resources_behind(0, declared.references);
        Output {
            name: block.name.to_string(),
            place: block.place(),
            sensitive: declared.sensitive,
            description: declared.description,
            references: references.into_iter().collect(),
            block: block.clone(),
            modules: modules.clone(),
        }
    };
    blocks.iter().map(read).collect()
}

static OUTPUT_SETTINGS: Text = Text::fixed("settings of an output", "输出的设置");

/// The keys of an output other than its value.
pub(crate) struct DeclaredOutput {
    pub(crate) sensitive: bool,
    pub(crate) references: Vec<Reference>,
    description: Option<String>,
}

/// Reads an output of a module.
pub(crate) fn declare_output(
    context: &Context<'_>,
    block: &Block,
    diagnostics: &mut Diagnostics,
) -> DeclaredOutput {
    let plain = Context {
        roots: Roots::NoResources(&OUTPUT_SETTINGS),
        ..*context
    };
    let mut reader =
        TableReader::open(plain, &block.source, &block.node, diagnostics).checked(&OUTPUT);
    let sensitive = reader.truth("sensitive").unwrap_or(false);
    let description = reader.text("description");
    let mut references = Vec::new();
    match block.node.get("value") {
        Some(node) => node.templates(&mut |template| {
            references_of(template, context, &mut references, diagnostics);
        }),
        None => diagnostics.push(
            Diagnostic::new(
                codes::MISSING_KEY,
                text!(
                    en: "missing required key `value` in output.{name}",
                    zh: "output.{name} 缺少必填键 `value`",
                    name = block.name,
                ),
            )
            .at(block.place())
            .help(text!(en: "add `value = '${…}'`", zh: "添加 `value = '${…}'`")),
        ),
    }
    DeclaredOutput {
        sensitive,
        references,
        description,
    }
}
