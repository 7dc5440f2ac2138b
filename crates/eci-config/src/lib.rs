//! Reads a directory of manifests into a configuration whose resources can be evaluated.
//!
//! ```no_run
//! # fn main() -> Result<(), eci_core::Diagnostics> {
//! let variables = eci_config::Variables::default();
//! let configuration = eci_config::load(std::path::Path::new("."), &variables)?;
//! for resource in &configuration.resources {
//!     let attributes = resource.evaluate(&eci_config::EmptyScope)?;
//!     println!("{} at {}: {attributes:?}", resource.address, resource.place);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`load()`] does all the reading and all the checking: files, syntax, names, types, references,
//! labels. What comes out of it is pure: [`Resource::evaluate`] and [`Output::evaluate`] take
//! what is known of other resources from a [`Scope`] and compute, any number of times, without
//! input or output.
//!
//! The modules, in the order in which data passes them:
//!
//! * `parse`: files of TOML become trees of nodes that keep their positions, and these become the
//!   declarations of a directory;
//! * `modules`: the directories that others call, each read once, and an environment for every
//!   instance;
//! * `context`: resolves the names in expressions, which [`eci_lang`] evaluates; `evaluate`: nodes
//!   of manifests as values;
//! * `environment`: everything that the expressions of a module can refer to: variables, locals,
//!   files, resources, other modules;
//! * `resource`: instances, their references and links, and their attributes in normal form;
//! * `outline`: the contents of the tables before anything is evaluated;
//! * `settings`, `output`, `refactoring`: the tables other than those of resources (`[provider]`,
//!   `[output.NAME]`, `[[moved]]`, `[[removed]]`, `[[import]]`);
//! * `check`, `lints`: the first evaluation, which finds errors before anything is planned, and
//!   warnings about valid manifests that probably contain mistakes;
//! * `load`: puts these together into a `configuration`; `load_settings` reads only the provider or the state,
//!   even if other tables have errors; `console` evaluates single expressions.

mod backend;
mod check;
mod configuration;
mod console;
mod context;
mod environment;
mod evaluate;
mod lints;
mod load;
mod load_settings;
mod modules;
mod outline;
mod output;
mod parse;
mod refactoring;
mod resource;
mod scope;
mod settings;
mod type_error_hints;

pub use backend::{
    BackendSettings, EncryptionKey, HttpBackend, OtherState, PostgresBackend, S3Backend,
    StateSettings,
};
pub use configuration::Configuration;
pub use console::Console;
pub use environment::{
    DeclaredVariable, DeclaredVariables, OtherOutput, OtherOutputs, RawValue, StateProblem,
    StateReader, ValueSource, ValuesFileError, VariableError, Variables, load_variables,
};
pub use load::{load, load_lenient, load_with, manifest_names};
pub use load_settings::{
    load_other_states, load_provider, load_state, load_state_from, may_name_a_backend,
};
pub use modules::Module;
pub use outline::{
    CallOutline, Outline, OutlineValue, OutputOutline, ResourceOutline, VariableOutline,
};
pub use output::Output;
pub use parse::{Overlay, plain_path};
pub use refactoring::{Import, MovedBlock, RemovedBlock, WrongId, check_id};
pub use resource::{IgnoreChanges, Lifecycle, Resource, Timeouts};
pub use scope::{EmptyScope, KeptNames, Scope};
pub use settings::{FieldNames, ProviderSettings, Retry};
