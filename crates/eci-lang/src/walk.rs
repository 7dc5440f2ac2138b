//! On the way through an expression: every name that no `for` binds, and every function.

use hcl_edit::expr::{Expression, ForExpr, FuncCall, Traversal, TraversalOperator};
use hcl_edit::template::ForTemplateExpr;
use hcl_edit::visit::{self, Visit};
use hcl_edit::{Decorated, Ident};

use super::template::Tree;

/// The visitor of an expression.
pub(super) trait Visitor {
    /// Visits a name that no `for` binds, with the operators after it.
    fn name(&mut self, root: &Decorated<Ident>, operators: &[Decorated<TraversalOperator>]);

    /// Visits a call of a function.
    fn call(&mut self, _call: &FuncCall) {}
}

/// Reports all references of a template to a visitor, also in branches that are not taken.
pub(super) fn walk(template: &Tree, visitor: &mut dyn Visitor) {
    let mut walk = Walk {
        bound: Vec::new(),
        visitor,
    };
    walk.visit_template(template);
}

/// Reports all references in the arguments of a call.
pub(super) fn walk_arguments(call: &FuncCall, visitor: &mut dyn Visitor) {
    let mut walk = Walk {
        bound: Vec::new(),
        visitor,
    };
    walk.visit_func_args(&call.args);
}

struct Walk<'a> {
    /// The names that surrounding `for`s bind.
    bound: Vec<String>,
    visitor: &'a mut dyn Visitor,
}

impl Walk<'_> {
    fn is_bound(&self, name: &Decorated<Ident>) -> bool {
        self.bound
            .iter()
            .any(|bound| bound == name.value().as_str())
    }

    /// Visits with further names bound.
    fn within(&mut self, names: [Option<&Decorated<Ident>>; 2], visit: impl FnOnce(&mut Self)) {
        let outside = self.bound.len();
        let names = names.into_iter().flatten();
        self.bound
            .extend(names.map(|name| name.value().to_string()));
        visit(self);
        self.bound.truncate(outside);
    }
}

impl Visit for Walk<'_> {
    fn visit_expr(&mut self, expression: &Expression) {
        match expression {
            Expression::Variable(name) if !self.is_bound(name) => self.visitor.name(name, &[]),
            _ => visit::visit_expr(self, expression),
        }
    }

    fn visit_traversal(&mut self, traversal: &Traversal) {
        match &traversal.expr {
            Expression::Variable(name) if !self.is_bound(name) => {
                self.visitor.name(name, &traversal.operators);
                for operator in &traversal.operators {
                    self.visit_traversal_operator(operator.value());
                }
            }
            _ => visit::visit_traversal(self, traversal),
        }
    }

    fn visit_func_call(&mut self, call: &FuncCall) {
        self.visitor.call(call);
        self.visit_func_args(&call.args);
    }

    fn visit_for_expr(&mut self, loops: &ForExpr) {
        self.visit_expr(&loops.intro.collection_expr);
        let names = [loops.intro.key_var.as_ref(), Some(&loops.intro.value_var)];
        self.within(names, |walk| {
            if let Some(key) = &loops.key_expr {
                walk.visit_expr(key);
            }
            walk.visit_expr(&loops.value_expr);
            if let Some(condition) = &loops.cond {
                walk.visit_expr(&condition.expr);
            }
        });
    }

    fn visit_for_template_expr(&mut self, loops: &ForTemplateExpr) {
        self.visit_expr(&loops.collection_expr);
        let names = [loops.key_var.as_ref(), Some(&loops.value_var)];
        self.within(names, |walk| walk.visit_template(&loops.template));
    }
}
