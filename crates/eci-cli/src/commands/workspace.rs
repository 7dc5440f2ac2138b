//! `eci workspace`

use eci_state::{Holder, LocalStore, Snapshot, WorkspaceName, Workspaces};
use serde_json::json;

use crate::arguments::{self, Format};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, print_stdout};

/// Lists, makes, selects, shows and deletes workspaces.
pub(crate) fn workspace(
    context: &Context,
    asked: &arguments::Workspace,
) -> Result<ExitStatus, CommandError> {
    use arguments::Workspace;
    let workspaces = context.workspaces()?;
    match asked {
        Workspace::List { format } => list(context, &workspaces, *format)?,
        Workspace::Show => print_stdout(&format!("{}\n", context.workspace()?))?,
        Workspace::New { name } => {
            let name: WorkspaceName = name.parse()?;
            workspaces.create(&name, holder(context))?;
            workspaces.select(&name)?;
            context.note(&format!("Created and selected workspace `{name}`."));
            tell_what_overrides(context, &name);
        }
        Workspace::Select { name } => {
            let name = name.parse()?;
            workspaces.select(&name)?;
            context.note(&format!("Selected workspace `{name}`."));
            tell_what_overrides(context, &name);
        }
        Workspace::Delete { name, force } => delete(context, &workspaces, name, *force)?,
    }
    Ok(ExitStatus::Done)
}

fn holder(context: &Context) -> Holder {
    Holder::current_process(context.command_line.clone())
}

/// A selection has no effect while something else says which workspace it is.
fn tell_what_overrides(context: &Context, selected: &WorkspaceName) {
    if let Some(asked) = context.globals.workspace.as_deref()
        && !asked.is_empty()
        && asked != selected.as_str()
    {
        context.note(&format!(
            "note: --workspace or ECI_WORKSPACE still asks for `{asked}`"
        ));
    }
}

fn list(context: &Context, workspaces: &Workspaces, format: Format) -> Result<(), CommandError> {
    // One that is gone is no reason not to list the others.
    let current = context.workspace().ok();
    let names = workspaces.list()?;
    let rows: Vec<(WorkspaceName, Option<Snapshot>)> = names
        .into_iter()
        .map(|name| {
            let snapshot = LocalStore::read(&workspaces.directory(&name)).ok();
            (name, snapshot)
        })
        .collect();
    match format {
        Format::Text => print_stdout(&text(&rows, current.as_ref()))?,
        Format::Json => document(&json!({
            "format_version": "1.0",
            "workspaces": rows.iter().map(|(name, snapshot)| json!({
                "name": name.as_str(),
                "current": current.as_ref() == Some(name),
                "resources": snapshot.as_ref().map(|it| it.resources.len()),
                "lineage": snapshot.as_ref().map(|it| it.lineage.to_string()),
            })).collect::<Vec<_>>(),
        }))?,
    }
    Ok(())
}

fn text(rows: &[(WorkspaceName, Option<Snapshot>)], current: Option<&WorkspaceName>) -> String {
    let width = rows.iter().map(|(name, _)| name.as_str().len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for (name, snapshot) in rows {
        let mark = if current == Some(name) { '*' } else { ' ' };
        let what = match snapshot.as_ref().map(|it| it.resources.len()) {
            None => "its state cannot be read".to_owned(),
            Some(0) => "empty".to_owned(),
            Some(1) => "1 resource".to_owned(),
            Some(count) => format!("{count} resources"),
        };
        let name = name.as_str();
        text.push_str(&format!("{mark} {name:width$}  {what}\n"));
    }
    text
}

fn delete(
    context: &Context,
    workspaces: &Workspaces,
    name: &str,
    force: bool,
) -> Result<(), CommandError> {
    let name: WorkspaceName = name.parse()?;
    let is_current = workspaces.selected()? == name
        || context.globals.workspace.as_deref() == Some(name.as_str());
    // The default one cannot be deleted at all.
    if is_current && !name.is_default() {
        return Err(CommandError::new(
            format!("the workspace `{name}` is the current one"),
            "select another one first, for example with `eci workspace select default`",
        ));
    }
    let forgotten = workspaces.delete(&name, holder(context), force)?;
    if !forgotten.resources.is_empty() {
        let list = forgotten.resources.iter().map(|(address, state)| {
            let id = state.id.as_deref().unwrap_or("no ID");
            format!("  {address}  ({id})\n")
        });
        context.note(&format!(
            "These resources are no longer recorded in any state; they stay in the cloud:\n{}",
            list.collect::<String>()
        ));
    }
    if !forgotten.open_intents.is_empty() {
        let count = forgotten.open_intents.len();
        context.note(&format!(
            "Pending operations whose outcome will not be recovered: {count}"
        ));
    }
    context.note(&format!("Deleted workspace `{name}`."));
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
            (name("default"), Some(Snapshot::new_random().unwrap())),
            (name("dev"), None),
        ];
        assert_eq!(
            text(&rows, Some(&name("dev"))),
            "  default  empty\n* dev      its state cannot be read\n"
        );
    }
}
