//! The attributes of an instance in a scope.

use std::sync::Arc;

use eci_core::{Diagnostics, Map};

use super::attributes::Evaluation;
use super::build::is_instance;
use super::instance::Resource;
use crate::evaluation::Context;
use crate::scope::Scope;

impl Resource {
    /// Computes the attributes in normal form, linked: the labels of the manifest are replaced by
    /// the names or the attributes of the linked resources, taken from the scope.
    ///
    /// # Errors
    ///
    /// Values that cannot be computed or do not fit their descriptions, with places.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Arc<Map>, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let attributes = self.evaluate_into(scope, &mut diagnostics);
        self.budget().report(&mut diagnostics);
        if diagnostics.has_errors() {
            diagnostics.sort();
            Err(diagnostics)
        } else {
            Ok(attributes)
        }
    }

    /// Evaluates a resource like [`Resource::evaluate`], and reports warnings too.
    ///
    /// Attributes with errors are missing or unknown.
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
}
