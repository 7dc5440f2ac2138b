//! The configuration directories of a repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use eci_ci::{Directory, normal};
use eci_config::{Configuration, StateSettings, Variables};
use eci_engine::strip_current_dir;
use eci_format::MANIFEST_ENDING;
use eci_text::text;

use crate::arguments::{CiArgs, VariableArgs};
use crate::context::Context;
use crate::error::CommandError;

/// Folders with modules, which are planned only as a part of what calls them.
const MODULES: &str = "modules";

/// Folders that contain no manifests of the team.
const FOREIGN: [&str; 2] = ["node_modules", "target"];

/// A configuration directory.
#[derive(Debug)]
pub(super) struct ConfigurationDirectory {
    /// The path as it is given to `-C`.
    pub(super) path: PathBuf,
    /// Its place in the repository, and what it reads.
    pub(super) place: Directory,
    settings: OnceLock<DirectorySettings>,
}

/// The settings of a directory: as much of its manifests as says where its state is.
#[derive(Debug)]
pub(super) struct DirectorySettings {
    /// The context of the command in the directory.
    pub(super) context: Context,
    /// The values of variables that are given.
    pub(super) variables: Variables,
    pub(super) state: StateSettings,
}

impl ConfigurationDirectory {
    /// Returns the settings of the directory, which are loaded once.
    pub(super) fn settings(
        &self,
        context: &Context,
        variables: &VariableArgs,
    ) -> Result<&DirectorySettings, CommandError> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings);
        }
        let context = context.in_directory(self.path.clone());
        let variables = context.variables(variables)?;
        let state = eci_config::load_state(context.directory()?, &variables)?;
        Ok(self.settings.get_or_init(|| DirectorySettings {
            context,
            variables,
            state,
        }))
    }
}

/// Finds the configuration directories, those that are named or all, in the order of their paths.
///
/// A directory that another one calls as a module is not one of them, and neither is a folder in
/// `modules`.
pub(super) fn find(
    context: &Context,
    args: &CiArgs,
    root: &Path,
) -> Result<Vec<ConfigurationDirectory>, CommandError> {
    let base = context.directory()?;
    let is_named = !args.directories.is_empty();
    let paths = if is_named {
        let named = args.directories.iter();
        named
            .map(|path| strip_current_dir(&base.join(path)))
            .collect()
    } else {
        let mut found = Vec::new();
        walk(base, &mut found).map_err(|error| CommandError::unlistable(base, &error))?;
        found
    };
    let mut directories = Vec::with_capacity(paths.len());
    for path in paths {
        // A directory that is named and does not exist is an error, as with `-C`.
        let context = context.in_directory(path.clone());
        let directory = context.directory().map_err(|error| match error {
            CommandError::Error { error, .. } if is_named => CommandError::Error {
                error,
                help: Some(text!(
                    en: "correct `--directory`, whose paths are relative to the directory of `-C`",
                    zh: "更正 `--directory`，其路径相对于 `-C` 指定的目录",
                )),
            },
            error => error,
        })?;
        let canonical =
            fs::canonicalize(directory).map_err(|error| CommandError::unlistable(&path, &error))?;
        let place = relative(&canonical, root).unwrap_or_default();
        let reads = reads(&context, &args.variables, &place);
        directories.push(ConfigurationDirectory {
            path,
            place: Directory { path: place, reads },
            settings: OnceLock::new(),
        });
    }
    if !is_named {
        let called = called(&directories);
        directories.retain(|it| !called.contains(&it.place.path));
    }
    Ok(directories)
}

/// Collects the directories with manifests at and below a directory.
fn walk(directory: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut folders = Vec::new();
    let mut has_manifest = false;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // A link could lead out of the repository, or in circles.
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && name != MODULES && !FOREIGN.contains(&&*name) {
                folders.push(entry.path());
            }
        } else {
            has_manifest |= name.ends_with(MANIFEST_ENDING);
        }
    }
    if has_manifest {
        found.push(strip_current_dir(directory));
    }
    folders.sort();
    folders.iter().try_for_each(|folder| walk(folder, found))
}

/// Returns the files that a configuration reads; `None` if it has errors.
fn reads(context: &Context, variables: &VariableArgs, place: &str) -> Option<BTreeSet<String>> {
    let mut values = context.variables(variables).ok()?;
    values.leave_missing_unknown();
    // Which files a configuration consists of does not depend on the outputs of others.
    values.leave_states_unknown();
    let configuration = context.load_with(&values).ok()?;
    Some(files_of(&configuration, &variables.files, place))
}

fn files_of(configuration: &Configuration, given: &[PathBuf], place: &str) -> BTreeSet<String> {
    let sources = configuration.sources.iter().map(|source| &*source.name);
    let files = configuration.files.keys().map(String::as_str);
    let given = given.iter().filter_map(|file| file.to_str());
    let all = sources.chain(files).chain(given);
    all.filter(|file| !Path::new(file).is_absolute())
        .filter_map(|file| normal(&format!("{place}/{file}")))
        .collect()
}

/// Returns the directories whose manifests others read.
fn called(directories: &[ConfigurationDirectory]) -> BTreeSet<String> {
    let mut called = BTreeSet::new();
    for directory in directories {
        let reads = directory.place.reads.iter().flatten();
        for manifest in reads.filter(|file| file.ends_with(MANIFEST_ENDING)) {
            let parent = manifest.rsplit_once('/').map_or("", |(parent, _)| parent);
            if parent != directory.place.path {
                called.insert(parent.to_owned());
            }
        }
    }
    called
}

/// Returns a path below a root, with `/`.
fn relative(path: &Path, root: &Path) -> Option<String> {
    let below = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<_>> = below.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}
