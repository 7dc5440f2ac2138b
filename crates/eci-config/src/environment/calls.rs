//! The tables that call modules, and the outputs that their modules give.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::Address;
use eci_lang::{Instances, ModuleId, Reference};

use super::each_source::EachSource;
use crate::modules::Definition;
use crate::parse::Block;

/// `[module.NAME]` as the expressions of its own module see it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) block: Arc<Block>,
    /// What it calls; `None` if that could not be read, which was reported.
    pub(crate) definition: Option<Arc<Definition>>,
    pub(crate) instances: Instances<ModuleId>,
}

/// Who calls a module, and how.
#[derive(Debug)]
pub(crate) struct Called {
    /// The module whose table it is.
    pub(crate) by: ModuleId,
    /// The table.
    pub(crate) block: Arc<Block>,
    /// Which instance this is, where the table has `for_each`.
    pub(crate) each: Option<EachSource>,
    /// What the values of `for_each` refer to, where they come from resources.
    pub(crate) references: BTreeSet<Reference>,
    /// What everything in the module waits for: `depends_on` of the table, and of those around
    /// it.
    pub(crate) depends_on: Arc<[Address]>,
}

/// An output of a module, for the one that calls it.
#[derive(Debug)]
pub(crate) struct ModuleOutput {
    pub(crate) block: Arc<Block>,
    pub(crate) sensitive: bool,
    pub(crate) references: BTreeSet<Reference>,
}
