//! Arguments of the commands that plan.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, ValueEnum};
use eci_core::{Address, Subject};
use eci_engine::{PlanOptions, RefreshOptions};
use eci_planner::Mode;
use eci_text::{Message, text};

use super::paths::plain_path;
use super::{Format, VariableArgs};
use crate::duration;

/// The form of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document, as that of `terraform show -json`
    Json,
    /// One JSON message per line, as `terraform plan -json` prints them
    Events,
    /// For a comment on a pull request
    Markdown,
    /// A self-contained page, to store as a CI artifact
    Html,
}

/// `eci plan`
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) mode: PlanModeArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) refresh: RefreshArgs,
    #[command(flatten)]
    pub(crate) missing: MissingArgs,
    /// Save the plan to this file for `eci apply FILE`
    #[arg(long, value_name = "FILE", value_parser = plain_path())]
    pub(crate) out: Option<PathBuf>,
    /// Query prices and show the monthly cost difference
    #[arg(long)]
    pub(crate) cost: bool,
    /// Exit with 0 for no changes, 1 for errors, 2 for changes
    #[arg(long = "detailed-exitcode")]
    pub(crate) detailed_exit_code: bool,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: PlanFormat,
    #[command(flatten)]
    _unused: UnusedArgs,
}

/// Options of `terraform plan` that change nothing here, so that scripts need not be changed: a
/// plan takes no lock, and eci limits its reads itself.
#[derive(Debug, Args)]
struct UnusedArgs {
    #[arg(long = "parallelism", value_name = "N", hide = true,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    _parallelism: Option<u16>,
    #[arg(long = "lock-timeout", value_name = "TIME", hide = true,
        value_parser = duration::parse)]
    _lock_timeout: Option<Duration>,
}

impl PlanArgs {
    /// Returns the options of the plan.
    pub(crate) fn options(&self) -> PlanOptions {
        let options = self.mode.options(&self.selection);
        options.with_refresh(self.refresh.options(self.missing))
    }
}

/// The purpose of a plan, unless it is to apply the manifests.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PlanModeArgs {
    /// Delete all resources in the state
    #[arg(long)]
    pub(crate) destroy: bool,
    /// Only update the state; change nothing in the cloud
    #[arg(long, conflicts_with = "destroy")]
    pub(crate) refresh_only: bool,
    /// Force replacement of this resource; can be repeated
    #[arg(long, value_name = "ADDR", conflicts_with_all = ["destroy", "refresh_only"])]
    pub(crate) replace: Vec<Address>,
}

/// The resources that a plan is about.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SelectionArgs {
    /// Limit the plan to this resource or module and its dependencies; can be repeated
    #[arg(long = "target", value_name = "ADDR")]
    pub(crate) targets: Vec<Subject>,
    /// Exclude this resource or module and its dependents; can be repeated
    #[arg(long, value_name = "ADDR")]
    pub(crate) exclude: Vec<Subject>,
}

impl PlanModeArgs {
    /// Returns these options as those of the planner.
    pub(crate) fn options(&self, selection: &SelectionArgs) -> PlanOptions {
        let mode = match (self.destroy, self.refresh_only) {
            (true, _) => Mode::Destroy,
            (false, true) => Mode::RefreshOnly,
            (false, false) => Mode::Apply,
        };
        selection.options(mode).with_replace(self.replace.clone())
    }
}

impl SelectionArgs {
    /// Returns these options as those of the planner.
    pub(crate) fn options(&self, mode: Mode) -> PlanOptions {
        PlanOptions::default()
            .with_mode(mode)
            .with_targets(self.targets.clone())
            .with_exclude(self.exclude.clone())
    }
}

/// Whether the cloud is read first.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct RefreshArgs {
    /// Read the actual state from the cloud; `--refresh=false` uses the state as is
    #[arg(
        long = "refresh",
        value_name = "BOOL",
        default_value_t = true,
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true,
        action = ArgAction::Set,
        value_parser = BoolishValueParser::new(),
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) refresh: bool,
}

impl RefreshArgs {
    /// Returns the options of the refresh.
    pub(crate) fn options(self, missing: MissingArgs) -> RefreshOptions {
        let mut options = missing.options();
        options.refresh = self.refresh;
        options
    }
}

/// Whether a run continues if most of a state is missing in the cloud.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct MissingArgs {
    /// Continue even if most resources in the state no longer exist in the cloud
    #[arg(long = "allow-missing")]
    pub(crate) allowed: bool,
}

impl MissingArgs {
    /// Returns the options of a refresh.
    pub(crate) fn options(self) -> RefreshOptions {
        let mut options = RefreshOptions::default();
        options.allow_missing = self.allowed;
        options
    }
}

/// `eci apply`
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// A plan saved by `eci plan --out`; applied as shown, without asking for approval
    #[arg(
        value_name = "PLANFILE",
        conflicts_with_all = [
            "destroy", "refresh_only", "replace", "targets", "exclude", "refresh", "allowed"
        ],
        value_parser = plain_path(),
    )]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) mode: PlanModeArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) refresh: RefreshArgs,
    #[command(flatten)]
    pub(crate) missing: MissingArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// `eci destroy`
#[derive(Debug, Args)]
pub(crate) struct DestroyArgs {
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) refresh: RefreshArgs,
    #[command(flatten)]
    pub(crate) missing: MissingArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// `eci refresh`
#[derive(Debug, Args)]
pub(crate) struct RefreshOnlyArgs {
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) missing: MissingArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// `eci import`
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Address of the declared resource, for example container_group.web
    #[arg(
        value_name = "ADDR",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(crate) address: Option<Address>,
    /// ID of the existing resource in the cloud
    #[arg(required_unless_present = "all", value_parser = id)]
    pub(crate) id: Option<String>,
    /// Import it even if its operation tag belongs to another state
    #[arg(long, conflicts_with = "all")]
    pub(crate) take_over: bool,
    /// Generate manifests for all container groups, EIPs and disks of the region, instead of
    /// importing one resource
    #[arg(long, requires = "write")]
    pub(crate) all: bool,
    /// Only container groups with this tag, and the EIPs and disks attached to them; can be
    /// repeated
    #[arg(long = "tag", value_name = "KEY=VALUE", requires = "all", value_parser = tag)]
    pub(crate) tags: Vec<(String, String)>,
    /// Directory to write the manifests to
    #[arg(long, value_name = "DIR", requires = "all", value_parser = plain_path())]
    pub(crate) write: Option<PathBuf>,
    /// Zone to write for the container groups; the cloud does not report it
    #[arg(long, value_name = "NAME", requires = "all")]
    pub(crate) az_name: Option<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Parses an ID that is copied from a table or a file, with blanks around it.
#[allow(clippy::unnecessary_wraps)] // clap wants a result.
fn id(text: &str) -> Result<String, String> {
    Ok(text.trim().to_owned())
}

fn tag(text: &str) -> Result<(String, String), Message> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(Message::new(
            text!(en: "expected KEY=VALUE", zh: "应为 KEY=VALUE"),
        )),
    }
}

/// The options of applying a plan.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Apply without asking for approval
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// Maximum number of concurrent operations
    #[arg(long, value_name = "N", default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) parallelism: u16,
    /// How long to wait for the state lock, for example 10m
    #[arg(long, value_name = "TIME", default_value = "0", hide_default_value = true,
        value_parser = duration::parse)]
    pub(crate) lock_timeout: Duration,
    /// Output format; `json` prints one JSON message per line, as `terraform apply -json` does
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}
