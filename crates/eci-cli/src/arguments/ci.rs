//! `eci ci`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::VariableArgs;
use super::paths::plain_path;
use crate::duration;

const PLAN_HELP: &str = "\
The environment of GitHub Actions, GitLab CI, Gitee Go, Gitea Actions, Forgejo Actions and Jenkins is \
read; for others, set ECI_CI_HOST, ECI_CI_COMMIT, ECI_CI_CHANGE or ECI_CI_BRANCH. The token for the code \
host comes from GITHUB_TOKEN, GITLAB_TOKEN or GITEA_TOKEN, or from ECI_CI_TOKEN. A pull request from a \
fork is validated only: a plan would read secrets.

Examples:
  eci ci plan                       in a pipeline for pull requests
  eci ci plan -C envs --var-file ../common.vars.toml
  eci ci plan --directory envs/dev --name dev";

const APPLY_HELP: &str = "\
For each directory, exactly the plan that `eci ci plan` saved for the commit is applied. If the state has \
changed since, a new plan is created, and applied only if it has the same steps.

Examples:
  eci ci apply                      in a pipeline for the default branch
  eci ci apply --branch main --branch production
  eci ci apply --all --lock-timeout 30m";

const DRIFT_HELP: &str = "\
Each directory with drift has one open issue. It is updated while the drift changes, and closed when the \
drift no longer exists.

Examples:
  eci ci drift                          in a nightly pipeline
  eci ci drift --detailed-exitcode      exits 0 without drift, 2 with drift, 1 for errors";

/// `eci ci`
#[derive(Debug, Subcommand)]
pub(crate) enum CiCommand {
    /// Plan the directories that a change affects, and comment on the pull request
    #[command(after_help = PLAN_HELP)]
    Plan(CiPlanArgs),
    /// Apply the plans that were reviewed for a commit
    #[command(after_help = APPLY_HELP)]
    Apply(CiApplyArgs),
    /// Report drift in issues
    #[command(after_help = DRIFT_HELP)]
    Drift(CiDriftArgs),
}

/// The options of all commands for pipelines.
#[derive(Clone, Debug, Args)]
pub(crate) struct CiArgs {
    /// Name of the pipeline, if several plan the same pull request
    #[arg(long, value_name = "NAME", default_value = "eci")]
    pub(crate) name: String,
    /// Only this directory, relative to that of `-C`; can be repeated [default: every directory with manifests]
    #[arg(long = "directory", value_name = "DIR", value_parser = plain_path())]
    pub(crate) directories: Vec<PathBuf>,
    /// Directory for artifacts of the pipeline, relative to that of `-C`: complete plans, and saved plans that no
    /// shared store keeps
    #[arg(long, value_name = "DIR", default_value = "eci-ci", value_parser = plain_path())]
    pub(crate) artifacts: PathBuf,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// The options that select the directories that a change affects.
#[derive(Clone, Debug, Args)]
pub(crate) struct ChangeArgs {
    /// Commit or branch to compare with [default: the target branch, or the commit before the push]
    #[arg(long, value_name = "COMMIT")]
    pub(crate) base: Option<String>,
    /// All directories, not only those that the change affects
    #[arg(long, conflicts_with = "base")]
    pub(crate) all: bool,
}

/// `eci ci plan`
#[derive(Debug, Args)]
pub(crate) struct CiPlanArgs {
    #[command(flatten)]
    pub(crate) ci: CiArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `eci ci apply`
#[derive(Debug, Args)]
pub(crate) struct CiApplyArgs {
    #[command(flatten)]
    pub(crate) ci: CiArgs,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
    /// Branch whose pipelines apply; can be repeated [default: the default branch of the repository]
    #[arg(long = "branch", value_name = "NAME")]
    pub(crate) branches: Vec<String>,
    /// Apply a new plan where none was reviewed
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// Maximum number of concurrent operations
    #[arg(long, value_name = "N", default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) parallelism: u16,
    /// Time to wait for the state lock, for example 30m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse)]
    pub(crate) lock_timeout: Duration,
}

/// `eci ci drift`
#[derive(Debug, Args)]
pub(crate) struct CiDriftArgs {
    #[command(flatten)]
    pub(crate) ci: CiArgs,
    /// Exit with 2 if there is drift
    #[arg(long = "detailed-exitcode")]
    pub(crate) detailed_exit_code: bool,
}
