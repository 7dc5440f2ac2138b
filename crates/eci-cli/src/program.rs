//! From the command line to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::ErrorKind;
use eci_core::truncate::within;
use eci_planner::Mode;
use eci_render::{ColorChoice, Style, messages};
use eci_text::{Lang, text};

use crate::arguments::{
    Command, Eci, EciApply, EciPlan, Format, GlobalArgs, PlanFormat, Program, RunArgs,
    VariableArgs, chosen_lang, given_lang,
};
use crate::commands::{self, ApplySource};
use crate::completions;
use crate::context::{self, Context, ProgramOutput};
use crate::error::CommandError;
use crate::error_report::print_failure;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{message, print_stderr, print_stdout};
use crate::{help, terraform_style, usage};

/// A plan consists of very many small values.
///
/// The system's allocator takes the longer to find a place for one, the more there are; with this
/// one the cost grows in proportion.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The number of threads that work on calls.
///
/// They wait for the cloud, not for processors.
const THREADS: usize = 4;

/// Runs the program with the name and the arguments of this process.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(shell) = completions::requesting_shell() {
        return completions::respond(shell, &arguments);
    }
    let program = Program::called(&arguments);
    let mut command = program.command_line();
    command.build();
    let arguments = terraform_style::normalized(&arguments, &command);
    let (globals, command) = program.parse(command, &arguments);
    let mut context = Context::new(globals, &arguments);
    context.program_output = program_output(&command);
    if context.program_output == ProgramOutput::Everything {
        message(messages::version());
    }
    context.warn_of_unknown_lang();
    let exit = match run(&context, command) {
        Ok(exit) => exit,
        Err(failure) => print_failure(&failure, &context),
    };
    exit.into()
}

/// Returns the output of a command for programs.
fn program_output(command: &Command) -> ProgramOutput {
    let run = match command {
        Command::Plan(plan) => {
            return match plan.format {
                PlanFormat::Json => ProgramOutput::Errors,
                PlanFormat::Events => ProgramOutput::Everything,
                PlanFormat::Text => ProgramOutput::Nothing,
                PlanFormat::Markdown => ProgramOutput::Markdown,
                PlanFormat::Html => ProgramOutput::Html,
            };
        }
        Command::Apply(args) => &args.run,
        Command::Destroy(args) => &args.run,
        Command::Refresh(args) => &args.run,
        _ => return ProgramOutput::Nothing,
    };
    match run.format {
        Format::Json => ProgramOutput::Everything,
        Format::Text => ProgramOutput::Nothing,
    }
}

impl Program {
    /// Parses a command line; wrong usage ends the process.
    fn parse(self, command: clap::Command, arguments: &[OsString]) -> (GlobalArgs, Command) {
        match self {
            Program::Eci => {
                let eci: Eci = parsed(command, arguments);
                (eci.globals, eci.command)
            }
            Program::Plan => {
                let eci: EciPlan = parsed(command, arguments);
                (eci.globals, Command::Plan(eci.plan))
            }
            Program::Apply => {
                let eci: EciApply = parsed(command, arguments);
                (eci.globals, Command::Apply(eci.apply))
            }
        }
    }
}

/// Parses a command line; wrong usage ends the process.
fn parsed<T: FromArgMatches>(mut command: clap::Command, arguments: &[OsString]) -> T {
    let matches = command.try_get_matches_from_mut(arguments);
    let parsed = matches.and_then(|mut matches| {
        T::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    });
    parsed.unwrap_or_else(|error| refuse(error, command, arguments))
}

