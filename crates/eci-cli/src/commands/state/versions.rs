//! `eci state history`, `eci state diff` and `eci state restore`

use std::collections::HashSet;

use eci_core::{Address, Serial};
use eci_engine::Backend;
use eci_render::history::{self, Versions};
use eci_state::{Snapshot, Store as _, Version};
use eci_text::{Verbatim, text};

use super::change::existing;
use super::transfer::check_pending;
use crate::arguments::{Format, RestoreArgs, StateDiffArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, print_stdout};

/// Lists the versions of the state.
pub(super) fn history(context: &Context, format: Format) -> Result<ExitStatus, CommandError> {
    context.existing_state()?;
    let versions = context.state_location()?.history()?;
    match format {
        Format::Text => print_stdout(&history::text(&versions, context.out))?,
        Format::Json => document(&history::json(&versions))?,
    }
    Ok(ExitStatus::Done)
}

/// Shows the differences between two versions.
pub(super) fn diff(context: &Context, args: &StateDiffArgs) -> Result<ExitStatus, CommandError> {
    let current = context.existing_state()?;
    let state = context.state_location()?;
    let before = version(&state, args.before)?;
    let after = match args.after {
        Some(serial) => version(&state, serial)?,
        None => current,
    };
    let versions = Versions {
        before: &before,
        after: &after,
    };
    match args.format {
        Format::Text => print_stdout(&history::diff_text(versions, context.out))?,
        Format::Json => document(&history::diff_json(versions))?,
    }
    Ok(ExitStatus::Done)
}

/// Returns the version with this serial, which must be kept.
pub(super) fn version(state: &Backend, serial: u64) -> Result<Snapshot, CommandError> {
    let serial = Serial(serial);
    state.version(serial)?.ok_or_else(|| {
        CommandError::new(
            history::unknown_serial(serial, &state.location()),
            text!(
                en: "run `eci state history` to list the serials",
                zh: "执行 `eci state history` 列出序列号",
            ),
        )
    })
}

/// Puts an earlier version in the place of the state, under the next serial.
pub(super) async fn restore(
    context: &Context,
    args: &RestoreArgs,
) -> Result<ExitStatus, CommandError> {
    let state = existing(context)?;
    let mut store = context.open_for_change(&state, args.lock.timeout).await?;
    let mut restored = version(&state, args.serial)?;
    let current = store.snapshot();
    if restored == *current {
        context.note(&text!(
            en: "No changes. The state is at serial {serial}.",
            zh: "无变更。状态的序列号为 {serial}。",
            serial = Verbatim(current.serial),
        ));
        return Ok(ExitStatus::Done);
    }
    if !args.force {
        check_pending(current, &restored)?;
    }
    let dropped = dropped(current, &restored);
    if !dropped.is_empty() {
        let mut lost = restored.lost.take().unwrap_or_default();
        lost.since = lost.since.or(written(&state, &restored)?);
        lost.about
            .extend(dropped.iter().map(|it| it.address.clone()));
        restored.lost = Some(lost);
    }
    let list: Vec<String> = dropped
        .iter()
        .map(|it| format!("  {}  ({})\n", it.address, it.id))
        .collect();
    store.replace(restored)?;
    let serial = store.snapshot().serial;
    store.close()?;
    context.note(&text!(
        en: "Restored the state of serial {earlier} as serial {serial}. Run `eci plan` to compare it with the cloud.",
        zh: "已将序列号 {earlier} 的状态还原为序列号 {serial}。执行 `eci plan` 将其与云端对比。",
        earlier = Verbatim(args.serial),
        serial = Verbatim(serial),
    ));
    if !list.is_empty() {
        context.note(&text!(
            en: "These resources exist and are not in the restored state:\n{list}\
                 Run `eci orphans` to adopt or delete them before the next `eci apply`.",
            zh: "以下资源存在，但不在还原后的状态中：\n{list}\
                 在下次 `eci apply` 之前，执行 `eci orphans` 接管或删除这些资源。",
            list = list.concat(),
        ));
    }
    Ok(ExitStatus::Done)
}

/// A resource that a version does not record.
struct Dropped {
    address: Address,
    id: String,
}

/// Returns the resources of a state whose objects another version of it does not record.
fn dropped(current: &Snapshot, restored: &Snapshot) -> Vec<Dropped> {
    let ids = restored.resources.values();
    let known: HashSet<&str> = ids.filter_map(|state| state.id.as_deref()).collect();
    let objects = current.resources.iter();
    let objects = objects.filter_map(|(address, state)| Some((address, state.id.as_deref()?)));
    objects
        .filter(|(_, id)| !known.contains(id))
        .map(|(address, id)| Dropped {
            address: address.clone(),
            id: id.to_owned(),
        })
        .collect()
}

/// Returns the time at which a version was written, as far as it is recorded.
fn written(state: &Backend, version: &Snapshot) -> Result<Option<String>, CommandError> {
    let versions = state.history()?;
    let mut newest = versions.into_iter().rev();
    let found = newest.find(|it: &Version| it.serial == version.serial);
    Ok(found.map(|it| it.time))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::Kind;
    use eci_state::ResourceState;

    use super::*;

    #[test]
    fn objects_without_a_record_in_the_restored_version_are_named() {
        let state = |id: Option<&str>| ResourceState {
            id: id.map(str::to_owned),
            ..ResourceState::default()
        };
        let address = |label| Address::new(Kind::Eip, label);
        let mut current = Snapshot::new_random().unwrap();
        current.resources.insert(address("a"), state(Some("eip-1")));
        current.resources.insert(address("b"), state(Some("eip-2")));
        current.resources.insert(address("c"), state(None));
        let mut earlier = Snapshot::new_random().unwrap();
        // It has moved since.
        earlier.resources.insert(address("z"), state(Some("eip-1")));
        let dropped = dropped(&current, &earlier);
        let ids: Vec<&str> = dropped.iter().map(|it| &*it.id).collect();
        assert_eq!(ids, ["eip-2"]);
    }
}
