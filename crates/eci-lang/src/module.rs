//! `module.edge.address`, `module.edge["k"].address`: the outputs of modules.

use std::ops::Range;
use std::sync::Arc;

use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Map, Value, codes};
use eci_text::text;
use hcl_edit::expr::TraversalOperator;
use hcl_edit::{Decorated, Span};

use super::evaluate::Evaluator;
use super::names::RootValue;
use super::references::Reference;
use super::resolver::{CalledModule, Instances};
use super::schema_types::{Shape, choose_instance};

type Operators = [Decorated<TraversalOperator>];

/// An attribute that is taken, and its place.
struct Member<'t> {
    name: &'t str,
    span: Option<Range<usize>>,
}

impl Evaluator<'_> {
    /// Returns the value at which `module.NAME` and the path after it begin.
    pub(super) fn module(
        &self,
        name: &str,
        operators: &Operators,
    ) -> Result<RootValue, Box<Diagnostic>> {
        let root = |value, used| RootValue {
            value,
            shape: Shape::Free,
            used,
        };
        let Some(call) = self.resolver.module(name) else {
            return Ok(root(Value::Unknown, 1));
        };
        match call.instances {
            Instances::Pending => Ok(root(Value::Unknown, 1)),
            Instances::Single(module) => match member(operators) {
                Some(output) => {
                    self.check_output(name, &call, &output)?;
                    Ok(root(self.resolver.output(*module, output.name)?, 2))
                }
                None => Ok(root(self.resolver.outputs(*module)?, 1)),
            },
            Instances::Keyed(instances) => {
                if let Some(output) = member(operators) {
                    return Err(self.no_key_chosen(name, &output));
                }
                let Some((key, span)) = self.key(operators) else {
                    let all: Result<Map, Box<Diagnostic>> = instances
                        .iter()
                        .map(|(key, module)| Ok((key.clone(), self.resolver.outputs(*module)?)))
                        .collect();
                    return Ok(root(Value::map(all?), 1));
                };
                let module = *instances
                    .get(&*key)
                    .ok_or_else(|| self.no_module(name, &call, &key, span))?;
                match member(&operators[1..]) {
                    Some(output) => {
                        self.check_output(name, &call, &output)?;
                        Ok(root(self.resolver.output(module, output.name)?, 3))
                    }
                    None => Ok(root(self.resolver.outputs(module)?, 2)),
                }
            }
        }
    }

    /// Returns the target of `module.NAME` and the path after it.
    pub(super) fn module_reference(
        &self,
        name: &str,
        operators: &Operators,
    ) -> Result<Reference, Box<Diagnostic>> {
        let mut key = None;
        let mut output = member(operators);
        if let Some(call) = self.resolver.module(name) {
            if let Instances::Keyed(_) = call.instances {
                if let Some(output) = &output {
                    return Err(self.no_key_chosen(name, output));
                }
                // A missing one is reported where this branch is taken.
                key = self.key(operators).map(|(key, _)| key);
            }
            if let Some(TraversalOperator::Index(_)) = operators.first().map(|it| it.value()) {
                output = member(&operators[1..]);
            }
            if let Some(output) = &output {
                self.check_output(name, &call, output)?;
            }
        }
        Ok(Reference::Output {
            call: name.into(),
            key,
            name: output.map(|output| output.name.into()),
        })
    }

    /// Returns the key of the index after the name, as far as it can be determined without
    /// resources.
    fn key(&self, operators: &Operators) -> Option<(Arc<str>, Option<Range<usize>>)> {
        match operators.first()?.value() {
            TraversalOperator::Index(index) => Some((self.instance_key(index)?, index.span())),
            _ => None,
        }
    }

    fn check_output(
        &self,
        name: &str,
        call: &CalledModule<'_>,
        output: &Member<'_>,
    ) -> Result<(), Box<Diagnostic>> {
        let Member { name: output, span } = output;
        let Some(outputs) = call.outputs else {
            return Ok(());
        };
        if outputs.names.iter().any(|known| **known == **output) {
            return Ok(());
        }
        let message = text!(
            en: "module.{name} has no output `{output}`",
            zh: "module.{name} 没有输出 `{output}`",
            name = name,
            output = output,
        );
        let error = self.error(codes::UNKNOWN_OUTPUT, message, span.clone());
        let known = outputs.names.iter().map(|known| &**known);
        Err(Box::new(error.near(output, nearest(output, known), || {
            text!(
                en: "declare it as `[output.{output}]` in `{directory}`",
                zh: "在 `{directory}` 中声明 `[output.{output}]`",
                output = output,
                directory = outputs.directory,
            )
        })))
    }

    fn no_key_chosen(&self, name: &str, output: &Member<'_>) -> Box<Diagnostic> {
        let Member { name: output, span } = output;
        let message = text!(
            en: "missing instance key of module.{name}, which has `for_each`",
            zh: "module.{name} 设置了 `for_each`，缺少实例键",
            name = name,
        );
        let error = self.error(codes::REFERENCE, message, span.clone());
        Box::new(error.help(choose_instance(output)))
    }

    fn no_module(
        &self,
        name: &str,
        call: &CalledModule<'_>,
        key: &str,
        span: Option<Range<usize>>,
    ) -> Box<Diagnostic> {
        let instances = match call.instances {
            Instances::Keyed(instances) => Some(instances),
            Instances::Pending | Instances::Single(_) => None,
        };
        let keys = instances.into_iter().flat_map(|it| it.keys());
        let keys: Vec<&str> = keys.map(|key| &**key).collect();
        self.no_instance(&format!("module.{name}"), key, keys.into_iter(), span)
    }
}

/// Returns the attribute that the first operator takes.
fn member(operators: &Operators) -> Option<Member<'_>> {
    match operators.first()?.value() {
        TraversalOperator::GetAttr(name) => Some(Member {
            name: name.value().as_str(),
            span: name.span(),
        }),
        _ => None,
    }
}