/// Shows the help that a command line requests, or why it is wrong, and ends the process.
fn refuse(error: clap::Error, command: clap::Command, arguments: &[OsString]) -> ! {
    let lang = chosen_lang(given_lang(arguments), |name| std::env::var(name).ok());
    match error.kind() {
        ErrorKind::MissingSubcommand => {
            // The help lists the commands, as it does for a line without any argument.
            let arguments = usage::help_request(&error);
            show_help(
                command,
                &arguments,
                HelpOptions {
                    lang,
                    is_wrong_usage: true,
                },
            )
        }
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let is_wrong_usage = error.use_stderr();
            show_help(
                command,
                arguments,
                HelpOptions {
                    lang,
                    is_wrong_usage,
                },
            )
        }
        _ if !error.use_stderr() => error.exit(),
        _ => print_usage_error(error, command, arguments),
    }
    // 2 says that there are changes.
    std::process::exit(i32::from(ExitStatus::Failed.code()))
}

/// Says what is wrong with a command line.
///
/// What it quotes of the line can have any length.
fn print_usage_error(error: clap::Error, command: clap::Command, arguments: &[OsString]) {
    let lang = chosen_lang(given_lang(arguments), |name| std::env::var(name).ok());
    let error = usage::explained(error, command, arguments);
    let style = Style::for_stderr(ColorChoice::Auto).with_lang(lang);
    print_stderr(&within(usage::message(&error, style), LONGEST_USAGE));
    if requests_messages(arguments) {
        message(messages::version());
        message(messages::error(
            "wrong usage",
            Some(&within(
                usage::message(&error, Style::plain()),
                LONGEST_USAGE,
            )),
        ));
    }
}

/// The language of a help, and whether it is shown in place of an error.
#[derive(Clone, Copy)]
struct HelpOptions {
    lang: Lang,
    is_wrong_usage: bool,
}

/// Shows the help that a command line requests, and ends the process.
fn show_help(command: clap::Command, arguments: &[OsString], options: HelpOptions) -> ! {
    let style = if options.is_wrong_usage {
        Style::for_stderr(ColorChoice::Auto)
    } else {
        Style::for_stdout(ColorChoice::Auto)
    };
    let help = help::help(command, arguments, style.with_lang(options.lang));
    // If it cannot be written, it cannot be reported either.
    let exit = if options.is_wrong_usage {
        print_stderr(&help);
        ExitStatus::Failed.code()
    } else {
        let _ = print_stdout(&help);
        0
    };
    std::process::exit(i32::from(exit))
}

/// Returns whether a wrong command line requests messages for programs.
fn requests_messages(arguments: &[OsString]) -> bool {
    let forms = ["json", "events"];
    let mut pairs = arguments.windows(2);
    let apart =
        pairs.any(|pair| pair[0] == "--format" && forms.iter().any(|form| pair[1] == *form));
    let together = |argument: &OsString| {
        let form = argument
            .to_str()
            .and_then(|text| text.strip_prefix("--format="));
        form.is_some_and(|form| forms.contains(&form))
    };
    apart || arguments.iter().any(together)
}

/// The most characters of an error about a command line.
const LONGEST_USAGE: usize = 4000;

