//! Directories with the same state: each of them would delete the resources of the others.

use std::collections::BTreeMap;

use eci_config::BackendSettings;
use eci_engine::state_without_keys;
use eci_text::{List, text};

use super::directories::ConfigurationDirectory;
use super::job::{Job, named};
use super::order::address;
use crate::error::CommandError;

/// The address of the state of a directory.
struct StateAddress {
    /// The address for people.
    location: String,
    /// A text that is the same for the same state.
    key: String,
    /// The table and key that distinguish the states of a store.
    table: &'static str,
    setting: &'static str,
}

/// Directories with the same state.
pub(super) struct SameState {
    location: String,
    table: &'static str,
    setting: &'static str,
    /// Their names, in the order of their paths.
    directories: Vec<String>,
}

impl SameState {
    /// Returns the error about one of them.
    pub(super) fn error(&self, directory: &ConfigurationDirectory) -> CommandError {
        let name = named(directory);
        let others = self.directories.iter().filter(|other| *other != name);
        CommandError::new(
            text!(
                en: "the state of `{name}` is also that of {others}: `{location}`",
                zh: "`{name}` 与 {others} 使用同一个状态：`{location}`",
                name = name,
                others = List::and(others.map(|other| format!("`{other}`"))),
                location = self.location,
            ),
            text!(
                en: "set a different `{setting}` in `[{table}]` of each directory; `--backend` and the environment apply to all directories",
                zh: "在各目录的 `[{table}]` 中设置不同的 `{setting}`；`--backend` 和环境变量对所有目录生效",
                setting = self.setting,
                table = self.table,
            ),
        )
    }
}

/// Returns the directories whose state is that of another one as well, by their places.
///
/// A directory whose settings cannot be read is none of them: that is reported where it is planned.
pub(super) fn with_the_same_state(
    job: &Job<'_>,
    directories: &[ConfigurationDirectory],
) -> BTreeMap<String, SameState> {
    let mut by_state: BTreeMap<String, Vec<(&ConfigurationDirectory, StateAddress)>> =
        BTreeMap::new();
    // A directory that is named twice is one.
    let mut places: Vec<&str> = Vec::new();
    for directory in directories {
        if places.contains(&&*directory.place.path) {
            continue;
        }
        places.push(&directory.place.path);
        if let Ok(state) = state_address(job, directory) {
            let entry = by_state.entry(state.key.clone()).or_default();
            entry.push((directory, state));
        }
    }
    let mut found = BTreeMap::new();
    for same in by_state.into_values().filter(|same| same.len() > 1) {
        let names: Vec<String> = same.iter().map(|(it, _)| named(it).to_owned()).collect();
        for (directory, state) in same {
            let same = SameState {
                location: state.location,
                table: state.table,
                setting: state.setting,
                directories: names.clone(),
            };
            found.insert(directory.place.path.clone(), same);
        }
    }
    found
}

/// Returns the address of the state of a directory.
///
/// Nothing is read from it.
fn state_address(
    job: &Job<'_>,
    directory: &ConfigurationDirectory,
) -> Result<StateAddress, CommandError> {
    let loaded = job.settings(directory)?;
    let context = &loaded.context;
    let mut settings = loaded.state.clone();
    if let Some(base) = context.state_flag()? {
        settings.backend = BackendSettings::Local(base);
    }
    let (table, setting) = match &settings.backend {
        BackendSettings::S3(_) => ("backend.s3", "prefix"),
        BackendSettings::Postgres(_) => ("backend.postgres", "name"),
        BackendSettings::Http(_) => ("backend.http", "address"),
        _ => ("backend.local", "path"),
    };
    let backend = state_without_keys(&settings)?;
    Ok(StateAddress {
        location: backend.location(),
        key: address(&backend, context.workspace()?.as_str()),
        table,
        setting,
    })
}
