//! The move of a state from one backend to another.
//!
//! The steps are: lock both, copy the state, read the copy back, and leave a note in the old place, after
//! which no run uses it. The state is whole in the old place until the note is written, and in the new
//! one from then on: a migration that dies at any instant is repeated.

use eci_core::{Lineage, Serial};
use eci_state::{RemoteError, Snapshot, StateError, Store as _, failpoint};
use eci_text::{In, Lang, Text, messages, text};
use thiserror::Error;

use crate::backend::{Backend, OpenState};
use crate::open_options::{LockWait, OpenOptions};

/// A reason why a state was not moved.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// Both backends are one.
    SamePlace {
        /// The address.
        location: String,
    },
    /// The old place does not have a state.
    NoState {
        /// The address.
        location: String,
    },
    /// Another state is in the new place.
    Occupied {
        /// The address.
        location: String,
        /// The lineage of the state.
        lineage: Lineage,
    },
    /// The state was changed in both places since it was copied.
    Diverged {
        /// The old address.
        from: String,
        /// The new address.
        to: String,
    },
    /// The copy differs from the original.
    NotVerified {
        /// The address.
        location: String,
    },
    /// A state cannot be read, locked or written.
    ///
    /// Not a source: the message is that of the state.
    State(StateError),
}

impl From<StateError> for MigrationError {
    fn from(error: StateError) -> MigrationError {
        MigrationError::State(error)
    }
}

messages! { MigrationError:
    MigrationError::SamePlace { location } =>
        en("the state is in `{location}` already"),
        zh("状态已位于 `{location}`");
    MigrationError::NoState { location } =>
        en("no state found in `{location}`"),
        zh("在 `{location}` 中未找到状态");
    MigrationError::Occupied { location, lineage } =>
        en("`{location}` contains another state, with lineage {lineage}"),
        zh("`{location}` 中已有其他状态，谱系 ID 为 {lineage}");
    MigrationError::Diverged { from, to } =>
        en("the state was changed both in `{from}` and in `{to}` since it was copied"),
        zh("状态在复制之后于 `{from}` 和 `{to}` 中均有变更");
    MigrationError::NotVerified { location } =>
        en("the state in `{location}` differs from what was written"),
        zh("`{location}` 中的状态与写入的内容不一致");
    MigrationError::State(error) =>
        en("{error}"),
        zh("{}", In(error, Lang::Zh));
}

impl MigrationError {
    /// Returns the remedy.
    pub fn help(&self) -> Option<Text> {
        Some(match self {
            MigrationError::SamePlace { .. } => text!(
                en: "set the new place as `[backend.NAME]` in the manifests, and name the old one: a directory of a state, \
                     or a file with the old `[backend.NAME]`, with `eci init --migrate FROM`",
                zh: "在清单中以 `[backend.NAME]` 设置新位置，并通过 `eci init --migrate FROM` 指定旧位置：状态目录，或包含旧 `[backend.NAME]` 的文件",
            ),
            MigrationError::NoState { .. } => text!(
                en: "name the directory of the state, or a file with the old `[backend.NAME]`: `eci init --migrate FROM`",
                zh: "指定状态目录，或包含旧 `[backend.NAME]` 的文件：`eci init --migrate FROM`",
            ),
            MigrationError::Occupied { .. } => text!(
                en: "set an empty place as `[backend.NAME]`, for example with another `prefix` or `name`",
                zh: "将 `[backend.NAME]` 设为空的位置，例如使用其他 `prefix` 或 `name`",
            ),
            MigrationError::Diverged { .. } => text!(
                en: "compare both with `eci state pull`, and put the right one in the new place with `eci state push --force`",
                zh: "使用 `eci state pull` 比较两者，并使用 `eci state push --force` 将正确的状态写入新位置",
            ),
            MigrationError::NotVerified { .. } => text!(
                en: "repeat the command; if the error persists, use another store",
                zh: "重复执行该命令；如果错误仍然出现，使用其他存储",
            ),
            MigrationError::State(error) => return error.help(),
        })
    }
}

/// A completed migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migration {
    /// The serial of the state.
    pub serial: Serial,
    /// The number of resources.
    pub resources: usize,
    /// Whether an earlier migration had moved the state already.
    pub was_complete: bool,
}

