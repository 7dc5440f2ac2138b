//! A configuration: everything that a directory declares, as one value.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use eci_core::address::ModuleStep;
use eci_core::diagnostic::{Source, Span};
use eci_core::{Address, Diagnostics, Subject, Value};

use crate::environment::{Module, Modules};
use crate::output::Output;
use crate::parse::Definition;
use crate::refactoring::{EnclosingModules, Import, MovedBlock, RemovedBlock};
use crate::resource::Resource;
use crate::settings::ProviderSettings;
use crate::state_settings::StateSettings;

/// Everything that the manifests of a directory and the modules that they call declare.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The directory.
    pub directory: PathBuf,
    /// `[provider]`.
    pub provider: ProviderSettings,
    /// `[backend.NAME]` and `[[encryption.key]]`.
    pub state: StateSettings,
    /// Every instance of every resource, in the order of files and tables.
    pub resources: Vec<Arc<Resource>>,
    /// Every instance of every module that is called, each after the one that calls it.
    pub modules: Vec<Module>,
    /// The outputs, in the order of files and tables.
    pub outputs: Vec<Arc<Output>>,
    /// `[[moved]]`: what has another address than before, in the order to follow.
    pub moved: Vec<MovedBlock>,
    /// `[[removed]]`: what the state no longer cares for.
    pub removed: Vec<RemovedBlock>,
    /// `[[import]]`: resources that are there already.
    pub imports: Vec<Import>,
    /// Warnings; also errors, if the configuration was loaded leniently.
    pub warnings: Diagnostics,
    /// The manifests that were read: those of the directory in name order, then those of
    /// modules.
    pub sources: Vec<Arc<Source>>,
    /// SHA-256, in hexadecimal, of all that was read: manifests, files that they name, values
    /// of variables.
    pub digest: String,
    /// The declared variables and the values that they have; those of sensitive ones are marked.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// SHA-256, in hexadecimal, of each file that expressions name, by its path.
    pub files: BTreeMap<String, String>,
    pub(crate) index: HashMap<Address, usize>,
    pub(crate) evaluated: Arc<Modules>,
    pub(crate) root: Arc<Definition>,
}

impl Configuration {
    /// Returns the resource of that address.
    pub fn resource(&self, address: &Address) -> Option<&Arc<Resource>> {
        self.resources.get(*self.index.get(address)?)
    }

    /// Checks that its evaluations, whichever there were so far, stayed within their budget.
    ///
    /// A caller that derives a value from several evaluations, and may have discarded what one of them
    /// reported, calls this at the end.
    ///
    /// # Errors
    ///
    /// The evaluation that the budget ended with.
    pub fn check_budget(&self) -> Result<(), Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        self.evaluated.budget().report(&mut diagnostics);
        if diagnostics.has_errors() {
            Err(diagnostics)
        } else {
            Ok(())
        }
    }

    /// Returns the place where a moved resource or module is still declared under its old address.
    pub fn declares_moved(&self, moved: &MovedBlock) -> Option<Span> {
        let place = self.declares(&moved.from, &moved.within);
        // With a resource, or with a module, all its instances move.
        let moves_all = has_no_key(&moved.from) && has_no_key(&moved.to);
        place.or_else(|| {
            moves_all
                .then(|| self.declares_instance(&moved.from))
                .flatten()
        })
    }

    /// Returns the place where some instance of a resource or module without a key is declared.
    fn declares_instance(&self, named: &Subject) -> Option<Span> {
        match named {
            Subject::Resource(address) => {
                let mut resources = self.resources.iter();
                let resource = resources.find(|it| {
                    it.address.key().is_some()
                        && it.address.label() == address.label()
                        && named.covers(&it.address)
                });
                resource.map(|resource| resource.place.clone())
            }
            Subject::Module(steps) => {
                let mut modules = self.modules.iter();
                let module = modules.find(|module| is_instance(&module.path, steps));
                module.map(|module| module.place.clone())
            }
        }
    }

    /// Returns the place where a removed resource or module is still declared.
    pub fn declares_removed(&self, removed: &RemovedBlock) -> Option<Span> {
        if let Subject::Module(steps) = &removed.from {
            let mut modules = self.modules.iter();
            let module = modules.find(|module| is_instance(&module.path, steps))?;
            return Some(module.place.clone());
        }
        self.declares(&removed.from, &removed.within)
    }

    /// Returns the place of a declaration, in any instance of the module that names it.
    fn declares(&self, named: &Subject, within: &EnclosingModules) -> Option<Span> {
        let own = named.inside(within.0.len());
        let root: &[ModuleStep] = &[];
        let modules = self.modules.iter().map(|module| &*module.path);
        let around = std::iter::once(root)
            .chain(modules)
            .filter(|path| within.is(path));
        for path in around {
            let place = match own.within(path) {
                Subject::Resource(address) => self.resource(&address).map(|it| it.place.clone()),
                Subject::Module(steps) => {
                    let mut modules = self.modules.iter();
                    let module = modules.find(|module| module.path == steps);
                    module.map(|module| module.place.clone())
                }
            };
            if place.is_some() {
                return place;
            }
        }
        None
    }
}

/// Returns whether a module is an instance of the module with these steps; one without a key covers
/// all.
fn is_instance(path: &[ModuleStep], steps: &[ModuleStep]) -> bool {
    let mut pairs = path.iter().zip(steps);
    path.len() == steps.len()
        && pairs.all(|(own, named)| {
            own.name == named.name && (named.key.is_none() || named.key == own.key)
        })
}

/// Returns whether a name covers all instances of a resource or a module.
fn has_no_key(named: &Subject) -> bool {
    match named {
        Subject::Resource(address) => address.key().is_none(),
        Subject::Module(steps) => steps.last().is_some_and(|step| step.key.is_none()),
    }
}
