//! The tables that call modules, and the outputs that their modules give.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::Address;
use eci_lang::{Instances, ModuleId, Reference};

use super::each_source::EachSource;
use crate::parse::{Block, Definition};

/// `[module.NAME]` as expressions of the calling module read it.
#[derive(Debug)]
pub(crate) struct DeclaredCall {
    pub(crate) block: Arc<Block>,
    /// The called definition; `None` if it could not be read, which was reported.
    pub(crate) definition: Option<Arc<Definition>>,
    pub(crate) instances: Instances<ModuleId>,
}

/// The call of a module instance.
#[derive(Debug)]
pub(crate) struct ModuleCall {
    /// The module whose table it is.
    pub(crate) by: ModuleId,
    /// The table.
    pub(crate) block: Arc<Block>,
    /// The origin of `each`, if the table has `for_each`.
    pub(crate) each: Option<EachSource>,
    /// The references of `for_each`, if its values come from resources.
    pub(crate) references: BTreeSet<Reference>,
    /// The resources on which everything in the module depends: `depends_on` of the table, and of
    /// those around it.
    pub(crate) depends_on: Arc<[Address]>,
}

/// An output of a module, for the one that calls it.
#[derive(Debug)]
pub(crate) struct ModuleOutput {
    pub(crate) block: Arc<Block>,
    pub(crate) sensitive: bool,
    pub(crate) references: BTreeSet<Reference>,
}
