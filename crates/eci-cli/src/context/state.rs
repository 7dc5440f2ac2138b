//! Where the state is, and how it is opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use eci_config::Configuration;
use eci_core::regular::{self, LARGEST_TEXT};
use eci_engine::{open_state, strip_current_dir};
use eci_state::{LocalStore, Snapshot, StateError, WorkspaceError, WorkspaceName, Workspaces};
use tokio::task::JoinHandle;
use toml::{Table, Value};

use super::Context;
use crate::error::CommandError;

/// Where the state is unless something else is said.
const DEFAULT: &str = "state";

/// The directory of a state.
#[derive(Clone, Debug)]
pub(crate) struct StateLocation {
    /// Where the workspaces are, and the sandbox that they share.
    base: PathBuf,
    /// The workspace whose state it is.
    pub(crate) workspace: WorkspaceName,
    directory: PathBuf,
}

impl StateLocation {
    /// What is told of a plan for this state, under the name of its workspace unless that is
    /// the default one.
    pub(crate) fn headed(&self, text: String) -> String {
        match self.workspace.is_default() {
            true => text,
            false => format!("Workspace {}\n\n{text}", self.workspace),
        }
    }

    /// The directory of the simulated cloud.
    pub(crate) fn sandbox(&self) -> PathBuf {
        self.base.join("sandbox")
    }
}

impl std::ops::Deref for StateLocation {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.directory
    }
}

/// A state that is being read.
pub(crate) struct ReadAhead {
    pub(crate) directory: PathBuf,
    reading: JoinHandle<Result<Snapshot, StateError>>,
}

impl ReadAhead {
    pub(crate) async fn snapshot(self) -> Result<Snapshot, CommandError> {
        match self.reading.await {
            Ok(read) => Ok(read?),
            // It was begun and nobody stops it: it has panicked.
            Err(_) => Ok(LocalStore::read(&self.directory)?),
        }
    }
}

impl Context {
    /// Where the state of a configuration is.
    pub(crate) fn state_of(
        &self,
        configuration: &Configuration,
    ) -> Result<StateLocation, CommandError> {
        match self.state_flag()? {
            Some(base) => self.home_in(base),
            None => self.home_in(strip_current_dir(&configuration.state_path)),
        }
    }

    /// Where the state is, without reading more of the manifests than that: it can be looked
    /// into also while they are wrong.
    pub(crate) fn state_directory(&self) -> Result<StateLocation, CommandError> {
        self.home_in(self.state_base()?)
    }

    /// The workspaces here.
    pub(crate) fn workspaces(&self) -> Result<Workspaces, CommandError> {
        Ok(Workspaces::new(self.state_base()?))
    }

    /// The workspace that is asked for, or was selected; it is there.
    pub(crate) fn workspace(&self) -> Result<WorkspaceName, CommandError> {
        self.workspace_among(&self.workspaces()?)
    }

    fn workspace_among(&self, workspaces: &Workspaces) -> Result<WorkspaceName, CommandError> {
        let asked = self.globals.workspace.as_ref().filter(|it| !it.is_empty());
        let name = match asked {
            Some(name) => name.parse()?,
            None => workspaces.selected()?,
        };
        match workspaces.find(&name) {
            Ok(()) => Ok(name),
            Err(WorkspaceError::Unknown { .. }) if asked.is_none() => Err(CommandError::new(
                format!("the workspace `{name}`, which is selected, is not there any more"),
                "select another one with `eci workspace select NAME`, such as default",
            )),
            Err(error) => Err(error.into()),
        }
    }

    fn home_in(&self, base: PathBuf) -> Result<StateLocation, CommandError> {
        let workspaces = Workspaces::new(&base);
        let workspace = self.workspace_among(&workspaces)?;
        Ok(StateLocation {
            directory: workspaces.directory(&workspace),
            workspace,
            base,
        })
    }

    fn state_base(&self) -> Result<PathBuf, CommandError> {
        match self.state_flag()? {
            Some(state) => Ok(state),
            None => self.path(&configured(self.directory()?)),
        }
    }

