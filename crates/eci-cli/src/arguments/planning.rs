//! What can be said with the commands that plan.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use eci_core::{Address, Subject};
use eci_planner::{Mode, Options};

use super::{Format, VariableArguments};
use crate::duration;

/// The form of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    #[default]
    Text,
    /// One document for programs, as Terraform's
    Json,
    /// For a comment on a pull request
    Markdown,
    /// A page of its own, to keep with the run of a pipeline
    Html,
}

/// `eci plan`
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) refresh: Refresh,
    #[command(flatten)]
    pub(crate) missing: Missing,
    /// Keep the plan in this file, for `eci apply FILE` to carry out exactly this
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Ask the cloud for prices, and show what the changes would cost by the month
    #[arg(long)]
    pub(crate) cost: bool,
    /// Exit with 2 if there are changes, 0 if there are none, 1 on errors
    #[arg(long = "detailed-exitcode")]
    pub(crate) detailed_exit_code: bool,
    /// The form of the plan
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: PlanFormat,
}

/// What is to become of everything, unless it is what the manifests say.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Wanted {
    /// Delete everything that the state has
    #[arg(long)]
    pub(crate) destroy: bool,
    /// Only let the state learn what the cloud has; change nothing in the cloud
    #[arg(long, conflicts_with = "destroy")]
    pub(crate) refresh_only: bool,
    /// Replace this resource even if nothing else asks for it; may be repeated
    #[arg(long, value_name = "ADDR", conflicts_with_all = ["destroy", "refresh_only"])]
    pub(crate) replace: Vec<Address>,
}

/// Which resources a plan is about.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Selection {
    /// Only this resource or module and what it needs; may be repeated
    #[arg(long = "target", value_name = "ADDR")]
    pub(crate) targets: Vec<Subject>,
    /// Not this resource or module, nor what needs it; may be repeated
    #[arg(long, value_name = "ADDR")]
    pub(crate) exclude: Vec<Subject>,
}

impl Wanted {
    /// The same for the planner.
    pub(crate) fn options(&self, selection: &Selection) -> Options {
        let mode = match (self.destroy, self.refresh_only) {
            (true, _) => Mode::Destroy,
            (false, true) => Mode::RefreshOnly,
            (false, false) => Mode::Apply,
        };
        Options {
            replace: self.replace.clone(),
            ..selection.options(mode)
        }
    }
}

impl Selection {
    /// The same for the planner.
    pub(crate) fn options(&self, mode: Mode) -> Options {
        Options {
            mode,
            targets: self.targets.clone(),
            exclude: self.exclude.clone(),
            replace: Vec::new(),
        }
    }
}

/// Whether the cloud is asked first.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Refresh {
    /// Ask the cloud what it has; `--refresh=false` trusts the state
    #[arg(
        long = "refresh",
        value_name = "BOOL",
        default_value_t = true,
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true,
        action = ArgAction::Set,
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) wanted: bool,
}

/// Whether the cloud is believed that most of a state is gone.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Missing {
    /// Go on although most of what the state has seems to be gone at once
    #[arg(long = "allow-missing")]
    pub(crate) allowed: bool,
}

/// `eci apply`
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// A plan that `eci plan --out` kept: it is carried out as it was shown, without a question
    #[arg(
        value_name = "PLANFILE",
        conflicts_with_all = [
            "destroy", "refresh_only", "replace", "targets", "exclude", "wanted", "allowed"
        ]
    )]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) refresh: Refresh,
    #[command(flatten)]
    pub(crate) missing: Missing,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// `eci destroy`
#[derive(Debug, Args)]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) refresh: Refresh,
    #[command(flatten)]
    pub(crate) missing: Missing,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// `eci refresh`
#[derive(Debug, Args)]
pub(crate) struct Refreshing {
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) missing: Missing,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// `eci import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The resource of a manifest that is there already, such as container_group.web
    #[arg(
        value_name = "ADDR",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(crate) address: Option<Address>,
    /// The id that the cloud knows it by
    #[arg(required_unless_present = "all", value_parser = id)]
    pub(crate) id: Option<String>,
    /// Take it over from another state, as whose its tag or label marks it
    #[arg(long, conflicts_with = "all")]
    pub(crate) take_over: bool,
    /// Write manifests for all container groups, EIPs and disks of the region, instead of adopting
    /// one resource
    #[arg(long, requires = "write")]
    pub(crate) all: bool,
    /// Only container groups that carry this tag, with the EIPs and disks that they have; may be
    /// repeated
    #[arg(long = "tag", value_name = "KEY=VALUE", requires = "all", value_parser = tag)]
    pub(crate) tags: Vec<(String, String)>,
    /// The directory to write manifests to
    #[arg(long, value_name = "DIR", requires = "all")]
    pub(crate) write: Option<PathBuf>,
    /// The zone of the groups that are written: the cloud does not report it
    #[arg(long, value_name = "NAME", requires = "all")]
    pub(crate) az_name: Option<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// An id as it may come out of a table or a file, with blanks around it.
#[allow(clippy::unnecessary_wraps)] // clap wants a result.
fn id(text: &str) -> Result<String, String> {
    Ok(text.trim().to_owned())
}

fn tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a tag is written as KEY=VALUE".to_owned()),
    }
}

/// How a plan is carried out.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Do not ask
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// Work on at most so many resources at a time
    #[arg(long, value_name = "N", default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) parallelism: u16,
    /// Wait so long, such as 10m, for another run that holds the state
    #[arg(long, value_name = "TIME", default_value = "0", hide_default_value = true,
        value_parser = duration::parse)]
    pub(crate) lock_timeout: Duration,
    /// `json`: one event a line, and what came of it at the end
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}
