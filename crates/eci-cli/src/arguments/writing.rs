//! Commands that write and lay out manifests.

use std::path::PathBuf;

use clap::Args;

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
