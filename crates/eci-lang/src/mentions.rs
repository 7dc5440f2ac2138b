//! Names in an expression, as it is written: `eip.web.address`, and with it `eip.web`.

use hcl_edit::expr::{Expression, FuncCall, TraversalOperator};
use hcl_edit::{Decorated, Ident};

use super::template::Template;
use super::walk::{Visitor, walk, walk_arguments};

/// Adds all that a template names to a list, each name once: the longest first, then what it is a
/// part of, down to the smallest that can be named.
pub fn mentions(template: &Template, found: &mut Vec<String>) {
    walk(&template.tree, &mut Mentions { found });
}

/// Adds what a template names in the arguments of `sensitive`.
pub fn mentions_as_sensitive(template: &Template, found: &mut Vec<String>) {
    walk(&template.tree, &mut SensitiveMentions { found });
}

struct SensitiveMentions<'a> {
    found: &'a mut Vec<String>,
}

impl Visitor for SensitiveMentions<'_> {
    fn name(&mut self, _: &Decorated<Ident>, _: &[Decorated<TraversalOperator>]) {}

    fn call(&mut self, call: &FuncCall) {
        if call.name.name.as_str() == "sensitive" {
            walk_arguments(call, &mut Mentions { found: self.found });
        }
    }
}

struct Mentions<'a> {
    found: &'a mut Vec<String>,
}

impl Visitor for Mentions<'_> {
    fn name(&mut self, root: &Decorated<Ident>, operators: &[Decorated<TraversalOperator>]) {
        let mut text = root.value().as_str().to_owned();
        let parts = operators
            .iter()
            .map_while(|operator| part(operator.value()));
        let names: Vec<String> = parts
            .map(|part| {
                text.push_str(&part);
                text.clone()
            })
            .collect();
        for name in names.into_iter().rev() {
            if !self.found.contains(&name) {
                self.found.push(name);
            }
        }
    }
}

/// Returns a part of a name that is known as it is written.
fn part(operator: &TraversalOperator) -> Option<String> {
    match operator {
        TraversalOperator::GetAttr(name) => Some(format!(".{}", name.value().as_str())),
        TraversalOperator::Index(Expression::String(key)) => {
            Some(format!("[{:?}]", key.value().as_str()))
        }
        TraversalOperator::Index(Expression::Number(number)) => {
            Some(format!("[{}]", number.value()))
        }
        _ => None,
    }
}
