//! `eci init --migrate`

use std::path::Path;

use eci_config::{BackendSettings, StateSettings};
use eci_engine::{
    Backend, EncryptedDirectory, LockWait, Migration, Notice, OpenOptions, Places, migrate,
    strip_current_dir,
};
use eci_render::RESOURCE;
use eci_state::{Holder, LocalStore, StateError, WorkspaceName, Workspaces};
use eci_text::{Text, Verbatim, text};

use crate::arguments::InitArgs;
use crate::context::{Context, StateLocation, in_shell, provenance, run_of};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::locking::RequestedLock;
use crate::signals::Signals;

/// Moves the state to the backend in the manifests.
///
/// Its workspace is created there.
pub(super) async fn run(
    context: &Context,
    args: &InitArgs,
    given: &Path,
) -> Result<ExitStatus, CommandError> {
    let context = context.creating_workspace();
    let Some(name) = selected_there(&context, given)? else {
        return migrate_state(&context, args, given).await;
    };
    let status = migrate_state(&context.in_workspace(&name), args, given).await?;
    context.selection()?.record(&name)?;
    Ok(status)
}

/// Returns the workspace that is selected in the old place, where the selection itself is in another directory from
/// now on.
fn selected_there(context: &Context, given: &Path) -> Result<Option<WorkspaceName>, CommandError> {
    let new = context.selection()?;
    if context.requests_workspace() || new.has_selection() {
        return Ok(None);
    }
    let given = context.path(given)?;
    let old = if given.is_file() {
        context.default_directory()?
    } else {
        given
    };
    let name = Workspaces::new(old).selected()?;
    Ok((!name.is_default()).then_some(name))
}

async fn migrate_state(
    context: &Context,
    args: &InitArgs,
    given: &Path,
) -> Result<ExitStatus, CommandError> {
    let variables = context.variables(&args.variables)?;
    let directory = context.directory()?;
    let settings = eci_config::load_state(directory, &variables)?;
    let mut signals = Signals::listen()?;
    let to = context.reading(&mut signals, || context.new_place(&settings))?;
    let old = context.path(given)?;
    check_exists(context, &old)?;
    let mut old = if old.is_file() {
        eci_config::load_state_from(directory, &old, &variables)?
    } else {
        let mut local = StateSettings::default();
        local.backend = BackendSettings::Local(old);
        local.keys = settings.keys;
        local
    };
    if is_unnamed(context, &old, &to)? {
        old.backend = BackendSettings::Local(to.base().to_owned());
    }
    let old = in_its_form(old, &to)?;
    let from = context.place_of_workspace(&old, &to.workspace)?;
    let is_conversion = from.permanent_location() == to.permanent_location();
    let holder = Holder::current_process(context.command_line.clone());
    let mut options = OpenOptions::new(holder);
    options.timeout = args.lock.timeout;
    options.provenance = provenance();
    let places = Places {
        from: &from,
        to: &to,
    };
    let notify = context.notices();
    let waiting = |wait: LockWait<'_>| match wait {
        LockWait::Held(Some(holder)) => context.note(&text!(
            en: "Waiting for the state lock, held by {run}.",
            zh: "正在等待状态锁，持有者为 {run}。",
            run = run_of(holder),
        )),
        LockWait::Quiet { time, left } => {
            if let Some(holder) = left.cloned() {
                notify(&Notice::LockLeft { holder });
            }
            notify(&Notice::WaitingForCalls { time });
        }
        _ => {}
    };
    let lock = RequestedLock::new(&to, &options);
    let migration = context.locking(lock, &mut signals, || {
        migrate(places, &options, waiting).map_err(|error| {
            let help = error.help();
            CommandError::with_help(error, help)
        })
    });
    let migration = migration?;
    context.reading(&mut signals, || remember(context, &from, &to))?;
    let Migration {
        serial,
        resources,
        was_complete,
        ..
    } = migration;
    context.note(&if is_conversion {
        converted(&to, &migration)
    } else if was_complete {
        text!(
            en: "No changes. The state was already migrated to `{to}`.",
            zh: "无变更。状态此前已迁移到 `{to}`。",
            to = to.location(),
        )
    } else {
        text!(
            en: "Migrated the state from `{from}` to `{to}`: serial {serial}, with {resources}.",
            zh: "已将状态从 `{from}` 迁移到 `{to}`：序列号为 {serial}，共 {resources}。",
            from = from.location(),
            to = to.location(),
            serial = Verbatim(serial),
            resources = RESOURCE.count(resources),
        )
    });
    if is_conversion {
        note_other_forms(context, given, &to)?;
    } else {
        context.reading(&mut signals, || {
            note_other_workspaces(context, given, &old, &from.workspace)
        })?;
    }
    Ok(ExitStatus::Done)
}

