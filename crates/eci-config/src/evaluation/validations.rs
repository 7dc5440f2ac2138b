//! The rules that variables set for their values.

use eci_core::tables::VALIDATION;
use eci_core::{Diagnostic, Diagnostics, codes};
use eci_lang::Roots;
use eci_text::{Text, text};

use super::context::Context;
use super::table_reader::TableReader;
use super::variables::ValueProvenance;
use crate::environment::Environment;
use crate::parse::{Block, Data, Node};

impl Environment {
    /// Checks the value of a variable against its rules, which may refer to other variables
    /// too. `whence` is where the value comes from.
    pub(crate) fn validate(
        &self,
        block: &Block,
        context: Context<'_>,
        provenance: Option<&ValueProvenance>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(node) = block.node.get("validation") else {
            return;
        };
        let rules = match &node.data {
            Data::List(rules) => rules.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let context = Context {
            each: None,
            roots: Roots::Variables(&RULE),
            ..context
        };
        for rule in rules {
            check_rule(Rule { block, node: rule }, context, provenance, diagnostics);
        }
    }
}

static RULE: Text = Text::fixed("a validation rule", "校验规则");

/// One rule of `validation`, and the variable that sets it.
#[derive(Clone, Copy)]
struct Rule<'a> {
    block: &'a Block,
    node: &'a Node,
}

fn check_rule(
    rule: Rule<'_>,
    context: Context<'_>,
    provenance: Option<&ValueProvenance>,
    diagnostics: &mut Diagnostics,
) {
    let Rule { block, node: rule } = rule;
    let known = ["condition", "error_message"];
    let mut reader =
        TableReader::open(context, &block.source, rule, diagnostics).checked(&VALIDATION);
    let missing = known.into_iter().find(|key| rule.get(key).is_none());
    if let (Some(key), Some(_)) = (missing, rule.entries()) {
        let place = reader.place(rule);
        let message = text!(
            en: "missing required key `{key}` in a validation rule of variable `{name}`",
            zh: "变量 `{name}` 的校验规则缺少必填键 `{key}`",
            key = key,
            name = block.name,
        );
        diagnostics.push(
            Diagnostic::new(codes::MISSING_KEY, message)
                .at(place)
                .help(text!(
                    en: "write `{ condition = '${…}', error_message = \"…\" }`",
                    zh: "写成 `{ condition = '${…}', error_message = \"…\" }`",
                )),
        );
        return;
    }
    if reader.condition("condition") != Some(false) {
        return;
    }
    let says = reader.shown_text("error_message");
    let place = match rule.get("condition") {
        Some(condition) => reader.place(condition),
        None => block.place(),
    };
    let name = &block.name;
    let message = match provenance.and_then(|provenance| provenance.origin.as_ref()) {
        Some(origin) => text!(
            en: "invalid value for variable `{name}` from {origin}",
            zh: "变量 `{name}` 的值无效（来自{origin}）",
            name = name,
            origin = origin,
        ),
        None => text!(
            en: "invalid value for variable `{name}`",
            zh: "变量 `{name}` 的值无效",
            name = name,
        ),
    };
    let message = match &says {
        Some(says) => text!(
            en: "{message}: {says}",
            zh: "{message}：{says}",
            message = message,
            says = says,
        ),
        None => message,
    };
    let label = text!(en: "condition is false", zh: "条件不成立");
    let origin = provenance.map(|provenance| provenance.origin.is_some());
    let help = match (&says, origin) {
        (None, _) => text!(
            en: "remove the sensitive value from `error_message` to display it",
            zh: "从 `error_message` 中删除敏感值，即可显示该消息",
        ),
        (_, Some(true)) => text!(
            en: "correct the value, or override it with `--var {name}=VALUE`",
            zh: "更正该值，或使用 `--var {name}=VALUE` 覆盖",
            name = name,
        ),
        (_, Some(false)) => text!(
            en: "change the default, or set a value with `--var {name}=VALUE`",
            zh: "修改默认值，或使用 `--var {name}=VALUE` 设置值",
            name = name,
        ),
        // A variable of a module.
        (_, None) => text!(
            en: "set another value in the call of the module",
            zh: "在模块调用中设置其他值",
        ),
    };
    let diagnostic = Diagnostic::new(codes::VALIDATION, message);
    let mut diagnostic = diagnostic.primary(place, label).help(help);
    if let Some(place) = provenance.and_then(|provenance| provenance.place.as_ref()) {
        let label = text!(en: "value set here", zh: "在此处设置值");
        diagnostic = diagnostic.secondary(place.clone(), label);
    }
    diagnostics.push(diagnostic);
}
