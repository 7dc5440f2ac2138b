//! Context of a command: directories, variables, the state, the cloud.

mod connection;
mod hints;
mod known_places;
mod logging;
mod manifest_backend;
mod other_states;
mod prompt_variables;
mod provenance;
mod state;
mod state_location;
mod state_words;
mod unmigrated_state;
mod workspace;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eci_config::{Configuration, EmptyScope, Overlay, ProviderSettings, VariableError, Variables};
use eci_core::{Address, Diagnostic, Diagnostics, Map};
use eci_engine::{EngineError, Loader, SANDBOX_POLL, strip_current_dir};
use eci_executor::ApplyOptions;
use eci_planner::Plan;
use eci_render::Style;
use eci_render::messages::{self, JsonMessage};
use eci_state::{CloudIdentity, Snapshot, WorkspaceName};
use eci_text::{Lang, Text, text};

use crate::arguments::{self, GlobalArgs, VariableArgs};
use crate::command_line;
use crate::error::CommandError;
use crate::stdio::{message, print_stderr};

pub(crate) use hints::in_shell;
pub(crate) use logging::start_logging;
pub(crate) use manifest_backend::manifests_in;
pub(crate) use provenance::provenance;
pub(crate) use state_location::StateLocation;
pub(crate) use state_words::{pending_operations, run_of};

/// The common inputs of all commands.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The options that every command has.
    pub(crate) globals: GlobalArgs,
    /// The command line as it is recorded, without values of variables.
    pub(crate) command_line: String,
    /// The style of answers.
    pub(crate) out: Style,
    /// The style of everything else.
    pub(crate) err: Style,
    /// The additional output for programs.
    pub(crate) program_output: ProgramOutput,
    /// The commit that a pipeline is about, where the variables of the CI system name another one.
    pub(crate) commit: Option<String>,
    /// Whether the state that was read has its resources in the simulated cloud: commands in hints are refused
    /// without `--sandbox`.
    is_of_sandbox: Arc<AtomicBool>,
    /// Whether the workspace may be missing in the place of the state: a migration creates it there.
    creates_workspace: bool,
    /// The only directory that is read, together with nothing of the environment, for manifests of strangers.
    pub(crate) isolated_in: Option<PathBuf>,
}

/// The output for programs on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ProgramOutput {
    /// Nothing: the answer is text, or one document.
    #[default]
    Nothing,
    /// Errors, in place of a document.
    Errors,
    /// Everything.
    Everything,
    /// Errors, in place of a plan, as Markdown.
    Markdown,
    /// Errors, in place of a plan, as a page.
    Html,
}

impl Context {
    /// Returns the language of the user.
    pub(crate) fn lang(&self) -> Lang {
        self.out.lang()
    }

    pub(crate) fn new(globals: GlobalArgs, arguments: &[OsString]) -> Context {
        let lang = arguments::chosen_lang(globals.lang, |name| std::env::var(name).ok());
        let style = |style: Style| style.with_details(globals.verbose > 0).with_lang(lang);
        Context {
            command_line: command_line::recorded(arguments),
            out: style(Style::for_stdout(globals.color.into())),
            err: style(Style::for_stderr(globals.color.into())),
            program_output: ProgramOutput::default(),
            commit: None,
            is_of_sandbox: Arc::default(),
            creates_workspace: false,
            isolated_in: None,
            globals,
        }
    }

    /// Returns the context of the same command in another configuration directory.
    pub(crate) fn in_directory(&self, directory: PathBuf) -> Context {
        Context {
            globals: GlobalArgs {
                directory: Some(directory),
                ..self.globals.clone()
            },
            command_line: self.command_line.clone(),
            commit: self.commit.clone(),
            is_of_sandbox: Arc::default(),
            isolated_in: self.isolated_in.clone(),
            ..*self
        }
    }

    /// Returns the context of the same command for a workspace that may be missing in the place of the state.
    pub(crate) fn creating_workspace(&self) -> Context {
        Context {
            creates_workspace: true,
            ..self.clone()
        }
    }

    /// Returns the context of the same command in another workspace.
    pub(crate) fn in_workspace(&self, name: &WorkspaceName) -> Context {
        Context {
            globals: GlobalArgs {
                workspace: Some(name.to_string()),
                ..self.globals.clone()
            },
            ..self.clone()
        }
    }

    /// Returns the context of the same command for a commit.
    pub(crate) fn for_commit(&self, commit: &str) -> Context {
        Context {
            commit: Some(commit.to_owned()),
            ..self.clone()
        }
    }

    /// Returns the context of the same command for manifests of strangers: they get no value of the
    /// environment or the command line, no state, and no file outside of this directory.
    pub(crate) fn isolated_in(&self, root: &Path) -> Context {
        Context {
            isolated_in: Some(root.to_owned()),
            ..self.clone()
        }
    }

