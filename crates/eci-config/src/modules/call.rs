//! Module calls: the `[module.NAME]` tables.

use std::collections::HashMap;
use std::sync::Arc;

use eci_core::diagnostic::Span;
use eci_core::suggest::INSTEAD_OF_COUNT;
use eci_core::tables::MODULE;
use eci_core::{Code, Diagnostic, Diagnostics, Value, codes};
use eci_lang::Budget;
use eci_text::{List, Text, text};

use super::inputs::missing_and_unknown;
use crate::parse::{Block, Data, Definition, Node, near_key};
use crate::secrets;

/// The work of a call for each variable of its module.
const WORK_FOR_VARIABLE: usize = 4;

/// Returns the directory that a call names, as it is written; `None` if it names none, which is
/// then reported.
pub(super) fn source(block: &Block, diagnostics: &mut Diagnostics) -> Option<(String, Span)> {
    let Some(node) = block.node.get("source") else {
        diagnostics.push(
            Diagnostic::new(
                codes::MISSING_KEY,
                text!(
                 en: "missing required key `source` in module.{name}",
                 zh: "module.{name} 缺少必填键 `source`",
                 name = block.name,
                ),
            )
            .at(block.place())
            .help(text!(
                en: "add `source`: the directory of the manifests of the module",
                zh: "`source` 是模块清单所在的目录",
            )),
        );
        return None;
    };
    let place = block.at(&node.range);
    let error = |code: &'static Code, message: Text, help: Text| {
        Diagnostic::new(code, message).at(place.clone()).help(help)
    };
    let written = text!(
        en: "write a literal path: modules are read before expressions are evaluated",
        zh: "写成字面量路径：模块在表达式计算之前读取",
    );
    diagnostics.push(match (&node.data, node.literal_text()) {
        (_, Some(text)) if is_remote(text) => error(
            codes::MODULE_SOURCE,
text!(
 en: "remote module source {source} is not supported",
 zh: "不支持远程模块来源 {source}",
 source = format!("{text:?}"),
),
text!(
 en: "fetch the module first, for example as a git submodule, and set `source` to its directory",
 zh: "先获取模块（例如使用 git submodule），再将 `source` 设置为其目录",
),
        ),
        (_, Some(text)) => return Some((text.to_owned(), place)),
        // A template that could not be read was reported.
        (Data::Literal(Value::Unknown), _) => return None,
        (Data::Template(_), _) => error(
            codes::MODULE_SOURCE,
text!(
 en: "`source` must be a literal string, found an expression",
 zh: "`source` 必须是字面量字符串，实际为表达式",
),
            written,
        ),
        _ => error(
            codes::TYPE_MISMATCH,
text!(
 en: "`source` must be a string, found {found}",
 zh: "`source` 必须是字符串，实际为{found}",
 found = node.type_name(),
),
            written,
        ),
    });
    None
}

/// Returns whether a source is to be downloaded, as in other tools.
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
        let message = text!(
            en: "unsupported key `{key}` in a `module` table",
            zh: "`module` 表不支持键 `{key}`",
            key = key,
        );
        let error = Diagnostic::new(codes::UNKNOWN_KEY, message);
        let error = error.at(block.at(&entry.key_range));
        diagnostics.push(match &**key {
            "count" => error.help(INSTEAD_OF_COUNT),
            "version" => error.help(text!(
             en: "remove it: local modules do not have versions",
             zh: "删除该键：本地模块没有版本",
            )),
            "providers" => error.help(text!(
             en: "remove it: modules use the provider of the root module",
             zh: "删除该键：模块使用根模块的 Provider",
            )),
            _ if by_name.contains_key(&**key) => error.help(text!(
                en: "pass it as an input: `inputs = {{ {key} = … }}`",
                zh: "作为输入传入：`inputs = {{ {key} = … }}`",
                key = key,
            )),
            _ => near_key(error, entry, &MODULE, || {
                text!(
                    en: "supported keys: {keys}",
                    zh: "支持的键：{keys}",
                    keys = List::and(known().map(|name| format!("`{name}`"))),
                )
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
            secrets::in_input(block, input, variable, diagnostics);
        }
    }
    missing_and_unknown(block, &called.directory, variables, diagnostics);
}

fn wrong_inputs(block: &Block, inputs: &Node, diagnostics: &mut Diagnostics) {
    if let Data::Literal(Value::Unknown) = inputs.data {
        return;
    }
    let message = text!(
        en: "`inputs` of module.{name} must be a table, found {found}",
        zh: "module.{name} 的 `inputs` 必须是表，实际为{found}",
        name = block.name,
        found = inputs.type_name(),
    );
    diagnostics.push(
        Diagnostic::new(codes::TYPE_MISMATCH, message)
            .at(block.at(&inputs.range))
            .help(text!(
                en: "declare `[module.{name}.inputs]` with one key for each input",
                zh: "声明 `[module.{name}.inputs]`，每个输入对应一个键",
                name = block.name,
            )),
    );
}
