//! Instances of resources.

mod attributes;
mod build;
mod find_links;
mod for_each;
mod ignored;
mod label;
mod meta;
mod resolve_links;
mod source_location;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use eci_core::diagnostic::Span;
use eci_core::path::PathPattern;
use eci_core::{Address, Diagnostics, Map, Path};
use eci_lang::{Budget, ModuleId};

pub(crate) use build::{Tables, build_resources, declare_resources};
pub(crate) use for_each::{EachSource, Keys, keys};
pub(crate) use meta::dependencies as addresses;

use self::attributes::{Computed, Evaluation};
use self::build::is_instance;
use crate::context::Context;
use crate::modules::Modules;
use crate::parse::Block;
use crate::scope::Scope;

/// One instance of a resource.
pub struct Resource {
    /// Its name.
    pub address: Address,
    /// The header of its table.
    pub place: Span,
    /// Every resource that it needs first: by expressions, links, `depends_on` or
    /// `replace_triggered_by`. Sorted, each once, all of them existing.
    pub references: Vec<Address>,
    /// Those among them that it links by label: its EIP, its volumes. Sorted, each once.
    pub links: Vec<Address>,
    /// `lifecycle`.
    pub lifecycle: Lifecycle,
    /// `timeouts`.
    pub timeouts: Timeouts,
    block: Arc<Block>,
    each: Option<EachSource>,
    modules: Arc<Modules>,
    module: ModuleId,
    /// The resources that its expressions look at.
    looks_at: Box<[Address]>,
    /// Where that is none, what they came to, before anything is linked: the same in every
    /// scope.
    computed: OnceLock<Computed>,
}

/// `lifecycle`: how a resource may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Whether a plan that deletes it is refused.
    pub prevent_destroy: Option<bool>,
    /// Whether a replacement is made before the old one is deleted.
    pub create_before_destroy: bool,
    /// Changes that are left alone.
    pub ignore_changes: IgnoreChanges,
    /// Resources whose replacement replaces this one.
    pub replace_triggered_by: Vec<Address>,
}

/// Changes that are left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IgnoreChanges {
    /// Those at or below these paths, such as `tags.owner`.
    Paths(Vec<PathPattern>),
    /// All.
    All,
}

impl Default for IgnoreChanges {
    fn default() -> IgnoreChanges {
        IgnoreChanges::Paths(Vec::new())
    }
}

/// `timeouts`: how long an action may take; the defaults are the caller's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Until it is there and ready.
    pub create: Option<Duration>,
    /// Until the change is done.
    pub update: Option<Duration>,
    /// Until it is gone.
    pub delete: Option<Duration>,
}

impl Resource {
    /// Its attributes in normal form, linked: where the manifest has labels, the names or the
    /// attributes of the linked resources stand, taken from the scope.
    ///
    /// # Errors
    ///
    /// What cannot be computed or does not fit the description of the kind, with its place.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Arc<Map>, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let attributes = self.evaluate_into(scope, &mut diagnostics);
        self.budget().report(&mut diagnostics);
        match diagnostics.has_errors() {
            false => Ok(attributes),
            true => {
                diagnostics.sort();
                Err(diagnostics)
            }
        }
    }

    /// What is left to the evaluation of its configuration.
    pub(crate) fn budget(&self) -> &Arc<Budget> {
        self.modules.budget()
    }

    /// As [`Resource::evaluate`], with what was found beside errors. Where something is wrong,
    /// the attribute is left out or unknown.
    pub(crate) fn evaluate_into(
        &self,
        scope: &dyn Scope,
        diagnostics: &mut Diagnostics,
    ) -> Arc<Map> {
        let context = Context {
            scope,
            modules: Some(&self.modules),
            ..Context::plain(self.modules.get(self.module))
        };
        let each = self.each.as_ref();
        let each = each.map(|each| each.value(&self.block, &context));
        let context = Context {
            each: each.as_ref(),
            ..context
        };
        let before = diagnostics.0.len();
        let attributes = Evaluation::new(self, context, &mut *diagnostics).attributes();
        if is_instance(&self.address) {
            diagnostics.found_in(&self.address, before);
        }
        attributes
    }

    /// The resources whose attributes it needs: of the others among its references it needs
    /// only that they are there.
    pub fn value_dependencies(&self) -> impl Iterator<Item = &Address> {
        self.looks_at.iter().chain(&self.links)
    }

    /// The resources that its expressions look at.
    pub fn looks_at(&self) -> &[Address] {
        &self.looks_at
    }

    /// Whether its table has this key, whatever it says.
    pub fn has_key(&self, key: &str) -> bool {
        self.block.node.get(key).is_some()
    }

    /// The place in the manifest nearest to an attribute.
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
