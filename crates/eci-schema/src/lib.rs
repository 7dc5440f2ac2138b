//! What manifests may hold, for editors and for readers: both made from the one description of
//! each field in `eci-core`.
//!
//! * [`manifest()`]: a JSON Schema (draft 7, which taplo and Even Better TOML read);
//! * [`reference()`]: the reference page, `docs/reference.md`;
//! * [`field_help()`]: what an editor shows of one key.
//!
//! A schema cannot compute: a value that may be an expression may be any string with `${` or
//! `%{` in it, and rules that need other resources are not in it. What a schema refuses, `eci
//! validate` refuses too, with one exception: numbers and truth values in quotes.

mod document;
mod help;
mod links;
mod reference;
mod types;

pub use document::manifest;
pub use help::field_help;
pub use reference::reference;
