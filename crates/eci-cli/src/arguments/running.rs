//! What can be said with the commands that look into what runs, and with the graph.

use std::time::Duration;

use clap::{Args, ValueEnum};
use eci_core::Address;

use super::{Format, VariableArguments};
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
pub(crate) struct Graph {
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    /// The form of the graph
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: GraphFormat,
}

/// `eci status`
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    /// The form of the answer
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci events`
#[derive(Debug, Args)]
pub(crate) struct Events {
    /// The container group, such as container_group.web
    #[arg(value_name = "ADDR")]
    pub(crate) address: Address,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    /// The form of the answer
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci logs`
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// The container group, such as container_group.web
    #[arg(value_name = "ADDR")]
    pub(crate) address: Address,
    /// The container; may be left out where there is one
    #[arg(short, long, value_name = "NAME")]
    pub(crate) container: Option<String>,
    /// Go on as the container writes, until it ends for good
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Only the last so many lines
    #[arg(long, value_name = "N")]
    pub(crate) tail: Option<u32>,
    /// The run before the last restart
    #[arg(short, long, conflicts_with = "follow")]
    pub(crate) previous: bool,
    /// The time before each line
    #[arg(long)]
    pub(crate) timestamps: bool,
    /// Only lines that are at most so old, such as 10m
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) since: Option<Duration>,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
}

/// `eci restart`
#[derive(Debug, Args)]
pub(crate) struct Restart {
    /// The container group, such as container_group.web
    #[arg(value_name = "ADDR")]
    pub(crate) address: Address,
    /// Wait at most so long, such as 30m, until it is ready again
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) lock: LockTimeout,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    /// `json`: one event a line
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci exec`
#[derive(Debug, Args)]
pub(crate) struct Exec {
    /// The container group, such as container_group.web
    #[arg(value_name = "ADDR")]
    pub(crate) address: Address,
    /// The container; may be left out where there is one
    #[arg(short, long, value_name = "NAME")]
    pub(crate) container: Option<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    /// The program and its arguments, behind `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
}

/// How long another run is waited for.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LockTimeout {
    /// Wait so long, such as 10m, for another run that holds the state
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
