//! `${…}` templates: parsed by `hcl-edit`, evaluated here over [`eci_core::Value`].
//!
//! * [`template`](mod@template): one string with its syntax tree and the way back to its place;
//! * [`heredoc`]: the indentation of `<<-` heredocs;
//! * [`evaluate`](mod@evaluate): the walk over the tree;
//! * [`names`]: what expressions begin with;
//! * [`access`]: attributes, indices and splats;
//! * [`module`]: the outputs of modules;
//! * [`budget`]: how much an evaluation may cost;
//! * [`shape`]: what is known of a value's attributes from the descriptions of the kinds;
//! * [`references`]: what an expression refers to, without evaluating it;
//! * [`operators`], [`decimal`], [`functions`]: the operations;
//! * [`unify`]: one type for several values, as Terraform finds it;
//! * [`marks`]: how unknown and sensitive travel through them.

mod access;
mod budget;
mod context;
mod decimal;
mod evaluate;
mod functions;
mod heredoc;
mod marks;
mod mentions;
mod module;
mod names;
mod nodes;
mod operators;
mod references;
mod schema_types;
mod template;
mod template_text;
mod unify;
mod walk;
mod wide;

pub(crate) use budget::{Budget, spend, within};
pub(crate) use context::{Context, Each, Roots};
pub use functions::{AbsentFunction, FunctionDoc, absent_functions, functions};
pub(crate) use functions::{Ordered, hex};
pub(crate) use marks::{mark, without_marks};
pub(crate) use mentions::{mentions, mentions_as_sensitive};
pub(crate) use nodes::{evaluate_expression, evaluate_node};
pub(crate) use operators::{as_number, as_text, as_truth};
pub(crate) use references::{Reference, references_of};
pub(crate) use template::{Origin, Template, Tree, parse_expression};