/// Refuses an old place that does not exist: its name is misspelled.
///
/// The default directory may be absent.
fn check_exists(context: &Context, old: &Path) -> Result<(), CommandError> {
    let default = context.default_directory()?;
    if strip_current_dir(old) == strip_current_dir(&default) || old.symlink_metadata().is_ok() {
        return Ok(());
    }
    let path = old.display();
    let message = if old.extension().is_some_and(|it| it == "toml") {
        text!(en: "file `{path}` not found", zh: "未找到文件 `{path}`", path = path)
    } else {
        text!(en: "directory `{path}` not found", zh: "未找到目录 `{path}`", path = path)
    };
    Err(CommandError::new(
        message,
        text!(
            en: "name the old place: a file with the old `[backend.NAME]`, or the directory of the state",
            zh: "指定旧位置：包含旧 `[backend.NAME]` 的文件，或状态目录",
        ),
    ))
}

/// Remembers the new place of a state instead of the old one.
fn remember(
    context: &Context,
    from: &StateLocation,
    to: &StateLocation,
) -> Result<(), CommandError> {
    let (old, new) = (from.permanent_location(), to.permanent_location());
    if old != new {
        context.known_places()?.forget(&from.workspace, &old);
    }
    // The move is complete: an error would only be about what this machine remembers.
    if let Ok(Some(snapshot)) = to.existing() {
        context.remember_place(to, &snapshot);
    }
    Ok(())
}

/// Returns whether the old place is the new one: it was not named, and the state is not in the default directory, or
/// only the form of the state in the new one can be changed.
fn is_unnamed(
    context: &Context,
    old: &StateSettings,
    to: &StateLocation,
) -> Result<bool, CommandError> {
    let BackendSettings::Local(base) = &old.backend else {
        return Ok(false);
    };
    let default = context.default_directory()?;
    let is_default = strip_current_dir(base) == strip_current_dir(&default);
    if !is_default || to.directory().is_none() || old.keys.is_empty() {
        return Ok(false);
    }
    let default = Workspaces::new(default).directory(&to.workspace);
    let has_state = LocalStore::is_in(&default)
        || EncryptedDirectory::is_last_in(&default)
        || LocalStore::migrated_to(&default)?.is_some();
    Ok(!has_state || to.check_form().is_err())
}

/// Returns the settings of the old place, with keys only if a state in a directory is encrypted.
///
/// In the directory of the new place, it has the other form.
fn in_its_form(mut old: StateSettings, to: &StateLocation) -> Result<StateSettings, CommandError> {
    let BackendSettings::Local(base) = &old.backend else {
        return Ok(old);
    };
    let directory = Workspaces::new(base.as_path()).directory(&to.workspace);
    let is_here = Backend::from(&directory).permanent_location() == to.permanent_location();
    let is_encrypted = match &**to {
        Backend::Encrypted(_) if is_here => false,
        // It is decrypted already where a migration is repeated.
        Backend::Local(_) if is_here && !old.keys.is_empty() => true,
        _ => EncryptedDirectory::is_last_in(&directory),
    };
    if !is_encrypted {
        old.keys = Vec::new();
        return Ok(old);
    }
    if old.keys.is_empty() {
        return Err(StateError::Encrypted { directory }.into());
    }
    Ok(old)
}

