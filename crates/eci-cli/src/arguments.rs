//! Arguments of the command line.

#[cfg(test)]
mod tests;

mod ci;
mod color;
mod inspect;
mod lang;
mod paths;
mod planning;
mod program;
mod repair;
mod sandbox;
mod state;
mod workspace;
mod writing;

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use eci_engine::ServiceEndpoint;
use eci_sandbox::Speed;

use self::color::ColorArg;
use self::lang::{LangArg, LangParser};
use self::paths::plain_path;

pub(crate) use ci::{ChangeArgs, CiApplyArgs, CiArgs, CiCommand, CiDriftArgs, CiPlanArgs};
pub(crate) use inspect::{
    EventsArgs, ExecArgs, GraphArgs, GraphFormat, LockTimeoutArgs, LogsArgs, RestartArgs,
    StatusArgs,
};
pub(crate) use lang::{chosen as chosen_lang, given as given_lang};
pub(crate) use planning::{
    ApplyArgs, DestroyArgs, ImportArgs, PlanArgs, PlanFormat, RefreshOnlyArgs, RunArgs,
};
pub(crate) use program::Program;
#[cfg(test)]
pub(crate) use program::command_line;
pub(crate) use repair::{ForceUnlockArgs, OrphansArgs, TaintArgs};
pub(crate) use sandbox::{AccountArgs, SandboxCommand, ServeArgs};
pub(crate) use state::{
    CloudArgs, MoveArgs, PushArgs, RecoverArgs, RemoveArgs, RestoreArgs, StateCommand,
    StateDiffArgs, StateShowArgs,
};
pub(crate) use workspace::WorkspaceCommand;
pub(crate) use writing::{Example, FmtArgs, InitArgs};

const MAIN_HELP: &str = "\
Examples:
  eci init                          create an example configuration
  eci plan                          show the changes that `eci apply` would make
  eci apply                         make them, after asking for approval
  eci apply --sandbox -C web        apply those of web/ in a simulated cloud
  eci output address --raw          show one output, for a script
  eci destroy                       delete all resources in the state

Credentials: CTYUN_AK and CTYUN_SK (or CTAPI_AK and CTAPI_SK), or `credentials_file` \
under [provider]. Region: `region_id` under [provider], or CTYUN_REGION_ID.

Exit codes: 0 success; 1 error, including invalid usage; 2 changes with --detailed-exitcode; \
3 some resources or outputs failed, everything else was applied and recorded; 130 interrupted.";

const INIT_HELP: &str = "\
Existing files are kept; only the schema is regenerated. If the directory already has manifests, \
none are added. A state in a directory is encrypted if a manifest has [[encryption.key]], see docs/state.md.

Examples:
  eci init                          then run `eci apply --sandbox`
  eci init --from web-three-tier
  eci -C shop init                  in a new directory";

const PLAN_HELP: &str = "\
Examples:
  eci plan --var image=nginx:1.28
  eci plan --out web.eciplan        then `eci apply web.eciplan` applies exactly this plan
  eci plan --target container_group.web --replace container_group.web
  eci plan --detailed-exitcode      exit with 0 for no changes, 2 for changes, 1 for errors
  eci plan --format json | jq '.resource_changes[].address'
  eci plan --format markdown        for a comment on a pull request";

const APPLY_HELP: &str = "\
Ctrl-C once: no new operations are started; those in progress are completed and recorded.
Twice: the run stops immediately; the next run recovers the operations that were in progress.

Examples:
  eci apply
  eci apply web.eciplan             apply the plan saved by `eci plan --out web.eciplan`
  eci apply --auto-approve --parallelism 20
  eci apply --sandbox --auto-approve    in a simulated cloud, without credentials";

const IMPORT_USAGE: &str = "\
eci import [OPTIONS] <ADDR> <ID>
       eci import [OPTIONS] --all --write <DIR>";

const IMPORT_HELP: &str = "\
EIPs and disks attached to anything other than a container group are skipped and reported, and so \
is everything that a manifest cannot express. A resource whose operation tag belongs to \
another state is imported only with --take-over. EIPs and disks have no tags: --tag selects those \
attached to the selected container groups.

Examples:
  eci import container_group.web eci-0a1b2c3d       change only the state; then run `eci plan`
  eci import eip.front eip-5sdasd2gfh
  eci import --all --write all --az-name cn-huadong1-jsnj1A-public-ctcloud
  eci import --all --tag app=web --write web \\
    --az-name cn-huadong1-jsnj1A-public-ctcloud";

const ORPHANS_HELP: &str = "\
A run that is killed leaves no orphaned resources: the next run finds what it created. They appear \
when a state is lost or restored to an earlier version. Container groups and disks carry an operation \
tag, which names the state that created them. EIPs carry none, so an EIP is found only if a backup of \
the state records its creation. Resources that were removed from the state with [[removed]] or \
`eci state rm` are not listed, because they may have another owner.

Examples:
  eci orphans
  eci orphans --adopt container_group.web=eci-0a1b2c3d
  eci orphans --delete                  delete all but disks; add --include-disks for these";

