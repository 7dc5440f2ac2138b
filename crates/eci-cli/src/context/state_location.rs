//! The place of a state.

use std::path::{Path, PathBuf};

use eci_engine::Backend;
use eci_state::WorkspaceName;
use eci_text::{Lang, Verbatim, text};

/// The place of a state.
#[derive(Clone, Debug)]
pub(crate) struct StateLocation {
    /// The directory of the workspaces, and of the sandbox that they share.
    pub(super) base: PathBuf,
    /// The workspace whose state it is.
    pub(crate) workspace: WorkspaceName,
    pub(super) backend: Backend,
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
