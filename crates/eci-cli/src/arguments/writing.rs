//! Commands that write manifests and lay them out.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::VariableArgs;
use super::inspect::LockTimeoutArgs;
use super::paths::plain_path;

/// `eci fmt`
#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    /// Change nothing; list files that are not formatted, and exit with 1 if there are any
    #[arg(long)]
    pub(crate) check: bool,
    /// Show a diff of the changes
    #[arg(long)]
    pub(crate) diff: bool,
    /// Files, or directories of manifests and variable files; `-` formats standard input to
    /// standard output [default: the configuration directory]
    #[arg(value_name = "FILES", value_parser = plain_path())]
    pub(crate) files: Vec<PathBuf>,
}

/// `eci init`
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The example to start from [default: quickstart]
    #[arg(long, value_enum, value_name = "EXAMPLE")]
    pub(crate) from: Option<Example>,
    /// Migrate the state to the backend in the manifests, from a state directory, or from the backend in a file
    /// with the old `[backend.NAME]`; without a value, from `state`
    #[arg(
        long,
        value_name = "FROM",
        num_args = 0..=1,
        default_missing_value = "state",
        conflicts_with = "from",
    )]
    pub(crate) migrate: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) lock: LockTimeoutArgs,
}

/// An example to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Example {
    /// One web server with a configuration file and a public IP address
    #[default]
    Quickstart,
    /// Three tiers in three files: a web server, an application and a database
    WebThreeTier,
    /// A database on a persistent disk, and a web server with a persistent EIP
    Stateful,
    /// A job that runs once
    Batch,
    /// The example of CTyun's API page for createContainerGroup
    Vendor,
}
