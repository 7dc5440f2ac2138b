//! `eci init --migrate`

use std::path::Path;

use eci_config::{BackendSettings, StateSettings};
use eci_engine::{LockWait, Migration, OpenOptions, Places, migrate};
use eci_state::{Holder, WorkspaceName, Workspaces};
use eci_text::{Noun, Verbatim, text};

use crate::arguments::InitArgs;
use crate::context::{Context, StateLocation, provenance, run_of};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;

const RESOURCE: Noun = Noun {
    one: "resource",
    many: "resources",
    zh: "资源",
    measure: "个",
};

/// Moves the state to the backend in the manifests.
pub(super) fn run(
    context: &Context,
    args: &InitArgs,
    from: &Path,
) -> Result<ExitStatus, CommandError> {
    let variables = context.variables(&args.variables)?;
    let directory = context.directory()?;
    let settings = eci_config::load_state(directory, &variables)?;
    let to = context.place_of(&settings)?;
    let old = context.path(from)?;
    let old = if old.is_file() {
        eci_config::load_state_from(directory, &old, &variables)?
    } else {
        let mut local = StateSettings::default();
        local.backend = BackendSettings::Local(old);
        local
    };
    let from = context.place_of_workspace(&old, &to.workspace)?;
    let holder = Holder::current_process(context.command_line.clone());
    let mut options = OpenOptions::new(holder);
    options.timeout = args.lock.timeout;
    options.provenance = provenance();
    let places = Places {
        from: &from,
        to: &to,
    };
    let migration = migrate(places, &options, |wait| {
        if let LockWait::Held(Some(holder)) = wait {
            context.note(&text!(
                en: "Waiting for the state lock, held by {run}.",
                zh: "正在等待状态锁，持有者为 {run}。",
                run = run_of(holder),
            ));
        }
    });
    let Migration {
        serial,
        resources,
        was_complete,
        ..
    } = migration.map_err(|error| {
        let help = error.help();
        CommandError::with_help(error, help)
    })?;
    context.note(&if was_complete {
        text!(
            en: "No changes. The state was moved to `{to}` before.",
            zh: "无变更。状态此前已迁移到 `{to}`。",
            to = to.location(),
        )
    } else {
        text!(
            en: "Moved the state from `{from}` to `{to}`: serial {serial}, with {resources}.",
            zh: "已将状态从 `{from}` 迁移到 `{to}`：序列号为 {serial}，共 {resources}。",
            from = from.location(),
            to = to.location(),
            serial = Verbatim(serial),
            resources = RESOURCE.count(resources),
        )
    });
    note_other_workspaces(context, &from, &old)?;
    Ok(ExitStatus::Done)
}

/// Names the workspaces that are still in the old directory.
fn note_other_workspaces(
    context: &Context,
    from: &StateLocation,
    old: &StateSettings,
) -> Result<(), CommandError> {
    let BackendSettings::Local(base) = &old.backend else {
        return Ok(());
    };
    let workspaces = Workspaces::new(base.as_path());
    let others = workspaces.list()?.into_iter();
    let others: Vec<WorkspaceName> = others
        .filter(|name| *name != from.workspace)
        .filter(|name| {
            let directory = workspaces.directory(name);
            let place = eci_engine::Backend::Local(directory);
            place.existing().is_ok_and(|it| it.is_some())
        })
        .collect();
    for name in others {
        context.note(&text!(
            en: "Workspace `{name}` is still in `{from}`: run `eci init --migrate {from} --workspace {name}` to move it.",
            zh: "工作区 `{name}` 仍在 `{from}` 中：执行 `eci init --migrate {from} --workspace {name}` 进行迁移。",
            name = Verbatim(&name),
            from = base.display(),
        ));
    }
    Ok(())
}
