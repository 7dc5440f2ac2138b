//! What can be said on the command line.

mod mending;
mod planning;
mod running;
mod state;
mod workspace;
mod writing;

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use eci_sandbox::Speed;

use crate::context::EndpointFlag;
use crate::render::ColorChoice;

pub(crate) use mending::{ForceUnlock, Orphans, Taint};
pub(crate) use planning::{Apply, Destroy, Import, Plan, PlanFormat, Refreshing, Run};
pub(crate) use running::{Events, Exec, Graph, GraphFormat, Logs, Restart, Status};
pub(crate) use state::{Cloud, Move, Push, Recover, Remove, State};
pub(crate) use workspace::Workspace;
pub(crate) use writing::{Example, Fmt, Init};

const MAIN_HELP: &str = "\
Examples:
  eci init                          a first manifest to try, in an empty directory
  eci plan                          what would be done for the manifests here
  eci apply                         do it, after a question
  eci apply --sandbox -C web        the same for web/, on a simulated cloud
  eci output address --raw          one output, for a script
  eci destroy                       delete everything again

Credentials: CTYUN_AK and CTYUN_SK (or CTAPI_AK and CTAPI_SK), or `credentials_file`
under [provider]. Region: `region_id` under [provider], or CTYUN_REGION_ID.

Exit codes: 0 done; 1 failed; 2 wrong usage, or changes with --detailed-exitcode;
3 some resources failed, the rest is done and recorded; 130 interrupted.";

const INIT_HELP: &str = "\
What is there already stays as it is; only the schema is written anew. Where there are manifests,
no others are added.

Examples:
  eci init                          then `eci apply --sandbox` runs what it wrote
  eci init --from web-three-tier
  eci -C shop init                  in a new directory";

const PLAN_HELP: &str = "\
Examples:
  eci plan --var image=nginx:1.28
  eci plan --out web.eciplan        then `eci apply web.eciplan` does exactly this
  eci plan --target container_group.web --replace container_group.web
  eci plan --detailed-exitcode      exits 0 for no changes, 2 for changes, 1 for errors
  eci plan --format json | jq '.resource_changes[].address'
  eci plan --format markdown        for a comment on a pull request";

const APPLY_HELP: &str = "\
Ctrl-C once: nothing new is started, what is under way is finished and recorded.
Twice: the run stops at once; the next one finds out what became of what was under way.

Examples:
  eci apply
  eci apply web.eciplan             what `eci plan --out web.eciplan` has shown
  eci apply --auto-approve --parallelism 20
  eci apply --sandbox --auto-approve    on a simulated cloud, without credentials";

const IMPORT_HELP: &str = "\
What something other than a container group has is left alone, and told; so is what a manifest
cannot say. What carries the mark of another state is imported only with --take-over. EIPs and
disks carry no tags: with --tag they come with the groups that have them.

Examples:
  eci import container_group.web eci-0a1b2c3d       then `eci plan`: only the state was written
  eci import eip.front eip-5sdasd2gfh
  eci import --all --write all --az-name cn-huadong1-jsnj1A-public-ctcloud
  eci import --all --tag app=web --write web --az-name cn-huadong1-jsnj1A-public-ctcloud";

const ORPHANS_HELP: &str = "\
A run that is killed leaves none: the next one finds what it made. They come of a state that was
lost or put back to an earlier one. Groups and disks carry a mark of the state that made them. EIPs
can carry none: one is found only if a backup of the state says that it was made by it. What was
removed from the state with [[removed]] or `eci state rm` is not listed: it may have another owner.

Examples:
  eci orphans
  eci orphans --adopt container_group.web=eci-0a1b2c3d
  eci orphans --delete                  leaves disks; --include-disks deletes them too";

const LOGS_HELP: &str = "\
Examples:
  eci logs container_group.web
  eci logs container_group.web -c nginx -f --tail 20
  eci logs 'container_group.web[\"a\"]' --since 10m --timestamps";

const EXEC_HELP: &str = "\
The command gets no input and must end by itself; its exit code is not known.

Examples:
  eci exec container_group.web -- nginx -t
  eci exec container_group.web -c app -- sh -c 'ps; df'";

const FMT_HELP: &str = "\
Keys stand in the order of the reference, comments stay with theirs. What a file says does not
change. A list that is broken over lines and ends in a comma stays so.

Examples:
  eci fmt                           every *.eci.toml and *.vars.toml here
  eci fmt --check --diff            for a pipeline: changes nothing, exits 1 and shows why
  eci fmt - < web.eci.toml          for an editor: reads one manifest, writes it laid out";
const VALIDATE_HELP: &str = "\
Examples:
  eci validate
  eci validate --format json | jq '.diagnostics[].message'
  eci validate --format sarif > eci.sarif     for a code host
  eci explain E0202                           more about one code";

