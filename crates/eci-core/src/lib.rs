//! The words every other crate speaks.
//!
//! * [`value`]: one value type from manifest to wire, which can be *unknown* until apply and
//!   *sensitive* (never written in clear);
//! * [`address`] and [`path`]: the names of resources and of the attributes in them;
//! * [`schema`]: the one description of each field, from which validation, diff, wire form and
//!   reference all come;
//! * [`kinds`]: those descriptions for container groups, volumes and EIPs; [`tables`]: those of
//!   everything else that a manifest may have, and the way from a place to its description;
//! * [`codes`]: the registry of all that can be wrong, each kind with its number and what
//!   `eci explain` says of it;
//! * [`diagnostic`]: what is wrong with a manifest, as data with its place;
//! * [`digest`]: how sensitive values are remembered without being kept;
//! * [`redactor`]: how texts of the cloud are freed of secrets;
//! * [`truncate`](mod@truncate): the length of foreign text in messages;
//! * [`duration`]: lengths of time as they are written;
//! * [`fullwidth`]: the ASCII characters that full-width ones were typed for;
//! * [`identity`]: lineage, serial, operation tags;
//! * [`quote`]: how a message quotes text for TOML or a shell.
//!
//! ```
//! use eci_core::{Address, DigestKey, Kind, Redactor, Value};
//!
//! let address: Address = "container_group.web".parse()?;
//! assert_eq!(address, Address::new(Kind::ContainerGroup, "web"));
//!
//! let password = Value::from("hunter2plain").into_sensitive();
//! let key = DigestKey::new([7; 32]);
//! assert!(key.redact(&password).has_digest());
//!
//! let attributes = [("password".into(), password)].into_iter().collect();
//! let redactor = Redactor::new(&key, [&attributes]);
//! assert_eq!(redactor.cover("invalid: hunter2plain"), "invalid: ***");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing in here does input or output but [`regular`], by which files are read everywhere.

pub mod address;
pub mod codes;
pub mod diagnostic;
pub mod digest;
pub mod duration;
pub mod envelope;
pub mod fullwidth;
pub mod identity;
pub mod kinds;
pub mod parallel;
pub mod path;
pub mod quote;
pub mod redactor;
pub mod regular;
pub mod schema;
pub mod secret_names;
mod severity;
pub mod source;
pub mod suggest;
pub mod tables;
pub mod truncate;
pub mod value;

pub use address::{Address, Kind, Subject};
pub use codes::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use digest::DigestKey;
pub use identity::{Lineage, OperationTag, Serial};
pub use path::Path;
pub use redactor::Redactor;
pub use truncate::truncate;
pub use value::{Map, Number, Value};

// Names are the same in every language.
eci_text::verbatim!(
    schema::Literal,
    address::Address,
    address::Kind,
    address::ModuleStep,
    address::Subject,
    path::Path,
    path::PathPattern,
    value::Number,
);
