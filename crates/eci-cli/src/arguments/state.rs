//! What can be said with `eci state`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use eci_core::Subject;

use super::running::LockTimeout;
use super::{Format, VariableArguments};

const RECOVER_HELP: &str = "\
The newest snapshot that can be read is taken, with every line of the journal that can be read.
What became of calls whose end is not known, the cloud is asked. The damaged files are kept in
`damaged/` of the state; nothing is deleted. A state that is not damaged is left as it is.";

/// `eci state`
#[derive(Debug, Subcommand)]
pub(crate) enum State {
    /// List the addresses of what the state has
    List {
        /// Only these; a resource with its instances, a module with all that is in it
        #[arg(value_name = "ADDR")]
        named: Vec<Subject>,
        /// The form of the answer
        #[arg(long, value_enum, value_name = "FORM", default_value_t)]
        format: Format,
    },
    /// Show what the state has of one resource
    Show {
        /// Its address, such as container_group.web
        address: String,
        /// The form of the answer
        #[arg(long, value_enum, value_name = "FORM", default_value_t)]
        format: Format,
    },
    /// Give a resource or a module another address, as `[[moved]]` in a manifest does
    #[command(name = "mv")]
    Move(Move),
    /// Let resources go; the cloud keeps them
    #[command(name = "rm")]
    Remove(Remove),
    /// Write the state as one document to standard output; keep it as safe as the state
    Pull,
    /// Put a document that `pull` wrote in the place of the state
    Push(Push),
    /// Show the cloud that the state belongs to: region, endpoint and account
    Cloud(Cloud),
    /// Rebuild a damaged state from its backups, its journal and the cloud
    #[command(after_help = RECOVER_HELP)]
    Recover(Recover),
}

/// `eci state cloud`
#[derive(Debug, Args)]
pub(crate) struct Cloud {
    /// Record the cloud that the manifests and the environment name, where the same one is reached
    /// at another endpoint now
    #[arg(long)]
    pub(crate) set: bool,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    #[command(flatten)]
    pub(crate) lock: LockTimeout,
}

/// `eci state mv`
#[derive(Debug, Args)]
pub(crate) struct Move {
    /// The address now; without a key, with all instances; a module, with all that is in it
    #[arg(value_name = "FROM")]
    pub(crate) from: Subject,
    /// The address from now on
    #[arg(value_name = "TO")]
    pub(crate) to: Subject,
    #[command(flatten)]
    pub(crate) lock: LockTimeout,
}

/// `eci state rm`
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The addresses; without a key, all instances; of a module, all that is in it
    #[arg(value_name = "ADDR", required = true)]
    pub(crate) addresses: Vec<Subject>,
    #[command(flatten)]
    pub(crate) lock: LockTimeout,
}

/// `eci state push`
#[derive(Debug, Args)]
pub(crate) struct Push {
    /// The document; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Also if it is of another lineage, or older than the state
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) lock: LockTimeout,
}

/// `eci state recover`
#[derive(Debug, Args)]
pub(crate) struct Recover {
    /// Rebuild it from the files alone; the next `eci apply` asks the cloud
    #[arg(long)]
    pub(crate) offline: bool,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    #[command(flatten)]
    pub(crate) lock: LockTimeout,
}
