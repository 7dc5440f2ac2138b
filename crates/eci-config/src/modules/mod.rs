//! Modules: directories of manifests that others call.
//!
//! * [`mod@read_definitions`]: the manifests of each directory are read once, for all calls;
//! * [`call`]: what a `[module.NAME]` table says; [`inputs`]: what it passes;
//! * [`mod@build`]: every instance of every call gets a separate environment;
//! * [`literal_scope`]: what tables say before any is evaluated.
//!
//! An input is evaluated in the module that calls, an output in the module that is called,
//! each time with the scope of the reader. So modules are not a barrier: a reader of an output
//! depends on the dependencies of that output, and on nothing else.

mod build;
mod call;
mod inputs;
mod literal_scope;
mod read_definitions;

pub(crate) use build::{BuiltModules, build};
pub(crate) use read_definitions::read_definitions;
