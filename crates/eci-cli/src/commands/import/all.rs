//! `eci import --all`: manifests for what runs.

use std::fs;
use std::path::Path;

use eci_config::ProviderSettings;
use eci_core::{Diagnostics, Value, codes};

use super::account;
use crate::arguments::ImportArgs;
use crate::atomic_file;
use crate::context::{Context, in_shell};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::generate::{GenerateInput, Group, Manifest, manifests};
use crate::signals::Signals;
use crate::stdio::{print_stderr, print_stdout};

/// Writes manifests for all groups that carry the tags, with their EIPs and disks; without a tag
/// also for the EIPs and disks that nothing has.
pub(super) async fn write(
    context: &Context,
    asked: &ImportArgs,
    directory: &Path,
) -> Result<ExitStatus, CommandError> {
    let path = context.path(directory)?;
    is_free(&path)?;
    let mut signals = Signals::listen()?;
    let settings = settings(context, asked)?;
    let state = context.state_directory()?;
    let access = context.cloud(&settings, &state);
    let found = signals.unless(account::found(&access, asked)).await;
    let region = access.region();
    access.close().await;
    let account = found?.adoptable(context);
    if account.is_empty() {
        return Err(match asked.tags.is_empty() {
            true => CommandError::new(
                "there is no container group, EIP or disk that can be imported",
                "check the region and the account",
            ),
            false => CommandError::new(
                "no container group that can be imported has these tags",
                "check the tags and the region; without --tag all of the region is taken",
            ),
        });
    }
    if !account.groups.is_empty() && asked.az_name.is_none() {
        return Err(CommandError::new(
            "the zone is not known: the manifest of a group must give it, and the cloud does not \
             report it",
            "give it with --az-name NAME, such as cn-huadong1-jsnj1A-public-ctcloud",
        ));
    }
    let surroundings = GenerateInput {
        region: region.as_deref(),
        az_name: asked.az_name.as_deref(),
    };
    let written = manifests(&account, surroundings);
    keep(&path, &written)?;
    tell(&path, &account.groups, &written)?;
    let directory = in_shell(directory);
    let next = if context.globals.sandbox {
        // `--sandbox` there would look into another simulated cloud, beside that state.
        format!(
            "They describe the simulated cloud beside this state. To adopt what they declare, serve \
             it with `eci sandbox serve --data {}`, and set the variables that it prints before \
             `eci plan -C {directory}`.",
            in_shell(&state.sandbox())
        )
    } else {
        format!(
            "Look at them with `eci plan -C {directory}`, and adopt what they declare with \
             `eci apply -C {directory}`."
        )
    };
    context.note(&next);
    Ok(ExitStatus::Done)
}

/// `[provider]` of the manifests here, if there are any.
fn settings(context: &Context, asked: &ImportArgs) -> Result<ProviderSettings, CommandError> {
    let variables = context.variables(&asked.variables)?;
    match eci_config::load_provider(context.directory()?, &variables) {
        Ok(settings) => Ok(settings),
        Err(diagnostics) if is_empty(&diagnostics) => Ok(ProviderSettings::default()),
        Err(diagnostics) => Err(diagnostics.into()),
    }
}

fn is_empty(diagnostics: &Diagnostics) -> bool {
    let mut found = diagnostics.0.iter();
    found.any(|diagnostic| diagnostic.code == codes::NO_MANIFESTS)
}

/// Nobody's manifests are mixed with those that are written.
fn is_free(path: &Path) -> Result<(), CommandError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(path, &error)),
    };
    for entry in entries {
        let name = entry.map_err(|error| unwritable(path, &error))?.file_name();
        if name.to_string_lossy().ends_with(".eci.toml") {
            return Err(CommandError::new(
                format!("{} has manifests already", path.display()),
                "name a new directory with --write",
            ));
        }
    }
    Ok(())
}

fn keep(path: &Path, written: &[Manifest]) -> Result<(), CommandError> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
    for manifest in written {
        let place = path.join(&manifest.name);
        // The values of environment variables are among what the cloud reports.
        let written = atomic_file::replace_private(&place, manifest.text.as_bytes());
        written.map_err(|error| unwritable(&place, &error))?;
    }
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::new(
        format!("cannot write to {}: {error}", path.display()),
        "name a directory that can be written to with --write",
    )
}

fn tell(path: &Path, groups: &[Group], written: &[Manifest]) -> Result<(), CommandError> {
    let names = written.iter();
    let names = names.map(|manifest| format!("{}\n", path.join(&manifest.name).display()));
    print_stdout(&names.collect::<String>())?;
    let clear = groups
        .iter()
        .any(|group| has_environment(&group.attributes));
    if clear {
        print_stderr(
            "warning: the manifests hold the values of environment variables as the cloud \
             reports them; put those that are secrets into variables with `sensitive = true`",
        );
    }
    Ok(())
}

fn has_environment(attributes: &eci_core::Map) -> bool {
    let lists = [
        attributes.get("containers"),
        attributes.get("init_containers"),
    ];
    let containers = lists.into_iter().flatten().filter_map(Value::as_list);
    let mut containers = containers.flatten();
    containers.any(|container| container.get("env").is_some())
}
