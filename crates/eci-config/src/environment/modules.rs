//! The environments of all modules of a configuration.

use std::sync::Arc;

use eci_core::address::ModuleStep;
use eci_core::diagnostic::Span;
use eci_core::{Address, Map};
use eci_lang::{Budget, Instances, ModuleId};

use super::Environment;

/// The work of an address behind a reference: it is sorted, kept, and compared while
/// dependencies are searched.
pub(crate) const WORK_FOR_ADDRESS: usize = 4;

/// The environments of the root, which is the first, and of every instance of every module.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    environments: Vec<Environment>,
}

/// A module of a configuration: one instance of a `[module.NAME]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its path, outermost first.
    pub path: Vec<ModuleStep>,
    /// The header of the table that calls it.
    pub place: Span,
    /// The directory of its manifests, relative to the directory of the configuration.
    pub directory: String,
}

impl Modules {
    /// Returns the environment of a module.
    pub(crate) fn get(&self, module: ModuleId) -> &Environment {
        &self.environments[module]
    }

    /// Returns the environment of the directory itself.
    pub(crate) fn root(&self) -> &Environment {
        self.get(0)
    }

    /// Returns the remaining budget of the evaluation of the configuration.
    pub(crate) fn budget(&self) -> &Arc<Budget> {
        self.root().files.budget()
    }

    /// Returns the environment of the module with that path.
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

    /// Returns the environment of a module.
    pub(crate) fn get_mut(&mut self, module: ModuleId) -> &mut Environment {
        &mut self.environments[module]
    }

    /// Adds the environment of the next module.
    pub(crate) fn add(&mut self, environment: Environment) {
        self.environments.push(environment);
    }

    /// Returns the number of modules, the root included.
    pub(crate) fn count(&self) -> usize {
        self.environments.len()
    }

    /// Returns all environments, the root first.
    pub(crate) fn all_mut(&mut self) -> &mut [Environment] {
        &mut self.environments
    }

    /// Returns all environments, the root first.
    pub(crate) fn all(&self) -> &[Environment] {
        &self.environments
    }

    /// Returns the addresses of all resources in a module, those of the modules in it included.
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

    /// Returns every module but the root.
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
