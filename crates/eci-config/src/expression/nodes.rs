//! Nodes of manifests as values.

use eci_core::{Diagnostics, Map, Value};
use hcl_edit::expr::Expression;

use super::budget;
use super::context::Context;
use super::evaluate::{Evaluator, Outcome};
use super::template::{Origin, Template};
use crate::modules::EvalFrame;
use crate::parse::{Data, Node};

/// The value of a template.
fn evaluate_template(context: &Context<'_>, template: &Template) -> Outcome {
    let evaluator = Evaluator::new(context, &template.origin);
    evaluator.template(&template.tree, None)
}

/// The value of a text that is an expression as a whole.
pub(crate) fn evaluate_expression(
    context: &Context<'_>,
    origin: &Origin,
    expression: &Expression,
) -> Outcome {
    let evaluator = Evaluator::new(context, origin);
    let value = budget::within(context.environment.files.budget(), || {
        evaluator.expression(expression, None)
    })?;
    match budget::is_too_large([&value]) {
        true => Err(evaluator.too_large(None)),
        false => Ok(value),
    }
}

/// The value of a node. A part that has none is reported, and unknown in the result.
pub(crate) fn evaluate_node(
    context: &Context<'_>,
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Value {
    budget::within(context.environment.files.budget(), || {
        // What led here was searched for a way back. Whoever spends too much learns it at the
        // next step.
        budget::spend(1 + context.chain.map_or(0, EvalFrame::depth) / 4);
        let value = value_of(context, node, diagnostics);
        // What has no template in it is as large as it is written.
        let mut first = None;
        node.templates(&mut |template| {
            first.get_or_insert(template);
        });
        match first {
            Some(template) if budget::is_too_large([&value]) => {
                let origin = &template.origin;
                diagnostics.push(*Evaluator::new(context, origin).too_large(None));
                Value::Unknown
            }
            _ => value,
        }
    })
}

fn value_of(context: &Context<'_>, node: &Node, diagnostics: &mut Diagnostics) -> Value {
    match &node.data {
        Data::Literal(value) => value.clone(),
        Data::Template(template) => {
            evaluate_template(context, template).unwrap_or_else(|diagnostic| {
                diagnostics.push(*diagnostic);
                Value::Unknown
            })
        }
        Data::List(items) => Value::list(
            items
                .iter()
                .map(|item| value_of(context, item, diagnostics))
                .collect(),
        ),
        Data::Table(entries) => Value::map(
            entries
                .iter()
                .map(|entry| {
                    let value = value_of(context, &entry.node, diagnostics);
                    (entry.key.clone(), value)
                })
                .collect::<Map>(),
        ),
    }
}
