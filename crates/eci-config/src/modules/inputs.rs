//! The inputs of a module call, compared with the variables of the module.

use std::collections::HashSet;
use std::sync::Arc;

use eci_core::suggest::{already_set, nearest};
use eci_core::{Diagnostic, Diagnostics, codes};
use eci_text::{List, text};

use crate::parse::{Block, Node};

/// The maximum number of declarations that are shown with a call that lacks their values.
const MOST_SHOWN: usize = 20;

/// Reports inputs that the module has no variables for, and variables that need one.
pub(super) fn missing_and_unknown(
    call: &Block,
    module: &str,
    variables: &[Arc<Block>],
    diagnostics: &mut Diagnostics,
) {
    let name = &call.name;
    let inputs = call.node.get("inputs");
    let given = inputs.and_then(Node::entries).unwrap_or_default();
    let declared: HashSet<&str> = variables.iter().map(|it| &*it.name).collect();
    for entry in given {
        if declared.contains(&*entry.key) {
            continue;
        }
        let known = variables.iter().map(|variable| &*variable.name);
        let message = text!(
            en: "unknown input `{key}` of module.{name}",
            zh: "module.{name} 没有输入 `{key}`",
            key = entry.key,
            name = name,
        );
        let error = Diagnostic::new(codes::UNKNOWN_INPUT, message).at(call.at(&entry.key_range));
        let near = nearest(&entry.key, known);
        if let Some(near) = near.filter(|near| inputs.is_some_and(|it| it.get(near).is_some())) {
            diagnostics.push(error.help(already_set(near)));
            continue;
        }
        diagnostics.push(error.near(&entry.key, near, || {
            text!(
             en: "declare `[variable.{key}]` in `{module}`",
             zh: "在 `{module}` 中声明 `[variable.{key}]`",
             key = entry.key,
             module = module,
            )
        }));
    }
    let missing: Vec<&Arc<Block>> = variables
        .iter()
        .filter(|it| it.node.get("default").is_none())
        .filter(|it| inputs.is_none_or(|inputs| inputs.get(&it.name).is_none()))
        .collect();
    let named = missing.iter().map(|it| format!("`{}`", it.name));
    let named = List::and(named.take(MOST_SHOWN));
    let message = match missing.len() {
        0 => return,
        1 => text!(
            en: "missing required input {named} of module.{name}",
            zh: "module.{name} 缺少必填输入 {named}",
            named = named,
            name = name,
        ),
        count if count > MOST_SHOWN => text!(
            en: "missing {count} required inputs of module.{name}, including {named}",
            zh: "module.{name} 缺少 {count} 个必填输入，包括 {named}",
            count = count,
            named = named,
            name = name,
        ),
        _ => text!(
            en: "missing required inputs {named} of module.{name}",
            zh: "module.{name} 缺少必填输入 {named}",
            named = named,
            name = name,
        ),
    };
    let example = missing.iter().take(MOST_SHOWN);
    let example: Vec<String> = example.map(|it| format!("{} = …", it.name)).collect();
    let mut error = Diagnostic::new(codes::MISSING_INPUT, message)
        .at(call.place())
        .help(text!(
            en: "add `inputs = {{ {example} }}`",
            zh: "添加 `inputs = {{ {example} }}`",
            example = example.join(", "),
        ));
    for variable in missing.into_iter().take(MOST_SHOWN) {
        error = error.secondary(
            variable.place(),
            text!(en: "declared without a default here", zh: "在此处声明，没有默认值"),
        );
    }
    diagnostics.push(error);
}
