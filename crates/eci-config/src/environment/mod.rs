//! Environments: everything that expressions can refer to (variables, locals, files, resources).

mod calls;
mod each_source;
mod files;
mod inputs;
mod lazy_state;
mod locals;
mod module_links;
mod modules;
mod reachability;
mod walk;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use eci_core::address::ModuleStep;
use eci_core::suggest::nearest;
use eci_core::{Address, Kind, Map, Value};
use eci_lang::{Instances, ModuleId, Namespace};

pub(crate) use calls::{DeclaredCall, ModuleCall, ModuleOutput};
pub(crate) use each_source::EachSource;
pub(crate) use files::{Files, relative_to_root};
pub(crate) use inputs::{Input, InputRules};
pub(crate) use lazy_state::{LazyState, ReadOutputs};
pub(crate) use locals::{Local, LocalState, Locals};
pub use modules::Module;
pub(crate) use modules::{Modules, WORK_FOR_ADDRESS};

use crate::variables::ExternalInputs;

/// Everything that the expressions of one module can refer to.
///
/// An environment is built while loading, and then shared by all resources.
#[derive(Debug)]
pub(crate) struct Environment {
    /// The ID of the module; the root is 0.
    pub(crate) id: ModuleId,
    /// The modules around what is in it, itself the last; empty for the root.
    pub(crate) path: Arc<[ModuleStep]>,
    /// Its directory relative to the root's.
    pub(crate) directory: Arc<str>,
    /// The value of `eci.workspace`.
    pub(crate) workspace: Arc<str>,
    /// The other inputs from outside; empty for modules.
    pub(crate) external: Arc<ExternalInputs>,
    /// `[state.NAME]` of the root module.
    pub(crate) states: BTreeMap<Arc<str>, LazyState>,
    /// The call of the module; `None` for the root.
    pub(crate) called: Option<ModuleCall>,
    pub(crate) variables: BTreeMap<Arc<str>, Value>,
    pub(crate) locals: Locals,
    pub(crate) files: Arc<Files>,
    /// Tags that every container group gets in addition to its own.
    pub(crate) default_tags: Arc<Map>,
    /// Whether an error was found on the way here, or a value is given elsewhere: an unknown value
    /// may be a consequence of that, which is not a further error.
    pub(crate) is_incomplete: bool,
    resources: [HashMap<Arc<str>, Instances<Address>>; Kind::ALL.len()],
    /// In the order of manifests, so that suggestions do not change from run to run.
    labels: [Vec<Arc<str>>; Kind::ALL.len()],
    /// The variables that depend on resources of other modules: evaluated again for each scope.
    pub(crate) inputs: BTreeMap<Arc<str>, Input>,
    calls: BTreeMap<Arc<str>, DeclaredCall>,
    outputs: BTreeMap<Arc<str>, ModuleOutput>,
}

/// The maximum number of candidates that are searched for a suggestion.
const SUGGESTED_FROM: usize = 2000;

impl Environment {
    /// Creates an environment with nothing in it but files.
    pub(crate) fn new(files: Arc<Files>) -> Environment {
        Environment {
            id: 0,
            path: Arc::default(),
            directory: ".".into(),
            workspace: "default".into(),
            external: Arc::default(),
            states: BTreeMap::new(),
            called: None,
            variables: BTreeMap::new(),
            locals: Locals::default(),
            files,
            default_tags: Arc::default(),
            is_incomplete: false,
            resources: Default::default(),
            labels: Default::default(),
            inputs: BTreeMap::new(),
            calls: BTreeMap::new(),
            outputs: BTreeMap::new(),
        }
    }

    /// Declares a resource.
    pub(crate) fn declare(&mut self, kind: Kind, label: Arc<str>, instances: Instances<Address>) {
        self.labels[kind as usize].push(label.clone());
        self.resources[kind as usize].insert(label, instances);
    }

    /// Sets the instances of a resource with `for_each`.
    pub(crate) fn set_keys(&mut self, kind: Kind, label: &Arc<str>, keys: &[Arc<str>]) {
        if let Some(instances) = self.resources[kind as usize].get_mut(label) {
            let resource = Address::new(kind, label.clone()).within(&self.path);
            *instances = Instances::Keyed(
                keys.iter()
                    .map(|key| (key.clone(), resource.instance(key.clone())))
                    .collect(),
            );
        }
    }

    /// Returns the value of a variable.
    pub(crate) fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)
    }

    /// Returns whether there is a local of that name.
    pub(crate) fn has_local(&self, name: &str) -> bool {
        self.locals.has(name)
    }

    /// Returns the instances of a resource.
    pub(crate) fn declared(&self, kind: Kind, label: &str) -> Option<&Instances<Address>> {
        self.resources[kind as usize].get(label)
    }

    /// Returns the addresses that a reference means: the instance of that key, or all of them.
    pub(crate) fn addresses(&self, kind: Kind, label: &str, key: Option<&str>) -> Vec<Address> {
        let Some(instances) = self.declared(kind, label) else {
            return Vec::new();
        };
        match (instances, key) {
            (Instances::Pending, _) => Vec::new(),
            (Instances::Single(address), _) => vec![address.clone()],
            (Instances::Keyed(instances), Some(key)) => {
                instances.get(key).cloned().into_iter().collect()
            }
            (Instances::Keyed(instances), None) => instances.values().cloned().collect(),
        }
    }

    /// Returns the declared name nearest to one that is not.
    pub(crate) fn near(&self, namespace: Namespace, name: &str) -> Option<&str> {
        match namespace {
            Namespace::Variables => near(name, self.variables.keys().map(|known| &**known)),
            Namespace::Locals => near(name, self.locals.names()),
            Namespace::Modules => near(name, self.calls.keys().map(|known| &**known)),
            Namespace::States => near(name, self.states.keys().map(|known| &**known)),
            Namespace::Resources(kind) => {
                let labels = &self.labels[kind as usize];
                near(name, labels.iter().map(|label| &**label))
            }
        }
    }
}

fn near<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest(written, known.take(SUGGESTED_FROM))
}
