//! `eci import --all`: manifests for what runs.

use std::fs;
use std::path::Path;

use eci_api::Status;
use eci_config::ProviderSettings;
use eci_core::{Diagnostics, Value, codes};
use eci_provider::Seen;

use crate::answer::{answer, say};
use crate::arguments::Import;
use crate::context::{Access, Context};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::manifests::{Group, Manifest, Surroundings, manifests};
use crate::signals::Signals;

/// Writes manifests for all groups that carry the tags.
pub(super) async fn write(
    context: &Context,
    asked: &Import,
    directory: &Path,
) -> Result<Exit, Failure> {
    let Some(az_name) = &asked.az_name else {
        return Err(Failure::new(
            "the zone is not known: a manifest must give it, and the cloud does not report it",
            "give it with --az-name NAME, such as cn-huadong1-jsnj1A-public-ctcloud",
        ));
    };
    let path = context.path(directory)?;
    is_free(&path)?;
    let mut signals = Signals::listen()?;
    let settings = settings(context, asked)?;
    let mut access = Access::new(context, &settings, &context.state_directory()?);
    let seen = signals.unless(tagged(&mut access, asked)).await;
    let region = access.region();
    access.close().await;
    let groups = adoptable(context, seen?);
    if groups.is_empty() {
        return Err(Failure::new(
            "no container group that can be adopted carries these tags",
            "check the tags and the region",
        ));
    }
    let surroundings = Surroundings {
        region: region.as_deref(),
        az_name,
    };
    let written = manifests(&groups, surroundings);
    keep(&path, &written)?;
    told(context, directory, &path, (&groups, &written))?;
    Ok(Exit::Done)
}

/// `[provider]` of the manifests here, if there are any.
fn settings(context: &Context, asked: &Import) -> Result<ProviderSettings, Failure> {
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

async fn tagged(access: &mut Access<'_>, asked: &Import) -> Result<Vec<Seen>, Failure> {
    let tags = asked.tags.iter();
    let tags = tags.map(|(key, value)| (key.as_str(), value.as_str()));
    Ok(access.provider().await?.tagged(tags).await?)
}

/// Those that are there to stay, by name.
fn adoptable(context: &Context, seen: Vec<Seen>) -> Vec<Group> {
    let mut groups = Vec::with_capacity(seen.len());
    for seen in seen {
        let id = &seen.id;
        if has_ended(&seen.status) {
            let status = &seen.status;
            context.note(&format!("note: {id} is left out: its status is {status}"));
            continue;
        }
        if let Some(operation) = &seen.operation {
            context.note(&format!(
                "note: {id} was made by eci, as its tag says ({operation}): let the state that \
                 has it go of it before another one adopts it"
            ));
        }
        groups.push(Group {
            id: seen.id,
            attributes: seen.attributes,
        });
    }
    let name = |group: &Group| group.attributes.get("name").map(|name| format!("{name:?}"));
    groups.sort_by_cached_key(|group| (name(group), group.id.clone()));
    groups
}

/// Whether a plan would make it anew, or it is about to be gone.
fn has_ended(status: &Status) -> bool {
    matches!(
        status,
        Status::Terminating | Status::Failed | Status::ScheduleFailed | Status::Expired
    )
}

/// Nobody's manifests are mixed with those that are written.
fn is_free(path: &Path) -> Result<(), Failure> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(path, &error)),
    };
    for entry in entries {
        let name = entry.map_err(|error| unwritable(path, &error))?.file_name();
        if name.to_string_lossy().ends_with(".eci.toml") {
            return Err(Failure::new(
                format!("{} has manifests already", path.display()),
                "name a new directory with --write",
            ));
        }
    }
    Ok(())
}

fn keep(path: &Path, written: &[Manifest]) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
    for manifest in written {
        let file = path.join(&manifest.name);
        fs::write(&file, &manifest.text).map_err(|error| unwritable(&file, &error))?;
    }
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        format!("cannot write to {}: {error}", path.display()),
        "name a directory that can be written to with --write",
    )
}

fn told(
    context: &Context,
    directory: &Path,
    path: &Path,
    (groups, written): (&[Group], &[Manifest]),
) -> Result<(), Failure> {
    let names = written.iter();
    let names = names.map(|manifest| format!("{}\n", path.join(&manifest.name).display()));
    answer(&names.collect::<String>())?;
    let clear = groups
        .iter()
        .any(|group| has_environment(&group.attributes));
    if clear {
        say(
            "warning: the manifests hold the values of environment variables as the cloud \
             reports them; put those that are secrets into variables with `sensitive = true`",
        );
    }
    context.note(&format!(
        "Look at them with `eci plan -C {0}`, and adopt what they declare with `eci apply -C {0}`.",
        directory.display()
    ));
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
