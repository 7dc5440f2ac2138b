//! Location of the state, and its opening.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use eci_config::{
    BackendSettings, Configuration, EncryptionKey, OtherOutput, OtherOutputs, OtherState,
    StateProblem, StateReader, StateSettings, Variables, may_name_a_backend,
};
use eci_core::regular::{self, LARGEST_TEXT};
use eci_core::truncate;
use eci_engine::{
    Backend, BackendError, KnownHeads, Notice, OpenOptions, WorkspaceSet, connect_other_state,
    connect_state, directory_state, strip_current_dir,
};
use eci_state::{
    Holder, HolderStatus, Provenance, Snapshot, StateError, WorkspaceError, WorkspaceName,
    Workspaces,
};
use eci_text::{Count, Lang, Noun, Text, Verbatim, text};
use tokio::task::JoinHandle;
use toml::{Table, Value};

use super::Context;
use crate::arguments::VariableArguments;
use crate::error::CommandError;

/// The default directory of the state.
const DEFAULT: &str = "state";

/// The file in it about states in shared stores, see [`KnownHeads`].
const KNOWN_HEADS: &str = "heads.json";

/// The place of a state.
#[derive(Clone, Debug)]
pub(crate) struct StateLocation {
    /// The directory of the workspaces, and of the sandbox that they share.
    base: PathBuf,
    /// The workspace whose state it is.
    pub(crate) workspace: WorkspaceName,
    backend: Backend,
}

impl StateLocation {
    /// Returns the text of a plan for this state, under the name of its workspace unless that is
    /// the default one.
    pub(crate) fn headed(&self, text: String, lang: Lang) -> String {
        if self.workspace.is_default() {
            text
        } else {
            let heading = text!(
                en: "Workspace {name}",
                zh: "工作区 {name}",
                name = Verbatim(&self.workspace),
            );
            format!("{}\n\n{text}", heading.get(lang))
        }
    }

    /// Returns the directory of the workspaces.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// Returns the directory of the simulated cloud.
    pub(crate) fn sandbox(&self) -> PathBuf {
        self.base.join("sandbox")
    }
}

impl std::ops::Deref for StateLocation {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

/// A state in a directory that is being read.
pub(crate) struct ReadAhead {
    directory: PathBuf,
    reading: JoinHandle<Result<Snapshot, StateError>>,
}

impl ReadAhead {
    /// Returns whether it is this state.
    pub(crate) fn is_of(&self, state: &Backend) -> bool {
        state.directory() == Some(&*self.directory)
    }

    pub(crate) async fn snapshot(self) -> Result<Snapshot, CommandError> {
        match self.reading.await {
            Ok(read) => Ok(read?),
            // The task is never canceled: it has panicked.
            Err(_) => Ok(Backend::Local(self.directory).read()?),
        }
    }
}

impl Context {
    /// Returns the place of the state of a configuration.
    pub(crate) fn state_of(
        &self,
        configuration: &Configuration,
    ) -> Result<StateLocation, CommandError> {
        match self.state_flag()? {
            Some(base) => self.home_in(base, &configuration.state.keys),
            None => {
                let place = self.checked_place_of(&configuration.state)?;
                self.check_known_places(&place, &configuration.state)?;
                Ok(place)
            }
        }
    }

    /// Returns the place to which a state is moved or in which its form is changed.
    pub(crate) fn new_place(
        &self,
        settings: &StateSettings,
    ) -> Result<StateLocation, CommandError> {
        match self.state_flag()? {
            Some(base) => self.home_in(base, &settings.keys),
            None => self.place_of(settings),
        }
    }

    /// Returns the default directory of the state.
    pub(crate) fn default_directory(&self) -> Result<PathBuf, CommandError> {
        self.path(Path::new(DEFAULT))
    }

    /// Returns the place of a state with these settings, unless another state is still to be moved there.
    fn checked_place_of(&self, settings: &StateSettings) -> Result<StateLocation, CommandError> {
        let place = self.place_of(settings)?;
        self.check_moved(&place, settings)?;
        Ok(place)
    }

