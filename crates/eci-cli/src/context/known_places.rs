//! Places of states that this machine has used: an empty state in another one would create everything a second
//! time.

use std::path::{Path, PathBuf};

use eci_config::StateSettings;
use eci_engine::{KnownPlace, KnownPlaces};
use eci_state::{CloudIdentity, Snapshot, WorkspaceName};
use eci_text::{Text, text};

use super::provenance::unattended;
use super::state_location::StateLocation;
use super::unmigrated_state::{has_resources, is_in_use, migrate_it};
use super::{Context, in_shell};
use crate::error::CommandError;

/// The file in the default directory of the state, see [`KnownPlaces`].
const KNOWN_PLACES: &str = "places.json";

impl Context {
    /// Returns the places of states that this machine has used with this configuration.
    pub(crate) fn known_places(&self) -> Result<KnownPlaces, CommandError> {
        let directory = self.default_directory()?;
        Ok(KnownPlaces::new(directory.join(KNOWN_PLACES)))
    }

    /// Remembers the place of a state while it has resources.
    ///
    /// The default directory is not recorded: what it has is found there.
    pub(crate) fn remember_place(&self, place: &StateLocation, snapshot: &Snapshot) {
        let is_exempt = self.globals.state.is_some();
        if is_exempt || self.is_default_directory(place).unwrap_or(true) {
            return;
        }
        // The directory no longer exists.
        let Ok(known) = self.known_places() else {
            return;
        };
        let location = place.permanent_location();
        if !has_resources(snapshot) {
            known.forget(&place.workspace, &location);
        } else if !unattended() {
            let cloud = snapshot.cloud.as_ref();
            let is_sandbox = cloud.map_or(self.globals.sandbox, CloudIdentity::is_sandbox);
            let used = KnownPlace {
                location,
                is_sandbox,
            };
            known.record(&place.workspace, used);
        }
    }

    /// Checks that an empty state does not take the place of one with resources that this machine has used.
    ///
    /// Where places differ from run to run, that is only noted.
    pub(super) fn check_known_places(
        &self,
        place: &StateLocation,
        settings: &StateSettings,
    ) -> Result<(), CommandError> {
        let known = self.known_places()?;
        let location = place.permanent_location();
        let others = known.of(&place.workspace)?;
        if others.iter().any(|known| known.location == location) {
            return Ok(());
        }
        let mut others = others.into_iter().rev();
        let from = match others.find(|other| self.may_continue(other)) {
            Some(known) => Origin::Known(known),
            None if self.has_unmigrated_state(place)? => Origin::Default,
            None => return Ok(()),
        };
        if is_in_use(place) {
            return Ok(());
        }
        let file = known.path();
        // An empty state would be one of two while a migration is not complete.
        let is_pending = self.is_locked_by_migration(place);
        let (from, help) = match from {
            Origin::Known(KnownPlace { location, .. }) => {
                let file = (!is_pending).then_some(file);
                let help = help_about(&location, &place.workspace, file);
                (location, help)
            }
            Origin::Default => {
                let directory = self.local_directory(&place.workspace)?;
                let help = if is_pending {
                    migrate_it()
                } else {
                    help_in(&directory)
                };
                (directory.display().to_string(), help)
            }
        };
        let message = text!(
            en: "the state at `{from}` has the resources of this configuration, and `{to}` has none",
            zh: "位于 `{from}` 的状态包含此配置的资源，而 `{to}` 中没有资源",
            from = from,
            to = place.location(),
        );
        if settings.varies {
            self.note(&text!(en: "note: {message}", zh: "说明: {message}", message = message));
            return Ok(());
        }
        Err(CommandError::new(message, help))
    }

    /// Returns whether a run of this command could have the resources of a known place.
    ///
    /// A directory that was deleted has none any more.
    fn may_continue(&self, known: &KnownPlace) -> bool {
        let directory = Path::new(&known.location);
        if directory.is_absolute() {
            return self.unmigrated_state(directory).is_some();
        }
        known.is_sandbox == self.globals.sandbox
    }

    /// Returns whether the default directory has a state with resources that is not the one in a directory.
    fn has_unmigrated_state(&self, place: &StateLocation) -> Result<bool, CommandError> {
        // Shared stores are checked in any case.
        if place.directory().is_none() || self.is_default_directory(place)? {
            return Ok(false);
        }
        let directory = self.local_directory(&place.workspace)?;
        Ok(self.unmigrated_state(&directory).is_some())
    }
}

/// The place of the state that an empty one would replace.
enum Origin {
    Known(KnownPlace),
    /// The default directory.
    Default,
}

/// Returns the help about a state in a known place.
///
/// `file` is the one without which an empty state can be used.
fn help_about(location: &str, workspace: &WorkspaceName, file: Option<&Path>) -> Text {
    let directory = Path::new(location);
    let base = directory
        .is_absolute()
        .then(|| in_shell(&base_of(directory, workspace)));
    match (base, file) {
        (Some(from), Some(file)) => text!(
            en: "run `eci init --migrate {from}` to migrate it; to start with an empty state, delete `{file}`",
            zh: "执行 `eci init --migrate {from}` 进行迁移；如需从空状态开始，删除 `{file}`",
            from = from,
            file = file.display(),
        ),
        (Some(from), None) => text!(
            en: "run `eci init --migrate {from}` to migrate it",
            zh: "执行 `eci init --migrate {from}` 进行迁移",
            from = from,
        ),
        (None, Some(file)) => text!(
            en: "put its `[backend.NAME]` into a file, for example `old.toml`, and run `eci init --migrate old.toml` to migrate it; to start with an empty state, delete `{file}`",
            zh: "将其 `[backend.NAME]` 写入文件，例如 `old.toml`，并执行 `eci init --migrate old.toml` 进行迁移；如需从空状态开始，删除 `{file}`",
            file = file.display(),
        ),
        (None, None) => text!(
            en: "put its `[backend.NAME]` into a file, for example `old.toml`, and run `eci init --migrate old.toml` to migrate it",
            zh: "将其 `[backend.NAME]` 写入文件，例如 `old.toml`，并执行 `eci init --migrate old.toml` 进行迁移",
        ),
    }
}

/// Returns the help about a state in the default directory.
fn help_in(directory: &Path) -> Text {
    text!(
        en: "run `eci init --migrate` to migrate it; to start with an empty state, rename `{file}`",
        zh: "执行 `eci init --migrate` 进行迁移；如需从空状态开始，重命名 `{file}`",
        file = super::unmigrated_state::file_of(directory).display(),
    )
}

/// Returns the directory of the workspaces, one of which has its state in a directory.
fn base_of(directory: &Path, workspace: &WorkspaceName) -> PathBuf {
    let base = directory.ancestors().nth(2);
    match base.filter(|_| !workspace.is_default()) {
        Some(base) => base.to_owned(),
        None => directory.to_owned(),
    }
}
