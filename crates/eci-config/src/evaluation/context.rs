//! The context of an evaluation: everything that its expressions can refer to.

use std::sync::Arc;

use eci_core::{Address, Diagnostic, Kind, Value};
use eci_lang::{
    Budget, CalledModule, Content, DeclaredOutputs, EachValue, FileError, Instances, ModuleId,
    Namespace, Resolver, Roots, StateOutputs,
};

use super::eval_stack::EvalFrame;
use crate::environment::{Environment, Modules};
use crate::scope::{EmptyScope, Scope};

/// The context of an evaluation: everything that its expressions can refer to.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) scope: &'a dyn Scope,
    /// `each`, in a resource with `for_each`.
    pub(crate) each: Option<&'a EachValue>,
    pub(crate) roots: Roots,
    /// The other modules, for what comes from them; without them it is unknown.
    pub(crate) modules: Option<&'a Modules>,
    /// The evaluations in progress that led to this one.
    pub(crate) chain: Option<&'a EvalFrame<'a>>,
    /// Whether `env("NAME")` can be used.
    pub(crate) reads_environment: bool,
    /// The value of `eci.workspace`, in place of that of the environment.
    pub(crate) workspace: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// Returns the context of an environment alone, without resources and other modules.
    pub(crate) fn plain(environment: &'a Environment) -> Context<'a> {
        Context {
            environment,
            scope: &EmptyScope,
            each: None,
            roots: Roots::All,
            modules: None,
            chain: None,
            reads_environment: false,
            workspace: None,
        }
    }
}

impl Resolver for Context<'_> {
    fn budget(&self) -> &Arc<Budget> {
        self.environment.files.budget()
    }

    fn roots(&self) -> Roots {
        self.roots
    }

    fn without_resources(&self) -> Option<Box<dyn Resolver + '_>> {
        Some(Box::new(Context {
            scope: &EmptyScope,
            ..*self
        }))
    }

    fn declares_variable(&self, name: &str) -> bool {
        self.environment.variable(name).is_some()
    }

    fn is_computed_variable(&self, name: &str) -> bool {
        self.environment.input(name).is_some()
    }

    fn variable(&self, name: &str) -> Result<Value, Box<Diagnostic>> {
        self.environment.variable_value(name, self)
    }

    fn declares_local(&self, name: &str) -> bool {
        self.environment.has_local(name)
    }

    fn local(&self, name: &str) -> Result<Value, Box<Diagnostic>> {
        self.environment.local(name, self)
    }

    fn each(&self) -> Option<&EachValue> {
        self.each
    }

    fn module_directory(&self) -> &str {
        &self.environment.directory
    }

    fn reads_environment(&self) -> bool {
        self.reads_environment
    }

    fn is_environment_unknown(&self) -> bool {
        self.environment.external.is_system_unknown
    }

    fn environment(&self, name: &str) -> Option<&str> {
        self.environment
            .external
            .system
            .get(name)
            .map(|value| &**value)
    }

    fn state(&self, name: &str) -> Option<&StateOutputs> {
        self.environment.state(name)
    }

    fn workspace(&self) -> &str {
        self.workspace.unwrap_or(&self.environment.workspace)
    }

    fn resource_instances(&self, kind: Kind, label: &str) -> Option<&Instances<Address>> {
        self.environment.declared(kind, label)
    }

    fn resource(&self, address: &Address) -> Option<Value> {
        self.scope.resource(address)
    }

    fn module(&self, name: &str) -> Option<CalledModule<'_>> {
        let call = self.environment.call(name)?;
        let definition = call.definition.as_ref();
        Some(CalledModule {
            instances: &call.instances,
            outputs: definition.map(|definition| DeclaredOutputs {
                names: &definition.outputs,
                directory: &definition.directory,
            }),
        })
    }

    fn output(&self, module: ModuleId, name: &str) -> Result<Value, Box<Diagnostic>> {
        match self.modules {
            Some(modules) => modules.output(module, name, self),
            None => Ok(Value::Unknown),
        }
    }

    fn outputs(&self, module: ModuleId) -> Result<Value, Box<Diagnostic>> {
        match self.modules {
            Some(modules) => modules.outputs(module, self),
            None => Ok(Value::Unknown),
        }
    }

    fn nearest(&self, namespace: Namespace, name: &str) -> Option<&str> {
        self.environment.near(namespace, name)
    }

    fn file(&self, path: &str) -> Result<Content, FileError> {
        self.environment.files.content(path)
    }

    fn files_below(&self, directory: &str) -> Result<Arc<[Arc<str>]>, FileError> {
        self.environment.files.list(directory)
    }
}
