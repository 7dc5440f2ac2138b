//! Location of the state, and its opening.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use eci_config::{BackendSettings, Configuration, EncryptionKey, StateSettings};
use eci_engine::{
    Backend, KnownHeads, Notice, OpenOptions, WorkspaceSet, connect_state, directory_state,
    strip_current_dir,
};
use eci_state::{Holder, HolderStatus, Snapshot, StateError, WorkspaceName, Workspaces};
use eci_text::text;
use tokio::task::JoinHandle;

use super::Context;
use super::manifest_backend::{ConfiguredBackend, DEFAULT, configured, may_have_keys};
use super::provenance::{provenance, unattended};
use super::state_location::StateLocation;
use super::state_words::{no_state, pending_operations, run_of};
use crate::arguments::VariableArgs;
use crate::error::CommandError;

/// The file in the default directory about states in shared stores, see [`KnownHeads`].
const KNOWN_HEADS: &str = "heads.json";

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
            Some(base) => self.place_in(base, &configuration.state.keys),
            None => {
                let place = self.checked_place_of(&configuration.state)?;
                self.check_known_places(&place, &configuration.state)?;
                Ok(place)
            }
        }
    }

    /// Returns the place to which a state is migrated or in which its form is changed.
    pub(crate) fn new_place(
        &self,
        settings: &StateSettings,
    ) -> Result<StateLocation, CommandError> {
        match self.state_flag()? {
            Some(base) => self.place_in(base, &settings.keys),
            None => self.place_of(settings),
        }
    }

    /// Returns the default directory of the state.
    pub(crate) fn default_directory(&self) -> Result<PathBuf, CommandError> {
        self.path(Path::new(DEFAULT))
    }

    /// Returns the place of a state with these settings, unless another state is still to be migrated there.
    fn checked_place_of(&self, settings: &StateSettings) -> Result<StateLocation, CommandError> {
        let place = self.place_of(settings)?;
        self.check_migrated(&place, settings)?;
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
            return self.place_in(strip_current_dir(directory), &settings.keys);
        }
        let workspace = self.workspace()?;
        let workspaces = self.workspaces_of(settings)?;
        if !workspace.is_default() {
            self.check_found(workspaces.find(&workspace), &workspace)?;
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
    pub(crate) fn workspaces_of(
        &self,
        settings: &StateSettings,
    ) -> Result<WorkspaceSet, CommandError> {
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
            return self.place_in(base, &self.keys()?);
        }
        let variables = self.variables(&VariableArgs::default())?;
        let settings = eci_config::load_state(self.directory()?, &variables)?;
        self.checked_place_of(&settings)
    }

    /// Returns the place of the state without the checks that runs may use it: a lock can be removed also while a
    /// migration is not complete.
    pub(crate) fn place_to_unlock(&self) -> Result<StateLocation, CommandError> {
        if let Some(base) = self.known_base()? {
            return self.place_in(base, &self.keys()?);
        }
        let variables = self.variables(&VariableArgs::default())?;
        let settings = eci_config::load_state(self.directory()?, &variables)?;
        // A migration that was killed may have locked what is not a workspace yet.
        self.creating_workspace().place_of(&settings)
    }

    /// Returns the workspaces here.
    ///
    /// Where the settings of the backend depend on the workspace, it is the place of this one, or of the current
    /// one.
    pub(crate) fn workspaces(
        &self,
        name: Option<&WorkspaceName>,
    ) -> Result<WorkspaceSet, CommandError> {
        if let Some(base) = self.known_base()? {
            let selection = Workspaces::new(&base);
            let backend = directory_state(&base, &self.keys()?)?;
            return Ok(WorkspaceSet::new(backend, selection));
        }
        let mut variables = self.variables(&VariableArgs::default())?;
        if let Some(name) = name {
            variables.set_workspace(name.as_str());
        }
        let settings = eci_config::load_state(self.directory()?, &variables)?;
        self.workspaces_of(&settings)
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

    fn place_in(
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

    /// Returns the directory in which the selected workspace is recorded.
    pub(crate) fn selection(&self) -> Result<Workspaces, CommandError> {
        Ok(Workspaces::new(self.state_base()?))
    }

    pub(super) fn state_base(&self) -> Result<PathBuf, CommandError> {
        match self.known_base()? {
            Some(base) => Ok(base),
            None => self.default_directory(),
        }
    }

    /// Returns the directory of the states, where it is known without evaluating anything.
    pub(super) fn known_base(&self) -> Result<Option<PathBuf>, CommandError> {
        if let Some(base) = self.state_flag()? {
            return Ok(Some(base));
        }
        match (configured(self.directory()?), &*self.globals.backend) {
            (ConfiguredBackend::Local(path), []) => {
                let outside = std::env::var_os("ECI_BACKEND_PATH").filter(|it| !it.is_empty());
                let outside = outside.filter(|_| path == Path::new(DEFAULT));
                self.path(&outside.map_or(path, PathBuf::from)).map(Some)
            }
            (ConfiguredBackend::Local(_), [setting])
                if let Some(path) = setting.strip_prefix("path=") =>
            {
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
        let variables = self.variables_in(&VariableArgs::default(), &workspace)?;
        Ok(eci_config::load_state(directory, &variables)?.keys)
    }

    /// Returns the directory of `--state`.
    pub(crate) fn state_flag(&self) -> Result<Option<PathBuf>, CommandError> {
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
        let state = self.place_in(base, &[]).ok()?.backend;
        let directory = state.directory()?.to_owned();
        Some(ReadAhead {
            directory,
            reading: tokio::task::spawn_blocking(move || state.read()),
        })
    }

    /// Returns the state if it is in a directory and can be read: an error is not delayed by a network.
    pub(crate) fn snapshot_on_disk(&self) -> Option<Snapshot> {
        let base = self.known_base().ok()??;
        let state = self.place_in(base, &self.keys().ok()?).ok()?;
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

/// Returns the backend of a workspace in a directory of states.
fn in_workspace(
    base: &Path,
    workspace: &WorkspaceName,
    keys: &[EncryptionKey],
) -> Result<Backend, CommandError> {
    let directory = Workspaces::new(base).directory(workspace);
    Ok(directory_state(&directory, keys)?)
}
