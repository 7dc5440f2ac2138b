//! Expressions that a person enters, in addition to those of the manifests.

use std::sync::Arc;

use eci_core::{Diagnostics, Value};
use eci_lang::{Origin, Roots, evaluate_expression, parse_expression};
use eci_text::text;

use crate::configuration::Configuration;
use crate::environment::Modules;
use crate::evaluation::Context;
use crate::scope::Scope;

/// Evaluates expressions against a configuration.
///
/// Unlike the expressions of manifests, these may read files that no manifest names, and ask for
/// the type of a value.
#[derive(Debug)]
pub struct Console {
    modules: Arc<Modules>,
}

impl Console {
    /// Creates a console over the declarations of a configuration.
    pub fn new(configuration: &Configuration) -> Console {
        let modules = configuration.evaluated.clone();
        modules.root().files.unseal();
        Console { modules }
    }

    /// Evaluates an expression, as far as the scope knows what it refers to.
    ///
    /// # Errors
    ///
    /// The error of the evaluation, with its place in the expression.
    pub fn evaluate(&self, text: &str, scope: &dyn Scope) -> Result<Value, Diagnostics> {
        let origin = Origin::outside(text!(en: "expression", zh: "表达式"), text);
        // A person may ask any number of times.
        let budget = self.modules.budget();
        budget.renew();
        let context = Context {
            scope,
            roots: Roots::Console,
            modules: Some(&self.modules),
            ..Context::plain(self.modules.root())
        };
        let value = parse_expression(text, &origin)
            .and_then(|expression| evaluate_expression(&context, &origin, &expression))
            .map_err(|diagnostic| Diagnostics::from(*diagnostic));
        let mut exhaustion = Diagnostics::default();
        budget.report(&mut exhaustion);
        if exhaustion.has_errors() {
            Err(exhaustion)
        } else {
            value
        }
    }
}
