//! `for_each`: one instance a key.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::{Diagnostic, Diagnostics, Value, codes};
use eci_lang::{Each, ModuleId, Reference, references_of};

use crate::context::Context;
use crate::environment::EachSource;
use crate::evaluate::evaluate_node;
use crate::modules::Modules;
use crate::parse::Block;
use crate::scope::Scope;

impl EachSource {
    /// `each` as it is in a context of the module that has the table.
    pub(crate) fn value(&self, block: &Block, context: &Context<'_>) -> Each {
        let key = match self {
            EachSource::Known { key, value } => {
                return Each {
                    key: Value::String(key.clone()),
                    value: value.clone(),
                };
            }
            EachSource::Sample(_) => {
                return Each {
                    key: Value::Unknown,
                    value: Value::Unknown,
                };
            }
            EachSource::Computed(key) => key.clone(),
        };
        let context = Context {
            each: None,
            roots: context.roots.beyond(),
            ..*context
        };
        // What is wrong with it is reported once, for the table.
        let mut reported = Diagnostics::default();
        let value = match block.node.get(KEY) {
            Some(node) => match node.get(&key) {
                Some(entry) => evaluate_node(&context, entry, &mut reported),
                None => {
                    let all = evaluate_node(&context, node, &mut reported);
                    let entry = all.get(&key).cloned();
                    match (entry, all.as_list()) {
                        (Some(value), _) => value,
                        (None, Some(_)) => Value::String(key.clone()),
                        (None, None) => Value::Unknown,
                    }
                }
            },
            None => Value::Unknown,
        };
        Each {
            key: Value::String(key),
            value,
        }
    }
}

pub(super) const KEY: &str = "for_each";

/// What is known of the keys of a table with `for_each`.
#[derive(Debug)]
pub(crate) enum Keys {
    /// All of them.
    Known(Vec<EachSource>),
    /// Nothing, yet or for good; then this is what is wrong.
    Unknown(Box<Diagnostic>),
    /// They are wrong, which was reported.
    Failed,
}

/// The keys of a table with `for_each`, as far as they follow from what is written.
pub(crate) fn keys(
    modules: &Modules,
    (module, block): (ModuleId, &Block),
    written: &dyn Scope,
    diagnostics: &mut Diagnostics,
) -> Keys {
    let context = Context {
        scope: written,
        modules: Some(modules),
        ..Context::plain(modules.get(module))
    };
    let Some(node) = block.node.get(KEY) else {
        return Keys::Failed;
    };
    let mut own = Diagnostics::default();
    let mut references = Vec::new();
    node.templates(&mut |template| {
        references_of(template, &context, &mut references, &mut own);
    });
    let value = evaluate_node(&context, node, &mut own);
    let failed = own.has_errors();
    diagnostics.0.append(&mut own.0);
    if failed {
        return Keys::Failed;
    }
    match pairs(&value) {
        Ok(pairs) => {
            let computed = modules.is_computed(module, references);
            let sources = pairs.into_iter().map(|(key, value)| match computed {
                true => EachSource::Computed(key),
                false => EachSource::Known { key, value },
            });
            Keys::Known(sources.collect())
        }
        Err(fault) => {
            let message = match fault.is_unknown {
                true => unknown_because(modules, module, fault.message, references),
                false => fault.message,
            };
            let error = Diagnostic::new(codes::FOR_EACH, message)
                .primary(block.at(&node.range), "")
                .help(fault.help);
            if fault.is_unknown {
                return Keys::Unknown(Box::new(error));
            }
            diagnostics.push(error);
            Keys::Failed
        }
    }
}

/// Says of what the keys depend, as far as that can be told.
fn unknown_because(
    modules: &Modules,
    module: ModuleId,
    message: String,
    references: Vec<Reference>,
) -> String {
    let behind = modules.resources_behind(module, references.iter().cloned());
    let mut sources: BTreeSet<String> = behind.iter().map(|it| it.resource().to_string()).collect();
    if sources.is_empty() {
        // Those whose own keys are not known.
        sources.extend(references.iter().filter_map(|reference| match reference {
            Reference::Resource(kind, label, _) => Some(format!("{kind}.{label}")),
            Reference::Output { call, .. } => Some(format!("module.{call}")),
            Reference::Local(_) | Reference::Variable(_) => None,
        }));
    }
    let named: Vec<&str> = sources.iter().take(3).map(String::as_str).collect();
    match named.is_empty() {
        true => message,
        false => format!("{message}: they come from {}", named.join(", ")),
    }
}

/// Why a value gives no keys, and the way out.
struct ForEachError {
    message: String,
    help: &'static str,
    is_unknown: bool,
}

impl ForEachError {
    fn new(message: impl Into<String>, help: &'static str) -> ForEachError {
        ForEachError {
            message: message.into(),
            help,
            is_unknown: false,
        }
    }
}

fn pairs(value: &Value) -> Result<Vec<(Arc<str>, Value)>, ForEachError> {
    let what = "give a table, or a list of distinct strings";
    match value {
        Value::Map(entries) => Ok(entries
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()),
        Value::List(items) => {
            let mut seen = BTreeSet::new();
            let mut pairs = Vec::with_capacity(items.len());
            for item in items.iter() {
                let key = match item {
                    Value::String(text) => text.clone(),
                    Value::Unknown => return Err(unknown()),
                    Value::Sensitive(_) => return Err(sensitive()),
                    other => {
                        let found = other.type_name();
                        let message =
                            format!("a key of `for_each` must be a string, found {found}");
                        return Err(ForEachError::new(message, what));
                    }
                };
                if !seen.insert(key.clone()) {
                    return Err(ForEachError::new(
                        format!("`for_each` has the key {key:?} twice"),
                        "keep one of them, such as with toset(…)",
                    ));
                }
                pairs.push((key.clone(), Value::String(key)));
            }
            Ok(pairs)
        }
        Value::Unknown => Err(unknown()),
        Value::Sensitive(_) | Value::Digest(_) => Err(sensitive()),
        other => Err(ForEachError::new(
            format!(
                "`for_each` must be a table or a list of strings, found {}",
                other.type_name()
            ),
            what,
        )),
    }
}

fn unknown() -> ForEachError {
    ForEachError {
        is_unknown: true,
        ..ForEachError::new(
            "the keys of `for_each` are known only after apply",
            "compute the keys from variables, locals and what is written of resources; what only the \
             cloud can tell may be a value",
        )
    }
}

fn sensitive() -> ForEachError {
    ForEachError::new(
        "the keys of `for_each` are sensitive, but addresses are shown",
        "use nonsensitive(…) where they are no secret",
    )
}
