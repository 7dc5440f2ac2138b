//! The workspaces of a configuration, wherever its state is.

use eci_state::{Snapshot, StateError, Store as _, WorkspaceError, WorkspaceName, Workspaces};

use crate::backend::Backend;
use crate::open_options::OpenOptions;
use crate::open_state::OpenState;

/// The workspaces of a configuration.
///
/// The selected one is recorded on this machine.
#[derive(Clone, Debug)]
pub struct WorkspaceSet {
    /// The state of the default workspace.
    base: Backend,
    /// The directory with the selection.
    selection: Workspaces,
    /// Whether the settings of the backend depend on the workspace.
    per_workspace: bool,
}

impl WorkspaceSet {
    /// Creates a view of the workspaces next to a state.
    ///
    /// `selection` has the directory in which the selected one is recorded.
    pub fn new(base: Backend, selection: Workspaces) -> WorkspaceSet {
        WorkspaceSet {
            base,
            selection,
            per_workspace: false,
        }
    }

    /// Creates a view of workspaces whose places follow from the settings of the backend, which name the
    /// workspace: `current` is the place of the current one.
    pub fn per_workspace(current: Backend, selection: Workspaces) -> WorkspaceSet {
        WorkspaceSet {
            base: current,
            selection,
            per_workspace: true,
        }
    }

    /// Returns whether the states are in directories.
    pub fn is_local(&self) -> bool {
        self.base.directory().is_some()
    }

    /// Returns whether other workspaces than the current one cannot be reached from here.
    pub fn is_per_workspace(&self) -> bool {
        self.per_workspace
    }

    /// Returns the backend of a workspace, also of one that does not exist.
    ///
    /// # Errors
    /// If the store has only one state.
    pub fn place(&self, name: &WorkspaceName) -> Result<Backend, WorkspaceError> {
        if self.per_workspace {
            return Ok(self.base.clone());
        }
        let place = self.base.workspace(name);
        place.ok_or_else(|| WorkspaceError::Unsupported {
            location: self.base.location(),
        })
    }

    /// Returns all workspaces by name, the default one first.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn list(&self) -> Result<Vec<WorkspaceName>, StateError> {
        self.base.workspaces()
    }

    /// Makes sure that a workspace exists.
    ///
    /// # Errors
    /// If it does not.
    pub fn find(&self, name: &WorkspaceName) -> Result<(), WorkspaceError> {
        if self.per_workspace || self.exists(name)? {
            return Ok(());
        }
        Err(WorkspaceError::Unknown {
            name: name.clone(),
            known: self.list()?,
        })
    }

    fn exists(&self, name: &WorkspaceName) -> Result<bool, WorkspaceError> {
        if self.is_local() {
            return Ok(self.selection.find(name).is_ok());
        }
        Ok(name.is_default() || self.place(name)?.exists()?)
    }

    /// Returns the workspace that was selected last; the default one if none was.
    ///
    /// # Errors
    /// If that cannot be read, or is not a name.
    pub fn selected(&self) -> Result<WorkspaceName, WorkspaceError> {
        self.selection.selected()
    }

    /// Selects a workspace, which must exist.
    ///
    /// # Errors
    /// If it does not exist, or the selection cannot be written.
    pub fn select(&self, name: &WorkspaceName) -> Result<(), WorkspaceError> {
        self.find(name)?;
        self.selection.record(name)
    }

    /// Creates a workspace with an empty state.
    ///
    /// # Errors
    /// If it exists, or its state cannot be written.
    pub fn create(&self, name: &WorkspaceName, options: OpenOptions) -> Result<(), WorkspaceError> {
        if let Backend::Local(_) = &self.base {
            return self.selection.create(name, options.holder);
        }
        if self.exists(name)? && !self.per_workspace {
            return Err(WorkspaceError::Exists { name: name.clone() });
        }
        let mut store = self.place(name)?.open(options, |_| {})?;
        store.compact()?;
        store.close()?;
        if self.is_local() {
            self.selection.flush()?;
        }
        Ok(())
    }

    /// Deletes a workspace that no run holds.
    ///
    /// One that is not empty is deleted only by `force`: then its resources stay in the cloud, and no
    /// state records them. Returns that state.
    ///
    /// # Errors
    /// If it is the default one or does not exist, a run holds it, it is not empty, or it cannot be
    /// removed.
    pub fn delete(
        &self,
        name: &WorkspaceName,
        options: OpenOptions,
        force: bool,
    ) -> Result<Snapshot, WorkspaceError> {
        if name.is_default() {
            return Err(WorkspaceError::Default);
        }
        self.find(name)?;
        let options = OpenOptions {
            accept_migrated: options.accept_migrated || self.is_local(),
            ..options
        };
        let store = self.place(name)?.open(options, |_| {})?;
        let snapshot = store.snapshot().clone();
        let (resources, open) = (snapshot.resources.len(), snapshot.open_intents.len());
        if resources + open > 0 && !force {
            return Err(WorkspaceError::NotEmpty {
                name: name.clone(),
                resources,
                open,
            });
        }
        match store {
            OpenState::Local(store) => self.selection.remove(name, || drop(store))?,
            OpenState::Shared(store) if self.is_local() => {
                let lock = store.directory.as_ref().map(|it| it.lock.clone());
                // What its end writes is removed with the rest.
                store.close()?;
                self.selection.remove(name, || drop(lock))?;
            }
            OpenState::Shared(store) => store.delete()?,
            _ => {
                return Err(WorkspaceError::Unsupported {
                    location: self.base.location(),
                });
            }
        }
        Ok(snapshot)
    }
}
