//! The presentation layer: plans, outcomes and diagnostics as text, Markdown, HTML, JSON and SARIF.
//!
//! Data comes in and text goes out; nothing is printed here.
//!
//! * [`plan`]: plans as text, as JSON in Terraform's format, as Markdown and as HTML;
//! * [`outcome()`], [`failure()`], [`failure_message()`]: the outcome of a run, and the errors in it;
//! * [`messages`]: the events of a run, one JSON object per line;
//! * [`diagnostics()`]: diagnostics of manifests with excerpts, as rustc shows them;
//! * [`findings_json()`], [`findings_sarif()`], [`findings_github()`]: diagnostics for other programs;
//! * [`explain`]: the explanations of error and warning codes;
//! * [`state`], [`outputs`]: the state and its outputs;
//! * [`history`]: the versions of a state and their differences;
//! * [`graph`]: the dependency graph as DOT, Mermaid and JSON;
//! * [`orphans`]: orphaned resources;
//! * [`running`]: the status and the events of container groups;
//! * [`file_diff()`]: the changes of a file;
//! * [`error()`]: any other error, with its causes and help;
//! * [`actions`]: the words for actions;
//! * [`style`]: language, colors and width; [`value`]: values on one line or several.
//!
//! ```
//! use std::io::{Error, ErrorKind};
//!
//! use eci_render::{ErrorChain, Style, text_of};
//! use eci_text::text;
//!
//! let error = Error::new(ErrorKind::PermissionDenied, "cannot read web.eci.toml");
//! let error = ErrorChain::new(&error, text_of);
//! let help = text!(en: "make the file readable", zh: "为文件添加读取权限");
//! let text = eci_render::error(&error, Some(&help), Style::plain());
//! assert_eq!(
//!     text,
//!     "error: cannot read web.eci.toml\nhelp: make the file readable\n"
//! );
//! ```

pub mod actions;
mod columns;
mod diagnostics;
mod document;
mod error;
mod error_chain;
pub mod explain;
mod failure;
mod file_diff;
pub mod graph;
pub mod history;
mod layout;
mod line_diff;
pub mod messages;
mod nouns;
pub mod orphans;
mod outcome;
pub mod outputs;
pub mod plan;
mod report;
pub mod running;
pub mod state;
pub mod style;
#[cfg(test)]
mod typography;
pub mod value;
pub mod version;
mod width;
mod wrapping;

pub use diagnostics::diagnostics;
pub use eci_text::Text;
pub use error::error;
pub use error_chain::{ErrorChain, text_of};
pub use failure::{
    FailureMessage, NOT_READY_AFTER_RESTART, failed_output, failure, failure_message,
};
pub use file_diff::file_diff;
pub use nouns::{DISK, ORPHAN, RESOURCE};
pub use outcome::{
    not_created_again, not_created_again_warnings, outcome, unverified, unverified_warning,
};
pub use report::{RepositoryLocation, error_json, findings_github, findings_json, findings_sarif};
pub use style::{ColorChoice, Style};
pub use wrapping::wrap;