const LOGS_HELP: &str = "\
Examples:
  eci logs container_group.web
  eci logs container_group.web -c nginx -f --tail 20
  eci logs 'container_group.web[\"a\"]' --since 10m --timestamps";

const EXEC_HELP: &str = "\
The command receives no input and must exit by itself. The cloud does not report its exit code, so \
eci exits with 0 whenever the command was run.

Examples:
  eci exec container_group.web -- nginx -t
  eci exec container_group.web -c app -- sh -c 'ps; df'";

const FMT_HELP: &str = "\
Keys are put in the order of docs/reference.md, and comments stay with their keys. The meaning of a \
file does not change. A list that spans lines and ends in a comma keeps its lines.

Examples:
  eci fmt                           every *.eci.toml and *.vars.toml here
  eci fmt --check --diff            for CI: change nothing, show what is not formatted, exit with 1
  eci fmt - < web.eci.toml          for editors: format standard input to standard output";
const VALIDATE_HELP: &str = "\
Examples:
  eci validate
  eci validate --format json | jq '.diagnostics[].summary'
  eci validate --format sarif > eci.sarif     for code scanning
  eci explain E0202                           explain one code";

const SCHEMA_HELP: &str = "\
Taplo and Even Better TOML (VS Code, Zed, Helix, Neovim) use it for completion, hover and checks. \
Write it to a file and refer to it in the first line of a manifest, as `eci init` does:
  eci schema > .eci/schema.json
  #:schema .eci/schema.json";

const CONSOLE_HELP: &str = "\
Without -e, expressions are read from the terminal, or one per line from standard input, where the \
first error ends the command. On a terminal, Up recalls lines and Ctrl-C discards the current one.

Examples:
  eci console
  eci console -e 'container_group.web.intranet_ip'
  echo 'type(var.ports)' | eci console";

const COMPLETIONS_HELP: &str = "\
The script completes eci, eci-plan and eci-apply: commands and options, and resource addresses, \
variables, outputs and workspaces of the current configuration and state. To do so, it calls eci, \
which does not access the cloud.

Examples:
  source <(eci completions bash)                            in ~/.bashrc
  source <(eci completions zsh)                             in ~/.zshrc, after compinit
  eci completions fish > ~/.config/fish/completions/eci.fish";

/// Declarative provisioning of CTyun Elastic Container Instances.
#[derive(Debug, Parser)]
#[command(name = "eci", version, after_help = MAIN_HELP)]
pub(crate) struct Eci {
    #[command(flatten)]
    pub(crate) globals: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The arguments of `eci-plan`.
#[derive(Debug, Parser)]
#[command(
    name = "eci-plan",
    version,
    about = "Show the changes that `eci apply` would make",
    after_help = PLAN_HELP
)]
pub(crate) struct EciPlan {
    // Before the global options, whose heading holds for everything after them.
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
    #[command(flatten)]
    pub(crate) globals: GlobalArgs,
}

/// The arguments of `eci-apply`.
#[derive(Debug, Parser)]
#[command(
    name = "eci-apply",
    version,
    about = "Create, update and delete resources to match the configuration",
    after_help = APPLY_HELP
)]
pub(crate) struct EciApply {
    // Before the global options, whose heading holds for everything after them.
    #[command(flatten)]
    pub(crate) apply: ApplyArgs,
    #[command(flatten)]
    pub(crate) globals: GlobalArgs,
}

/// A command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create an example configuration, a JSON Schema for editors and a .gitignore
    #[command(after_help = INIT_HELP)]
    Init(InitArgs),
    /// Show the changes that `eci apply` would make
    #[command(after_help = PLAN_HELP)]
    Plan(PlanArgs),
    /// Create, update and delete resources to match the configuration
    #[command(after_help = APPLY_HELP)]
    Apply(ApplyArgs),
    /// Delete all resources in the state; same as `eci apply --destroy`
    Destroy(DestroyArgs),
    /// Update the state to match the actual resources; same as `eci apply --refresh-only`
    Refresh(RefreshOnlyArgs),
    /// Plan and apply in the pipelines of a code host
    #[command(subcommand)]
    Ci(CiCommand),
    /// Import existing resources, or generate manifests for them
    #[command(after_help = IMPORT_HELP, override_usage = IMPORT_USAGE)]
    Import(ImportArgs),
    /// Find resources that this state created but no longer records; adopt or delete them
    #[command(after_help = ORPHANS_HELP)]
    Orphans(OrphansArgs),
    /// Mark a container group as tainted, so that the next apply replaces it
    Taint(TaintArgs),
    /// Remove the taint from a container group, so that the next apply keeps it
    Untaint(TaintArgs),
    /// Show the holder of a state lock, or remove the lock if it is stale
    ForceUnlock(ForceUnlockArgs),
    /// Format manifests and variable files
    #[command(after_help = FMT_HELP)]
    Fmt(FmtArgs),
    /// Check the configuration without accessing the cloud
    #[command(after_help = VALIDATE_HELP)]
    Validate(ValidateArgs),
    /// Explain an error or warning code: what it means, why, and how to fix it
    Explain(ExplainArgs),
    /// Show the state or a saved plan
    Show(ShowArgs),
    /// Show output values
    Output(OutputArgs),
    /// Inspect or modify the state; every modification is backed up
    #[command(subcommand)]
    State(StateCommand),
    /// Manage workspaces: several states of one configuration
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
    /// Evaluate expressions against the configuration and the state
    #[command(after_help = CONSOLE_HELP)]
    Console(ConsoleArgs),
    /// Print the dependency graph
    Graph(GraphArgs),
    /// Show the status of container groups
    Status(StatusArgs),
    /// Show the events of a container group
    Events(EventsArgs),
    /// Show the logs of a container
    #[command(after_help = LOGS_HELP)]
    Logs(LogsArgs),
    /// Restart a container group and wait until it is ready again
    Restart(RestartArgs),
    /// Run a command in a container and show its output
    #[command(after_help = EXEC_HELP)]
    Exec(ExecArgs),
    /// Run a simulated cloud
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Print the JSON Schema of manifests
    #[command(after_help = SCHEMA_HELP)]
    Schema,
    /// Start the language server, over standard input and output
    Lsp(LspArgs),
    /// Print a shell completion script
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the version
    Version(VersionArgs),
}

