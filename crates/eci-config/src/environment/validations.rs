//! The rules that variables set for their values.

use eci_core::tables::VALIDATION;
use eci_core::{Diagnostic, Diagnostics, codes};
use eci_lang::Roots;

use super::Environment;
use super::variables::DeclaredIn;
use crate::context::Context;
use crate::parse::{Block, Data, Node, TableReader};

impl Environment {
    /// Checks the value of a variable against its rules, which may refer to other variables
    /// too. `whence` is where the value comes from.
    pub(super) fn validate(
        &self,
        block: &Block,
        context: Context<'_>,
        whence: Option<&DeclaredIn>,
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
            roots: Roots::Variables("a validation"),
            ..context
        };
        for rule in rules {
            check_rule((block, rule), context, whence, diagnostics);
        }
    }
}

fn check_rule(
    (block, rule): (&Block, &Node),
    context: Context<'_>,
    whence: Option<&DeclaredIn>,
    diagnostics: &mut Diagnostics,
) {
    let known = ["condition", "error_message"];
    let mut reader = TableReader::new(context, &block.source, rule, &VALIDATION, diagnostics);
    let missing = known.into_iter().find(|key| rule.get(key).is_none());
    if let (Some(key), Some(_)) = (missing, rule.entries()) {
        let place = reader.place(rule);
        let message = format!("missing required key `{key}` in this validation");
        diagnostics.push(
            Diagnostic::new(codes::MISSING_KEY, message)
                .primary(place, "")
                .help("write { condition = '${…}', error_message = \"…\" }"),
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
    let what = match whence.and_then(|whence| whence.origin.as_ref()) {
        Some(origin) => format!("the value that {origin} gives `{name}` is not valid"),
        None => format!("the value of `{name}` is not valid"),
    };
    let message = match &says {
        Some(says) => format!("{what}: {says}"),
        None => what,
    };
    let mut diagnostic =
        Diagnostic::new(codes::VALIDATION, message).primary(place, "this is false");
    if says.is_none() {
        diagnostic = diagnostic.help("its error_message shows a sensitive value and is kept back");
    }
    if let Some(place) = whence.and_then(|whence| whence.place.as_ref()) {
        diagnostic = diagnostic.secondary(place.clone(), "for this value");
    }
    diagnostics.push(diagnostic);
}
