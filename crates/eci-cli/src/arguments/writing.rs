//! Commands that write manifests and lay them out.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `eci fmt`
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Change nothing; list the files that are not laid out, and exit with 1 if there are any
    #[arg(long)]
    pub(crate) check: bool,
    /// Show what changes, line by line
    #[arg(long)]
    pub(crate) diff: bool,
    /// Files, or directories with all their manifests and files of variables; `-` is standard
    /// input, laid out to standard output [default: the directory of manifests]
    #[arg(value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
}

/// `eci init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The example to begin with [default: quickstart]
    #[arg(long, value_enum, value_name = "EXAMPLE")]
    pub(crate) from: Option<Example>,
}

/// An example to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Example {
    /// One web server with a configuration file and a public address
    #[default]
    Quickstart,
    /// Three tiers in three files: a web server, an application, a database
    WebThreeTier,
    /// A database on a disk that stays, and a web server with an address that stays
    Stateful,
    /// A job that runs once and ends
    Batch,
    /// The example of the vendor's page for createContainerGroup
    Vendor,
}
