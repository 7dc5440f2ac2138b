//! Literals: values of variables that are given as text, and types of variables.

use std::ops::Range;

use eci_core::{Diagnostic, Value, codes};
use eci_lang::{Origin, Roots, evaluate_expression, parse_expression};
use eci_text::{Text, text};
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall};
use hcl_edit::visit::Visit;

use super::context::Context;
use crate::environment::Environment;
use crate::parse::{Block, Node};
use crate::variables::{BadType, VariableType};

/// Creates the context of an expression that may refer to nothing.
pub(super) fn plain<'a>(environment: &'a Environment, who: &'static Text) -> Context<'a> {
    Context {
        roots: Roots::Nothing(who),
        ..Context::plain(environment)
    }
}

/// Evaluates a text that refers to nothing and calls nothing.
pub(super) fn literal(
    environment: &Environment,
    text: &str,
    origin: &Origin,
) -> Result<Value, Box<Diagnostic>> {
    let who = &GIVEN_VALUE;
    let expression = parse_expression(text, origin)?;
    is_literal(&expression, origin, who)?;
    evaluate_expression(&plain(environment, who), origin, &expression)
}

/// Refuses functions, which [`Roots`] says nothing of.
fn is_literal(expression: &Expression, origin: &Origin, who: &Text) -> Result<(), Box<Diagnostic>> {
    /// The place of the first function call, once one is found.
    struct Calls(Option<Option<Range<usize>>>);
    impl Visit for Calls {
        fn visit_func_call(&mut self, call: &FuncCall) {
            self.0.get_or_insert(call.name.name.span());
        }
    }
    let mut calls = Calls(None);
    calls.visit_expr(expression);
    match calls.0 {
        None => Ok(()),
        Some(span) => {
            let message = text!(
                en: "functions cannot be called in {who}",
                zh: "{who}中不能调用函数",
                who = who,
            );
            Err(Box::new(
                Diagnostic::new(codes::REFERENCE, message).at(origin.place(span)),
            ))
        }
    }
}

/// Reads the type of a variable, with the defaults in it.
pub(super) fn read_type(
    environment: &Environment,
    block: &Block,
    node: &Node,
) -> Result<VariableType, Box<Diagnostic>> {
    let Some(text) = node.literal_text() else {
        let message = text!(
            en: "`type` must be a literal string, for example \"list(string)\", found {found}",
            zh: "`type` 必须是字面量字符串（例如 \"list(string)\"），实际为{found}",
            found = node.type_name(),
        );
        let diagnostic = Diagnostic::new(codes::VARIABLE_TYPE, message);
        return Err(Box::new(diagnostic.at(block.at(&node.range))));
    };
    let origin = Origin::new(text, &block.source, &node.range);
    // It is read for each instance of a module.
    let budget = environment.files.budget();
    if !budget.charge(text.len(), || origin.place(None)) {
        return Ok(VariableType::Any);
    }
    let expression = parse_expression(text, &origin)?;
    let who = &TYPE;
    let evaluate = |default: &Expression| {
        is_literal(default, &origin, who)?;
        evaluate_expression(&plain(environment, who), &origin, default)
    };
    VariableType::from_expression(&expression, &evaluate).map_err(|bad| match bad {
        BadType::Written {
            message,
            help,
            part,
        } => {
            let diagnostic = Diagnostic::new(codes::VARIABLE_TYPE, message);
            let diagnostic = diagnostic.at(origin.place(part));
            Box::new(match help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            })
        }
        BadType::Default(diagnostic) => diagnostic,
    })
}

static GIVEN_VALUE: Text = Text::fixed("the value of a variable", "变量的值");

static TYPE: Text = Text::fixed("the type of a variable", "变量的类型");
