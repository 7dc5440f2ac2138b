//! What the commands say, as text and as JSON: data in, text out, nothing is printed here.
//!
//! * [`style`]: colours and widths;
//! * [`diagnostics()`]: what is wrong with the manifests, in rustc's manner;
//! * [`findings_json()`], [`findings_sarif()`], [`findings_github()`]: the same for programs;
//! * [`messages`]: what a run tells programs, line by line;
//! * [`explain`]: what is to be said about a code;
//! * [`plan`]: a plan for people, for programs and for pull requests;
//! * [`state`] and [`outputs`]: what the state has;
//! * [`graph`]: which resource needs which;
//! * [`orphans`]: what the state made and does not know;
//! * [`running`]: how container groups stand, and what happened to them;
//! * [`failure()`], [`trouble()`] and [`outcome()`]: what came of a run;
//! * [`file_diff()`]: what changes in a file;
//! * [`error()`]: any other error, with its way out.

mod columns;
mod diagnostics;
mod document;
mod error;
pub mod explain;
mod file_diff;
pub mod graph;
mod layout;
mod line_diff;
pub mod messages;
pub mod orphans;
mod outcome;
pub mod outputs;
pub mod plan;
mod report;
pub mod running;
pub mod state;
pub mod style;
pub(crate) mod value;

pub(crate) use diagnostics::MOST_DRAWN;
pub use diagnostics::diagnostics;
pub use error::error;
pub use file_diff::file_diff;
pub use outcome::{
    failed_output, failure, gone, not_created_again, outcome, trouble, unverified,
    unverified_warning,
};
pub use report::{Repository, error_json, findings_github, findings_json, findings_sarif};
pub use style::{ColorChoice, Style};
