//! The workspace of a run.

use eci_state::{WorkspaceError, WorkspaceName, Workspaces};
use eci_text::{Verbatim, text};

use super::Context;
use crate::error::CommandError;

impl Context {
    /// Returns the requested or selected workspace.
    ///
    /// One in a directory exists.
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

    /// Returns whether an option or a variable selects the workspace.
    pub(crate) fn requests_workspace(&self) -> bool {
        self.requested_workspace().is_some()
    }

    fn requested_workspace(&self) -> Option<&String> {
        self.globals.workspace.as_ref().filter(|it| !it.is_empty())
    }

    pub(super) fn workspace_among(
        &self,
        workspaces: &Workspaces,
    ) -> Result<WorkspaceName, CommandError> {
        let name = match self.requested_workspace() {
            Some(name) => name.parse()?,
            None => workspaces.selected()?,
        };
        self.check_found(workspaces.find(&name), &name)?;
        Ok(name)
    }

    /// Checks that a workspace exists, unless the command creates it.
    pub(super) fn check_found(
        &self,
        found: Result<(), WorkspaceError>,
        name: &WorkspaceName,
    ) -> Result<(), CommandError> {
        match found {
            Ok(()) => Ok(()),
            Err(WorkspaceError::Unknown { .. }) if self.creates_workspace => Ok(()),
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
}
