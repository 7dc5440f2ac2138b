//! `for_each`: one instance a key.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::{Diagnostic, Diagnostics, Value, codes};
use eci_lang::{ModuleId, Reference, references_of};
use eci_text::{List, Text, text};

use crate::environment::{EachSource, Modules};
use crate::evaluation::{Context, evaluate_node};
use crate::parse::Block;
use crate::scope::Scope;

pub(super) const KEY: &str = "for_each";

/// The keys of a table with `for_each`, as far as they are known.
#[derive(Debug)]
pub(crate) enum Keys {
    /// All keys are known.
    Known(Vec<EachSource>),
    /// No key is known yet; the error to report if none ever is.
    Unknown(Box<Diagnostic>),
    /// The keys are invalid, which was reported.
    Failed,
}

/// A table with `for_each` in its module, and the scope in which its keys are evaluated.
pub(crate) struct ForEach<'a> {
    pub(crate) modules: &'a Modules,
    pub(crate) module: ModuleId,
    pub(crate) block: &'a Block,
    pub(crate) scope: &'a dyn Scope,
}

/// Evaluates the keys of a table with `for_each`, as far as they follow from what is written.
pub(crate) fn keys(table: &ForEach<'_>, diagnostics: &mut Diagnostics) -> Keys {
    let ForEach {
        modules,
        module,
        block,
        scope,
    } = *table;
    let context = Context {
        scope,
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
            let sources = pairs.into_iter().map(|(key, value)| {
                if computed {
                    EachSource::Computed(key)
                } else {
                    EachSource::Known { key, value }
                }
            });
            Keys::Known(sources.collect())
        }
        Err(fault) => {
            let message = if fault.is_unknown {
                unknown_because(modules, module, fault.message, references)
            } else {
                fault.message
            };
            let error = Diagnostic::new(codes::FOR_EACH, message)
                .at(block.at(&node.range))
                .help(fault.help);
            if fault.is_unknown {
                return Keys::Unknown(Box::new(error));
            }
            diagnostics.push(error);
            Keys::Failed
        }
    }
}

/// Returns a message that names the resources on which the keys depend, if they are known.
fn unknown_because(
    modules: &Modules,
    module: ModuleId,
    message: Text,
    references: Vec<Reference>,
) -> Text {
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
    if sources.is_empty() {
        return message;
    }
    text!(
        en: "`for_each` keys depend on values known only after apply, from {sources}",
        zh: "`for_each` 的键依赖 {sources} 的值，应用后才可知",
        sources = List::and(sources.iter().take(3)),
    )
}

/// An error about the value of `for_each`, with the remedy.
struct ForEachError {
    message: Text,
    help: Text,
    is_unknown: bool,
}

impl ForEachError {
    fn new(message: Text, help: Text) -> ForEachError {
        ForEachError {
            message,
            help,
            is_unknown: false,
        }
    }
}

fn pairs(value: &Value) -> Result<Vec<(Arc<str>, Value)>, ForEachError> {
    let help = text!(
        en: "use a map, or a list of distinct strings",
        zh: "使用映射，或由互不相同的字符串组成的列表",
    );
    match value {
        Value::Map(entries) => Ok(entries
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()),
        Value::List(items) => {
            let mut keys = BTreeSet::new();
            let mut pairs = Vec::with_capacity(items.len());
            for item in items.iter() {
                let key = match item {
                    Value::String(text) => text.clone(),
                    Value::Unknown => return Err(unknown()),
                    Value::Sensitive(_) => return Err(sensitive()),
                    other => {
                        let message = text!(
                            en: "`for_each` key must be a string, found {found}",
                            zh: "`for_each` 的键必须是字符串，实际为{found}",
                            found = other.type_name(),
                        );
                        return Err(ForEachError::new(message, help));
                    }
                };
                if !keys.insert(key.clone()) {
                    return Err(ForEachError::new(
                        text!(
                         en: "duplicate `for_each` key {key}",
                         zh: "`for_each` 的键 {key} 重复",
                         key = format!("{key:?}"),
                        ),
                        text!(
                         en: "remove one of them, for example with `toset(…)`",
                         zh: "删除其中之一，例如使用 `toset(…)`",
                        ),
                    ));
                }
                pairs.push((key.clone(), Value::String(key)));
            }
            Ok(pairs)
        }
        Value::Unknown => Err(unknown()),
        Value::Sensitive(_) | Value::Digest(_) => Err(sensitive()),
        other => Err(ForEachError::new(
            text!(
             en: "`for_each` must be a map or a list of strings, found {found}",
             zh: "`for_each` 必须是映射或字符串列表，实际为{found}",
             found = other.type_name(),
            ),
            help,
        )),
    }
}

fn unknown() -> ForEachError {
    ForEachError {
        is_unknown: true,
        ..ForEachError::new(
            text!(
             en: "`for_each` keys depend on values known only after apply",
             zh: "`for_each` 的键依赖应用后才可知的值",
            ),
            text!(
             en: "compute the keys from variables, locals, and attributes that are set in manifests; read-only attributes can be used as values",
             zh: "用变量、局部值和清单中设置的属性计算键；只读属性可以用作值",
            ),
        )
    }
}

fn sensitive() -> ForEachError {
    ForEachError::new(
        text!(
         en: "`for_each` keys are sensitive, but addresses are displayed",
         zh: "`for_each` 的键是敏感值，但会显示在资源地址中",
        ),
        text!(
         en: "use `nonsensitive(…)` if the keys are not secrets",
         zh: "如果键不是机密信息，使用 `nonsensitive(…)`",
        ),
    )
}
