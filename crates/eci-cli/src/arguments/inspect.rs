//! The arguments of the commands that inspect running container groups, and of the graph.

use std::time::Duration;

use clap::{Args, ValueEnum};
use eci_core::Address;

use super::{Format, VariableArgs};
use crate::duration;

/// The form of a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// For Graphviz
    #[default]
    Dot,
    /// For Markdown
    Mermaid,
    /// For programs
    Json,
}

/// `eci graph`
#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: GraphFormat,
}

/// `eci status`
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci events`
#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    /// The container group, for example container_group.web
    #[arg(value_name = "ADDR")]
    pub(crate) address: Address,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci logs`
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// The container group, for example container_group.web
    #[arg(value_name = "ADDR")]
    pub(crate) address: Address,
    /// Container name; optional if the container group has only one
    #[arg(short, long, value_name = "NAME")]
    pub(crate) container: Option<String>,
    /// Follow the log until the container exits for good
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Show only the last N lines
    #[arg(long, value_name = "N")]
    pub(crate) tail: Option<u32>,
    /// Show the log of the container before its last restart
    #[arg(short, long, conflicts_with = "follow")]
    pub(crate) previous: bool,
    /// Show a timestamp on each line
    #[arg(long)]
    pub(crate) timestamps: bool,
    /// Show only lines newer than this, for example 10m
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) since: Option<Duration>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// `eci restart`
#[derive(Debug, Args)]
pub(crate) struct RestartArgs {
    /// The container group, for example container_group.web
    #[arg(value_name = "ADDR")]
    pub(crate) address: Address,
    /// How long to wait until it is ready again, for example 30m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) lock: LockTimeoutArgs,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// Output format; `json` prints one event per line
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci exec`
#[derive(Debug, Args)]
pub(crate) struct ExecArgs {
    /// The container group, for example container_group.web
    #[arg(value_name = "ADDR")]
    pub(crate) address: Address,
    /// Container name; optional if the container group has only one
    #[arg(short, long, value_name = "NAME")]
    pub(crate) container: Option<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// Command and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
}

/// The maximum time to wait for another run.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LockTimeoutArgs {
    /// How long to wait for the state lock, for example 10m
    #[arg(
        id = "lock-timeout",
        long = "lock-timeout",
        value_name = "TIME",
        default_value = "0",
        hide_default_value = true,
        value_parser = duration::parse
    )]
    pub(crate) timeout: Duration,
}