const SCHEMA_HELP: &str = "\
Taplo and Even Better TOML (VS Code, Zed, Helix, Neovim) complete, explain and check keys by it.
Write it to a file and name that in the first line of a manifest, as `eci init` does:
  eci schema > .eci/schema.json
  #:schema .eci/schema.json";

const CONSOLE_HELP: &str = "\
Without -e, expressions are read from the terminal, or a line each from standard input: then the
first one that is wrong ends it. On a terminal, Up brings lines back, and Ctrl-C abandons one.

Examples:
  eci console
  eci console -e 'container_group.web.intranet_ip'
  echo 'type(var.ports)' | eci console";

const SERVE_HELP: &str = "\
Examples:
  eci sandbox serve --data /tmp/cloud
  eci sandbox serve --faults faults.toml --speed instant

A file of faults holds rules such as:
  [[rule]]
  operation = \"createContainerGroup\"
  nth = 2
  fault = \"cut_after\"";

/// Provisions CTyun Elastic Container Instances from a directory of TOML manifests.
#[derive(Debug, Parser)]
#[command(name = "eci", version, after_help = MAIN_HELP)]
pub(crate) struct Eci {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Shows what `eci apply` would do; changes nothing.
#[derive(Debug, Parser)]
#[command(name = "eci-plan", version, after_help = PLAN_HELP)]
pub(crate) struct EciPlan {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(flatten)]
    pub(crate) plan: Plan,
}

/// Makes the cloud as the manifests say, and records what was made.
#[derive(Debug, Parser)]
#[command(name = "eci-apply", version, after_help = APPLY_HELP)]
pub(crate) struct EciApply {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(flatten)]
    pub(crate) apply: Apply,
}

/// A command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Begin: write a first manifest, what editors read, and a .gitignore
    #[command(after_help = INIT_HELP)]
    Init(Init),
    /// Show what `eci apply` would do; change nothing
    #[command(after_help = PLAN_HELP)]
    Plan(Plan),
    /// Make the cloud as the manifests say, and record what was made
    #[command(after_help = APPLY_HELP)]
    Apply(Apply),
    /// Delete everything that the state has; the same as `eci apply --destroy`
    Destroy(Destroy),
    /// Let the state learn what the cloud has; the same as `eci apply --refresh-only`
    Refresh(Refreshing),
    /// Adopt what is there already, or write manifests for it
    #[command(after_help = IMPORT_HELP)]
    Import(Import),
    /// Find container groups, EIPs and disks that this state made and does not know; adopt or
    /// delete them
    #[command(after_help = ORPHANS_HELP)]
    Orphans(Orphans),
    /// Let the next run replace a container group
    Taint(Taint),
    /// Keep a container group that the next run would replace because it never became ready
    Untaint(Taint),
    /// Say whose a lock is, and take off one that a run left behind
    ForceUnlock(ForceUnlock),
    /// Lay out manifests and files of variables in the one way, with their comments
    #[command(after_help = FMT_HELP)]
    Fmt(Fmt),
    /// Check everything that needs no cloud, and report every error at once
    #[command(after_help = VALIDATE_HELP)]
    Validate(Validate),
    /// Say more about an error or a warning: what it is, why, and how to mend it
    Explain(Explain),
    /// Show the state, or a plan that was kept
    Show(Show),
    /// Show the outputs of the last apply
    Output(Output),
    /// Look into the state, or change it; each change is backed up
    #[command(subcommand)]
    State(State),
    /// Keep several states under one configuration, such as one for each environment
    #[command(subcommand)]
    Workspace(Workspace),
    /// Evaluate expressions against the configuration and the state
    #[command(after_help = CONSOLE_HELP)]
    Console(Console),
    /// Show which resource needs which
    Graph(Graph),
    /// Show how every container group stands
    Status(Status),
    /// Show what happened to a container group
    Events(Events),
    /// Show what a container writes
    #[command(after_help = LOGS_HELP)]
    Logs(Logs),
    /// Restart a container group and wait until it is ready again
    Restart(Restart),
    /// Run a command in a container and show what it writes
    #[command(after_help = EXEC_HELP)]
    Exec(Exec),
    /// The simulated cloud
    #[command(subcommand)]
    Sandbox(Sandbox),
    /// Write the JSON Schema of manifests, for editors, to standard output
    #[command(after_help = SCHEMA_HELP)]
    Schema,
    /// Be the language server of an editor, over standard input and output
    Lsp(Lsp),
    /// Write a completion script for a shell, to standard output
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What can be said with every command.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Globals {
    /// The directory of manifests; other paths are relative to it [default: here]
    #[arg(short = 'C', long = "chdir", value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// The directory of the state [default: `path` of [backend.local], or `state`]
    #[arg(long, value_name = "WHERE", global = true)]
    pub(crate) state: Option<PathBuf>,
    /// Work on the state of this workspace [default: the one that was selected]
    #[arg(
        long,
        value_name = "NAME",
        global = true,
        env = "ECI_WORKSPACE",
        hide_env = true
    )]
    pub(crate) workspace: Option<String>,
    /// Use a simulated cloud, kept beside the state; needs no credentials
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,
    /// How many times as fast as the real one the simulated cloud is, or `instant` [default: 4]
    #[arg(
        long,
        value_name = "SPEED",
        global = true,
        env = "ECI_SANDBOX_SPEED",
        hide_env = true
    )]
    pub(crate) sandbox_speed: Option<Speed>,
    /// Where a service is reached, such as eci=http://127.0.0.1:9040
    #[arg(long = "endpoint", value_name = "SERVICE=URL", global = true)]
    pub(crate) endpoints: Vec<EndpointFlag>,
    /// Whether to use colours
    #[arg(long, value_enum, value_name = "WHEN", global = true, default_value_t)]
    pub(crate) color: ColorChoice,
    /// Tell more on standard error, and in plans drift that is ignored; twice: much more
    #[arg(short, long, action = ArgAction::Count, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Tell only errors on standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Ask on the terminal for what is missing; with `--input=false` nobody is asked
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
    /// The form of what -v and ECI_LOG tell
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
pub(crate) struct VariableArguments {
    /// Give a variable a value; may be repeated
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(crate) values: Vec<String>,
    /// Read values of variables from a TOML file; may be repeated
    #[arg(long = "var-file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// `eci validate`
#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    /// The form of the answer
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: CheckFormat,
}

