//! Literal values of manifests: written directly, in expressions, or in locals.

use std::sync::Arc;

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::template::Element;

use crate::environment::Environment;
use crate::parse::{Block, Data, Node};

/// The maximum depth of locals that refer to locals; no secret is hidden deeper.
const DEEPEST: usize = 10;

/// A text that follows from literals alone.
pub(super) struct LiteralText {
    pub(super) text: String,
    /// The locals that it comes from.
    pub(super) locals: Vec<Arc<Block>>,
}

impl LiteralText {
    /// Returns the literal value of a node: written directly, in an expression, or in a local.
    pub(super) fn of(node: &Node, environment: &Environment) -> Option<LiteralText> {
        let mut written = LiteralText {
            text: String::new(),
            locals: Vec::new(),
        };
        written.node(node, environment).then_some(written)
    }

    fn node(&mut self, node: &Node, environment: &Environment) -> bool {
        match &node.data {
            Data::Literal(value) => {
                self.text.push_str(value.as_str().unwrap_or_default());
                value.as_str().is_some()
            }
            Data::Template(template) => self.elements(&*template.tree, environment),
            Data::List(_) | Data::Table(_) => false,
        }
    }

    fn elements<'e>(
        &mut self,
        elements: impl IntoIterator<Item = &'e Element>,
        environment: &Environment,
    ) -> bool {
        elements.into_iter().all(|element| match element {
            Element::Literal(literal) => {
                self.text.push_str(literal.value());
                true
            }
            Element::Interpolation(it) => self.expression(&it.expr, environment),
            Element::Directive(_) => false,
        })
    }

    fn expression(&mut self, expression: &Expression, environment: &Environment) -> bool {
        match expression {
            Expression::String(text) => {
                self.text.push_str(text.value());
                true
            }
            Expression::Parenthesis(inner) => self.expression(inner.inner(), environment),
            Expression::StringTemplate(template) => self.elements(template, environment),
            Expression::HeredocTemplate(heredoc) => self.elements(&heredoc.template, environment),
            Expression::Traversal(traversal) => {
                let local = local_of(traversal).and_then(|name| environment.locals.block(name));
                let Some(local) = local.filter(|_| self.locals.len() < DEEPEST) else {
                    return false;
                };
                self.locals.push(local.clone());
                self.node(&local.node, environment)
            }
            _ => false,
        }
    }
}

/// Returns the name in `local.NAME`.
fn local_of(traversal: &Traversal) -> Option<&str> {
    let Expression::Variable(root) = &traversal.expr else {
        return None;
    };
    match traversal.operators.as_slice() {
        [one] if root.as_str() == "local" => match one.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str()),
            _ => None,
        },
        _ => None,
    }
}
