//! References of an expression, found without evaluating it: also in branches that are not
//! taken, and behind values that are unknown.

use std::sync::Arc;

use eci_core::{Diagnostic, Diagnostics, Kind, codes};
use eci_text::text;
use hcl_edit::expr::{Expression, FuncCall, TraversalOperator};
use hcl_edit::{Decorated, Ident, Span};

use super::evaluate::Evaluator;
use super::functions;
use super::names::Name;
use super::resolver::{Instances, Resolver};
use super::schema_types::Shape;
use super::template::Template;
use super::walk::{Visitor, walk};

/// The work of a search, without that for what is written in the template.
const WORK_FOR_TEMPLATE: usize = 4;

/// The target of a reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A resource: the instance of that key, or all of them.
    Resource(Kind, Arc<str>, Option<Arc<str>>),
    /// A local, and with it all that it refers to.
    Local(Arc<str>),
    /// A variable of a module whose value depends on what calls it.
    Variable(Arc<str>),
    /// An output of a module that is called, or all of them: of the instance of that key, or
    /// of all.
    Output {
        /// The name of the call.
        call: Arc<str>,
        /// The key of the instance.
        key: Option<Arc<str>>,
        /// The name of the output.
        name: Option<Arc<str>>,
    },
}

/// Gathers what a template refers to and reports names, attributes and functions that do not
/// exist.
pub fn references_of(
    template: &Template,
    resolver: &dyn Resolver,
    found: &mut Vec<Reference>,
    diagnostics: &mut Diagnostics,
) {
    let mut search = ReferenceSearch {
        evaluator: Evaluator::new(resolver, &template.origin),
        found,
        diagnostics,
    };
    let work = WORK_FOR_TEMPLATE + template.origin.length() / 8;
    let budget = resolver.budget();
    // What is not searched is not evaluated either.
    if !budget.charge(work, || template.origin.place(None)) {
        return;
    }
    walk(&template.tree, &mut search);
}

struct ReferenceSearch<'a> {
    evaluator: Evaluator<'a>,
    found: &'a mut Vec<Reference>,
    diagnostics: &'a mut Diagnostics,
}

impl ReferenceSearch<'_> {
    fn resource(
        &mut self,
        kind: Kind,
        label: &str,
        operators: &[Decorated<TraversalOperator>],
    ) -> Result<(), Box<Diagnostic>> {
        let resolver = self.evaluator.resolver;
        let Some(instances) = resolver.resource_instances(kind, label) else {
            return Ok(());
        };
        let mut key = None;
        let mut shape = Shape::Free;
        let mut rest = operators;
        match instances {
            Instances::Pending => {}
            Instances::Single(_) => shape = Shape::Object(kind.schema()),
            Instances::Keyed(_) => {
                shape = Shape::Instances(kind);
                if let Some(TraversalOperator::Index(index)) =
                    operators.first().map(|first| first.value())
                {
                    key = self.evaluator.instance_key(index);
                    // A missing one is reported where this branch is taken.
                    shape = Shape::Object(kind.schema());
                    rest = &operators[1..];
                }
            }
        }
        self.found
            .push(Reference::Resource(kind, label.into(), key));
        self.shape(shape, rest)
    }

    /// Follows the operators through the descriptions of the fields.
    fn shape(
        &self,
        mut shape: Shape,
        operators: &[Decorated<TraversalOperator>],
    ) -> Result<(), Box<Diagnostic>> {
        for operator in operators {
            let (name, span) = match operator.value() {
                TraversalOperator::GetAttr(name) => (name.value().as_str(), name.span()),
                TraversalOperator::Index(Expression::String(name)) if shape.object().is_some() => {
                    (name.value().as_str(), name.span())
                }
                TraversalOperator::FullSplat(_) | TraversalOperator::AttrSplat(_) => {
                    if let Shape::Instances(kind) = shape {
                        let message = text!(
                            en: "cannot use a splat on a resource of type `{kind}` with `for_each`: its instances are a map",
                            zh: "无法对设置了 `for_each` 的 `{kind}` 资源使用 splat：其实例是映射",
                            kind = kind.name(),
                        );
                        let error =
                            self.evaluator
                                .error(codes::REFERENCE, message, operator.span());
                        return Err(Box::new(error.help(text!(
                            en: "write `values(…)[*]` for all instances",
                            zh: "全部实例写作 `values(…)[*]`",
                        ))));
                    }
                    if shape.object().is_none() {
                        shape = shape.element();
                    }
                    continue;
                }
                _ => {
                    shape = shape.element();
                    continue;
                }
            };
            shape = match shape.attribute(name) {
                Ok((next, _)) => next,
                Err(misfit) => {
                    let message = misfit.message.clone();
                    let error = self
                        .evaluator
                        .error(codes::UNKNOWN_ATTRIBUTE, message, span);
                    return Err(Box::new(misfit.with_remedy(name, *error)));
                }
            };
        }
        Ok(())
    }
}

impl Visitor for ReferenceSearch<'_> {
    fn name(&mut self, root: &Decorated<Ident>, operators: &[Decorated<TraversalOperator>]) {
        match self.evaluator.name(root, operators) {
            Ok(Name::Local(name)) => self.found.push(Reference::Local(name.into())),
            Ok(Name::Variable(name)) => {
                if self.evaluator.resolver.is_computed_variable(name) {
                    self.found.push(Reference::Variable(name.into()));
                }
            }
            Ok(Name::Module(name)) => {
                match self.evaluator.module_reference(name, &operators[1..]) {
                    Ok(reference) => self.found.push(reference),
                    Err(diagnostic) => self.diagnostics.push(*diagnostic),
                }
            }
            Ok(Name::Resource(kind, label)) => {
                if let Err(diagnostic) = self.resource(kind, label, &operators[1..]) {
                    self.diagnostics.push(*diagnostic);
                }
            }
            Ok(_) => {}
            Err(diagnostic) => self.diagnostics.push(*diagnostic),
        }
    }

    fn call(&mut self, call: &FuncCall) {
        if let Err(diagnostic) = functions::find(&self.evaluator, call) {
            self.diagnostics.push(*diagnostic);
        }
    }
}