    /// Warns of a language in the environment that is unknown, unless the command line has one.
    pub(crate) fn warn_of_unknown_lang(&self) {
        if self.globals.lang.is_some() {
            return;
        }
        let unknown = Lang::unknown_in_environment(|name| std::env::var(name).ok());
        if let Some(name) = unknown {
            self.note(&text!(
                en: "warning: unknown language `{name}` in `ECI_LANG`\nhelp: set it to `en` or `zh`",
                zh: "警告: `ECI_LANG` 中的语言 `{name}` 未知\n帮助: 设为 `en` 或 `zh`",
                name = eci_core::truncate(&name),
            ));
        }
    }

    /// Returns the settings of the executor, as far as they follow from the command line alone.
    pub(crate) fn settings(&self) -> ApplyOptions {
        let settings = ApplyOptions::default().with_command(&self.command_line);
        if self.globals.sandbox {
            settings.with_poll(SANDBOX_POLL)
        } else {
            settings
        }
    }

    /// Returns the configuration directory.
    pub(crate) fn directory(&self) -> Result<&Path, CommandError> {
        let directory = self.globals.directory.as_deref().unwrap_or(Path::new("."));
        if directory.is_dir() {
            return Ok(directory);
        }
        let path = directory.display();
        let message = if directory.exists() {
            text!(en: "`{path}` is not a directory", zh: "`{path}` 不是目录", path = path)
        } else {
            text!(en: "directory `{path}` not found", zh: "未找到目录 `{path}`", path = path)
        };
        let help = text!(
            en: "select the configuration directory with `-C DIR`",
            zh: "使用 `-C DIR` 指定配置目录",
        );
        Err(CommandError::new(message, help))
    }

    /// Returns a path from the command line.
    pub(crate) fn path(&self, path: &Path) -> Result<PathBuf, CommandError> {
        Ok(strip_current_dir(&self.directory()?.join(path)))
    }

    /// Reads the manifests.
    pub(crate) fn load(&self, variables: &VariableArgs) -> Result<Configuration, CommandError> {
        self.load_with(&self.variables(variables)?)
    }

    /// Returns all values of variables that are given.
    pub(crate) fn variables(&self, args: &VariableArgs) -> Result<Variables, CommandError> {
        if let Some(root) = &self.isolated_in {
            return self.isolated_variables(root);
        }
        self.variables_in(args, &self.workspace()?)
    }

    /// Returns all values of variables that are given, in a workspace.
    fn variables_in(
        &self,
        args: &VariableArgs,
        workspace: &WorkspaceName,
    ) -> Result<Variables, CommandError> {
        let mut loader = Loader::new(self.directory()?).environment(std::env::vars_os());
        for file in &args.files {
            loader = loader.var_file(file);
        }
        for text in &args.values {
            loader = loader.assignment(text);
        }
        for text in &self.globals.backend {
            if !text.contains('=') {
                return Err(CommandError::new(
                    text!(en: "missing value of `--backend`", zh: "`--backend` 缺少值"),
                    text!(en: "use `--backend KEY=VALUE`", zh: "使用 `--backend KEY=VALUE`"),
                ));
            }
            loader = loader.backend(text);
        }
        // An assignment may contain a secret, so the error does not repeat it.
        let mut variables = loader.variables().map_err(|error| match error {
            EngineError::Variable(VariableError::NoValue { .. }) => CommandError::new(
                text!(en: "missing value of `--var`", zh: "`--var` 缺少值"),
                text!(
                    en: "use `--var NAME=VALUE`",
                    zh: "使用 `--var NAME=VALUE`",
                ),
            ),
            error => error.into(),
        })?;
        variables.set_workspace(workspace.as_str());
        self.read_other_states(&mut variables);
        Ok(variables)
    }

    /// Returns the values of the variable files that are next to the manifests; all others are unknown.
    fn isolated_variables(&self, root: &Path) -> Result<Variables, CommandError> {
        let directory = self.directory()?;
        let manifests = eci_config::manifest_names(directory)?;
        let manifests = manifests.iter().map(|name| directory.join(name));
        let files = Variables::own_files(directory, &Overlay::default())?;
        if let Some(outside) = manifests.chain(files).find(|path| !is_below(root, path)) {
            return Err(CommandError::new(
                text!(
                    en: "`{path}` leads out of the working copy",
                    zh: "`{path}` 指向工作副本之外",
                    path = outside.display(),
                ),
                text!(
                    en: "in place of the link or the module, use files of the repository",
                    zh: "使用仓库中的文件代替该链接或模块",
                ),
            ));
        }
        let mut variables = Loader::new(directory).variables()?;
        variables.leave_missing_unknown();
        variables.leave_environment_unknown();
        Ok(variables)
    }

    /// Reads the manifests with these values.
    pub(crate) fn load_with(&self, variables: &Variables) -> Result<Configuration, CommandError> {
        Ok(eci_config::load(self.directory()?, variables)?)
    }

    /// Reads no more of the manifests than `[provider]`, whatever is wrong with the rest.
    pub(crate) fn load_provider(
        &self,
        variables: &VariableArgs,
    ) -> Result<ProviderSettings, CommandError> {
        let variables = self.variables(variables)?;
        Ok(eci_config::load_provider(self.directory()?, &variables)?)
    }

