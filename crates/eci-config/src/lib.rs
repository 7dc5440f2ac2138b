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
//! * `variables`: their types, and the values and other inputs that come from outside;
//! * `environment`: everything that the expressions of a module can refer to: variables, locals,
//!   files, resources, other modules; one for every instance of a module;
//! * `evaluation`: resolves the names in expressions, which [`eci_lang`] evaluates, and evaluates
//!   tables;
//! * `secrets`: finds hard-coded secrets, and keeps them from being shown;
//! * `resource`: instances, their references and links, and their attributes in normal form;
//! * `backend`, `settings`, `output`, `refactoring`: the tables other than those of resources
//!   (`[backend.NAME]`, `[provider]`, `[output.NAME]`, `[[moved]]`, `[[removed]]`, `[[import]]`);
//! * `modules`: the directories that others call, each read once, and the environment of every
//!   instance;
//! * `outline`: the contents of the tables before anything is evaluated;
//! * `check`, `lints`: the first evaluation, which finds errors before anything is planned, and
//!   warnings about valid manifests that probably contain mistakes;
//! * `load`: puts these together into a `configuration`; `load_settings` reads only the provider or the state,
//!   even if other tables have errors; `console` evaluates single expressions.

mod backend;
mod check;
mod configuration;
mod console;
mod declared_variables;
mod environment;
mod evaluation;
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
mod secrets;
mod settings;
mod state_settings;
mod type_error_hints;
mod variables;

pub use configuration::Configuration;
pub use console::Console;
pub use declared_variables::{DeclaredVariable, DeclaredVariables, load_variables};
pub use environment::Module;
pub use load::{load, load_lenient, load_with, manifest_names};
pub use load_settings::{
    load_other_states, load_provider, load_state, load_state_from, may_name_a_backend,
};
pub use outline::{
    CallOutline, Outline, OutlineValue, OutputOutline, ResourceOutline, VariableOutline,
};
pub use output::Output;
pub use parse::{Overlay, plain_path};
pub use refactoring::{Import, MovedBlock, RemovedBlock, WrongId, check_id};
pub use resource::{IgnoreChanges, Lifecycle, Resource, Timeouts};
pub use scope::{EmptyScope, KeptNames, Scope};
pub use settings::{FieldSpelling, ProviderSettings, Retry};
pub use state_settings::{
    BackendSettings, EncryptionKey, HttpBackendSettings, OtherState, PostgresBackendSettings,
    S3BackendSettings, StateSettings,
};
pub use variables::{
    OtherOutput, OtherOutputs, RawValue, StateProblem, StateReader, ValueSource, ValuesFileError,
    VariableError, Variables,
};
