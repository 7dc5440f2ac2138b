//! A state in the default directory that was not migrated to the place in the manifests.

use std::path::{Path, PathBuf};

use eci_config::StateSettings;
use eci_core::Serial;
use eci_engine::{Backend, EncryptedDirectory, directory_state};
use eci_state::{Holder, LocalStore, RemoteError, Snapshot, StateError, WorkspaceName, Workspaces};
use eci_text::{Text, text};

use super::Context;
use super::state_location::StateLocation;
use crate::error::CommandError;

impl Context {
    /// Checks that a state in the default directory was migrated to this place, and not to another one: the next
    /// apply would create its resources a second time, or delete those of the other state.
    pub(super) fn check_migrated(
        &self,
        place: &StateLocation,
        settings: &StateSettings,
    ) -> Result<(), CommandError> {
        if self.is_default_directory(place)? {
            return Ok(());
        }
        let directory = self.local_directory(&place.workspace)?;
        // A run could not continue a state that cannot be read.
        let migrated_to = Backend::from(&directory).migrated_to().ok().flatten();
        if let Some(to) = migrated_to {
            return self.check_migrated_to(place, &to, settings);
        }
        if place.directory().is_some() || self.unmigrated_state(&directory).is_none() {
            return Ok(());
        }
        // It was migrated back from there, or its migration is not complete: no command uses the state there, and the
        // error says more.
        let found = place.existing();
        if let Err(StateError::Remote(
            RemoteError::Migrated { .. } | RemoteError::Unfinished { .. },
        )) = found
        {
            return Ok(());
        }
        // Without a state there, a migration may have been killed before it copied this one.
        let is_used_there = matches!(&found, Ok(Some(there)) if is_used(there));
        let help = if is_used_there {
            text!(
                en: "run `eci init --migrate` to migrate it; to use only the state in the store, rename `{file}`",
                zh: "执行 `eci init --migrate` 进行迁移；如需仅使用存储中的状态，重命名 `{file}`",
                file = file_of(&directory).display(),
            )
        } else {
            migrate_it()
        };
        Err(CommandError::new(
            text!(
                en: "the state in `{directory}` was not migrated to `{to}`",
                zh: "`{directory}` 中的状态尚未迁移到 `{to}`",
                directory = directory.display(),
                to = place.location(),
            ),
            help,
        ))
    }

    /// Checks that the note in the default directory names this place, or that the state was migrated on to it.
    fn check_migrated_to(
        &self,
        place: &StateLocation,
        to: &str,
        settings: &StateSettings,
    ) -> Result<(), CommandError> {
        let location = place.permanent_location();
        // Settings that differ from run to run have several places.
        if to == location || settings.varies {
            return Ok(());
        }
        let known = self.known_places()?.of(&place.workspace)?;
        if known.iter().any(|known| known.location == location) {
            return Ok(());
        }
        let directory = self.local_directory(&place.workspace)?;
        let old = if EncryptedDirectory::is_last_in(&directory) {
            None
        } else {
            let old = LocalStore::read(&directory).ok();
            let old = old.filter(|old| has_resources(old) && self.may_manage(old));
            let Some(old) = old else {
                return Ok(());
            };
            Some(old)
        };
        let may_be_it = match (place.existing(), old) {
            // The command that opens it reports the error.
            (Err(_), _) => true,
            (Ok(None), _) => false,
            (Ok(Some(new)), Some(old)) => new.lineage == old.lineage,
            (Ok(Some(new)), None) => is_used(&new),
        };
        if may_be_it {
            return Ok(());
        }
        Err(CommandError::new(
            text!(
                en: "the state in `{directory}` was migrated to `{migrated_to}`, not to `{to}`",
                zh: "`{directory}` 中的状态已迁移到 `{migrated_to}`，而不是 `{to}`",
                directory = directory.display(),
                migrated_to = to,
                to = place.location(),
            ),
            text!(
                en: "correct `[backend]`; to use only the state in the place that it names, rename `{file}`",
                zh: "更正 `[backend]`；如需仅使用其所指位置的状态，重命名 `{file}`",
                file = file_of(&directory).display(),
            ),
        ))
    }

    /// Returns whether a state is the one in the default directory.
    pub(super) fn is_default_directory(&self, place: &StateLocation) -> Result<bool, CommandError> {
        if place.directory().is_none() {
            return Ok(false);
        }
        let directory = Backend::Local(self.local_directory(&place.workspace)?);
        Ok(directory.permanent_location() == place.permanent_location())
    }

    /// Returns the directory of a workspace in the default directory.
    pub(super) fn local_directory(
        &self,
        workspace: &WorkspaceName,
    ) -> Result<PathBuf, CommandError> {
        Ok(Workspaces::new(self.default_directory()?).directory(workspace))
    }

    /// Returns a state in a directory that has resources and was not migrated: one that a run of this command could
    /// continue.
    pub(super) fn unmigrated_state(&self, directory: &Path) -> Option<Snapshot> {
        let state = if EncryptedDirectory::is_in(directory) {
            directory_state(directory, &self.keys().ok()?).ok()?
        } else {
            Backend::Local(directory.to_owned())
        };
        let snapshot = state.existing().ok()??;
        (has_resources(&snapshot) && self.may_manage(&snapshot)).then_some(snapshot)
    }

    /// Returns whether a migration has the lock of a state, or was killed while it had it.
    pub(super) fn is_locked_by_migration(&self, state: &Backend) -> bool {
        let by = Holder::current_process(self.command_line.clone());
        let holder = match state.lock_holder(&by) {
            Ok(None) => state.stale_holder(),
            holder => holder,
        };
        let command = holder.ok().flatten().map(|holder| holder.command);
        command.is_some_and(|command| {
            let mut words = command.split(' ');
            words.any(|word| word == "--migrate" || word.starts_with("--migrate="))
        })
    }

    /// Returns whether a run of this command could have the resources of a state: those of the simulated cloud
    /// are in no other one.
    fn may_manage(&self, local: &Snapshot) -> bool {
        let cloud = local.cloud.as_ref();
        cloud.is_none_or(|cloud| cloud.is_sandbox() == self.globals.sandbox)
    }
}

/// Returns the file, or folder, without which the state in a directory is not found.
///
/// The rest of the directory may belong to other states: the selected workspace, the simulated cloud, what
/// this machine knows of stores.
pub(super) fn file_of(directory: &Path) -> PathBuf {
    let is_encrypted = EncryptedDirectory::is_last_in(directory);
    directory.join(if is_encrypted {
        "encrypted"
    } else {
        "state.json"
    })
}

/// Returns the help about a state in the default directory that is only to be migrated.
pub(super) fn migrate_it() -> Text {
    text!(
        en: "run `eci init --migrate` to migrate it",
        zh: "执行 `eci init --migrate` 进行迁移",
    )
}

pub(super) fn has_resources(snapshot: &Snapshot) -> bool {
    !snapshot.resources.is_empty() || !snapshot.open_intents.is_empty()
}

/// Returns whether a run has written to a state.
///
/// A migration that was killed, or a run that was refused, leaves an empty one.
pub(super) fn is_in_use(state: &Backend) -> bool {
    match state.existing() {
        Ok(None) => false,
        Ok(Some(snapshot)) => is_used(&snapshot),
        // It was migrated, or the command that opens it reports the error.
        Err(_) => true,
    }
}

fn is_used(snapshot: &Snapshot) -> bool {
    has_resources(snapshot) || snapshot.serial > Serial::default()
}
