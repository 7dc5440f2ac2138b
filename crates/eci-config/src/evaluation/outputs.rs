//! The outputs of modules, evaluated with the scope of the module that reads them.

use eci_core::{Diagnostic, Diagnostics, Map, Value};
use eci_lang::ModuleId;

use super::context::Context;
use super::eval_stack::{EvalFrame, EvalTarget};
use super::node::evaluate_node;
use crate::environment::Modules;
use crate::scope::Scope;

impl Modules {
    /// Computes the value of an output of a module.
    pub(crate) fn output(
        &self,
        module: ModuleId,
        name: &str,
        context: &Context<'_>,
    ) -> Result<Value, Box<Diagnostic>> {
        let environment = self.get(module);
        let Some(output) = environment.output(name) else {
            return Ok(Value::Unknown);
        };
        let Some(node) = output.block.node.get("value") else {
            return Ok(Value::Unknown);
        };
        let what = EvalTarget::Output(name);
        let link = EvalFrame::enter(self, module, what, context.chain)?;
        let context = Context {
            environment,
            each: None,
            roots: context.roots.beyond(),
            chain: Some(&link),
            ..*context
        };
        let mut diagnostics = Diagnostics::default();
        let value = evaluate_node(&context, node, &mut diagnostics);
        match diagnostics.0.into_iter().next() {
            Some(first) => Err(Box::new(first)),
            None if output.sensitive => Ok(value.into_sensitive()),
            None => Ok(value),
        }
    }

    /// Computes the values of all outputs of a module, as a table.
    pub(crate) fn outputs(
        &self,
        module: ModuleId,
        context: &Context<'_>,
    ) -> Result<Value, Box<Diagnostic>> {
        let outputs: Result<Map, Box<Diagnostic>> = (self.get(module).outputs())
            .map(|(name, _)| Ok((name.clone(), self.output(module, name, context)?)))
            .collect();
        Ok(Value::map(outputs?))
    }

    /// Reports what is wrong with locals, inputs and outputs of modules that depend on
    /// resources, used or not.
    pub(crate) fn check(&self, scope: &dyn Scope, diagnostics: &mut Diagnostics) {
        for (module, environment) in self.all().iter().enumerate() {
            let context = Context {
                scope,
                modules: Some(self),
                ..Context::plain(environment)
            };
            environment.check_locals(&context, diagnostics);
            environment.check_inputs(&context, diagnostics);
            for (name, _) in environment.outputs() {
                if let Err(found) = self.output(module, name, &context) {
                    diagnostics.push(*found);
                }
            }
        }
    }
}
