//! What expressions can refer to.

mod variables;

pub use variables::{VariableError, Variables};
