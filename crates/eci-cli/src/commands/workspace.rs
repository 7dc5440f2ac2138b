//! `eci workspace`

use std::time::Duration;

use eci_core::truncate;
use eci_engine::WorkspaceSet;
use eci_render::RESOURCE;
use eci_state::{RemoteError, Snapshot, StateError, WorkspaceName};
use eci_text::{In, Lang, Verbatim, say, text};
use serde_json::json;

use crate::arguments::{self, Format};
use crate::context::{Context, pending_operations};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::locking::RequestedLock;
use crate::signals::Signals;
use crate::stdio::{document, print_stdout};

/// Lists, creates, selects, shows and deletes workspaces.
pub(crate) async fn workspace(
    context: &Context,
    args: &arguments::WorkspaceCommand,
) -> Result<ExitStatus, CommandError> {
    use arguments::WorkspaceCommand;
    let named = match args {
        WorkspaceCommand::New { name }
        | WorkspaceCommand::Select { name }
        | WorkspaceCommand::Delete { name, .. } => Some(name.parse()?),
        WorkspaceCommand::List { .. } | WorkspaceCommand::Show => None,
    };
    let mut signals = Signals::listen()?;
    let workspaces = context.reading(&mut signals, || context.workspaces(named.as_ref()))?;
    match args {
        WorkspaceCommand::List { format } => {
            context.reading(&mut signals, || list(context, &workspaces, *format))?;
        }
        WorkspaceCommand::Show => print_stdout(&format!("{}\n", context.workspace()?))?,
        WorkspaceCommand::New { name } => {
            let name: WorkspaceName = name.parse()?;
            let (place, options) = (
                workspaces.place(&name)?,
                context.open_options(Duration::ZERO),
            );
            let lock = RequestedLock::new(&place, &options);
            context.locking(lock, &mut signals, || workspaces.create(&name, options))?;
            context.reading(&mut signals, || workspaces.select(&name))?;
            context.note(&text!(
                en: "Created and selected workspace `{name}`.",
                zh: "已创建并切换到工作区 `{name}`。",
                name = Verbatim(&name),
            ));
            note_override(context, &name);
        }
        WorkspaceCommand::Select { name } => {
            let name: WorkspaceName = name.parse()?;
            context.reading(&mut signals, || workspaces.select(&name))?;
            context.note(&text!(
                en: "Selected workspace `{name}`.",
                zh: "已切换到工作区 `{name}`。",
                name = Verbatim(&name),
            ));
            note_override(context, &name);
        }
        WorkspaceCommand::Delete { name, force } => {
            let name: WorkspaceName = name.parse()?;
            let deletion = Deletion {
                name,
                force: *force,
            };
            delete(context, &workspaces, deletion, &mut signals)?;
        }
    }
    Ok(ExitStatus::Done)
}

/// Notes that a selection has no effect while an option or variable selects another workspace.
fn note_override(context: &Context, selected: &WorkspaceName) {
    if let Some(requested) = context.globals.workspace.as_deref()
        && !requested.is_empty()
        && requested != selected.as_str()
    {
        context.note(&text!(
            en: "note: `--workspace` or `ECI_WORKSPACE` still selects `{name}`",
            zh: "说明: `--workspace` 或 `ECI_WORKSPACE` 仍指定 `{name}`",
            name = requested,
        ));
    }
}

/// The content of a workspace, as it is listed.
enum WorkspaceContent {
    State(Box<Snapshot>),
    /// The state was migrated to this address.
    Migrated(String),
    Unreadable,
}

impl WorkspaceContent {
    fn snapshot(&self) -> Option<&Snapshot> {
        match self {
            WorkspaceContent::State(snapshot) => Some(snapshot),
            WorkspaceContent::Migrated(_) | WorkspaceContent::Unreadable => None,
        }
    }
}

fn list(context: &Context, workspaces: &WorkspaceSet, format: Format) -> Result<(), CommandError> {
    // The others are listed even if the selected one no longer exists.
    let current = context.workspace().ok();
    if workspaces.is_per_workspace() {
        return Err(CommandError::new(
            text!(
                en: "cannot list workspaces: the settings of the backend depend on `eci.workspace`",
                zh: "无法列出工作区：后端设置取决于 `eci.workspace`",
            ),
            text!(
                en: "select one by its name with `eci workspace select NAME`",
                zh: "使用 `eci workspace select NAME` 按名称切换",
            ),
        ));
    }
    let names = workspaces.list()?;
    let rows: Vec<(WorkspaceName, WorkspaceContent)> = names
        .into_iter()
        .map(|name| {
            let read = workspaces.place(&name).ok().map(|place| place.read());
            let content = match read {
                Some(Ok(snapshot)) => WorkspaceContent::State(Box::new(snapshot)),
                Some(Err(StateError::Remote(RemoteError::Migrated { to, .. }))) => {
                    WorkspaceContent::Migrated(to)
                }
                _ => WorkspaceContent::Unreadable,
            };
            (name, content)
        })
        .collect();
    match format {
        Format::Text => print_stdout(&listed(&rows, current.as_ref(), context.lang()))?,
        Format::Json => document(&json!({
            "format_version": "1.0",
            "workspaces": rows.iter().map(|(name, content)| json!({
                "name": name.as_str(),
                "current": current.as_ref() == Some(name),
                "resources": content.snapshot().map(|it| it.resources.len()),
                "lineage": content.snapshot().map(|it| it.lineage.to_string()),
            })).collect::<Vec<_>>(),
        }))?,
    }
    Ok(())
}

