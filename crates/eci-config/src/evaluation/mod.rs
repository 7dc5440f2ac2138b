//! The evaluation of expressions: variables, locals, inputs and outputs lead to each other.

mod context;
mod declaration;
mod each;
mod environment_variable;
mod eval_stack;
mod inputs;
mod literals;
mod locals;
mod node;
mod outputs;
mod table_reader;
mod validations;
mod variables;

pub(crate) use context::Context;
pub(crate) use declaration::Declaration;
pub(crate) use environment_variable::{is_variable_name, not_a_variable};
pub(crate) use node::evaluate_node;
pub(crate) use table_reader::TableReader;
