//! What a `[module.NAME]` table says.

use std::collections::HashMap;
use std::sync::Arc;

use eci_core::diagnostic::Span;
use eci_core::suggest::nearest;
use eci_core::tables::MODULE;
use eci_core::{Code, Diagnostic, Diagnostics, Value, codes};
use eci_lang::Budget;

use super::definition::Definition;
use crate::environment::missing_and_unknown;
use crate::lints::secrets::input_written_out;
use crate::parse::{Block, Data, Node};

/// The work of a call for each variable of its module.
const WORK_FOR_VARIABLE: usize = 4;

/// The directory that a call names, as it is written; `None` if it names none, which is then
/// reported.
pub(super) fn source(block: &Block, diagnostics: &mut Diagnostics) -> Option<(String, Span)> {
    let Some(node) = block.node.get("source") else {
        diagnostics.push(
            Diagnostic::new(
                codes::MISSING_KEY,
                format!("missing required key `source` in module.{}", block.name),
            )
            .primary(block.place(), "")
            .help("write source = \"…\", the directory of the module's manifests"),
        );
        return None;
    };
    let place = block.at(&node.range);
    let error = |code: &'static Code, message: String, help: &str| {
        Diagnostic::new(code, message)
            .primary(place.clone(), "")
            .help(help)
    };
    let written = "write it out: modules are read before anything is computed";
    diagnostics.push(match (&node.data, node.literal_text()) {
        (_, Some(text)) if is_remote(text) => error(
            codes::MODULE_SOURCE,
            format!("{text:?} is no directory of this machine"),
            "fetch the module first, such as with a git submodule, and name its directory here",
        ),
        (_, Some(text)) => return Some((text.to_owned(), place)),
        // A template that could not be read was reported.
        (Data::Literal(Value::Unknown), _) => return None,
        (Data::Template(_), _) => error(
            codes::MODULE_SOURCE,
            "`source` cannot be computed".to_owned(),
            written,
        ),
        _ => error(
            codes::TYPE_MISMATCH,
            format!("expected a directory, found {}", node.type_name()),
            written,
        ),
    });
    None
}

/// Whether a source names something to fetch, as in other tools.
fn is_remote(source: &str) -> bool {
    let host = source.split('/').next().unwrap_or_default();
    source.contains("://")
        || source.contains("::")
        || source.starts_with("git@")
        || ["github.com", "gitlab.com", "bitbucket.org", "gitee.com"].contains(&host)
}

/// Reports keys that a call does not have, and inputs that the module does not fit.
pub(super) fn check(
    block: &Block,
    called: &Definition,
    budget: &Budget,
    diagnostics: &mut Diagnostics,
) {
    let variables = &called.declarations.variables;
    // All of them are looked for in each call.
    let work = WORK_FOR_VARIABLE * variables.len();
    if !budget.charge(work, || block.place()) {
        return;
    }
    let by_name: HashMap<&str, &Arc<Block>> = variables.iter().map(|it| (&*it.name, it)).collect();
    for entry in block.node.entries().unwrap_or_default() {
        if MODULE.knows(&entry.key) {
            continue;
        }
        let key = &entry.key;
        let known = || MODULE.fields.iter().map(|field| field.name);
        let message = format!("unsupported key `{key}` in a module table");
        let error = Diagnostic::new(codes::UNKNOWN_KEY, message);
        let error = error.primary(block.at(&entry.key_range), "");
        diagnostics.push(match &**key {
            "count" => error.help("use `for_each`, with a key for each instance"),
            "version" => error.help("remove it: a directory has no versions"),
            "providers" => error.help("remove it: a module uses the provider of the configuration"),
            _ if by_name.contains_key(&**key) => {
                error.help(format!("it is an input: write inputs = {{ {key} = … }}"))
            }
            _ => error.near(key, nearest(key, known()), || {
                format!("its keys are {}", known().collect::<Vec<_>>().join(", "))
            }),
        });
    }
    let inputs = block.node.get("inputs");
    if let Some(inputs) = inputs.filter(|inputs| inputs.entries().is_none()) {
        wrong_inputs(block, inputs, diagnostics);
        return;
    }
    for input in inputs.and_then(Node::entries).unwrap_or_default() {
        if let Some(variable) = by_name.get(&*input.key) {
            input_written_out(block, input, variable, diagnostics);
        }
    }
    missing_and_unknown(block, &called.directory, variables, diagnostics);
}

fn wrong_inputs(block: &Block, inputs: &Node, diagnostics: &mut Diagnostics) {
    if let Data::Literal(Value::Unknown) = inputs.data {
        return;
    }
    let message = format!("expected a table of inputs, found {}", inputs.type_name());
    diagnostics.push(
        Diagnostic::new(codes::TYPE_MISMATCH, message)
            .primary(block.at(&inputs.range), "")
            .help("write [module.NAME.inputs] and each input below it by its name"),
    );
}
