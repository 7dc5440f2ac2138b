//! A state in the default directory that was not moved to the shared store in the manifests.

use std::path::Path;

use eci_core::Serial;
use eci_engine::{Backend, EncryptedDirectory, directory_state};
use eci_state::{Snapshot, Workspaces};
use eci_text::text;

use super::Context;
use super::state::StateLocation;
use crate::error::CommandError;

impl Context {
    /// Checks that a shared store without a state does not take the place of a state in the default directory:
    /// the next apply would create its resources a second time.
    pub(super) fn check_moved(&self, place: &StateLocation) -> Result<(), CommandError> {
        if place.directory().is_some() {
            return Ok(());
        }
        let directory = Workspaces::new(place.base()).directory(&place.workspace);
        // One that was moved, or cannot be read, is none that a run could continue.
        let local = self.local_state(&directory)?.existing().ok().flatten();
        let local = local.filter(|local| has_resources(local) && self.may_manage(local));
        if local.is_none() || is_in_use(place) {
            return Ok(());
        }
        Err(CommandError::new(
            text!(
                en: "the state in `{directory}` was not moved to `{to}`",
                zh: "`{directory}` 中的状态尚未迁移到 `{to}`",
                directory = directory.display(),
                to = place.location(),
            ),
            text!(
                en: "run `eci init --migrate` to move it; to begin with an empty state, rename the directory",
                zh: "执行 `eci init --migrate` 进行迁移；如需从空状态开始，重命名该目录",
            ),
        ))
    }

    /// Returns the state in a directory, whether it is encrypted or not.
    fn local_state(&self, directory: &Path) -> Result<Backend, CommandError> {
        if EncryptedDirectory::is_in(directory) {
            return Ok(directory_state(directory, &self.keys()?)?);
        }
        Ok(Backend::Local(directory.to_owned()))
    }

    /// Returns whether a run of this command could have the resources of a state: those of the simulated cloud
    /// are in no other one.
    fn may_manage(&self, local: &Snapshot) -> bool {
        let cloud = local.cloud.as_ref();
        cloud.is_none_or(|cloud| cloud.is_sandbox() == self.globals.sandbox)
    }
}

fn has_resources(snapshot: &Snapshot) -> bool {
    !snapshot.resources.is_empty() || !snapshot.open_intents.is_empty()
}

/// Returns whether a run has written to a shared state. A migration that was killed, or a run that was refused,
/// leaves an empty one.
fn is_in_use(state: &Backend) -> bool {
    match state.existing() {
        Ok(None) => false,
        Ok(Some(shared)) => has_resources(&shared) || shared.serial > Serial::default(),
        // It was moved, or the command that opens it reports the error.
        Err(_) => true,
    }
}
