//! Nodes of manifests as values.

use eci_core::{Diagnostics, Map, Value};
use eci_lang::{check_size, evaluate_template, spend, within};

use super::context::Context;
use super::eval_stack::EvalFrame;
use crate::parse::{Data, Node};

/// Evaluates a node.
///
/// A part without a value is reported, and unknown in the result.
pub(crate) fn evaluate_node(
    context: &Context<'_>,
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Value {
    within(context.environment.files.budget(), || {
        // The path to here was searched for a cycle. An exhausted budget is noticed at the
        // next step.
        spend(1 + context.chain.map_or(0, EvalFrame::depth) / 4);
        let value = value_of(context, node, diagnostics);
        // What has no template in it is as large as it is written.
        let mut first = None;
        node.templates(&mut |template| {
            first.get_or_insert(template);
        });
        let size = first.map_or(Ok(()), |it| check_size(&value, context, &it.origin));
        match size {
            Ok(()) => value,
            Err(diagnostic) => {
                diagnostics.push(*diagnostic);
                Value::Unknown
            }
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