    fn state_flag(&self) -> Result<Option<PathBuf>, CommandError> {
        let Some(state) = &self.globals.state else {
            return Ok(None);
        };
        if let Some((scheme, _)) = state.to_string_lossy().split_once("://") {
            return Err(CommandError::new(
                format!("there is no backend for `{scheme}://` states"),
                "name a directory with --state",
            ));
        }
        self.path(state).map(Some)
    }

    /// Begins to read the state while the manifests are read, where it can be told without them
    /// which it is.
    pub(crate) fn read_ahead(&self) -> Option<ReadAhead> {
        let directory = self.state_directory().ok()?.directory;
        let place = directory.clone();
        Some(ReadAhead {
            directory,
            reading: tokio::task::spawn_blocking(move || LocalStore::read(&place)),
        })
    }

    /// Reads the state of a directory, if there is one.
    pub(crate) fn state_in(&self, directory: &Path) -> Result<Option<Snapshot>, CommandError> {
        // Where it cannot be told, reading says why.
        let may_be = |name: &str| directory.join(name).try_exists().unwrap_or(true);
        match may_be("state.json") || may_be("journal.jsonl") {
            true => Ok(Some(LocalStore::read(directory)?)),
            false => Ok(None),
        }
    }

    /// Reads the state; a directory without one is an error.
    pub(crate) fn existing_state(&self) -> Result<Snapshot, CommandError> {
        let directory = self.state_directory()?;
        match self.state_in(&directory)? {
            Some(snapshot) => Ok(snapshot),
            None => Err(CommandError::new(
                format!("no state found in `{}`", directory.display()),
                "run `eci apply` to create one, or select another directory with -C or --state",
            )),
        }
    }

    /// Locks and opens the state, and waits for another run for so long.
    pub(crate) async fn open_state(
        &self,
        directory: &Path,
        timeout: Duration,
    ) -> Result<LocalStore, CommandError> {
        let opening = open_state(directory, &self.command_line, timeout, Some(self.notices()));
        Ok(opening.await?)
    }

    /// Tells what may soon change what is shown of a state.
    pub(crate) fn tell_of_others(
        &self,
        directory: &Path,
        snapshot: &Snapshot,
    ) -> Result<(), CommandError> {
        match LocalStore::holder(directory) {
            Ok(Some(other)) => self.note(&format!(
                "note: {other} works on this state now; what is shown here may be out of date"
            )),
            Ok(None) if !snapshot.open_intents.is_empty() => self.note(&format!(
                "note: an earlier run left {}; run `eci apply` to recover",
                open_operations(snapshot),
            )),
            Ok(None) => {}
            // Whoever may not look at the lock may still look at the state.
            Err(StateError::Unreadable { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// `1 pending operation`: the calls whose end the state does not know.
pub(crate) fn open_operations(snapshot: &Snapshot) -> String {
    match snapshot.open_intents.len() {
        1 => "1 pending operation".to_owned(),
        several => format!("{several} pending operations"),
    }
}

/// `path` of `[backend.local]` in the manifests of a directory.
fn configured(directory: &Path) -> PathBuf {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut manifests: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".eci.toml") && path.is_file())
        .collect();
    manifests.sort();
    let path = manifests.iter().find_map(|manifest| {
        let text = regular::read_to_string(manifest, LARGEST_TEXT).ok()?;
        if !may_name_a_backend(&text) {
            return None;
        }
        let table: Table = text.parse().ok()?;
        let path = table
            .get("backend")?
            .get("local")?
            .get("path")
            .and_then(Value::as_str)?;
        Some(PathBuf::from(path))
    });
    strip_current_dir(&path.unwrap_or_else(|| PathBuf::from(DEFAULT)))
}

/// Whether a manifest has to be parsed to tell; most are not about that, and there may be many.
fn may_name_a_backend(text: &str) -> bool {
    // A quoted key may have any of its letters written as an escape.
    text.contains("backend") || text.contains("\\u") || text.contains("\\U") || text.contains("\\x")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_state_is_found_also_in_manifests_that_are_wrong() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(configured(directory.path()), Path::new("state"));
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
        assert_eq!(configured(directory.path()), Path::new("there"));
    }
}