/// How `eci validate` writes its answer.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people: each place with its lines
    #[default]
    Text,
    /// One document with every place and every suggested change
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// Annotations of a workflow of GitHub
    Github,
}

/// `eci explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The number or the name, such as E0202 or unknown-key; without it all are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// `eci lsp`
#[derive(Debug, Args)]
pub(crate) struct Lsp {
    /// What editors may add; it is the only way there is
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}

/// `eci console`
#[derive(Debug, Args)]
pub(crate) struct Console {
    /// Evaluate this expression and end; may be repeated
    #[arg(short = 'e', long = "expression", value_name = "EXPR")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) expressions: Vec<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
}

/// `eci show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A plan that `eci plan --out` kept, instead of the state
    #[arg(value_name = "PLANFILE")]
    pub(crate) plan: Option<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci output`
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// Only this one
    pub(crate) name: Option<String>,
    /// Only the text of one output, without quotes, for scripts
    #[arg(long, requires = "name", conflicts_with = "format")]
    pub(crate) raw: bool,
    /// The form of the answer
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci sandbox`
#[derive(Debug, Subcommand)]
pub(crate) enum Sandbox {
    /// Serve the simulated cloud until Ctrl-C
    #[command(after_help = SERVE_HELP)]
    Serve(Serve),
}

/// `eci sandbox serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address to listen at; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9040")]
    pub(crate) listen: std::net::SocketAddr,
    /// Keep the simulated cloud in this directory [default: in memory, gone at the end]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Make calls fail by the rules of this file
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// How many times as fast as the real one it is, or `instant`
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) speed: Speed,
    /// Refuse calls beyond so many a second [default: none is refused]
    #[arg(long, value_name = "N")]
    pub(crate) rate_limit: Option<f64>,
    /// The form of what it says once it listens
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        Eci::command().debug_assert();
        EciPlan::command().debug_assert();
        EciApply::command().debug_assert();
    }

    #[test]
    fn what_holds_everywhere_may_stand_before_and_after_the_command() {
        for line in [
            "eci -C web --sandbox plan --refresh=false",
            "eci plan --refresh=false --sandbox -C web",
        ] {
            let eci = Eci::try_parse_from(line.split(' ')).unwrap();
            assert!(eci.globals.sandbox, "{line}");
            assert_eq!(eci.globals.directory, Some(PathBuf::from("web")));
            assert!(matches!(eci.command, Command::Plan(Plan { refresh, .. }) if !refresh.wanted));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "eci apply x.eciplan --target eip.web",
            "eci apply x.eciplan --refresh=false",
            "eci plan --replace eip.web --destroy",
            "eci plan --target web",
            "eci import container_group.web",
            "eci import --all --tag app=web",
            "eci apply --parallelism 0",
            "eci apply --lock-timeout 5",
            "eci output --raw",
            "eci logs container_group.web -f --previous",
            "eci logs web",
            "eci exec container_group.web ls",
            "eci exec container_group.web --",
            "eci state rm",
            "eci orphans --adopt web=eci-1",
            "eci orphans --adopt container_group.web",
            "eci orphans --adopt container_group.web=eci-1 --delete",
            "eci taint",
            "eci force-unlock",
            "eci plan --endpoint dns=http://localhost",
        ] {
            let error = Eci::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
