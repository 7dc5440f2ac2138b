//! Modules: directories of manifests that others call.
//!
//! * [`definition`]: each directory is read once, whoever calls it;
//! * [`call`]: what a `[module.NAME]` table says;
//! * [`build`]: every instance of every call gets an environment of its own;
//! * [`written`]: what tables say before any is evaluated;
//! * [`chain`]: what an evaluation went through, to find those that lead to themselves;
//! * [`behind`]: which resources stand behind a reference, through modules too.
//!
//! An input is evaluated in the module that calls, an output in the module that is called,
//! each time with the scope of whoever asks. So there is no barrier around a module: who reads
//! an output needs what that output needs, and nothing else.

mod build;
mod call;
mod definition;
mod eval_stack;
mod literal_scope;
mod reachability;

use std::sync::Arc;

use eci_core::address::ModuleStep;
use eci_core::diagnostic::Span;
use eci_core::{Address, Diagnostic, Diagnostics, Map, Value};
use eci_lang::{Budget, Instances, ModuleId};

pub(crate) use build::{Built, build};
pub(crate) use definition::{Definition, Definitions, read_definitions};
pub(crate) use eval_stack::{EvalFrame, EvalTarget};
pub(crate) use reachability::WORK_FOR_ADDRESS;

use crate::context::Context;
use crate::environment::Environment;
use crate::evaluate::evaluate_node;
use crate::parse::Block;
use crate::scope::Scope;

/// The environments of the root, which is the first, and of every instance of every module.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    environments: Vec<Environment>,
}

/// `[module.NAME]` as the expressions of its own module see it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) block: Arc<Block>,
    /// What it calls; `None` if that could not be read, which was reported.
    pub(crate) definition: Option<Arc<Definition>>,
    pub(crate) instances: Instances<ModuleId>,
}

/// A module of a configuration: one instance of a `[module.NAME]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its path, outermost first.
    pub path: Vec<ModuleStep>,
    /// The header of the table that calls it.
    pub place: Span,
    /// The directory of its manifests, as seen from the directory of the configuration.
    pub directory: String,
}

impl Modules {
    /// The environment of a module.
    pub(crate) fn get(&self, module: ModuleId) -> &Environment {
        &self.environments[module]
    }

    /// The environment of the directory itself.
    pub(crate) fn root(&self) -> &Environment {
        self.get(0)
    }

    /// What is left to the evaluation of the configuration.
    pub(crate) fn budget(&self) -> &Arc<Budget> {
        self.root().files.budget()
    }

    /// The environment of the module with that path.
    pub(crate) fn at(&self, path: &[ModuleStep]) -> Option<&Environment> {
        let mut environment = self.root();
        for step in path {
            let instances = &environment.call(&step.name)?.instances;
            let module = match (instances, &step.key) {
                (Instances::Single(module), None) => *module,
                (Instances::Keyed(instances), Some(key)) => *instances.get(key)?,
                _ => return None,
            };
            environment = self.get(module);
        }
        Some(environment)
    }

    /// All environments, the root first.
    pub(crate) fn all(&self) -> &[Environment] {
        &self.environments
    }

    /// The value of an output of a module.
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
        let link = EvalFrame::enter(self, module, what, context)?;
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

    /// The values of all outputs of a module, as a table.
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

    /// The addresses of all resources in a module, those of the modules in it included.
    pub(crate) fn addresses_in(&self, module: ModuleId) -> Vec<Address> {
        let mut addresses = Vec::new();
        let mut open = vec![module];
        while let Some(module) = open.pop() {
            if !self.budget().charge_anywhere(WORK_FOR_ADDRESS) {
                break;
            }
            let environment = self.get(module);
            addresses.extend(environment.own_addresses());
            for call in environment.calls() {
                open.extend(environment.called_modules(&call.block.name, None));
            }
        }
        addresses
    }

    /// Sets the tags that every container group gets.
    pub(crate) fn set_default_tags(&mut self, tags: &Map) {
        let tags = Arc::new(tags.clone());
        for environment in &mut self.environments {
            environment.default_tags = tags.clone();
        }
    }

    /// Reports what is wrong with locals, inputs and outputs of modules that depend on
    /// resources, used or not.
    pub(crate) fn check(&self, scope: &dyn Scope, diagnostics: &mut Diagnostics) {
        for (module, environment) in self.environments.iter().enumerate() {
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

    /// Every module but the root.
    pub(crate) fn listed(&self) -> Vec<Module> {
        let all = self.environments.iter().skip(1);
        all.filter_map(|environment| {
            Some(Module {
                path: environment.path.to_vec(),
                place: environment.called.as_ref()?.block.place(),
                directory: environment.directory.to_string(),
            })
        })
        .collect()
    }
}
