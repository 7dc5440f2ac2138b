//! A resource instance.

use std::sync::{Arc, OnceLock};

use eci_core::diagnostic::Span;
use eci_core::{Address, Map, Path};
use eci_lang::{Budget, ModuleId};

use super::lifecycle::{Lifecycle, Timeouts};
use super::source_location;
use crate::environment::{EachSource, Modules};
use crate::parse::Block;

/// A resource instance.
pub struct Resource {
    /// Its name.
    pub address: Address,
    /// The header of its table.
    pub place: Span,
    /// All resources on which it depends: by expressions, links, `depends_on` or
    /// `replace_triggered_by`. Sorted, distinct, and all of them declared.
    pub references: Vec<Address>,
    /// The dependencies that it links by name: its EIP, its volumes.
    ///
    /// Sorted and distinct.
    pub links: Vec<Address>,
    /// `lifecycle`.
    pub lifecycle: Lifecycle,
    /// `timeouts`.
    pub timeouts: Timeouts,
    pub(super) block: Arc<Block>,
    pub(super) each: Option<EachSource>,
    pub(super) modules: Arc<Modules>,
    pub(super) module: ModuleId,
    /// The resources that its expressions read.
    pub(super) value_references: Box<[Address]>,
    /// The attributes before linking, if its expressions refer to no resource: the same in every
    /// scope.
    pub(super) computed: OnceLock<ComputedAttributes>,
}

/// Attributes in normal form, not linked, and which of their names are defaults.
#[derive(Clone)]
pub(super) struct ComputedAttributes {
    pub(super) attributes: Arc<Map>,
    pub(super) defaults: DefaultNames,
}

/// The names that a manifest does not give.
#[derive(Clone, Copy, Default)]
pub(super) struct DefaultNames {
    /// Whether that is its name.
    pub(super) name: bool,
    /// Whether that is the name of its managed disk.
    pub(super) disk: bool,
}

impl Resource {
    /// Returns the remaining budget of the evaluation of its configuration.
    pub(crate) fn budget(&self) -> &Arc<Budget> {
        self.modules.budget()
    }

    /// Returns the resources on whose attributes it depends: on the others among its references it
    /// depends only for their existence.
    pub fn value_dependencies(&self) -> impl Iterator<Item = &Address> {
        self.value_references.iter().chain(&self.links)
    }

    /// Returns the resources that its expressions read.
    pub fn value_references(&self) -> &[Address] {
        &self.value_references
    }

    /// Returns whether its table has this key, whatever its value.
    pub fn has_key(&self, key: &str) -> bool {
        self.block.node.get(key).is_some()
    }

    /// Returns the place in the manifest nearest to an attribute.
    pub fn span_of(&self, path: &Path) -> Span {
        source_location::of_value(&self.block, self.address.kind().schema(), path)
    }
}

impl std::fmt::Debug for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resource")
            .field("address", &self.address)
            .field("place", &self.place)
            .field("references", &self.references)
            .field("links", &self.links)
            .field("lifecycle", &self.lifecycle)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