/// Returns the message about a state whose form was changed.
fn converted(place: &Backend, migration: &Migration) -> Text {
    let is_encrypted = matches!(place, Backend::Encrypted(_));
    let Migration {
        serial,
        was_complete,
        ..
    } = migration;
    let (place, serial) = (place.location(), Verbatim(serial));
    let resources = RESOURCE.count(migration.resources);
    match (is_encrypted, was_complete) {
        (true, true) => text!(
            en: "No changes. The state in `{place}` is encrypted.",
            zh: "无变更。`{place}` 中的状态已加密。",
            place = place,
        ),
        (false, true) => text!(
            en: "No changes. The state in `{place}` is not encrypted.",
            zh: "无变更。`{place}` 中的状态未加密。",
            place = place,
        ),
        (true, false) => text!(
            en: "Encrypted the state in `{place}`: serial {serial}, with {resources}.",
            zh: "已加密 `{place}` 中的状态：序列号为 {serial}，共 {resources}。",
            place = place,
            serial = serial,
            resources = resources,
        ),
        (false, false) => text!(
            en: "Decrypted the state in `{place}`: serial {serial}, with {resources}.",
            zh: "已解密 `{place}` 中的状态：序列号为 {serial}，共 {resources}。",
            place = place,
            serial = serial,
            resources = resources,
        ),
    }
}

/// Names the workspaces that are still in the old place, as it was given.
fn note_other_workspaces(
    context: &Context,
    given: &Path,
    old: &StateSettings,
    migrated: &WorkspaceName,
) -> Result<(), CommandError> {
    let (location, names) = match &old.backend {
        BackendSettings::Local(base) => {
            let workspaces = Workspaces::new(base.as_path());
            let mut names = workspaces.list()?;
            names.retain(|name| {
                let directory = workspaces.directory(name);
                LocalStore::is_in(&directory) || EncryptedDirectory::is_in(&directory)
            });
            (base.display().to_string(), names)
        }
        _ if old.per_workspace => return Ok(()),
        _ => {
            let workspaces = context.workspaces_of(old)?;
            let location = workspaces.place(&WorkspaceName::default_one())?.location();
            let mut names = workspaces.list()?;
            names.retain(|name| {
                let place = workspaces.place(name);
                place.is_ok_and(|place| matches!(place.existing(), Ok(Some(_))))
            });
            (location, names)
        }
    };
    for name in names.iter().filter(|name| *name != migrated) {
        context.note(&text!(
            en: "Workspace `{name}` is still in `{from}`: run `eci init --migrate {given} --workspace {name}` to migrate it.",
            zh: "工作区 `{name}` 仍在 `{from}` 中：执行 `eci init --migrate {given} --workspace {name}` 进行迁移。",
            name = Verbatim(name),
            from = location.as_str(),
            given = in_shell(given),
        ));
    }
    Ok(())
}

/// Names the workspaces in the same directory whose form is still to be changed.
fn note_other_forms(
    context: &Context,
    given: &Path,
    to: &StateLocation,
) -> Result<(), CommandError> {
    let workspaces = Workspaces::new(to.base());
    for name in workspaces.list()? {
        let directory = workspaces.directory(&name);
        let from = in_shell(given);
        let other = Verbatim(&name);
        if matches!(**to, Backend::Encrypted(_)) {
            if LocalStore::is_in(&directory) {
                context.note(&text!(
                    en: "Workspace `{name}` is not encrypted yet: run `eci init --migrate {from} --workspace {name}` to encrypt it.",
                    zh: "工作区 `{name}` 尚未加密：执行 `eci init --migrate {from} --workspace {name}` 进行加密。",
                    name = other,
                    from = from,
                ));
            }
        } else if EncryptedDirectory::is_in(&directory) {
            context.note(&text!(
                en: "Workspace `{name}` is still encrypted: run `eci init --migrate {from} --workspace {name}` to decrypt it.",
                zh: "工作区 `{name}` 仍处于加密状态：执行 `eci init --migrate {from} --workspace {name}` 进行解密。",
                name = other,
                from = from,
            ));
        }
    }
    Ok(())
}