impl Migration {
    /// Returns the migration of a state by this run.
    fn of(snapshot: &Snapshot) -> Migration {
        Migration {
            serial: snapshot.serial,
            resources: snapshot.resources.len(),
            was_complete: false,
        }
    }

    /// Returns the migration of a state that an earlier run has moved.
    fn complete(snapshot: &Snapshot) -> Migration {
        Migration {
            was_complete: true,
            ..Migration::of(snapshot)
        }
    }
}

/// The backends of a migration.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// The old place.
    pub from: &'a Backend,
    /// The new place.
    pub to: &'a Backend,
}

/// Moves a state. May be repeated after it was interrupted, at any instant.
///
/// Blocks while other runs hold one of the locks, for `options.timeout` at most each.
///
/// # Errors
/// If the old place does not have a state, the new place has another one, or one of them cannot be read,
/// locked or written.
pub fn migrate(
    places: Places<'_>,
    options: &OpenOptions,
    mut waiting: impl FnMut(LockWait<'_>) + Send,
) -> Result<Migration, MigrationError> {
    let Places { from, to } = places;
    let address = to.permanent_location();
    if from.permanent_location() == address {
        return Err(MigrationError::SamePlace { location: address });
    }
    if let Some(moved) = from.moved()? {
        if moved != address {
            let location = from.location();
            let error = RemoteError::Moved {
                location,
                to: moved,
            };
            return Err(StateError::from(error).into());
        }
        let copy = to.existing()?.ok_or_else(|| MigrationError::NoState {
            location: to.location(),
        })?;
        return Ok(Migration::complete(&copy));
    }
    if from.existing()?.is_none() {
        return Err(MigrationError::NoState {
            location: from.location(),
        });
    }
    // A migration calls no cloud, so that its locks may expire.
    let options = OpenOptions {
        unattended: true,
        ..options.clone()
    };
    let mut source = from.open(options.clone(), &mut waiting)?;
    source.compact()?;
    failpoint::hit("migrate-source-locked");
    let was_moved = to.moved()?.is_some();
    let target = OpenOptions {
        accept_moved: true,
        ..options
    };
    let mut target = to.open(target, &mut waiting)?;
    failpoint::hit("migrate-target-locked");
    if is_due(places, &source, &target, was_moved)? {
        target.replace(source.snapshot().clone())?;
        failpoint::hit("migrate-copied");
        if to.existing()?.as_ref() != Some(target.snapshot()) {
            return Err(MigrationError::NotVerified {
                location: to.location(),
            });
        }
    }
    failpoint::hit("migrate-verified");
    let migration = Migration::of(target.snapshot());
    source.move_to(address)?;
    failpoint::hit("migrate-noted");
    target.close()?;
    Ok(migration)
}

/// Returns whether the state is still to be copied.
fn is_due(
    places: Places<'_>,
    source: &OpenState,
    target: &OpenState,
    was_moved: bool,
) -> Result<bool, MigrationError> {
    let (old, new) = (source.snapshot(), target.snapshot());
    if target.is_new() || (is_empty(new) && new.lineage != old.lineage) {
        return Ok(true);
    }
    if new.lineage != old.lineage {
        return Err(MigrationError::Occupied {
            location: places.to.location(),
            lineage: new.lineage.clone(),
        });
    }
    if new == old {
        // Only another write removes the note.
        return Ok(was_moved);
    }
    // It was moved away from there, and moves back.
    if was_moved {
        return Ok(true);
    }
    if kept(places.to, old.serial)?.as_ref() == Some(old) {
        // Runs have used the copy since.
        return Ok(false);
    }
    if kept(places.from, new.serial)?.as_ref() == Some(new) {
        // Runs have used the original since.
        return Ok(true);
    }
    Err(MigrationError::Diverged {
        from: places.from.location(),
        to: places.to.location(),
    })
}

fn is_empty(snapshot: &Snapshot) -> bool {
    snapshot.resources.is_empty()
        && snapshot.open_intents.is_empty()
        && snapshot.outputs.is_empty()
        && snapshot.removed.is_empty()
}

/// Returns the version with this serial, if its content is kept.
fn kept(backend: &Backend, serial: Serial) -> Result<Option<Snapshot>, StateError> {
    match backend.version(serial) {
        Err(StateError::Remote(RemoteError::VersionNotKept { .. })) => Ok(None),
        found => found,
    }
}
