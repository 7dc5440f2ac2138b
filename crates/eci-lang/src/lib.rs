//! The expressions of manifests: `${…}` and `%{…}` in strings, with the syntax of Terraform's and
//! its functions, evaluated over [`eci_core::Value`] with unknown and sensitive parts.
//!
//! An expression knows nothing of manifests, modules or the cloud. Every name that it begins with
//! (`var.`, `local.`, `each.`, `path.`, `module.`, the kinds of resources) and every file that it
//! reads is resolved by a [`Resolver`], the one trait that a program has to implement:
//!
//! ```
//! use std::sync::Arc;
//!
//! use eci_core::{Diagnostic, Value};
//! use eci_lang::{Budget, Origin, Resolver, evaluate_expression, parse_expression};
//! use eci_text::Text;
//!
//! /// Knows one variable: `var.name`.
//! struct Name {
//!     name: Value,
//!     budget: Arc<Budget>,
//! }
//!
//! impl Resolver for Name {
//!     fn budget(&self) -> &Arc<Budget> {
//!         &self.budget
//!     }
//!
//!     fn declares_variable(&self, name: &str) -> bool {
//!         name == "name"
//!     }
//!
//!     fn variable(&self, _: &str) -> Result<Value, Box<Diagnostic>> {
//!         Ok(self.name.clone())
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<Diagnostic>> {
//! let names = Name { name: Value::from("web"), budget: Arc::default() };
//! let text = r#"join("-", [upper(var.name), 1 + 1])"#;
//! let origin = Origin::outside(Text::verbatim("example"), text);
//! let expression = parse_expression(text, &origin)?;
//! assert_eq!(evaluate_expression(&names, &origin, &expression)?, Value::from("WEB-2"));
//!
//! let text = "var.nam";
//! let origin = Origin::outside(Text::verbatim("example"), text);
//! let expression = parse_expression(text, &origin)?;
//! let error = evaluate_expression(&names, &origin, &expression).unwrap_err();
//! assert!(error.to_string().contains("undeclared variable `var.nam`"));
//! # Ok(())
//! # }
//! ```
//!
//! A string of a manifest is a [`Template`]: parsed once, evaluated any number of times. What it
//! refers to is found without evaluating it, by [`references_of`].
//!
//! Two promises hold for every evaluation: a value that was computed from a sensitive one is
//! sensitive, and no expression takes more steps, time or memory than its [`Budget`] has.
//!
//! The modules, in the order in which an expression passes them:
//!
//! * `template`: one string with its syntax tree, as `hcl-edit` parses it, and the way back to its
//!   place; `heredoc`: the indentation of `<<-` heredocs; `wide`: objects that are too large to
//!   parse;
//! * `references`, `mentions`, `walk`: what an expression names, without evaluating it;
//! * `evaluate`, `template_text`: the walk over the tree;
//! * `nouns`: the types of values in messages;
//! * `names`, `module`: what expressions begin with; `resolver`: the trait that resolves it;
//! * `access`: attributes, indices and splats; `schema_types`: what is known of them from the
//!   descriptions of the kinds;
//! * `operators`, `decimal`, `functions`: the operations; `unify`: one type for several values, as
//!   Terraform finds it;
//! * `marks`: how unknown and sensitive travel through them;
//! * `budget`: how much an evaluation may cost.

mod access;
mod budget;
mod decimal;
mod evaluate;
mod files;
mod functions;
mod heredoc;
mod marks;
mod mentions;
mod module;
mod names;
mod nouns;
mod operators;
mod parser_words;
mod references;
mod resolver;
mod schema_types;
mod template;
mod template_text;
mod unify;
mod walk;
mod wide;

pub use budget::{Budget, spend, within};
pub use evaluate::{check_size, evaluate_expression, evaluate_template};
pub use files::{Content, FileError};
pub use functions::{FunctionDoc, SortKey, UnsupportedFunction, functions, unsupported_functions};
pub use marks::{mark, without_marks};
pub use mentions::{mentions, mentions_as_sensitive};
pub use operators::{as_number, as_text, as_truth};
pub use references::{Reference, references_of};
pub use resolver::{
    CalledModule, DeclaredOutputs, EachValue, Instances, ModuleId, Namespace, Resolver, Roots,
    StateOutputs,
};
pub use template::{Origin, Template, Tree, parse_expression};
