//! The outcome of a migration.

use eci_core::{Lineage, Serial, truncate};
use eci_state::{Snapshot, StateError};
use eci_text::{In, Lang, Text, messages, text};
use thiserror::Error;

/// A reason why a state was not migrated.
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
    /// The state was migrated to a third place.
    MigratedElsewhere {
        /// The old address.
        location: String,
        /// The address that it was migrated to.
        migrated_to: String,
        /// The new address.
        to: String,
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
    MigrationError::MigratedElsewhere { location, migrated_to, to } =>
        en("the state in `{location}` was migrated to `{}`, not to `{to}`", truncate(migrated_to)),
        zh("`{location}` 中的状态已迁移到 `{}`，而不是 `{to}`", truncate(migrated_to));
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
                en: "name the directory of the state, or a file with the old `[backend.NAME]`: `eci init --migrate FROM`; \
                     without a state, there is nothing to migrate: run `eci apply`",
                zh: "指定状态目录，或包含旧 `[backend.NAME]` 的文件：`eci init --migrate FROM`；如果还没有状态，则无需迁移，执行 `eci apply`",
            ),
            MigrationError::MigratedElsewhere { migrated_to, .. } => text!(
                en: "name `{migrated_to}` as the old place, as a directory or in a file with its `[backend.NAME]`: `eci init --migrate FROM`; \
                     or correct `[backend]` in the manifests",
                zh: "将 `{migrated_to}` 指定为旧位置（目录，或包含其 `[backend.NAME]` 的文件）：`eci init --migrate FROM`；或更正清单中的 `[backend]`",
                migrated_to = truncate(migrated_to),
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
    /// Whether an earlier migration had migrated the state already.
    pub was_complete: bool,
}

impl Migration {
    /// Returns the migration of a state by this run.
    pub(crate) fn of(snapshot: &Snapshot) -> Migration {
        Migration {
            serial: snapshot.serial,
            resources: snapshot.resources.len(),
            was_complete: false,
        }
    }

    /// Returns the migration of a state that an earlier run has migrated.
    pub(crate) fn complete(snapshot: &Snapshot) -> Migration {
        Migration {
            was_complete: true,
            ..Migration::of(snapshot)
        }
    }
}