fn listed(
    rows: &[(WorkspaceName, WorkspaceContent)],
    current: Option<&WorkspaceName>,
    lang: Lang,
) -> String {
    let width = rows.iter().map(|(name, _)| name.as_str().len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for (name, content) in rows {
        let mark = if current == Some(name) { '*' } else { ' ' };
        let what = match content {
            WorkspaceContent::Unreadable => {
                say!(lang, en: "state not readable", zh: "状态无法读取")
            }
            WorkspaceContent::Migrated(to) => {
                let to = truncate(to);
                say!(lang, en: "migrated to `{to}`", zh: "已迁移到 `{to}`", to = to)
            }
            WorkspaceContent::State(snapshot) => match snapshot.resources.len() {
                0 => say!(lang, en: "empty", zh: "空"),
                count => In(&RESOURCE.count(count), lang).to_string(),
            },
        };
        let name = name.as_str();
        text.push_str(&format!("{mark} {name:width$}  {what}\n"));
    }
    text
}

/// A workspace to delete, and whether it may have resources.
struct Deletion {
    name: WorkspaceName,
    force: bool,
}

fn delete(
    context: &Context,
    workspaces: &WorkspaceSet,
    deletion: Deletion,
    signals: &mut Signals,
) -> Result<(), CommandError> {
    let Deletion { name, force } = deletion;
    let is_current = workspaces.selected()? == name
        || context.globals.workspace.as_deref() == Some(name.as_str());
    // The default one cannot be deleted at all.
    if is_current && !name.is_default() {
        return Err(CommandError::new(
            text!(
                en: "cannot delete the current workspace `{name}`",
                zh: "无法删除当前工作区 `{name}`",
                name = Verbatim(&name),
            ),
            text!(
                en: "select another one first, for example with `eci workspace select default`",
                zh: "先切换到其他工作区，例如执行 `eci workspace select default`",
            ),
        ));
    }
    let (place, options) = (
        workspaces.place(&name)?,
        context.open_options(Duration::ZERO),
    );
    let lock = RequestedLock::new(&place, &options);
    let deleted = context.locking(lock, signals, || {
        workspaces.delete(&name, options, force).inspect_err(|_| {
            // The hint names the cloud of the resources.
            if let Ok(Some(snapshot)) = place.existing() {
                context.note_cloud_of(&snapshot);
            }
        })
    })?;
    context.known_places()?.forget_workspace(&name);
    // One without an ID exists only as a part of a container group.
    let standalone = deleted.resources.iter().filter_map(|(address, state)| {
        let id = state.id.as_deref()?;
        Some(format!("  {address}  ({id})\n"))
    });
    let list: String = standalone.collect();
    if !list.is_empty() {
        context.note(&text!(
            en: "These resources are no longer recorded in any state and may still exist in the cloud:\n{list}",
            zh: "以下资源不再记录于任何状态，可能仍存在于云端：\n{list}",
            list = list,
        ));
    }
    if !deleted.open_intents.is_empty() {
        context.note(&text!(
            en: "{operations} will not be recovered.",
            zh: "{operations}将不再恢复。",
            operations = pending_operations(&deleted),
        ));
    }
    context.note(&text!(
        en: "Deleted workspace `{name}`.",
        zh: "已删除工作区 `{name}`。",
        name = Verbatim(&name),
    ));
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_star_marks_the_one_that_commands_work_on() {
        let name = |text: &str| text.parse::<WorkspaceName>().unwrap();
        let rows = [
            (
                name("default"),
                WorkspaceContent::State(Box::new(Snapshot::new_random().unwrap())),
            ),
            (name("dev"), WorkspaceContent::Unreadable),
            (
                name("old"),
                WorkspaceContent::Migrated("s3://b/p".to_owned()),
            ),
        ];
        assert_eq!(
            listed(&rows, Some(&name("dev")), Lang::En),
            "  default  empty\n* dev      state not readable\n  old      migrated to `s3://b/p`\n"
        );
    }
}
