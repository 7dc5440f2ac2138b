//! `[[moved]]`, `[[removed]]` and `[[import]]`: what changes in the state rather than in the
//! cloud.

mod id;
mod read;

use std::sync::Arc;

use eci_core::address::ModuleStep;
use eci_core::diagnostic::Span;
use eci_core::{Address, Subject};

pub use id::{WrongId, check_id};
pub(crate) use read::read_changes;

/// The tables of all three, each in the order of files and tables.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) moved: Vec<MovedBlock>,
    pub(crate) removed: Vec<RemovedBlock>,
    pub(crate) imports: Vec<Import>,
}

/// `[[moved]]`: a resource with all its instances, or a module with all that is in it, has
/// another address than before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MovedBlock {
    /// The address before.
    pub from: Subject,
    /// The address from now on; of the same kind.
    pub to: Subject,
    /// Its header.
    pub place: Span,
    /// The module that says so, in every instance of which it holds.
    pub(crate) within: EnclosingModules,
}

impl MovedBlock {
    /// Returns the new address of an address; `None` if it is not moved.
    pub fn follow(&self, here: &Address) -> Option<Address> {
        let around = self.within.around(here)?;
        let there = self
            .from
            .inside(around.len())
            .follow(&self.to.inside(around.len()), &here.inside(around.len()))?;
        Some(there.within(around))
    }
}

/// `[[removed]]`: a resource with all its instances, or a module with all that is in it, is in
/// no manifest any more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemovedBlock {
    /// Its address.
    pub from: Subject,
    /// Whether it is deleted; otherwise it is removed from the state and stays in the cloud.
    pub destroy: bool,
    /// Its header.
    pub place: Span,
    /// The module that says so, in every instance of which it holds.
    pub(crate) within: EnclosingModules,
}

/// The names of the modules around a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct EnclosingModules(pub(crate) Vec<Arc<str>>);

impl EnclosingModules {
    /// Returns the instance of the module that contains an address, if any.
    pub(crate) fn around<'a>(&self, address: &'a Address) -> Option<&'a [ModuleStep]> {
        let around = address.modules().get(..self.0.len())?;
        self.is(around).then_some(around)
    }

    /// Returns whether a path is one of an instance of the module.
    pub(crate) fn is(&self, path: &[ModuleStep]) -> bool {
        let names = self.0.iter();
        path.len() == self.0.len()
            && path
                .iter()
                .zip(names)
                .all(|(step, name)| step.name == *name)
    }

    /// Returns an address of the module relative to the whole configuration, in all instances.
    fn whole(&self, named: &Subject) -> Subject {
        let steps: Vec<ModuleStep> = (self.0.iter())
            .map(|name| ModuleStep {
                name: name.clone(),
                key: None,
            })
            .collect();
        named.within(&steps)
    }
}

/// `[[import]]`: a resource of the configuration is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its address.
    pub to: Address,
    /// The cloud's id.
    pub id: String,
    /// Whether it is taken over from another state, as whose its tag or label marks it.
    pub take_over: bool,
    /// Its header.
    pub place: Span,
}