    /// Returns the place of the state of a workspace with these settings.
    pub(crate) fn place_of_workspace(
        &self,
        settings: &StateSettings,
        workspace: &WorkspaceName,
    ) -> Result<StateLocation, CommandError> {
        match &settings.backend {
            BackendSettings::Local(directory) => {
                let base = strip_current_dir(directory);
                Ok(StateLocation {
                    backend: in_workspace(&base, workspace, &settings.keys)?,
                    workspace: workspace.clone(),
                    base,
                })
            }
            _ => self.place_of(settings),
        }
    }

    /// Returns the place of a state with these settings.
    pub(crate) fn place_of(&self, settings: &StateSettings) -> Result<StateLocation, CommandError> {
        if let BackendSettings::Local(directory) = &settings.backend {
            return self.home_in(strip_current_dir(directory), &settings.keys);
        }
        let workspace = self.workspace()?;
        let workspaces = self.workspaces_of(settings)?;
        if !workspace.is_default() {
            self.found(workspaces.find(&workspace), &workspace)?;
        }
        Ok(StateLocation {
            backend: workspaces.place(&workspace)?,
            workspace,
            base: self.default_directory()?,
        })
    }

    /// Lets a backend say when its store does not answer.
    fn with_notices(&self, backend: Backend) -> Backend {
        let listener = self.notices();
        backend.with_outage_listener(Arc::new(move |outage| {
            let outage = outage.clone();
            listener(&Notice::StoreOutage { outage });
        }))
    }

    /// Returns the workspaces of states with these settings.
    fn workspaces_of(&self, settings: &StateSettings) -> Result<WorkspaceSet, CommandError> {
        let base = self.state_base()?;
        let known = KnownHeads::new(base.join(KNOWN_HEADS));
        let backend = self
            .with_notices(connect_state(settings)?)
            .with_known_heads(known);
        let selection = Workspaces::new(base);
        Ok(if settings.per_workspace {
            WorkspaceSet::per_workspace(backend, selection)
        } else {
            WorkspaceSet::new(backend, selection)
        })
    }

    /// Returns the place of the state, without reading more of the manifests than that: it can be
    /// inspected also while they have errors.
    pub(crate) fn state_location(&self) -> Result<StateLocation, CommandError> {
        if let Some(base) = self.known_base()? {
            return self.home_in(base, &self.keys()?);
        }
        let variables = self.variables(&VariableArguments::default())?;
        let settings = eci_config::load_state(self.directory()?, &variables)?;
        self.checked_place_of(&settings)
    }

    /// Returns the workspaces here. Where the settings of the backend depend on the workspace, it is the place of
    /// this one, or of the current one.
    pub(crate) fn workspaces(
        &self,
        name: Option<&WorkspaceName>,
    ) -> Result<WorkspaceSet, CommandError> {
        if let Some(base) = self.known_base()? {
            let selection = Workspaces::new(&base);
            let backend = directory_state(&base, &self.keys()?)?;
            return Ok(WorkspaceSet::new(backend, selection));
        }
        let mut variables = self.variables(&VariableArguments::default())?;
        if let Some(name) = name {
            variables.set_workspace(name.as_str());
        }
        let settings = eci_config::load_state(self.directory()?, &variables)?;
        self.workspaces_of(&settings)
    }

    /// Lets variables read the outputs of other states when an expression refers to them.
    pub(super) fn read_other_states(&self, variables: &mut Variables) {
        variables.read_states_with(StateReader::new(outputs_of));
    }

    /// Returns the options with which this run opens a state.
    pub(crate) fn open_options(&self, timeout: Duration) -> OpenOptions {
        let holder = Holder::current_process(self.command_line.clone());
        let mut options = OpenOptions::new(holder);
        options.timeout = timeout;
        options.unattended = unattended();
        options.provenance = provenance();
        if let Some(commit) = &self.commit {
            options.provenance.commit = Some(commit.clone());
        }
        options
    }

    /// Returns the requested or selected workspace. One in a directory exists.
    pub(crate) fn workspace(&self) -> Result<WorkspaceName, CommandError> {
        let selection = Workspaces::new(self.state_base()?);
        if self.known_base()?.is_some() {
            return self.workspace_among(&selection);
        }
        match self.requested_workspace() {
            Some(name) => Ok(name.parse()?),
            None => Ok(selection.selected()?),
        }
    }