fn run(context: &Context, command: Command) -> Result<ExitStatus, CommandError> {
    refuse_two_clouds(&context.globals)?;
    context::start_logging(&context.globals, context.lang())?;
    match command {
        Command::Plan(plan) => on_runtime(commands::plan(context, &plan)),
        Command::Apply(args) => {
            let source = match args.plan {
                Some(file) => ApplySource::SavedPlan(file),
                None => {
                    let options = args.mode.options(&args.selection);
                    let refresh = args.refresh.options(args.missing);
                    ApplySource::NewPlan(options.with_refresh(refresh))
                }
            };
            apply(context, &args.variables, source, &args.run)
        }
        Command::Destroy(args) => {
            let options = args.selection.options(Mode::Destroy);
            let refresh = args.refresh.options(args.missing);
            let source = ApplySource::NewPlan(options.with_refresh(refresh));
            apply(context, &args.variables, source, &args.run)
        }
        Command::Refresh(args) => {
            let options = args.selection.options(Mode::RefreshOnly);
            let source = ApplySource::NewPlan(options.with_refresh(args.missing.options()));
            apply(context, &args.variables, source, &args.run)
        }
        Command::Ci(ci) => on_runtime(commands::ci(context, &ci)),
        Command::Import(import) => on_runtime(commands::import(context, &import)),
        Command::Orphans(args) => on_runtime(commands::orphans(context, &args)),
        Command::Taint(args) => on_runtime(commands::taint(context, &args)),
        Command::Untaint(args) => on_runtime(commands::untaint(context, &args)),
        Command::ForceUnlock(args) => reading(context, || commands::force_unlock(context, &args)),
        Command::Init(args) => on_runtime(commands::init(context, &args)),
        Command::Fmt(args) => commands::fmt(context, &args),
        Command::Validate(validate) => commands::validate(context, &validate),
        Command::Explain(args) => commands::explain(context, &args),
        Command::Show(show) => reading(context, || commands::show(context, &show)),
        Command::Output(output) => reading(context, || commands::output(context, &output)),
        Command::State(state) => on_runtime(commands::state(context, &state)),
        Command::Workspace(args) => on_runtime(commands::workspace(context, &args)),
        Command::Console(args) => on_runtime(commands::console(context, &args)),
        Command::Graph(graph) => reading(context, || commands::graph(context, &graph)),
        Command::Status(status) => on_runtime(commands::status(context, &status)),
        Command::Events(events) => on_runtime(commands::events(context, &events)),
        Command::Logs(logs) => on_runtime(commands::logs(context, &logs)),
        Command::Restart(restart) => on_runtime(commands::restart(context, &restart)),
        Command::Exec(exec) => on_runtime(commands::exec(context, &exec)),
        Command::Sandbox(sandbox) => on_runtime(commands::sandbox(context, &sandbox)),
        Command::Schema => commands::schema(context.lang()),
        Command::Version(args) => commands::version(&args),
        Command::Lsp(_) => on_runtime(commands::lsp(context)),
        Command::Completions { shell } => commands::completions(shell),
    }
}

/// Refuses the options of two clouds.
///
/// The parser does not see that they conflict where one is before the command.
fn refuse_two_clouds(globals: &GlobalArgs) -> Result<(), CommandError> {
    if !globals.sandbox || globals.endpoints.is_empty() {
        return Ok(());
    }
    Err(CommandError::new(
        text!(
            en: "`--endpoint` conflicts with `--sandbox`",
            zh: "`--endpoint` 与 `--sandbox` 不能同时设置",
        ),
        text!(
            en: "omit `--sandbox` to use the services at the endpoint, or `--endpoint` to use the simulated cloud",
            zh: "如需使用该端点的服务，去掉 `--sandbox`；如需使用模拟云，去掉 `--endpoint`",
        ),
    ))
}

fn apply(
    context: &Context,
    variables: &VariableArgs,
    source: ApplySource,
    run: &RunArgs,
) -> Result<ExitStatus, CommandError> {
    on_runtime(commands::apply(context, variables, source, run))
}

/// Performs a command that reads a state and blocks.
fn reading(
    context: &Context,
    command: impl FnOnce() -> Result<ExitStatus, CommandError>,
) -> Result<ExitStatus, CommandError> {
    on_runtime(async { context.reading(&mut Signals::listen()?, command) })
}

fn on_runtime(
    work: impl Future<Output = Result<ExitStatus, CommandError>>,
) -> Result<ExitStatus, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .map_err(|error| {
            CommandError::new(
                text!(
                    en: "failed to start threads: {cause}",
                    zh: "启动线程失败：{cause}",
                    cause = error,
                ),
                text!(
                    en: "raise the limits of processes and open files (`ulimit -u`, `ulimit -n`)",
                    zh: "提高进程数和打开文件数的限制（`ulimit -u`、`ulimit -n`）",
                ),
            )
        })?;
    let exit = runtime.block_on(work);
    // A thread that waits for a lock or for an answer is not waited for.
    runtime.shutdown_background();
    exit
}
