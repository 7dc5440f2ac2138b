//! The commands `eci`, `eci-plan` and `eci-apply`.
//!
//! A program of this crate is [`main()`] and nothing else. Below it:
//!
//! * `arguments`: the command line's arguments; `terraform_style`: other forms of it;
//!   `command_line`: what is recorded of it;
//! * `completions`: what may come next on a command line, for shells;
//! * `commands`: one module a command;
//! * [`check()`]: checks without the cloud;
//! * `context`: where a command works and with what: directories, variables, credentials,
//!   endpoints, the state, the cloud or the sandbox;
//! * [`progress`]: progress reports of a run;
//! * `examples`: the manifests that a newcomer begins with;
//! * `help`: the help of the command line in each language;
//! * `generate`: manifests for what is in the cloud already;
//! * `stdio`: standard output and standard error;
//! * `error`, `error_report`, `exit_status`: why a command could not do its work, its report, and the exit code;
//! * `signals`: Ctrl-C, and a terminal that goes; `locking`: what they do to the lock of a state.
//!
//! All decisions are taken in the crates below this one; `eci-render` writes what
//! the commands show.

mod arguments;
mod check;
mod command_line;
mod commands;
mod completions;
mod context;
mod duration;
mod error;
mod error_report;
mod examples;
mod exit_status;
mod generate;
mod help;
mod locking;
mod program;
pub mod progress;
mod screen;
mod signals;
mod stdio;
mod terminal;
mod terraform_style;
mod usage;

pub use check::check;
pub use program::main;