/// The options that every command has.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Configuration directory; other paths are relative to it [default: current directory]
    #[arg(short = 'C', long = "chdir", value_name = "DIR", global = true, value_parser = plain_path())]
    pub(crate) directory: Option<PathBuf>,
    /// Use the state in this directory, in place of the one in the manifests
    #[arg(long, value_name = "WHERE", global = true, value_parser = plain_path())]
    pub(crate) state: Option<PathBuf>,
    /// Set a key of `[backend]`, in place of its value in the manifests; can be repeated
    #[arg(
        long = "backend",
        alias = "backend-config",
        value_name = "KEY=VALUE",
        global = true
    )]
    pub(crate) backend: Vec<String>,
    /// Workspace to use [default: the selected one]
    #[arg(
        long,
        value_name = "NAME",
        global = true,
        env = "ECI_WORKSPACE",
        hide_env = true
    )]
    pub(crate) workspace: Option<String>,
    /// Use a simulated cloud, stored with the state; no credentials required
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,
    /// Speed of the simulated cloud, as a multiple of the real one, or `instant` [default: 4]
    #[arg(
        long,
        value_name = "SPEED",
        global = true,
        env = "ECI_SANDBOX_SPEED",
        hide_env = true
    )]
    pub(crate) sandbox_speed: Option<Speed>,
    /// Endpoint of a service, for example eci=http://127.0.0.1:9040; can be repeated
    #[arg(long = "endpoint", value_name = "SERVICE=URL", global = true)]
    pub(crate) endpoints: Vec<ServiceEndpoint>,
    /// Language of messages [default: that of ECI_LANG or of the locale]
    #[arg(long, value_name = "LANG", global = true, value_parser = LangParser)]
    pub(crate) lang: Option<LangArg>,
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", global = true, default_value_t)]
    pub(crate) color: ColorArg,
    /// Show ignored drift in plans, and more logs on standard error; repeat for more
    #[arg(short, long, action = ArgAction::Count, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Show only errors on standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Prompt for missing values on the terminal; disable with `--input=false`
    #[arg(
        long,
        value_name = "BOOL",
        global = true,
        env = "ECI_INPUT",
        hide_env = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_parser = BoolishValueParser::new(),
        hide_possible_values = true
    )]
    pub(crate) input: Option<bool>,
    /// Format of the logs that -v and ECI_LOG enable
    #[arg(long, value_enum, value_name = "FORM", global = true, default_value_t)]
    pub(crate) log_format: Format,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Values of variables.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct VariableArgs {
    /// Set a variable; can be repeated
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(crate) values: Vec<String>,
    /// Load variable values from a TOML file; can be repeated
    #[arg(long = "var-file", value_name = "FILE", value_parser = plain_path())]
    pub(crate) files: Vec<PathBuf>,
}

/// `eci validate`
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: CheckFormat,
}

/// The format of the answer of `eci validate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people, with source lines
    #[default]
    Text,
    /// One JSON document with all locations and suggested edits
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub Actions workflow
    Github,
}

/// `eci version`
#[derive(Debug, Args)]
pub(crate) struct VersionArgs {
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Code or name, for example E0202 or unknown-key; without it, all codes are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// `eci lsp`
#[derive(Debug, Args)]
pub(crate) struct LspArgs {
    /// An option that editors may add: standard input and output are always used
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}

/// `eci console`
#[derive(Debug, Args)]
pub(crate) struct ConsoleArgs {
    /// Evaluate this expression and exit; can be repeated
    #[arg(short = 'e', long = "expression", value_name = "EXPR")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) expressions: Vec<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// `eci show`
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A plan saved by `eci plan --out`, instead of the state
    #[arg(value_name = "PLANFILE", value_parser = plain_path())]
    pub(crate) plan: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci output`
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// Show only this output
    pub(crate) name: Option<String>,
    /// Print the value without quotes, for scripts
    #[arg(long, requires = "name", conflicts_with = "format")]
    pub(crate) raw: bool,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}
