//! Locals: named expressions, evaluated when they are needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eci_core::Value;
use eci_lang::Reference;

use crate::parse::Block;

/// The locals of a module, by name.
#[derive(Debug, Default)]
pub(crate) struct Locals {
    pub(crate) entries: BTreeMap<Arc<str>, Local>,
    /// Names in an order in which each comes after those it refers to.
    pub(crate) order: Vec<Arc<str>>,
}

/// `NAME = …` in `[locals]`.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) block: Arc<Block>,
    pub(crate) references: BTreeSet<Reference>,
    pub(crate) state: LocalState,
}

/// The value of a local, as far as it can be known before resources are.
#[derive(Debug)]
pub(crate) enum LocalState {
    /// The value of a local that refers to no resource.
    Constant(Value),
    /// A local that refers to resources or modules, and is evaluated again for each scope.
    Computed { depth: usize },
    /// A local with an error that was reported; its value is unknown.
    Broken,
}

impl Locals {
    /// Returns whether there is a local of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Returns the names of all locals.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(|name| &**name)
    }

    /// Returns all locals, as references.
    pub(crate) fn references(&self) -> impl Iterator<Item = Reference> {
        self.entries.keys().cloned().map(Reference::Local)
    }

    /// Returns the entry of a local.
    pub(crate) fn block(&self, name: &str) -> Option<&Arc<Block>> {
        Some(&self.entries.get(name)?.block)
    }

    /// Returns the direct references of a local.
    pub(crate) fn references_of(&self, name: &str) -> impl Iterator<Item = &Reference> {
        let local = self.entries.get(name);
        local.into_iter().flat_map(|local| &local.references)
    }
}