    fn requested_workspace(&self) -> Option<&String> {
        self.globals.workspace.as_ref().filter(|it| !it.is_empty())
    }

    fn workspace_among(&self, workspaces: &Workspaces) -> Result<WorkspaceName, CommandError> {
        let name = match self.requested_workspace() {
            Some(name) => name.parse()?,
            None => workspaces.selected()?,
        };
        self.found(workspaces.find(&name), &name)?;
        Ok(name)
    }

    /// Explains that a selected workspace does not exist.
    fn found(
        &self,
        found: Result<(), WorkspaceError>,
        name: &WorkspaceName,
    ) -> Result<(), CommandError> {
        match found {
            Ok(()) => Ok(()),
            Err(WorkspaceError::Unknown { .. }) if self.requested_workspace().is_none() => {
                Err(CommandError::new(
                    text!(
                        en: "the selected workspace `{name}` no longer exists",
                        zh: "所选工作区 `{name}` 已不存在",
                        name = Verbatim(name),
                    ),
                    text!(
                        en: "select another one with `eci workspace select NAME`, for example `default`",
                        zh: "使用 `eci workspace select NAME` 切换到其他工作区，例如 `default`",
                    ),
                ))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn home_in(
        &self,
        base: PathBuf,
        keys: &[EncryptionKey],
    ) -> Result<StateLocation, CommandError> {
        let workspace = self.workspace_among(&Workspaces::new(&base))?;
        Ok(StateLocation {
            backend: in_workspace(&base, &workspace, keys)?,
            workspace,
            base,
        })
    }

    fn state_base(&self) -> Result<PathBuf, CommandError> {
        match self.known_base()? {
            Some(base) => Ok(base),
            None => self.default_directory(),
        }
    }

    /// Returns the directory of the states, where it is known without evaluating anything.
    fn known_base(&self) -> Result<Option<PathBuf>, CommandError> {
        if let Some(base) = self.state_flag()? {
            return Ok(Some(base));
        }
        match (configured(self.directory()?), &*self.globals.backend) {
            (Configured::Local(path), []) => {
                let outside = std::env::var_os("ECI_BACKEND_PATH").filter(|it| !it.is_empty());
                let outside = outside.filter(|_| path == Path::new(DEFAULT));
                self.path(&outside.map_or(path, PathBuf::from)).map(Some)
            }
            (Configured::Local(_), [setting]) if let Some(path) = setting.strip_prefix("path=") => {
                self.path(Path::new(path)).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Returns the keys of a state in a directory, which are in the manifests.
    pub(super) fn keys(&self) -> Result<Vec<EncryptionKey>, CommandError> {
        let directory = self.directory()?;
        if !may_have_keys(directory) {
            return Ok(Vec::new());
        }
        // Keys are not those of a workspace, which may be the one that is to be created.
        let workspace = self.workspace();
        let workspace = workspace.unwrap_or_else(|_| WorkspaceName::default_one());
        let variables = self.variables_in(&VariableArguments::default(), &workspace)?;
        Ok(eci_config::load_state(directory, &variables)?.keys)
    }

    fn state_flag(&self) -> Result<Option<PathBuf>, CommandError> {
        let Some(state) = &self.globals.state else {
            return Ok(None);
        };
        if let Some((scheme, _)) = state.to_string_lossy().split_once("://") {
            return Err(CommandError::new(
                text!(
                    en: "unsupported backend `{scheme}://`",
                    zh: "不支持后端 `{scheme}://`",
                    scheme = scheme,
                ),
                text!(
                    en: "select a directory with `--state`",
                    zh: "使用 `--state` 指定目录",
                ),
            ));
        }
        self.path(state).map(Some)
    }

    /// Begins to read the state while the manifests are read, where it is known without them
    /// which it is.
    pub(crate) fn read_ahead(&self) -> Option<ReadAhead> {
        // One in a shared store may depend on variables, which are being read.
        let base = self.known_base().ok()??;
        // Keys are got once, by a program for example.
        if may_have_keys(self.directory().ok()?) {
            return None;
        }
        let state = self.home_in(base, &[]).ok()?.backend;
        let directory = state.directory()?.to_owned();
        Some(ReadAhead {
            directory,
            reading: tokio::task::spawn_blocking(move || state.read()),
        })
    }

    /// Returns the state if it is in a directory and can be read: an error is not delayed by a network.
    pub(crate) fn snapshot_on_disk(&self) -> Option<Snapshot> {
        let base = self.known_base().ok()??;
        let state = self.home_in(base, &self.keys().ok()?).ok()?;
        let snapshot = state.existing().ok()??;
        self.note_cloud_of(&snapshot);
        Some(snapshot)
    }

    /// Reads the state; a directory without one is an error.
    pub(crate) fn existing_state(&self) -> Result<Snapshot, CommandError> {
        let state = self.state_location()?;
        match state.existing()? {
            Some(snapshot) => {
                self.note_cloud_of(&snapshot);
                Ok(snapshot)
            }
            None if self.globals.sandbox => Err(CommandError::new(
                no_state(&state),
                text!(
                    en: "run `eci apply` to create one, or use `-C` or `--state` to select another directory",
                    zh: "执行 `eci apply` 创建，或使用 `-C` 或 `--state` 指定其他目录",
                ),
            )),
            None => Err(CommandError::new(
                no_state(&state),
                text!(
                    en: "run `eci apply` (or `eci apply --sandbox` for the simulated cloud) to create one, or use \
                         `-C` or `--state` to select another directory",
                    zh: "执行 `eci apply` 创建（模拟云使用 `eci apply --sandbox`），或使用 `-C` 或 `--state` 指定其他目录",
                ),
            )),
        }
    }

    /// Notes that a run or pending operations may soon change the shown state.
    pub(crate) fn note_other_runs(
        &self,
        state: &Backend,
        snapshot: &Snapshot,
    ) -> Result<(), CommandError> {
        self.note_cloud_of(snapshot);
        match state.holder_as_read() {
            Ok(Some(other)) if other.status() == HolderStatus::Ended => self.note(&text!(
                en: "note: {run} has ended without releasing the lock of this state; `eci force-unlock` shows how to end \
                     the lock",
                zh: "说明: {run}未释放此状态的锁即已结束；`eci force-unlock` 显示如何解除锁",
                run = run_of(&other),
            )),
            Ok(Some(other)) => self.note(&text!(
                en: "note: {run} is using this state; the information shown may be out of date",
                zh: "说明: {run}正在使用此状态，显示的信息可能不是最新的",
                run = run_of(&other),
            )),
            Ok(None) if !snapshot.open_intents.is_empty() => self.note(&text!(
                en: "note: an earlier run left {operations}\nhelp: run `eci apply` to recover",
                zh: "说明: 先前的运行有 {operations}\n帮助: 执行 `eci apply` 进行恢复",
                operations = pending_operations(snapshot),
            )),
            Ok(None) => {}
            // The state may be readable even if the lock is not.
            Err(StateError::Unreadable { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// Reads the outputs of another configuration.
fn outputs_of(other: &OtherState) -> Result<OtherOutputs, StateProblem> {
    let problem = |error: &(dyn std::error::Error + 'static), help| StateProblem {
        message: crate::error::text_of(error),
        help,
    };
    let of_state = |error: StateError| {
        let help = error.help();
        problem(&error, help)
    };
    let backend = connect_other_state(other);
    let backend = backend.map_err(|error| {
        let help = match &error {
            BackendError::NoKey => text!(
                en: "add `encryption.key = [{{ passphrase_env = \"ECI_STATE_PASSPHRASE\" }}]` to `[state.{name}]`",
                zh: "在 `[state.{name}]` 中添加 `encryption.key = [{{ passphrase_env = \"ECI_STATE_PASSPHRASE\" }}]`",
                name = other.name,
            ),
            error => error.help(),
        };
        problem(&error, Some(help))
    })?;
    let of_workspace = |error: WorkspaceError| {
        let help = error.help();
        problem(&error, help)
    };
    let workspace = other.workspace.parse().map_err(of_workspace)?;
    let place = backend.workspace(&workspace).ok_or_else(|| {
        let location = backend.location();
        of_workspace(WorkspaceError::Unsupported { location })
    })?;
    let snapshot = place.existing().map_err(of_state)?;
    let snapshot = snapshot.ok_or_else(|| StateProblem {
        message: no_state(&place),
        help: Some(text!(
            en: "apply the other configuration first, or correct `[state.{name}]`",
            zh: "先应用该配置，或更正 `[state.{name}]`",
            name = other.name,
        )),
    })?;
    let outputs = snapshot.outputs.into_iter().map(|(name, output)| {
        let is_secret = output.sensitive || output.value.has_sensitive();
        let output = if is_secret {
            OtherOutput::Sensitive
        } else {
            OtherOutput::Value(output.value)
        };
        (name, output)
    });
    Ok(outputs.collect())
}

/// Counts the calls whose outcome the state does not record: `1 pending operation`.
pub(crate) fn pending_operations(snapshot: &Snapshot) -> Count {
    const PENDING: Noun = Noun {
        one: "pending operation",
        many: "pending operations",
        zh: "未完成的操作",
        measure: "个",
    };
    PENDING.count(snapshot.open_intents.len())
}

/// Returns whether this run is unattended, so that another one may succeed it once its lease has expired.
pub(super) fn unattended() -> bool {
    let set = |name: &str| std::env::var(name).ok();
    set("CI").is_some_and(|ci| !matches!(&*ci, "" | "0" | "false"))
}

/// Returns on whose behalf this run changes a state, as far as the environment shows.
pub(crate) fn provenance() -> Provenance {
    let first = |names: &[&str]| {
        let mut set = names.iter().filter_map(|name| std::env::var(name).ok());
        set.find(|value| !value.is_empty())
    };
    let mut provenance = Provenance::default();
    provenance.user = first(&[
        "GITHUB_ACTOR",
        "GITLAB_USER_LOGIN",
        "GITEE_PIPELINE_TRIGGER_USER",
        "USER",
        "USERNAME",
    ]);
    provenance.user = provenance.user.or_else(user_of_process);
    provenance.commit = first(&["GITHUB_SHA", "CI_COMMIT_SHA", "GITEE_COMMIT", "GIT_COMMIT"]);
    provenance.pipeline = first(&["CI_PIPELINE_URL", "BUILD_URL"]);
    provenance
}

/// Returns the user of this process: its name, or else its number. Services and containers often have no `USER`.
#[cfg(unix)]
fn user_of_process() -> Option<String> {
    let id = rustix::process::getuid().as_raw().to_string();
    let users = regular::read_to_string(Path::new("/etc/passwd"), LARGEST_TEXT).unwrap_or_default();
    Some(user_with_id(&users, &id).map_or(id.clone(), str::to_owned))
}

/// Returns the user of this process where the system has no number of it.
#[cfg(not(unix))]
fn user_of_process() -> Option<String> {
    None
}

/// Returns the name of a user in the form of `/etc/passwd`.
#[cfg(unix)]
fn user_with_id<'a>(users: &'a str, id: &str) -> Option<&'a str> {
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next().filter(|name| !name.is_empty())?;
        (parts.nth(1) == Some(id)).then_some(name)
    })
}

/// Returns the message about a place without a state.
fn no_state(state: &Backend) -> Text {
    text!(
        en: "no state found in `{path}`",
        zh: "在 `{path}` 中未找到状态",
        path = state.location(),
    )
}

/// Returns the run that holds a state, for a sentence. In Chinese no space follows it.
pub(crate) fn run_of(holder: &Holder) -> Text {
    if holder.process == 0 {
        // Another program has the lock of a server.
        return text!(
            en: "`{command}` (on {host}, since {since}, lock {id})",
            zh: "`{command}`（在 {host} 上，自 {since} 起，锁 {id}）",
            command = Verbatim(truncate(&holder.command)),
            host = Verbatim(truncate(&holder.host)),
            since = Verbatim(truncate(&holder.since)),
            id = Verbatim(truncate(&holder.id)),
        );
    }
    text!(
        en: "`{command}` (process {process} on {host}, since {since}, lock {id})",
        zh: "`{command}`（{host} 上的进程 {process}，自 {since} 起，锁 {id}）",
        command = Verbatim(truncate(&holder.command)),
        process = holder.process,
        host = Verbatim(truncate(&holder.host)),
        since = Verbatim(truncate(&holder.since)),
        id = Verbatim(truncate(&holder.id)),
    )
}

/// The backend as far as it is known without evaluating anything.
#[derive(Debug, PartialEq, Eq)]
enum Configured {
    /// A directory.
    Local(PathBuf),
    /// Another backend, or one that depends on expressions, or one that an error may hide.
    Other,
}

/// Returns the backend of a workspace in a directory of states.
fn in_workspace(
    base: &Path,
    workspace: &WorkspaceName,
    keys: &[EncryptionKey],
) -> Result<Backend, CommandError> {
    let directory = Workspaces::new(base).directory(workspace);
    Ok(directory_state(&directory, keys)?)
}

/// Returns the manifests of a directory, in the order of their names.
fn manifests_in(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut manifests: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".eci.toml") && !path.is_dir())
        .collect();
    manifests.sort();
    manifests
}

/// Returns whether the manifests of a directory have `[encryption]`, as far as that is known without
/// evaluating them. One that cannot be read may have it.
fn may_have_keys(directory: &Path) -> bool {
    manifests_in(directory).iter().any(|manifest| {
        let Ok(text) = regular::read_to_string(manifest, LARGEST_TEXT) else {
            return true;
        };
        let names_it = text.contains("encryption");
        if !names_it && !may_name_a_backend(&text) {
            return false;
        }
        let table = text.parse::<Table>();
        table.map_or(names_it, |table| table.contains_key("encryption"))
    })
}

/// Returns the backend in the manifests of a directory.
fn configured(directory: &Path) -> Configured {
    let manifests = manifests_in(directory);
    let found = manifests.iter().find_map(|manifest| {
        let Ok(text) = regular::read_to_string(manifest, LARGEST_TEXT) else {
            return Some(Configured::Other);
        };
        if !may_name_a_backend(&text) {
            return None;
        }
        // The default directory is not the place of a state whose backend cannot be read.
        let Ok(table) = text.parse::<Table>() else {
            return Some(Configured::Other);
        };
        let backend = table.get("backend")?;
        let local = match backend
            .as_table()
            .map(|backend| (backend.get("local"), backend))
        {
            Some((Some(local), _)) => local,
            Some((None, backend)) if backend.is_empty() => return None,
            _ => return Some(Configured::Other),
        };
        let path = match local.as_table().map(|local| local.get("path")) {
            Some(None) => return None,
            Some(Some(Value::String(path))) => path,
            _ => return Some(Configured::Other),
        };
        if path.contains("${") || path.contains("%{") {
            return Some(Configured::Other);
        }
        Some(Configured::Local(strip_current_dir(Path::new(path))))
    });
    found.unwrap_or_else(|| Configured::Local(PathBuf::from(DEFAULT)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_state_is_found_also_in_manifests_that_are_wrong() {
        let directory = tempfile::tempdir().unwrap();
        let local = |path: &str| Configured::Local(PathBuf::from(path));
        assert_eq!(configured(directory.path()), local("state"));
        std::fs::write(
            directory.path().join("a.eci.toml"),
            "[eip.web]\nbandwith = ",
        )
        .unwrap();
        std::fs::write(
            directory.path().join("b.eci.toml"),
            "nonsense = 1\n[backend.local]\npath = \"./there\"\n",
        )
        .unwrap();
        assert_eq!(configured(directory.path()), local("there"));
    }

    #[cfg(unix)]
    #[test]
    fn a_user_without_a_name_in_the_environment_is_found_by_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(user_with_id(users, "1000"), Some("ada"));
        assert_eq!(user_with_id(users, "0"), Some("root"));
        assert_eq!(user_with_id(users, "100"), None);
        assert!(user_of_process().is_some_and(|user| !user.is_empty()));
    }

    #[test]
    fn the_default_directory_is_not_used_where_an_error_may_hide_the_backend() {
        for text in [
            "[backend.s3]\nx = [",
            "[backend.local]\npath = \"there\"\nx = [",
            "[backend.zos]\n",
            "[backend.local]\npath = 3\n",
            "backend = 3\n",
            "backend.local = 3\n",
        ] {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("a.eci.toml"), text).unwrap();
            assert_eq!(configured(directory.path()), Configured::Other, "{text}");
        }
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a.eci.toml"), b"# \xff\n").unwrap();
        assert_eq!(configured(directory.path()), Configured::Other);
    }
}
