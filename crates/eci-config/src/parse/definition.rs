//! The contents of the directories of a configuration, before anything is evaluated.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::diagnostic::Source;

use super::declarations::{Block, Declarations};

/// The declarations of one directory.
#[derive(Debug)]
pub(crate) struct Definition {
    /// The directory relative to the root's.
    pub(crate) directory: Arc<str>,
    pub(crate) declarations: Declarations,
    /// Its calls, in the order of files and tables.
    pub(crate) calls: Vec<CallDefinition>,
    /// The names of its outputs, in the same order.
    pub(crate) outputs: Vec<Arc<str>>,
}

/// The work of an instance of a module for each value that is written in its manifests.
const WORK_FOR_VALUE: usize = 32;

/// A `[module.NAME]` table and what it calls.
#[derive(Debug)]
pub(crate) struct CallDefinition {
    pub(crate) block: Arc<Block>,
    /// `None` if that could not be read, which was reported.
    pub(crate) definition: Option<Arc<Definition>>,
}

impl Definition {
    pub(crate) fn new(
        directory: Arc<str>,
        declarations: Declarations,
        calls: Vec<CallDefinition>,
    ) -> Definition {
        let outputs = declarations.outputs.iter();
        Definition {
            directory,
            outputs: outputs.map(|block| block.name.clone()).collect(),
            declarations,
            calls,
        }
    }

    /// Returns the work that an instance of it takes from the budget, without evaluations and the
    /// instances within.
    pub(crate) fn work(&self) -> usize {
        let declarations = &self.declarations;
        let named = [
            &declarations.variables,
            &declarations.locals,
            &declarations.outputs,
            &declarations.calls,
        ];
        let named = named.into_iter().flatten();
        let resources = declarations.resources.iter().map(|it| &it.block);
        let values: usize = named.chain(resources).map(|it| it.node.weight()).sum();
        WORK_FOR_VALUE * values
    }

    /// Returns the definition of a directory whose calls are not followed.
    pub(crate) fn alone(declarations: Declarations) -> Definition {
        let calls = declarations.calls.iter();
        let calls = calls.map(|block| CallDefinition {
            block: block.clone(),
            definition: None,
        });
        let calls = calls.collect();
        Definition::new(".".into(), declarations, calls)
    }
}

/// Everything that was read.
#[derive(Debug)]
pub(crate) struct Definitions {
    pub(crate) root: Arc<Definition>,
    /// The directories of all modules, relative to the root's.
    pub(crate) directories: Vec<Arc<str>>,
    /// Every manifest, those of the root first.
    pub(crate) sources: Vec<Arc<Source>>,
    /// The names of those that are no valid TOML.
    pub(crate) broken: BTreeSet<String>,
}