    /// Returns the desired attributes of resources, as far as they can be known while the manifests
    /// have errors: enough to hide what is sensitive in them.
    pub(crate) fn declared(
        &self,
        variables: &VariableArgs,
    ) -> Result<BTreeMap<Address, Arc<Map>>, CommandError> {
        let variables = self.variables(variables)?;
        let Ok(configuration) = eci_config::load_lenient(self.directory()?, &variables) else {
            return Ok(BTreeMap::new());
        };
        let resources = configuration.resources.iter();
        let declared = resources.filter_map(|resource| {
            let attributes = resource.evaluate(&EmptyScope).ok()?;
            Some((resource.address.clone(), attributes))
        });
        Ok(declared.collect())
    }

    /// Shows a message on standard error unless only errors are of interest.
    ///
    /// Commands in it get the global options of this run.
    pub(crate) fn note(&self, text: &Text) {
        self.note_rendered(text.get(self.lang()));
    }

    /// Shows what is written in the language of this run already, like [`Context::note`].
    pub(crate) fn note_rendered(&self, text: &str) {
        if !self.globals.quiet {
            print_stderr(&self.hint(text));
        }
    }

    /// Shows a message on standard error, also where only errors are of interest.
    pub(crate) fn say(&self, text: &Text) {
        print_stderr(&self.hint(text.get(self.lang())));
    }

    /// Writes a message for programs, with the global options of this run in the commands that it names.
    pub(crate) fn message(&self, text: JsonMessage) {
        message(text.with_commands(|text| self.hint(text)));
    }

    /// Adds the global options of this run to each command of a hint, so that it works as it is
    /// written.
    pub(crate) fn hint(&self, text: &str) -> String {
        let globals = &self.globals;
        let is_named = globals.sandbox || !globals.endpoints.is_empty();
        if is_named || !self.is_of_sandbox.load(Ordering::Relaxed) {
            return hints::repeated(globals, text);
        }
        let globals = GlobalArgs {
            sandbox: true,
            ..globals.clone()
        };
        hints::repeated(&globals, text)
    }

    /// Returns whether the command line or the environment names the cloud.
    pub(crate) fn names_cloud(&self) -> bool {
        let GlobalArgs {
            sandbox, endpoints, ..
        } = &self.globals;
        *sandbox || !endpoints.is_empty() || std::env::var_os("CTYUN_ECI_ENDPOINT").is_some()
    }

    /// Notes which cloud a state has that was read: hints name it.
    pub(crate) fn note_cloud_of(&self, snapshot: &Snapshot) {
        let cloud = snapshot.cloud.as_ref();
        let is_of_sandbox = cloud.is_some_and(CloudIdentity::is_sandbox);
        self.is_of_sandbox.store(is_of_sandbox, Ordering::Relaxed);
    }

    /// Adds the global options of this run to each command in the helps of diagnostics.
    pub(crate) fn hinted(&self, diagnostics: &Diagnostics) -> Diagnostics {
        let mut diagnostics = diagnostics.clone();
        for diagnostic in &mut diagnostics.0 {
            let help = diagnostic.advice();
            diagnostic.help = help.map(|help| help.map(|text| Cow::Owned(self.hint(&text))));
        }
        diagnostics
    }

    /// Shows diagnostics on standard error, with the global options of this run in the commands of their helps.
    pub(crate) fn print_diagnostics(&self, diagnostics: &Diagnostics) {
        print_stderr(&eci_render::diagnostics(
            &self.hinted(diagnostics),
            self.err,
        ));
    }

    /// Shows the warnings of a configuration.
    pub(crate) fn warn(&self, configuration: &Configuration) {
        self.warn_all(configuration.warnings.0.clone());
    }

    /// Shows what a plan warns of beyond its configuration: what follows from the state and
    /// from the cloud's reports.
    pub(crate) fn warn_of(&self, plan: &Plan, configuration: &Configuration) {
        let known = configuration.warnings.0.len();
        let new: Vec<_> = plan.warnings().0.iter().skip(known).cloned().collect();
        self.warn_all(new);
    }

    fn warn_all(&self, warnings: Vec<Diagnostic>) {
        if warnings.is_empty() {
            return;
        }
        let warnings = self.hinted(&Diagnostics(warnings)).0;
        if self.program_output == ProgramOutput::Everything {
            warnings
                .iter()
                .for_each(|warning| message(messages::diagnostic(warning)));
        }
        if !self.globals.quiet {
            print_stderr(&eci_render::diagnostics(&Diagnostics(warnings), self.err));
        }
    }
}

/// Returns whether a file is below a directory, wherever links lead, and not in the data of git.
fn is_below(root: &Path, path: &Path) -> bool {
    let Ok(place) = path.canonicalize() else {
        return false;
    };
    let below = place.strip_prefix(root);
    below.is_ok_and(|below| {
        let mut parts = below.iter();
        !parts.any(|part| part.eq_ignore_ascii_case(".git"))
    })
}
