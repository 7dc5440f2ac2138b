//! The keys of manifests, for editors and for readers: both generated from the description of each
//! field in `eci-core`, in English and in Chinese.
//!
//! * [`manifest()`]: a JSON Schema (draft 7, which taplo and Even Better TOML read);
//! * [`reference()`]: the reference page, `docs/reference.md` and `docs/zh/reference.md`;
//! * [`field_help()`]: the help of an editor about one key.
//!
//! ```
//! use eci_core::kinds::EIP;
//! use eci_core::Map;
//! use eci_text::Lang;
//!
//! let schema = eci_schema::manifest(Lang::En);
//! assert!(schema["properties"]["container_group"].is_object());
//!
//! let bandwidth = EIP.field("bandwidth", &Map::new()).ok_or("no such key")?;
//! assert!(eci_schema::field_help(bandwidth, Lang::Zh).contains("带宽"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A schema cannot compute: a value that may be an expression may be any string with `${` or
//! `%{` in it, and rules that need other resources are not in it. What a schema refuses, `eci
//! validate` refuses too, with one exception: numbers and booleans in quotes.

mod document;
mod help;
mod links;
mod reference;
mod types;

pub use document::manifest;
pub use help::field_help;
pub use reference::reference;
