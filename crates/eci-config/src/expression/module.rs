//! `module.edge.address`, `module.edge["k"].address`: the outputs of modules.

use std::ops::Range;
use std::sync::Arc;

use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Map, Value, codes};
use hcl_edit::expr::TraversalOperator;
use hcl_edit::{Decorated, Span};

use super::evaluate::Evaluator;
use super::names::Rooted;
use super::references::Reference;
use super::schema_types::Shape;
use crate::modules::{Call, CallInstances, ModuleId};

type Operators = [Decorated<TraversalOperator>];

/// An attribute that is taken, and its place.
type Member<'t> = (&'t str, Option<Range<usize>>);

impl Evaluator<'_> {
    /// The value that `module.NAME` and what stands behind it begin at.
    pub(super) fn module(
        &self,
        name: &str,
        operators: &Operators,
    ) -> Result<Rooted, Box<Diagnostic>> {
        let rooted = |value, used| Rooted {
            value,
            shape: Shape::Free,
            used,
        };
        let Some(call) = self.context.environment.call(name) else {
            return Ok(rooted(Value::Unknown, 1));
        };
        match &call.instances {
            CallInstances::Pending => Ok(rooted(Value::Unknown, 1)),
            CallInstances::Single(module) => match member(operators) {
                Some(output) => {
                    self.check_output(name, call, &output)?;
                    Ok(rooted(self.output(*module, output.0)?, 2))
                }
                None => Ok(rooted(self.outputs(*module)?, 1)),
            },
            CallInstances::Keyed(instances) => {
                if let Some(output) = member(operators) {
                    return Err(self.no_key_chosen(name, &output));
                }
                let Some((key, span)) = self.key(operators) else {
                    let all: Result<Map, Box<Diagnostic>> = instances
                        .iter()
                        .map(|(key, module)| Ok((key.clone(), self.outputs(*module)?)))
                        .collect();
                    return Ok(rooted(Value::map(all?), 1));
                };
                let module = *instances
                    .get(&*key)
                    .ok_or_else(|| self.no_module(name, call, &key, span))?;
                match member(&operators[1..]) {
                    Some(output) => {
                        self.check_output(name, call, &output)?;
                        Ok(rooted(self.output(module, output.0)?, 3))
                    }
                    None => Ok(rooted(self.outputs(module)?, 2)),
                }
            }
        }
    }

    /// What `module.NAME` and what stands behind it refer to.
    pub(super) fn module_reference(
        &self,
        name: &str,
        operators: &Operators,
    ) -> Result<Reference, Box<Diagnostic>> {
        let mut key = None;
        let mut output = member(operators);
        if let Some(call) = self.context.environment.call(name) {
            if let CallInstances::Keyed(_) = &call.instances {
                if let Some(output) = &output {
                    return Err(self.no_key_chosen(name, output));
                }
                // Whether there is one is told where this branch is taken.
                key = self.key(operators).map(|(key, _)| key);
            }
            if let Some(TraversalOperator::Index(_)) = operators.first().map(|it| it.value()) {
                output = member(&operators[1..]);
            }
            if let Some(output) = &output {
                self.check_output(name, call, output)?;
            }
        }
        Ok(Reference::Output {
            call: name.into(),
            key,
            name: output.map(|(output, _)| output.into()),
        })
    }

    fn output(&self, module: ModuleId, name: &str) -> Result<Value, Box<Diagnostic>> {
        match self.context.modules {
            Some(modules) => modules.output(module, name, self.context),
            None => Ok(Value::Unknown),
        }
    }

    fn outputs(&self, module: ModuleId) -> Result<Value, Box<Diagnostic>> {
        let Some(modules) = self.context.modules else {
            return Ok(Value::Unknown);
        };
        let outputs: Result<Map, Box<Diagnostic>> = modules
            .get(module)
            .outputs()
            .map(|(name, _)| Ok((name.clone(), self.output(module, name)?)))
            .collect();
        Ok(Value::map(outputs?))
    }

    /// The key of the index behind the name, as far as it can be told without resources.
    fn key(&self, operators: &Operators) -> Option<(Arc<str>, Option<Range<usize>>)> {
        match operators.first()?.value() {
            TraversalOperator::Index(index) => Some((self.instance_key(index)?, index.span())),
            _ => None,
        }
    }

    fn check_output(
        &self,
        name: &str,
        call: &Call,
        (output, span): &Member<'_>,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(definition) = &call.definition else {
            return Ok(());
        };
        let outputs = &definition.declarations.outputs;
        if outputs.iter().any(|known| &*known.name == *output) {
            return Ok(());
        }
        let message = format!("module.{name} has no output `{output}`");
        let error = self.error(codes::UNKNOWN_OUTPUT, message, span.clone());
        let known = outputs.iter().map(|known| &*known.name);
        Err(Box::new(error.near(output, nearest(output, known), || {
            format!(
                "declare it as [output.{output}] in {}",
                definition.directory
            )
        })))
    }

    fn no_key_chosen(&self, name: &str, (output, span): &Member<'_>) -> Box<Diagnostic> {
        let message = format!("module.{name} has `for_each`: an instance must be chosen");
        let error = self.error(codes::REFERENCE, message, span.clone());
        Box::new(error.help(format!(
            "write its key before `.{output}`, such as [each.key] or [\"a\"]"
        )))
    }

    fn no_module(
        &self,
        name: &str,
        call: &Call,
        key: &str,
        span: Option<Range<usize>>,
    ) -> Box<Diagnostic> {
        let instances = match &call.instances {
            CallInstances::Keyed(instances) => Some(instances),
            CallInstances::Pending | CallInstances::Single(_) => None,
        };
        let keys = instances.into_iter().flat_map(|it| it.keys());
        let keys: Vec<&str> = keys.map(|key| &**key).collect();
        self.no_instance(&format!("module.{name}"), key, keys.into_iter(), span)
    }
}

/// The attribute that the first operator takes.
fn member(operators: &Operators) -> Option<Member<'_>> {
    match operators.first()?.value() {
        TraversalOperator::GetAttr(name) => Some((name.value().as_str(), name.span())),
        _ => None,
    }
}
